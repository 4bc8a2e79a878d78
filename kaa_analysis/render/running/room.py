"""The surroundings of everything that runs inside the room: settings, history and temporary files stay in the secure folder."""

from __future__ import annotations

from pathlib import Path

from kaa_analysis.core.secure_folder import ENVIRONMENT_VARIABLE, SecureFolder, write_atomically

CONFIGURATION = """\
c = get_config()  # noqa: F821
c.InteractiveShellApp.extensions = ["kaa_analysis.render.running.kernel"]
c.HistoryManager.enabled = False
"""


def room_environment(secure: SecureFolder) -> dict[str, str]:
    """Return the variables that every process inside the room has; the kernels' configuration is written."""
    return {
        ENVIRONMENT_VARIABLE: str(secure.path),
        "IPYTHONDIR": str(write_configuration(secure.path)),
        "JUPYTER_DATA_DIR": str(secure.path / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(secure.path / "jupyter"),
        "MPLCONFIGDIR": str(secure.path / "matplotlib"),
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
    }


def write_configuration(folder: Path) -> Path:
    """Write the kernels' configuration below ``folder`` and return the folder that IPYTHONDIR shall name."""
    home = folder / "ipython"
    write_atomically(home / "profile_default" / "ipython_kernel_config.py", CONFIGURATION.encode())
    return home
