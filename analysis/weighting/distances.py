"""Distances between weights before and after calibration, as functions of x'λ."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from analysis.errors import DesignError
from analysis.weights import Floats


class Method(StrEnum):
    """Which distance is kept small."""

    LINEAR = "linear"
    RAKING = "raking"
    LOGIT = "logit"


def method_of(name: str) -> Method:
    """The method of that name; a DesignError lists those there are."""
    if name not in list(Method):
        raise DesignError(
            "unknown_option",
            f"The calibration method {name!r} is not known.",
            f"Choose one of {', '.join(Method)}.",
            option="method",
            value=name,
        )
    return Method(name)


@dataclass(frozen=True, slots=True)
class Distance:
    """The factor g = F(u) that a row with u = x'λ gets.

    Parameters
    ----------
    method : linear 1 + u, raking exp(u), or logit, which runs between its bounds
    lower, upper : bounds of the factor; linear and raking are cut there

    Raises
    ------
    DesignError
        if 1 does not lie between the bounds, or logit has an infinite one

    References
    ----------
    Deville and Särndal (1992), JASA 87, table 1 and eq. 2.14 (cases 1, 2, 6 and 7).

    Examples
    --------
    >>> Distance(Method.LOGIT, 0.5, 2.0).factor(np.array([-50.0, 0.0, 50.0])).tolist()
    [0.5, 1.0, 2.0]
    """

    method: Method = Method.LINEAR
    lower: float = -np.inf
    upper: float = np.inf

    def __post_init__(self) -> None:
        finite = np.isfinite(self.lower) and np.isfinite(self.upper)
        if not self.lower < 1 < self.upper or (self.method is Method.LOGIT and not finite):
            raise DesignError(
                "bad_bounds",
                f"Factors of the {self.method} distance cannot be bounded by {self.lower:g} and "
                f"{self.upper:g}.",
                "Give a lower bound below 1 and an upper one above 1; logit needs both.",
                lower=self.lower,
                upper=self.upper,
            )

    def factor(self, u: Floats) -> Floats:
        """F(u), of the shape of u; F(0) = 1."""
        if self.method is Method.LOGIT:
            low, span = self.lower, self.upper - self.lower
            return np.asarray(low + span * self._share(u), dtype=np.float64)
        free = 1 + u if self.method is Method.LINEAR else np.exp(np.minimum(u, LARGEST))
        return np.asarray(np.clip(free, self.lower, self.upper), dtype=np.float64)

    def slope(self, u: Floats) -> Floats:
        """dF/du, of the shape of u; F'(0) = 1."""
        if self.method is Method.LOGIT:
            share = self._share(u)
            scale = (self.upper - self.lower) ** 2 / ((self.upper - 1) * (1 - self.lower))
            return np.asarray(scale * share * (1 - share), dtype=np.float64)
        free = 1 + u if self.method is Method.LINEAR else np.exp(np.minimum(u, LARGEST))
        inside = (free > self.lower) & (free < self.upper)
        grown = np.ones_like(u) if self.method is Method.LINEAR else free
        return np.where(inside, grown, 0.0)

    def _share(self, u: Floats) -> Floats:
        """How far between the bounds the factor lies: a logistic curve through F(0) = 1."""
        below, above = 1 - self.lower, self.upper - 1
        steep = (self.upper - self.lower) / (above * below)
        return np.asarray(special.expit(steep * u + np.log(below / above)), dtype=np.float64)


LARGEST = 500.0  # exp of more is of no use
