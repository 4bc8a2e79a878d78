"""What two runs were given that is not the same: the only things a difference between their bundles may come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kaa_analysis.core.provenance import canonical_json

Manifest = Mapping[str, Any]

MISSING = "saknas"
ONLY_HASH = "bara kontrollsumman är känd"


class Kind(StrEnum):
    """What sort of thing was changed."""

    DATA = "data"
    PARAMS = "params"
    CODE = "code"
    POLICY = "policy"
    RELEASE = "release"
    VERSIONS = "versions"
    DOCUMENT = "document"
    UNDECIDED = "undecided"


KIND_LABELS: dict[Kind, str] = {
    Kind.DATA: "Data",
    Kind.PARAMS: "Parametrar",
    Kind.CODE: "Kod",
    Kind.POLICY: "Röjandepolicy",
    Kind.RELEASE: "Gemensamt skydd",
    Kind.VERSIONS: "Programversioner",
    Kind.DOCUMENT: "Dokumentuppgifter",
    Kind.UNDECIDED: "Listan över val",
}


@dataclass(frozen=True)
class Cause:
    """One thing that was changed, in words. ``moves_cells`` is False for what is told but cannot change a number or its state."""

    kind: Kind
    what: str
    moves_cells: bool = True


def causes_between(before: Manifest, after: Manifest) -> tuple[Cause, ...]:
    """Return what the runs of two manifests were given that differs, in the order of `Kind`.

    What only one of the manifests tells (bundles of earlier versions tell less) is no change by itself: where the hash of
    the whole differs and its parts are not known on both sides, it is said that the hash is all there is.

    >>> before = {"policy": "a", "policy_rules": {"unsafe_below": 5}}
    >>> after = {"policy": "b", "policy_rules": {"unsafe_below": 6}}
    >>> [cause.what for cause in causes_between(before, after)]
    ['unsafe_below: 5 → 6']
    """
    parts = (_data, _params, _code, _policy, _release, _versions, _document, _undecided)
    return tuple(cause for part in parts for cause in part(before, after))


def _data(before: Manifest, after: Manifest) -> Iterator[Cause]:
    earlier, later = before.get("extract") or {}, after.get("extract") or {}
    same_content = earlier.get("hash") == later.get("hash")
    names = {"date": "uttagsdatum", "layout": "layout"}
    found = [f"{names[key]}: {words}" for key, words in _changes(_only(earlier, names), _only(later, names))]
    if not same_content:
        files = _file_changes(earlier.get("files"), later.get("files"))
        found += files or [f"uttagets filer ändrade ({ONLY_HASH})"]
    if earlier.get("name") != later.get("name"):
        words = f"uttagets namn: {_word(earlier.get('name'))} → {_word(later.get('name'))}"
        yield Cause(Kind.DATA, words, moves_cells=False)
    yield from (Cause(Kind.DATA, what) for what in found)
    yield from _grants(before, after)


def _grants(before: Manifest, after: Manifest) -> Iterator[Cause]:
    """Tell the decisions that data rest on, and the optional tables delivered: either can only change numbers together with the extract."""
    if "sources" in before and "sources" in after and before["sources"] != after["sources"]:
        words = f"{_word(before['sources'])} → {_word(after['sources'])}"
        yield Cause(Kind.DATA, f"valfria tabeller: {words}", moves_cells=False)
    if "grants" in before and "grants" in after:
        earlier, later = ({grant["table"]: grant for grant in one["grants"]} for one in (before, after))
        for key, words in _changes(earlier, later):
            yield Cause(Kind.DATA, f"beslut om {key}: {words}", moves_cells=False)


def _params(before: Manifest, after: Manifest) -> Iterator[Cause]:
    earlier, later = before.get("params") or {}, after.get("params") or {}
    for key, words in _changes(earlier, later):
        if key != "extract":  # the extract is told among the data
            yield Cause(Kind.PARAMS, f"{key}: {words}")
    if before.get("seed") != after.get("seed"):
        yield Cause(Kind.PARAMS, f"slumpfrö: {_word(before.get('seed'))} → {_word(after.get('seed'))}")


def _code(before: Manifest, after: Manifest) -> Iterator[Cause]:
    if before.get("code") != after.get("code"):
        files = _file_changes(before.get("code_files"), after.get("code_files"))
        yield from (Cause(Kind.CODE, what) for what in files or [f"programkoden ändrad ({ONLY_HASH})"])
    if before.get("notebook") != after.get("notebook"):
        yield Cause(Kind.CODE, "anteckningsboken ändrad")


def _policy(before: Manifest, after: Manifest) -> Iterator[Cause]:
    earlier, later = before.get("policy_rules"), after.get("policy_rules")
    if earlier is not None and later is not None:
        found = _changes(earlier, later)
        yield from (Cause(Kind.POLICY, f"{key}: {words}") for key, words in found)
        if not found and before.get("policy") != after.get("policy"):
            yield Cause(Kind.POLICY, "policyfilen ändrad, men varje regel är densamma", moves_cells=False)
    elif before.get("policy") != after.get("policy"):
        yield Cause(Kind.POLICY, f"röjandepolicyn ändrad ({ONLY_HASH})")


def _release(before: Manifest, after: Manifest) -> Iterator[Cause]:
    """Tell which other reports, and which earlier ones, only one of the runs was protected with."""
    for key, what in {"released_with": "skyddad tillsammans med", "earlier": "skyddad mot tidigare"}.items():
        if key not in before or key not in after:
            continue
        earlier, later = ({canonical_json(told): told["name"] for told in one[key]} for one in (before, after))
        for names, verb in (
            (later.keys() - earlier.keys(), "tillkommen"),
            (earlier.keys() - later.keys(), "borttagen"),
        ):
            for name in sorted((earlier | later)[told] for told in names):
                yield Cause(Kind.RELEASE, f"{what} {name}: {verb}")


def _versions(before: Manifest, after: Manifest) -> Iterator[Cause]:
    earlier, later = before.get("versions"), after.get("versions")
    found = _version_changes(earlier, later) if earlier is not None and later is not None else []
    if before.get("python") != after.get("python"):
        found.append(f"Python {_word(before.get('python'))} → {_word(after.get('python'))}")
    if before.get("lock") != after.get("lock"):
        found.append("requirements.lock ändrad")
    yield from (Cause(Kind.VERSIONS, what) for what in found)


def _document(before: Manifest, after: Manifest) -> Iterator[Cause]:
    if before.get("document") is not None and after.get("document") is not None:
        for key, words in _changes(before["document"], after["document"]):
            yield Cause(Kind.DOCUMENT, f"{key}: {words}", moves_cells=False)
    if "reference" in before and "reference" in after and before["reference"] != after["reference"]:
        yield Cause(Kind.DOCUMENT, "Word-mallen (reference.docx) är en annan", moves_cells=False)
    for change in _file_changes(before.get("texts"), after.get("texts")):
        yield Cause(Kind.DOCUMENT, f"författartexten {change}", moves_cells=False)


def _undecided(before: Manifest, after: Manifest) -> Iterator[Cause]:
    if "undecided" in before and "undecided" in after and before["undecided"] != after["undecided"]:
        yield Cause(Kind.UNDECIDED, "docs/avgoranden.csv ändrad", moves_cells=False)


def _file_changes(before: Mapping[str, str] | None, after: Mapping[str, str] | None) -> list[str]:
    """Return each file that is changed, added or removed; none where a side does not know its files."""
    if before is None or after is None:
        return []
    verbs = {name: "tillkommen" if name not in before else "borttagen" for name in {*before} ^ {*after}}
    verbs |= {name: "ändrad" for name in {*before} & {*after} if before[name] != after[name]}
    return [f"{name} {verbs[name]}" for name in sorted(verbs)]


def _version_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [f"{name} {words}" for name, words in _changes(before, after)]


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (key, "before → after") of each value that differs, sorted; a value inside a mapping has a dotted key."""
    earlier, later = _flat(before), _flat(after)
    return [
        (key, f"{_word(earlier.get(key))} → {_word(later.get(key))}")
        for key in sorted({*earlier, *later})
        if canonical_json(earlier.get(key)) != canonical_json(later.get(key))
    ]


def _flat(values: Mapping[str, Any], *, prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, prefix=f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _only(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _word(value: Any) -> str:
    """Return a value as it is told: lists with commas, truth in Swedish."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, (list, tuple)):
        return ", ".join(_word(item) for item in value) or "inget"
    return str(value)
