"""The columns that tables of models and tests share: counts, test statistics and the evidence of the rule *model*."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.result import Count, Estimate, Evidence
from kaa_analysis.survival.model_covariates import Covariate

EVIDENCE = ("residual_df", "smallest_cell")
FOR_STUDIES = MappingProxyType({"study_placement": "för studier", "education": "för utbildning"})
"""How the way out that is sought is told; others by their label."""


def for_studies(follow_up: FollowUp) -> str:
    """Return how the way out that is sought is told after the words *lämna registret*."""
    return FOR_STUDIES.get(follow_up.sought, f"till {follow_up.ways_out[follow_up.sought].lower()}")


def counts_of(
    follow_up: FollowUp, *, regardless_of: tuple[str, ...] = (), spells_regardless_of: tuple[str, ...] = ()
) -> tuple[Count, Count]:
    """Return the columns of spells and of exits by the way that is sought; the spells do not depend on ``spells_regardless_of`` either."""
    prefix = follow_up.cohort
    label = f"Har lämnat {for_studies(follow_up)}"
    return (
        Count(
            "n_spells",
            "Registreringar",
            f"{prefix}_modelled",
            "spells",
            regardless_of=(*regardless_of, *spells_regardless_of),
        ),
        Count("n_sought", label, f"{prefix}_sought", "spells", regardless_of=regardless_of),
    )


def statistic_columns(base: tuple[str, ...]) -> tuple[Estimate, Estimate, Estimate]:
    """Return the columns of a test: chi-square, degrees of freedom and p value."""
    rest = {"base": base, "rule": "model", "evidence": EVIDENCE}
    return (
        Estimate("chi_square", "Chi-två", digits=2, **rest),
        Estimate("df", "Frihetsgrader", digits=0, **rest),
        Estimate("p_value", "p-värde", **rest),
    )


def evidence_columns() -> tuple[Evidence, Evidence]:
    """Return the columns by which the rule *model* decides."""
    return (
        Evidence(EVIDENCE[0], "Frihetsgrader kvar"),
        Evidence(EVIDENCE[1], "Personer i den minsta gruppen"),
    )


def level_labels(covariates: Sequence[Covariate]) -> dict[str, str]:
    """Return the Swedish label of every level; that of a reference says what it is."""
    return {
        level: f"{text} (jämförs med)" if level == one.reference else text
        for one in covariates
        for level, text in one.levels.items()
    }
