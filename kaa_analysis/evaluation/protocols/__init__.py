"""The protocol of an evaluation: what it may hold, reading it, freezing it, and what is known of it when a register is read."""
