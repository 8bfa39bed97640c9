"""The sufficient statistics of one respondent group: unit × item × code, exact in any order."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.design import SurveyDesign, need_columns
from analysis.errors import DataError
from analysis.sample import Bools, Ints, Sample, bind
from analysis.weights import Weights, Wholes

Codes = npt.NDArray[np.uint8]
BLANK = 0
NOBODY = -1


class Meaning(StrEnum):
    """What an answer code says."""

    CHOICE = "choice"
    DONT_KNOW = "dont_know"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Codebook:
    """Items of a questionnaire and the meaning of their codes.

    Parameters
    ----------
    items : per item its codes, 1 to 255, with their meaning; 0 is blank and never listed

    Raises
    ------
    DataError
        if a code is outside 1 … 255 or a meaning is unknown

    Examples
    --------
    >>> book = Codebook({"q1": {1: "choice", 2: "choice", 9: "dont_know"}})
    >>> book.to_dict()
    {'q1': {'1': 'choice', '2': 'choice', '9': 'dont_know'}}
    """

    items: Mapping[str, Mapping[int, Meaning]]

    def __post_init__(self) -> None:
        checked = {name: _meanings(name, codes) for name, codes in self.items.items()}
        object.__setattr__(self, "items", checked)

    def to_dict(self) -> dict[str, dict[str, str]]:
        """Plain values for JSON; `from_dict` reads them back."""
        return {
            item: {str(code): str(meaning) for code, meaning in codes.items()}
            for item, codes in self.items.items()
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Mapping[str, Any]]) -> "Codebook":
        """Read a codebook written by `to_dict`."""
        return cls({item: {int(c): m for c, m in codes.items()} for item, codes in plain.items()})

    @property
    def width(self) -> int:
        """One more than the largest code."""
        return 1 + max((max(codes, default=0) for codes in self.items.values()), default=0)

    def codes(self, item: str, meaning: Meaning) -> list[int]:
        """Codes of an item with a meaning, ascending."""
        return sorted(code for code, said in self.items[item].items() if said is meaning)


def _meanings(item: str, codes: Mapping[int, str]) -> dict[int, Meaning]:
    for code, meaning in codes.items():
        if not 1 <= code <= 255 or meaning not in set(Meaning):
            raise DataError(
                "bad_codebook",
                f"Item {item!r} lists code {code!r} as {meaning!r}.",
                f"Codes are 1 to 255 (0 is blank), meanings {', '.join(Meaning)}.",
                item=item,
                value=code,
            )
    return {int(code): Meaning(meaning) for code, meaning in sorted(codes.items())}


@dataclass(frozen=True, eq=False)
class GroupStatistics:
    """Answers of one respondent group about U units, Q items, codes 0 … K-1, in R rows.

    Parameters
    ----------
    units : U unit codes
    codebook : items and codes
    sample : the rows within their design
    unit : (R,) unit of the row, or -1 where the row speaks of nobody (sampling weight 0)
    answers : (R, Q) codes, 0 = blank
    self_rating : (R,) the rater belongs to the unit
    n : (U, Q, K) rows with each code
    weighted : (U, Q, K) exact sum of weights of these rows, whole numbers of 1/`scale`

    Notes
    -----
    Rows stand in an order that depends on their content alone, so that later sums of floats are
    the same to the last bit however the file was sorted. Arrays are read-only.
    """

    units: tuple[str, ...]
    codebook: Codebook
    sample: Sample
    unit: Ints
    answers: Codes
    self_rating: Bools
    n: Ints
    weighted: Wholes
    source: "Source"

    @property
    def items(self) -> tuple[str, ...]:
        """Q item names, in the order of the arrays."""
        return tuple(self.codebook.items)

    @property
    def design(self) -> SurveyDesign:
        """The design that the group was drawn by."""
        return self.sample.design

    @property
    def scale(self) -> int:
        """Units of `weighted` in one unit of the population."""
        return self.sample.weights.scale

    def counts_by(self, unit: Ints, shape: tuple[int, int, int]) -> tuple[Ints, Wholes]:
        """Rows and weights by code with other unit numbers, (R,); -1 leaves a row out."""
        return _count(unit, self.answers, self.sample.weights, shape)

    def merge(self, other: "GroupStatistics") -> "GroupStatistics":
        """Statistics of two files of the same group, as if they had been one.

        Raises
        ------
        DataError
            if codebook or design differ
        """
        if self.codebook != other.codebook or self.design != other.design:
            raise DataError(
                "different_statistics",
                "The two files differ in codebook or design.",
                "Merge statistics of one group and one declaration only.",
            )
        data = pd.concat([self.source.data, other.source.data], ignore_index=True)
        units = tuple(dict.fromkeys((*self.units, *other.units)))
        named = self.source
        return aggregate(
            data, self.design, self.codebook, named.unit, rater_unit=named.rater_unit, units=units
        )

    def digest(self) -> str:
        """SHA-256 of the counts, weighted counts and sizes of strata."""
        parts = hashlib.sha256()
        for text in (self.units, sorted(self.codebook.to_dict().items()), self.sample.strata):
            parts.update(repr(text).encode())
        parts.update(repr((self.scale, self.weighted.ravel().tolist())).encode())
        for array in (self.n, self.sample.n_psu, self.sample.population):
            parts.update(array.astype(f"<{array.dtype.kind}8").tobytes())
        return parts.hexdigest()


@dataclass(frozen=True, eq=False)
class Source:
    """The columns of the file that the statistics came from."""

    data: pd.DataFrame
    unit: str
    rater_unit: str | None


def aggregate(
    responses: pd.DataFrame,
    design: SurveyDesign,
    codebook: Codebook,
    unit: str = "unit",
    *,
    rater_unit: str | None = None,
    units: Sequence[str] | None = None,
) -> GroupStatistics:
    """Count the answers of one group of respondents.

    Parameters
    ----------
    responses : one row per ballot and unit; the unit, the design's columns, and one column of
        whole numbers per item, where 0 or a missing value is blank
    design : how the group was drawn
    codebook : items and codes
    unit : column of the rated unit
    rater_unit : column of the unit that the rater belongs to, missing for outsiders
    units : units to report, in this order, also those that nobody rated; default all, sorted

    Returns
    -------
    GroupStatistics

    Raises
    ------
    DataError
        if a column is missing, or a row has an unknown unit or code
    DesignError
        see `analysis.sample.bind`

    Examples
    --------
    >>> rows = pd.DataFrame({"unit": ["A", "A", "B"], "q1": [1, 2, 0]})
    >>> book = Codebook({"q1": {1: "choice", 2: "choice"}})
    >>> aggregate(rows, SurveyDesign(), book).n[:, 0].tolist()
    [[0, 1, 1], [1, 0, 0]]
    """
    extra = () if rater_unit is None else (rater_unit,)
    need_columns(responses, (unit, *codebook.items, *design.columns, *extra), "the responses")
    data = responses[list(dict.fromkeys((unit, *codebook.items, *design.columns, *extra)))]
    answers = _answers(data, codebook)
    names, place = _units(data, unit, units)
    sample = bind(design, data)
    order = _order_of_content(data, sample, answers, place)
    sample = sample.take(order)
    place = np.where(sample.weight > 0, place[order], NOBODY)
    answers = answers[order]
    shape = (len(names), len(codebook.items), codebook.width)
    n, weighted = _count(place, answers, sample.weights, shape)
    self_rating = _same_unit(data, unit, rater_unit)[order]
    for array in (place, answers, self_rating, n, weighted):
        array.setflags(write=False)
    source = Source(data, unit, rater_unit)
    return GroupStatistics(
        names, codebook, sample, place, answers, self_rating, n, weighted, source
    )


def _answers(data: pd.DataFrame, codebook: Codebook) -> Codes:
    """(R, Q) codes, each one known to the codebook."""
    answers = np.zeros((len(data), len(codebook.items)), dtype=np.uint8)
    for column, (item, meanings) in enumerate(codebook.items.items()):
        raw = data[item]
        codes = pd.to_numeric(raw, errors="coerce")
        blank = raw.isna() if raw.dtype.kind in "iuf" else raw.isna() | (raw == "")
        known = blank | codes.isin([BLANK, *meanings])
        if not known.all():
            _refuse_code(raw, item, int(np.argmin(known.to_numpy())), meanings)
        answers[:, column] = codes.fillna(BLANK).to_numpy(dtype=np.uint8)
    return answers


def _refuse_code(raw: pd.Series, item: str, row: int, meanings: Mapping[int, Meaning]) -> None:
    raise DataError(
        "unknown_code",
        f"Item {item!r} has the answer {raw.iloc[row]!r} in data row {row + 1}.",
        f"Its codes are {', '.join(map(str, meanings))}; 0 or empty is blank.",
        item=item,
        row=row + 1,
        value=raw.iloc[row],
    )


def _units(
    data: pd.DataFrame, column: str, units: Sequence[str] | None
) -> tuple[tuple[str, ...], Ints]:
    """Unit codes, and (R,) the number of each row's unit."""
    labels = data[column].astype("string")
    if labels.isna().any():
        row = int(np.argmax(labels.isna().to_numpy())) + 1
        raise DataError(
            "missing_unit",
            f"Data row {row} names no unit in column {column!r}.",
            "Every row speaks about one unit.",
            column=column,
            row=row,
        )
    names = tuple(sorted(labels.unique())) if units is None else tuple(units)
    place = pd.Index(names).get_indexer(pd.Index(labels)).astype(np.int64)
    if (place < 0).any():
        row = int(np.argmax(place < 0))
        raise DataError(
            "unknown_unit",
            f"Data row {row + 1} speaks about unit {labels.iloc[row]!r}, which is not in the list.",
            "Add it to the units, or leave its rows out.",
            unit=labels.iloc[row],
            row=row + 1,
        )
    return names, place


def _order_of_content(data: pd.DataFrame, sample: Sample, answers: Codes, place: Ints) -> Ints:
    """(R,) an order of the rows that no sorting of the file changes."""
    design = sample.design
    keys = [_rank_of_answers(answers), place, sample.weights.kind]
    columns = (design.fpc, design.ballot, design.psu, design.strata)
    keys += [
        pd.factorize(data[column], sort=True)[0].astype(np.int64)
        for column in columns
        if column is not None
    ]
    return np.lexsort(keys).astype(np.int64)


def _rank_of_answers(answers: Codes) -> Ints:
    if answers.shape[1] == 0:
        return np.zeros(len(answers), dtype=np.int64)
    whole = np.ascontiguousarray(answers).view(np.dtype((np.void, answers.shape[1]))).ravel()
    return np.unique(whole, return_inverse=True)[1].astype(np.int64)


def _same_unit(data: pd.DataFrame, unit: str, rater_unit: str | None) -> Bools:
    if rater_unit is None:
        return np.zeros(len(data), dtype=np.bool_)
    # A whole-number column with gaps is stored as floats; convert_dtypes undoes that.
    same = data[rater_unit].convert_dtypes().astype("string") == data[unit].astype("string")
    return same.fillna(value=False).to_numpy(dtype=np.bool_)


def _count(
    unit: Ints, answers: Codes, weights: Weights, shape: tuple[int, int, int]
) -> tuple[Ints, Wholes]:
    """(U, Q, K) rows and weights with each code; rows about nobody are left out."""
    n = np.zeros(shape, dtype=np.int64)
    weighted = []
    rows = unit != NOBODY
    codes = shape[2]
    for item in range(shape[1]):
        cell = unit[rows] * codes + answers[rows, item]
        n[:, item] = np.bincount(cell, minlength=shape[0] * codes).reshape(shape[0], codes)
        sums = weights.sums(rows, cell, shape[0] * codes)
        weighted.append(sums.reshape(shape[0], codes))
    return n, np.stack(weighted, axis=1) if weighted else np.zeros(shape, dtype=np.int64)
