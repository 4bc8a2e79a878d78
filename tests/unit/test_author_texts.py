"""What authors may write, how figures get into their texts, and what is told of those that have changed."""

from __future__ import annotations

import json
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from kaa_analysis.cli.texting import note_values
from kaa_analysis.core.errors import NotebookError, ParameterError, UsageError
from kaa_analysis.core.groupings import Grouping
from kaa_analysis.disclosure.coarse.merged_rows import merged
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.store import read_store, write_store
from kaa_analysis.params.reports import ReportOrder, read_order
from kaa_analysis.present.author_slots import AUTHOR_SLOTS, author_title, check_author_slot
from kaa_analysis.present.definition_list import definitions_markdown
from kaa_analysis.render.bundle import MANIFEST, write_manifest
from kaa_analysis.render.plan import STORE
from kaa_analysis.render.running.execution import Execution
from kaa_analysis.render.texts import seen_values
from kaa_analysis.render.texts.author_references import Reference, has_loose_brace, references_in
from kaa_analysis.render.texts.author_texts import read_author_texts, text_problems
from kaa_analysis.render.texts.markdown_subset import markdown_problems, normalised
from kaa_analysis.render.texts.released_figures import ReleasedFigures
from kaa_analysis.render.texts.seen_values import latest_bundle, reference_lines
from kaa_analysis.render.texts.text_filling import Remark, filled_texts, without_hidden
from kaa_analysis.render.texts.told_texts import ToldTexts, told_texts
from kaa_analysis.render.texts.typed_numbers import IDENTITY, OTHER, number_problems
from tests.unit.report_to_gate import RUN, exits_by_reason
from tests.unit.texts_to_gate import DEFINITIONS, PLACES, TEXT, bundle_with_texts, defined, figures

ROOT = Path(__file__).resolve().parents[2]
NBSP = "\u00a0"
PARAMS = Path("params") / "arsbilaga_demo.yaml"


@pytest.mark.parametrize(
    ("written", "reference"),
    [
        ("{stock_end:2024:all}", Reference("stock_end", "2024", ())),
        ("{stock_end:2024:all=1 234}", Reference("stock_end", "2024", (), "1 234")),
        ("{a:läsåret 2023/24:step=reached}", Reference("a", "läsåret 2023/24", (("step", "reached"),))),
        ("{a:2024:sex=female,kind=aim=41,6 %}", Reference("a", "2024", (("sex", "female"), ("kind", "aim")), "41,6 %")),
        ("{a:2024-12-31:month=2024-03}", Reference("a", "2024-12-31", (("month", "2024-03"),))),
    ],
)
def test_a_reference_is_read_as_it_is_written(written, reference) -> None:
    assert references_in(f"Av {written}.") == (reference,)
    assert reference.written == written
    assert not has_loose_brace(written)


@pytest.mark.parametrize(
    "written",
    ["{stock_end}", "{stock_end:2024}", "{stock_end:2024:}", "{:2024:all}", "{stock_end:2024:alla}", "{a:2024:sex}", "{a:2024\n:all}", "}", "{a:2024:all"],
)  # fmt: skip
def test_a_brace_that_is_no_reference_is_told_with_its_line(written) -> None:
    told = text_problems("forslag.md", f"Antal:\n{written}")
    assert told
    assert all(line.startswith("forslag.md, rad ") for line in told)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("# Rubrik", "en rubrik med #"),
        ("## Rubrik", "en rubrik med ##"),
        ("#### Rubrik", "hoppar över en nivå"),
        ("##### Rubrik", "en rubrik med #####"),
        ("###", "rubrik utan text"),
        ("Rubrik\n---", "en linje"),
        ("<b>fet</b>", "HTML"),
        ("![bild](x.png)", "hakparenteser"),
        ("- [ ] att göra", "hakparenteser"),
        ("`kod`", "tecknen `"),
        ("$x$", "tecknen `"),
        ("| a | b |", "tecknen `"),
        ("~~struket~~", "tecknen `"),
        ("&frac12; av alla", "teckenkod"),
        ("> citat", "citat"),
        (": definition", "citat"),
        ("1. Ett", "numrerad lista"),
        ("- ett\n  - två", "en lista i en lista"),
        ("    indraget", "indragen fyra steg"),
    ],
)
def test_markup_outside_the_small_part_is_refused(line, what) -> None:
    assert any(what in problem for _, problem in markdown_problems(line))


def test_headings_paragraphs_lists_and_emphasis_pass_and_are_put_in_one_line_each() -> None:
    text = "### Läget\nFler *unga*\nän **förut**.\n\n- Ett\n  till\n- Två\n\n#### Under\r\nSe https://example.org.\n"
    assert list(markdown_problems(text)) == []
    assert normalised(text) == (
        "### Läget\n\nFler *unga* än **förut**.\n\n- Ett till\n- Två\n\n#### Under\n\nSe https://example.org."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Den 31\ndecember 2024 beslutade nämnden.",
        "Under 2022–2024, läsåret 2023/24, hösten 2024 och tertial 2 2024.",
        "Senast 2025-03-01, vecka 8.",
        "Enligt 29 kap. 9 § skollagen och 15 kap. 15 § samt avsnitt 7.1 och 8.3.",
        "Förordning 2006:39, prop. 2017/18:183.",
        "Dnr AMF 2025/17, diarienummer 2025:123 och dnr 1.3.1-123/2024.",
        "Se sidan 3 och sida 12 (16).",
        "Telefon 08-508 25 000 eller +46 8-508 25 000.",
        "Av {stock_end:2024:all=1 234} var {share_to_studies:2024:sex=female=41,6 %} kvar.",
    ],
)
def test_numbers_of_the_allowed_kinds_may_be_typed(text) -> None:
    assert list(number_problems(text)) == []


@pytest.mark.parametrize(
    "text",
    ["17 ungdomar", "Andelen var 41,6 %.", "2024 ungdomar", "1 234", "Ungdomar 16–19 år", "sidor: 3", "½ av alla", "{stock_end:2024:all}17", "17{stock_end:2024:all}",
     "Tabell 3", "inom 12 månader", "dnr 12", "Ⅳ", "5", "kapitel 9", "08-5"],
)  # fmt: skip
def test_any_other_number_is_refused_on_its_line(text) -> None:
    assert list(number_problems(f"Inledning.\n\nUnder 2024\n{text}")) == [(4, OTHER)]


@pytest.mark.parametrize("text", ["20088103-1234", "088131-1234", "{stock_end:20088103-1234:all}", "20088103\n1234"])
def test_what_looks_like_an_identity_is_always_refused(text) -> None:
    assert any(problem == (1, IDENTITY) for problem in number_problems(text))


def test_the_figures_are_those_of_the_released_cells_as_tables_write_them() -> None:
    filled = filled_texts({"forslag": TEXT}, figures=figures(), draft=True)["forslag"]
    assert filled.markdown.splitlines()[2:6] == [
        f"Vid årets slut var **2{NBSP}966 (ändrat sedan texten skrevs)** registreringar öppna, av dem 1{NBSP}272 flickors.",
        "",
        f"- Andelen som började studera var 70,1{NBSP}% bland pojkarna.",
        "- Av annan orsak slutade (visas inte) flickor.",
    ]
    assert filled.remarks == (
        Remark("forslag", "stock_end:2024:all", "2 930", f"2{NBSP}966"),
        Remark("forslag", "n_exits_by_reason:2024:reason=other,sex=female", "", "visas inte"),
    )


def test_what_is_no_draft_says_nothing_of_changes_in_the_text() -> None:
    filled = filled_texts({"forslag": "{stock_end:2024:all=7}"}, figures=figures(), draft=False)["forslag"]
    assert (filled.markdown, len(filled.remarks)) == (f"2{NBSP}966", 1)


def test_what_an_author_saw_in_a_cell_that_is_hidden_now_goes_no_further() -> None:
    seen = "{stock_end:2024:all=7} {n_exits_by_reason:2024:reason=other,sex=female=3}"
    told = "{stock_end:2024:all=7} {n_exits_by_reason:2024:reason=other,sex=female}"
    assert without_hidden({"forslag": seen}, figures=figures()) == {"forslag": told}


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("{stock_nd:2024:all}", r'indikatorn "stock_nd" finns inte \(menade du "stock_end"\?\)'),
        ("{elsewhere:2024:all}", r'indikatorn "elsewhere" visas inte i rapporten; där visas stock_end, entries'),
        ("{stock_end:2025:all}", r'perioden "2025" finns inte .*; där finns 2023, 2024'),
        ("{stock_end:2024:kon=female}", r'ingen uppdelning heter "kon"; där finns sex'),
        ("{stock_end:2024:sex=femal}", r'sex har inte värdet "femal" \(menade du "female"\?\); där finns all, female, male'),
    ],
)  # fmt: skip
def test_a_reference_that_leads_nowhere_stops_and_tells_what_there_is(reference, why) -> None:
    with pytest.raises(ParameterError, match=why):
        filled_texts({"forslag": f"Inledning.\n\n{reference}"}, figures=figures(), draft=True)


@pytest.mark.parametrize("text", ["Enligt OTHER § gäller", "Under 2024 TURNED unga", "OTHER TURNED"])
def test_a_figure_that_would_be_read_as_something_else_stops(text) -> None:
    written = {"OTHER": "{n_exits_by_reason:2024:reason=other}", "TURNED": "{n_exits_by_reason:2024:reason=turned_20}"}
    for word, reference in written.items():
        assert filled_texts({"forslag": f"Det var {reference} unga."}, figures=figures(), draft=True)
        text = text.replace(word, reference)
    with pytest.raises(ParameterError, match="talet kan inte skiljas från"):
        filled_texts({"forslag": text}, figures=figures(), draft=True)


def test_every_wrong_reference_of_every_text_is_told_at_once() -> None:
    texts = {"forslag": "{a:2024:all} {b:2024:all}", "utvecklingsomraden": "{c:2024:all}"}
    with pytest.raises(ParameterError) as told:
        filled_texts(texts, figures=figures(), draft=True)
    assert [line.partition(":2024")[0] for line in told.value.found] == [
        "forslag.md: {a", "forslag.md: {b", "utvecklingsomraden.md: {c"
    ]  # fmt: skip


def of_order(bundle: Path, order: ReportOrder) -> None:
    """Let a hand-made bundle be of the order's parameters."""
    record = json.loads((bundle / MANIFEST).read_bytes())
    record.pop("files")
    write_manifest(bundle, record | {"params": order.params.model_dump()})


def written(project: Path, **texts: str) -> Path:
    """Write the texts of the demonstration's parameter file, and return their folder."""
    folder = project / "params" / "texter" / PARAMS.stem
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.md").write_bytes(text.encode())
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return bundle_with_texts(tmp_path_factory.mktemp("made"), texts={"forslag": TEXT})


class TestFiles:
    @pytest.fixture
    def project(self, tmp_path, monkeypatch):
        for name in ("notebooks", "params"):
            (tmp_path / name).mkdir()
        shutil.copy(ROOT / PARAMS, tmp_path / PARAMS)
        monkeypatch.chdir(tmp_path)
        return tmp_path

    def test_texts_stand_beside_the_parameter_file_in_a_folder_of_its_name(self, project) -> None:
        written(project, forslag="Ett.\n", utvecklingsomraden=" \n")
        order = read_order(PARAMS)
        assert order.texts == "params/texter/arsbilaga_demo"
        texts, hashes = read_author_texts(order, root=project)
        assert texts == {"forslag": "Ett."}
        assert sorted(hashes) == ["forslag.md", "utvecklingsomraden.md"]

    def test_a_parameter_file_outside_the_project_has_no_texts(self, project, tmp_path_factory) -> None:
        elsewhere = shutil.copy(ROOT / PARAMS, tmp_path_factory.mktemp("elsewhere") / "demo.yaml")
        assert read_order(Path(elsewhere)).texts == ""
        assert read_author_texts(read_order(Path(elsewhere)), root=project) == ({}, {})

    def test_a_file_of_another_name_or_coding_is_refused_and_what_editors_leave_is_not(self, project) -> None:
        folder = written(project, forslg="Ett.")
        (folder / "utvecklingsomraden.md").write_bytes(b"\xe5")
        for name in (".forslag.md.swp", "forslag.md~", "utkast.txt"):
            (folder / name).write_text("17 ungdomar", encoding="utf-8")
        with pytest.raises(ParameterError) as told:
            read_author_texts(read_order(PARAMS), root=project)
        assert told.value.found == (
            'forslg.md: ingen av rapportens texter (menade du "forslag"?)',
            "utvecklingsomraden.md: är inte text i UTF-8",
        )

    def test_every_line_that_cannot_stand_is_told_but_never_what_it_says(self, project) -> None:
        written(project, forslag="# Fel\n\nDet var 731 ungdomar och Иван.\n")
        with pytest.raises(ParameterError) as told:
            read_author_texts(read_order(PARAMS), root=project)
        assert [line.partition(": ")[0] for line in told.value.found] == [f"forslag.md, rad {n}" for n in (1, 3, 3)]
        assert "731" not in str(told.value)
        assert "Иван" not in str(told.value)

    def test_the_texts_of_the_demonstration_can_be_taken_in(self) -> None:
        texts, _ = read_author_texts(read_order(ROOT / PARAMS), root=ROOT)
        assert list(texts) == list(AUTHOR_SLOTS)


class TestSeenValues:
    @pytest.fixture
    def project(self, tmp_path, monkeypatch, made):
        project = tmp_path / "project"
        for name in ("notebooks", "params"):
            (project / name).mkdir(parents=True)
        shutil.copytree(made.parents[2], project / "reports")
        of_order(project / "reports" / "arsbilaga" / "2024" / RUN, read_order(ROOT / PARAMS))
        shutil.copy(ROOT / PARAMS, project / PARAMS)
        monkeypatch.chdir(project)
        return project

    def test_values_are_noted_and_nothing_else_is_touched(self, project, capsys) -> None:
        text = "\ufeff### Läget \r\n\r\n* Av {stock_end:2024:all=2 930}  var {stock_end:2024:sex=male} \tpojkars.\r\n"
        folder = written(project, forslag=text, utvecklingsomraden="Inget.")
        (folder / "forslag.md").chmod(0o640)
        untouched = (folder / "utvecklingsomraden.md").stat().st_mtime_ns
        note_values(PARAMS, listed=False)
        noted = text.replace("=2 930", "=2 966").replace("sex=male}", "sex=male=1 694}")
        assert (folder / "forslag.md").read_bytes().decode() == noted
        assert stat.S_IMODE((folder / "forslag.md").stat().st_mode) == 0o640
        assert (folder / "utvecklingsomraden.md").stat().st_mtime_ns == untouched
        told = capsys.readouterr()
        assert told.err.splitlines() == [
            "forslag.md: {stock_end:2024:all}: 2 930 → 2 966",
            "forslag.md: {stock_end:2024:sex=male}: inget noterat → 1 694",
        ]
        assert told.out == f"2 hänvisningar, 2 med nytt värde, ur reports/arsbilaga/2024/{RUN}\n"
        note_values(PARAMS, listed=False)
        assert "2 hänvisningar, 0 med nytt värde" in capsys.readouterr().out

    def test_a_value_that_is_hidden_now_is_taken_out(self, project) -> None:
        folder = written(project, forslag="{n_exits_by_reason:2024:reason=other,sex=female=3}")
        note_values(PARAMS, listed=False)
        assert (folder / "forslag.md").read_text(encoding="utf-8") == "{n_exits_by_reason:2024:reason=other,sex=female}"

    def test_one_wrong_reference_leaves_every_text_as_it_was(self, project) -> None:
        texts = {"forslag": "{stock_end:2024:all}", "utvecklingsomraden": "Ett.\n{stock_nd:2024:all}, {oj:2024:all}"}
        folder = written(project, **texts)
        with pytest.raises(
            ParameterError, match=r"utvecklingsomraden\.md, rad 2: \{stock_nd:2024:all\}: indikatorn"
        ) as told:
            note_values(PARAMS, listed=False)
        assert len(told.value.found) == 2
        assert {name: (folder / f"{name}.md").read_text(encoding="utf-8") for name in texts} == texts

    def test_a_text_that_cannot_stand_is_left_as_it_was_and_not_repeated(self, project) -> None:
        text = "{stock_end:2024:all} och {stock_end:20088103-1234:all}"
        folder = written(project, forslag=text)
        with pytest.raises(ParameterError, match=r"forslag\.md, rad 1: ser ut som ett personnummer") as told:
            note_values(PARAMS, listed=False)
        assert "20088103" not in str(told.value)
        assert (folder / "forslag.md").read_text(encoding="utf-8") == text

    def test_a_text_saved_meanwhile_is_not_lost(self, project, monkeypatch) -> None:
        folder = written(project, forslag="{stock_end:2024:all}")

        def saved_by_another(order, *, root):
            bundle = latest_bundle(order, root=root)
            (folder / "forslag.md").write_text("Nytt. {stock_end:2024:all}", encoding="utf-8")
            return bundle

        monkeypatch.setattr(seen_values, "latest_bundle", saved_by_another)
        with pytest.raises(ParameterError, match="lämnad som den är"):
            note_values(PARAMS, listed=False)
        assert (folder / "forslag.md").read_text(encoding="utf-8") == "Nytt. {stock_end:2024:all}"

    def test_without_a_report_there_is_nothing_to_note(self, project) -> None:
        other = (project / PARAMS).read_text(encoding="utf-8").replace("as_in_force", "bridged")
        (project / PARAMS).write_text(other, encoding="utf-8")
        with pytest.raises(UsageError, match="Talen hämtas ur en rapport som är gjord"):
            note_values(PARAMS, listed=False)

    def test_what_can_be_referred_to_is_listed_by_indicator(self, project, capsys) -> None:
        note_values(PARAMS, listed=True)
        lines = capsys.readouterr().out.splitlines()
        assert lines[:3] == [
            "Antal stock_end",
            f"  {{stock_end:2023:all}}  2{NBSP}930",
            f"  {{stock_end:2023:sex=female}}  1{NBSP}301",
        ]
        assert "  {n_exits_by_reason:2024:reason=other,sex=female}  (visas inte)" in lines


def test_what_is_listed_can_be_referred_to() -> None:
    lines = [line for line in reference_lines(figures()) if line.startswith("  ")]
    texts = {
        "forslag": "\n".join(
            f"- Det var {reference.written} i allt." for line in lines for reference in references_in(line)
        )
    }
    assert len(filled_texts(texts, figures=figures(), draft=True)["forslag"].markdown.splitlines()) == len(lines) == 36


def test_texts_with_references_need_the_definitions_of_the_notebook(tmp_path) -> None:
    without = Execution({}, PLACES)
    assert told_texts({"forslag": "Inget."}, execution=without, bundle=tmp_path) == ToldTexts({"forslag": "Inget."})
    with pytest.raises(NotebookError, match=r"report\.define"):
        told_texts({"forslag": "{stock_end:2024:all}"}, execution=without, bundle=tmp_path)


def test_a_row_that_was_put_together_with_others_is_told_as_hidden_and_a_misspelt_one_stops(tmp_path) -> None:
    two, rest = {"study": ("study",), "rest": ("turned_20", "other")}, {"study": "Började studera", "rest": "Övriga"}
    grouping = Grouping("reason", "Orsak", two, rest, "Orsaker har slagits samman.")
    fine = exits_by_reason()
    split = replace(fine.column("reason"), coarser=(grouping,))
    fine = replace(fine, columns=(split, *fine.columns[1:]))
    coarse = merged(fine, split="reason", grouping=grouping)
    write_store(protect([coarse], policy=Policy(), ledger=Ledger.empty()), tmp_path / STORE)
    execution = Execution({fine.id: fine}, PLACES, DEFINITIONS)
    text = "Av {n_exits_by_reason:2024:reason=rest} var {n_exits_by_reason:2024:reason=turned_20=841} tjugo."
    told = told_texts({"forslag": text}, execution=execution, bundle=tmp_path)
    assert told == ToldTexts({"forslag": text.replace("=841", "")}, ("n_exits_by_reason:2024:reason=turned_20",))
    figures = ReleasedFigures(DEFINITIONS, read_store(tmp_path / STORE), frozenset(told.merged))
    assert filled_texts(told.texts, figures=figures, draft=True)["forslag"].markdown == "Av 874 var (visas inte) tjugo."
    with pytest.raises(ParameterError, match='reason har inte värdet "turned_2"'):
        told_texts({"forslag": text.replace("turned_20", "turned_2")}, execution=execution, bundle=tmp_path)


def test_a_text_without_a_place_in_the_notebook_is_left_out(tmp_path) -> None:
    texts = {"forslag": "Ett.", "utvecklingsomraden": "{oj:2024:all}"}
    assert told_texts(texts, execution=Execution({}, PLACES), bundle=tmp_path) == ToldTexts({"forslag": "Ett."})


def test_an_unknown_text_is_refused_with_those_there_are() -> None:
    assert author_title(check_author_slot("forslag")) == "Förslag till förändringar"
    with pytest.raises(ParameterError, match=r'menade du "forslag"'):
        check_author_slot("forslaget")


def test_the_marks_of_a_definition_are_words() -> None:
    one = replace(defined("a", column="n"), name="A*b", numerator="en [del]", denominator="allt")
    assert definitions_markdown([one]).splitlines()[-1] == (
        r"* **A\*b.** Det som räknas. *Täljare:* en \[del\]. *Nämnare:* allt. *Att tänka på:* Inget. *Källa:* 29 kap. 9 § skollagen."
    )
    assert definitions_markdown([]) == ""
