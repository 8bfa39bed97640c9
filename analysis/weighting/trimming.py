"""Trimming of extreme weights, the excess spread over the others."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import DesignError
from analysis.weighting.steps import Adjustment, Event
from analysis.weights import Bools, Floats

MOST_ROUNDS = 10_000
EPSILON = 1e-12
SETTLED = 1e-15  # share of the weight left outside the bounds at which spreading it is over


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
    weights that were inside, some of which may thereby get outside: hence the repetition. It
    trades bias for variance; nobody can know the bias.

    References
    ----------
    Lumley (2010), Complex Surveys, sec. 7.5, and `trimWeights` of his R package survey.
    Potter and Zheng (2015), JSM Survey Research Methods Section, 2707-2718.

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
    total, count = weights.sum(), len(weights)
    if not lower * count * (1 - EPSILON) <= total <= upper * count * (1 + EPSILON):
        raise _no_room(total / max(count, 1), lower, upper)
    current = weights
    for _ in range(MOST_ROUNDS if strict else 1):
        outside = (current < lower) | (current > upper)
        cut = np.clip(current, lower, upper)
        excess = (current - cut).sum()
        if abs(excess) <= SETTLED * total and (cut.sum() > 0):
            return cut
        if outside.all():
            break
        current = np.where(outside, cut, cut + excess / (~outside).sum())
    else:
        if not strict:
            return current
    raise _no_room(total / count, lower, upper)


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
