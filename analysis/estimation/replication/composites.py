"""Composites in every replicate, from sums over PSUs: two matrix products, no pass over persons."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.estimation.replication.figures import EMPTY, empty_replicate
from analysis.sample import Floats, Ints


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums of E carriers of replicates about units; S questions, U units.

    Parameters
    ----------
    carrier, unit : (E,) carrier (a PSU, or a row) and unit of each entry; a pair occurs once
    above, below : (E, S) weighted sums of coefficients, and of those who answered
    """

    carrier: Ints
    unit: Ints
    above: Floats
    below: Floats


@dataclass(frozen=True, eq=False)
class Rest:
    """What others add to the sums of a unit, the same in every replicate: (U, S) each."""

    above: Floats
    below: Floats


def composite_replicates(
    factor: Floats,
    sums: Sums,
    coefficient: Floats,
    names: tuple[Sequence[str], Sequence[str]],
    rest: Rest | None = None,
) -> Floats:
    """Composites of units in every replicate.

    Parameters
    ----------
    factor : (M, R) factors of the carriers' weights
    sums : of E entries
    coefficient : (U, S) points of each question for each unit; 0 where it does not count
    names : U units and S questions
    rest : further sums that go into the same ratios

    Returns
    -------
    (R, U) T* = sum_s c_us N*_us/D*_us, N* = G'N, D* = G'D

    Raises
    ------
    DataError
        naming the unit, question and replicate, if a replicate leaves nobody who answered

    Notes
    -----
    Each unit's carriers alone are multiplied, so that the cost is R·S times the number of entries,
    however many units there are.

    References
    ----------
    Rao and Wu (1988), JASA 83, 231-241, sec. 2; see `analysis.estimation.replication.making`.

    Examples
    --------
    >>> halves = np.array([[2.0, 0.0], [0.0, 2.0]])
    >>> above, below = np.array([[1.0], [3.0]]), np.array([[4.0], [4.0]])
    >>> sums = Sums(np.array([0, 1]), np.array([0, 0]), above, below)
    >>> composite_replicates(halves, sums, np.array([[2.0]]), (["A"], ["q1"])).tolist()
    [[0.5], [1.5]]
    """
    units = len(coefficient)
    found = np.zeros((factor.shape[1], units))
    order = np.argsort(sums.unit, kind="stable")
    edges = np.searchsorted(sums.unit[order], np.arange(units + 1))
    for u in range(units):
        counts = np.flatnonzero(coefficient[u] > 0)
        if not len(counts):
            continue
        own = order[edges[u] : edges[u + 1]]
        table = np.hstack([sums.above[np.ix_(own, counts)], sums.below[np.ix_(own, counts)]])
        both = table.T @ _factors_of(factor, sums.carrier[own])
        full = table.sum(axis=0)
        if rest is not None:
            more = np.concatenate([rest.above[u, counts], rest.below[u, counts]])
            both, full = both + more[:, None], full + more
        above, below = both[: len(counts)], both[len(counts) :]
        lost = below <= EMPTY * full[len(counts) :, None]
        if lost.any():
            question, replicate = (int(i) for i in np.argwhere(lost)[0])
            name = f"{names[0][u]}:{names[1][counts[question]]}"
            raise empty_replicate(name, replicate)
        found[:, u] = coefficient[u, counts] @ (above / below)
    return found


def _factors_of(factor: Floats, carriers: Ints) -> Floats:
    """Factors of some carriers, without a copy where these are all."""
    if len(carriers) == len(factor) and np.array_equal(carriers, np.arange(len(factor))):
        return factor
    return factor[carriers]
