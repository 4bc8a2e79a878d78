"""The report as a page, and the pages beside it."""
