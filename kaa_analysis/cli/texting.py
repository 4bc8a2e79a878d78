"""`kaa text`: the values that the authors of a report have seen, noted in their texts."""

from __future__ import annotations

import os
from pathlib import Path

from kaa_analysis.cli.stages import answer, tell
from kaa_analysis.core.project import project_root


def note_values(params: Path, *, listed: bool) -> None:
    """Note the values of the report that was made last in its texts, or list what a text can refer to.

    Raises:
        KaaError: as `render.texts.seen_values.note_seen`.
    """
    root = project_root()
    from kaa_analysis.params.reports import read_order
    from kaa_analysis.render.texts.seen_values import figures_of, latest_bundle, note_seen, reference_lines

    order = read_order(params)
    if listed:
        answer("\n".join(reference_lines(figures_of(latest_bundle(order, root=root)))))
        return
    noted = note_seen(order, root=root)
    for name, reference, before, now in noted.changes:
        tell(f"{name}: {{{reference}}}: {before or 'inget noterat'} → {now or 'visas inte'}")
    folder = Path(os.path.relpath(noted.bundle)).as_posix()
    answer(f"{noted.n_references} hänvisningar, {len(noted.changes)} med nytt värde, ur {folder}")
