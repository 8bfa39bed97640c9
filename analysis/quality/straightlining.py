"""How carefully a battery was answered: straight lines, long runs, agreeing with all, blanks.

Only shares of groups come out, never a person's. A straight line is no proof of carelessness, since
somebody may be content with everything: compare groups and waves, and drop nobody for it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.answers import read_codes
from analysis.codebook import BLANK, Codebook, Codes, Meaning
from analysis.design import SurveyDesign, need_columns
from analysis.errors import DataError
from analysis.estimation.domains import NONE, Domains, cells_of
from analysis.estimation.linear import estimate
from analysis.sample import Bools, Floats, Ints, Sample, bind

TOO_FEW = "too_few_persons"
_SHOWN = ("estimate", "se", "df", "ci_low", "ci_high", "persons", "reason")
_FORMULAS = {
    "straight_line": "1 if all valid answers have the same code, else 0",
    "longest_run": "longest stretch of equal valid answers, in the order asked / valid answers",
    "commonest_answer": "valid answers with the commonest code / valid answers",
    "variation": "1 - sum over codes of (answers with the code / valid answers)^2",
    "extreme_answers": "answers with the first or last code of the scale / valid answers",
    "acquiescence": "answers with a code that agrees / valid answers",
    "dont_know": "answers don't know / items that apply",
    "item_nonresponse": "blank items / items that apply",
}


@dataclass(frozen=True, eq=False)
class AnswerStyle:
    """Indices of answering style in G cells, weighted.

    Parameters
    ----------
    by : columns whose combinations are the cells
    cells : G rows, their values in these columns
    table : one row a cell and index: the columns `by`, index, estimate, se, df, ci_low, ci_high,
        persons, reason
    items : the same for the nonresponse of each item, with the column item
    minimum : persons that a cell needs; smaller ones have the reason "too_few_persons"
    """

    by: tuple[str, ...]
    cells: pd.DataFrame
    table: pd.DataFrame
    items: pd.DataFrame
    minimum: int

    @property
    def formulas(self) -> dict[str, str]:
        """What each index is for one row of answers; the table has their weighted means."""
        return dict(_FORMULAS)


def answer_style(
    data: pd.DataFrame,
    design: SurveyDesign,
    codebook: Codebook,
    items: Sequence[str],
    *,
    by: Sequence[str] = (),
    agree: Collection[int] = (),
    least: int = 3,
    minimum: int = 10,
    level: float = 0.95,
) -> AnswerStyle:
    """Describe how a battery of items was answered, by respondent group, unit or both.

    Parameters
    ----------
    data : R rows, one per ballot and unit
    design : declared design
    codebook : items and codes; those of the battery have the same choices
    items : J items, in the order in which they were asked
    by : columns whose combinations are the cells, such as group and unit
    agree : codes that agree with the statement; without any there is no index of acquiescence
    least : valid answers that a row needs to have a style; blanks are counted in every row
    minimum : persons (ballots) that a cell needs to be shown
    level : probability of cover of the intervals, between 0 and 1

    Returns
    -------
    AnswerStyle; nothing in it speaks of fewer than `minimum` persons

    Raises
    ------
    DataError
        if a column is missing, a code unknown, or the items have different choices
    DesignError
        see `analysis.sample.bind`

    Notes
    -----
    Valid answers are choices; everything else is skipped, so that it does not end a run. Refused
    and not reached count as item nonresponse, as a blank does; what was not asked or does not
    apply counts nowhere. Every index is computed for each row as `formulas` says, and then its
    weighted mean with the design's error, as `analysis.estimation.means.means`. A table that is
    published beside its own totals needs disclosure control as any other.

    References
    ----------
    Kim, Dykema, Stevenson, Black and Moberg (2019), Social Science Computer Review 37, 214-233,
    for straight lines and variation; Baumgartner and Steenkamp (2001), Journal of Marketing
    Research 38, 143-156, for acquiescence and extreme answers.

    Examples
    --------
    >>> rows = pd.DataFrame({"a": [1, 2] * 6, "b": [1, 3] * 6, "c": [1, 0] * 6})
    >>> scale = {1: "choice", 2: "choice", 3: "choice"}
    >>> book = Codebook({"a": scale, "b": scale, "c": scale})
    >>> found = answer_style(rows, SurveyDesign(), book, ["a", "b", "c"], least=2)
    >>> found.table.set_index("index").estimate[["straight_line", "item_nonresponse"]].round(4)
    index
    straight_line       0.5000
    item_nonresponse    0.1667
    Name: estimate, dtype: float64
    """
    need_columns(data, (*items, *by), "the data")
    battery = Codebook({item: codebook.items[item] for item in _known(items, codebook)})
    choices = _choices(battery)
    _check_names(by, agree, choices)
    codes = read_codes(data, battery)
    valid = np.isin(codes, choices)
    unsure = _said(codes, battery, Meaning.DONT_KNOW)
    blank = (codes == BLANK) | _said(codes, battery, Meaning.REFUSED, Meaning.NOT_REACHED)
    sample = bind(design, data)
    cells, domains = _cells(data, by)
    shown = _Shown(sample, domains, cells, minimum, level)
    indices = _styles(codes, valid, choices, agree, least) | _gaps(valid, blank, unsure)
    asked = valid | blank | unsure
    gaps = {
        item: np.where(asked[:, j], blank[:, j], np.nan) for j, item in enumerate(battery.items)
    }
    return AnswerStyle(
        by=tuple(by),
        cells=cells,
        table=shown.table("index", indices),
        items=shown.table("item", gaps),
        minimum=minimum,
    )


def _known(items: Sequence[str], codebook: Codebook) -> Sequence[str]:
    for item in items:
        if item not in codebook.items:
            raise DataError(
                "unknown_item",
                f"Item {item!r} is not in the codebook.",
                f"It has: {', '.join(codebook.items)}.",
                item=item,
            )
    if len(items) < 2:
        raise DataError("too_few_items", "A battery has two items or more.", "Name them in order.")
    return items


def _choices(battery: Codebook) -> list[int]:
    first, *others = battery.items
    choices = battery.codes(first, Meaning.CHOICE)
    for item in others:
        if battery.codes(item, Meaning.CHOICE) != choices:
            raise DataError(
                "mixed_scales",
                f"Items {first!r} and {item!r} have different choices.",
                "A straight line needs one scale: describe each battery by itself.",
                item=item,
            )
    return choices


def _check_names(by: Sequence[str], agree: Collection[int], choices: list[int]) -> None:
    taken = [column for column in by if column in {"index", "item", *_SHOWN}]
    if taken:
        said = f"The column {taken[0]!r} has the name of a column of the result."
        raise DataError("reserved_name", said, "Rename it.", column=taken[0])
    unknown = sorted(set(agree) - set(choices))
    if unknown:
        raise DataError(
            "unknown_code",
            f"Code {unknown[0]} is to agree, but is no choice of the battery.",
            f"Its choices are {', '.join(map(str, choices))}.",
            value=unknown[0],
        )


def _said(codes: Codes, battery: Codebook, *meanings: Meaning) -> Bools:
    """(R, J) answers with one of some meanings."""
    of = [[c for m in meanings for c in battery.codes(item, m)] for item in battery.items]
    return np.column_stack([np.isin(codes[:, j], known) for j, known in enumerate(of)])


def _styles(
    codes: Codes, valid: Bools, choices: list[int], agree: Collection[int], least: int
) -> dict[str, Floats]:
    """(R,) of each index of style, nan where too few answers are valid."""
    answered = valid.sum(axis=1)
    size = np.where(answered >= max(least, 1), answered, np.nan)
    counts = np.column_stack([(codes == choice).sum(axis=1) for choice in choices])
    commonest = counts.max(axis=1)
    found = {
        "straight_line": np.where(np.isnan(size), np.nan, commonest == answered),
        "longest_run": _longest_run(codes, valid) / size,
        "commonest_answer": commonest / size,
        "variation": 1 - ((counts / size[:, None]) ** 2).sum(axis=1),
        "extreme_answers": counts[:, sorted({0, len(choices) - 1})].sum(axis=1) / size,
    }
    if agree:
        found["acquiescence"] = np.isin(codes, list(agree)).sum(axis=1) / size
    return found


def _longest_run(codes: Codes, valid: Bools) -> Ints:
    """(R,) length of the longest stretch of equal valid answers; others are skipped."""
    run, best = np.zeros(len(codes), dtype=np.int64), np.zeros(len(codes), dtype=np.int64)
    last = np.zeros(len(codes), dtype=codes.dtype)
    for code, counts in zip(codes.T, valid.T, strict=True):
        run = np.where(counts, np.where(code == last, run + 1, 1), run)
        last = np.where(counts, code, last)
        best = np.maximum(best, run)
    return best


def _gaps(valid: Bools, blank: Bools, unsure: Bools) -> dict[str, Floats]:
    """(R,) shares of don't know and blank, nan where no item applies."""
    asked = (valid | blank | unsure).sum(axis=1)
    size = np.where(asked > 0, asked, np.nan)
    return {
        "dont_know": unsure.sum(axis=1) / size,
        "item_nonresponse": blank.sum(axis=1) / size,
    }


def _cells(data: pd.DataFrame, by: Sequence[str]) -> tuple[pd.DataFrame, Domains]:
    """The combinations that occur, sorted, and which rows lie in each."""
    if not by:
        everybody = np.zeros(len(data), dtype=np.int64)
        return pd.DataFrame(index=range(1)), Domains(("",), everybody)
    groups = data.groupby(list(by), sort=True, dropna=True, observed=True)
    code = groups.ngroup().fillna(NONE).to_numpy()
    cells = data[list(by)].assign(cell=code)[code != NONE].drop_duplicates("cell")
    cells = cells.sort_values("cell").drop(columns="cell").reset_index(drop=True)
    return cells, Domains(tuple(map(str, range(len(cells)))), code.astype(np.int64))


@dataclass(frozen=True, eq=False)
class _Shown:
    """Cells with enough persons, and how they are estimated."""

    sample: Sample
    domains: Domains
    cells: pd.DataFrame
    minimum: int
    level: float

    def table(self, kind: str, indices: Mapping[str, Floats]) -> pd.DataFrame:
        """Weighted means of (R,) values in [0, 1], one row an index and cell."""
        found = [self._of(values) for values in indices.values()]
        size = len(self.domains.labels)
        parts = [np.concatenate(one) for one in zip(*found, strict=True)]
        columns = dict(zip(_SHOWN, parts, strict=True))
        names = {kind: np.repeat(list(indices), size)}
        cells = pd.concat([self.cells] * len(found), ignore_index=True)
        return pd.concat([cells, pd.DataFrame(names | columns)], axis=1)

    def _of(self, values: Floats) -> list[npt.NDArray[Any]]:
        """(G,) of each column shown; too few persons leave the reason alone."""
        cells = cells_of(self.domains, self.sample.weight, [("index", values, None)])
        found = estimate(self.sample, cells, (0.0, 1.0))
        limits = found.intervals(self.level, method="logit")
        persons = self._persons(cells.rows, cells.column)
        few = persons < self.minimum
        numbers = (found.estimate, found.se, found.df, limits.ci_low, limits.ci_high, persons)
        shown = [np.where(few, np.nan, number) for number in numbers]
        return [*shown, np.where(few, TOO_FEW, limits.reason.to_numpy(dtype=object))]

    def _persons(self, rows: Ints, column: Ints) -> Ints:
        """(G,) ballots that speak in each cell."""
        width = int(self.sample.ballot.max(initial=0)) + 1
        pairs = np.unique(column * width + self.sample.ballot[rows])
        return np.bincount(pairs // width, minlength=len(self.domains.labels))
