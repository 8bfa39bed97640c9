"""What it takes to tell two units, or two years, apart."""

import math

from scipy import special

from analysis.errors import DesignError
from analysis.planning.arguments import above_zero, open_share
from analysis.planning.size import normal_quantile


def two_unit_size(
    difference: float,
    sd: float,
    *,
    deff: float = 1.0,
    level: float = 0.95,
    power: float = 0.8,
    correlation: float = 0.0,
) -> float:
    """Answers that each of two units (or years) needs, for a difference to be found.

    Parameters
    ----------
    difference : true difference d of the two means, in the unit of `sd`
    sd : standard deviation between persons, the same in both
    deff : design effect of each mean
    level : 1 less the chance of a false alarm; two-sided
    power : chance of finding the difference
    correlation : of the two means, above 0 where the same people rate both

    Returns
    -------
    float, answers in each unit, unrounded

    Raises
    ------
    DesignError
        if an argument is outside its range

    Notes
    -----
    2 S^2 deff (1 - r) (z_{a/2} + z_b)^2 / d^2, for large populations and many PSUs.

    References
    ----------
    Cochran (1977), Sampling Techniques, sec. 4.11 (two means); Cohen (1988), Statistical Power
    Analysis, sec. 2.4.

    Examples
    --------
    >>> round(two_unit_size(0.1, 0.28), 2), round(two_unit_size(0.1, 0.28, deff=2), 2)
    (123.07, 246.14)
    """
    reach = (normal_quantile(level) + _beta(power)) / above_zero("difference", abs(difference))
    return _variance(sd, deff, correlation) * reach**2


def detectable_difference(
    answers: float,
    sd: float,
    *,
    deff: float = 1.0,
    level: float = 0.95,
    power: float = 0.8,
    correlation: float = 0.0,
) -> float:
    """Smallest true difference of two units that is found with the stated power.

    Parameters
    ----------
    answers : valid answers in each of the two units
    sd, deff, level, power, correlation : as in `two_unit_size`

    Returns
    -------
    float in the unit of `sd`

    Raises
    ------
    DesignError
        if an argument is outside its range

    Notes
    -----
    (z_{a/2} + z_b) sqrt(2 S^2 deff (1 - r) / n).

    References
    ----------
    See `two_unit_size`.

    Examples
    --------
    >>> round(detectable_difference(14, 0.28, deff=2), 2)
    0.42
    """
    error = math.sqrt(_variance(sd, deff, correlation) / above_zero("answers", answers))
    return (normal_quantile(level) + _beta(power)) * error


def comparison_power(
    difference: float,
    answers: float,
    sd: float,
    *,
    deff: float = 1.0,
    level: float = 0.95,
    correlation: float = 0.0,
) -> float:
    """Chance that a two-sided test finds a true difference of two units.

    Parameters
    ----------
    difference : true difference of the means
    answers : valid answers in each unit
    sd, deff, level, correlation : as in `two_unit_size`

    Returns
    -------
    float between 1 - level and 1

    Raises
    ------
    DesignError
        if an argument is outside its range

    Notes
    -----
    Both tails of the normal distribution; with few PSUs the t test finds less.

    References
    ----------
    See `two_unit_size`.

    Examples
    --------
    >>> round(comparison_power(0.1, 123.07, 0.28), 3), round(comparison_power(0, 50, 0.28), 3)
    (0.8, 0.05)
    """
    error = math.sqrt(_variance(sd, deff, correlation) / above_zero("answers", answers))
    z, shift = normal_quantile(level), abs(difference) / error
    return float(special.ndtr(shift - z) + special.ndtr(-shift - z))


def _variance(sd: float, deff: float, correlation: float) -> float:
    """Variance of a difference times the answers of each unit."""
    if not -1 <= correlation < 1:
        raise DesignError(
            "bad_plan",
            f"correlation is {correlation!r}.",
            "Give a correlation from -1 to below 1.",
            argument="correlation",
            value=correlation,
        )
    return 2 * above_zero("sd", sd) ** 2 * above_zero("deff", deff) * (1 - correlation)


def _beta(power: float) -> float:
    return float(special.ndtri(open_share("power", power)))
