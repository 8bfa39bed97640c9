"""Sums of answers over PSU, unit, item and code: what engines compute and files can hold."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.answers import first_of, read_codes, read_units, sum_by
from analysis.codebook import Codebook
from analysis.design import Inference, SurveyDesign
from analysis.errors import DesignError
from analysis.sample import Bools, Ints, Sample, bind
from analysis.weights import LARGEST, Wholes, read_weights

SELF = "self_rating"


@dataclass(frozen=True, eq=False)
class Cells:
    """Sums over the rows of a PSU about a unit, in E entries; Q items, codes 0 … K-1.

    Parameters
    ----------
    keys : E rows; the columns of the design that name PSUs and sizes, the unit, and whether the
        raters belong to it
    unit : column of the unit
    rows : (E,) rows behind each entry, those of weight 0 left out
    n : (E, Q, K) rows with each code
    weighted : (E, Q, K) exact sums of their weights, whole numbers of 1/`scale`
    scale : units of `weighted` in 1

    Notes
    -----
    Plain sums: those of shards, days or files add up to those of the whole. Entries are sorted by
    their keys and each key occurs once, so that equal data give equal arrays on every engine.
    """

    keys: pd.DataFrame
    unit: str
    rows: Ints
    n: npt.NDArray[np.int32]
    weighted: Wholes
    scale: int

    @property
    def self_rating(self) -> Bools:
        """(E,) whether the raters belong to the unit."""
        return np.array(self.keys[SELF], dtype=np.bool_)

    def add(self, other: "Cells") -> "Cells":
        """Sums over both sets of rows."""
        scale = math.lcm(self.scale, other.scale)
        weighted = [_in_units(part.weighted, scale // part.scale) for part in (self, other)]
        return gathered(
            pd.concat([self.keys, other.keys], ignore_index=True),
            self.unit,
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.n, other.n]),
            np.concatenate(weighted),
            scale,
        )

    def digest(self) -> str:
        """SHA-256 of keys and sums: equal for equal data, whatever engine summed them."""
        parts = hashlib.sha256(repr((self.scale, self.n.shape)).encode())
        parts.update(self.keys.astype("string").fillna("").to_csv(index=False).encode())
        for array in (self.rows, self.n):
            parts.update(array.astype("<i8").tobytes())
        fits = self.weighted.dtype != object
        weighted = self.weighted.astype("<i8").tobytes() if fits else b""
        parts.update(weighted or repr(self.weighted.ravel().tolist()).encode())
        return parts.hexdigest()


def gathered(
    keys: pd.DataFrame,
    unit: str,
    rows: Ints,
    n: npt.NDArray[np.int32],
    weighted: Wholes,
    scale: int,
) -> Cells:
    """Bring entries into the order of their keys and add those of one key; see `Cells`."""
    entry, first = numbered(keys, keys.columns.tolist())
    if np.array_equal(first, np.arange(len(keys))):
        return Cells(keys.reset_index(drop=True), unit, rows, n, weighted, scale)
    whole = keys.iloc[first].reset_index(drop=True)
    rows, n, weighted = (sum_by(entry, part, len(first)) for part in (rows, n, weighted))
    return Cells(whole, unit, rows, n, weighted, scale)


def numbered(data: pd.DataFrame, columns: Sequence[str]) -> tuple[Ints, Ints]:
    """Number rows by the combination of some columns.

    Returns
    -------
    (R,) numbers 0 … E-1 in the order of the combinations, and (E,) a row of each
    """
    key = np.zeros(len(data), dtype=np.int64)
    size = 1
    for column in columns:
        code, labels = pd.factorize(data[column], sort=True)
        width = len(labels) + 1
        if size * width >= LARGEST:
            key, size = _compact(key), len(data) + 1
        key, size = key * width + (code + 1), size * width
    return first_of(key, size)


def _compact(key: Ints) -> Ints:
    return np.unique(key, return_inverse=True)[1].astype(np.int64)


def key_columns(design: SurveyDesign) -> tuple[str, ...]:
    """Columns that tell PSUs, strata and their sizes.

    Raises
    ------
    DesignError
        if the design looks at single persons of a PSU, whose sums do not tell them apart
    """
    person = design.ballot if design.psu is None else None
    named = (design.strata, design.psu, person, design.fpc, design.inclusion)
    columns = tuple(dict.fromkeys(name for name in named if name is not None))
    inside = set(design.columns) - {*columns, design.weight, design.ballot}
    if design.inference is Inference.SUPERPOPULATION:
        inside -= {design.psu_size}
    if design.psu_size not in inside:
        inside -= {design.ssu}
    certain = [label for label, stratum in design.frame.items() if stratum.certainty]
    if design.psu is not None and certain:
        raise DesignError(
            "needs_persons",
            f"The persons of the certainty PSUs of stratum {certain[0]!r} are PSUs themselves, "
            "which sums over PSUs hide.",
            'Aggregate at level="person".',
            stratum=certain[0],
        )
    if inside:
        raise DesignError(
            "needs_persons",
            f"The design looks inside PSUs (column {min(inside)!r}), which sums over PSUs hide.",
            'Aggregate at level="person".',
            column=min(inside),
        )
    return columns


def cells_of(
    data: pd.DataFrame,
    design: SurveyDesign,
    codebook: Codebook,
    unit: str,
    rater_unit: str | None = None,
) -> Cells:
    """Sum the rows of a table; the arguments are those of `analysis.totals.aggregate`."""
    keys = data[list(dict.fromkeys((unit, *key_columns(design))))]
    keys = keys.assign(**{SELF: same_unit(data, unit, rater_unit)})
    weights, wrong = read_weights(data, design.weight, design.weight_digits)
    if wrong.any() or keys.isna().any(axis=None):
        read_units(data, unit, None)
        bind(design, data)  # one of the two says which row
    by_row = design.psu is None and design.ballot is None
    entry, first = _each(len(data)) if by_row else numbered(keys, keys.columns.tolist())
    codes = read_codes(data, codebook)
    counted = weights.counted
    shape = (len(first), len(codebook.items), codebook.width)
    cell, size = entry[counted] * shape[2], shape[0] * shape[2]
    addends = weights.of(counted)
    n = np.zeros(shape, dtype=np.int32)
    weighted: Wholes = np.zeros(shape, dtype=np.int64 if addends.fits else object)
    for item in range(shape[1]):
        at = cell + (codes[:, item] if counted.all() else codes[counted, item])
        n[:, item] = np.bincount(at, minlength=size).reshape(shape[0], shape[2])
        weighted[:, item] = addends.sums(at, size).reshape(shape[0], shape[2])
    rows = np.bincount(entry[counted], minlength=shape[0]).astype(np.int64)
    named = keys.iloc[first].reset_index(drop=True)
    return Cells(named, unit, rows, n, weighted, weights.scale)


def _each(rows: int) -> tuple[Ints, Ints]:
    return np.arange(rows), np.arange(rows)


def sample_of(cells: Cells, design: SurveyDesign) -> Sample:
    """The entries within their design, (E,) in place of rows; see `analysis.sample.bind`."""
    inside = None if design.inference is Inference.SUPERPOPULATION else design.psu_size
    plain = replace(design, weight=None, psu_size=inside)
    if design.psu is not None:
        plain = replace(plain, ballot=None, ssu=None)
    return replace(bind(plain, cells.keys), design=design)


def same_unit(data: pd.DataFrame, unit: str, rater_unit: str | None) -> Bools:
    """(R,) whether the rater belongs to the unit that the row speaks about."""
    if rater_unit is None:
        return np.zeros(len(data), dtype=np.bool_)
    # A whole-number column with gaps is stored as floats; convert_dtypes undoes that.
    same = data[rater_unit].convert_dtypes().astype("string") == data[unit].astype("string")
    return same.fillna(value=False).to_numpy(dtype=np.bool_)


def _in_units(weighted: Wholes, factor: int) -> Wholes:
    largest = max(int(weighted.max(initial=0)), 1)
    if weighted.dtype != object and largest * factor * len(weighted) < LARGEST:
        return weighted * factor
    return weighted.astype(object) * factor
