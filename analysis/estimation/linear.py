"""From cells to estimates: sums, ratios of sums, and their linearised covariance."""

import numpy as np
from scipy import sparse

from analysis.estimation.census import census_rows, second_phase
from analysis.estimation.domains import NONE, Cells
from analysis.estimation.estimates import Estimates
from analysis.estimation.freedom import freedom_of_columns
from analysis.estimation.replication.figures import CellReplicates, replicate_values
from analysis.estimation.variance import covariance, psu_totals
from analysis.sample import Floats, Ints, Sample


def estimate(sample: Sample, cells: Cells, bounds: tuple[float, float] | None = None) -> Estimates:
    """Estimate all cells at once.

    Parameters
    ----------
    sample : R rows within their design
    cells : C sums, or ratios of sums
    bounds : smallest and largest possible value, where there are such

    Returns
    -------
    Estimates

    Raises
    ------
    DesignError
        if a stratum has a single PSU and the design no rule for it
    DataError
        if nobody answers a cell in some replicate

    Notes
    -----
    N/D with N = sum(w y), D = sum(w x); residual (y - x N/D)/D, for a total y itself. Blanks in a
    complete census add what `analysis.estimation.census.second_phase` says. With replicate
    weights N/D itself is computed in every replicate; weights made of a calibrated design take the
    residuals instead.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, sec. 5.6 and 5.8.
    """
    weight = sample.weight[cells.rows]
    points, z = _linearised(cells, weight)
    touched = _touched(sample, cells.rows, cells.column, len(cells.names))
    whole = (touched.T @ sample.taken_whole.astype(np.float64)) == touched.sum(axis=0)
    n = np.bincount(cells.column, minlength=len(cells.names))
    size = np.bincount(cells.column, weight, minlength=len(cells.names))
    df = freedom_of_columns(sample, touched)
    replicates = replicate_values(sample, cells, points, df)
    return Estimates(
        names=cells.names,
        estimate=points,
        cov=design_covariance(sample, cells, weight * z, replicates),
        df=df,
        design_df=_design_freedom(sample),
        n=n,
        n_psu=np.diff(touched.tocsc().indptr).astype(np.int64),
        size=size.astype(np.float64),
        simple=_simple(cells, weight, z, n),
        domain_df=_domain_freedom(sample, cells),
        complete=np.asarray(whole & (n > 0), dtype=np.bool_),
        sample=sample,
        touched=touched,
        bounds=bounds,
        replicates=replicates,
    )


def design_covariance(
    sample: Sample, cells: Cells, value: Floats, replicates: CellReplicates | None = None
) -> Floats:
    """(C, C) covariance by the design, from (n,) weighted residuals of the cells' rows.

    What `replicates` of the cells give takes the place of residuals.
    """
    count = len(cells.names)
    if replicates is None:
        found = covariance(sample, cells.rows, cells.column, value, count)
    else:
        found = replicates.cov
    census = census_rows(sample)
    at = np.flatnonzero(census[cells.rows])
    if not len(at):
        return found
    rows, column = cells.rows[at], cells.column[at]
    asked = _asked(sample, cells)
    adjusted = second_phase(sample, rows, column, value[at], asked, count)
    phase = psu_totals(sample, rows, column, adjusted, count)
    return np.asarray(found + (phase.T @ phase).toarray(), dtype=np.float64)


def _linearised(cells: Cells, weight: Floats) -> tuple[Floats, Floats]:
    """(C,) estimates and (n,) residuals per unit of weight."""
    count = len(cells.names)
    above = np.bincount(cells.column, weight * cells.numerator, minlength=count)
    if cells.denominator is None:
        return above.astype(np.float64), cells.numerator
    below = np.bincount(cells.column, weight * cells.denominator, minlength=count)
    points = np.divide(above, below, out=np.full(count, np.nan), where=below != 0)
    safe = np.where(below != 0, below, np.inf)
    fitted = np.nan_to_num(points)[cells.column] * cells.denominator
    return points, (cells.numerator - fitted) / safe[cells.column]


def _simple(cells: Cells, weight: Floats, z: Floats, n: Ints) -> Floats:
    """(C,) variance if as many persons had been drawn simply at random with replacement."""
    count = len(cells.names)
    size = np.bincount(cells.column, weight, minlength=count)
    mean = np.bincount(cells.column, weight * z, minlength=count) / np.where(size > 0, size, 1)
    squares = np.bincount(cells.column, weight * (z - mean[cells.column]) ** 2, minlength=count)
    return np.where(n > 1, size * squares / np.maximum(n - 1, 1), np.nan)


def _touched(sample: Sample, rows: Ints, column: Ints, columns: int) -> sparse.csr_array:
    """(P, C) PSUs in which somebody speaks."""
    return psu_totals(sample, rows, column, np.ones(len(rows)), columns)


def _design_freedom(sample: Sample) -> int:
    found = int(sample.n_psu.sum()) - len(sample.strata)
    made = sample.replicates
    return found if made is None else made.design_freedom(found)


def _domain_freedom(sample: Sample, cells: Cells) -> Ints:
    """(C,) degrees of freedom of the domain of the cell, those included who left a blank."""
    code = cells.domains.code
    rows = np.flatnonzero((code != NONE) & (sample.weight != 0))
    size = len(cells.domains.labels)
    return freedom_of_columns(sample, _touched(sample, rows, code[rows], size))[cells.domain]


def _asked(sample: Sample, cells: Cells) -> Floats:
    """(H, C) rows of each stratum that belong to the domain of the cell."""
    code = cells.domains.code
    rows = np.flatnonzero((code != NONE) & (sample.weight != 0))
    size = len(cells.domains.labels)
    key = sample.stratum[rows] * size + code[rows]
    asked = np.bincount(key, minlength=len(sample.strata) * size).reshape(-1, size)
    return np.asarray(asked[:, cells.domain], dtype=np.float64)
