"""Recorded grants (``params/grants.yaml``): what lies outside the register's own purpose loads only with one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from kaa_analysis.core.errors import ExtractError, did_you_mean
from kaa_analysis.core.project import GRANTS_FILE, find_project_root
from kaa_analysis.core.strict_yaml import RepeatedKeyError, read_strict_yaml
from kaa_analysis.ingest.convert import IDENTITY_LIKE
from kaa_analysis.ingest.layout import Feed, Layout
from kaa_analysis.schema.grant_subjects import YOUTHS_OUTSIDE_KAA, grant_subjects
from kaa_analysis.schema.tables import Scope, table_schema
from kaa_analysis.store.register import UsedGrant

LIST = "grants"
INVENTED_FROM, INVENTED_TO = "1990-01-01", "2099-12-31"
WHAT_A_GRANT_IS = (
    "ett beslut är den ansvariga nämndens skriftliga medgivande till att uppgifterna används i den här uppföljningen. "
    f"Skriv in det i {GRANTS_FILE.as_posix()} under {LIST}: med table, decision (diarienummer), date, by (beslutsfattare) och valid_to. "
    "Finns inget beslut: hämta in leveransen utan filen"
)


def _day(written: Any) -> date:
    day = date.fromisoformat(written) if isinstance(written, str) else None
    if day is None or day.isoformat() != written:
        raise ValueError
    return day


def _without_identity(written: Any) -> Any:
    if isinstance(written, str) and IDENTITY_LIKE.search(written):
        raise ValueError
    return written


Text = Annotated[str, BeforeValidator(_without_identity)]
"""Told in reports: may hold no personnummer."""
Day = Annotated[date, BeforeValidator(_day)]


class Grant(BaseModel):
    """A recorded decision that data outside the register's purpose may be loaded. It holds from ``date`` to ``valid_to``, both included."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    table: str = Field(description="tabellen eller det som beslutet gäller")
    decision: Text = Field(
        min_length=1,
        max_length=80,
        strict=True,
        description="beslutets beteckning, inom citattecken, utan personnummer",
    )
    date: Day = Field(description="beslutsdagen, ÅÅÅÅ-MM-DD")
    by: Text = Field(min_length=1, max_length=120, strict=True, description="vem som har beslutat, utan personnummer")
    valid_to: Day = Field(description="sista dagen beslutet gäller, ÅÅÅÅ-MM-DD")

    def holds(self, *, on: date) -> bool:
        """Return whether the grant holds on a day."""
        return self.date <= on <= self.valid_to


def invented_grants() -> tuple[Grant, ...]:
    """Return a grant for every subject, for what the simulation wrote: nobody's data are used."""
    return tuple(
        Grant(
            table=subject,
            decision="DEMO (påhittade personer)",
            date=INVENTED_FROM,
            by="Demonstrationsnämnden",
            valid_to=INVENTED_TO,
        )
        for subject in grant_subjects()
    )


def project_grants() -> tuple[Grant, ...]:
    """Return the grants recorded in the project that the working directory lies in; none outside a project or without the file.

    Raises:
        ExtractError: the file is not what it should be.
    """
    root = find_project_root()
    path = root / GRANTS_FILE if root else None
    return read_grants(path) if path and path.exists() else ()


def read_grants(path: Path) -> tuple[Grant, ...]:
    """Return the grants that a file records. Names of fields and places in the list are told, never what stands there.

    Raises:
        ExtractError: the file is not YAML with one list, or a grant lacks a field, has an unknown one or one that cannot be used;
            every problem is told.
    """
    records = _records(path)
    problems = [
        f"beslut {place}: {problem}" for place, record in enumerate(records, 1) for problem in _problems(record)
    ]
    if problems:
        raise _file_error(path, problems)
    return tuple(Grant.model_validate(record) for record in records)


def optional_tables(layout: Layout, *, delivered: Collection[str]) -> tuple[str, ...]:
    """Return the tables that the ``delivered`` files feed and that the layout can do without, in the order of the layout."""
    files = [file for name, file in layout.files.items() if name in delivered and file.optional]
    always = {feed.table for file in layout.files.values() if not file.optional for feed in file.feeds}
    return tuple(dict.fromkeys(feed.table for file in files for feed in file.feeds if feed.table not in always))


def subjects_needing_grants(layout: Layout, *, delivered: Collection[str]) -> dict[str, str]:
    """Return what the ``delivered`` files hold outside the register's purpose: the subject of the grant, and the first such file."""
    subjects: dict[str, str] = {}
    for name, file in layout.files.items():
        for feed in file.feeds if name in delivered else ():
            for subject in _subjects(feed):
                subjects.setdefault(subject, name)
    return subjects


def require_grants(subjects: Mapping[str, str], *, grants: Sequence[Grant], on: date | None) -> None:
    """Refuse subjects without a grant that holds on the day of extract ``on``; None: whether it still holds is not looked at.

    ``subjects`` are those of `subjects_needing_grants`.

    Raises:
        ExtractError: a grant is missing, has expired or was decided after the day of extract; every subject is told.
    """
    found = [
        f"{file}: {subject} ({grant_subjects()[subject]}) – {lack}"
        for subject, file in subjects.items()
        if (lack := _lack([grant for grant in grants if grant.table == subject], on=on))
    ]
    if found:
        raise ExtractError(
            "Uppgifter utanför registrets ändamål (förordning 2006:39 § 3) läses in bara med ett registrerat beslut.",
            found=found,
            action=WHAT_A_GRANT_IS,
        )


def used_grants(subjects: Mapping[str, str], *, grants: Sequence[Grant], on: date) -> tuple[UsedGrant, ...]:
    """Return the grant that each subject is loaded with: the first recorded one that holds on the day of extract ``on``."""
    holding = [
        next((grant for grant in grants if grant.table == name and grant.holds(on=on)), None) for name in subjects
    ]
    return tuple(UsedGrant(**grant.model_dump(mode="json")) for grant in holding if grant is not None)


def support_lines(used: Sequence[UsedGrant]) -> list[str]:
    """Return a Swedish line per grant in use."""
    return [
        f"Stöd för {grant.table}: beslut {grant.decision}, som gäller till och med {grant.valid_to}." for grant in used
    ]


def _lack(grants: Sequence[Grant], *, on: date | None) -> str:
    if not grants:
        return "inget beslut är registrerat"
    if on is None or any(grant.holds(on=on) for grant in grants):
        return ""
    periods = ", ".join(f"{grant.date} till och med {grant.valid_to}" for grant in grants)
    return f"beslutet gäller {periods}, inte på uttagsdagen {on}"


def _subjects(feed: Feed) -> list[str]:
    scope = table_schema(feed.table).scope
    is_outside = scope is Scope.OUTSIDE or (scope is Scope.WHEN_LINKED and "person_id" in feed.columns)
    return [feed.table] * is_outside + [YOUTHS_OUTSIDE_KAA] * feed.youths_outside_kaa


def _records(path: Path) -> list[Any]:
    try:
        content = read_strict_yaml(path.read_text(encoding="utf-8"))
    except RepeatedKeyError as error:
        raise _file_error(path, [f'"{error.key}" står mer än en gång i samma beslut']) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise _file_error(path, ["filen är inte läsbar YAML i UTF-8"]) from None
    if not isinstance(content, dict) or set(content) != {LIST} or not isinstance(content[LIST], list):
        raise _file_error(path, [f"filen ska ha en enda lista, {LIST}:, tom om inga beslut finns"])
    return content[LIST]


def _problems(record: Any) -> list[str]:
    fields = Grant.model_fields
    if not isinstance(record, dict):
        return [f"ska ange {', '.join(fields)}"]
    problems = [f'okänt fält "{name}"{did_you_mean(name, fields)}' for name in record if name not in fields]
    problems += [f"{name} saknas: {field.description}" for name, field in fields.items() if name not in record]
    table = record.get("table")
    if "table" in record and table not in grant_subjects():
        problems.append(f"table är inget som kräver beslut{did_you_mean(table, grant_subjects())}")
    return problems or _value_problems(record)


def _value_problems(record: Mapping[str, Any]) -> list[str]:
    try:
        grant = Grant.model_validate(record)
    except ValidationError as error:
        names = [str(item["loc"][0]) for item in error.errors(include_input=False, include_url=False)]
        return [f"{name} har ett värde som inte går: {Grant.model_fields[name].description}" for name in names]
    return ["valid_to ligger före date"] * (grant.valid_to < grant.date)


def _file_error(path: Path, problems: Sequence[str]) -> ExtractError:
    return ExtractError(
        f"{path.name} ska ange varje beslut med {', '.join(Grant.model_fields)}.",
        found=problems,
        action=f"rätta {GRANTS_FILE.as_posix()} och kör igen",
    )
