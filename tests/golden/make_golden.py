"""Execute the committed notebooks on the demonstration register and keep them with their outputs for nbval to compare with.

``make golden``. What would differ from one run to the next (times, execution metadata) is stripped; cell ids are the notebook's own.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from kaa_analysis.render.processes.starting import PlainStarter
from kaa_analysis.render.running.private_kernels import private_kernels
from tests.golden.conftest import prepare_room

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def main() -> None:
    """Write ``tests/golden/<notebook>``."""
    with tempfile.TemporaryDirectory(prefix="kaa-golden-") as room:
        prepare_room(Path(room))
        for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
            notebook = nbformat.read(path, as_version=4)
            with private_kernels(Path(room) / "kernel.log", starter=PlainStarter()) as manager:
                NotebookClient(
                    notebook,
                    kernel_name="python3",
                    kernel_manager_class=manager,
                    resources={"metadata": {"path": str(HERE)}},
                ).execute()
            for cell in notebook.cells:
                cell.metadata.pop("execution", None)
            notebook.metadata.pop("language_info", None)
            nbformat.write(notebook, HERE / path.name)
            print(path.name)


if __name__ == "__main__":
    main()
