"""What a step of weighting is: weights in, weights out, and an account of what it did."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from analysis.weighting.cells import Cells
from analysis.weighting.declared import Calibration
from analysis.weights import Floats

Change = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a step did or found.

    Parameters
    ----------
    kind : stable code: "base", "merge", "factor", "trim", "converged", "undone"
    place : the class, margin or bound concerned
    reason : why, in words
    n : respondents concerned; rounds, for "converged"
    amount : the factor of a class, the share of the weight that was moved by a trim, or the
        largest relative distance from the population, for "converged"
    """

    kind: str
    place: str
    reason: str
    n: int
    amount: float = 0.0


@dataclass(frozen=True, eq=False)
class Margin:
    """Sizes of the population that a step is to meet, C of them.

    Parameters
    ----------
    cells : where the rows lie
    target : (C,) size of each cell in the population
    """

    cells: Cells
    target: Floats


@dataclass(frozen=True, eq=False)
class Totals:
    """Totals of the population that a step is to meet: auxiliary variables, Q of them.

    Parameters
    ----------
    names : Q names
    x : (R, Q) values
    target : (Q,) totals in the population
    """

    names: tuple[str, ...]
    x: Floats
    target: Floats


@dataclass(frozen=True, eq=False)
class Adjustment:
    """A step that has seen the data: what it decided is fixed, what it estimates is not.

    Parameters
    ----------
    change : pure function from (R,) or (R, K) weights to as many; run on each column of replicate
        weights it repeats the step, with the classes and bounds decided on the full sample
    events : what was decided on the full sample
    constraints : what the new weights meet
    calibrated : makes of the columns of weights `before` and `after` what variances must know;
        None where weights are to be read as fixed, which undoes an earlier calibration
    """

    change: Change
    events: tuple[Event, ...] = ()
    constraints: tuple[Margin | Totals, ...] = ()
    calibrated: Callable[..., Calibration] | None = None


class Step(Protocol):
    """A declared step; a frozen dataclass whose fields are the declaration."""

    @property
    def name(self) -> str:
        """Short name, for the column of its weights."""
        ...

    def prepare(self, data: pd.DataFrame, weights: Floats, /) -> Adjustment:
        """Decide, on R rows and their weights before the step."""
        ...
