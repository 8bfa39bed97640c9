"""How many bands of units a plan can be expected to tell apart."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from analysis.errors import DesignError
from analysis.index.bands import count_bands
from analysis.planning.arguments import is_whole, not_negative, open_share
from analysis.planning.expected import TOTAL, Expected
from analysis.weights import Bools, Floats, Ints


def apart(points: Floats, cov: Floats, df: Floats, level: float = 0.95) -> Bools:
    """Pairs of units whose difference is more than chance.

    Parameters
    ----------
    points : (U,) estimates, nan where there is none
    cov : (U, U) their covariance
    df : (U,) degrees of freedom of each; the smaller of a pair counts
    level : of each difference's two-sided interval

    Returns
    -------
    (U, U) True where the row's unit is distinguishably above the column's

    Notes
    -----
    (T_i - T_j) / sqrt(V_ii + V_jj - 2 V_ij) beyond the t quantile: each pair for itself, as
    neighbours are flagged in results. Bands rest on tests of all pairs together and are fewer.

    Examples
    --------
    >>> found = apart(np.array([5.0, 4.0, 3.9]), np.diag([0.01] * 3), np.full(3, np.inf))
    >>> found.astype(int).tolist()
    [[0, 1, 1], [0, 0, 0], [0, 0, 0]]
    """
    spread = np.add.outer(np.diag(cov), np.diag(cov)) - cov - cov.T
    freedom = np.maximum(np.minimum.outer(df, df), 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.subtract.outer(points, points) / np.sqrt(np.maximum(spread, 0))
    reach = np.where(
        np.isinf(freedom), special.ndtri((1 + level) / 2), special.stdtrit(freedom, (1 + level) / 2)
    )
    return np.asarray(distance > np.where(freedom > 0, reach, np.inf))


@dataclass(frozen=True, eq=False)
class Bands:
    """Bands in each of R imagined surveys.

    Parameters
    ----------
    count : (R,) bands
    pairs_apart : share of all pairs of units that were apart, each pair for itself
    seed : of the random numbers
    """

    count: Ints
    pairs_apart: float
    seed: int

    @property
    def mean(self) -> float:
        """Expected number of bands."""
        return float(self.count.mean())

    @property
    def table(self) -> pd.DataFrame:
        """One row a number of bands: how often it came."""
        bands, times = np.unique(self.count, return_counts=True)
        return pd.DataFrame({"bands": bands, "share": times / len(self.count)})


def expected_bands(
    expected: Expected,
    between: float,
    *,
    mean: float = 0.75,
    levels: Mapping[str, float] | None = None,
    surveys: int = 1000,
    seed: int = 1,
) -> Bands:
    """Number of bands that a plan can be expected to tell apart.

    Parameters
    ----------
    expected : expected precision of the units
    between : standard deviation of the units' true means, as shares of the maximum
    mean : mean over units, as a share
    levels : true means of units that are known
    surveys : surveys imagined, R
    seed : of the random numbers

    Returns
    -------
    Bands

    Raises
    ------
    DesignError
        if a number is out of range

    Notes
    -----
    Each survey draws true means around `mean`, adds errors with the expected covariance, and
    counts by `analysis.index.bands.count_bands`: the longest ladder of units that tests of all
    pairs together set apart, as results are published. Errors are normal and variances those of
    the plan; the simulator (`analysis.planning.simulation`) estimates them anew each time.

    References
    ----------
    Goldstein and Spiegelhalter (1996), Journal of the Royal Statistical Society A 159, 385-443,
    on what ranks can tell.

    Examples
    --------
    >>> table = pd.DataFrame({"leaf": [TOTAL] * 3, "max_points": 10.0, "se": 0.1})
    >>> plan = Expected(("A", "B", "C"), 0.95, table, np.diag([0.01] * 3), np.full(3, 50.0))
    >>> expected_bands(plan, 0, levels={"A": 0.9, "B": 0.7, "C": 0.5}).mean
    3.0
    """
    not_negative("between", between)
    open_share("mean", mean)
    if not is_whole(surveys) or surveys < 1:
        raise DesignError(
            "bad_plan",
            f"surveys is {surveys!r}.",
            "Give a whole number of 1 or more.",
            argument="surveys",
            value=surveys,
        )
    maximum = expected.table.max_points[expected.table.leaf == TOTAL].to_numpy()
    scored = np.isfinite(expected.df)
    random = np.random.default_rng(seed)
    units = len(expected.units)
    true = mean + between * random.standard_normal((surveys, units))
    for place, unit in enumerate(expected.units):
        if levels and unit in levels:
            true[:, place] = levels[unit]
    values, vectors = np.linalg.eigh(expected.cov)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    points = true * maximum + random.standard_normal((surveys, units)) @ root
    points[:, ~scored] = np.nan
    above = [apart(row, expected.cov, expected.df, expected.level) for row in points]
    pairs = scored.sum() * (scored.sum() - 1) / 2
    cov = expected.cov[np.ix_(scored, scored)]
    return Bands(
        count=count_bands(
            points[:, scored], cov, expected.df[scored], level=expected.level, seed=seed
        ),
        pairs_apart=float(np.mean([a.sum() / pairs for a in above])) if pairs else 0.0,
        seed=seed,
    )
