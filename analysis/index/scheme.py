"""The scoring scheme: which answers give how many points, and the rules for awkward cells."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from analysis.errors import SchemeError
from analysis.exact import Number
from analysis.index.leaves import (
    Leaf,
    check_leaf,
    leaf_dict,
    need,
    read_leaf,
    refuse_repeated,
    refuse_unknown,
)
from analysis.index.options import Options
from analysis.index.result import IndexResult
from analysis.index.score import score_leaves
from analysis.index.tally import Fallback
from analysis.totals import GroupStatistics


@dataclass(frozen=True, slots=True)
class IndexScheme:
    """Leaves, coefficients, weights and rules by which answers become points.

    Parameters
    ----------
    leaves : survey leaves, each code once
    options : rules for pooling, missing answers, small groups, rounding and ranks

    Raises
    ------
    SchemeError
        if a set of weights does not add up to exactly 1, a coefficient is outside [0, 1], points
        are not above 0, a code occurs twice, or pooled groups differ in their questions

    Examples
    --------
    >>> scheme = IndexScheme.from_dict({"leaves": [{"code": "1.1", "points": "2", "groups": [
    ...     {"group": "staff", "questions": [
    ...         {"item": "q1", "coefficients": {"1": "1", "2": "0.5", "3": "0"}}]}]}]})
    >>> scheme.maximum
    Fraction(2, 1)
    """

    leaves: tuple[Leaf, ...]
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        if not self.leaves:
            raise SchemeError("no_leaf", "The scheme has no leaf.", "Give it one at least.")
        refuse_repeated([leaf.code for leaf in self.leaves], "leaf", "the scheme")
        for leaf in self.leaves:
            check_leaf(leaf, pooled=self.options.pooled)

    @property
    def maximum(self) -> Fraction:
        """Sum of the leaves' maximum points."""
        return sum((leaf.points for leaf in self.leaves), Fraction(0))

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups that any leaf asks, in the order of their first leaf."""
        return tuple(dict.fromkeys(g.group for leaf in self.leaves for g in leaf.groups))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON with numbers as strings; `from_dict` reads them back."""
        return {
            "leaves": [leaf_dict(leaf) for leaf in self.leaves],
            "options": self.options.to_dict(),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "IndexScheme":
        """Read a scheme; weights that a whole set leaves out are equal."""
        refuse_unknown(plain, {"leaves", "options"}, "the scheme")
        leaves = tuple(read_leaf(leaf) for leaf in need(plain, "leaves", "the scheme"))
        return cls(leaves, Options.from_dict(plain.get("options") or {}))

    def digest(self) -> str:
        """SHA-256 of the scheme in canonical JSON."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def score(
        self,
        statistics: Mapping[str, GroupStatistics],
        *,
        units: Sequence[str] | None = None,
        last_year: Mapping[tuple[str, str], Number] | None = None,
        manual: Mapping[tuple[str, str], Number] | None = None,
        not_applicable: Collection[tuple[str, str]] = (),
    ) -> IndexResult:
        """Turn answers into points, with their errors.

        Parameters
        ----------
        statistics : per group name its statistics; a group without any may be left out
        units : units to score, in this order; default all that the statistics know, sorted
        last_year : (unit, leaf) to points, for below_min="last_year"; only points that were
            given out of the same maximum say anything
        manual : (unit, leaf) to points, for below_min="manual"
        not_applicable : (unit, leaf) pairs that leave the maximum

        Returns
        -------
        IndexResult

        Raises
        ------
        SchemeError
            if an item is not in its group's codebook, a choice has no coefficient, or a group is
            unknown to the scheme
        DataError
            if points of last year or by decision are not between 0 and the leaf's maximum
        DesignError
            if a stratum has a single PSU and the group's design has no rule for it
        """
        fallback = Fallback.read(last_year, manual, not_applicable)
        fallback.check(self.leaves)
        return score_leaves(self.leaves, self.options, statistics, units, fallback)
