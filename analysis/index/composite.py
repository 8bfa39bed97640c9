"""The whole index of a unit: appraised, survey and external points over the applicable maximum."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from analysis.errors import SchemeError
from analysis.exact import Number, exact, written
from analysis.index.framework import (
    ZERO,
    CompositeLeaf,
    LeafOutcome,
    Mode,
    SurveyNotHeld,
    UnitIndex,
)
from analysis.index.leaves import refuse_repeated
from analysis.index.result import IndexResult
from analysis.index.tally import Place


@dataclass(frozen=True, eq=False)
class CompositeResult:
    """Composites of several units, with the survey's error carried through.

    Parameters
    ----------
    results : one per unit
    survey : the scored survey, None if points were given
    """

    results: tuple[UnitIndex, ...]
    survey: IndexResult | None

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields in the order of their first leaf."""
        return tuple(dict.fromkeys(o.leaf.field for r in self.results for o in r.outcomes))

    @property
    def mean_index(self) -> Fraction | None:
        """Mean of the units' unrounded indices, None if no unit has one."""
        known = [r.index for r in self.results if r.index is not None]
        return sum(known, ZERO) / len(known) if known else None

    @property
    def indices(self) -> dict[str, Fraction | None]:
        """Unit to exact index."""
        return {r.unit: r.index for r in self.results}

    @property
    def units(self) -> pd.DataFrame:
        """One row a unit: parts, points, maximum, index, error and interval of the index."""
        return pd.DataFrame([self._unit_row(r) for r in self.results], columns=_UNIT, dtype=object)

    @property
    def components(self) -> pd.DataFrame:
        """One row a unit and field: points, applicable maximum, percent and its error."""
        rows = [self._field_row(r, field) for r in self.results for field in self.fields]
        return pd.DataFrame(rows, columns=_FIELD, dtype=object)

    @property
    def leaves(self) -> pd.DataFrame:
        """One row a unit and leaf."""
        rows = [
            (
                r.unit,
                o.leaf.code,
                o.leaf.field,
                str(o.leaf.mode),
                o.leaf.points,
                o.points,
                o.applicable,
                o.reason,
            )
            for r in self.results
            for o in r.outcomes
        ]
        columns = ["unit", "leaf", "field", "mode", "max_points", "points", "applicable", "reason"]
        return pd.DataFrame(rows, columns=columns, dtype=object)

    def _unit_row(self, r: UnitIndex) -> tuple[object, ...]:
        flags = ["points_missing"] * bool(r.missing) + ["without_survey"] * r.without_survey
        flags += [o.reason for o in r.outcomes if o.reason]
        parts = (r.of_mode(Mode.APPRAISED), r.of_mode(Mode.SURVEY), r.of_mode(Mode.EXTERNAL))
        whole = (r.bonus, r.penalty, r.points, r.maximum, r.index)
        end = (r.without_survey, r.missing, tuple(dict.fromkeys(flags)))
        return (r.unit, *parts, *whole, *self._error(r), *end)

    def _error(self, r: UnitIndex) -> tuple[float, float, float, float, float, str]:
        """Error of the survey and the index, df, limits of the index, and why there are none."""
        nan = math.nan
        if self.survey is None or r.without_survey or r.unit not in self.survey.unit_codes:
            return nan, nan, nan, nan, nan, "no_sampling_error_known"
        precision = self.survey.precision_of(r.unit)
        surveyed, points = self.survey.points_of(r.unit), r.points
        if points is None or surveyed is None or r.maximum == 0:
            return precision.se, nan, precision.df, nan, nan, "index_incomplete"
        per_point = 100 / float(r.maximum)
        low, high, reason = precision.interval()
        rest = float(points - surveyed)
        limits = ((rest + low) * per_point, (rest + high) * per_point)
        return precision.se, precision.se * per_point, precision.df, *limits, reason

    def _field_row(self, r: UnitIndex, field: str) -> tuple[object, ...]:
        points, maximum = r.of_field(field)
        percent = None if points is None or maximum == 0 else points / maximum * 100
        return (r.unit, field, points, maximum, percent, self._field_se(r, field, maximum))

    def _field_se(self, r: UnitIndex, field: str, maximum: Fraction) -> float:
        """Error of a field's percent; 0 if no survey leaf is in it, nan if not known."""
        surveyed = [
            o.leaf.code
            for o in r.outcomes
            if o.applicable and o.leaf.field == field and o.leaf.mode is Mode.SURVEY
        ]
        if not surveyed:
            return 0.0
        if self.survey is None or maximum == 0:
            return math.nan
        place = [self.survey.leaf_codes.index(code) for code in surveyed]
        block = self.survey.leaf_covariance(r.unit)[np.ix_(place, place)]
        return math.sqrt(max(float(block.sum()), 0.0)) / float(maximum) * 100


_UNIT = [
    "unit", "appraised", "survey", "external", "bonus", "penalty", "points", "max_points", "index",
    "survey_se", "index_se", "df", "index_ci_low", "index_ci_high", "interval_reason",
    "without_survey", "missing", "flags",
]  # fmt: skip
_FIELD = ["unit", "field", "points", "max_points", "percent", "percent_se"]


def compose(
    leaves: Sequence[CompositeLeaf],
    units: Sequence[str],
    points: Mapping[Place, Number],
    survey: IndexResult | None = None,
    *,
    not_applicable: Collection[Place] = (),
    bonus: Mapping[str, Number] | None = None,
    penalty: Mapping[str, Number] | None = None,
    bonus_cap: Number | None = None,
    penalty_cap: Number | None = None,
    survey_not_held: str = SurveyNotHeld.ERROR,
) -> CompositeResult:
    """Bring appraised, survey and external points together.

    Parameters
    ----------
    leaves : every leaf of the framework
    units : units, in the order of the result
    points : (unit, leaf) to points of appraised and external leaves; of survey leaves too where
        `survey` is None
    survey : the scored survey
    not_applicable : (unit, leaf) pairs that leave the maximum
    bonus, penalty : unit to points of 0 or more, cut at their cap
    survey_not_held : "error", or "leave_out": survey leaves leave the maximum of a unit that the
        survey does not know, and the index is marked

    Returns
    -------
    CompositeResult

    Raises
    ------
    SchemeError
        if points lie outside 0 … maximum, a leaf or unit is unknown, the survey's leaves differ
        from the framework's, or no survey speaks about a unit under "error"

    Notes
    -----
    index = (appraised + survey + external + bonus - penalty) / applicable maximum x 100, all
    exact. Only the survey part has sampling error; it is carried over unchanged.

    Examples
    --------
    >>> leaves = [CompositeLeaf("A", "1", "appraised", "62.5"),
    ...           CompositeLeaf("X", "1", "survey", "37.5")]
    >>> found = compose(leaves, ["MIC"], {("MIC", "A"): "58.76", ("MIC", "X"): "27.99"})
    >>> found.results[0].index == Fraction("86.75")
    True
    """
    known = {leaf.code: leaf for leaf in leaves}
    refuse_repeated([leaf.code for leaf in leaves], "leaf", "the framework")
    refuse_repeated(list(units), "unit", "the list of units")
    if survey is not None:
        _check_survey(known, survey)
    given = _given(known, units, points)
    away = set(not_applicable)
    rule = SurveyNotHeld(survey_not_held)
    extras = (
        _extras("bonus", bonus, bonus_cap, units),
        _extras("penalty", penalty, penalty_cap, units),
    )
    results = []
    for unit in units:
        held = _held(unit, leaves, given, survey, away)
        if not held and rule is SurveyNotHeld.ERROR:
            raise SchemeError(
                "survey_not_held",
                f"No survey speaks about unit {unit!r}.",
                "Choose survey_not_held='leave_out', or give its points.",
                unit=unit,
            )
        outcomes = tuple(_outcome(leaf, unit, given, survey, away, held=held) for leaf in leaves)
        silent = not held or _none_scored(outcomes)
        results.append(UnitIndex(unit, outcomes, extras[0][unit], extras[1][unit], silent))
    return CompositeResult(tuple(results), survey)


def _check_survey(known: Mapping[str, CompositeLeaf], survey: IndexResult) -> None:
    scored = {leaf.code: leaf.points for leaf in survey.leaves}
    asked = {code: leaf.points for code, leaf in known.items() if leaf.mode is Mode.SURVEY}
    for code in sorted(scored.keys() | asked.keys()):
        if scored.get(code) != asked.get(code):
            raise SchemeError(
                "leaves_differ",
                f"Survey leaf {code!r} is not the same in the framework and the scored scheme.",
                "Score with the scheme of this framework version.",
                leaf=code,
            )


def _given(
    known: Mapping[str, CompositeLeaf], units: Sequence[str], points: Mapping[Place, Number]
) -> dict[Place, Fraction]:
    """Points read exactly and checked against the leaf's maximum."""
    given = {}
    for (unit, code), value in points.items():
        if code not in known or unit not in units:
            raise SchemeError(
                "unknown_place",
                f"Points are given for unit {unit!r} and leaf {code!r}, which are not both known.",
                "Correct the codes.",
                unit=unit,
                leaf=code,
            )
        number = exact(value, f"points of unit {unit}, leaf {code}")
        if not 0 <= number <= known[code].points:
            raise SchemeError(
                "points_out_of_range",
                f"Unit {unit!r} has {written(number)} points on leaf {code!r}, whose maximum is "
                f"{written(known[code].points)}.",
                "Correct the points, or the leaf's maximum.",
                unit=unit,
                leaf=code,
                points=number,
            )
        given[unit, code] = number
    return given


def _extras(
    what: str, values: Mapping[str, Number] | None, cap: Number | None, units: Sequence[str]
) -> dict[str, Fraction]:
    """Bonus or penalty per unit, cut at the cap."""
    limit = None if cap is None else exact(cap, f"cap of {what}")
    found = dict.fromkeys(units, ZERO)
    for unit, value in (values or {}).items():
        number = exact(value, f"{what} of {unit}")
        if number < 0 or unit not in found:
            raise SchemeError(
                "bad_extra",
                f"The {what} of unit {unit!r} is {written(number)}.",
                "Give a known unit 0 or more points.",
                unit=unit,
            )
        found[unit] = number if limit is None else min(number, limit)
    return found


def _held(
    unit: str,
    leaves: Sequence[CompositeLeaf],
    given: Mapping[Place, Fraction],
    survey: IndexResult | None,
    away: Collection[Place],
) -> bool:
    """Whether a survey speaks about the unit, or no survey leaf applies to it."""
    asked = [
        leaf.code for leaf in leaves if leaf.mode is Mode.SURVEY and (unit, leaf.code) not in away
    ]
    if not asked:
        return True
    if survey is not None:
        return unit in survey.unit_codes
    return any((unit, code) in given for code in asked)


def _none_scored(outcomes: Sequence[LeafOutcome]) -> bool:
    """Whether a survey spoke about the unit and could score none of its leaves."""
    reasons = {o.reason for o in outcomes if o.leaf.mode is Mode.SURVEY}
    return "leaf_not_scored" in reasons and "" not in reasons


def _outcome(
    leaf: CompositeLeaf,
    unit: str,
    given: Mapping[Place, Fraction],
    survey: IndexResult | None,
    away: Collection[Place],
    *,
    held: bool,
) -> LeafOutcome:
    if (unit, leaf.code) in away:
        return LeafOutcome(leaf, None, applicable=False, reason="not_applicable")
    if leaf.mode is not Mode.SURVEY:
        return LeafOutcome(leaf, given.get((unit, leaf.code)), applicable=True)
    if not held:
        return LeafOutcome(leaf, None, applicable=False, reason="survey_not_held")
    if survey is None:
        return LeafOutcome(leaf, given.get((unit, leaf.code)), applicable=True)
    points = survey.leaf_points(unit, leaf.code)
    if points is None:
        return LeafOutcome(leaf, None, applicable=False, reason="leaf_not_scored")
    return LeafOutcome(leaf, points, applicable=True)
