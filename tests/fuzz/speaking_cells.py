"""Cells that a notebook of a report could hold by mistake: each says a row of a person's values in one way."""

from __future__ import annotations

from pathlib import Path

import nbformat

READ_ROW = (
    'import os\nfrom pathlib import Path\nrow = Path(os.environ["KAA_SECURE"], "row.txt").read_text().splitlines()[0]\n'
)

QUIET = {
    "printed": "print(row)",
    "on stderr": "import sys\nprint(row, file=sys.stderr)",
    "written to the descriptors": "os.write(1, row.encode())\nos.write(2, row.encode())\nNone",
    "logged": "import logging\nlogging.getLogger('x').error(row)",
    "warned": "import warnings\nwarnings.warn(row)",
    "shown": "row",
    "an unknown kind of output": "from IPython.display import display\ndisplay({row.split(';')[0]: row}, raw=True, metadata={row: row})",
    "markup": "from IPython.display import HTML, display\ndisplay(HTML(f'<b title=\"{row}\">{row}</b>'))",
    "a figure": (
        "import matplotlib\nmatplotlib.use('agg')\nfrom matplotlib import pyplot\nfigure = pyplot.figure()\nfigure.suptitle(row)\n"
        "from IPython.display import display\ndisplay(figure, metadata={'title': row})\n"
        "figure.savefig(Path(os.environ['TMPDIR'], 'figure.svg'), metadata={'Title': row})"
    ),
    "a comm": "from comm import create_comm\ncreate_comm(target_name=row, data={'row': row})\nNone",
    "a temporary file": "import tempfile\nPath(tempfile.mkstemp()[1]).write_text(row)\nNone",
    "a thread": "import threading\ndef fall():\n    raise ValueError(row)\nthread = threading.Thread(target=fall)\nthread.start()\nthread.join()",
    "a destructor": "class Ending:\n    def __del__(self):\n        raise ValueError(row)\nEnding()\nNone",
    "the history": "get_ipython().history_manager.store_inputs(1, row)\nNone",
    "a file of the engine": "import duckdb\nwith duckdb.connect() as engine:\n    engine.execute('select ?', [row]).fetchall()\nNone",
}
"""What lets the notebook go on: the run is refused when it has been read."""

STOPPING = {
    "an error": "raise ValueError(row)",
    "an error of a library": "import pandas as pd\npd.Timestamp(row)",
    "an error of the engine": "import duckdb\nduckdb.sql(f\"select cast('{row}' as integer)\").fetchall()",
    "an error of ours, raised by the cell": "from kaa_analysis.core.errors import NotebookError\nraise NotebookError(row, found=row, action=row)",
    "an error of ours, raised by a call": "from kaa_analysis.present.forms import check_slug\ncheck_slug(row)",
    "an unknown word to the package": "from kaa_analysis.core.periods import calendar_year\ncalendar_year(row.split(';')[-6])",
    "an unknown column": "from kaa_analysis.store.register import open_register\nopen_register(Path(row))",
    "a form that is none": "from kaa_analysis.present.forms import check_form\ncheck_form(row)",
    "an error called so": "raise type(row, (ValueError,), {})(row)",
    "an end": "raise SystemExit(row)",
    "an interruption": "raise KeyboardInterrupt(row)",
    "no memory": "raise MemoryError(row)",
    "no error of Python's": "raise BaseException(row)",
    "an abort": "os.abort()",
    "a kill": "os.kill(os.getpid(), 9)",
    "words that cannot be compiled": "exec(row)",
}
"""What stops the notebook."""

LIMITS = "import resource\nPath(os.environ['KAA_SECURE'], 'limits.txt').write_text(str(max(resource.getrlimit(resource.RLIMIT_CORE))))\nNone"


def plant_cells(notebook: Path, *sources: str) -> None:
    """Put cells after the parameters of a committed notebook."""
    content = nbformat.read(notebook, as_version=4)
    after = next(n for n, cell in enumerate(content.cells) if "parameters" in cell.metadata.get("tags", ())) + 1
    for number, source in enumerate(sources):
        content.cells.insert(after + number, nbformat.v4.new_code_cell(READ_ROW + source, id=f"planted{number}"))
    nbformat.write(content, notebook)


def by_year(sources: list[str], *, first: int) -> str:
    """Return the source of one cell that does another thing for every year of the report's parameters."""
    return f"exec({{{', '.join(f'{first + number}: {source!r}' for number, source in enumerate(sources))}}}[year])"
