"""Hiding: the cells and relations of a release as one system, and which of its cells are hidden so that no unsafe one can be worked out."""
