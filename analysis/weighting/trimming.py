"""Trimming of extreme weights, the excess spread over the others."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import DesignError
from analysis.weighting.steps import Adjustment, Event
from analysis.weights import Bools, Floats

SETTLED = 1e-12  # share of the weight that may be left over when all weights are at the bounds


def trim(
    weights: Floats, lower: float = 0.0, upper: float = np.inf, *, strict: bool = True
) -> Floats:
    """Cut weights to bounds and keep their sum.

    Parameters
    ----------
    weights : (R,) or (R, K); weights of 0 take no part
    lower, upper : bounds, in the unit of the weights
    strict : repeat until no weight lies outside; else once

    Returns
    -------
    Weights of the same shape, each column with its sum

    Raises
    ------
    DesignError
        if the bounds leave no room for the sum

    Notes
    -----
    What lies outside is cut; what was cut off is added in equal parts (not in proportion) to the
    weights that were never cut, some of which may thereby get outside: hence the repetition.
    When none is left that was never cut, all that have room take part. Trimming trades bias for
    variance; nobody can know the bias.

    References
    ----------
    Potter and Zheng (2015), JSM Survey Research Methods Section, 2707-2719. The rule is that of
    `trimWeights` in R's survey 4.5.

    Examples
    --------
    >>> trim(np.array([1.0, 2.0, 3.0, 12.0]), upper=6.0).tolist()
    [3.0, 4.0, 5.0, 6.0]
    """
    if weights.ndim == 2:
        columns = [trim(column, lower, upper, strict=strict) for column in weights.T]
        return np.stack(columns, axis=1) if columns else weights.copy()
    used = weights > 0
    out = weights.copy()
    out[used] = _trimmed(weights[used], lower, upper, strict)
    return out


def _trimmed(weights: Floats, lower: float, upper: float, strict: bool) -> Floats:
    current = weights
    cut_before = np.zeros(len(weights), dtype=np.bool_)
    outside = (current < lower) | (current > upper)
    while outside.any():
        cut = np.clip(current, lower, upper)
        excess = (current - cut).sum()
        free = ~outside & ~cut_before
        if not free.any():
            free = cut < upper if excess > 0 else cut > lower
        if abs(excess) <= SETTLED * weights.sum():
            return cut
        if not free.any():
            raise _no_room(float(weights.mean()), lower, upper)
        current = np.where(free, cut + excess / free.sum(), cut)
        if not strict:
            break
        cut_before |= outside
        outside = (current < lower) | (current > upper)
    return current


def _no_room(mean: float, lower: float, upper: float) -> DesignError:
    return DesignError(
        "no_room_between_bounds",
        f"The weights have the mean {mean:g}: cut to between {lower:g} and {upper:g} they cannot "
        "keep their sum.",
        "Set the bounds wider apart, around the mean.",
        lower=lower,
        upper=upper,
        mean=mean,
    )


@dataclass(frozen=True, kw_only=True)
class Trim:
    """Step: cut extreme weights and spread what was cut off; see `trim`.

    Parameters
    ----------
    lower, upper : bounds, in the unit of the weights
    lower_quantile, upper_quantile : bounds as quantiles of the weights above 0 instead, of type 7
        (linear between the order statistics), between 0 and 1
    strict : repeat until no weight lies outside
    """

    lower: float | None = None
    upper: float | None = None
    lower_quantile: float | None = None
    upper_quantile: float | None = None
    strict: bool = True
    name: str = "trim"

    def __post_init__(self) -> None:
        for quantile in (self.lower_quantile, self.upper_quantile):
            if quantile is not None and not 0 <= quantile <= 1:
                raise DesignError(
                    "bad_bounds", f"{quantile:g} is no quantile.", "Give one from 0 to 1."
                )
        twice = self.lower is not None and self.lower_quantile is not None
        twice = twice or (self.upper is not None and self.upper_quantile is not None)
        given = (self.lower, self.upper, self.lower_quantile, self.upper_quantile)
        if twice or all(bound is None for bound in given):
            raise DesignError(
                "bad_bounds",
                "A trim needs a lower or an upper bound, each given once.",
                "Give a bound as a weight or as a quantile.",
            )

    def prepare(self, _data: pd.DataFrame, weights: Floats, /) -> Adjustment:
        """Find the bounds on the full sample; replicates keep them.

        Raises
        ------
        DesignError
            if the bounds leave no room for the sum of the weights
        """
        used = weights[weights > 0]
        lower = _bound(used, self.lower, self.lower_quantile, 0.0)
        upper = _bound(used, self.upper, self.upper_quantile, np.inf)

        def change(given: Floats) -> Floats:
            return trim(given, lower, upper, strict=self.strict)

        events = (
            _event(used, used > upper, upper, "above"),
            _event(used, used < lower, lower, "below"),
        )
        return Adjustment(change, tuple(event for event in events if event is not None))


def _bound(used: Floats, bound: float | None, quantile: float | None, default: float) -> float:
    if quantile is not None:
        return float(np.quantile(used, quantile, method="linear"))
    return default if bound is None else bound


def _event(used: Floats, outside: Bools, bound: float, side: str) -> Event | None:
    """How many weights lay beyond a bound, and the share of all weight that was moved."""
    if not np.isfinite(bound) or bound == 0:
        return None
    moved = float(np.abs(used[outside] - bound).sum() / used.sum())
    return Event(
        "trim", f"{side} {bound:.12g}", f"weights {side} the bound", int(outside.sum()), moved
    )
