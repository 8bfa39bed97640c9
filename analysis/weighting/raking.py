"""Poststratification to one classification, and raking to several, by proportional fitting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.errors import DesignError
from analysis.weighting.cells import Cells, Population, cells_of, targets_of
from analysis.weighting.declared import Calibration, Residuals
from analysis.weighting.steps import Adjustment, Event, Margin
from analysis.weights import Floats, Ints


@dataclass(frozen=True, eq=False)
class Raked:
    """Weights that meet their margins.

    Parameters
    ----------
    weights : (R,) or (R, K)
    rounds : rounds over all margins that were needed, by the slowest of the K columns
    misfit : largest relative distance of a cell from its population
    """

    weights: Floats
    rounds: int
    misfit: float


def rake(
    weights: Floats,
    margins: Sequence[Margin],
    *,
    tolerance: float = 1e-10,
    max_iterations: int = 200,
) -> Raked:
    """Multiply weights until they meet the margins; with one margin, poststratify.

    Parameters
    ----------
    weights : (R,) or (R, K) weights, each column raked for itself
    margins : classifications of the rows with the population of their cells
    tolerance : relative distance of every cell from its population at which to stop
    max_iterations : rounds over all margins

    Returns
    -------
    Raked

    Raises
    ------
    DesignError
        if margins add up to different populations, a cell has no weight, or the rounds are used
        up; it names the margin and the cell that are furthest off

    Notes
    -----
    Iterative proportional fitting: margin by margin, the weights of a cell are multiplied by
    its population over their sum. Rows that lie in the same cells have the same factor, so that
    the rounds run over the table of cells. When the margins contradict each other, given the
    cells that are empty, it does not converge.

    References
    ----------
    Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427-444.
    Deville, Särndal and Sautory (1993), JASA 88, 1013-1020.

    Examples
    --------
    >>> sex = Cells("sex", np.array([0, 0, 1]), (("F",), ("M",)))
    >>> age = Cells("age", np.array([0, 1, 1]), (("old",), ("young",)))
    >>> margins = [Margin(sex, np.array([6.0, 4.0])), Margin(age, np.array([2.0, 8.0]))]
    >>> rake(np.ones(3), margins).weights.round(6).tolist()
    [2.0, 4.0, 4.0]
    """
    _check_agreement(margins, tolerance)
    table = _Table.of(weights if weights.ndim == 2 else weights[:, None], margins)
    sums, rounds, misfit = _fitted(table, tolerance, max_iterations)
    factor = np.divide(sums, table.start, out=np.zeros_like(sums), where=table.start > 0)
    by_row = factor[table.place] if weights.ndim == 2 else factor[table.place, 0]
    return Raked(np.asarray(weights * by_row), rounds, misfit)


def _fitted(table: "_Table", tolerance: float, most: int) -> tuple[Floats, int, float]:
    """The fitted table, rounds and misfit; a column is left alone when it is fitted."""
    sums = table.start.copy()
    misfit = np.full(sums.shape[1], np.inf)
    rounds = 0
    while (misfit > tolerance).any():
        if rounds == most:
            raise _not_converged(table, sums, most)
        rounds += 1
        open_ = misfit > tolerance
        sums[:, open_] = table.fitted(sums[:, open_])
        misfit[open_] = table.misfit(sums[:, open_]).max(axis=0)
    return sums, rounds, float(misfit.max(initial=0.0))


@dataclass(frozen=True, eq=False)
class _Table:
    """Weights summed over the rows that lie in the same cells: T combinations, K columns."""

    margins: Sequence[Margin]
    place: Ints
    start: Floats
    members: list[sparse.csr_array]
    codes: list[Ints]

    @classmethod
    def of(cls, weights: Floats, margins: Sequence[Margin]) -> "_Table":
        key = np.zeros(len(weights), dtype=np.int64)
        for margin in margins:
            key = key * (len(margin.cells.parts) + 1) + margin.cells.code + 1
        place, present = pd.factorize(key, sort=True)
        codes: list[Ints] = []
        for margin in reversed(margins):
            present, code = np.divmod(present, len(margin.cells.parts) + 1)
            codes.insert(0, code - 1)
        together = Cells("", place, tuple((str(number),) for number in range(len(codes[0]))))
        start = together.sums(weights)
        start[(np.array(codes) < 0).any(axis=0)] = 0.0
        pairs = zip(codes, margins, strict=True)
        members = [Cells("", code, margin.cells.parts).indicator for code, margin in pairs]
        return cls(margins, place, start, members, codes)

    def fitted(self, sums: Floats) -> Floats:
        """One round over the margins."""
        for margin, member, code in zip(self.margins, self.members, self.codes, strict=True):
            found = member @ sums
            _check_filled(margin, found)
            sums = sums * (margin.target[:, None] / found)[code]
        return sums

    def misfit(self, sums: Floats) -> Floats:
        """(cells of all margins, K) relative distances from the population."""
        pairs = zip(self.margins, self.members, strict=True)
        return np.vstack([abs(member @ sums / m.target[:, None] - 1) for m, member in pairs])


def _check_filled(margin: Margin, sums: Floats) -> None:
    empty = ~(sums > 0)
    if empty.any():
        label = margin.cells.labels[int(np.argwhere(empty)[0, 0])]
        raise DesignError(
            "empty_cell",
            f"No weight is left in cell {label!r} of {margin.cells.name}.",
            "Join the cell with another; replicates that leave out a PSU need people of others "
            "in every cell.",
            margin=margin.cells.name,
            cell=label,
        )


def _check_agreement(margins: Sequence[Margin], tolerance: float) -> None:
    sizes = [float(margin.target.sum()) for margin in margins]
    for margin, size in zip(margins, sizes, strict=True):
        if abs(size / sizes[0] - 1) > max(tolerance, 1e-14):
            first, name = margins[0].cells.name, margin.cells.name
            raise DesignError(
                "margins_disagree",
                f"The population is {sizes[0]:.12g} by {first} but {size:.12g} by {name}.",
                "Correct the sizes, or scale one margin to the other.",
                margin=name,
            )


def _not_converged(table: _Table, sums: Floats, rounds: int) -> DesignError:
    misfit = table.misfit(sums).max(axis=1)
    named = [(m.cells.name, label) for m in table.margins for label in m.cells.labels]
    margin, cell = named[int(misfit.argmax())]
    return DesignError(
        "raking_not_converged",
        f"After {rounds} rounds cell {cell!r} of {margin} is still {misfit.max():.2g} (relative) "
        "away from its population.",
        "Look for cells that are empty when the margins are crossed; join cells, or drop a margin.",
        margin=margin,
        cell=cell,
        misfit=float(misfit.max()),
    )


@dataclass(frozen=True, kw_only=True)
class Poststratify:
    """Step: multiply the weights of each cell to its size in the population.

    Parameters
    ----------
    cells : columns whose crossing is the cells
    population : size by label; crossed labels are joined by ".", or a tuple

    Notes
    -----
    Variances are those of the residuals from the means of the cells.

    References
    ----------
    Holt and Smith (1979), Journal of the Royal Statistical Society A 142, 33-46.
    """

    cells: tuple[str, ...]
    population: Population
    name: str = "poststratify"

    def prepare(self, data: pd.DataFrame, weights: Floats, /) -> Adjustment:
        """Match cells and population; `DesignError` names a cell that is on one side only."""
        margins = (_margin(data, self.cells, self.population, weights),)
        return _adjustment(weights, margins, (self.cells,), Residuals.REGRESSION, {})


@dataclass(frozen=True, kw_only=True)
class Rake:
    """Step: multiply weights until they meet several margins; see `rake`.

    Parameters
    ----------
    margins : for each column (or tuple of crossed columns) the population of its labels
    residuals : "alternating" removes the unweighted means of the margins in turn, as R does;
        "regression" takes the residuals of one regression weighted by the weights before
    tolerance, max_iterations : see `rake`

    Notes
    -----
    The two kinds of residuals agree when the weights before are equal.
    """

    margins: Mapping[str | tuple[str, ...], Population]
    residuals: Residuals = Residuals.ALTERNATING
    tolerance: float = 1e-10
    max_iterations: int = 200
    name: str = "rake"

    def prepare(self, data: pd.DataFrame, weights: Floats, /) -> Adjustment:
        """Match margins and population; `DesignError` names the margin that does not fit."""
        columns = tuple((key,) if isinstance(key, str) else tuple(key) for key in self.margins)
        sizes = self.margins.values()
        margins = tuple(
            _margin(data, names, size, weights) for names, size in zip(columns, sizes, strict=True)
        )
        stop = {"tolerance": self.tolerance, "max_iterations": self.max_iterations}
        return _adjustment(weights, margins, columns, self.residuals, stop)


def _margin(
    data: pd.DataFrame, columns: Sequence[str], population: Population, weights: Floats
) -> Margin:
    cells = cells_of(data, columns, weights > 0)
    return Margin(cells, targets_of(cells, population))


def _adjustment(
    weights: Floats,
    margins: tuple[Margin, ...],
    columns: tuple[tuple[str, ...], ...],
    residuals: Residuals,
    stop: Mapping[str, Any],
) -> Adjustment:
    def change(given: Floats) -> Floats:
        return rake(given, margins, **stop).weights

    found = rake(weights, margins, **stop)
    place = ", ".join(margin.cells.name for margin in margins)
    event = Event("converged", place, "the margins are met", found.rounds, found.misfit)
    totals = tuple(np.concatenate([margin.target for margin in margins]).tolist())
    calibrated = partial(Calibration, margins=columns, residuals=residuals, totals=totals)
    return Adjustment(change, (event,), margins, calibrated)
