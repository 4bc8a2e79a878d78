"""The commands. Each says what it does, calls one function of the package and tells where the result lies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kaa_analysis.cli.protocol_commands import protocol_app
from kaa_analysis.cli.stages import Stages, answer, tell
from kaa_analysis.cli.usage import KaaCommand, KaaGroup
from kaa_analysis.core.errors import UsageError, did_you_mean
from kaa_analysis.core.project import project_root
from kaa_analysis.core.secure_folder import PRIVATE, PRIVATE_MASK, SecureFolder, private_files, secure_folder

if TYPE_CHECKING:
    from kaa_analysis.params.models import ReportParams
    from kaa_analysis.render.inputs import Source

app = typer.Typer(
    name="kaa",
    cls=KaaGroup,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(protocol_app)

INVENTED_LAYOUT = "ber_demo"
INVENTED_SUPPLEMENTS = ("skolor", "fardiga_tabeller")
QUIET_LAB = ("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.news_url=None")
"""JupyterLab asks nobody outside for news or newer versions."""


AcceptedProblemRows = Annotated[
    int,
    typer.Option(
        "--godta-problemrader",
        help="Så många problemrader godtas, ett heltal; 0 om inget anges.",
        min=0,
        metavar="ANTAL",
    ),
]

Explained = Annotated[
    bool,
    typer.Option(
        "--forklara", help="Berätta vad som återanvänds från en tidigare körning, vad som görs på nytt och varför."
    ),
]
Earlier = Annotated[
    list[Path] | None,
    typer.Option(
        "--tidigare",
        help="Mapp med rapportpaket som redan har lagts fram: skyddet räknar med att läsaren har dem. Kan anges flera gånger.",
        metavar="MAPP",
    ),
]
Anew = Annotated[bool, typer.Option("--gor-om", help="Gör allt på nytt, också det som är oförändrat.")]


def _version(asked: bool) -> None:
    if asked:
        from kaa_analysis.cli.version import version_line

        answer(version_line())
        raise typer.Exit


@app.callback()
def kaa(
    version: Annotated[
        bool, typer.Option("--version", help="Visa version och kod.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """Uppföljning av kommunernas aktivitetsansvar: från registeruttag till skyddad rapport."""


@app.command("synth", cls=KaaCommand)
def synth(
    name: Annotated[
        str, typer.Argument(help="Vilket påhittat register; demo om inget anges.", metavar="SCENARIO")
    ] = "demo",
    listed: Annotated[
        bool, typer.Option("--list", help="Visa vilka påhittade register som finns, och varför.")
    ] = False,
) -> None:
    """Skriv ett påhittat register som rått uttag i den säkra mappen, med facit bredvid."""
    from kaa_analysis.ingest import add_extract, discard_invented
    from kaa_analysis.synthetic.finished_numbers import write_finished_tables
    from kaa_analysis.synthetic.scenario import scenario, scenarios
    from kaa_analysis.synthetic.scenario_listing import scenario_listing
    from kaa_analysis.synthetic.write import write_register

    if listed:
        answer(scenario_listing())
        return
    if name not in scenarios():
        raise UsageError(
            f"Det påhittade registret finns inte{did_you_mean(name, scenarios())}.",
            found=f"finns: {', '.join(scenarios())}",
            action="välj ett av dem; kaa synth --list berättar om dem",
        )
    chosen = scenario(name)
    secure = secure_folder()
    tell(f"skriver det påhittade registret {name} …")
    with secure.temporary("synth-") as folder, private_files():
        write_register(folder / "raw", scenario=chosen, truth=folder / "truth", progress=tell)
        write_finished_tables(folder / "raw", scenario=chosen)
        discard_invented(name, secure=secure)
        add_extract(
            name,
            layout=INVENTED_LAYOUT,
            supplements=INVENTED_SUPPLEMENTS,
            files=sorted((folder / "raw").glob("*.csv")),
            extract_date=None,
            secure=secure,
            observed_from=chosen.start,
            invented=True,
        )
        _keep_truth(folder / "truth", place=secure.truth / name)
    tell(f'klart: uttaget "{name}" ligger i den säkra mappen, och facit i {secure.truth.name}/{name}/')


@app.command("extract", cls=KaaCommand)
def extract(
    name: Annotated[str, typer.Argument(help="Vad uttaget ska heta.", metavar="NAMN")],
    files: Annotated[list[Path], typer.Argument(help="Filerna som de levererades, en eller flera.", metavar="FIL")],
    layout: Annotated[
        str,
        typer.Option(
            "--layout",
            help="Leverantörens layout: ber, kaa_halvar eller fardiga_tabeller; ber_demo, kaa_halvar_demo och mvad är övningsdata. "
            "Måste anges.",
            metavar="LAYOUT",
        ),
    ],
    tillagg: Annotated[
        list[str] | None,
        typer.Option(
            "--tillagg",
            help="Layout för filer från en annan avsändare i samma uttag: enkater, flai, skolor eller skolslussen. fardiga_tabeller tar med färdiga tabeller. Kan anges flera gånger.",
            metavar="LAYOUT",
        ),
    ] = None,
    upplaga: Annotated[
        str | None,
        typer.Option(
            "--upplaga",
            help="Halvåret vars kolumner och koder en halvårsfil har; annars det senaste som är slut på uttagsdagen.",
            metavar="ÅÅÅÅ-H",
        ),
    ] = None,
    uttagsdatum: Annotated[
        str | None,
        typer.Option("--uttagsdatum", help="Anges om filerna inte själva säger datumet.", metavar="ÅÅÅÅ-MM-DD"),
    ] = None,
    historik_fran: Annotated[
        str | None,
        typer.Option("--historik-fran", help="Första dagen då uttagets historik är fullständig.", metavar="ÅÅÅÅ-MM-DD"),
    ] = None,
) -> None:
    """Lägg levererade filer som ett uttag i den säkra mappen. Originalen rörs inte."""
    from kaa_analysis.ingest import add_extract
    from kaa_analysis.ingest.layout_files import finished_layout_names

    add_extract(
        name,
        layout=layout,
        files=files,
        extract_date=_day(uttagsdatum, option="--uttagsdatum"),
        secure=secure_folder(),
        observed_from=_day(historik_fran, option="--historik-fran"),
        supplements=tillagg or (),
        edition=upplaga,
    )
    check_it = "" if layout in finished_layout_names() else f"; läs och kontrollera det med: kaa check {name}"
    tell(f'klart: uttaget "{name}" ligger i den säkra mappen{check_it}')


@app.command("check", cls=KaaCommand)
def check(
    name: Annotated[str, typer.Argument(help="Uttagets namn.", metavar="NAMN")],
    accept: AcceptedProblemRows = 0,
    lists: Annotated[
        bool, typer.Option("--arbetslistor", help="Skriv arbetslistorna till worklists/ i den säkra mappen.")
    ] = False,
    everything: Annotated[bool, typer.Option("--alla", help="Visa också kontrollerna utan fynd.")] = False,
    score: Annotated[
        bool,
        typer.Option(
            "--score",
            help="Jämför fynden med de fel som lades in i ett påhittat uttag. Alla problemrader godtas, och slutkoden är 0.",
        ),
    ] = False,
) -> None:
    """Läs och kontrollera ett uttag utan att göra någon rapport. Slutkod 0 om inget stoppar uttaget."""
    from kaa_analysis import checks
    from kaa_analysis.ingest import read_register, wording

    secure = secure_folder()
    if score:
        from kaa_analysis.cli.scoring import score_extract

        answer(checks.score_listing(score_extract(name, secure=secure)))
        return
    register = read_register(name, accept_problem_rows=accept, secure=secure, progress=tell)
    for table, n_rows in register.row_counts.items():
        tell(f"  {table}: {wording.rows(n_rows)}")
    found = checks.run_checks(register, delivered=checks.read_delivered_counts(secure))
    answer(checks.check_listing(found, everything=everything))
    if lists:
        written = checks.work_lists(register)
        folder = checks.write_work_lists(written, name=name, secure=secure)
        tell(f"arbetslistorna ligger i den säkra mappen, i {folder.relative_to(secure.path).as_posix()}/:")
        for line in checks.list_lines(written):
            tell(line)
    checks.refuse_stopping(found)


@app.command("explain", cls=KaaCommand)
def explain(
    pseudonym: Annotated[str, typer.Argument(help="Personens pseudonym i registret.", metavar="PSEUDONYM")],
    datum: Annotated[str, typer.Argument(help="Dagen som frågan gäller, ÅÅÅÅ-MM-DD.", metavar="DATUM")],
    uttag: Annotated[
        str | None,
        typer.Option("--uttag", help="Uttagets namn; behövs om det finns flera uttag.", metavar="NAMN"),
    ] = None,
    accept: AcceptedProblemRows = 0,
) -> None:
    """Förklara om en person hör till målgruppen en dag, villkor för villkor. Arbetsmaterial: lämna det i den säkra mappen."""
    day = _written_day(datum, what="DATUM")
    from kaa_analysis.ingest import read_register
    from kaa_analysis.target_population import explanation_text

    secure = secure_folder()
    name = _only_extract(secure) if uttag is None else uttag
    register = read_register(name, accept_problem_rows=accept, secure=secure, progress=tell)
    answer(explanation_text(register, pseudonym, day))


@app.command("report", cls=KaaCommand)
def report(
    params: Annotated[
        Path, typer.Argument(help="Parameterfilen, till exempel params/arsbilaga_demo.yaml.", metavar="PARAMETERFIL")
    ],
    earlier: Earlier = None,
    explained: Explained = False,
    anew: Anew = False,
) -> None:
    """Gör en rapport: från rått uttag till skyddat utkast under reports/. Är allt oförändrat sägs det genast."""
    from kaa_analysis.cli.reporting import report_order

    report_order(params, earlier=earlier or (), explained=explained, anew=anew)


@app.command("batch", cls=KaaCommand)
def batch(
    places: Annotated[
        list[Path],
        typer.Argument(
            help="Parameterfiler, eller mappar med sådana, till exempel params/stockholm.", metavar="PARAMETERFILER"
        ),
    ],
    at_once: Annotated[
        int | None,
        typer.Option(
            "--samtidigt",
            help="Så många rapporter görs samtidigt; annars en per processorkärna.",
            min=1,
            metavar="ANTAL",
        ),
    ] = None,
    earlier: Earlier = None,
    explained: Explained = False,
    anew: Anew = False,
    times: Annotated[bool, typer.Option("--tider", help="Visa hur lång tid varje steg tog.")] = False,
) -> None:
    """Gör många rapporter, flera samtidigt; de av samma uttag skyddas tillsammans. Det som stoppar en stoppar inga andra. Slutkod 0 om alla blev gjorda."""
    from kaa_analysis.cli.reporting import report_many

    exit_code = report_many(places, earlier=earlier or (), at_once=at_once, explained=explained, anew=anew, times=times)
    raise typer.Exit(exit_code)


@app.command("verify", cls=KaaCommand)
def verify(
    bundle: Annotated[
        Path, typer.Argument(help="Rapportpaketet: mappen reports/rapport/period/körning.", metavar="PAKET")
    ],
    earlier: Earlier = None,
) -> None:
    """Gör om ett rapportpaket från det råa uttaget och jämför varje fil, byte för byte. Paketet rörs inte."""
    from kaa_analysis.cli.reporting import STAGES
    from kaa_analysis.ingest import wording
    from kaa_analysis.render.verify import company_of, order_of
    from kaa_analysis.render.verify import verify as verified

    project_root()  # outside a project it is refused before the extract is read
    stages = Stages(STAGES)
    stages.begin("kontrollerar att paketet är helt")
    order = order_of(bundle)
    company = company_of(bundle, earlier=earlier or ())
    source = _source(order.params, stages)
    same = verified(bundle, order, company=company, source=source, secure=secure_folder(), progress=stages.begin)
    stages.done(f"klart: alla {wording.files(same.n_files)} i körningen {same.run} blev byte för byte desamma")


@app.command("diff", cls=KaaCommand)
def diff(
    before: Annotated[
        Path, typer.Argument(help="Det tidigare rapportpaketet: mappen reports/rapport/period/körning.", metavar="A")
    ],
    after: Annotated[Path, typer.Argument(help="Det senare rapportpaketet.", metavar="B")],
    everything: Annotated[
        bool, typer.Option("--alla", help="Visa alla skillnader, inte bara de första 40 raderna.")
    ] = False,
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", help="Skriv alla skillnader till den här nya filen, som CSV.", metavar="FIL"),
    ] = None,
) -> None:
    """Jämför två rapportpaket cell för cell, med orsaker. Slutkod 0: lika inom toleranserna, 1: olika, annat: fel."""
    from kaa_analysis.render.difference.comparison import compare_bundles
    from kaa_analysis.render.difference.listing import refuse_taken, write_csv
    from kaa_analysis.render.difference.summary import MOST_LINES, summary

    if csv_file is not None:
        refuse_taken(csv_file, bundles=(before, after))
    comparison = compare_bundles(before, after)
    if csv_file is not None:
        write_csv(comparison, csv_file, bundles=(before, after))
    answer(summary(comparison, most_lines=None if everything else MOST_LINES))
    comparison.refuse_unexplained()
    raise typer.Exit(int(comparison.differs))


@app.command("text", cls=KaaCommand)
def text(
    params: Annotated[
        Path, typer.Argument(help="Parameterfilen, till exempel params/arsbilaga_demo.yaml.", metavar="PARAMETERFIL")
    ],
    listed: Annotated[
        bool, typer.Option("--lista", help="Visa i stället vilka hänvisningar som går att skriva, och vad de säger nu.")
    ] = False,
) -> None:
    """Notera i rapportens texter vilka värden hänvisningarna har i den senast gjorda rapporten. Resten av texten rörs inte."""
    from kaa_analysis.cli.texting import note_values

    note_values(params, listed=listed)


@app.command("gate", cls=KaaCommand)
def gate(
    file: Annotated[
        Path, typer.Argument(help="Filen som har ändrats för hand, till exempel rapporten i Word.", metavar="FIL")
    ],
    bundle: Annotated[
        Path | None,
        typer.Option(
            "--rapport",
            help="Rapportpaketet som filen hör till; behövs om filen inte ligger i det eller bredvid det.",
            metavar="MAPP",
        ),
    ] = None,
) -> None:
    """Kontrollera en fil som har ändrats för hand: varje tal ska vara rapportens, på sin plats. Slutkod 0 om inget är att anmärka."""
    from kaa_analysis.cli.gating import gate_file

    gate_file(file, given=bundle)


@app.command("lab", cls=KaaCommand)
def lab() -> None:
    """Öppna anteckningsböckerna i JupyterLab. De sparas utan utdata; historik och kärnornas filer stannar i den säkra mappen."""
    from kaa_analysis.render.running.room import lab_environment

    environment = os.environ | lab_environment(secure_folder())
    command = [sys.executable, "-m", "jupyterlab", "--notebook-dir", str(project_root() / "notebooks"), *QUIET_LAB]
    if os.name == "posix" and os.geteuid() == 0:
        command.append(
            "--allow-root"
        )  # in a container there is often no other user; the server listens to this machine alone
    raise typer.Exit(subprocess.run(command, env=environment, umask=PRIVATE_MASK, check=False).returncode)


def _source(params: ReportParams, stages: Stages) -> Source:
    """Return the register that a report is made of, read in a stage of its own."""
    from kaa_analysis.ingest import open_extract, read_register
    from kaa_analysis.render.inputs import Source

    secure = secure_folder()
    stages.begin(f"läser uttaget {params.extract}")
    register = read_register(
        params.extract,
        accept_problem_rows=params.accept_problem_rows,
        secure=secure,
        progress=stages.detail,
    )
    return Source(register, open_extract(register.name, secure=secure).hashes)


def _keep_truth(written: Path, *, place: Path) -> None:
    """Put what is known of an invented register where that of an earlier one of the same name lay."""
    place.parent.mkdir(exist_ok=True, mode=PRIVATE)
    if place.exists():
        shutil.rmtree(place)
    written.rename(place)


def _only_extract(secure: SecureFolder) -> str:
    """Return the name of the one extract in the secure folder."""
    names = sorted(path.name for path in secure.extracts.glob("[!.]*") if path.is_dir())
    if len(names) != 1:
        raise UsageError(
            "Säg vilket uttag som ska läsas.",
            found=f"{len(names)} uttag i den säkra mappen{': ' if names else ''}{', '.join(names)}",
            action="lägg till --uttag NAMN",
        )
    return names[0]


def _day(text: str | None, *, option: str) -> date | None:
    """Return the day after an option, None where the option is not given."""
    return None if text is None else _written_day(text, what=f"Värdet efter {option}", written=f"{option} ")


def _written_day(text: str, *, what: str, written: str = "") -> date:
    """Return the day written exactly ÅÅÅÅ-MM-DD; `date.fromisoformat` alone takes other ways of writing too."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise UsageError(
            f"{what} ska vara en dag skriven ÅÅÅÅ-MM-DD.",
            found=f"{what[0].lower() + what[1:] if written else what} är något annat",
            action=f"till exempel {written}2025-01-31",
        )
    return day
