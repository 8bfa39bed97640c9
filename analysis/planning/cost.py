"""What a plan costs."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.planning.arguments import not_negative
from analysis.planning.expected import TOTAL, GroupPlan


@dataclass(frozen=True, slots=True)
class Cost:
    """What a plan costs, in the unit of its prices.

    Parameters
    ----------
    psus, persons : visited and asked
    for_psus, for_persons, fixed : the parts of the cost
    """

    psus: float
    persons: float
    for_psus: float
    for_persons: float
    fixed: float

    @property
    def total(self) -> float:
        """All together."""
        return self.for_psus + self.for_persons + self.fixed


def cost(
    psus: float, persons: float, *, per_psu: float, per_person: float, fixed: float = 0.0
) -> Cost:
    """Cost of a sample by the simple model that the best take per PSU rests on.

    Parameters
    ----------
    psus : PSUs that are visited
    persons : persons who are asked
    per_psu, per_person : price of one more of each
    fixed : what does not depend on them

    Returns
    -------
    Cost

    Raises
    ------
    DesignError
        if a number is below 0

    Notes
    -----
    fixed + a C_psu + n C_person.

    References
    ----------
    Cochran (1977), Sampling Techniques, sec. 10.6.

    Examples
    --------
    >>> cost(25, 500, per_psu=600_000, per_person=30_000).total
    30000000.0
    """
    numbers = {
        "psus": psus, "persons": persons, "per_psu": per_psu,
        "per_person": per_person, "fixed": fixed,
    }  # fmt: skip
    for name, value in numbers.items():
        not_negative(name, value)
    return Cost(psus, persons, float(psus * per_psu), float(persons * per_person), float(fixed))


def cost_table(
    plans: Mapping[str, GroupPlan], *, per_psu: float, per_person: float, fixed: float = 0.0
) -> pd.DataFrame:
    """Cost of asking every group about every unit.

    Parameters
    ----------
    plans : group to its plan; persons who rate several units are counted about each
    per_psu, per_person, fixed : prices, as in `cost`; `fixed` stands once, in the last row

    Returns
    -------
    DataFrame, one row a group and unit and one "total": psus, persons, cost

    Raises
    ------
    DesignError
        if a number is out of range

    Examples
    --------
    >>> plan = GroupPlan(invited={"A": 100, "B": 60}, take=10, response=0.5)
    >>> cost_table({"citizens": plan}, per_psu=5, per_person=1).cost.tolist()
    [125.0, 75.0, 200.0]
    """
    rows: list[tuple[str, str, float, float, float]] = []
    for name, plan in plans.items():
        for unit, invited in plan.invited.items():
            psus = plan.answering(unit) / plan.take if plan.take > 1 else 0.0
            found = cost(psus, invited, per_psu=per_psu, per_person=per_person)
            rows.append((name, unit, psus, float(invited), found.total))
    psus, persons = sum(row[2] for row in rows), sum(row[3] for row in rows)
    money = sum(row[4] for row in rows) + not_negative("fixed", fixed)
    rows.append((TOTAL, "", psus, persons, money))
    return pd.DataFrame(rows, columns=["group", "unit", "psus", "persons", "cost"])
