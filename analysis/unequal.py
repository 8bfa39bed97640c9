"""PSUs drawn with unequal probabilities: their probabilities, alone and in pairs."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.design import Pps, SurveyDesign
from analysis.errors import DesignError
from analysis.sizes import one_value, row_error
from analysis.weights import Floats, Ints


def inclusion_of(design: SurveyDesign, data: pd.DataFrame, psu: Ints) -> Floats | None:
    """(P,) first-stage inclusion probability of each PSU, None where the design needs none."""
    if design.pps is Pps.WITH_REPLACEMENT or design.inclusion is None:
        return None
    column = design.inclusion
    values, varies = one_value(data, column, psu, int(psu.max(initial=-1)) + 1)
    each = pd.to_numeric(data[column], errors="coerce").to_numpy(dtype=np.float64)
    wrong = ~((each > 0) & (each <= 1))
    if wrong.any():
        hint = "An inclusion probability is above 0 and at most 1."
        raise row_error("bad_inclusion", column, wrong, "is no probability", hint)
    if varies.any():
        hint = "Give every row of a PSU the probability of the PSU."
        raise row_error("inclusion_varies", column, varies, "gives a PSU two probabilities", hint)
    return values


def pair_weights(design: SurveyDesign, names: npt.NDArray[np.object_]) -> Floats | None:
    """Weights q of the quadratic form sum q_ij Z_i Z_j', None where no pairs are declared.

    Parameters
    ----------
    design : with `joint` and the estimator in `pps`
    names : (P,) labels of the PSUs

    Returns
    -------
    (P, P) symmetric; 1 - p_i p_j/p_ij, from which Yates and Grundy take the sum of its row off
    each element of the diagonal, PSUs without a row in the data included

    Raises
    ------
    DesignError
        if a PSU is not in the table, or two PSUs have one label

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, eq. 2.8.1 and 2.8.12.
    """
    if design.joint is None or design.pps not in (Pps.HORVITZ_THOMPSON, Pps.YATES_GRUNDY):
        return None
    place = {label: index for index, label in enumerate(design.joint.labels)}
    labels = [str(name) for name in names]
    for label in labels:
        if label not in place:
            raise _no_pair(label, "is not in the table of joint probabilities")
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise _no_pair(twice, "lies in two strata, so that the table cannot tell which is meant")
    both = design.joint.table()
    alone = np.diag(both)
    weights = 1 - np.outer(alone, alone) / both
    if design.pps is Pps.YATES_GRUNDY:
        weights = weights - np.diag(weights.sum(axis=1))
    at = np.array([place[label] for label in labels], dtype=np.int64)
    return np.asarray(weights[np.ix_(at, at)], dtype=np.float64)


def own_probability(design: SurveyDesign, names: npt.NDArray[np.object_]) -> Floats:
    """(P,) probability of each PSU on the diagonal of the table of pairs."""
    joint = design.joint
    known = {} if joint is None else dict(zip(joint.labels, np.diag(joint.table()), strict=True))
    return np.array([known[str(name)] for name in names], dtype=np.float64)


def _no_pair(label: str, says: str) -> DesignError:
    return DesignError(
        "no_joint_probability",
        f"The PSU {label!r} {says}.",
        "Give every sampled PSU a label of its own, and the table a row and a column for it.",
        psu=label,
    )
