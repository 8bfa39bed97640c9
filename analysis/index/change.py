"""Change of units' points between two waves, with samples apart, shared, or partly shared."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol, Self

import numpy as np
import pandas as pd
from scipy import special

from analysis.design import Inference, StratumFrame, SurveyDesign
from analysis.errors import DesignError, SchemeError
from analysis.estimation.freedom import degrees_of_freedom, satterthwaite
from analysis.estimation.intervals import t_quantile
from analysis.estimation.multiple import adjust
from analysis.estimation.variance import covariance
from analysis.index.leaves import Leaf
from analysis.index.linear import GroupVariance
from analysis.index.precision import NOTHING
from analysis.index.tidy import tidy
from analysis.sample import bind
from analysis.weights import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Change:
    """Change of U units from an earlier wave to a later one.

    Parameters
    ----------
    units : units of both waves, in the order of the later one
    earlier, later, change : U exact points and their difference, None where one is missing
    cov : (U, U) covariance of the changes, points squared
    df : (U,) degrees of freedom
    maximum : largest points that a unit can have
    level : of the intervals
    shared : groups whose PSUs or persons the waves have in common
    inference : whom the tests speak of
    """

    units: tuple[str, ...]
    earlier: tuple[Fraction | None, ...]
    later: tuple[Fraction | None, ...]
    change: tuple[Fraction | None, ...]
    cov: pd.DataFrame
    df: Floats
    maximum: float
    level: float
    shared: tuple[str, ...]
    inference: Inference

    @property
    def se(self) -> Floats:
        """(U,) standard errors; nan where there is no change to tell."""
        se = np.sqrt(np.maximum(np.diag(self.cov.to_numpy()), 0.0))
        se = np.where(se > NOTHING * self.maximum, se, 0.0)
        return np.where([value is None for value in self.change], np.nan, se)

    @property
    def convention(self) -> str:
        """What a reader of the figures must know."""
        apart = "samples of the two waves are independent"
        joint = f"PSUs shared between the waves in {', '.join(self.shared)}"
        return (
            f"change: {joint if self.shared else apart}; inference {self.inference}; "
            "Satterthwaite degrees of freedom over groups and waves"
        )

    @property
    def table(self) -> pd.DataFrame:
        """One row a unit: points of both waves, change, interval, test, adjusted probabilities.

        `reason` says why there is no test: "not_scored", "no_degrees_of_freedom", or
        "zero_variance". `p_holm` is to be read for up to 50 units, `p_bh` beyond.
        """
        se, value = self.se, np.array([math.nan if v is None else float(v) for v in self.change])
        testable = (se > 0) & (self.df > 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            t = np.where(testable, value / se, np.nan)
        p = np.where(testable, 2 * special.stdtr(np.where(testable, self.df, 1.0), -np.abs(t)), t)
        adjusted = adjust(p)
        rows = []
        for place, unit in enumerate(self.units):
            reach = math.nan
            if testable[place]:
                reach = t_quantile(self.level, float(self.df[place])) * float(se[place])
            rows.append(
                (
                    unit, self.earlier[place], self.later[place], self.change[place],
                    float(se[place]), float(self.df[place]), float(t[place]),
                    value[place] - reach, value[place] + reach,
                    float(p[place]), float(adjusted.holm[place]), float(adjusted.bh[place]),
                    _reason(self.change[place], float(se[place]), float(self.df[place])),
                )
            )  # fmt: skip
        return tidy(rows, _COLUMNS)


_COLUMNS = [
    "unit", "points_earlier", "points", "change", "se", "df", "t", "ci_low", "ci_high",
    "p", "p_holm", "p_bh", "reason",
]  # fmt: skip


def _reason(change: Fraction | None, se: float, df: float) -> str:
    if change is None:
        return "not_scored"
    if df <= 0:
        return "no_degrees_of_freedom"
    return "zero_variance" if se == 0 else ""


class Wave(Protocol):
    """What a comparison needs of a result."""

    @property
    def unit_codes(self) -> tuple[str, ...]:
        """U units."""

    @property
    def leaf_codes(self) -> tuple[str, ...]:
        """C leaves."""

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The leaves as they were scored."""

    @property
    def variances(self) -> tuple[GroupVariance, ...]:
        """Per group its covariance."""

    @property
    def maximum(self) -> Fraction:
        """Largest points."""

    def points_of(self, unit: str) -> Fraction | None:
        """Exact points of a unit."""

    def only(self, leaves: Sequence[str]) -> Self:
        """The result of some leaves alone."""

    def under(self, inference: Inference) -> Self:
        """The same points with the errors of another inference."""


def change(
    later: Wave,
    earlier: Wave,
    *,
    leaves: Sequence[str] | None = None,
    shared: Collection[str] = (),
    inference: Inference | str = Inference.SUPERPOPULATION,
    level: float = 0.95,
) -> Change:
    """Compare two waves of the same index.

    Parameters
    ----------
    later, earlier : results of the two waves
    leaves : leaves that count in both, the bridge; default all, which must then be the same
    shared : groups whose PSU labels mean the same PSUs, or persons, in both waves
    inference : "superpopulation" (claims about performance) or "finite" (about these lists)
    level : probability of cover of the intervals, between 0 and 1

    Returns
    -------
    Change

    Raises
    ------
    SchemeError
        if a leaf differs between the waves in points, questions, coefficients or weights
    DesignError
        if a shared group has PSUs without labels, or strata of different size

    Notes
    -----
    Apart: V = V1 + V2. Shared: z = z2 - z1 of each PSU, 0 where it was not sampled, squared in
    the design of all PSUs of either wave. A stratum has as many PSUs as the larger of the two
    samples and of the PSUs that answered in either.

    References
    ----------
    Kish (1965), Survey Sampling, sec. 12.4; Satterthwaite (1946), Biometrics Bulletin 2.
    """
    chosen = Inference(inference)
    new, old = (_bridged(wave, leaves).under(chosen) for wave in (later, earlier))
    _check_same(new, old)
    units = tuple(unit for unit in new.unit_codes if unit in old.unit_codes)
    terms = _terms(new, old, units, shared, chosen)
    cov = sum((term for term, _ in terms), np.zeros((len(units), len(units))))
    df = [
        satterthwaite(
            np.array([max(term[u, u], 0.0) for term, _ in terms]),
            np.array([freedom[u] for _, freedom in terms]),
        )
        for u in range(len(units))
    ]
    after, before = ([wave.points_of(unit) for unit in units] for wave in (new, old))
    return Change(
        units=units,
        earlier=tuple(before),
        later=tuple(after),
        change=tuple(
            None if a is None or b is None else a - b for a, b in zip(after, before, strict=True)
        ),
        cov=pd.DataFrame(cov, index=list(units), columns=list(units)),
        df=np.array(df),
        maximum=float(new.maximum),
        level=level,
        shared=tuple(v.group for v in new.variances if v.group in shared),
        inference=chosen,
    )


_Term = tuple[Floats, Floats]  # (U, U) covariance and (U,) degrees of freedom


def _bridged(wave: Wave, leaves: Sequence[str] | None) -> Wave:
    if leaves is None:
        return wave
    return wave.only(leaves)


def _check_same(new: Wave, old: Wave) -> None:
    before = {leaf.code: leaf for leaf in old.leaves}
    for leaf in new.leaves:
        if before.pop(leaf.code, None) != leaf:
            raise _different(leaf.code)
    if before:
        raise _different(next(iter(before)))


def _different(leaf: str) -> SchemeError:
    return SchemeError(
        "different_schemes",
        f"Leaf {leaf!r} is not scored the same way in both waves.",
        "Score both waves by one scheme (what_if), or name the leaves that bridge them.",
        leaf=leaf,
    )


def _terms(
    new: Wave,
    old: Wave,
    units: Sequence[str],
    shared: Collection[str],
    inference: Inference,
) -> list[_Term]:
    terms: list[_Term] = []
    before = {v.group: v for v in old.variances}
    at_new, at_old = ([wave.unit_codes.index(unit) for unit in units] for wave in (new, old))
    for v in new.variances:
        if v.group in shared and v.group in before:
            terms.append(_stacked(v, before.pop(v.group), (at_new, at_old), inference))
        else:
            terms.append((v.cov[np.ix_(at_new, at_new)], v.df[at_new]))
    terms += [(v.cov[np.ix_(at_old, at_old)], v.df[at_old]) for v in before.values()]
    return terms


def _stacked(
    new: GroupVariance,
    old: GroupVariance,
    at: tuple[list[int], list[int]],
    inference: Inference,
) -> _Term:
    """Variance of the differences of PSU totals over the PSUs of both waves."""
    waves = [_long(v, columns) for v, columns in zip((new, old), at, strict=True)]
    psus = pd.concat([wave[0] for wave in waves]).drop_duplicates(ignore_index=True)
    sample = bind(_joint_design(new, old, psus, inference), psus)
    place = pd.MultiIndex.from_frame(psus)
    units = len(at[0])
    value, seen = np.zeros((len(psus), units)), np.zeros((len(psus), units), dtype=np.bool_)
    for (labels, totals, answered), sign in zip(waves, (1.0, -1.0), strict=True):
        rows = place.get_indexer(pd.MultiIndex.from_frame(labels))
        value[rows] += sign * totals
        seen[rows] |= answered
    rows, columns = np.nonzero(np.ones_like(seen))
    cov = covariance(sample, rows, columns, value.ravel(), units)
    df = [degrees_of_freedom(sample, _by_psu(sample.psu, seen[:, u])) for u in range(units)]
    return cov, np.array(df, dtype=np.float64)


def _by_psu(psu: Ints, seen: Bools) -> Bools:
    answered = np.zeros(len(psu), dtype=np.bool_)
    answered[psu] = seen
    return answered


def _long(v: GroupVariance, columns: list[int]) -> tuple[pd.DataFrame, Floats, Bools]:
    """Stratum and label of each PSU, its (P, U) totals, and whether it answered."""
    sample = v.sample
    if len(sample.psu_names) != len(sample.psu_stratum):
        raise DesignError(
            "psus_without_labels",
            f"The PSUs of group {v.group!r} have no labels by which the waves could be matched.",
            "Name the column of PSUs, or of ballots, in the design.",
            group=v.group,
        )
    strata = np.array(sample.strata, dtype=object)[sample.psu_stratum]
    labels = pd.DataFrame({"stratum": strata, "psu": sample.psu_names})
    answered = np.asarray(v.answered[:, columns].toarray() > 0)
    return labels, np.asarray(v.scores[:, columns].toarray()), answered


def _joint_design(
    new: GroupVariance, old: GroupVariance, psus: pd.DataFrame, inference: Inference
) -> SurveyDesign:
    sizes: dict[str, tuple[int, float]] = {}
    for v in (new, old):
        sample = v.sample
        for label, n, whole in zip(sample.strata, sample.n_psu, sample.population, strict=True):
            known = sizes.get(label, (0, float(whole)))
            if inference is Inference.FINITE and known[1] != whole:
                raise DesignError(
                    "population_changed",
                    f"Stratum {label!r} of group {v.group!r} has {known[1]:g} PSUs in one wave "
                    f"and {whole:g} in the other.",
                    'Compare with inference="superpopulation".',
                    stratum=label,
                )
            sizes[label] = (max(known[0], int(n)), float(whole))
    seen = psus.groupby("stratum").size()
    frame = {
        label: StratumFrame(
            max(n, int(seen.get(label, 0))), int(whole) if math.isfinite(whole) else None
        )
        for label, (n, whole) in sizes.items()
    }
    lonely = new.sample.design.lonely
    return SurveyDesign(
        strata="stratum", psu="psu", frame=frame, lonely=lonely, inference=inference
    )
