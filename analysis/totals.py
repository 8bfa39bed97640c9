"""The sufficient statistics of one respondent group: unit × item × code, exact in any order."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from analysis.answers import (
    NOBODY,
    Answers,
    PersonAnswers,
    SummedAnswers,
    blocks,
    read_codes,
    read_units,
)
from analysis.cells import Cells, cells_of, same_unit, sample_of
from analysis.codebook import BLANK, Codebook, Codes, Meaning
from analysis.design import Inference, SurveyDesign, need_columns
from analysis.engines.choice import NUMPY, Responses, frame_of, opened
from analysis.engines.statement import Statement, cells_by
from analysis.errors import DataError
from analysis.sample import Bools, Ints, Sample, bind
from analysis.weights import Wholes

__all__ = ["BLANK", "NOBODY", "Codebook", "Codes", "GroupStatistics", "Level", "Meaning"]
__all__ += ["aggregate", "summed"]


class Level(StrEnum):
    """How far answers are summed: not at all, or over the persons of a PSU about a unit."""

    PERSON = "person"
    PSU = "psu"


@dataclass(frozen=True, eq=False)
class GroupStatistics:
    """Answers of one respondent group about U units, Q items, codes 0 … K-1, in E entries.

    Parameters
    ----------
    units : U unit codes
    codebook : items and codes
    sample : the entries within their design
    unit : (E,) unit of the entry, or -1 where it speaks of nobody (sampling weight 0)
    answers : the entries: rows of persons, or sums over the rows of a PSU about a unit
    self_rating : (E,) the rater belongs to the unit
    n : (U, Q, K) rows with each code
    weighted : (U, Q, K) exact sum of weights of these rows, whole numbers of 1/`scale`
    scale : units of `weighted` in one unit of the population

    Notes
    -----
    Entries stand in an order that depends on their content alone, so that later sums of floats
    are the same to the last bit however the file was sorted. Arrays are read-only.
    """

    units: tuple[str, ...]
    codebook: Codebook
    sample: Sample
    unit: Ints
    answers: Answers
    self_rating: Bools
    n: Ints
    weighted: Wholes
    scale: int
    source: "Source | Cells"

    @property
    def items(self) -> tuple[str, ...]:
        """Q item names, in the order of the arrays."""
        return tuple(self.codebook.items)

    @property
    def design(self) -> SurveyDesign:
        """The design that the group was drawn by."""
        return self.sample.design

    @property
    def level(self) -> Level:
        """Whether the persons are still there."""
        return Level.PERSON if self.answers.by_person else Level.PSU

    def under(self, inference: Inference) -> "GroupStatistics":
        """The same answers, their design read as speaking of this list or of what is behind."""
        design = replace(self.design, inference=inference)
        return replace(self, sample=replace(self.sample, design=design))

    def counts_by(self, unit: Ints, shape: tuple[int, int, int]) -> tuple[Ints, Wholes]:
        """Rows and weights by code with other unit numbers, (E,); -1 leaves an entry out."""
        if np.array_equal(unit, self.unit) and shape == self.n.shape:
            return self.n, self.weighted
        return self.answers.count(unit, shape)

    def merge(self, other: "GroupStatistics") -> "GroupStatistics":
        """Statistics of two files of the same group, as if they had been one.

        Raises
        ------
        DataError
            if codebook or design differ, or one holds persons and the other sums
        """
        if self.codebook != other.codebook or self.design != other.design:
            raise DataError(
                "different_statistics",
                "The two files differ in codebook or design.",
                "Merge statistics of one group and one declaration only.",
            )
        units = tuple(dict.fromkeys((*self.units, *other.units)))
        mine, theirs = self.source, other.source
        if isinstance(mine, Cells) and isinstance(theirs, Cells):
            return summed(mine.add(theirs), self.design, self.codebook, units)
        if isinstance(mine, Cells) or isinstance(theirs, Cells):
            raise DataError(
                "different_levels",
                "One of the two holds persons, the other sums over PSUs.",
                'Aggregate both at level="psu".',
            )
        data = pd.concat([mine.data, theirs.data], ignore_index=True)
        return aggregate(
            data, self.design, self.codebook, mine.unit, rater_unit=mine.rater_unit, units=units
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
    responses: Responses,
    design: SurveyDesign,
    codebook: Codebook,
    unit: str = "unit",
    *,
    rater_unit: str | None = None,
    units: Sequence[str] | None = None,
    level: Level | str | None = None,
    backend: Any = NUMPY,
) -> GroupStatistics:
    """Count the answers of one group of respondents.

    Parameters
    ----------
    responses : one row per ballot and unit; the unit, the design's columns, and one column of
        whole numbers per item, where 0 or a missing value is blank. A frame, a Parquet file, or
        the name of a table of the backend
    design : how the group was drawn
    codebook : items and codes
    unit : column of the rated unit
    rater_unit : column of the unit that the rater belongs to, missing for outsiders
    units : units to report, in this order, also those that nobody rated; default all, sorted
    level : "person" keeps the rows; "psu" keeps their sums over PSU, unit, item and code, which
        is all that scoring needs unless the design looks inside PSUs. Default: "person" from
        numpy, "psu" from databases, which give nothing else
    backend : "numpy", "duckdb" (frames and Parquet files), a connection of psycopg or a session
        of Spark (tables); every one gives the same sums to the last bit

    Returns
    -------
    GroupStatistics

    Raises
    ------
    DataError
        if a column is missing, or a row has an unknown unit or code
    DesignError
        see `analysis.sample.bind`; or if sums over PSUs are not enough for the design

    Examples
    --------
    >>> rows = pd.DataFrame({"unit": ["A", "A", "B"], "q1": [1, 2, 0]})
    >>> book = Codebook({"q1": {1: "choice", 2: "choice"}})
    >>> aggregate(rows, SurveyDesign(), book).n[:, 0].tolist()
    [[0, 1, 1], [1, 0, 0]]
    """
    extra = () if rater_unit is None else (rater_unit,)
    needed = tuple(dict.fromkeys((unit, *codebook.items, *design.columns, *extra)))
    if not (isinstance(backend, str) and backend == NUMPY):
        return _by_engine(responses, backend, level, design, codebook, unit, rater_unit, units)
    data = frame_of(responses)
    need_columns(data, needed, "the responses")
    if Level(level or Level.PERSON) is Level.PSU:
        cells = cells_of(data, design, codebook, unit, rater_unit)
        return summed(cells, design, codebook, units)
    return _by_person(Source(data[list(needed)], unit, rater_unit), design, codebook, units)


def _by_engine(
    responses: Responses,
    backend: Any,
    level: Level | str | None,
    design: SurveyDesign,
    codebook: Codebook,
    unit: str,
    rater_unit: str | None,
    units: Sequence[str] | None,
) -> GroupStatistics:
    if level is not None and Level(level) is Level.PERSON:
        raise DataError(
            "needs_numpy",
            "Databases give sums over PSUs and no persons.",
            'Leave level out, or choose backend="numpy".',
        )
    with opened(responses, backend) as (engine, table):
        cells = cells_by(engine, Statement(table, design, codebook, unit, rater_unit))
    return summed(cells, design, codebook, units)


def _by_person(
    source: Source, design: SurveyDesign, codebook: Codebook, units: Sequence[str] | None
) -> GroupStatistics:
    data = source.data
    codes = read_codes(data, codebook)
    names, place = read_units(data, source.unit, units)
    sample = bind(design, data)
    order = _order_of_content(data, sample, codes, place)
    sample = sample.take(order)
    weight = sample.weight
    place = np.where(weight > 0, place[order], NOBODY)
    answers = PersonAnswers(codes.T.take(order, axis=1).T, sample.weights, weight)
    own = same_unit(data, source.unit, source.rater_unit)[order]
    scale = sample.weights.scale
    return _finished(names, codebook, sample, place, answers, own, scale, source)


def summed(
    cells: Cells, design: SurveyDesign, codebook: Codebook, units: Sequence[str] | None = None
) -> GroupStatistics:
    """Statistics from sums over PSU, unit, item and code, from wherever they were computed.

    Parameters
    ----------
    cells : the sums, with the design's columns beside them
    design, codebook : what they were summed by
    units : units to report, in this order; default all, sorted

    Returns
    -------
    GroupStatistics at level "psu"

    Raises
    ------
    DataError, DesignError
        as `aggregate`
    """
    names, place = read_units(cells.keys, cells.unit, units)
    sample = sample_of(cells, design)
    place = np.where(cells.rows > 0, place, NOBODY)
    answers = SummedAnswers(cells.rows, cells.n, cells.weighted, cells.scale)
    own = cells.self_rating
    return _finished(names, codebook, sample, place, answers, own, cells.scale, cells)


def _finished(
    names: tuple[str, ...],
    codebook: Codebook,
    sample: Sample,
    place: Ints,
    answers: Answers,
    own: Bools,
    scale: int,
    source: Source | Cells,
) -> GroupStatistics:
    n, weighted = answers.count(place, (len(names), len(codebook.items), codebook.width))
    for array in (place, own, n, weighted):
        array.setflags(write=False)
    return GroupStatistics(names, codebook, sample, place, answers, own, n, weighted, scale, source)


def _order_of_content(data: pd.DataFrame, sample: Sample, answers: Codes, place: Ints) -> Ints:
    """(R,) an order of the rows that no sorting of the file changes, with PSUs together."""
    design = sample.design
    named = (design.fpc, design.ballot, design.psu, design.strata)
    labels = {name: pd.factorize(data[name], sort=True)[0] for name in named if name is not None}
    known = (place, sample.weights.kind, *labels.values())
    numbers = [number.astype(np.uint64) for number in known]
    key = np.empty(len(data), dtype=np.uint64)
    for rows in blocks(len(data)):
        own = np.zeros(len(key[rows]), dtype=np.uint64)
        for word in (*_packed(answers[rows]), *(number[rows] for number in numbers)):
            own = _mixed(own ^ word)
        key[rows] = own
    if design.psu is not None:
        psu = labels[design.psu].astype(np.uint64)
        bits = np.uint64(int(psu.max(initial=1)).bit_length())
        key = (key >> bits) | (psu << (np.uint64(64) - bits))
    return np.argsort(key, kind="stable").astype(np.int64)


def _packed(codes: Codes) -> "np.ndarray[tuple[int, int], np.dtype[np.uint64]]":
    """(W, R) words of eight answers each."""
    rows, items = codes.shape
    padded = np.zeros((rows, -(-items // 8) * 8), dtype=np.uint8)
    padded[:, :items] = codes
    return padded.view("<u8").T


def _mixed(
    key: "np.ndarray[tuple[int], np.dtype[np.uint64]]",
) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    """Scatter numbers over 64 bits, different ones apart (the finaliser of SplitMix64)."""
    key = key + np.uint64(0x9E3779B97F4A7C15)
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(key ^ (key >> np.uint64(31)))
