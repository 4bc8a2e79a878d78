"""Reference values of weighted and augmented differences, from the M-estimation library delicatessen (4.3).

Run from the root of the repository, in an environment of its own with delicatessen, causaldata and pandas: python -m
tests.reference.stacked_reference Writes data_job_training.csv (the experiment of PyPI causaldata 0.1.5 `nsw_mixtape`, LaLonde 1986, Dehejia & Wahba
1999, and every twentieth row of `cps_mixtape`; MIT licence) and stacked.csv. Each estimate is the root of its own stacked estimating equations, score
and outcome models solved together with it, with derivatives by automatic differentiation; clusters (rows of one age) are summed before the squares.
Covariates are standardised, which moves no estimate.
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
COVARIATES = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]
EVERY = 20


def job_training() -> pd.DataFrame:
    from causaldata import cps_mixtape, nsw_mixtape

    experiment, survey = (source.load_pandas().data.drop(columns="data_id") for source in (nsw_mixtape, cps_mixtape))
    both = pd.concat([experiment.assign(sample="nsw"), survey.iloc[::EVERY].assign(sample="cps")])
    amounts = ["re74", "re75", "re78"]
    both[amounts] = both[amounts].astype(float).round(4)
    return both[["sample", "treat", *COVARIATES, "re78"]]


def solved(rows: pd.DataFrame, *, target: str, model: str | None, clustered: bool) -> tuple[float, float]:
    """Return estimate and standard error: the weighted difference without a ``model`` of the outcome, else the augmented one."""
    from delicatessen import MEstimator
    from delicatessen.estimating_equations import ee_regression
    from delicatessen.utilities import inverse_logit

    treated = rows["treat"].to_numpy()
    outcome = (rows["re78"] > 0 if model == "logistic" else rows["re78"] / 1000).to_numpy(dtype=float)
    names = [name for name in COVARIATES if not (model == "logistic" and name == "hisp")]
    matrix = rows[names].to_numpy(dtype=float)
    design = np.column_stack([np.ones(len(rows)), (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)])
    width, together = design.shape[1], pd.get_dummies(rows["age"]).to_numpy(dtype=float)
    scale = 1 if model == "logistic" else 1000

    def stacked(theta: np.ndarray) -> np.ndarray:
        alpha, of_treated, of_untreated = theta[3:][:width], theta[3 + width :][:width], theta[3 + 2 * width :]
        score = inverse_logit(design @ alpha)
        equations = [ee_regression(alpha, design, treated, model="logistic")]
        odds = score / (1 - score)
        weights = {
            "ate": (1 / score, 1 / (1 - score)),
            "att": (np.ones(len(rows)), odds),
            "overlap": (1 - score, score),
        }[target]
        if model is None:
            means = [
                treated * weights[0] * (outcome - theta[1]),
                (1 - treated) * weights[1] * (outcome - theta[2]),
                np.ones(len(rows)) * (theta[1] - theta[2] - theta[0]),
            ]
        else:
            equations.append(ee_regression(of_treated, design, outcome, model=model, weights=treated))
            equations.append(ee_regression(of_untreated, design, outcome, model=model, weights=1 - treated))
            share = inverse_logit if model == "logistic" else (lambda values: values)
            expected = share(design @ of_treated), share(design @ of_untreated)
            if target == "ate":
                means = [
                    expected[0] + treated * weights[0] * (outcome - expected[0]) - theta[1],
                    expected[1] + (1 - treated) * weights[1] * (outcome - expected[1]) - theta[2],
                ]
            else:
                means = [
                    treated * (outcome - theta[1]),
                    treated * (expected[1] - theta[2]) + (1 - treated) * odds * (outcome - expected[1]),
                ]
            means.append(np.ones(len(rows)) * (theta[1] - theta[2] - theta[0]))
        rows_of = np.vstack([np.array(means), *equations])
        return rows_of @ together if clustered else rows_of

    n_models = 1 if model is None else 3
    start = [0.0, outcome.mean(), outcome.mean()] + [0.0] * (n_models * width)
    estimator = MEstimator(stacked, init=start)
    estimator.estimate(deriv_method="exact")
    return estimator.theta[0] * scale, np.sqrt(estimator.variance[0, 0]) * scale


def reference_values(rows: pd.DataFrame) -> pd.DataFrame:
    samples = {"nsw": rows[rows["sample"] == "nsw"], "cps": rows[(rows["sample"] == "cps") | (rows["treat"] == 1)]}
    asked = [("nsw", target, None) for target in ("ate", "att", "overlap")] + [
        ("cps", "att", None),
        ("cps", "overlap", None),
    ]
    asked += [(sample, target, "linear") for sample, target in (("nsw", "ate"), ("nsw", "att"), ("cps", "att"))]
    asked += [(sample, target, "logistic") for sample, target in (("nsw", "ate"), ("nsw", "att"), ("cps", "att"))]
    found = []
    for sample, target, model in asked:
        for clustered in (False, True):
            value, se = solved(samples[sample], target=target, model=model, clustered=clustered)
            found.append((sample, target, model or "none", clustered, f"{value:.12g}", f"{se:.12g}"))
    table = pd.DataFrame(found, columns=["sample", "target", "model", "clustered", "value", "se"])
    return table.assign(software="delicatessen", version="4.3")


if __name__ == "__main__":
    rows = job_training()
    rows.to_csv(HERE / "data_job_training.csv", index=False)
    reference_values(rows).to_csv(HERE / "stacked.csv", index=False)
