"""The room that nbval's kernels run in: a secure folder of its own with the demonstration register, and our kernel configuration."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def pytest_configure(config) -> None:
    """Make the room once, only where executed notebooks are compared."""
    if not getattr(config.option, "nbval", False) or "KAA_GOLDEN_ROOM" in os.environ:
        return
    room = Path(tempfile.mkdtemp(prefix="kaa-golden-"))
    atexit.register(shutil.rmtree, room, ignore_errors=True)
    prepare_room(room)


def prepare_room(room: Path) -> None:
    """Write the demonstration register into ``room`` and let every kernel started from here know it."""
    from kaa_analysis.cli.main import app
    from kaa_analysis.core.secure_folder import SecureFolder
    from kaa_analysis.render.running.room import write_configuration

    os.environ["KAA_GOLDEN_ROOM"] = os.environ["KAA_SECURE"] = str(room)
    os.environ["IPYTHONDIR"] = str(write_configuration(SecureFolder(room)))
    app(["synth", "demo"], standalone_mode=False)
