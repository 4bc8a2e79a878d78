"""The layouts that come with the package, data files in `layouts/`: which there are, read and checked, composed, hashed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from kaa_analysis.core.errors import ParameterError, did_you_mean
from kaa_analysis.core.provenance import hash_value
from kaa_analysis.core.strict_yaml import read_yaml
from kaa_analysis.ingest.half_year_editions import codes_of_editions
from kaa_analysis.ingest.layout import FinishedLayout, Layout, Supplement, SupplierForm
from kaa_analysis.ingest.layout_checks import form_problems, main_problems

Form = TypeVar("Form", bound=SupplierForm)


def layout_names() -> tuple[str, ...]:
    """Return the names of the main layouts that come with the package.

    >>> layout_names()
    ('ber', 'ber_demo', 'kaa_halvar', 'kaa_halvar_demo', 'mvad')
    """
    return tuple(name for name in _names() if _kind(name) == "layout")


def supplement_names() -> tuple[str, ...]:
    """Return the names of the supplements that come with the package.

    >>> supplement_names()
    ('enkater', 'flai', 'skolor', 'skolslussen')
    """
    return tuple(name for name in _names() if _kind(name) == "supplement")


def finished_layout_names() -> tuple[str, ...]:
    """Return the names of the layouts of finished tables that come with the package.

    >>> finished_layout_names()
    ('fardiga_tabeller',)
    """
    return tuple(name for name in _names() if _kind(name) == "finished")


@cache
def read_layout(name: str) -> Layout:
    """Return the main layout called ``name``.

    Raises:
        ParameterError: there is no such layout, it is a supplement, or its file is not a valid one.
    """
    if name in supplement_names():
        raise ParameterError(
            f'Layouten "{name}" är ett tillägg och läses bara in med en huvudlayout.',
            action=f"ange en av {', '.join(layout_names())} som layout och {name} som tillägg",
        )
    if name in finished_layout_names():
        raise ParameterError(
            f'Layouten "{name}" ger färdiga tabeller och inget register.',
            action="läs dem med ingest.read_finished_tables",
        )
    _require(name, among=layout_names(), what="Layouten")
    return _valid(Layout, _record(name))


@cache
def read_supplement(name: str) -> Supplement:
    """Return the supplement called ``name``.

    Raises:
        ParameterError: there is no such supplement, or its file is not a valid one.
    """
    _require(name, among=supplement_names(), what="Tillägget")
    return _valid(Supplement, _record(name))


@cache
def read_finished_layout(name: str) -> FinishedLayout:
    """Return the layout of finished tables called ``name``.

    Raises:
        ParameterError: there is no such layout, or its tables are no finished ones.
    """
    _require(name, among=finished_layout_names(), what="Layouten för färdiga tabeller")
    return FinishedLayout.model_validate(_record(name))


def composed(main: Layout, *, supplements: Sequence[str]) -> Layout:
    """Return ``main`` with the files of its supplements, each read in its own form. Finished tables feed no register and are left out.

    Raises:
        ParameterError: a supplement is not one, is named twice, has a file that another one has, or the main layout has no identity numbers.
    """
    parts = tuple(read_supplement(name) for name in supplements if name not in finished_layout_names())
    names = [*main.file_names, *(name for part in parts for name in part.files)]
    repeated = [f"{name} hör till flera av dem" for name in dict.fromkeys(names) if names.count(name) > 1]
    if repeated:
        raise ParameterError("Layout och tillägg ska ha filer med olika namn.", found=repeated)
    if parts and main.identity == "record_number":
        raise ParameterError(
            f'Layouten "{main.name}" har inga personnummer som tilläggens rader kan höra till.',
            action="utelämna tilläggen",
        )
    files = dict(main.files)
    for part in parts:
        files |= part.files
    return main.model_copy(update={"files": files, "supplements": parts})


def layout_hash(name: str, *, supplements: Sequence[str] = (), edition: str | None = None) -> str:
    """Return the hash of what a layout says, that of the layout it is based on and its supplements included, and of the edition's name."""
    return hash_value({"layouts": [_record(part) for part in (name, *supplements)], "edition": edition})


def parse_layout(content: bytes) -> Layout:
    """Return the layout that a YAML file's ``content`` describes.

    Raises:
        ParameterError: the content is not a valid layout; every problem is told.
    """
    return _valid(Layout, _yaml(content))


def parse_supplement(content: bytes) -> Supplement:
    """Return the supplement that a YAML file's ``content`` describes.

    Raises:
        ParameterError: the content is not a valid supplement; every problem is told.
    """
    return _valid(Supplement, _yaml(content))


def layout_bytes(name: str) -> bytes:
    """Return the content of a layout's or supplement's file.

    Raises:
        ParameterError: there is no such layout.
    """
    _require(name, among=_names(), what="Layouten")
    return _folder().joinpath(f"{name}.yaml").read_bytes()


def _folder() -> Traversable:
    return files("kaa_analysis.ingest").joinpath("layouts")


@cache
def _names() -> tuple[str, ...]:
    return tuple(
        sorted(entry.name.removesuffix(".yaml") for entry in _folder().iterdir() if entry.name.endswith(".yaml"))
    )


@cache
def _kind(name: str) -> str:
    record = _record(name)
    return "supplement" if record.get("supplement") else "finished" if record.get("finished") else "layout"


def _require(name: str, *, among: Sequence[str], what: str) -> None:
    if name not in among:
        raise ParameterError(
            f'{what} "{name}" finns inte{did_you_mean(name, among)}.', action=f"välj en av {', '.join(among)}"
        )


@cache
def _record(name: str) -> Mapping[str, Any]:
    """Return a layout's record; ``based_on`` names another layout whose values hold where this one says nothing.

    Where the layout has ``editions``, the code lists hold the codes of every edition. The record is shared: nobody changes it.
    """
    record = read_yaml(layout_bytes(name))
    base = record.pop("based_on", None)
    record = {**_record(base), **record} if base else record
    return record | codes_of_editions(record["editions"]) if record.get("editions") else record


def _yaml(content: bytes) -> Any:
    try:
        return read_yaml(content)
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ParameterError("Layouten är inte läsbar YAML.") from None


def _valid(kind: type[Form], record: Any) -> Form:
    try:
        form = kind.model_validate(record)
    except ValidationError as error:
        found = [".".join(map(str, problem["loc"])) + ": " + problem["type"] for problem in error.errors()]
        raise ParameterError("Layouten har inte den form den ska ha.", found=found) from None
    problems = form_problems(form)
    if isinstance(form, Layout):
        problems = [*main_problems(form), *problems]
    if problems:
        raise ParameterError(f'Layouten "{form.name}" stämmer inte med registrets schema.', found=problems)
    return form
