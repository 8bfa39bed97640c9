"""The error of figures that are computed from moments of items, by replicates of the sample."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimation.intervals import Interval, logit_interval, not_available, t_interval
from analysis.estimation.replication.bound import Caution, Replicates
from analysis.estimation.replication.declared import Kind, ReplicateWeights
from analysis.estimation.replication.statistic import cautions_of
from analysis.quality.items import CompleteCases
from analysis.sample import Floats, Ints

Figures = Callable[[Floats], Floats]
Limits = Callable[[float, float, float, float], Interval]


@dataclass(frozen=True, eq=False)
class Spread:
    """C figures and what R replicates say of their error.

    Parameters
    ----------
    names : C names
    estimate : (C,) figures of the full sample, weighted
    se : (C,) standard errors; nan where there are none
    df : degrees of freedom
    used : (C,) replicates in which the figure exists
    declared : the replicates, with their seed; None if none were asked for
    cautions : what a reader must know of them
    limits : which interval suits the figures
    """

    names: tuple[str, ...]
    estimate: Floats
    se: Floats
    df: int
    used: Ints
    declared: ReplicateWeights | None
    cautions: tuple[Caution, ...]
    limits: Limits

    def intervals(self, level: float = 0.95) -> pd.DataFrame:
        """One row a figure: name, estimate, se, df, ci_low, ci_high, reason, replicates."""
        rows = [
            (name, e, s, self.df, *self._interval(e, s, level), used)
            for name, e, s, used in zip(
                self.names,
                self.estimate.tolist(),
                self.se.tolist(),
                self.used.tolist(),
                strict=True,
            )
        ]
        columns = ["name", "estimate", "se", "df", "ci_low", "ci_high", "reason", "replicates"]
        return pd.DataFrame(rows, columns=columns)

    def _interval(self, estimate: float, se: float, level: float) -> Interval:
        if math.isnan(estimate):
            return not_available("no_estimate")
        if self.declared is None:
            return not_available("no_replicates")
        if math.isnan(se):
            return not_available("replicates_without_value")
        if self.df <= 0:
            return not_available("no_degrees_of_freedom")
        if se < 1e-12:
            return not_available("zero_variance")
        return self.limits(estimate, se, self.df, level)


def spread_of(
    cases: CompleteCases,
    names: Sequence[str],
    figures: Figures,
    limits: Limits,
) -> Spread:
    """Compute figures with the sampling weights and with those of every replicate of the design.

    Parameters
    ----------
    cases : n complete rows of J items
    names : C names
    figures : function of (B, J, J) weighted covariance matrices that gives (B, C) figures, nan
        where one does not exist
    limits : interval from estimate, se, df and level

    Returns
    -------
    Spread, without errors where the design has no replicates

    Notes
    -----
    Moments are summed once; replicates multiply them. Bootstrap replicates in which a figure does
    not exist are left out and counted, and the others stand for them; with any other kind there
    is no error then.

    References
    ----------
    Rao, Wu and Yue (1992), Survey Methodology 18, 209-217.
    """
    made = cases.sample.replicates
    count = len(names)
    estimate = figures(covariance_of(moments(cases))[None])[0] if cases.n > 1 else _nan(count)
    if made is None or cases.n < 2:
        declared = None if made is None else made.declared
        none = np.zeros(count, dtype=np.int64)
        return Spread(tuple(names), estimate, _nan(count), cases.df, none, declared, (), limits)
    values = figures(covariance_of(replicate_moments(cases, made)))
    known = np.isfinite(values)
    return Spread(
        names=tuple(names),
        estimate=estimate,
        se=_errors(made, values, known, estimate),
        df=made.design_freedom(cases.df),
        used=known.sum(axis=0),
        declared=made.declared,
        cautions=cautions_of(cases.sample, made),
        limits=limits,
    )


def _errors(made: Replicates, values: Floats, known: Floats, estimate: Floats) -> Floats:
    """(C,) standard errors."""
    se = _nan(len(estimate))
    for place, there in enumerate(known.T):
        if math.isnan(estimate[place]) or not there.any():
            continue
        if not there.all() and made.kind is not Kind.BOOTSTRAP:
            continue
        centre = estimate[place] if made.mse else values[there, place].mean()
        filled = np.where(there, values[:, place], centre)[:, None]
        variance = float(made.covariance(filled, np.array([centre]))[0, 0])
        se[place] = math.sqrt(max(variance, 0.0) * made.count / there.sum())
    return se


def _nan(count: int) -> Floats:
    return np.full(count, np.nan)


def _products(cases: CompleteCases) -> tuple[Floats, Floats]:
    """(n, J+1) a constant and the centred answers, and the same times the weight."""
    y = np.column_stack([np.ones(cases.n), cases.values - cases.values.mean(axis=0)])
    return y, y * cases.weight[:, None]


def moments(cases: CompleteCases) -> Floats:
    """(J+1, J+1) sums of w·(1, y)(1, y)', y less its unweighted mean."""
    y, weighted = _products(cases)
    return np.asarray(y.T @ weighted, dtype=np.float64)


def replicate_moments(cases: CompleteCases, made: Replicates) -> Floats:
    """(R, J+1, J+1) `moments` with the weights of each replicate."""
    y, weighted = _products(cases)
    size = y.shape[1]
    found = np.empty((made.count, size, size))
    for i in range(size):
        columns = i + 1
        rows, column = np.repeat(cases.rows, columns), np.tile(np.arange(columns), cases.n)
        value = (weighted[:, i : i + 1] * y[:, :columns]).ravel()
        found[:, i, :columns] = made.totals(cases.sample.psu, rows, column, value, columns)
        found[:, :columns, i] = found[:, i, :columns]
    return found


def covariance_of(moment: Floats) -> Floats:
    """(…, J, J) covariances, divisor sum w, of (…, J+1, J+1) moments; nan without weight."""
    size = moment[..., 0, 0]
    size = np.where(size > 0, size, np.nan)[..., None, None]
    mean = moment[..., 1:, :1] / size
    found = moment[..., 1:, 1:] / size - mean * mean.swapaxes(-1, -2)
    return np.asarray(found, dtype=np.float64)


def share_limits(estimate: float, se: float, df: float, level: float) -> Interval:
    """Interval for a share between 0 and 1, on the logit scale."""
    if not 0 < estimate < 1:
        return not_available("at_its_bound")
    return logit_interval(estimate, 1.0, se, df, level)


def reliability_limits(estimate: float, se: float, df: float, level: float) -> Interval:
    """Interval for a reliability, at most 1, symmetric in ln(1 - reliability).

    References
    ----------
    Bonett (2002), Journal of Educational and Behavioral Statistics 27, 335-340.
    """
    if estimate >= 1:
        return not_available("at_its_bound")
    low, high, reason = t_interval(math.log(1 - estimate), se / (1 - estimate), df, level)
    return Interval(1 - math.exp(high), 1 - math.exp(low), reason)
