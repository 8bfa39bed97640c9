"""The outcome of scoring: immutable, exact where it can be, with the errors beside it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import pandas as pd

from analysis.design import Inference
from analysis.errors import SchemeError
from analysis.estimation.freedom import satterthwaite
from analysis.exact import Number, exact
from analysis.index.alternatives import Alternatives, alternatives, usual_choices
from analysis.index.change import change, change_by_leaf
from analysis.index.change_result import Change
from analysis.index.contrasts import Contrast, contrast_interval
from analysis.index.describe import counts_table, excluded_table, groups_table
from analysis.index.leaves import Leaf
from analysis.index.linear import GroupVariance
from analysis.index.options import Options
from analysis.index.precision import NOTHING, Precision
from analysis.index.rank_sets import DRAWS, RankSets
from analysis.index.scored_ranks import ranks_of
from analysis.index.tally import Cell, Part
from analysis.index.tidy import tidy
from analysis.index.unit_pairs import unit_pairs
from analysis.index.variants import Variant
from analysis.index.voices import Voice
from analysis.sample import Floats


class Rescore(Protocol):
    """Scores the statistics of a result again."""

    def __call__(
        self, leaves: Sequence[Leaf], options: Options, inference: Inference | None = None
    ) -> "IndexResult":
        """Points by these leaves and options, with errors of this inference."""


@dataclass(frozen=True, eq=False)
class IndexResult:
    """Points of U units on C survey leaves, with covariance, intervals, counts and flags.

    Every property makes a fresh table, so that nothing a reader does changes the result.

    Parameters
    ----------
    unit_codes : U units
    leaves, options : the scheme that was applied
    parts : per leaf what each group says
    cells : per leaf the outcome of each unit
    voices : per group its rows, after self-ratings and invalid ballots were left out
    variances : per group its covariance; groups are independent
    unit_precision, leaf_precision : what the intervals are made of, U and C x U
    rescore : scores the same statistics by other leaves and options
    """

    unit_codes: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    options: Options
    parts: tuple[tuple[Part, ...], ...]
    cells: tuple[tuple[Cell, ...], ...]
    voices: tuple[Voice, ...]
    variances: tuple[GroupVariance, ...]
    unit_precision: tuple[Precision, ...]
    leaf_precision: tuple[tuple[Precision, ...], ...]
    rescore: "Rescore"

    @property
    def leaf_codes(self) -> tuple[str, ...]:
        """C codes, in the order of the scheme."""
        return tuple(leaf.code for leaf in self.leaves)

    @property
    def maximum(self) -> Fraction:
        """Sum of the leaves' maximum points, whether scored or not."""
        return sum((leaf.points for leaf in self.leaves), Fraction(0))

    def points_of(self, unit: str) -> Fraction | None:
        """Survey component of a unit: exact points over its leaves; None if no leaf has any."""
        found = [cell.points for cell in self._cells_of(unit) if cell.points is not None]
        return sum(found, Fraction(0)) if found else None

    def maximum_of(self, unit: str) -> Fraction:
        """Maximum points of the leaves on which a unit has points."""
        pairs = zip(self.leaves, self._cells_of(unit), strict=True)
        return sum((leaf.points for leaf, cell in pairs if cell.points is not None), Fraction(0))

    def leaf_points(self, unit: str, leaf: str) -> Fraction | None:
        """Exact points of a unit on one leaf."""
        return self._cells_of(unit)[self.leaf_codes.index(leaf)].points

    def precision_of(self, unit: str) -> Precision:
        """What the interval of a unit's survey component is made of."""
        return self.unit_precision[self._index(unit)]

    def leaf_covariance(self, unit: str) -> Floats:
        """(C, C) covariance between a unit's leaves, points squared."""
        index, size = self._index(unit), len(self.leaves)
        return sum((v.leaf_covariance(index) for v in self.variances), np.zeros((size, size)))

    @property
    def units(self) -> pd.DataFrame:
        """One row a unit: survey component with error, 95 % logit-t interval and flags."""
        return tidy([self._unit_row(index) for index in range(len(self.unit_codes))], _UNIT)

    @property
    def criteria(self) -> pd.DataFrame:
        """One row a unit and leaf: score, points, error, interval, status and flags."""
        rows = [
            self._leaf_row(u, c)
            for u in range(len(self.unit_codes))
            for c in range(len(self.leaves))
        ]
        return tidy(rows, _LEAF)

    @property
    def groups(self) -> pd.DataFrame:
        """One row a unit, leaf and group: valid ballots, mean coefficient, weight it has."""
        return groups_table(self.unit_codes, self.leaves, self.parts, self.cells)

    @property
    def counts(self) -> pd.DataFrame:
        """One row a unit, group and item: ballots, and what they answered."""
        return counts_table(self.unit_codes, self.voices)

    @property
    def excluded(self) -> pd.DataFrame:
        """One row a unit and group: rows received, own-unit ratings, invalid ballots, rows used."""
        return excluded_table(self.unit_codes, self.voices)

    @property
    def group_parts(self) -> pd.DataFrame:
        """One row a unit and group: points the group gives, their variance and df."""
        rows = [
            (unit, v.group, float(v.part[u]), float(v.cov[u, u]), float(v.df[u]))
            for u, unit in enumerate(self.unit_codes)
            for v in self.variances
        ]
        return tidy(rows, ["unit", "group", "points", "variance", "df"])

    @property
    def cov(self) -> pd.DataFrame:
        """(U, U) covariance of the survey components, labelled; nan for units without points."""
        matrix = self._covariance()
        missing = [math.isnan(p.points) for p in self.unit_precision]
        matrix[missing, :] = np.nan
        matrix[:, missing] = np.nan
        names = list(self.unit_codes)
        return pd.DataFrame(matrix, index=names, columns=names)

    def intervals(self, level: float = 0.95, method: str = "logit") -> pd.DataFrame:
        """Intervals of the units' survey components.

        Parameters
        ----------
        level : probability of cover, between 0 and 1
        method : "logit" (bounded), or "t" (symmetric, labelled approximate)
        """
        if method not in ("logit", "t"):
            raise SchemeError(
                "unknown_method", f"Interval method {method!r}.", "Choose logit or t."
            )
        rows = []
        for unit, precision in zip(self.unit_codes, self.unit_precision, strict=True):
            low, high, reason = precision.interval(level, method)
            label = "approximate" if method == "t" and not reason else ""
            points = self.points_of(unit)
            rows.append((unit, points, precision.se, precision.df, low, high, reason, label))
        columns = ["unit", "points", "se", "df", "ci_low", "ci_high", "reason", "label"]
        return tidy(rows, columns)

    def contrast(
        self, coefficients: Mapping[str, Number], level: float = 0.95, df: float | None = None
    ) -> Contrast:
        """Estimate a combination of units, such as {"A": 1, "B": -1}, with their covariance.

        Parameters
        ----------
        coefficients : unit to factor
        level : probability of cover, between 0 and 1
        df : degrees of freedom in place of Satterthwaite's over the groups

        Raises
        ------
        SchemeError
            if a unit is unknown

        Notes
        -----
        Variance a'Va. Degrees of freedom of a group: its PSUs with a valid answer about any of
        the units, less their strata.
        """
        factor = {self._index(unit): exact(value) for unit, value in coefficients.items()}
        points = [self.points_of(self.unit_codes[index]) for index in factor]
        if any(p is None for p in points):
            return Contrast(None, math.nan, math.nan, math.nan, math.nan, None, "not_scored")
        estimate = sum(
            (a * p for a, p in zip(factor.values(), points, strict=True) if p is not None),
            Fraction(0),
        )
        used = [index for index, value in factor.items() if value]
        a = np.array([float(factor[index]) for index in used])
        variance = np.array([a @ v.cov[np.ix_(used, used)] @ a for v in self.variances])
        variance = np.maximum(variance, 0.0)
        freedom = np.array([float(v.df_of(used)) for v in self.variances])
        chosen = satterthwaite(variance, freedom) if df is None else df
        se = math.sqrt(variance.sum())
        se = se if se > NOTHING * float(self.maximum) else 0.0
        complete = all(self.unit_precision[index].complete for index in used)
        interval = contrast_interval(float(estimate), se, chosen, level, complete=complete)
        apart = None if math.isnan(interval.low) else not interval.low <= 0 <= interval.high
        return Contrast(estimate, se, chosen, interval.low, interval.high, apart, interval.reason)

    def neighbours(self, order: Sequence[str] | None = None, level: float = 0.95) -> pd.DataFrame:
        """Differences between units that follow each other.

        Parameters
        ----------
        order : units from the first to the last; default by points, highest first
        level : probability of cover of each interval, between 0 and 1

        Returns
        -------
        DataFrame, one row a pair: `distinguishable` is False where the interval of the
        difference holds 0, and None where there is no interval
        """
        rows = []
        for unit, following in pairwise(self.by_points() if order is None else order):
            found = self.contrast({unit: 1, following: -1}, level)
            rows.append((unit, following, *astuple(found)))
        columns = [
            "unit", "next_unit", "difference", "se", "df",
            "ci_low", "ci_high", "distinguishable", "reason",
        ]  # fmt: skip
        return tidy(rows, columns)

    def pairs(self, level: float = 0.95, df: float | None = None) -> pd.DataFrame:
        """Differences of all pairs of units with adjusted tests; see `analysis.index.unit_pairs`.

        Parameters
        ----------
        level : probability of cover of each interval, between 0 and 1
        df : degrees of freedom in place of each pair's own
        """
        return unit_pairs(self.unit_codes, self.unit_precision, self.variances, level=level, df=df)

    def what_if(self, variant: Variant | None = None, **choices: Any) -> "IndexResult":
        """Score the same statistics by another choice of method; no answer is read again.

        Parameters
        ----------
        variant : what differs, or
        choices : the same by name: points, coefficients, group_weights, question_weights, drop,
            options; see `Variant`

        Raises
        ------
        SchemeError
            if the variant does not fit the scheme

        Notes
        -----
        Points from last year or by decision are those of the scheme that was applied.
        """
        chosen = Variant(**choices) if variant is None else variant
        return self.rescore(*chosen.of(self.leaves, self.options))

    def alternatives(
        self, choices: Mapping[str, Variant] | None = None, sets: RankSets | None = None
    ) -> Alternatives:
        """Ranks under other choices of method, beside those that the sample allows.

        Parameters
        ----------
        choices : name to variant; default `analysis.index.alternatives.usual_choices`
        sets : from `ranks`, to stand beside the spread
        """
        usual = usual_choices(self.leaves, pooled=self.options.pooled)
        return alternatives(
            lambda choice: (self if choice is None else self.what_if(choice)).points,
            usual if choices is None else choices,
            sets=sets,
        )

    def under(self, inference: Inference) -> "IndexResult":
        """The same points with the errors of another inference."""
        if all(v.sample.design.inference is inference for v in self.variances):
            return self
        return self.rescore(self.leaves, self.options, inference)

    def only(self, leaves: Sequence[str]) -> "IndexResult":
        """The result of some leaves alone."""
        unknown = [code for code in leaves if code not in self.leaf_codes]
        if unknown:
            raise SchemeError(
                "unknown_leaf",
                f"Leaf {unknown[0]!r} is not in the scheme of both waves.",
                f"Known are {', '.join(self.leaf_codes[:20])}.",
                leaf=unknown[0],
            )
        return self.what_if(drop=[code for code in self.leaf_codes if code not in leaves])

    def compare(self, previous: "IndexResult", **choices: Any) -> Change:
        """Change since an earlier wave; the choices are those of `analysis.index.change.change`."""
        return change(self, previous, **choices)

    def compare_leaves(self, previous: "IndexResult", **choices: Any) -> pd.DataFrame:
        """Change of every leaf; see `analysis.index.change.change_by_leaf`."""
        return change_by_leaf(self, previous, **choices)

    def ranks(
        self, level: float = 0.95, *, seed: int = 0, draws: int = DRAWS, finite: bool = False
    ) -> RankSets:
        """Confidence sets for the units' ranks, from their whole covariance.

        Parameters
        ----------
        level : probability of cover, between 0 and 1
        seed, draws : of the random errors
        finite : sets for this year's lists of persons instead of the performance behind them

        Returns
        -------
        RankSets, see `analysis.index.rank_sets`

        Notes
        -----
        Errors have the degrees of freedom of the 10th percentile of the units'.
        """
        inference = Inference.FINITE if finite else Inference.SUPERPOPULATION
        result = self.under(inference)
        return ranks_of(
            self.unit_codes, result.unit_precision, result.cov.fillna(0.0).to_numpy(),
            level=level, draws=draws, seed=seed, inference=inference,
        )  # fmt: skip

    def by_points(self) -> list[str]:
        """Units that have points, the highest first, ties by code."""
        scored = {unit: points for unit, points in self.points.items() if points is not None}
        return sorted(scored, key=lambda unit: (-scored[unit], unit))

    @property
    def points(self) -> dict[str, Fraction | None]:
        """Exact survey component of each unit, None without points."""
        return {unit: self.points_of(unit) for unit in self.unit_codes}

    def _index(self, unit: str) -> int:
        if unit not in self.unit_codes:
            raise SchemeError(
                "unknown_unit",
                f"Unit {unit!r} was not scored.",
                f"Scored are {', '.join(self.unit_codes[:20])}.",
                unit=unit,
            )
        return self.unit_codes.index(unit)

    def _cells_of(self, unit: str) -> list[Cell]:
        index = self._index(unit)
        return [cells[index] for cells in self.cells]

    def _covariance(self) -> Floats:
        size = len(self.unit_codes)
        return sum((v.cov for v in self.variances), np.zeros((size, size)))

    def _unit_row(self, index: int) -> tuple[object, ...]:
        unit, precision = self.unit_codes[index], self.unit_precision[index]
        points, maximum = self.points_of(unit), self.maximum_of(unit)
        share = None if points is None or maximum == 0 else points / maximum
        flags = dict.fromkeys(flag for cell in self._cells_of(unit) for flag in cell.flags)
        flags |= dict.fromkeys(precision.flags())
        return (unit, points, maximum, share, *_error(precision), tuple(flags))

    def _leaf_row(self, u: int, c: int) -> tuple[object, ...]:
        leaf, cell, precision = self.leaves[c], self.cells[c][u], self.leaf_precision[c][u]
        flags = tuple(dict.fromkeys((*cell.flags, *precision.flags())))
        start = (self.unit_codes[u], leaf.code, leaf.points, cell.score, cell.points)
        return (*start, *_error(precision), str(cell.status), flags)


_ERROR = ["se", "df", "ci_low", "ci_high", "interval_reason", "n", "n_eff", "deff"]
_UNIT = ["unit", "points", "max_points", "share", *_ERROR, "flags"]
_LEAF = ["unit", "leaf", "max_points", "score", "points", *_ERROR, "status", "flags"]


def _error(precision: Precision) -> tuple[object, ...]:
    low, high, reason = precision.interval()
    df = math.nan if math.isnan(precision.points) else precision.df
    return (
        precision.se, df, low, high, reason, precision.n, precision.n_eff, precision.deff,
    )  # fmt: skip
