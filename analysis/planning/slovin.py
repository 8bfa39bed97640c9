"""Slovin's formula beside what it does not know, in numbers for the survey at hand."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

import pandas as pd

from analysis.planning.arguments import above_zero, not_negative, share
from analysis.planning.comparing import comparison_power, detectable_difference
from analysis.planning.size import (
    cochran,
    half_width,
    mean_size,
    need,
    normal_quantile,
    proportion_variance,
    slovin,
)


class Fault(StrEnum):
    """What the formula leaves out."""

    ONE_PROPORTION = "one_proportion"
    NO_DESIGN_EFFECT = "no_design_effect"
    NO_NONRESPONSE = "no_nonresponse"
    DIVIDED_AMONG_UNITS = "divided_among_units"
    COUNTS_TRANSACTIONS = "counts_transactions"
    NO_DIFFERENCES = "no_differences"
    MARGIN_QUARTERS = "margin_quarters"
    NO_SOURCE = "no_source"


@dataclass(frozen=True, slots=True)
class Remark:
    """One number that the formula suggests, and what it is in truth.

    Parameters
    ----------
    fault : what is left out
    measure : stable name of the number, its unit at the end: `_points` of 100, `_persons`, …
    slovin : as the formula would have it, nan where it is silent
    truth : for the survey as planned
    """

    fault: Fault
    measure: str
    slovin: float
    truth: float


@dataclass(frozen=True, slots=True)
class Beside:
    """Slovin's size for a survey beside the truth about it.

    Parameters
    ----------
    population, margin, units, sd, deff, response, blanks, level, power : the plan, as given
    size : Slovin's n, unrounded
    remarks : numbers for each of the eight faults
    """

    population: float
    margin: float
    units: int
    sd: float
    deff: float
    response: float
    blanks: float
    level: float
    power: float
    size: float
    remarks: tuple[Remark, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row a remark: fault, measure, slovin, truth."""
        rows = [(str(r.fault), r.measure, r.slovin, r.truth) for r in self.remarks]
        return pd.DataFrame(rows, columns=["fault", "measure", "slovin", "truth"])

    def truth(self, measure: str) -> float:
        """The true number of a measure."""
        return next(r.truth for r in self.remarks if r.measure == measure)


def beside(
    population: float,
    margin: float = 0.05,
    *,
    units: int = 1,
    sd: float = 0.28,
    deff: float = 1.0,
    response: float = 1.0,
    blanks: float = 0.0,
    take: float = 1.0,
    strata: int = 1,
    contacts: float = 1.0,
    contacts_cv: float = 0.0,
    level: float = 0.95,
    power: float = 0.8,
) -> Beside:
    """Compare Slovin's size with the survey that it is to serve.

    Parameters
    ----------
    population : N as the guideline counts it, often transactions
    margin : e, as a share
    units : units among which the sample is divided and which are compared
    sd : standard deviation of the score between persons, in shares of the maximum
    deff : design effect of a unit's mean
    response : share of the invited who answer
    blanks : share of those who leave the item blank or do not know
    take : answers per PSU
    strata : strata, each of which needs two PSUs
    contacts : mean transactions per person
    contacts_cv : their coefficient of variation
    level : probability of cover
    power : chance of finding a difference

    Returns
    -------
    Beside

    Raises
    ------
    DesignError
        if an argument is outside its range

    Notes
    -----
    Margins and differences are in points of 100. Units are taken as equally large, each with
    N/units people, whose own finite correction holds. With contacts of mean c and variation cv
    the list of transactions holds N/c persons, and weights that undo the unequal chances
    multiply the variance by about 1 + cv^2.

    References
    ----------
    Tejada and Punzalan (2012), The Philippine Statistician 61(1), 129-136, on (1), (2), (8);
    Cochran (1977), Sampling Techniques, ch. 4; Kish (1965), Survey Sampling, sec. 11.2, on (5).

    Examples
    --------
    >>> found = beside(1_000_000, units=20, deff=2, response=0.7)
    >>> round(found.size), round(found.truth("unit_margin_points"), 1)
    (400, 20.7)
    >>> round(found.truth("unit_difference_points"))
    42
    """
    n = slovin(population, margin)
    above_zero("units", units)
    valid = share("response", response) * share("1 - blanks", 1 - blanks)
    given = (population, margin, units, sd, deff, response, blanks, level, power)
    plan = Beside(*given, size=n, remarks=())
    remarks = (
        *_one_proportion(plan),
        *_no_design_effect(plan),
        *_no_nonresponse(plan, valid),
        *_divided(plan, valid),
        *_transactions(plan, above_zero("contacts", contacts), contacts_cv),
        *_no_differences(plan, valid, above_zero("take", take), strata),
        *_quarters(plan),
        *_no_source(plan),
    )
    return replace(plan, remarks=remarks)


def _points(plan: Beside, answers: float, deff: float = 1.0, units: int = 1) -> float:
    """Half-width of a mean in points of 100, for a unit out of so many."""
    people = plan.population / units
    return 100 * half_width(answers, plan.sd, population=people, deff=deff, level=plan.level)


def _one_proportion(plan: Beside) -> list[Remark]:
    fault = Fault.ONE_PROPORTION
    mean = mean_size(plan.population, plan.margin, plan.sd, plan.level)
    return [
        Remark(fault, "mean_margin_points", 100 * plan.margin, _points(plan, plan.size)),
        Remark(fault, "mean_size_persons", plan.size, mean),
    ]


def _no_design_effect(plan: Beside) -> list[Remark]:
    fault = Fault.NO_DESIGN_EFFECT
    wanted = need(plan.population, plan.margin, proportion=0.5, level=plan.level, deff=plan.deff)
    return [
        Remark(fault, "effective_size_persons", plan.size, plan.size / plan.deff),
        Remark(
            fault, "designed_margin_points", 100 * plan.margin, _points(plan, plan.size, plan.deff)
        ),
        Remark(fault, "designed_size_persons", plan.size, wanted.answers),
    ]


def _no_nonresponse(plan: Beside, valid: float) -> list[Remark]:
    fault = Fault.NO_NONRESPONSE
    wanted = need(
        plan.population, plan.margin, proportion=0.5, level=plan.level,
        deff=plan.deff, response=plan.response, blanks=plan.blanks,
    )  # fmt: skip
    answers = plan.size * valid
    return [
        Remark(fault, "valid_answers_persons", plan.size, answers),
        Remark(
            fault, "answered_margin_points", 100 * plan.margin, _points(plan, answers, plan.deff)
        ),
        Remark(fault, "invited_persons", plan.size, wanted.asked),
    ]


def _divided(plan: Beside, valid: float) -> list[Remark]:
    fault = Fault.DIVIDED_AMONG_UNITS
    each, margin = plan.size / plan.units, 100 * plan.margin
    wanted = need(
        plan.population / plan.units, plan.margin, sd=plan.sd, level=plan.level,
        deff=plan.deff, response=plan.response, blanks=plan.blanks,
    )  # fmt: skip
    return [
        Remark(fault, "unit_size_persons", plan.size, each),
        Remark(fault, "unit_simple_margin_points", margin, _points(plan, each, units=plan.units)),
        Remark(
            fault, "unit_margin_points", margin, _points(plan, each * valid, plan.deff, plan.units)
        ),
        Remark(fault, "all_units_invited_persons", plan.size, wanted.asked * plan.units),
    ]


def _transactions(plan: Beside, contacts: float, cv: float) -> list[Remark]:
    fault = Fault.COUNTS_TRANSACTIONS
    persons = plan.population / contacts
    spread = 1 + not_negative("contacts_cv", cv) ** 2
    return [
        Remark(fault, "population_persons", plan.population, persons),
        Remark(fault, "unequal_chances_deff", 1.0, spread),
        Remark(fault, "equal_chances_persons", plan.size, plan.size / spread),
    ]


def _no_differences(plan: Beside, valid: float, take: float, strata: int) -> list[Remark]:
    fault = Fault.NO_DIFFERENCES
    answers = plan.size / plan.units * valid
    found = detectable_difference(
        answers, plan.sd, deff=plan.deff, level=plan.level, power=plan.power
    )
    chance = comparison_power(plan.margin, answers, plan.sd, deff=plan.deff, level=plan.level)
    return [
        Remark(fault, "unit_difference_points", math.nan, 100 * found),
        Remark(fault, "power_for_margin_percent", math.nan, 100 * chance),
        Remark(fault, "psus_a_unit", math.nan, answers / take),
        Remark(fault, "psus_needed", math.nan, 2.0 * above_zero("strata", strata)),
    ]


def _quarters(plan: Beside) -> list[Remark]:
    fault, double = Fault.MARGIN_QUARTERS, slovin(plan.population, 2 * plan.margin)
    return [
        Remark(fault, "double_margin_persons", plan.size, double),
        Remark(fault, "double_margin_saving_percent", math.nan, 100 * (1 - double / plan.size)),
    ]


def _no_source(plan: Beside) -> list[Remark]:
    """The formula's z = 2 stands for 95.45 %, not 95 %."""
    fault = Fault.NO_SOURCE
    return [
        Remark(fault, "normal_quantile", 2.0, normal_quantile(plan.level)),
        Remark(fault, "variance_assumed", proportion_variance(0.5), plan.sd**2),
        Remark(
            fault,
            "cochran_persons",
            plan.size,
            cochran(plan.population, plan.margin, 0.5, plan.level),
        ),
    ]
