"""Estimators on plain arrays, which anyone can hold against other software: they know nothing of cohorts, tables or readers."""
