"""What `kaa report --forklara` says: what is taken over from an earlier run, what is made again, and why."""

from __future__ import annotations

from collections.abc import Callable

from kaa_analysis.render.cache.order_parts import OrderReader
from kaa_analysis.render.cache.rerun import Rerun
from kaa_analysis.render.cache.rerun_reasons import bundle_reasons, register_reasons, results_reasons

NOT_NEEDED = "behövs inte"
REUSED = "återanvänds"


def tell_why(rerun: Rerun, *, reader: OrderReader, tell: Callable[[str], None]) -> None:
    """Tell a line per level: the register, the results and the report.

    Raises:
        ExtractError: there is no such extract.
    """
    if rerun.bundle is not None:
        tell(f"registret: {NOT_NEEDED}")
        tell(f"resultaten: {NOT_NEEDED}")
        tell("rapporten: oförändrad – uttag, parametrar, kod och låsfil är desamma, och varje fil i paketet står kvar")
        return
    tell(f"registret: {_register(rerun, reader=reader)}")
    results = REUSED if rerun.keeps_results else _told("beräknas", results_reasons(rerun, reader=reader))
    tell(f"resultaten: {results}")
    tell(f"rapporten: {_told('görs', bundle_reasons(rerun, reader=reader))}")


def _register(rerun: Rerun, *, reader: OrderReader) -> str:
    from kaa_analysis.ingest.register_reader import READING_CODE
    from kaa_analysis.ingest.register_reuse import has_register, register_problems

    params, secure = rerun.order.params, reader.secure
    if not has_register(params.extract, secure=secure):
        return _told("läses in", register_reasons(rerun, reader=reader, packages=READING_CODE))
    accepted = params.accept_problem_rows
    problems = register_problems(params.extract, accept_problem_rows=accepted, secure=secure)
    return _told("läses in", problems) if problems else REUSED


def _told(what: str, reasons: tuple[str, ...] | list[str]) -> str:
    return f"{what} – {'; '.join(reasons)}"
