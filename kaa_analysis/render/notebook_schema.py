"""Importing this compiles the schema that nbformat checks every notebook against: once for all processes that are forked from whoever does."""

from __future__ import annotations

import nbformat

nbformat.validate(nbformat.v4.new_notebook())
