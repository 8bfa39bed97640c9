"""The framework's leaves, and one unit's points on them, exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from analysis.errors import SchemeError
from analysis.exact import Number, exact

ZERO = Fraction(0)


class Mode(StrEnum):
    """How a leaf gets its points."""

    APPRAISED = "appraised"
    SURVEY = "survey"
    EXTERNAL = "external"


class SurveyNotHeld(StrEnum):
    """What happens to survey leaves of a unit that no survey speaks about."""

    ERROR = "error"
    LEAVE_OUT = "leave_out"


@dataclass(frozen=True)
class CompositeLeaf:
    """A leaf of the framework.

    Parameters
    ----------
    code, field : its code and that of its field
    mode : how it gets its points
    points : maximum, above 0
    """

    code: str
    field: str
    mode: Mode
    points: Fraction

    def __init__(self, code: str, field: str, mode: str, points: Number) -> None:
        if mode not in set(Mode):
            raise SchemeError(
                "unknown_choice",
                f"Leaf {code!r} has the mode {mode!r}.",
                f"Choose one of {', '.join(Mode)}.",
                leaf=code,
            )
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "field", field)
        object.__setattr__(self, "mode", Mode(mode))
        object.__setattr__(self, "points", exact(points, f"points of leaf {code}"))


@dataclass(frozen=True, slots=True)
class LeafOutcome:
    """Points of one unit on one leaf; `applicable` is false where the leaf leaves the maximum."""

    leaf: CompositeLeaf
    points: Fraction | None
    applicable: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UnitIndex:
    """The composite of one unit, exact.

    Parameters
    ----------
    unit : unit code
    outcomes : its leaves
    bonus, penalty : points, 0 or more, after their caps
    without_survey : the survey leaves were left out since no survey was held, or none was scored
    """

    unit: str
    outcomes: tuple[LeafOutcome, ...]
    bonus: Fraction
    penalty: Fraction
    without_survey: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """Applicable leaves without points."""
        return tuple(o.leaf.code for o in self.outcomes if o.applicable and o.points is None)

    @property
    def maximum(self) -> Fraction:
        """Applicable maximum."""
        return sum((o.leaf.points for o in self.outcomes if o.applicable), ZERO)

    @property
    def points(self) -> Fraction | None:
        """Sum of all points, None while any applicable leaf lacks them."""
        if self.missing:
            return None
        known = (o.points for o in self.outcomes if o.applicable and o.points is not None)
        return sum(known, ZERO) + self.bonus - self.penalty

    @property
    def index(self) -> Fraction | None:
        """Points over applicable maximum, times 100."""
        points = self.points
        return None if points is None or self.maximum == 0 else points / self.maximum * 100

    def of_mode(self, mode: Mode) -> Fraction | None:
        """Points over the applicable leaves of one mode; None if one lacks them, or none is."""
        return _total([o for o in self.outcomes if o.applicable and o.leaf.mode is mode])

    def of_field(self, field: str) -> tuple[Fraction | None, Fraction]:
        """Points and applicable maximum of one field."""
        inside = [o for o in self.outcomes if o.applicable and o.leaf.field == field]
        return _total(inside), sum((o.leaf.points for o in inside), ZERO)


def _total(outcomes: Sequence[LeafOutcome]) -> Fraction | None:
    points = [o.points for o in outcomes if o.points is not None]
    return sum(points, ZERO) if points and len(points) == len(outcomes) else None
