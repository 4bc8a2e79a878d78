"""The surroundings of everything that runs inside the room: settings, history and temporary files stay in the secure folder."""

from __future__ import annotations

from pathlib import Path

from kaa_analysis.core.secure_folder import ENVIRONMENT_VARIABLE, SecureFolder, write_atomically

MATPLOTLIB = "matplotlib"
TEMPORARY = "tmp"
JUPYTER = "jupyter"
CONFIGURATION = """\
c = get_config()  # noqa: F821
c.InteractiveShellApp.extensions = ["kaa_analysis.render.running.kernel"]
c.HistoryManager.enabled = False
"""

LAB_CONFIGURATION = """\
from kaa_analysis.render.running.unsaved_outputs import without_outputs

c = get_config()  # noqa: F821
c.ContentsManager.pre_save_hook = without_outputs
"""


def room_environment(secure: SecureFolder) -> dict[str, str]:
    """Return the variables that every process inside the room has; the kernels' configuration is written."""
    secure.make_private(secure.path / MATPLOTLIB)
    return {
        ENVIRONMENT_VARIABLE: str(secure.path),
        "IPYTHONDIR": str(write_configuration(secure)),
        "JUPYTER_DATA_DIR": str(secure.path / JUPYTER),
        "JUPYTER_CONFIG_DIR": str(secure.path / JUPYTER),
        "MPLCONFIGDIR": str(secure.path / MATPLOTLIB),
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
    }


def lab_environment(secure: SecureFolder) -> dict[str, str]:
    """Return the variables that JupyterLab and its kernels have; their configuration is written."""
    for name in (MATPLOTLIB, JUPYTER, TEMPORARY):
        secure.make_private(secure.path / name)
    write_atomically(secure.path / JUPYTER / "jupyter_server_config.py", LAB_CONFIGURATION.encode())
    return {
        ENVIRONMENT_VARIABLE: str(secure.path),
        "IPYTHONDIR": str(write_configuration(secure)),
        "JUPYTER_CONFIG_DIR": str(secure.path / JUPYTER),
        "JUPYTER_DATA_DIR": str(secure.path / JUPYTER),
        "JUPYTER_RUNTIME_DIR": str(secure.path / JUPYTER / "runtime"),
        "MPLCONFIGDIR": str(secure.path / MATPLOTLIB),
        "TMPDIR": str(secure.path / TEMPORARY),
    }


def write_configuration(secure: SecureFolder) -> Path:
    """Write the kernels' configuration in the secure folder and return the folder that IPYTHONDIR shall name."""
    home = secure.path / "ipython"
    secure.make_private(home / "profile_default")
    write_atomically(home / "profile_default" / "ipython_kernel_config.py", CONFIGURATION.encode())
    return home
