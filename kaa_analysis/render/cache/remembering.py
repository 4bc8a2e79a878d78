"""One run of a report with a memory: what is kept of the one before is used, what this one made is kept when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kaa_analysis.core.provenance import canonical_json
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.render.cache.bundle_records import write_bundle_record
from kaa_analysis.render.cache.kept_execution import keep_execution, kept_execution
from kaa_analysis.render.cache.order_parts import OrderParts, OrderReader
from kaa_analysis.render.cache.rerun import Rerun
from kaa_analysis.render.cache.unfinished_runs import forget, marked_run
from kaa_analysis.render.inputs import Inputs
from kaa_analysis.render.running.execution import Execution

SHARED_WITH_PROVENANCE = (
    "report", "params", "policy", "reference", "undecided", "notebook", "code", "lock", "python", "released_with", "earlier", "texts"
)  # fmt: skip


class Memory:
    """What one run takes over and leaves. Nothing is left until `done` has been called."""

    def __init__(self, rerun: Rerun, *, root: Path, secure: SecureFolder) -> None:
        self._rerun = rerun
        self._root = root
        self._secure = secure
        self._execution: Execution | None = None

    def execution(self, inputs: Inputs) -> Execution | None:
        """Return what an execution of these inputs noted before, None where it has to be run."""
        if not self._rerun.keeps_results or not are_parts_of(self._rerun.parts, inputs):
            return None
        return kept_execution(self._rerun.parts, secure=self._secure)

    def note(self, execution: Execution) -> None:
        """Note what this run's notebook gave, to be kept if the run comes to its end."""
        self._execution = execution

    def done(self, inputs: Inputs, *, bundle: Path) -> None:
        """Keep the results and note the bundle, now that it stands in its place: the results first, the bundle's record last.

        Where a part was changed while the report was made nothing is kept. A disk that takes no more does not undo the report.
        """
        parts = OrderReader(self._root, secure=self._secure).parts(inputs.order, company=inputs.company)
        if parts != self._rerun.parts or not are_parts_of(parts, inputs):
            return
        with suppress(OSError):
            if self._execution is not None:
                keep_execution(self._execution, parts=parts, secure=self._secure)
            write_bundle_record(parts, bundle=bundle, reports=self._root / "reports", secure=self._secure)
            forget(self._rerun.marks)


@contextmanager
def remembering(rerun: Rerun, *, root: Path, secure: SecureFolder) -> Iterator[Memory]:
    """Give the memory of one run, which is marked as unfinished until the block is left."""
    with marked_run(rerun.parts.slot, secure=secure):
        yield Memory(rerun, root=root, secure=secure)


def are_parts_of(parts: OrderParts, inputs: Inputs) -> bool:
    """Return whether the files were read for a report as they were hashed here; the two are read at different moments."""
    told = inputs.provenance
    same = all(canonical_json(parts.facts[name]) == canonical_json(told[name]) for name in SHARED_WITH_PROVENANCE)
    return same and parts.facts["extract"]["hash"] == told["extract"]["hash"]
