"""Estimators of effects on plain arrays: one row per person, nothing known of registers and cohorts."""
