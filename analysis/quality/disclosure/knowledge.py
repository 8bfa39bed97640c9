"""What readers know: linear statements about quantities that they cannot see."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.errors import DataError

Form = Mapping[str, float]  # quantity -> factor: what is added up


@dataclass(frozen=True)
class Statement:
    """Something that is known: low <= sum of factor x quantity <= high.

    Parameters
    ----------
    weights : quantity and factor, in the order of the quantities' names
    low, high : limits, infinite where there is none; equal where the sum is known exactly

    Examples
    --------
    >>> Statement.of({"all": 1, "north": -1, "south": -1})
    Statement(weights=(('all', 1.0), ('north', -1.0), ('south', -1.0)), low=0.0, high=0.0)
    """

    weights: tuple[tuple[str, float], ...]
    low: float
    high: float

    @classmethod
    def of(cls, form: Form, low: float = 0.0, high: float | None = None) -> "Statement":
        """Say that a sum lies between two limits, or equals one.

        Parameters
        ----------
        form : quantity -> factor
        low : lower limit
        high : upper limit; None means the same as `low`

        Raises
        ------
        DataError
            if the limits are the wrong way round, or no numbers
        """
        high = low if high is None else high
        if not low <= high:
            raise DataError(
                "limits_crossed",
                f"The sum over {', '.join(sorted(form))} cannot lie from {low:g} to {high:g}.",
                "Give the lower limit first.",
            )
        weights = tuple(sorted((name, float(by)) for name, by in form.items() if by))
        return cls(weights, float(low), float(high))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; an infinite limit is None."""
        low, high = (None if math.isinf(x) else x for x in (self.low, self.high))
        return {"weights": dict(self.weights), "low": low, "high": high}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Statement":
        """Read what `to_dict` wrote."""
        low = -math.inf if plain["low"] is None else plain["low"]
        return cls.of(plain["weights"], low, math.inf if plain["high"] is None else plain["high"])


@dataclass(frozen=True)
class Publication:
    """Everything that a reader was told, and what everybody knows of its structure.

    Parameters
    ----------
    statements : what holds; every quantity is 0 or more

    Notes
    -----
    `a + b` is what two readers know who tell each other.
    """

    statements: tuple[Statement, ...] = ()

    def __add__(self, other: "Publication") -> "Publication":
        return Publication(tuple(dict.fromkeys(self.statements + other.statements)))

    @property
    def quantities(self) -> tuple[str, ...]:
        """Names of everything that is spoken about, sorted."""
        return tuple(sorted({name for one in self.statements for name, _ in one.weights}))

    def to_list(self) -> list[dict[str, Any]]:
        """Plain values for JSON; `from_list` reads them back."""
        return [one.to_dict() for one in self.statements]

    @classmethod
    def from_list(cls, plain: Iterable[Mapping[str, Any]]) -> "Publication":
        """Read what `to_list` wrote."""
        return cls(tuple(Statement.from_dict(one) for one in plain))
