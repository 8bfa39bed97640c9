"""What drawing people in clusters costs, and what last wave tells of it."""

import math

from analysis.planning.arguments import above_zero, correlation, not_negative, open_share


def design_effect(take: float, icc: float, weight_cv2: float = 0.0) -> float:
    """How many times larger the variance is than in a simple random sample of as many answers.

    Parameters
    ----------
    take : answers per PSU, m (a mean may be broken)
    icc : correlation rho between two people of one PSU
    weight_cv2 : squared coefficient of variation of the weights, cv_w^2

    Returns
    -------
    float

    Raises
    ------
    DesignError
        if an argument is outside its range

    Notes
    -----
    [1 + (m - 1) rho] (1 + cv_w^2). Too small when takes vary much between PSUs: m is then
    sum(m_i^2)/sum(m_i).

    References
    ----------
    Kish (1965), Survey Sampling, sec. 5.4 and 11.7; Gabler, Haeder and Lahiri (1999), Survey
    Methodology 25, 105-106.

    Examples
    --------
    >>> round(design_effect(20, 0.05), 2), round(design_effect(20, 0.05, 0.2), 2)
    (1.95, 2.34)
    """
    above_zero("take", take)
    correlation("icc", icc)
    not_negative("weight_cv2", weight_cv2)
    effect = (1 + (take - 1) * icc) * (1 + weight_cv2)
    return above_zero("design effect", effect)


def intraclass_correlation(deff: float, take: float, weight_cv2: float = 0.0) -> float:
    """Correlation inside PSUs that a design effect of the last wave tells of.

    Parameters
    ----------
    deff : design effect seen, variance over that of a simple random sample
    take : answers per PSU in that wave, m above 1
    weight_cv2 : squared coefficient of variation of its weights

    Returns
    -------
    float, rho

    Raises
    ------
    DesignError
        if an argument is outside its range

    Notes
    -----
    (deff / (1 + cv_w^2) - 1) / (m - 1); the inverse of `design_effect`. From few PSUs it is
    itself uncertain: take the median over items and units.

    References
    ----------
    Kish (1965), Survey Sampling, sec. 5.6.

    Examples
    --------
    >>> round(intraclass_correlation(1.95, 20), 10)
    0.05
    """
    above_zero("deff", deff)
    above_zero("take less 1", take - 1)
    return (deff / (1 + not_negative("weight_cv2", weight_cv2)) - 1) / (take - 1)


def best_take(cost_psu: float, cost_person: float, icc: float) -> float:
    """Number of persons per PSU that gives the smallest variance for the money.

    Parameters
    ----------
    cost_psu : cost of one more PSU (travel, permits, a training day)
    cost_person : cost of one more person in a PSU that is visited anyway
    icc : correlation between two people of one PSU

    Returns
    -------
    float, infinite where people of a PSU are no more alike than others

    Raises
    ------
    DesignError
        if a cost is not above 0 or `icc` is not below 1

    Notes
    -----
    sqrt(C_psu / C_person · (1 - rho)/rho). The optimum is flat: half or twice as many cost little.

    References
    ----------
    Cochran (1977), Sampling Techniques, sec. 10.6; Kish (1965), Survey Sampling, sec. 8.3.

    Examples
    --------
    >>> round(best_take(600_000, 30_000, 0.05), 2)
    19.49
    """
    above_zero("cost_psu", cost_psu)
    above_zero("cost_person", cost_person)
    if icc <= 0:
        return math.inf
    return math.sqrt(cost_psu / cost_person * (1 - open_share("icc", icc)) / icc)
