"""Figures computed again in every replicate: sums, and ratios of sums."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.errors import DataError
from analysis.estimation.domains import Cells
from analysis.estimation.replication.bound import Replicates
from analysis.sample import Floats, Ints, Sample

EMPTY = 1e-12  # of the estimate's denominator: what is left of it counts as nothing


@dataclass(frozen=True, eq=False)
class CellReplicates:
    """C figures in R replicates.

    Parameters
    ----------
    values : (R, C) figures by replicate; where there is no estimate, 0
    estimate : (C,) figures of the full sample; where there is none, 0
    replicates : what they were computed from
    """

    values: Floats
    estimate: Floats
    replicates: Replicates

    @property
    def cov(self) -> Floats:
        """(C, C) covariance."""
        return self.replicates.covariance(self.values, self.estimate)

    def combined(self, matrix: Floats) -> "CellReplicates":
        """Linear combinations of the figures, by (D, C) coefficients."""
        return CellReplicates(self.values @ matrix.T, matrix @ self.estimate, self.replicates)

    def divided(self, pairs: Sequence[tuple[int, int]]) -> "CellReplicates":
        """Ratios of figures to each other, by the places of those above and below the line."""
        above, below = (list(side) for side in zip(*pairs, strict=True))
        return CellReplicates(
            self.values[:, above] / self.values[:, below],
            self.estimate[above] / self.estimate[below],
            self.replicates,
        )

    def pick(self, at: Ints) -> "CellReplicates":
        """Some of the figures."""
        return CellReplicates(self.values[:, at], self.estimate[at], self.replicates)


def replicate_values(
    sample: Sample, cells: Cells, points: Floats, df: Ints
) -> CellReplicates | None:
    """Compute cells in every replicate of a sample.

    Parameters
    ----------
    sample : rows, with their replicates
    cells : C sums, or ratios of sums
    points : (C,) figures of the full sample
    df : (C,) their degrees of freedom

    Returns
    -------
    CellReplicates; None without replicates, or where they were made of calibrated weights, whose
    calibration they do not repeat: residuals serve there

    Raises
    ------
    DataError
        if a cell has no denominator in some replicate, although several PSUs answered it. Where
        one alone did, df is 0: its replicates are given the estimate, as they say nothing
    """
    made = sample.replicates
    if made is None or sample.calibrations is not None:
        return None
    count = len(cells.names)
    known = np.nan_to_num(points)
    weight = sample.weight[cells.rows]
    place = (sample.psu, cells.rows, cells.column)
    above = made.totals(*place, weight * cells.numerator, count)
    if cells.denominator is None:
        return CellReplicates(above, known, made)
    below = made.totals(*place, weight * cells.denominator, count)
    full = np.bincount(cells.column, weight * cells.denominator, minlength=count)
    empty = np.abs(below) <= EMPTY * np.abs(full)
    lost = empty & (df > 0) & ~np.isnan(points)
    if lost.any():
        replicate, cell = (int(i) for i in np.argwhere(lost)[0])
        raise empty_replicate(cells.names[cell], replicate)
    values = np.where(empty, known, above / np.where(empty, 1.0, below))
    return CellReplicates(values, known, made)


def empty_replicate(name: str, replicate: int) -> DataError:
    """The error for a figure that a replicate leaves without an answer."""
    return DataError(
        "empty_replicate",
        f"Nobody answers {name!r} in replicate {replicate + 1}: they have weight 0 there.",
        "Use linearisation for it, join it with another domain, or leave it out.",
        cell=name,
        replicate=replicate + 1,
    )
