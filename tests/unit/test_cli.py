"""The command line speaks Swedish, shows no given value and says what to do."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from kaa_analysis import ingest
from kaa_analysis.cli import commands
from kaa_analysis.cli.main import main
from kaa_analysis.core.project import POLICY_FILE
from kaa_analysis.core.provenance import CODE_SUFFIXES, hash_tree
from kaa_analysis.ingest.layout_files import finished_layout_names, layout_names, supplement_names
from kaa_analysis.present import notebook
from kaa_analysis.render import batch, inputs
from kaa_analysis.render.batch import Outcome
from kaa_analysis.store.dtypes import empty_table, typed_table

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("synth", "extract", "check", "explain", "report", "verify", "diff", "lab")
ENGLISH = (
    "Usage",
    "Options",
    "OPTIONS",
    "Arguments",
    "ARGS",
    "Commands",
    "COMMAND",
    "Show",
    "required",
    "default",
    "...",
)
SECRET = "191212121212"
PSEUDONYM = "a1b2c3"


@dataclass(frozen=True)
class Run:
    """What a run of the command line left."""

    exit_code: int
    out: str
    err: str


@pytest.fixture
def kaa(monkeypatch, capsys, tmp_path):
    """The command line, run in a project of its own."""
    for name in ("notebooks", "params"):
        (tmp_path / name).mkdir()
    for path in (ROOT / "params").glob("*.yaml"):
        (tmp_path / "params" / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KAA_SECURE", raising=False)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words: str) -> Run:
        monkeypatch.setattr(sys, "argv", ["kaa", *words])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        return Run(stop.value.code, said.out, said.err)

    return run


class TestHelp:
    def test_kaa_alone_shows_the_help(self, kaa):
        alone = kaa()
        assert alone == kaa("--help")
        assert (alone.exit_code, alone.err) == (0, "")
        assert alone.out.startswith("Användning: kaa [FLAGGOR] KOMMANDO …\n")

    def test_a_help_page_is_told_whole(self, kaa):
        assert kaa("extract", "--help").out == (
            "Användning: kaa extract NAMN FIL … --layout LAYOUT [FLAGGOR]\n"
            "\n"
            "  Lägg levererade filer som ett uttag i den säkra mappen. Originalen rörs\n"
            "  inte.\n"
            "\n"
            "Argument:\n"
            "  NAMN  Vad uttaget ska heta.\n"
            "  FIL   Filerna som de levererades, en eller flera.\n"
            "\n"
            "Flaggor:\n"
            "  --layout LAYOUT             Leverantörens layout: ber, kaa_halvar eller\n"
            "                              fardiga_tabeller; ber_demo, kaa_halvar_demo och\n"
            "                              mvad är övningsdata. Måste anges.\n"
            "  --tillagg LAYOUT            Layout för filer från en annan avsändare i samma\n"
            "                              uttag: enkater, flai, skolor eller skolslussen.\n"
            "                              fardiga_tabeller tar med färdiga tabeller. Kan\n"
            "                              anges flera gånger.\n"
            "  --upplaga ÅÅÅÅ-H            Halvåret vars kolumner och koder en halvårsfil\n"
            "                              har; annars det senaste som är slut på\n"
            "                              uttagsdagen.\n"
            "  --uttagsdatum ÅÅÅÅ-MM-DD    Anges om filerna inte själva säger datumet.\n"
            "  --historik-fran ÅÅÅÅ-MM-DD  Första dagen då uttagets historik är\n"
            "                              fullständig.\n"
            "  --help                      Visa den här hjälpen.\n"
        )

    @pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)], ids=str)
    def test_no_english_is_left_on_any_page(self, kaa, command):
        page = kaa(*command, "--help")
        assert page.exit_code == 0
        assert [word for word in ENGLISH if word in page.out] == []
        assert "<" not in page.out
        assert "Visa den här hjälpen." in page.out

    def test_the_first_page_tells_of_every_command_to_the_end_of_its_sentence(self, kaa):
        page = " ".join(kaa("--help").out.split())
        told = {name: getattr(commands, name).__doc__ for name in COMMANDS}
        assert [name for name, text in told.items() if f"{name} {text}" not in page] == []

    def test_the_layouts_in_the_help_are_the_ones_there_are(self, kaa):
        page = " ".join(kaa("extract", "--help").out.split())
        told = page.split("Leverantörens layout: ")[1].split(" Måste anges.")[0]
        named = (
            told.replace(" eller ", ", ").replace("; ", ", ").replace(" och ", ", ").removesuffix(" är övningsdata.")
        )
        assert sorted(named.split(", ")) == sorted((*layout_names(), *finished_layout_names()))
        assert f"uttag: {', '.join(supplement_names()[:-1])} eller {supplement_names()[-1]}." in page

    @pytest.mark.parametrize(
        ("layout", "told"),
        [
            ("ber", 'klart: uttaget "a" ligger i den säkra mappen; läs och kontrollera det med: kaa check a\n'),
            ("fardiga_tabeller", 'klart: uttaget "a" ligger i den säkra mappen\n'),
        ],
    )
    def test_only_what_becomes_a_register_is_said_to_be_checked(self, kaa, monkeypatch, layout, told):
        monkeypatch.setattr(ingest, "add_extract", lambda name, **_: None)
        assert kaa("extract", "a", "b.csv", "--layout", layout).err == told

    def test_supplements_and_edition_go_on_as_they_are_named(self, kaa, monkeypatch):
        got = {}
        monkeypatch.setattr(ingest, "add_extract", lambda name, **rest: got.update(rest))
        words = ("extract", "a", "b.csv", "--layout", "ber", "--tillagg", "flai", "--tillagg", "skolor")
        assert kaa(*words, "--upplaga", "2023-1").exit_code == 0
        assert (got["supplements"], got["edition"]) == (["flai", "skolor"], "2023-1")


class TestVersion:
    def test_it_is_the_package_and_the_hash_of_the_code_that_reports_carry(self, kaa):
        line = kaa("--version").out
        code = hash_tree(inputs.PACKAGE, suffixes=CODE_SUFFIXES)[:12]
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert line == f"kaa {project['version']}, kod {code}\n"

    @pytest.mark.parametrize("words", [("--version",), ("check", "--help"), ("check",)], ids=str)
    def test_what_needs_no_work_imports_nothing_heavy(self, words):
        source = (
            "import sys\nfrom kaa_analysis.cli.main import main\n"
            "try:\n    main()\nexcept SystemExit:\n"
            "    heavy = {'pandas', 'numpy', 'duckdb', 'matplotlib', 'rich', 'nbformat'} & set(sys.modules)\n"
            "    sys.stdout.write('heavy: ' + ' '.join(sorted(heavy)))"
        )
        run = subprocess.run(
            [sys.executable, "-c", source, *words], capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert run.stdout.endswith("heavy: ")


USAGE_ERRORS = {
    "unknown command": (
        ("repot",),
        'kaa har inget sådant kommando (menade du "report"?).\n  – finns: synth, extract, check, explain, report, batch, verify, diff, text, gate, lab, protocol\n',
    ),
    "missing argument": (("check",), "kaa check behöver argumentet NAMN.\n  – NAMN: Uttagets namn.\n"),
    "missing files": (("extract", "a", "--layout", "ber"), "kaa extract behöver argumentet FIL.\n"),
    "missing option": (("extract", "a", "b.csv"), "kaa extract behöver flaggan --layout.\n  – --layout LAYOUT: "),
    "unknown option": (
        ("extract", "a", "b.csv", "--layot=191212121212"),
        'kaa extract har ingen sådan flagga (menade du "--layout"?).\n  – finns: --layout, --tillagg, --upplaga, --uttagsdatum, --historik-fran, --help\n',
    ),
    "unknown option of kaa": (("--versoin",), 'kaa har ingen sådan flagga (menade du "--version"?).\n'),
    "person's number as an option": (("check", "a", f"--{SECRET}"), "kaa check har ingen sådan flagga.\n"),
    "person's number as short options": (("check", "a", f"-{SECRET}"), "kaa check har ingen sådan flagga.\n"),
    "bad value": (
        ("check", "a", "--godta-problemrader", SECRET + "x"),
        "kaa check kan inte använda värdet i flaggan --godta-problemrader.\n  – --godta-problemrader ANTAL: ",
    ),
    "value out of range": (
        ("check", "a", "--godta-problemrader=-1"),
        "kaa check kan inte använda värdet i flaggan --godta-problemrader.\n",
    ),
    "no value": (("extract", "a", "b.csv", "--layout"), "kaa extract behöver ett värde efter flaggan --layout.\n"),
    "value too many": (("check", "a", f"--help={SECRET}"), "kaa check tar inget värde efter flaggan --help.\n"),
    "argument too many": (("check", "a", SECRET), "kaa check fick fler argument än kommandot tar.\n  – 1 för mycket\n"),
    "personal command": ((SECRET,), "kaa har inget sådant kommando.\n"),
    "unknown scenario": (("synth", "dmeo"), 'Det påhittade registret finns inte (menade du "demo"?).\n'),
    "no command": (("--",), "Kommandot förstods inte.\n"),
}


class TestUsageErrors:
    @pytest.mark.parametrize(("words", "told"), USAGE_ERRORS.values(), ids=USAGE_ERRORS)
    def test_each_is_told_in_swedish_with_what_to_do_and_without_the_given_value(self, kaa, words, told):
        run = kaa(*words)
        assert run.exit_code == 2
        assert run.err.startswith(f"Fel i kommandot: {told}")
        assert "\nGör så här: " in run.err
        assert SECRET not in run.err + run.out

    def test_what_to_do_is_the_command_as_it_is_written(self, kaa):
        last = kaa("check").err.splitlines()[-1]
        assert last == "Gör så här: skriv kaa check NAMN [FLAGGOR] – mer säger kaa check --help"

    @pytest.mark.parametrize("text", ["20250101", "2025-W01-1", "2025-1-1", "2025-02-30", "igår", ""])
    def test_the_day_of_the_extract_is_written_in_one_way_alone(self, kaa, text):
        run = kaa("extract", "a", "b.csv", "--layout", "ber", "--uttagsdatum", text)
        assert run.exit_code == 2
        assert "ÅÅÅÅ-MM-DD" in run.err

    def test_the_day_of_the_extract_goes_on_as_a_day(self, kaa, monkeypatch):
        got = {}
        monkeypatch.setattr(ingest, "add_extract", lambda name, **rest: got.update(rest))
        assert kaa("extract", "a", "b.csv", "--layout", "ber", "--uttagsdatum", "2025-01-31").exit_code == 0
        assert got["extract_date"] == date(2025, 1, 31)

    def test_an_interrupted_command_says_so(self, kaa, monkeypatch):
        def interrupted(*_, **__):
            raise KeyboardInterrupt

        monkeypatch.setattr(ingest, "add_extract", interrupted)
        run = kaa("extract", "a", "b.csv", "--layout", "ber")
        assert (run.exit_code, run.err) == (130, "avbrutet\n")


@pytest.fixture
def made(monkeypatch):
    """Stand-in for the making: a bundle in its place; what was asked for is noted."""
    made = SimpleNamespace(read=[], changed=True)

    def stand_in(reruns, *, listener, **_):
        outcomes = []
        for rerun in reruns:
            made.read.append(rerun.order.params.extract)
            outcomes.append(Outcome(rerun.order, "reports/arsbilaga/2024/abc", made.changed))
            listener.ended(outcomes[-1])
        return outcomes

    monkeypatch.setattr(batch, "make_reports", stand_in)
    return made


class HandDrawn:
    """A register of one youth who left compulsory school in June 2023 and has been on a programme since January 2024."""

    is_kaa = follows_law = True
    municipality = "0180"
    extract_date = date(2025, 1, 31)

    def __init__(self):
        person = {"person_id": PSEUDONYM}
        drawn = {
            "persons": person | {"birth_date": "2007-05-10", "sex": "female"},
            "residence": person | {"municipality": "0180", "from_date": "2007-05-10"},
            "credentials": person | {"kind": "grundskola", "date": "2023-06-13"},
            "schooling": person | {"school_form": "national_programme", "from_date": "2024-01-10"},
        }
        self._tables = {name: typed_table(pd.DataFrame([row]), table=name) for name, row in drawn.items()}
        self._tables["admissions"] = empty_table("admissions")

    def table(self, name, *, columns):
        return self._tables[name][list(columns)].copy()


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Stand-in for the reading; which extracts were read is noted."""
    names: list[str] = []
    monkeypatch.setattr(ingest, "read_register", lambda name, **_: names.append(name) or HandDrawn())
    for name in ("demo", ".half_written"):
        (tmp_path / ".secure" / "extracts" / name).mkdir(parents=True, mode=0o700)
    (tmp_path / ".secure").chmod(0o700)
    return names


class TestExplain:
    def test_every_condition_is_told_with_reason_code_and_day_but_no_birth_date_and_no_pseudonym(self, kaa, read):
        run = kaa("explain", PSEUDONYM, "2024-02-01")
        assert (run.exit_code, run.err, read) == (0, "", ["demo"])
        assert run.out == (
            "ARBETSMATERIAL – får inte lämna den säkra mappen\n"
            "Den 2024-02-01 hör personen inte till målgruppen enligt 29 kap. 9 § skollagen.\n"
            "Lydelse: Lag (2022:1315), i kraft 2023-07-02.\n"
            "\n"
            "Hemkommun: uppfyllt\n"
            "    folkbokförd i kommunen [resident], sedan födelsen\n"
            "Har inte fyllt 20 år: uppfyllt\n"
            "    har inte fyllt 20 år [under_20], sedan födelsen\n"
            "Har fullgjort skolplikten eller folkbokförts efter skolpliktig ålder: uppfyllt\n"
            "    grundskolan är slut enligt registret [completed], sedan 2023-06-14\n"
            "Genomför inte gymnasieskola, anpassad gymnasieskola eller motsvarande: INTE uppfyllt\n"
            "    inskriven i en utbildning som räknas som studieplats [enrolled], sedan 2024-01-10\n"
            "Har inte gymnasieexamen: uppfyllt\n"
            "    inget sådant bevis i registret [not_held], sedan födelsen\n"
            "Har inte gymnasiebevis från anpassad gymnasieskola: uppfyllt\n"
            "    inget sådant bevis i registret [not_held], sedan födelsen\n"
            "Har inte fullföljt motsvarande utbildning: uppfyllt\n"
            "    inget sådant bevis i registret [not_held], sedan födelsen\n"
        )

    def test_a_day_inside_is_told_as_such(self, kaa, read):
        told = kaa("explain", PSEUDONYM, "2023-12-31", "--uttag", "hosten").out
        assert "Den 2023-12-31 hör personen till målgruppen enligt 29 kap. 9 § skollagen.\n" in told
        assert "INTE uppfyllt" not in told
        assert read == ["hosten"]

    @pytest.mark.parametrize(
        ("pseudonym", "day", "exit_code", "told"),
        [
            (SECRET, "2024-02-01", 5, "Fel i definitionen: Personen och dagen ska finnas i registret.\n"),
            (PSEUDONYM, "2025-01-31", 5, "Fel i definitionen: Personen och dagen ska finnas i registret.\n"),
            (PSEUDONYM, "2014-12-31", 5, "Fel i definitionen: Dagen ska ligga i aktivitetsansvarets tid.\n"),
            (PSEUDONYM, "20240201", 2, "Fel i kommandot: DATUM ska vara en dag skriven ÅÅÅÅ-MM-DD.\n"),
            (PSEUDONYM, SECRET, 2, "Fel i kommandot: DATUM ska vara en dag skriven ÅÅÅÅ-MM-DD.\n"),
        ],
        ids=["unknown person", "day of extract", "before the law", "day written otherwise", "no day"],
    )
    def test_what_cannot_be_explained_is_refused_without_the_given_values(
        self, kaa, read, pseudonym, day, exit_code, told
    ):
        run = kaa("explain", pseudonym, day)
        assert (run.exit_code, run.out) == (exit_code, "")
        assert run.err.startswith(told)
        assert "\nGör så här: " in run.err
        assert SECRET not in run.err
        assert PSEUDONYM not in run.err

    def test_a_register_to_which_the_law_does_not_apply_is_refused(self, kaa, read, monkeypatch):
        monkeypatch.setattr(HandDrawn, "follows_law", False)
        monkeypatch.setattr(HandDrawn, "is_kaa", False)
        run = kaa("explain", PSEUDONYM, "2024-02-01")
        assert (run.exit_code, run.out) == (5, "")
        assert run.err.startswith(
            "Fel i definitionen: Målgruppen kan bara förklaras för ett register som lagens regler kan tillämpas på."
        )

    @pytest.mark.parametrize(
        ("names", "found"), [([], "0 uttag i den säkra mappen\n"), (["b", "a"], "2 uttag i den säkra mappen: a, b\n")]
    )
    def test_without_just_one_extract_its_name_has_to_be_given(self, kaa, tmp_path, names, found):
        for name in names:
            (tmp_path / ".secure" / "extracts" / name).mkdir(parents=True, mode=0o700)
            (tmp_path / ".secure").chmod(0o700)
        run = kaa("explain", PSEUDONYM, "2024-02-01")
        assert (run.exit_code, run.out) == (2, "")
        assert run.err == (
            f"Fel i kommandot: Säg vilket uttag som ska läsas.\n  – {found}Gör så här: lägg till --uttag NAMN\n"
        )


class TestReport:
    def test_the_page_is_told_on_stdout_and_the_progress_on_stderr(self, kaa, made):
        run = kaa("report", "params/arsbilaga_demo.yaml")
        assert (run.exit_code, run.out) == (0, "reports/arsbilaga/2024/abc/report.html\n")
        assert run.err.splitlines()[-1] == "klart (utkast): reports/arsbilaga/2024/abc/report.html"

    def test_the_path_on_stdout_leads_from_the_working_directory(self, kaa, made, monkeypatch):
        monkeypatch.chdir("notebooks")
        made.changed = False
        run = kaa("report", "../params/arsbilaga_demo.yaml")
        assert run.out == "../reports/arsbilaga/2024/abc/report.html\n"
        assert run.err.splitlines()[-1] == "oförändrad (utkast): reports/arsbilaga/2024/abc/report.html"

    @pytest.mark.parametrize("command", ["report", "batch"])
    def test_a_folder_without_earlier_bundles_stops_before_the_extract_is_read(self, kaa, made, command):
        run = kaa(command, "params/arsbilaga_demo.yaml", "--tidigare", "reports/borta")
        assert (run.exit_code, made.read) == (8, [])
        assert "En mapp med tidigare rapporter ska innehålla minst ett rapportpaket.\n  – reports/borta\n" in run.err

    def test_outside_a_project_nothing_is_read(self, kaa, made, monkeypatch, tmp_path_factory):
        monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
        run = kaa("report", "params/arsbilaga_demo.yaml")
        assert (run.exit_code, made.read) == (2, [])
        assert run.err.startswith("Fel i kommandot: Kommandot ska köras i projektets mapp")

    @pytest.mark.parametrize("line", ["unsafe_below: 3\n", "unknown: 1\n"])
    def test_a_bad_policy_stops_before_the_extract_is_read(self, kaa, made, tmp_path, line):
        with (tmp_path / POLICY_FILE).open("a") as policy:
            policy.write(line)
        run = kaa("report", "params/arsbilaga_demo.yaml")
        assert (run.exit_code, made.read) == (3, [])
        assert "Röjandepolicyn" in run.err
        assert "[2/6]" not in run.err

    def test_the_policy_that_is_checked_is_the_one_that_protects(self):
        assert POLICY_FILE == notebook.POLICY_FILE

    def test_a_parameter_file_that_is_not_there_is_told_as_given_with_those_there_are(self, kaa, made):
        run = kaa("report", "params/arsbilaga_dmo.yaml")
        assert (run.exit_code, made.read) == (3, [])
        assert run.err.splitlines()[1:-1] == [
            "Fel i parametrarna: Parameterfilen finns inte: params/arsbilaga_dmo.yaml "
            '(menade du "params/arsbilaga_demo.yaml"?)',
            "  – finns: params/arsbilaga_demo.yaml",
            "  – finns: params/halvar_demo.yaml",
            "  – finns: params/stadsdelsblad_demo.yaml",
            "  – finns: params/tertial_demo.yaml",
            "  – finns: params/tid_till_forsta_kontakt_demo.yaml",
            "  – finns: params/tid_till_studier_demo.yaml",
            "  – finns: params/tid_till_utbildning_mvad.yaml",
            "  – finns: params/uppsok_demo.yaml",
        ]


class TestSecureFolder:
    def test_a_command_in_the_notebooks_folder_uses_the_secure_folder_of_the_project(self, kaa, monkeypatch, tmp_path):
        monkeypatch.chdir("notebooks")
        assert kaa("check", "demo").exit_code == 4
        assert (tmp_path / ".secure").is_dir()
        assert list((tmp_path / "notebooks").iterdir()) == []

    def test_nothing_of_an_invented_register_is_open_to_others(self, kaa, tmp_path):
        assert kaa("synth", "demo").exit_code == 0
        written = list((tmp_path / ".secure").rglob("*"))
        assert {path.name for path in written} >= {"kaa.csv", "indicators.csv"}
        assert [path.name for path in written if path.stat().st_mode & 0o077] == []

    def test_outside_a_project_it_must_be_named(self, kaa, monkeypatch, tmp_path_factory):
        monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
        run = kaa("synth", "demo")
        assert run.exit_code == 9
        assert run.err.startswith("Fel i den säkra mappen: Utanför projektets mapp ska KAA_SECURE peka ut")
