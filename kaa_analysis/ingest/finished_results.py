"""Finished tables of other units as results: told as they are, with their own source; never computed here, never linked to our cells."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Dimension, Estimate, Method, Result
from kaa_analysis.core.secure_folder import SecureFolder, secure_folder
from kaa_analysis.ingest.extract import open_extract
from kaa_analysis.ingest.finished_tables import FinishedTable, read_finished_tables

if TYPE_CHECKING:
    from kaa_analysis.store import Register

SMALL = 5
"""A number of persons below this is small, as in the policy."""
MOST_DECIMALS = 2
HARMLESS_UNITS = frozenset(
    (
        "procent",
        "procentenheter",
        "poäng",
        "betygspoäng",
        "index",
        "kronor",
        "dagar",
        "månader",
        "år",
        "skolor",
        "program",
    )
)
"""Units in which a small number says nothing of few persons; every other unit is taken for persons."""
ROW = "row"

NONE = "Gymnasieskolans resultat, brukarundersökningar och gymnasieskolornas enkäter redovisas inte: inga färdiga tabeller har lämnats till rapporten."
METHOD = Method(
    counts="Tal som en annan enhet har räknat fram och svarar för. De återges som de har lämnats och har inte räknats om här.",
    time="Perioden anges i rubriken.",
    missing="En kombination som inte har lämnats är utan tal.",
    source="Handlingsplanen avsnitt 7.2 och 7.3.",
)


def finished_results(register: Register, *, secure: SecureFolder | None = None) -> tuple[Result, ...]:
    """Return a result per finished table that was delivered with a register's extract; a single one without rows if there is none.

    The numbers are published elsewhere and rest on no cell of ours, so that the protection has nothing to link. Senders protect small
    numbers before sending: a table with a number of persons from 1 to 4 is not shown, and its result has a note in place of rows.

    Raises:
        ExtractError: as in `read_finished_tables`.
        DefinitionError: a number has more decimals than are shown.
    """
    secure = secure or secure_folder()
    if not open_extract(register.name, secure=secure).finished_layouts:
        return (_without_rows("fardiga_tabeller", "Färdiga tabeller från andra enheter", NONE, register),)
    return tuple(_result(told, register) for told in read_finished_tables(register.name, secure=secure))


def _result(told: FinishedTable, register: Register) -> Result:
    title = f"{told.title}, {told.period}"
    if _is_small(told):
        note = (
            f"Tabellen ”{told.title}” visas inte: något antal är mindre än fem, och den som lämnade tabellen har inte skyddat det. "
            f"För uppgifterna svarar {told.contact}."
        )
        return _without_rows(_id(told), title, note, register, source=told.source)
    rows, columns = _labels(told, "row"), _labels(told, "column")
    values = {(cell.row, cell.column): float(cell.value) for cell in told.cells}
    split = Dimension(ROW, "Grupp", {code: label for label, code in rows.items()})
    estimates = {
        label: Estimate(code, label, (), digits=_decimals(told), rule="published") for label, code in columns.items()
    }
    table = {ROW: list(rows.values())} | {
        column.name: pd.array([values.get((row, label)) for row in rows], dtype="Float64")
        for label, column in estimates.items()
    }
    return Result(
        id=_id(told),
        title=title,
        columns=(split, *estimates.values()),
        table=pd.DataFrame(table),
        context={"extract": register.extract_date.isoformat()},
        note=f"Enhet: {told.unit}. För talen svarar {told.contact}. De följde med uttaget {register.extract_date.isoformat()} och har inte räknats om här.",
        source=told.source,
        method=METHOD,
    )


def _without_rows(name: str, title: str, note: str, register: Register, *, source: str = "") -> Result:
    return Result(
        id=name,
        title=title,
        columns=(Dimension(ROW, "Grupp"),),
        table=pd.DataFrame({ROW: pd.Series(dtype="object")}),
        context={"extract": register.extract_date.isoformat()},
        note=note,
        source=source,
        method=METHOD,
    )


def _id(told: FinishedTable) -> str:
    return f"fardig_{told.id}"


def _labels(told: FinishedTable, side: str) -> dict[str, str]:
    """Return a code per label of the rows or columns, in the order of the file."""
    labels = dict.fromkeys(getattr(cell, side) for cell in told.cells)
    return {label: f"{side}_{number}" for number, label in enumerate(labels, start=1)}


def _is_small(told: FinishedTable) -> bool:
    of_persons = told.unit.strip().lower() not in HARMLESS_UNITS
    return of_persons and any(0 < abs(cell.value) < SMALL for cell in told.cells)


def _decimals(told: FinishedTable) -> int:
    found = max(max(-Decimal(cell.value).as_tuple().exponent, 0) for cell in told.cells)
    if found > MOST_DECIMALS:
        raise DefinitionError(
            "Tal i färdiga tabeller ska ha högst två decimaler för att kunna visas.",
            found=f"{told.id}: {found} decimaler",
            action="be avsändaren om en tabell med färre decimaler",
        )
    return found
