"""Blanks in a complete census of persons, read as a second phase of sampling."""

import numpy as np

from analysis.design import CensusBlanks
from analysis.sample import Bools, Floats, Ints, Sample


def census_rows(sample: Sample) -> Bools:
    """(R,) rows of strata where every person was taken and blanks are read as random."""
    if sample.design.census_blanks is not CensusBlanks.RANDOM:
        return np.zeros(len(sample.psu), dtype=np.bool_)
    census = (sample.fraction >= 1) & (sample.certainty | sample.by_person)
    return np.asarray(census[sample.stratum], dtype=np.bool_)


def second_phase(
    sample: Sample, rows: Ints, cell: Ints, value: Floats, asked: Floats, cells: int
) -> Floats:
    """Residuals of a census with blanks, made ready to be squared.

    Parameters
    ----------
    sample : R rows in H strata
    rows : (n,) rows of `census_rows` that answered
    cell : (n,) cell of each, 0 … cells-1
    value : (n,) weighted residuals
    asked : (H, cells) rows that belong to the cell, whether they answered or not
    cells : number of cells

    Returns
    -------
    (n,) residuals around the mean of their stratum and cell, times sqrt((1 - r/N) r/(r - 1))

    Notes
    -----
    The r who answered are read as a simple random sample of the N whom the census meant, those who
    sent nothing shared out in proportion to those who did. The sum of the squares is then
    sum (1 - r/N) r/(r - 1) sum (z - zbar)^2: zero only where everybody answered. Wrong where those
    who leave a question blank think otherwise than those who answer.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, sec. 15.6.
    """
    stratum = sample.stratum[rows]
    key = stratum * cells + cell
    size = len(sample.strata) * cells
    r = np.bincount(key, minlength=size).astype(np.float64)
    mean = np.bincount(key, value, minlength=size) / np.maximum(r, 1)
    mean[r <= 1] = 0.0
    came = np.bincount(sample.psu_stratum, minlength=len(sample.strata))
    people = np.where(np.isfinite(sample.population), sample.population, 0.0)
    meant = (asked * (people / np.maximum(came, 1))[:, None]).ravel()
    left = np.clip(1 - r / np.maximum(meant, 1e-300), 0.0, 1.0)
    scale = np.sqrt(left * r / np.maximum(r - 1, 1))
    return np.asarray((value - mean[key]) * scale[key])
