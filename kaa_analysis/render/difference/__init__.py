"""The difference between two bundles: what their runs were given, and cell by cell what came of it."""
