"""Each refusal of the door says the whole of it: what was expected, what was found, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Count, Dimension, Equation, Estimate, Result, Share, cell
from kaa_analysis.disclosure.attack import table_search
from kaa_analysis.disclosure.attack.bundle_files import from_files
from kaa_analysis.disclosure.attack.fitting_table import some_table
from kaa_analysis.disclosure.attack.publication import PROTECTED, SHOWN, Publication, SeenCell, merged
from kaa_analysis.disclosure.attack.rules import Rules
from kaa_analysis.disclosure.attack.verdict import attack, refuse_if_found
from kaa_analysis.disclosure.hiding import linear_program
from kaa_analysis.disclosure.ledger import Ledger, PublishedCell
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import inside_room, protect
from kaa_analysis.disclosure.released import Mark, Released
from kaa_analysis.disclosure.rounded.rounding import refuse_changed_methods
from kaa_analysis.disclosure.store import read_store, write_store
from tests.unit.district_tables import by_district, protected

LETTERS = Count("letters", "Utskick", "attempts", "attempts")
REGISTERED = Count("n", "Antal", "registered")
REACHED = Count("reached", "Nådda", "reached")


@dataclass(frozen=True)
class Told:
    """A refusal and what it says."""

    refused: Callable[[], object]
    expected: str
    found: tuple[str, ...] = ()
    action: str = ""


def rounded(*columns: Count | Share, **bases: int) -> object:
    table = pd.DataFrame({"n": [40], "reached": [30], "letters": [60], "share": [0.75]})
    kept = tuple(columns)
    result = Result("t", "T", kept, table[[column.name for column in kept]])
    return protect([result], policy=Policy(rounding=bases), ledger=Ledger.empty())


def narrow_rounding() -> object:
    return protect(
        [by_district([54, 44, 4, 3, 105])], policy=Policy(rounding={"registered": 10}), ledger=Ledger.empty()
    )


def broken_sum() -> object:
    terms = ((1, cell("registered")), (-1, cell("reached")))
    first = by_district([8, 9, 17], equations=(Equation("alla nåddes", terms),))
    return protected(first, by_district([8, 8, 16], name="reached", measure="reached"))


def daily_curve() -> object:
    columns = (
        Dimension("days", "Dagar", additive=False),
        REGISTERED,
        Estimate("left", "Kvar", ("n",), rule="curve", along="days"),
    )
    return protected(Result("t", "T", columns, pd.DataFrame({"days": ["1", "2"], "n": [40, 30], "left": [0.9, 0.8]})))


def changed_value() -> object:
    made = Result("t", "T", (REGISTERED,), pd.DataFrame({"n": [42]}), context={"extract": "2024-02-01"})
    ledger = Ledger((PublishedCell("registered|extract=2024-02-01", 43),))
    return protect([made], policy=Policy(), ledger=ledger)


def share_above_one() -> object:
    columns = (REGISTERED, REACHED, Share("share", "Andel", "reached", "n"))
    return protected(Result("t", "T", columns, pd.DataFrame({"n": [40], "reached": [41], "share": [1.025]})))


def cells(**values: int | None) -> dict[str, SeenCell]:
    return {
        name: SeenCell(name, SHOWN if value is not None else PROTECTED, value, "persons", None, ("t",))
        for name, value in values.items()
    }


SUM = ((-1, "n"), (1, "a"), (1, "b"))
REFUSALS = {
    "rounded work": Told(
        lambda: rounded(LETTERS, attempts=10),
        "Arbetsvolymer (utskick och samtal) avrundas inte.",
        ("attempts",),
        "ange samma avrundning för alla mått som hänger ihop, eller ingen, i params/disclosure.yaml",
    ),
    "one of two rounded": Told(
        lambda: rounded(REGISTERED, REACHED, Share("share", "Andel", "reached", "n"), registered=10),
        "Mått som hänger ihop (andelar, summor) ska skyddas med samma metod.",
        ("reached: döljs, registered: avrundas till 10",),
        "ange samma avrundning för alla mått som hänger ihop, eller ingen, i params/disclosure.yaml",
    ),
    "another method": Told(
        lambda: refuse_changed_methods(Policy(rounding={"exits": 20}), methods={"exits": "suppress"}),
        "Ett mått skyddas med en och samma metod för gott.",
        ("exits: döljs tidigare, avrundas till 20 nu",),
        "ange samma metod och bas i params/disclosure.yaml som när måttet publicerades första gången",
    ),
    "narrow rounding": Told(
        narrow_rounding,
        "Avrundade tal ska inte gå att snäva in med hjälp av summorna.",
        ("registered: 2 celler",),
        "välj en annan bas, eller dölj måttet i stället, i params/disclosure.yaml",
    ),
    "two values": Told(
        lambda: protected(by_district([81, 92, 173]), by_district([81, 93, 174], name="again")),
        "Samma cell ska ha samma värde i alla tabeller.",
        ("registered: olika värden i again och stock",),
        "ge det som räknas olika var sitt namn (measure), eller ange vad som skiljer (context)",
    ),
    "an id twice": Told(
        lambda: protected(by_district([8, 9, 17]), by_district([8, 9, 17])),
        "Varje resultat ska ha ett eget id.",
        ("stock",),
    ),
    "a broken sum": Told(
        broken_sum,
        "Angivna summor ska stämma mellan tabellerna.",
        ("alla nåddes",),
        "se till att tabellerna räknar samma sak på samma uttag",
    ),
    "a curve by the day": Told(
        daily_curve,
        "Kurvor och risktabeller ska stå på policyns tidsrutnät, aldrig dag för dag.",
        ("t: kurvan går längs days, rutnätet är months",),
        "räkna kurvan vid hela månader (horizons) eller ändra params/disclosure.yaml",
    ),
    "another value of the same extract": Told(
        changed_value,
        "En cell ska ha samma värde som när den publicerades ur samma uttag.",
        ("registered",),
        "gör rapporten med samma kod och inställningar som då, eller av ett nytt uttag",
    ),
    "a part above its whole": Told(
        share_above_one,
        "En del ska ingå i det hela (en andels täljare i dess nämnare, en period i en längre).",
        ("t: share",),
    ),
    "made elsewhere": Told(
        lambda: Released("t", "T", (), *[pd.DataFrame()] * 3, {}, "", "", Mark.DRAFT, ""),
        "Bara röjandekontrollen (disclosure.protect) gör något som får visas.",
    ),
    "given away": Told(
        lambda: refuse_if_found(
            Publication(cells(a=None, b=30, n=33), equations=(SUM,)), truth={"a": 3, "b": 30, "n": 33}, rules=Rules()
        ),
        "Inget som publiceras får gå att räkna tillbaka till enskilda.",
        ("antal under tröskeln som inte kan ha varje värde: 1 (tabeller: t)",),
        "redovisa grövre eller dölj mer, och kör igen",
    ),
    "an untrue number": Told(
        lambda: attack(Publication(cells(a=30, n=33)), truth={"a": 30, "n": 34}, rules=Rules()),
        "Det som visas ska vara de sanna talen.",
        ("1 celler visar något annat",),
    ),
    "seen with two values": Told(
        lambda: merged([*cells(a=30).values(), *cells(a=31).values()]),
        "Samma cell ska visas med samma värde överallt.",
        ("t",),
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_says_what_was_expected_what_was_found_and_what_to_do(case: str) -> None:
    told = REFUSALS[case]
    with pytest.raises(DisclosureError) as refused:
        told.refused()
    assert (refused.value.expected, refused.value.found, refused.value.action) == (
        told.expected,
        told.found,
        told.action,
    )


BUNDLES = {
    "no data": ({}, "Ett rapportpaket ska ha filer i mappen data.", "bundle"),
    "no column": (
        {"t.csv": "cell_id,table,value\nn,t,3\n"},
        "En datafil ska ha sina kolumner.",
        "t.csv: cell_id, table, value, state",
    ),
    "no column of a sum": (
        {"equations.csv": "equation,cell_id\n1,n\n"},
        "En datafil ska ha sina kolumner.",
        "equations.csv: equation, cell_id, coefficient",
    ),
    "half a person": (
        {"t.csv": "cell_id,table,value,state\nn,t,3.5,shown\n"},
        "Antal i en datafil ska vara hela tal.",
        "t.csv",
    ),
    "half a coefficient": (
        {"equations.csv": "equation,cell_id,coefficient\n1,n,0.5\n"},
        "Antal i en datafil ska vara hela tal.",
        "equations.csv",
    ),
}


@pytest.mark.parametrize("case", BUNDLES)
def test_a_bundle_that_cannot_be_read_is_told_by_its_file(tmp_path: Path, case: str) -> None:
    files, expected, found = BUNDLES[case]
    folder = tmp_path / "bundle" / "data"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(DisclosureError) as refused:
        from_files([tmp_path / "bundle"])
    assert (refused.value.expected, refused.value.found) == (expected, (found,))


def test_a_store_is_told_what_it_does_not_take(tmp_path: Path) -> None:
    with pytest.raises(DisclosureError) as refused:
        write_store({"stock": inside_room(by_district([3, 5, 8]))}, tmp_path / "store")
    assert refused.value.expected == "Releaselagret tar bara emot skyddade tabeller."
    (tmp_path / "notes.txt").write_text("kvar", encoding="utf-8")
    with pytest.raises(DisclosureError) as refused:
        write_store(protected(by_district([8, 9, 17])), tmp_path)
    assert (refused.value.expected, refused.value.found) == (
        "Releaselagret ska ligga i en egen mapp.",
        ("1 främmande filer",),
    )


def test_a_changed_store_is_told_by_the_files_that_differ(tmp_path: Path) -> None:
    store = tmp_path / "store"
    write_store(protected(by_district([8, 9, 17])), store)
    (store / "notes.txt").write_text("kvar", encoding="utf-8")
    with pytest.raises(DisclosureError) as refused:
        read_store(store)
    expected = "Releaselagret ska vara just det som skrevs."
    assert (refused.value.expected, refused.value.found) == (expected, ("notes.txt",))
    assert refused.value.action == "kör om rapporten så att lagret skrivs på nytt"
    (store / "index.json").unlink()
    with pytest.raises(DisclosureError) as refused:
        read_store(store)
    assert refused.value.found == ("index.json saknas eller går inte att läsa",)


def test_a_store_is_written_anew_and_leaves_what_it_did_not_write(tmp_path: Path) -> None:
    store = tmp_path / "store"
    write_store(protected(by_district([8, 9, 17])), store)
    kept = ["notes.json", f"{'g' * 64}.json", f"{'a' * 64}.txt", f"{'a' * 63}.json"]
    for name in (*kept, f"{'a' * 64}.json"):
        (store / name).write_text("{}", encoding="utf-8")
    write_store(protected(by_district([8, 30, 38])), store)
    left = {path.name for path in store.iterdir()}
    assert set(kept) <= left and f"{'a' * 64}.json" not in left
    assert len(left) == len(kept) + 2


@pytest.mark.parametrize("side", ["the protection", "the attack"])
def test_a_solver_without_an_answer_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch, side: str) -> None:
    monkeypatch.setattr(linear_program if side == "the protection" else table_search, "SECONDS_PER_SOLVE", 0.0)
    with pytest.raises(DisclosureError) as refused:
        if side == "the protection":
            protected(by_district([3, 9, 30, 42]))
        else:
            seen = Publication(cells(a=None, b=None, n=33), equations=(SUM,))
            attack(seen, truth={"a": 3, "b": 30, "n": 33}, rules=Rules())
    expected = {
        "the protection": "Röjandekontrollen ska ha ett säkert svar för varje cell.",
        "the attack": "Attacken på det som ska publiceras ska ha ett säkert svar för varje tal.",
    }[side]
    assert (refused.value.expected, refused.value.found) == (expected, ("lösaren slutade utan svar (TimeLimit)",))
    assert refused.value.action == "dela upp releasen eller redovisa grövre, och kör igen"


def test_some_table_is_whole_inside_its_bounds_or_there_is_none() -> None:
    rows = sparse.csr_array(np.array([[1, 1, -1]]))
    bounds = {"lower": np.array([1, 1, 7]), "upper": np.array([1 << 40, 2, 7])}
    found = some_table(rows, right_side=np.array([0]), **bounds)
    assert found is not None and found.dtype == np.int64
    assert found.tolist() in ([5, 2, 7], [6, 1, 7])
    assert some_table(2 * rows, right_side=np.array([1]), **bounds) is None
