"""Any statistic in every replicate: its error where no formula is at hand."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.design import SurveyDesign
from analysis.errors import DataError, DesignError
from analysis.estimation.census import census_rows
from analysis.estimation.intervals import not_available, t_interval
from analysis.estimation.replication.bound import Caution, Replicates
from analysis.estimation.replication.declared import Kind, ReplicateWeights
from analysis.estimation.replication.figures import empty_replicate
from analysis.sample import Floats, Sample, bind

Statistic = Callable[[Floats], npt.ArrayLike]
TAIL = 5  # replicates that must lie beyond a percentile limit for it to mean something


@dataclass(frozen=True, eq=False)
class Replicated:
    """C figures, with what R replicates say of their error.

    Parameters
    ----------
    names : C names
    estimate : (C,) figures of the full sample
    values : (R, C) figures by replicate
    cov : (C, C) covariance
    df : (C,) degrees of freedom
    kind : of the replicates; "other" where several are joined
    declared : what they were made or read by, one a group
    few_psus : whether some stratum has fewer than 5 PSUs; None where that is not known
    cautions : what a reader must know
    """

    names: tuple[str, ...]
    estimate: Floats
    values: Floats
    cov: Floats
    df: Floats
    kind: Kind
    declared: tuple[ReplicateWeights, ...]
    few_psus: bool | None
    cautions: tuple[Caution, ...]

    @property
    def se(self) -> Floats:
        """(C,) standard errors, nan where there is no estimate."""
        se = np.sqrt(np.maximum(np.diag(self.cov), 0))
        return np.where(np.isnan(self.estimate), np.nan, se)

    def frame_of_cov(self) -> pd.DataFrame:
        """Covariance with the names on rows and columns."""
        return pd.DataFrame(self.cov, index=list(self.names), columns=list(self.names))

    def intervals(self, level: float = 0.95, df: float | None = None) -> pd.DataFrame:
        """Symmetric t intervals, or the reason why there are none.

        Returns
        -------
        DataFrame indexed by name: ci_low, ci_high, reason
        """
        freedom = self.df.tolist() if df is None else [df] * len(self.names)
        rows = [
            t_interval(e, s, d, level)
            for e, s, d in zip(self.estimate.tolist(), self.se.tolist(), freedom, strict=True)
        ]
        return _limits(rows, self.names)

    def percentiles(self, level: float = 0.95) -> pd.DataFrame:
        """Limits between which the bootstrap's values lie: a description, rarely an interval.

        Returns
        -------
        DataFrame indexed by name: ci_low, ci_high, reason. There are none, with the reason
        "not_a_bootstrap", "few_psus" where a stratum has fewer than 5, "psus_unknown" where
        supplied weights do not tell, "few_replicates" where fewer than 5 would lie beyond a limit

        Notes
        -----
        Quantiles (1 - level)/2 and (1 + level)/2 of the replicates. With few PSUs they cover too
        little and, for scores near a bound, on one side: prefer `intervals`.

        References
        ----------
        Rao and Wu (1988), JASA 83, 231-241, sec. 4. Shao and Tu (1995), The Jackknife and
        Bootstrap, sec. 6.3.
        """
        reason = self._refused(level)
        if reason:
            return _limits([not_available(reason)] * len(self.names), self.names)
        tail = (1 - level) / 2
        low, high = np.quantile(self.values, [tail, 1 - tail], axis=0)
        rows = list(zip(low.tolist(), high.tolist(), [""] * len(low), strict=True))
        return _limits(rows, self.names)

    def _refused(self, level: float) -> str:
        if self.kind is not Kind.BOOTSTRAP:
            return "not_a_bootstrap"
        if self.few_psus is not False:
            return "psus_unknown" if self.few_psus is None else "few_psus"
        beyond = round(len(self.values) * (1 - level) / 2, 9)
        return "few_replicates" if beyond < TAIL else ""

    def rank_frequencies(self) -> pd.DataFrame:
        """Share of the bootstrap's replicates in which a figure has each rank, 1 for the largest.

        Returns
        -------
        DataFrame: figures by rank 1 … C; each row adds up to 1

        Raises
        ------
        DesignError
            if the replicates are no bootstrap

        Notes
        -----
        Ties share the best rank. A description of how ranks move, not a confidence set: the
        replicates lie around the estimate, so that the shares exaggerate its own order.
        """
        if self.kind is not Kind.BOOTSTRAP:
            raise DesignError(
                "not_a_bootstrap",
                f"Replicates of kind {str(self.kind)!r} do not show how often a rank occurs.",
                "Choose kind='bootstrap'.",
            )
        known = np.flatnonzero(~np.isnan(self.estimate))
        values = self.values[:, known]
        counts = np.zeros((len(known), len(known)))
        for row in values:
            ordered = np.sort(row)
            rank = len(row) - np.searchsorted(ordered, row, side="right")
            counts[np.arange(len(row)), rank] += 1
        names = [self.names[i] for i in known.tolist()]
        ranks = pd.RangeIndex(1, len(known) + 1, name="rank")
        return pd.DataFrame(counts / max(len(values), 1), index=names, columns=ranks)

    def contrast(self, coefficients: dict[str, float]) -> tuple[float, float]:
        """Estimate and standard error of a linear combination of the figures."""
        a = np.array([coefficients.get(name, 0.0) for name in self.names])
        unknown = sorted(set(coefficients) - set(self.names))
        if unknown:
            raise DataError(
                "unknown_cell",
                f"There is no figure {unknown[0]!r}.",
                f"The figures are: {', '.join(self.names[:20])}.",
                cell=unknown[0],
            )
        used = a != 0
        variance = float(a[used] @ self.cov[np.ix_(used, used)] @ a[used])
        return float(a[used] @ self.estimate[used]), math.sqrt(max(variance, 0.0))


def _limits(rows: Sequence[tuple[float, float, str]], names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["ci_low", "ci_high", "reason"], index=list(names))


def replicate(
    data: pd.DataFrame,
    design: SurveyDesign,
    statistic: Statistic,
    *,
    replicates: ReplicateWeights | None = None,
    names: Sequence[str] = (),
) -> Replicated:
    """Compute a statistic with the sampling weights and with those of every replicate.

    Parameters
    ----------
    data : n rows
    design : how they were drawn
    statistic : function of (n,) weights, in the order of the rows, that gives a number or C of
        them; weights may be 0
    replicates : replaces those of the design; without either JKn, or JK1 in one stratum
    names : C names; default "1", "2", …

    Returns
    -------
    Replicated

    Raises
    ------
    DataError
        if the statistic has no value in some replicate
    DesignError
        see `analysis.estimation.replication.making.make_replicates`

    Notes
    -----
    Right for smooth functions of weighted sums. For medians and ranks the jackknife is
    inconsistent: use the bootstrap or balanced halves.

    References
    ----------
    Shao and Tu (1995), The Jackknife and Bootstrap, ch. 6. Lumley (2010), Complex Surveys, sec.
    2.3.

    Examples
    --------
    >>> answers = pd.DataFrame({"y": [1.0, 2.0, 3.0, 6.0]})
    >>> def mean(weight):
    ...     return weight @ answers.y / weight.sum()
    >>> found = replicate(answers, SurveyDesign(), mean)
    >>> float(found.estimate[0]), round(float(found.se[0]), 6)
    (3.0, 1.080123)
    """
    asked = design if replicates is None else replace(design, replicates=replicates)
    return replicate_sample(bind(asked, data), statistic, names=names)


def bootstrap(
    data: pd.DataFrame,
    design: SurveyDesign,
    statistic: Statistic,
    *,
    seed: int,
    count: int = 1000,
    names: Sequence[str] = (),
) -> Replicated:
    """Bootstrap a statistic by Rao and Wu's rescaling, squares around the estimate.

    Parameters
    ----------
    data, design, statistic, names : as in `replicate`
    seed : of the draw; equal seeds give equal results
    count : replicates

    Returns
    -------
    Replicated, which also has `percentiles` and `rank_frequencies`

    Raises
    ------
    DataError, DesignError
        as `replicate`

    Notes
    -----
    n_h - 1 of the n_h PSUs of each stratum are drawn with replacement, and weights rescaled so
    that the variance of a total is unbiased. With fewer than 5 PSUs in a stratum the error of a
    ratio runs 2 to 22 % high, which is a caution of the result.

    References
    ----------
    Rao, Wu and Yue (1992), Survey Methodology 18, 209-217.

    Examples
    --------
    >>> answers = pd.DataFrame({"y": [float(value) for value in range(40)]})
    >>> found = bootstrap(answers, SurveyDesign(), lambda w: w @ answers.y / w.sum(), seed=7)
    >>> bool(abs(found.se[0] / 1.848 - 1) < 0.1)
    True
    """
    declared = ReplicateWeights(kind=Kind.BOOTSTRAP, count=count, seed=seed, mse=True)
    return replicate(data, design, statistic, replicates=declared, names=names)


def replicate_sample(
    sample: Sample,
    statistic: Statistic,
    replicates: Replicates | None = None,
    names: Sequence[str] = (),
) -> Replicated:
    """Compute a statistic in every replicate of a sample; the rest as `replicate`.

    Parameters
    ----------
    sample : n rows within their design
    statistic : function of (n,) weights, in the order of the sample's rows
    replicates : replaces those of the sample
    names : C names
    """
    made = replicates or sample.replicates or sample.replicated(usual(sample))
    estimate = _numbers(statistic, sample.weight)
    labels = tuple(names) or tuple(str(c + 1) for c in range(len(estimate)))
    if len(labels) != len(estimate):
        raise DataError(
            "names_do_not_fit",
            f"The statistic gives {len(estimate)} numbers for {len(labels)} names.",
            "Give one name a number.",
        )
    carrier = made.carriers(sample.psu)
    values = np.empty((made.count, len(estimate)))
    for r, factor in enumerate(np.ascontiguousarray(made.factor.T)):
        values[r] = _numbers(statistic, sample.weight * factor[carrier])
    lost = np.isnan(values) & ~np.isnan(estimate)
    if lost.any():
        r, cell = (int(i) for i in np.argwhere(lost)[0])
        raise empty_replicate(labels[cell], r)
    values[:, np.isnan(estimate)] = 0.0
    return Replicated(
        names=labels,
        estimate=estimate,
        values=values,
        cov=made.covariance(values, np.nan_to_num(estimate)),
        df=np.full(len(estimate), float(_freedom(sample, made))),
        kind=made.kind,
        declared=(made.declared,),
        few_psus=made.few_psus,
        cautions=cautions_of(sample, made),
    )


def usual(sample: Sample) -> ReplicateWeights:
    """The jackknife that suits the strata of a sample."""
    return ReplicateWeights(kind=Kind.JK1 if len(sample.strata) == 1 else Kind.JKN)


def _numbers(statistic: Statistic, weight: Floats) -> Floats:
    return np.atleast_1d(np.asarray(statistic(weight), dtype=np.float64))


def _freedom(sample: Sample, made: Replicates) -> int:
    return made.design_freedom(int(sample.n_psu.sum()) - len(sample.strata))


def cautions_of(sample: Sample, made: Replicates) -> tuple[Caution, ...]:
    """What a reader of figures replicated in a sample must know."""
    found = list(made.cautions)
    if sample.calibrations is not None:
        found.append(_CALIBRATION)
    if not made.supplied and census_rows(sample).any():
        found.append(_CENSUS)
    return tuple(found)


_CALIBRATION = Caution(
    "calibration_not_repeated",
    "The replicates do not repeat the calibration of the weights: errors come out too large.",
    "Make replicate weights before weighting and propagate them through its steps.",
)
_CENSUS = Caution(
    "census_blanks_left_out",
    "Replicates leave a complete census as it is: blanks in it add nothing to the error.",
    "Use linearisation where blanks in a census count as chance.",
)
