"""What many simulated waves tell of a plan: widths, power, and how many units can be told apart."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from analysis.errors import DesignError
from analysis.estimation.freedom import satterthwaite
from analysis.estimation.multiple import adjust
from analysis.index.bands import distinguishable_bands
from analysis.index.result import IndexResult
from analysis.planning.bands import apart
from analysis.weights import Bools, Floats, Ints

DRAWS = 1_000  # of errors for the rank sets of one simulated wave


class Wave(NamedTuple):
    """One wave, scored for what is published and for what comparisons rest on."""

    published: IndexResult
    process: IndexResult


@dataclass(frozen=True, eq=False)
class Observation:
    """What one simulated wave, and a later one where a change is asked about, showed of U units.

    Parameters
    ----------
    units : U codes
    n : (U,) ballots with a valid answer
    points, se, df, half_width : (U,) of the survey component; nan where there is none
    found, found_holm : (U,) the change was found, alone and among all units; None without one
    apart : (U, U) the row's unit is distinguishably above the column's, each pair for itself
    bands : distinguishable bands, by the tests of all pairs together
    """

    units: tuple[str, ...]
    n: Ints
    points: Floats
    se: Floats
    df: Floats
    half_width: Floats
    found: Bools | None
    found_holm: Bools | None
    apart: Bools
    bands: int


def observe(
    wave: Wave, later: Wave | None = None, *, rise: bool = True, level: float = 0.95
) -> Observation:
    """Read what a plan is judged by from one simulated wave.

    Parameters
    ----------
    wave : the wave
    later : a second wave, of which the units changed
    rise : whether they rose; a change in the other direction is not found
    level : probability of cover of intervals, and 1 less the chance of a false alarm

    Returns
    -------
    Observation
    """
    published = wave.published
    table = published.intervals(level)
    half = (table.ci_high - table.ci_low) / 2
    p = None if later is None else _change(wave.process, later.process, rise=rise)
    return Observation(
        units=published.unit_codes,
        n=np.array([published.precision_of(unit).n for unit in published.unit_codes]),
        points=np.array([math.nan if v is None else float(v) for v in table.points]),
        se=table.se.to_numpy(np.float64),
        df=table.df.to_numpy(np.float64),
        half_width=half.to_numpy(np.float64),
        found=None if p is None else p < 1 - level,
        found_holm=None if p is None else adjust(p).holm < 1 - level,
        apart=_apart(wave.process, level),
        bands=distinguishable_bands(wave.process.ranks(level, draws=DRAWS)).count,
    )


def _change(earlier: IndexResult, later: IndexResult, *, rise: bool) -> Floats:
    """(U,) two-sided probabilities of the change of independent waves; 1 if the wrong way."""
    parts = [part for result in (earlier, later) for part in result.variances]
    variance = np.array([np.diag(part.cov) for part in parts])
    df = np.array([part.df for part in parts])
    found = np.full(len(earlier.unit_codes), math.nan)
    for u, unit in enumerate(earlier.unit_codes):
        before, after = earlier.points_of(unit), later.points_of(unit)
        se = math.sqrt(variance[:, u].sum())
        freedom = satterthwaite(variance[:, u], df[:, u])
        if before is None or after is None or se == 0 or freedom <= 0:
            continue
        difference = float(after - before)
        p = 2 * float(special.stdtr(freedom, -abs(difference) / se))
        found[u] = p if (difference > 0) == rise else 1.0
    return found


def _apart(result: IndexResult, level: float) -> Bools:
    points, df = (
        np.array([getattr(p, k) for p in result.unit_precision]) for k in ("points", "df")
    )
    return apart(points, result.cov.to_numpy(np.float64), df, level)


@dataclass(frozen=True, eq=False)
class Forecast:
    """What a plan can be expected to give, from R simulated waves.

    Parameters
    ----------
    units : U codes
    replications : R
    seed : of the first random number
    level : probability of cover
    change : true change asked about, in points of 100 of the maximum; None if none
    table : one row a unit: `scored` and `with_interval`, shares of the waves; means of `n`,
        `points`, `se`, `half_width`, its 90th percentile `half_width_high`, the median `df`;
        `power` and `power_holm`, shares in which the change was found, nan without one
    bands : (R,) distinguishable bands in each wave
    pairs_apart : share of all pairs of units that are distinguishable, each pair for itself
    """

    units: tuple[str, ...]
    replications: int
    seed: int
    level: float
    change: float | None
    table: pd.DataFrame
    bands: Ints
    pairs_apart: float

    @property
    def expected_bands(self) -> float:
        """Mean number of distinguishable bands."""
        return float(self.bands.mean())

    @property
    def bands_se(self) -> float:
        """Error of `expected_bands` by the number of waves simulated."""
        return float(self.bands.std() / math.sqrt(self.replications))

    @property
    def bands_table(self) -> pd.DataFrame:
        """One row a number of bands: how often it came."""
        bands, times = np.unique(self.bands, return_counts=True)
        return pd.DataFrame({"bands": bands, "share": times / self.replications})

    @property
    def share_error(self) -> float:
        """Largest error (one standard deviation) of a share by the number of waves."""
        return 0.5 / math.sqrt(self.replications)


def summarise(
    observations: Sequence[Observation],
    *,
    seed: int,
    level: float = 0.95,
    change: float | None = None,
) -> Forecast:
    """Bring the observations of many waves together.

    Parameters
    ----------
    observations : R waves of the same units
    seed, level, change : as simulated

    Returns
    -------
    Forecast

    Raises
    ------
    DesignError
        if there is no observation
    """
    if not observations:
        raise DesignError("bad_plan", "No wave was simulated.", "Ask for 1 or more replications.")
    units = observations[0].units
    points = np.array([o.points for o in observations])
    half = np.array([o.half_width for o in observations])
    size = len(units) * (len(units) - 1) / 2
    apart = [o.apart.sum() / size if size else 0.0 for o in observations]
    columns = {
        "unit": list(units),
        "scored": np.isfinite(points).mean(axis=0),
        "with_interval": np.isfinite(half).mean(axis=0),
        "n": np.mean([o.n for o in observations], axis=0),
        "points": _over(points, np.mean),
        "se": _over(np.array([o.se for o in observations]), np.mean),
        "half_width": _over(half, np.mean),
        "half_width_high": _over(half, lambda a: np.quantile(a, 0.9)),
        "df": _over(np.array([o.df for o in observations]), np.median),
        "power": _share([o.found for o in observations], len(units)),
        "power_holm": _share([o.found_holm for o in observations], len(units)),
    }
    return Forecast(
        units=units,
        replications=len(observations),
        seed=seed,
        level=level,
        change=change,
        table=pd.DataFrame(columns),
        bands=np.array([o.bands for o in observations]),
        pairs_apart=float(np.mean(apart)),
    )


def _over(values: Floats, statistic: Callable[[Floats], Any]) -> Floats:
    """A statistic of each column's finite values, nan where there is none."""
    kept = [column[np.isfinite(column)] for column in values.T]
    return np.array([float(statistic(column)) if len(column) else math.nan for column in kept])


def _share(found: Sequence[Bools | None], units: int) -> Floats:
    known = [one for one in found if one is not None]
    return np.mean(known, axis=0) if known else np.full(units, math.nan)
