"""Where sockets may lie: their paths are short, and their folder is private."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

LONGEST_PLACE = 60
"""A socket's whole path may have about a hundred characters; its folder and name need forty of them."""


def place_for_sockets() -> Path | None:
    """Return a folder whose path is short enough to hold private folders with sockets, or None where the system has none."""
    if os.name != "posix":
        return None
    named = (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp", "/var/tmp")
    places = [Path(name) for name in named if name and len(name) <= LONGEST_PLACE]
    return next((place for place in places if place.is_dir() and os.access(place, os.W_OK | os.X_OK)), None)
