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
    Deville and Särndal (1992), JASA 87, 376-382, sec. 2: cases 1, 2, 6 and 7.

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
            return np.asarray(low + span * special.expit(self._logit(u)), dtype=np.float64)
        return self._free(self._held(u))

    def slope(self, u: Floats) -> Floats:
        """dF/du, of the shape of u; F'(0) = 1."""
        if self.method is Method.LOGIT:
            share = special.expit(self._logit(u))
            span = self.upper - self.lower
            return np.asarray(span * self._steep * share * (1 - share), dtype=np.float64)
        held = self._held(u)
        grown = np.ones_like(u) if self.method is Method.LINEAR else self._free(held)
        return np.where(held == u, grown, 0.0)

    def integral(self, u: Floats) -> Floats:
        """An integral of F, convex, which a search for λ goes down."""
        if self.method is Method.LOGIT:
            bent = np.logaddexp(0.0, self._logit(u)) / self._steep
            return np.asarray(self.lower * u + (self.upper - self.lower) * bent, dtype=np.float64)
        held = self._held(u)
        free = self._free(held)
        inside = held + held**2 / 2 if self.method is Method.LINEAR else free
        return np.asarray(inside + free * (u - held), dtype=np.float64)

    def _free(self, u: Floats) -> Floats:
        return np.asarray(1 + u if self.method is Method.LINEAR else np.exp(u), dtype=np.float64)

    def _held(self, u: Floats) -> Floats:
        """u, held where the factor meets its bounds."""
        if self.method is Method.LINEAR:
            return np.clip(u, self.lower - 1, self.upper - 1)
        low = np.log(self.lower) if self.lower > 0 else -np.inf
        return np.clip(u, low, min(np.log(self.upper), LARGEST))

    @property
    def _steep(self) -> float:
        return (self.upper - self.lower) / ((self.upper - 1) * (1 - self.lower))

    def _logit(self, u: Floats) -> Floats:
        """Logit of how far between the bounds the factor lies; the curve meets F(0) = 1."""
        start = np.log((1 - self.lower) / (self.upper - 1))
        return np.asarray(self._steep * u + start, dtype=np.float64)


LARGEST = 200.0  # exp of more is of no use
