"""Rows that answered every item of a scale, within the full design, and who was left out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.design import SurveyDesign, need_columns
from analysis.errors import DataError
from analysis.estimation.freedom import degrees_of_freedom
from analysis.estimation.replication.declared import ReplicateWeights
from analysis.exact import Number, exact
from analysis.sample import Bools, Floats, Ints, Sample, bind

Coefficients = Mapping[str, Mapping[str, Number]]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a reader of a number must know.

    Parameters
    ----------
    code : stable snake_case name
    items : items that it speaks of; empty means all
    message : what was found
    hint : what to do about it
    """

    code: str
    items: tuple[str, ...]
    message: str
    hint: str


@dataclass(frozen=True, eq=False)
class CompleteCases:
    """The rows that answered all of J items, as a domain of the full design.

    Parameters
    ----------
    items : J names
    sample : all R rows within their design
    rows : (n,) rows with a weight above 0 and an answer to every item
    values : (n, J) their answers, in the unit of the coefficients
    asked : rows of the domain with a weight above 0, complete or not
    missing : (J,) rows of `asked` without an answer to the item
    """

    items: tuple[str, ...]
    sample: Sample
    rows: Ints
    values: Floats
    asked: int
    missing: Ints

    @property
    def n(self) -> int:
        """Complete rows."""
        return len(self.rows)

    @property
    def left_out(self) -> int:
        """Rows that were asked and left out because an answer is missing."""
        return self.asked - self.n

    @property
    def weight(self) -> Floats:
        """(n,) sampling weights of the complete rows."""
        return np.asarray(self.sample.weight[self.rows])

    @property
    def df(self) -> int:
        """PSUs with a complete row less the strata that hold them."""
        answered = np.zeros(len(self.sample.psu_stratum), dtype=np.bool_)
        answered[self.sample.psu[self.rows]] = True
        return degrees_of_freedom(self.sample, answered)


def complete_cases(
    data: pd.DataFrame,
    design: SurveyDesign,
    items: Sequence[str],
    coefficients: Coefficients | None = None,
    where: Bools | None = None,
    replicates: ReplicateWeights | None = None,
) -> CompleteCases:
    """Find the rows that answered all items.

    Parameters
    ----------
    data : R rows, one per respondent (or per respondent and unit)
    design : declared design
    items : J columns of numbers or answer codes; a missing value is no answer
    coefficients : per item its codes with their coefficients, a reversed item with its reversed
        table; a code without a coefficient is no answer. Items not listed are taken as numbers
    where : (R,) rows of a domain; the others keep their PSUs in the design
    replicates : replaces those of the design

    Returns
    -------
    CompleteCases

    Raises
    ------
    DataError
        if a column is missing, an item occurs twice, or an answer is no number
    DesignError
        see `analysis.sample.bind`

    Examples
    --------
    >>> rows = pd.DataFrame({"q1": [1, 2, 9], "q2": [1, None, 1]})
    >>> tables = {"q1": {"1": "0", "2": "1"}}
    >>> found = complete_cases(rows, SurveyDesign(), ["q1", "q2"], tables)
    >>> found.n, found.left_out, found.missing.tolist(), found.values.tolist()
    (1, 2, [1, 1], [[0.0, 1.0]])
    """
    need_columns(data, tuple(items), "the data")
    twice = [name for place, name in enumerate(items) if name in list(items)[:place]]
    if twice:
        raise DataError(
            "item_twice",
            f"Item {twice[0]!r} is listed twice.",
            "List every item once.",
            item=twice[0],
        )
    asked_for = design if replicates is None else replace(design, replicates=replicates)
    sample = bind(asked_for, data)
    asked = sample.weight > 0
    if where is not None:
        asked = asked & np.asarray(where, dtype=np.bool_)
    values = np.full((len(data), len(items)), np.nan)
    for place, name in enumerate(items):
        table = None if coefficients is None else coefficients.get(name)
        values[:, place] = numbers(data[name], name, table)
    answered = ~np.isnan(values)
    rows = np.flatnonzero(asked & answered.all(axis=1))
    return CompleteCases(
        items=tuple(items),
        sample=sample,
        rows=rows,
        values=values[rows],
        asked=int(asked.sum()),
        missing=(asked[:, None] & ~answered).sum(axis=0),
    )


def numbers(column: pd.Series, item: str, table: Mapping[str, Number] | None = None) -> Floats:
    """(R,) answers as floats, nan where there is none.

    Parameters
    ----------
    column : R numbers or codes, empty text and missing values are no answer
    item : its name, for the error
    table : coefficient of each code; None takes the numbers as they are

    Raises
    ------
    DataError
        if a value is neither a finite number nor missing

    Examples
    --------
    >>> numbers(pd.Series([1, 2, None]), "q1", {"1": "0.6"}).tolist()
    [0.6, nan, nan]
    """
    found = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    blank = column.isna().to_numpy() | (column.astype(str).str.strip() == "").to_numpy()
    wrong = ~blank & ~np.isfinite(found)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(
            "bad_answer",
            f"Item {item!r} has the answer {column.iloc[row]!r} in data row {row + 1}.",
            "Answers are finite numbers or codes; leave a missing one empty.",
            item=item,
            row=row + 1,
            value=column.iloc[row],
        )
    if table is None:
        return found
    known = {int(code): float(exact(value, f"{item}: {code}")) for code, value in table.items()}
    return np.asarray(pd.Series(found).map(known), dtype=np.float64)


def weighted_covariance(values: Floats, weight: Floats) -> Floats:
    """Covariance matrix of J variables from weighted rows.

    Parameters
    ----------
    values : (n, J), n at least 2
    weight : (n,) above 0; their scale does not matter

    Returns
    -------
    (J, J) symmetric: sum w (y - m)(y - m)' / sum w · n/(n - 1), m the weighted means

    Examples
    --------
    >>> weighted_covariance(np.array([[0.0], [2.0]]), np.array([1.0, 3.0])).tolist()
    [[1.5]]
    """
    n = len(values)
    centred = values - weight @ values / weight.sum()
    found = (centred * (weight / weight.sum())[:, None]).T @ centred * (n / (n - 1))
    return np.asarray((found + found.T) / 2, dtype=np.float64)


def rows_left_out(cases: CompleteCases) -> Iterator[Remark]:
    """The remark that rows were left out, if some were."""
    if cases.left_out:
        most = int(np.argmax(cases.missing))
        yield Remark(
            "rows_left_out",
            (cases.items[most],),
            f"{cases.left_out} of {cases.asked} rows lack an answer and are left out.",
            f"Most lack {cases.items[most]!r} ({int(cases.missing[most])} rows).",
        )
