"""Running a notebook inside the room, and reading what it noted."""
