"""Dividing a sample among strata: the rules, unrounded, and the variance that they give."""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import DesignError
from analysis.planning.arguments import above_zero
from analysis.planning.rounding import bounded
from analysis.weights import Floats


def equal(n: float, strata: int) -> Floats:
    """The same number from each of so many strata: best for comparing them.

    Examples
    --------
    >>> equal(150, 3).tolist()
    [50.0, 50.0, 50.0]
    """
    return np.full(strata, n / above_zero("strata", strata))


def proportional(n: float, population: npt.ArrayLike) -> Floats:
    """Shares of a sample proportional to the strata's populations.

    Parameters
    ----------
    n : sample size
    population : (H,) persons or PSUs per stratum

    Returns
    -------
    (H,) floats that add up to `n`

    Raises
    ------
    DesignError
        if a population is not above 0

    Notes
    -----
    n N_h / N: every person has the same weight; small strata get few.

    References
    ----------
    Cochran (1977), Sampling Techniques, sec. 5.3.

    Examples
    --------
    >>> proportional(150, [1200, 400, 90]).round(4).tolist()
    [106.5089, 35.503, 7.9882]
    """
    return _divide(n, _positive("population", population))


def neyman(
    n: float, population: npt.ArrayLike, sd: npt.ArrayLike, cost: npt.ArrayLike = 1.0
) -> Floats:
    """Shares that make the variance of the population's mean smallest.

    Parameters
    ----------
    n : sample size
    population : (H,) persons or PSUs per stratum
    sd : (H,) standard deviation in each, one at least above 0
    cost : (H,) cost of one more person, or PSU, in each

    Returns
    -------
    (H,) floats that add up to `n`; they may exceed a population: see `neyman_capped`

    Raises
    ------
    DesignError
        if a population or cost is not above 0, or a standard deviation below 0

    Notes
    -----
    n N_h S_h/sqrt(c_h) over their sum. It serves the mean of all strata, not their comparison.

    References
    ----------
    Neyman (1934), Journal of the Royal Statistical Society 97, 558-625; Cochran (1977), Sampling
    Techniques, eq. 5.23 and 5.26.

    Examples
    --------
    >>> neyman(150, [1200, 400, 90], [0.22, 0.30, 0.35]).round(4).tolist()
    [95.3069, 43.3213, 11.3718]
    """
    return _divide(n, _neyman_size(population, sd, cost))


def neyman_capped(
    n: float, population: npt.ArrayLike, sd: npt.ArrayLike, cost: npt.ArrayLike = 1.0
) -> Floats:
    """Neyman's shares where no stratum gives more than it has.

    Parameters
    ----------
    n : sample size, at most the whole population
    population, sd, cost : as in `neyman`

    Returns
    -------
    (H,) floats that add up to `n`, none above its population

    Raises
    ------
    DesignError
        as in `neyman`, and if `n` exceeds the population

    Notes
    -----
    Strata that would give more than N_h are taken whole, the rest of the sample is divided among
    the others by the same rule, and so on until none exceeds.

    References
    ----------
    Cochran (1977), Sampling Techniques, sec. 5.8.

    Examples
    --------
    >>> neyman_capped(150, [1200, 400, 20], [0.22, 0.30, 4.0]).round(4).tolist()
    [89.375, 40.625, 20.0]
    """
    size = _neyman_size(population, sd, cost)
    top = np.broadcast_to(np.asarray(population, dtype=np.float64), size.shape)
    if n > top.sum():
        raise DesignError(
            "infeasible_allocation",
            f"A sample of {n:g} is asked of a population of {top.sum():g}.",
            "Ask for fewer.",
            n=n,
            population=float(top.sum()),
        )
    return bounded(size, n, np.zeros(len(size)), top)


def power(n: float, size: npt.ArrayLike, exponent: float = 0.5, cv: npt.ArrayLike = 1.0) -> Floats:
    """Bankier's compromise between the precision of strata and that of their sum.

    Parameters
    ----------
    n : sample size
    size : (H,) size or importance X_h of each stratum, such as its population
    exponent : q; 0 is equal precision, 1 is Neyman's, 1/2 the square-root rule
    cv : (H,) coefficient of variation in each stratum; left out where alike

    Returns
    -------
    (H,) floats that add up to `n`

    Raises
    ------
    DesignError
        if a size is not above 0 or `exponent` outside 0 … 1

    Notes
    -----
    n_h proportional to X_h^q CV_h.

    References
    ----------
    Bankier (1988), The American Statistician 42, 174-177, eq. 2.

    Examples
    --------
    >>> power(150, [1200, 400, 90]).round(4).tolist()
    [81.028, 46.7815, 22.1904]
    """
    if not 0 <= exponent <= 1:
        raise DesignError(
            "bad_plan",
            f"exponent is {exponent!r}.",
            "Give a number from 0 to 1.",
            argument="exponent",
            value=exponent,
        )
    return _divide(n, _positive("size", size) ** exponent * _not_negative("cv", cv))


def stratified_variance(
    sizes: npt.ArrayLike, population: npt.ArrayLike, sd: npt.ArrayLike
) -> float:
    """Variance of the population's mean that an allocation gives.

    Parameters
    ----------
    sizes : (H,) answers per stratum, above 0
    population : (H,) persons per stratum
    sd : (H,) standard deviation in each

    Returns
    -------
    float, in the unit of `sd` squared

    Raises
    ------
    DesignError
        if a size or population is not above 0

    Notes
    -----
    sum W_h^2 S_h^2 (1/n_h - 1/N_h), W_h = N_h/N.

    References
    ----------
    Cochran (1977), Sampling Techniques, eq. 5.6.

    Examples
    --------
    >>> fixed = [1200, 400, 90], [0.22, 0.30, 0.35]
    >>> round(stratified_variance(neyman(150, *fixed), *fixed), 10)
    0.0003661742
    """
    n, people = _positive("sizes", sizes), _positive("population", population)
    share = people / people.sum()
    return float((share**2 * _not_negative("sd", sd) ** 2 * (1 / n - 1 / people)).sum())


def neyman_need(population: npt.ArrayLike, sd: npt.ArrayLike, se: float) -> Floats:
    """Answers per stratum that give the population's mean a standard error, as few as can be.

    Parameters
    ----------
    population, sd : (H,) as in `neyman`
    se : standard error wanted, above 0

    Returns
    -------
    (H,) floats, Neyman's shares of n = (sum N S)^2 / (N^2 se^2 + sum N S^2)

    Raises
    ------
    DesignError
        as in `neyman`

    References
    ----------
    Cochran (1977), Sampling Techniques, eq. 5.25.

    Examples
    --------
    >>> need = neyman_need([1200, 400, 90], [0.22, 0.30, 0.35], 0.000366174153566052**0.5)
    >>> round(float(need.sum()), 6)
    150.0
    """
    people, spread = _positive("population", population), _not_negative("sd", sd)
    total = (people * spread).sum()
    wanted = people.sum() ** 2 * above_zero("se", se) ** 2 + (people * spread**2).sum()
    return neyman(float(total**2 / wanted), people, spread)


def largest_need(needs: pd.DataFrame) -> pd.DataFrame:
    """The size that serves every item: in each stratum the largest need of any.

    Parameters
    ----------
    needs : one row a stratum, one column an item, answers that the item needs

    Returns
    -------
    DataFrame by stratum: `need` and the `item` that decides it, the first of equals

    Raises
    ------
    DesignError
        if a need is missing or negative

    Notes
    -----
    Enough for each item and a little more than the convex optimum over all.

    References
    ----------
    Cochran (1977), Sampling Techniques, sec. 5A.4; Bethel (1989), Survey Methodology 15, 47-57,
    for the optimum.

    Examples
    --------
    >>> largest_need(pd.DataFrame({"q1": [40, 10], "q2": [30, 25]}, index=["a", "b"])).need.tolist()
    [40.0, 25.0]
    """
    values = needs.astype(np.float64)
    if values.empty or not (values >= 0).all(axis=None):
        raise DesignError(
            "bad_plan", "A need is missing or negative.", "Give every item a need in every stratum."
        )
    return pd.DataFrame({"need": values.max(axis=1), "item": values.idxmax(axis=1)})


def _neyman_size(population: npt.ArrayLike, sd: npt.ArrayLike, cost: npt.ArrayLike) -> Floats:
    size = _positive("population", population) * _not_negative("sd", sd)
    return np.asarray(size / np.sqrt(_positive("cost", cost)), dtype=np.float64)


def _divide(n: float, size: Floats) -> Floats:
    if not size.sum() > 0:
        raise DesignError(
            "bad_plan", "All strata have size or spread 0.", "Give one at least a number above 0."
        )
    return np.asarray(above_zero("n", n) * size / size.sum(), dtype=np.float64)


def _positive(name: str, values: npt.ArrayLike) -> Floats:
    return _checked(name, values, lowest=math.ulp(0.0))


def _not_negative(name: str, values: npt.ArrayLike) -> Floats:
    return _checked(name, values, lowest=0.0)


def _checked(name: str, values: npt.ArrayLike, lowest: float) -> Floats:
    found = np.atleast_1d(np.asarray(values, dtype=np.float64))
    wrong = ~(np.isfinite(found) & (found >= lowest))
    if wrong.any():
        place = int(np.argmax(wrong))
        raise DesignError(
            "bad_plan",
            f"{name} of stratum number {place + 1} is {found[place]:g}.",
            "Give a finite number above 0." if lowest else "Give a finite number of 0 or more.",
            argument=name,
            stratum=place + 1,
        )
    return found
