"""Coarsening: rows of a split put together where too many of their numbers would be hidden."""
