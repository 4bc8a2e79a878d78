"""What valid tables look like: the canonical tables with their columns as data."""
