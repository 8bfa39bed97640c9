"""How many people to ask for a stated precision, and what precision a number of people gives."""

import math
from dataclasses import dataclass

from scipy import special

from analysis.errors import DesignError
from analysis.planning.arguments import above_zero, open_share, share

CLOSE = 1e-9  # a size so near below a whole number is that number


def normal_quantile(level: float) -> float:
    """Two-sided quantile of the normal distribution, 1.96 for 95 %.

    Examples
    --------
    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    return float(special.ndtri((1 + open_share("level", level)) / 2))


def round_up(size: float) -> int:
    """Whole number to use for a computed size; rounding errors do not add a person.

    Examples
    --------
    >>> round_up(285.714), round_up(286.0000000000001)
    (286, 286)
    """
    return math.ceil(size - CLOSE * max(1.0, abs(size)))


def slovin(population: float, margin: float) -> float:
    """Sample size by the formula that Vietnamese guidelines prescribe, unrounded.

    Parameters
    ----------
    population : units of the population, N
    margin : e, as a share (0.05 for 5 points of 100)

    Returns
    -------
    float, persons

    Raises
    ------
    DesignError
        if an argument is outside its range

    Notes
    -----
    N / (1 + N e^2): Cochran's size of one proportion with z = 2 and p = 1/2, corrected for a
    finite population. What it leaves out is told by `analysis.planning.slovin.beside`.

    References
    ----------
    Yamane (1967), Statistics: An Introductory Analysis, p. 886. The name has no traceable source:
    Tejada and Punzalan (2012), The Philippine Statistician 61(1), 129-136.

    Examples
    --------
    >>> [round_up(slovin(size, 0.05)) for size in (1_000, 10_000, 100_000)]
    [286, 385, 399]
    """
    above_zero("population", population)
    above_zero("margin", margin)
    if math.isinf(population):
        return 1 / margin**2
    return population / (1 + population * margin**2)


def cochran(
    population: float, margin: float, proportion: float = 0.5, level: float = 0.95
) -> float:
    """Size of a simple random sample for one proportion, unrounded.

    Parameters
    ----------
    population : persons in the population, `math.inf` for a large one
    margin : half-width of the interval, as a share
    proportion : expected p; 0.5 is the most cautious
    level : probability of cover

    Returns
    -------
    float, persons who answer

    Raises
    ------
    DesignError
        if an argument is outside its range

    Notes
    -----
    n0 = z^2 p (1-p) / e^2, then n0 / (1 + (n0 - 1)/N). Wrong for p near 0 or 1, where the normal
    interval is, and for anything but a simple random sample without nonresponse: see `need`.

    References
    ----------
    Cochran (1977), Sampling Techniques, eq. 4.1 and 4.2.

    Examples
    --------
    >>> round(cochran(1_000, 0.05), 4)
    277.7335
    """
    first = _first_size(margin, math.sqrt(proportion_variance(proportion)), level)
    return first / (1 + (first - 1) / above_zero("population", population))


def mean_size(population: float, margin: float, sd: float, level: float = 0.95) -> float:
    """Size of a simple random sample for one mean, unrounded.

    Parameters
    ----------
    population : persons in the population, `math.inf` for a large one
    margin : half-width of the interval, in the unit of `sd`
    sd : standard deviation S between persons; for coefficients in [0, 1] about 0.25 to 0.30
    level : probability of cover

    Returns
    -------
    float, persons who answer

    Raises
    ------
    DesignError
        if an argument is outside its range

    Notes
    -----
    n0 = (z S / e)^2, then n0 / (1 + n0/N).

    References
    ----------
    Cochran (1977), Sampling Techniques, sec. 4.6.

    Examples
    --------
    >>> round(mean_size(1_000, 0.04, 0.28), 4)
    158.4131
    """
    return corrected(_first_size(margin, above_zero("sd", sd), level), population)


def corrected(size: float, population: float) -> float:
    """Size n for a large population corrected for one of N: n / (1 + n/N)."""
    return size / (1 + size / above_zero("population", population))


def proportion_variance(proportion: float) -> float:
    """Variance p(1-p) of a yes/no answer."""
    return open_share("proportion", proportion) * (1 - proportion)


def _first_size(margin: float, sd: float, level: float) -> float:
    return (normal_quantile(level) * sd / above_zero("margin", margin)) ** 2


@dataclass(frozen=True, slots=True)
class Need:
    """The sample size that a precision takes, step by step, unrounded and rounded up.

    Parameters
    ----------
    simple : answers of a simple random sample from a large population
    designed : the same times the design effect
    answers : valid answers needed, after the finite correction
    asked : persons to invite, after blanks and nonresponse
    population : persons there are
    """

    simple: float
    designed: float
    answers: float
    asked: float
    population: float

    @property
    def invitations(self) -> int:
        """Persons to invite, rounded up; may be more than there are."""
        return round_up(self.asked)

    @property
    def feasible(self) -> bool:
        """Whether there are so many people."""
        return self.invitations <= self.population


def need(
    population: float,
    margin: float,
    *,
    sd: float | None = None,
    proportion: float | None = None,
    level: float = 0.95,
    deff: float = 1.0,
    response: float = 1.0,
    blanks: float = 0.0,
) -> Need:
    """Sample size of one unit, or of one country, for a stated half-width.

    Parameters
    ----------
    population : persons N of the unit, `math.inf` for a large one
    margin : half-width e of the interval, in the unit of `sd`
    sd : standard deviation of the score between persons; this or `proportion`, 0.5 if neither
    proportion : expected share, for a yes/no question
    level : probability of cover
    deff : design effect, from `analysis.planning.effect.design_effect`
    response : share of the invited who answer
    blanks : share of those who answer that leaves the item blank or does not know

    Returns
    -------
    Need

    Raises
    ------
    DesignError
        if an argument is outside its range, or both `sd` and `proportion` are given

    Notes
    -----
    n0 = (z S/e)^2 → × deff → n/(1 + n/N) → ÷ (1 - blanks) ÷ response → rounded up. Dividing by
    the response rate keeps the precision and does nothing against bias by nonresponse.

    References
    ----------
    Cochran (1977), Sampling Techniques, sec. 4.4 to 4.6; Kish (1965), Survey Sampling, sec. 8.2.

    Examples
    --------
    >>> plan = need(20_000, 0.05, proportion=0.5, deff=1.8, response=0.7)
    >>> round(plan.asked, 4), plan.invitations, plan.feasible
    (954.7935, 955, True)
    """
    spread = _spread(sd, proportion)
    valid = share("response", response) * share("1 - blanks", 1 - blanks)
    simple = _first_size(margin, spread, level)
    designed = simple * above_zero("deff", deff)
    answers = corrected(designed, population)
    return Need(simple, designed, answers, answers / valid, population)


def _spread(sd: float | None, proportion: float | None) -> float:
    if sd is None:
        return math.sqrt(proportion_variance(0.5 if proportion is None else proportion))
    if proportion is not None:
        raise DesignError(
            "bad_plan",
            "Both sd and proportion are given.",
            "Give sd for a mean, proportion for a yes/no question.",
            argument="proportion",
            value=proportion,
        )
    return above_zero("sd", sd)


def half_width(
    answers: float,
    sd: float,
    *,
    population: float = math.inf,
    deff: float = 1.0,
    level: float = 0.95,
) -> float:
    """Expected half-width of an interval from a number of answers.

    Parameters
    ----------
    answers : valid answers n
    sd : standard deviation between persons
    population : persons N
    deff : design effect
    level : probability of cover

    Returns
    -------
    float in the unit of `sd`; 0 when all answered

    Raises
    ------
    DesignError
        if an argument is outside its range

    Notes
    -----
    z S sqrt(deff (1 - n/N) / n), the inverse of `need`. With few PSUs the t factor makes the
    true interval wider: see `analysis.planning.expected`.

    References
    ----------
    Cochran (1977), Sampling Techniques, sec. 2.6 and 4.6.

    Examples
    --------
    >>> round(half_width(400, 0.28), 4), round(half_width(280, 0.28, deff=2), 4)
    (0.0274, 0.0464)
    """
    left = max(0.0, 1 - above_zero("answers", answers) / above_zero("population", population))
    error = above_zero("sd", sd) * math.sqrt(above_zero("deff", deff) * left / answers)
    return normal_quantile(level) * error
