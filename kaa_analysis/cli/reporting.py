"""`kaa report` and `kaa batch`: told at once where nothing has changed, else made of what is kept and what is not."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from kaa_analysis.cli.stages import Stages, answer, tell
from kaa_analysis.core.project import POLICY_FILE, project_root
from kaa_analysis.core.secure_folder import secure_folder

STAGES = 6


def report_order(params: Path, *, earlier: Sequence[Path], explained: bool, anew: bool) -> None:
    """Make the report that a parameter file asks for as a release of its own, unless it stands there already made of the same everything.

    It is also protected against whoever has the ``earlier`` bundles.

    Raises:
        KaaError: of the kind of whatever stopped it.
    """
    root = project_root()
    from kaa_analysis.cli.making import PAGE, OneReport
    from kaa_analysis.params.reports import read_order
    from kaa_analysis.render.batch import make_reports
    from kaa_analysis.render.cache.order_parts import OrderReader
    from kaa_analysis.render.cache.rerun import look_up
    from kaa_analysis.render.company import Company
    from kaa_analysis.render.earlier_bundles import earlier_bundles
    from kaa_analysis.render.texts.text_files import text_paths

    stages = Stages(STAGES)
    stages.begin("kontrollerar parametrarna och röjandepolicyn")
    order = read_order(params)
    reader = OrderReader(root, secure=secure_folder())
    rerun = look_up(order, reader=reader, anew=anew, company=Company(earlier=earlier_bundles(earlier)))
    if rerun.bundle is None:
        from kaa_analysis.disclosure.policy import read_policy

        read_policy(root / POLICY_FILE)
        if text_paths(order, root=root):
            from kaa_analysis.render.texts.author_texts import read_author_texts

            read_author_texts(order, root=root)
    if explained:
        from kaa_analysis.cli.explaining import tell_why

        tell_why(rerun, reader=reader, tell=stages.detail)
    how = {"root": root, "secure": reader.secure, "at_once": 1, "earlier": earlier}
    [made] = make_reports([rerun], listener=OneReport(stages), **how)
    if made.error is not None:
        raise made.error
    answer(Path(os.path.relpath(root / made.folder / PAGE)).as_posix())


def report_many(
    places: Sequence[Path],
    *,
    earlier: Sequence[Path],
    at_once: int | None,
    explained: bool,
    anew: bool,
    times: bool,
) -> int:
    """Make the reports that parameter files and folders ask for, and return the exit code: 0, or that of the first that was stopped.

    Those of one extract are one release, which is also protected against whoever has the ``earlier`` bundles.

    Raises:
        ParameterError: a folder holds no parameter file.
    """
    root = project_root()
    from kaa_analysis.cli.making import ManyReports, orders_in, stage_times, tell_summary
    from kaa_analysis.core.shared_work import n_processors
    from kaa_analysis.render.batch import make_reports
    from kaa_analysis.render.cache.order_parts import OrderReader
    from kaa_analysis.render.cache.rerun import look_up
    from kaa_analysis.render.company import companies_of
    from kaa_analysis.render.earlier_bundles import earlier_bundles

    names, wrong = orders_in(places)
    reader = OrderReader(root, secure=secure_folder())
    companies = companies_of(list(names), earlier=earlier_bundles(earlier))
    reruns = [look_up(order, reader=reader, anew=anew, company=companies[order]) for order in names]
    if explained:
        from kaa_analysis.cli.explaining import tell_why

        for rerun in reruns:
            tell(f"{names[rerun.order]}:")
            tell_why(rerun, reader=reader, tell=lambda line: tell(f"      {line}"))
    listener = ManyReports(names, n_done=len(wrong))
    how = {"root": root, "secure": reader.secure, "at_once": at_once or n_processors(), "earlier": earlier}
    made = make_reports(reruns, listener=listener, **how)
    tell_summary(made, names=names, wrong=wrong)
    if times:
        tell(stage_times(made))
    errors = [*wrong.values(), *(outcome.error for outcome in made if outcome.error is not None)]
    return errors[0].exit_code if errors else 0
