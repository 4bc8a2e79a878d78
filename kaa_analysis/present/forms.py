"""The forms a released table can be shown in. A new form is a function and a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from kaa_analysis.core.errors import ParameterError, did_you_mean
from kaa_analysis.core.result import Dimension, Result
from kaa_analysis.disclosure.released import Released
from kaa_analysis.present.bars_figure import bars_figure, districts_figure, funnel_figure
from kaa_analysis.present.columns_figure import low_series_figure, monthly_flow_figure, series_figure
from kaa_analysis.present.curve_figure import curve_figure, survival_figure
from kaa_analysis.present.exhibit import Exhibit, check_slug, require_released
from kaa_analysis.present.sentences import SENTENCES, sentence
from kaa_analysis.present.table import beside_table, table, years_table

__all__ = ["FORMS", "check_form", "check_slug", "exhibit", "splits_without_labels"]

Form = Callable[[Released, str], Exhibit]


def _sentence_form(name: str) -> Form:
    return lambda released, slug: sentence(released, slug, name=name)


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "table": table,
        "table:beside": beside_table,
        "table:years": years_table,
        "figure:monthly_flow": monthly_flow_figure,
        "figure:series": series_figure,
        "figure:low_series": low_series_figure,
        "figure:funnel": funnel_figure,
        "figure:bars": bars_figure,
        "figure:districts": districts_figure,
        "figure:curve": curve_figure,
        "figure:survival": survival_figure,
        **{f"sentence:{name}": _sentence_form(name) for name in SENTENCES},
    }
)


def check_form(form: str) -> str:
    """Return ``form`` if it is one of `FORMS`.

    Raises:
        ParameterError: there is no such form.
    """
    if form not in FORMS:
        raise ParameterError(
            f'Formen "{form}" finns inte{did_you_mean(form, FORMS)}.',
            found=f"former: {', '.join(FORMS)}",
            action="välj en av formerna",
        )
    return form


def splits_without_labels(result: Result) -> list[str]:
    """Return the splits by a value that nobody has named: it could be a person's."""
    return [split.name for split in result.of_role(Dimension) if not set(result.frame[split.name]) <= set(split.labels)]


def exhibit(released: Released, *, slug: str, form: str) -> Exhibit:
    """Return a released table shown as ``form`` under the stable name ``slug``.

    Raises:
        DisclosureError: ``released`` is not a `Released`.
        ParameterError: an unknown form, or a slug that cannot be an anchor.
        DefinitionError: the table lacks a column or dimension that the form needs.
    """
    return FORMS[check_form(form)](require_released(released), check_slug(slug))
