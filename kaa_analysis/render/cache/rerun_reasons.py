"""Why something was made again: the words of `kaa report --forklara`."""

from __future__ import annotations

from collections.abc import Iterable

from kaa_analysis.core.project import DOCUMENT_FILE, GRANTS_FILE
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.render.cache.bundle_records import bundle_problems, bundle_record, is_damaged, nearest_record
from kaa_analysis.render.cache.kept_results import earlier_results, results_slot
from kaa_analysis.render.cache.order_parts import Facts, OrderReader, facts_of_results
from kaa_analysis.render.cache.rerun import Rerun
from kaa_analysis.render.difference.causes import KIND_LABELS, Cause, Kind, causes_between

AT_MOST = 5
"""So many causes of one kind are told; then how many more there are."""
ASKED_FOR = "begärt med --gor-om"
NEVER_ENDED = "den förra körningen blev inte klar"
FIRST_TIME = "ingen tidigare körning"
NOTHING_KEPT = "inga hela resultat är sparade"
UNKNOWN_PART = "underlaget är ändrat"


def bundle_reasons(rerun: Rerun, *, reader: OrderReader) -> tuple[str, ...]:
    """Return why the bundle has to be made."""
    record = bundle_record(rerun.parts, secure=reader.secure)
    nearest = record or nearest_record(rerun.parts, secure=reader.secure)
    found = _changes(None if nearest is None else nearest.facts, rerun.parts.facts)
    if is_damaged(rerun.parts, secure=reader.secure):
        found = ["anteckningen om den förra körningen är skadad"]
    elif record is not None and not found:
        found = bundle_problems(record, reports=reader.root / "reports")
    return (*_circumstances(rerun), *found) or (UNKNOWN_PART,)


def results_reasons(rerun: Rerun, *, reader: OrderReader) -> tuple[str, ...]:
    """Return why the notebook has to be run."""
    now = facts_of_results(rerun.parts.facts)
    kept = earlier_results(rerun.parts, secure=reader.secure)
    if kept is not None:
        return (*_circumstances(rerun), *_changes(kept.facts, now)) or (UNKNOWN_PART,)
    nearest = nearest_record(rerun.parts, secure=reader.secure)
    found = _changes(None if nearest is None else facts_of_results(nearest.facts), now)
    return (*_circumstances(rerun), *found) or (_lost(rerun, secure=reader.secure),)


def register_reasons(rerun: Rerun, *, reader: OrderReader, packages: Iterable[str]) -> tuple[str, ...]:
    """Return why the extract has to be read, where its register depends on the code of ``packages`` alone."""
    nearest = nearest_record(rerun.parts, secure=reader.secure)
    now = _facts_of_register(rerun.parts.facts, packages=packages)
    before = None if nearest is None else _facts_of_register(nearest.facts, packages=packages)
    return tuple(_changes(before, now)) or ("det inlästa registret finns inte kvar",)


def _circumstances(rerun: Rerun) -> list[str]:
    return [ASKED_FOR] * rerun.anew + [NEVER_ENDED] * bool(rerun.marks)


def _lost(rerun: Rerun, *, secure: SecureFolder) -> str:
    return (
        "de sparade resultaten är skadade"
        if any(results_slot(rerun.parts, secure=secure).glob("[!.]*"))
        else NOTHING_KEPT
    )


def _facts_of_register(facts: Facts, *, packages: Iterable[str]) -> dict[str, object]:
    wanted = tuple(f"{name}/" for name in packages)
    code = {name: told for name, told in facts["code_files"].items() if name.startswith(wanted)}
    return {name: facts[name] for name in ("extract", "lock", "versions", "python", "key")} | {
        "code": sorted(code.items()),
        "code_files": code,
    }


def _changes(before: Facts | None, after: Facts) -> list[str]:
    """Return what differs, in words; nothing where nothing does."""
    if before is None:
        return [FIRST_TIME]
    causes = [*causes_between(before, after), *_other_causes(before, after)]
    told = [line for kind in Kind for line in _lines(kind, [cause.what for cause in causes if cause.kind is kind])]
    return told + ["pseudonymnyckeln är en annan"] * (before.get("key") != after.get("key"))


def _other_causes(before: Facts, after: Facts) -> list[Cause]:
    """Return what a manifest does not tell of: the file of grants, and a change in a file of details that changes no detail."""
    found = []
    if before.get("grants_file") != after.get("grants_file"):
        found.append(Cause(Kind.DATA, f"{GRANTS_FILE.as_posix()} ändrad"))
    if before.get("document_file") != after.get("document_file") and before.get("document") == after.get("document"):
        found.append(Cause(Kind.DOCUMENT, f"{DOCUMENT_FILE.as_posix()} ändrad, men varje uppgift är densamma"))
    return found


def _lines(kind: Kind, found: list[str]) -> list[str]:
    label = "uttaget" if kind is Kind.DATA else KIND_LABELS[kind].lower()
    more = [f"och {len(found) - AT_MOST} till"] if len(found) > AT_MOST else []
    return [f"{label}: {', '.join([*found[:AT_MOST], *more])}"] if found else []
