"""What the outcome would be expected to be for every row, as one group's outcomes tell it: a linear or a logistic model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.evaluation.cores.logit_fit import logit_fit
from kaa_analysis.evaluation.cores.model_design import ModelDesign, refuse_undetermined


class OutcomeModel(StrEnum):
    """The form of the model: a mean that is linear in the covariates, or a share whose log odds are."""

    LINEAR = "linear"
    LOGISTIC = "logistic"


@dataclass(frozen=True, eq=False)
class ArmPrediction:
    """The ``expected`` (n,) outcome of every row, by a model fitted to the rows ``arm`` (n,).

    ``steepness`` (n,) is its derivative by the linear predictor; ``per_information`` (p, p) the inverse of the information, ``influence`` (n, p) what
    each row moves the coefficients by (0 outside the arm).
    """

    arm: NDArray[np.bool_]
    expected: NDArray[np.float64]
    design: ModelDesign
    steepness: NDArray[np.float64]
    per_information: NDArray[np.float64]
    influence: NDArray[np.float64]

    def carried(self, slope: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each row moves an estimate by through the coefficients, shape (n,); ``slope`` (n,) is its derivative by each expected outcome."""
        return self.influence @ self._gradient(slope)

    def per_outcome(self, slope: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the estimate's derivative by each outcome, through the coefficients, shape (n,); ``slope`` as in `carried`."""
        through = self.design.rows @ (self.per_information @ self._gradient(slope))
        return np.where(self.arm, through, 0.0)

    def _gradient(self, slope: NDArray) -> NDArray:
        return (slope * self.steepness) @ self.design.rows


def named_model(model: str) -> OutcomeModel:
    """Return the model of that name.

    Raises:
        DefinitionError: there is none.
    """
    if model not in tuple(OutcomeModel):
        hint = did_you_mean(model, OutcomeModel)
        raise DefinitionError(f'Modellen "{model}" finns inte{hint}.', found=f"kända: {', '.join(OutcomeModel)}")
    return OutcomeModel(model)


def arm_prediction(
    outcome: NDArray[np.float64], design: ModelDesign, *, arm: NDArray[np.bool_], model: OutcomeModel, among: str
) -> ArmPrediction:
    """Fit ``outcome`` (n,) on ``design`` in the rows ``arm`` (n,) and expect it for all; ``among`` says in Swedish which rows the arm is.

    Raises:
        DefinitionError: the arm has not more rows than coefficients, a covariate does not vary within it or follows from others, or (logistic)
            covariates tell its outcomes apart without error.
    """
    refuse_undetermined(design.rows[arm][:, 1:], names=design.names[1:], among=among)
    fitted_rows, influence = design.rows[arm], np.zeros(design.rows.shape)
    if model is OutcomeModel.LOGISTIC:
        fit = logit_fit(fitted_rows, outcome[arm], names=design.names, what=f"utfallet bland {among}")
        expected = expit(design.rows @ fit.coefficients)
        influence[arm] = fit.influence
        return ArmPrediction(arm, expected, design, expected * (1 - expected), fit.inverse_information, influence)
    per_information = np.linalg.inv(fitted_rows.T @ fitted_rows)
    coefficients = np.linalg.lstsq(fitted_rows, outcome[arm], rcond=None)[0]
    expected = design.rows @ coefficients
    influence[arm] = (fitted_rows * (outcome - expected)[arm, np.newaxis]) @ per_information
    return ArmPrediction(arm, expected, design, np.ones(len(outcome)), per_information, influence)
