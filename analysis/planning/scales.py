"""Answer scales: how opinions that are normal fall on a few coefficients."""

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.errors import DesignError
from analysis.weights import Floats, Ints

INSIDE = 0.02  # of a scale's width, how far true means stay from its ends
STEPS = 48  # of bisection


@dataclass(frozen=True, eq=False)
class Scale:
    """The coefficients of one item, and how normal opinions fall on them.

    Parameters
    ----------
    values : (K,) coefficients, ascending and different, 2 or more
    spread : s, standard deviation of the opinions
    """

    values: Floats
    spread: float

    def location(self, means: npt.ArrayLike) -> Floats:
        """Where opinions lie for answers to have these expected coefficients."""
        wanted = np.clip(np.asarray(means, dtype=np.float64), *self._ends)
        width = np.ptp(self.values) + 20 * self.spread
        low = np.full(wanted.shape, self.values[0] - width)
        high = np.full(wanted.shape, self.values[-1] + width)
        for _ in range(STEPS):
            middle = (low + high) / 2
            below = self._moments(middle)[0] < wanted
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray((low + high) / 2)

    def deviation(self, mean: float) -> float:
        """Standard deviation of answers with this expected coefficient."""
        first, second = self._moments(self.location(mean))
        return math.sqrt(max(float(second - first**2), 0.0))

    def attenuation(self, mean: float) -> float:
        """Correlation of answers over the correlation of the opinions behind them."""
        place, steps = self.location(mean), np.diff(self.values)
        height = np.exp(-0.5 * ((self._cuts - place) / self.spread) ** 2) / np.sqrt(2 * np.pi)
        return float(((steps * height).sum() / self.deviation(mean)) ** 2)

    def nearest(self, opinions: Floats) -> Ints:
        """Place of the coefficient nearest to each opinion, 0 … K-1."""
        return np.searchsorted(self._cuts, opinions, side="right").astype(np.int64)

    @cached_property
    def _cuts(self) -> Floats:
        """(K-1,) halfway between neighbouring coefficients."""
        return np.asarray((self.values[1:] + self.values[:-1]) / 2)

    @property
    def _ends(self) -> tuple[float, float]:
        edge = INSIDE * np.ptp(self.values)
        return float(self.values[0] + edge), float(self.values[-1] - edge)

    def _moments(self, place: Floats) -> tuple[Floats, Floats]:
        """Mean and mean square of answers to opinions around these places."""
        above = special.ndtr((np.asarray(place)[..., None] - self._cuts) / self.spread)
        steps = self.values[1:] - self.values[:-1]
        squares = self.values[1:] ** 2 - self.values[:-1] ** 2
        first = self.values[0] + above @ steps
        second = self.values[0] ** 2 + above @ squares
        return np.asarray(first), np.asarray(second)


@cache
def fitting(values: tuple[float, ...], mean: float, sd: float) -> Scale:
    """The scale on which answers with this mean have this standard deviation, or nearest to it.

    Parameters
    ----------
    values : coefficients in any order, two or more different ones
    mean : expected coefficient, inside the scale
    sd : standard deviation wanted; two coefficients leave no choice

    Returns
    -------
    Scale

    Raises
    ------
    DesignError
        if all coefficients are the same

    Examples
    --------
    >>> scale = fitting((1.0, 0.6, 0.2, 0.0), 0.75, 0.28)
    >>> round(scale.deviation(0.75), 6), scale.nearest(np.array([0.7, 0.9])).tolist()
    (0.28, [2, 3])
    """
    levels = np.unique(np.array(values, dtype=np.float64))
    if len(levels) < 2:
        raise DesignError(
            "bad_plan",
            f"An item has the coefficients {levels.tolist()}.",
            "An item that says nothing of a unit cannot be simulated: give it two or more.",
        )
    low, high = 1e-3 * float(np.ptp(levels)), 10 * float(np.ptp(levels))
    for _ in range(STEPS):
        middle = math.sqrt(low * high)
        if Scale(levels, middle).deviation(mean) < sd:
            low = middle
        else:
            high = middle
    return Scale(levels, math.sqrt(low * high))
