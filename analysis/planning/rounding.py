"""Sizes within limits, and whole sizes that add up exactly."""

import numpy as np

from analysis.weights import Floats, Ints

CLOSE = 1e-9


def bounded(size: Floats, n: float, lower: Floats, upper: Floats) -> Floats:
    """Divide a sample in proportion to a size, within limits.

    Parameters
    ----------
    size : (H,) what the shares are proportional to, 0 or more
    n : to be divided, from sum(lower) to sum(upper)
    lower, upper : (H,) finite limits of each share, lower <= upper

    Returns
    -------
    (H,) floats that add up to `n`

    Notes
    -----
    x_h = min(max(t·size_h, lower_h), upper_h), with the one t that adds up to `n`. Without lower
    limits this is the iterated take-all rule. What is left when every stratum with a size is full
    is divided among the others by the room they have.

    Examples
    --------
    >>> bounded(np.array([8.0, 1, 1]), 10, np.array([0.0, 2, 0]), np.array([5.0, 9, 9])).tolist()
    [5.0, 2.5, 2.5]
    """
    reach = np.where(size > 0, upper, lower)
    if n > reach.sum() + CLOSE * max(1.0, n):
        room = np.where(size > 0, 0.0, upper - lower)
        return np.asarray(reach + (n - reach.sum()) * room / room.sum())
    used = size > 0
    steps = np.unique([0.0, *(lower[used] / size[used]), *(upper[used] / size[used])])
    sums = np.array([np.clip(t * size, lower, reach).sum() for t in steps])
    after = int(np.searchsorted(sums, n))
    if after >= len(steps):
        return np.asarray(np.clip(steps[-1] * size, lower, reach))
    if after == 0 or sums[after] == sums[after - 1]:
        t = steps[after]
    else:
        part = (n - sums[after - 1]) / (sums[after] - sums[after - 1])
        t = steps[after - 1] + part * (steps[after] - steps[after - 1])
    return np.asarray(np.clip(t * size, lower, reach), dtype=np.float64)


def whole(shares: Floats, n: int, upper: Floats) -> Ints:
    """Round shares to whole numbers that add up to exactly `n`, by the largest remainder.

    Parameters
    ----------
    shares : (H,) that add up to `n`, within whole limits
    n : sum wanted
    upper : (H,) whole upper limits

    Returns
    -------
    (H,) whole numbers, each its share rounded down or up

    Notes
    -----
    Every share is rounded down; the rest goes, one each, to the largest fractional parts; of
    equal parts the stratum that stands first in the list gets it.

    References
    ----------
    Balinski and Young (2001), Fair Representation, ch. 2 (Hamilton's method).

    Examples
    --------
    >>> whole(np.array([106.51, 35.50, 7.99]), 150, np.array([1200.0, 400.0, 90.0])).tolist()
    [107, 35, 8]
    """
    down = np.floor(shares + CLOSE)
    part = np.where(down < upper, shares - down, -1.0)
    order = np.lexsort((np.arange(len(shares)), -np.round(part, 9)))
    down[order[: n - int(down.sum())]] += 1
    return down.astype(np.int64)
