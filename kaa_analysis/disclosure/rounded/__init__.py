"""Rounding in place of hiding, for the measures whose policy says so, and the proof that it is enough."""
