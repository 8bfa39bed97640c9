"""The change of units between two waves, with its tests."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.design import Inference
from analysis.errors import SchemeError
from analysis.estimation.differences import Differences
from analysis.estimation.freedom import degrees_of_freedom, satterthwaite
from analysis.exact import Number, exact
from analysis.index.contrasts import Contrast, contrast_interval
from analysis.index.precision import NOTHING
from analysis.index.tidy import tidy
from analysis.sample import Bools, Floats, Sample


@dataclass(frozen=True, eq=False)
class Term:
    """One independent part of the variance of U changes.

    Parameters
    ----------
    group : name
    waves : "later", "earlier", or "both" where PSUs are shared
    cov : (U, U) points squared
    df : (U,) degrees of freedom
    sample, answered : PSUs, and (P, U) above 0 where they spoke of the unit
    common : PSUs that both waves have
    """

    group: str
    waves: str
    cov: Floats
    df: Floats
    sample: Sample
    answered: sparse.csr_array
    common: int = 0

    def df_of(self, units: Sequence[int]) -> int:
        """Degrees of freedom of a combination of units."""
        touched = np.asarray(self.answered[:, list(units)].sum(axis=1)).ravel() > 0
        return degrees_of_freedom(self.sample, touched)


@dataclass(frozen=True, eq=False)
class Change:
    """Change of U units from an earlier wave to a later one.

    Parameters
    ----------
    units : units of both waves, in the order of the later one
    earlier, later, change : U exact points and their difference; no difference where points are
        missing, or where the unit was scored on other leaves in the other wave
    different : (U,) units scored on other leaves in the other wave
    complete : (U,) everybody was asked and counted in both waves
    terms : independent parts of the variance
    leaves : that count
    maximum : largest points that a unit can have
    level : of the intervals
    inference : whom the tests speak of
    """

    units: tuple[str, ...]
    earlier: tuple[Fraction | None, ...]
    later: tuple[Fraction | None, ...]
    change: tuple[Fraction | None, ...]
    different: Bools
    complete: Bools
    terms: tuple[Term, ...]
    leaves: tuple[str, ...]
    maximum: float
    level: float
    inference: Inference

    @property
    def cov(self) -> pd.DataFrame:
        """(U, U) covariance of the changes, points squared, labelled."""
        size = len(self.units)
        found = sum((term.cov for term in self.terms), np.zeros((size, size)))
        return pd.DataFrame(found, index=list(self.units), columns=list(self.units))

    @property
    def df(self) -> Floats:
        """(U,) degrees of freedom, by Satterthwaite over the terms."""
        variance = np.array([np.diag(term.cov) for term in self.terms])
        df = np.array([term.df for term in self.terms])
        columns = range(len(self.units))
        found = [satterthwaite(np.maximum(variance[:, u], 0), df[:, u]) for u in columns]
        return np.array(found, dtype=np.float64)

    @property
    def se(self) -> Floats:
        """(U,) standard errors; nan where there is no change to tell."""
        return self.tests.se

    @property
    def shared(self) -> tuple[str, ...]:
        """Groups whose PSUs or persons the waves have in common."""
        return tuple(term.group for term in self.terms if term.waves == "both")

    @property
    def tests(self) -> Differences:
        """The changes held against 0, each alone and all together."""
        value = np.array([math.nan if v is None else float(v) for v in self.change])
        se = np.sqrt(np.maximum(np.diag(self.cov.to_numpy()), 0.0))
        se = np.where(np.isnan(value), np.nan, np.where(se > NOTHING * self.maximum, se, 0.0))
        return Differences(self.units, value, se, self.df, self.complete, self.level)

    @property
    def convention(self) -> str:
        """What a reader of the figures must know."""
        joint = ", ".join(f"{t.group} ({t.common} PSUs)" for t in self.terms if t.waves == "both")
        apart = "samples of the two waves are independent"
        return (
            f"change: {f'PSUs shared between the waves in {joint}' if joint else apart}; "
            f"inference {self.inference}; Satterthwaite degrees of freedom over groups and waves"
        )

    @property
    def table(self) -> pd.DataFrame:
        """One row a unit: points of both waves, change, interval, test, adjusted probabilities.

        `reason` says why there is no test: "not_scored", "different_leaves", "census" (a fact),
        "no_degrees_of_freedom", or "zero_variance". `rule` names the adjusted column to read.
        """
        tests = self.tests.table.drop(columns=["name", "difference", "reason"])
        points = zip(self.units, self.earlier, self.later, self.change, strict=True)
        named = tidy(list(points), ["unit", "points_earlier", "points", "change"])
        pairs = zip(self.different, self.tests.reason, strict=True)
        reason = ["different_leaves" if other else reason for other, reason in pairs]
        return pd.concat([named, tests, pd.Series(reason, name="reason", dtype=object)], axis=1)

    def contrast(self, coefficients: Mapping[str, Number], level: float | None = None) -> Contrast:
        """Combine the changes of several units, such as {"A": 1, "B": -1}, or their mean.

        Parameters
        ----------
        coefficients : unit to factor
        level : probability of cover; default that of the intervals

        Raises
        ------
        SchemeError
            if a unit is not in both waves

        Notes
        -----
        Variance a'Va with the covariances between units; degrees of freedom by Satterthwaite
        over the terms, each counting the PSUs that spoke of any of the units.
        """
        factor = {self._index(unit): exact(value) for unit, value in coefficients.items()}
        changes = [self.change[unit] for unit in factor]
        if any(value is None for value in changes):
            return Contrast(None, math.nan, math.nan, math.nan, math.nan, None, "not_scored")
        terms = zip(factor.values(), changes, strict=True)
        estimate = sum((a * v for a, v in terms if v is not None), Fraction(0))
        used = [unit for unit, value in factor.items() if value]
        a = np.array([float(factor[unit]) for unit in used])
        variance = [max(float(a @ t.cov[np.ix_(used, used)] @ a), 0.0) for t in self.terms]
        df = satterthwaite(np.array(variance), np.array([float(t.df_of(used)) for t in self.terms]))
        se = math.sqrt(sum(variance))
        se = se if se > NOTHING * self.maximum else 0.0
        whole = bool(self.complete[used].all())
        low, high, reason = contrast_interval(
            float(estimate), se, df, self.level if level is None else level, complete=whole
        )
        apart = None if math.isnan(low) else not low <= 0 <= high
        return Contrast(estimate, se, df, low, high, apart, reason)

    def _index(self, unit: str) -> int:
        if unit not in self.units:
            raise SchemeError(
                "unknown_unit",
                f"Unit {unit!r} is not in both waves.",
                f"Both have {', '.join(self.units[:20])}.",
                unit=unit,
            )
        return self.units.index(unit)
