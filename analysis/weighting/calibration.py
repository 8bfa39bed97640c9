"""Calibration of weights to totals of auxiliary variables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import DesignError
from analysis.weighting.auxiliary import matrix_of, terms_of
from analysis.weighting.declared import Calibration, Term
from analysis.weighting.distances import Distance, Method, method_of
from analysis.weighting.steps import Adjustment, Event, Totals
from analysis.weights import Floats

HALVINGS = 8
DAMPINGS = (1e-12, 1e-6, 1e-3, 1.0, 1e3)  # shares of the trace, added to the diagonal


@dataclass(frozen=True, eq=False)
class Calibrated:
    """Weights that meet their totals.

    Parameters
    ----------
    weights : (R,) or (R, K)
    rounds : Newton steps needed, by the slowest of the K columns
    misfit : largest distance of a total from the population, relative to its size
    """

    weights: Floats
    rounds: int
    misfit: float


def calibrate(
    weights: Floats,
    totals: Totals,
    distance: Distance | None = None,
    *,
    tolerance: float = 1e-10,
    max_iterations: int = 200,
) -> Calibrated:
    """Change weights as little as can be so that they meet totals of the population.

    Parameters
    ----------
    weights : (R,) or (R, K) weights, each column calibrated for itself
    totals : Q auxiliary variables of the rows and their totals
    distance : what "as little" means, and the bounds of the factors; linear without bounds if None
    tolerance : distance from each total, relative to its size, at which to stop
    max_iterations : Newton steps

    Returns
    -------
    Calibrated

    Raises
    ------
    DesignError
        if no factors within the bounds meet the totals; it names the variable furthest off

    Notes
    -----
    w = d F(x'λ), λ solving Σ d F(x'λ) x = t by Newton steps, each halved until it comes nearer.
    Linear without bounds is the generalised regression estimator, solved in one step; its
    weights may be negative. Wrong when the totals are of another population than the sample's.

    References
    ----------
    Deville and Särndal (1992), JASA 87, 376-382, sec. 2.
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, sec. 6.5.

    Examples
    --------
    >>> x = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> known = Totals(("(Intercept)", "x"), x, np.array([30.0, 36.0]))
    >>> calibrate(np.full(3, 10.0), known).weights.round(6).tolist()
    [7.0, 10.0, 13.0]
    """
    rule = distance or Distance()
    columns = weights.T if weights.ndim == 2 else weights[None, :]
    found = [_solved(one, totals, rule, tolerance, max_iterations) for one in columns]
    together = np.stack([one.weights for one in found], axis=1)
    return Calibrated(
        weights=together if weights.ndim == 2 else together[:, 0],
        rounds=max(one.rounds for one in found),
        misfit=max(one.misfit for one in found),
    )


def _solved(
    d: Floats, totals: Totals, distance: Distance, tolerance: float, steps: int
) -> Calibrated:
    used = d > 0
    problem = _Problem.of(d[used], totals.x[used], totals.target, distance)
    place = problem.at(np.zeros(len(totals.target)))
    for rounds in range(steps + 1):
        worst = float(np.abs(place.misfit).max(initial=0.0))
        if worst <= tolerance:
            weights = np.zeros_like(d)
            weights[used] = d[used] * distance.factor(place.u)
            return Calibrated(weights, rounds, worst)
        following = problem.step(place)
        if following is None:
            break
        place = following
    missing = place.misfit * problem.scale
    raise _not_reached(totals, missing, int(np.abs(place.misfit).argmax()), distance)


@dataclass(frozen=True, eq=False)
class _Place:
    """A point of the search: coefficients, x'λ of the rows, what is missing, and the height."""

    coefficients: Floats
    u: Floats
    misfit: Floats
    height: float


@dataclass(frozen=True, eq=False)
class _Problem:
    """The equations of calibration, each divided by the size of its total.

    They are the slope of the convex Σ d ∫F(x'λ) - t'λ, at whose lowest point they hold.
    """

    d: Floats
    x: Floats
    target: Floats
    scale: Floats
    distance: Distance

    @classmethod
    def of(cls, d: Floats, x: Floats, target: Floats, distance: Distance) -> "_Problem":
        scale = np.maximum(np.abs(target), d @ np.abs(x))
        scale = np.where(scale > 0, scale, 1.0)
        return cls(d, x / scale, target / scale, scale, distance)

    def at(self, coefficients: Floats) -> _Place:
        """The point with these coefficients."""
        u = self.x @ coefficients
        misfit = self.target - (self.d * self.distance.factor(u)) @ self.x
        height = self.d @ self.distance.integral(u) - self.target @ coefficients
        return _Place(coefficients, u, misfit, float(height))

    def step(self, place: _Place) -> _Place | None:
        """A Newton step, damped where it leads nowhere; None if none leads down."""
        slope = self.d * self.distance.slope(place.u)
        hessian = self.x.T @ (slope[:, None] * self.x)
        size = max(float(np.trace(hessian)), 1e-8)
        for damping in DAMPINGS:
            damped = hessian + damping * size * np.eye(len(hessian))
            change = np.asarray(np.linalg.solve(damped, place.misfit), dtype=np.float64)
            found = self._down(place, change)
            if found is not None:
                return found
        return None

    def _down(self, place: _Place, change: Floats) -> _Place | None:
        """The first halved step that goes down, or halves what is missing."""
        descent, away = float(place.misfit @ change), np.abs(place.misfit).max()
        for halving in range(HALVINGS):
            share = 0.5**halving
            found = self.at(place.coefficients + share * change)
            lower = min(place.height - 1e-4 * share * descent, np.nextafter(place.height, -np.inf))
            if found.height <= lower or np.abs(found.misfit).max() <= away / 2:
                return found
        return None


def _not_reached(totals: Totals, missing: Floats, worst: int, distance: Distance) -> DesignError:
    name, wanted = totals.names[worst], float(totals.target[worst])
    bounds = f"factors between {distance.lower:g} and {distance.upper:g}"
    return DesignError(
        "calibration_not_reached",
        f"No {distance.method} calibration with {bounds} meets the totals: that of {name!r} is "
        f"{wanted:.12g}, and {wanted - missing[worst]:.12g} was reached.",
        "Widen the bounds, drop the variable, or correct its total.",
        variable=name,
        target=wanted,
        reached=wanted - float(missing[worst]),
    )


@dataclass(frozen=True, kw_only=True)
class Calibrate:
    """Step: change weights to meet totals of classifications and numbers; see `calibrate`.

    Parameters
    ----------
    terms : columns of the model; "1" is the constant. A column of numbers is one variable, any
        other an indicator for each label but the first (treatment coding)
    population : totals by the names of the variables: "(Intercept)", the column of numbers, or
        column and label without anything between, as in "stypeH"
    method : "linear", "raking" or "logit"
    bounds : smallest and largest factor, for a row; needed for "logit"
    levels : for classifications the labels in their order, the first being the base; ascending
        where not given. A column of numbers named here is read as labels
    tolerance, max_iterations : see `calibrate`
    negative : "refuse" negative weights, which linear calibration without bounds can make, or
        "keep" them, as R does

    Notes
    -----
    Variances are those of the residuals of the regression on the model, weighted by the weights
    before. Negative weights stand for nobody, and only means, totals and ratios can read them: all
    other estimators, the scores and further steps of weighting refuse them.

    References
    ----------
    Deville and Särndal (1992), JASA 87, 376-382, sec. 3.
    """

    terms: tuple[str, ...]
    population: Mapping[str, float]
    method: str = Method.LINEAR
    bounds: tuple[float, float] = (-np.inf, np.inf)
    levels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tolerance: float = 1e-10
    max_iterations: int = 200
    negative: str = "refuse"
    name: str = "calibrate"

    def prepare(self, data: pd.DataFrame, weights: Floats, /) -> Adjustment:
        """Build the auxiliary variables and match them with the totals.

        Raises
        ------
        DataError
            if a column is missing, or a value in it
        DesignError
            if totals and variables do not match, or cannot be met by factors within the bounds, or
            a weight would be negative and is not to be kept
        """
        terms = terms_of(data, self.terms, self.levels, weights > 0)
        totals = _totals(data, terms, weights, self.population)
        stop: dict[str, Any] = {"tolerance": self.tolerance, "max_iterations": self.max_iterations}
        distance = Distance(method_of(self.method), *self.bounds)

        def change(given: Floats) -> Floats:
            return calibrate(given, totals, distance, **stop).weights

        found = calibrate(weights, totals, distance, **stop)
        if self.negative != "keep":
            _check_sign(found.weights)
        place = ", ".join(totals.names)
        event = Event("converged", place, "the totals are met", found.rounds, found.misfit)
        return Adjustment(change, (event,), (totals,), _calibrated(terms, totals))


def _calibrated(terms: tuple[Term, ...], totals: Totals) -> Callable[..., Calibration]:
    return partial(Calibration, terms=terms, totals=tuple(totals.target.tolist()))


def _totals(
    data: pd.DataFrame, terms: tuple[Term, ...], weights: Floats, population: Mapping[str, float]
) -> Totals:
    names = tuple(name for term in terms for name in term.names)
    odd = [name for name in names if name not in population]
    odd += [name for name in population if name not in names]
    if odd:
        raise DesignError(
            "totals_do_not_match",
            f"The model has the variables {', '.join(names)}; {odd[0]!r} is on one side only.",
            "Give one total for each variable, by its name.",
            variable=odd[0],
        )
    target = np.array([float(population[name]) for name in names])
    if not np.isfinite(target).all():
        name = names[int(np.argmin(np.isfinite(target)))]
        raise DesignError(
            "bad_population", f"The total of {name!r} is no number.", "Give it.", variable=name
        )
    return Totals(names, matrix_of(data, terms, weights > 0).toarray(), target)


def _check_sign(weights: Floats) -> None:
    negative = weights < 0
    if negative.any():
        row = int(np.argmax(negative)) + 1
        raise DesignError(
            "negative_weights",
            f"The calibration makes {int(negative.sum())} weights negative, the first in data row "
            f"{row}.",
            "Choose method='raking', give bounds with a lower one of 0 or more, or choose "
            "negative='keep'.",
            row=row,
            count=int(negative.sum()),
        )
