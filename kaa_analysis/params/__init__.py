"""One typed model per notebook: what a parameter file may hold. Only `cli` and `render` know this subpackage."""
