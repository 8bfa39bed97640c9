"""The rules of a scoring scheme, each one a choice printed in the method note."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from fractions import Fraction
from typing import Any

from analysis.errors import SchemeError
from analysis.exact import exact, written
from analysis.report.rounding import Rounding


class Pooling(StrEnum):
    """How the groups of a leaf are brought together."""

    BY_GROUP = "by_group"
    POOLED = "pooled"


class DontKnow(StrEnum):
    """What "don't know" counts for."""

    EXCLUDE = "exclude"
    ZERO = "zero"
    MIDDLE = "middle"


class Blank(StrEnum):
    """What blank answers do to a ballot."""

    EXCLUDE = "exclude"
    INVALIDATE_BALLOT = "invalidate_ballot"


class BelowMinimum(StrEnum):
    """What happens where a group has too few valid ballots."""

    DROP_GROUP = "drop_group"
    LEAF_NOT_SCORED = "leaf_not_scored"
    LAST_YEAR = "last_year"
    MANUAL = "manual"


class NoUsableGroup(StrEnum):
    """What a leaf without any usable group gives."""

    NOT_SCORED = "not_scored"
    ZERO = "zero"


class TieRule(StrEnum):
    """Ranks after a tie: 1, 2, 2, 4 or 1, 2, 2, 3."""

    COMPETITION = "competition"
    DENSE = "dense"


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """Every rule of scoring, rounding and ranking.

    Parameters
    ----------
    pooling : groups weighted apart, or all ballots in one count
    dont_know : left out, coefficient 0, or the middle between the item's lowest and highest
    blank : left out, or a ballot with more than `blank_percent` blanks is invalid
    blank_percent : 0 to 100
    min_valid : valid ballots below which a figure is not shown, for privacy
    min_valid_points : valid ballots per leaf, group and unit below which a group gives no points;
        None means as `min_valid`
    below_min : what happens then
    no_usable_group : leaf leaves the maximum, or counts 0; where `below_min` does not drop groups
        it has decided before
    exclude_self : ratings of a rater's own unit are left out
    rounding, decimals : how reports print points
    rank_precision : None ranks unrounded values, a number those printed with so many decimals
    tie_rule : ranks after a tie
    """

    pooling: Pooling = Pooling.BY_GROUP
    dont_know: DontKnow = DontKnow.EXCLUDE
    blank: Blank = Blank.EXCLUDE
    blank_percent: Fraction = Fraction(50)
    min_valid: int = 5
    min_valid_points: int | None = None
    below_min: BelowMinimum = BelowMinimum.DROP_GROUP
    no_usable_group: NoUsableGroup = NoUsableGroup.NOT_SCORED
    exclude_self: bool = True
    rounding: Rounding = Rounding.HALF_UP
    decimals: int = 2
    rank_precision: int | None = None
    tie_rule: TieRule = TieRule.COMPETITION

    def __post_init__(self) -> None:
        for entry in fields(self):
            kind, value = entry.type, getattr(self, entry.name)
            if isinstance(kind, type) and issubclass(kind, StrEnum):
                object.__setattr__(self, entry.name, _choice(entry.name, kind, value))
            elif kind is Fraction:
                object.__setattr__(self, entry.name, exact(value, entry.name))
        _check_numbers(self)

    @property
    def minimum(self) -> int:
        """Valid ballots that a group needs to give points, 1 at least."""
        stated = self.min_valid if self.min_valid_points is None else self.min_valid_points
        return max(stated, 1)

    @property
    def pooled(self) -> bool:
        """Whether the ballots of all groups are one count."""
        return self.pooling is Pooling.POOLED

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `from_dict` reads them back."""
        return {entry.name: _plain(getattr(self, entry.name)) for entry in fields(self)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Options":
        """Read options; those left out have their default."""
        known = {entry.name for entry in fields(cls)}
        unknown = sorted(set(plain) - known)
        if unknown:
            raise SchemeError(
                "unknown_option",
                f"The option {unknown[0]!r} is not known.",
                f"Known are {', '.join(sorted(known))}.",
                option=unknown[0],
            )
        return cls(**plain)


def _plain(value: object) -> object:
    if isinstance(value, StrEnum):
        return str(value)
    return written(value) if isinstance(value, Fraction) else value


def _choice(name: str, kind: type[StrEnum], value: str) -> StrEnum:
    try:
        return kind(value)
    except ValueError:
        raise SchemeError(
            "unknown_choice",
            f"{name} = {value!r} is not known.",
            f"Choose one of {', '.join(kind)}.",
            option=name,
            value=value,
        ) from None


def _check_numbers(options: Options) -> None:
    bounds: dict[str, tuple[int, int]] = {
        "min_valid": (0, 10**9),
        "min_valid_points": (options.min_valid, 10**9),
        "decimals": (0, 12),
        "rank_precision": (0, 12),
        "blank_percent": (0, 100),
    }
    for name, (low, high) in bounds.items():
        value = getattr(options, name)
        if value is None and name in ("rank_precision", "min_valid_points"):
            continue
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not (whole or isinstance(value, Fraction)) or not low <= value <= high:
            raise SchemeError(
                "option_out_of_range",
                f"{name} is {value!r}.",
                f"Give a number from {low} to {high}.",
                option=name,
                value=value,
            )
    if not isinstance(options.exclude_self, bool):
        raise SchemeError(
            "option_out_of_range",
            f"exclude_self is {options.exclude_self!r}.",
            "Say true or false.",
        )
