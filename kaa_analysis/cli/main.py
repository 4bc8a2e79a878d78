"""The commands. Each says what it does, calls one function of the package and tells where the result lies."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from kaa_analysis.core.boundary import safe_error
from kaa_analysis.core.errors import UsageError, did_you_mean
from kaa_analysis.core.project import project_root
from kaa_analysis.core.secure_folder import ENVIRONMENT_VARIABLE, secure_folder

app = typer.Typer(
    name="kaa",
    help="Uppföljning av kommunernas aktivitetsansvar: från registeruttag till skyddad rapport.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

STAGES = 6
INVENTED_LAYOUT = "ber_demo"
QUIET_LAB = ("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.news_url=None")
"""JupyterLab asks nobody outside for news or newer versions."""


class Stages:
    """Tells each stage on stderr as it begins, and how long the one before took."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.number = 0
        self.since = time.monotonic()

    def begin(self, text: str) -> None:
        """Begin the next stage."""
        self._end()
        self.number += 1
        _tell(f"[{self.number}/{self.total}] {text} …")

    def done(self, text: str) -> None:
        """End the last stage and tell the outcome."""
        self._end()
        _tell(text)

    def detail(self, text: str) -> None:
        """Tell something about the stage under way."""
        _tell(f"      {text}")

    def _end(self) -> None:
        if self.number:
            _tell(f"      klart på {time.monotonic() - self.since:.1f} s".replace(".", ","))
        self.since = time.monotonic()


@app.command("synth")
def synth(
    name: Annotated[str, typer.Argument(help="Scenario: demo.", metavar="SCENARIO")] = "demo",
) -> None:
    """Skriv ett påhittat register som rått uttag i den säkra mappen."""
    from kaa_analysis.ingest import add_extract, discard_invented
    from kaa_analysis.synthetic.scenario import SCENARIOS
    from kaa_analysis.synthetic.write import write_register

    if name not in SCENARIOS:
        raise UsageError(
            f'Scenariot "{name}" finns inte{did_you_mean(name, SCENARIOS)}.', found=f"finns: {', '.join(SCENARIOS)}"
        )
    secure = secure_folder()
    _tell(f"skriver det påhittade registret {name} …")
    with secure.temporary("synth-") as folder:
        write_register(folder, scenario=SCENARIOS[name])
        discard_invented(name, secure=secure)
        add_extract(name, layout=INVENTED_LAYOUT, files=sorted(folder.glob("*.csv")), extract_date=None, secure=secure)
    _tell(f'klart: uttaget "{name}" ligger i den säkra mappen')


@app.command("extract")
def extract(
    name: Annotated[str, typer.Argument(help="Vad uttaget ska heta.", metavar="NAMN")],
    files: Annotated[list[Path], typer.Argument(help="Filerna som de levererades.", metavar="FIL…")],
    layout: Annotated[str, typer.Option("--layout", help="Leverantörens layout: ber, ber_demo eller mvad.")],
    uttagsdatum: Annotated[
        str | None, typer.Option("--uttagsdatum", help="ÅÅÅÅ-MM-DD, om filerna inte själva säger det.")
    ] = None,
) -> None:
    """Lägg levererade filer som ett uttag i den säkra mappen. Originalen rörs inte."""
    from kaa_analysis.ingest import add_extract

    add_extract(name, layout=layout, files=files, extract_date=_day(uttagsdatum), secure=secure_folder())
    _tell(f'klart: uttaget "{name}" ligger i den säkra mappen; läs och kontrollera det med: kaa check {name}')


@app.command("check")
def check(
    name: Annotated[str, typer.Argument(help="Uttagets namn.", metavar="NAMN")],
    accept: Annotated[
        int, typer.Option("--godta-problemrader", help="Högsta antal problemrader att godta.", min=0)
    ] = 0,
) -> None:
    """Läs och kontrollera ett uttag utan att göra någon rapport."""
    from kaa_analysis.ingest import read_register

    register = read_register(name, accept_problem_rows=accept, secure=secure_folder(), progress=_tell)
    for table, rows in register.row_counts.items():
        _tell(f"  {table}: {rows} rader")


@app.command("report")
def report(
    params: Annotated[
        Path, typer.Argument(help="Parameterfilen, till exempel params/arsbilaga_demo.yaml.", metavar="PARAMETERFIL")
    ],
) -> None:
    """Gör en rapport: från rått uttag till skyddat utkast under reports/."""
    from kaa_analysis.params.reports import read_order

    stages = Stages(STAGES)
    stages.begin("kontrollerar parametrarna")
    order = read_order(params)
    secure = secure_folder()
    stages.begin(f"läser uttaget {order.params.extract}")
    from kaa_analysis.ingest import read_register

    register = read_register(
        order.params.extract,
        accept_problem_rows=order.params.accept_problem_rows,
        secure=secure,
        progress=stages.detail,
    )
    from kaa_analysis.render.report import Source, make_report

    source = Source(register.name, register.extract_hash, register.extract_date, register.layout)
    made = make_report(order, source=source, secure=secure, progress=stages.begin)
    where = made.folder.relative_to(project_root()).as_posix()
    stages.done(f"klart (utkast): {where}/report.html" if made.changed else f"oförändrad (utkast): {where}/report.html")


@app.command("lab")
def lab() -> None:
    """Öppna anteckningsböckerna i JupyterLab. Historik och kärnornas filer stannar i den säkra mappen."""
    from kaa_analysis.render.kernel import write_configuration

    secure = secure_folder()
    environment = os.environ | {
        ENVIRONMENT_VARIABLE: str(secure.path),
        "IPYTHONDIR": str(write_configuration(secure.path)),
        "JUPYTER_CONFIG_DIR": str(secure.path / "jupyter"),
        "JUPYTER_DATA_DIR": str(secure.path / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(secure.path / "jupyter" / "runtime"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--notebook-dir", str(project_root() / "notebooks"), *QUIET_LAB]
    if os.name == "posix" and os.geteuid() == 0:
        command.append(
            "--allow-root"
        )  # in a container there is often no other user; the server listens to this machine alone
    raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)


def main() -> None:
    """Run the command line. The one place where errors become text and exit codes."""
    try:
        app(standalone_mode=False)
    except typer.Exit as stop:
        sys.exit(stop.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        _tell("avbrutet")
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the boundary of the command line
        safe = _usage(error) or safe_error(error, what="Kommandot", log_folder=_logs())
        _tell(f"{safe.kind}: {safe}")
        sys.exit(safe.exit_code)


def _usage(error: Exception) -> UsageError | None:
    if isinstance(error, TyperException):
        return UsageError("Kommandot förstods inte.", found=type(error).__name__, action="kaa --help visar kommandona")
    return None


def _logs() -> Path | None:
    try:
        return secure_folder().logs
    except Exception:  # noqa: BLE001 - without a secure folder the foreign text is kept nowhere
        return None


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            "Uttagsdatum ska skrivas ÅÅÅÅ-MM-DD.", action="till exempel --uttagsdatum 2025-01-31"
        ) from None


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - the command line speaks on stderr
