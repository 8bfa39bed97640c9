"""Sampling weights, exact: read without loss, summed without loss, in any order."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import DataError, SchemeError
from analysis.exact import exact

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Wholes = npt.NDArray[Any]  # int64, or Python's integers where these are too small

EXACT = 2**53  # whole numbers below it are exact in a double, sums of them too
LARGEST = 2**62


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights of R rows as whole numbers of a small unit.

    Parameters
    ----------
    kind : (R,) number of the row's weight among the distinct ones, which ascend
    whole : distinct weights, whole numbers of 1/scale
    scale : units of the weights in 1
    """

    kind: Ints
    whole: tuple[int, ...]
    scale: int

    def take(self, order: Ints) -> "Weights":
        """The same weights with their rows in another order."""
        return Weights(self.kind[order], self.whole, self.scale)

    @property
    def values(self) -> Floats:
        """(R,) the nearest floats, for variances."""
        if max((self.scale, *self.whole)) < EXACT:
            distinct = np.array(self.whole, dtype=np.float64) / self.scale
        else:
            distinct = np.array([float(Fraction(w, self.scale)) for w in self.whole])
        return np.asarray(distinct[self.kind], dtype=np.float64)

    @property
    def counted(self) -> Bools:
        """(R,) rows whose weight is above 0."""
        above = np.array([whole > 0 for whole in self.whole], dtype=np.bool_)
        return np.asarray(above[self.kind], dtype=np.bool_)

    def of(self, rows: Bools) -> "Addends":
        """The weights of some rows, made ready for exact sums."""
        kind = self.kind[rows]
        unit = math.gcd(*self.whole) or 1
        small = [whole // unit for whole in self.whole]
        largest = max(small, default=0)
        bits = _bits_that_add_up(len(kind), largest)
        shifts = range(0, max(largest.bit_length(), 1), bits)
        limbs = tuple(_limb(small, shift, bits)[kind] for shift in shifts)
        fits = largest * unit * max(len(kind), 1) < LARGEST
        return Addends(limbs, bits, unit, fits)

    def sums(self, rows: Bools, cell: Ints, cells: int) -> Wholes:
        """Exact sums of the weights of `rows` by cell; see `Addends.sums`."""
        return self.of(rows).sums(cell, cells)


@dataclass(frozen=True, eq=False)
class Addends:
    """Weights of n rows cut into limbs whose sums a double holds exactly.

    Parameters
    ----------
    limbs : (n,) floats each, the lowest first
    bits : width of a limb
    unit : what a weight is a whole number of
    fits : every sum is below 2**62
    """

    limbs: tuple[Floats, ...]
    bits: int
    unit: int
    fits: bool

    def sums(self, cell: Ints, cells: int) -> Wholes:
        """Exact sums by cell.

        Parameters
        ----------
        cell : (n,) cell of each row, 0 … cells-1
        cells : number of cells

        Returns
        -------
        (cells,) whole numbers: int64 where every sum fits, else Python's integers

        Notes
        -----
        Weights N/r of many strata have a common denominator of hundreds of bits. Each is cut into
        limbs so narrow that their sums stay below 2**53; they are summed as floats, which is
        exact, and then put together.
        """
        parts = [np.bincount(cell, limb, minlength=cells) for limb in self.limbs]
        return self.joined(np.array(parts, dtype=np.float64))

    def joined(self, parts: Floats) -> Wholes:
        """Sums of the weights from the sums of each limb, of any shape."""
        sums: Wholes = np.zeros(parts[0].shape, dtype=np.int64 if self.fits else object)
        for place, part in enumerate(parts):
            factor = self.unit << (place * self.bits)
            sums += part.astype(np.int64) * factor if self.fits else _whole(part) * factor
        return sums


def _whole(part: Floats) -> Wholes:
    return part.astype(np.int64).astype(object)


def _bits_that_add_up(rows: int, largest: int) -> int:
    """Width of a limb: all of the weight if that adds up exactly, else what does."""
    whole = max(largest.bit_length(), 1)
    return whole if largest * max(rows, 1) < EXACT else 53 - max(rows, 1).bit_length()


def _limb(wholes: Sequence[int], shift: int, bits: int) -> Floats:
    """Bits `shift` … `shift + bits - 1` of each number."""
    mask = 2**bits - 1
    if max(wholes, default=0) < LARGEST:
        found = (np.array(wholes, dtype=np.int64) >> shift) & mask
        return np.asarray(found, dtype=np.float64)
    return np.array([(whole >> shift) & mask for whole in wholes], dtype=np.float64)


def read_weights(data: pd.DataFrame, column: str | None, digits: int) -> tuple[Weights, Bools]:
    """Weights of a column, and which rows hold none that can be used.

    Parameters
    ----------
    data : R rows
    column : None gives every row 1
    digits : decimals kept of floats; text, fractions and decimals are taken as they are

    Returns
    -------
    Weights, and (R,) rows whose value is negative, not finite or no number

    Raises
    ------
    DataError
        if floats with so many digits do not fit into 62 bits

    Examples
    --------
    >>> rows = pd.DataFrame({"w": ["5/3", "10/3", "5/3"]})
    >>> weights, wrong = read_weights(rows, "w", 9)
    >>> weights.whole, weights.scale, weights.kind.tolist()
    ((5, 10), 3, [0, 1, 0])
    """
    if column is None:
        good = np.zeros(len(data), dtype=np.bool_)
        return Weights(np.zeros(len(data), dtype=np.int64), (10**digits,), 10**digits), good
    values = data[column]
    if pd.api.types.is_numeric_dtype(values.dtype):
        return _rounded(values, column, digits)
    number, labels = pd.factorize(values, use_na_sentinel=True)
    read = [_exactly(label, digits) for label in labels]
    known = np.array([*(one is not None for one in read), False], dtype=np.bool_)  # -1: missing
    return _classes([one or Fraction(0) for one in read] or [Fraction(0)], number), ~known[number]


def _rounded(values: pd.Series, column: str, digits: int) -> tuple[Weights, Bools]:
    """Weights from numbers, as whole numbers of 10**-digits."""
    floats = values.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(floats) | (floats < 0)
    floats = np.where(wrong, 0.0, floats)
    if float(floats.sum()) * 10**digits >= LARGEST:
        raise DataError(
            "weights_too_large",
            f"The weights add up to {floats.sum():g}: too much for {digits} digits.",
            "Declare fewer weight_digits, or give the weights as text.",
            column=column,
        )
    # Half a unit goes up, as every engine's FLOOR has it.
    whole = np.floor(floats * 10.0**digits + 0.5).astype(np.int64)
    distinct, kind = np.unique(whole, return_inverse=True)
    return Weights(kind.astype(np.int64), tuple(distinct.tolist()), 10**digits), wrong


def _exactly(label: object, digits: int) -> Fraction | None:
    """One weight without loss; a float has the digits that are kept of floats."""
    try:
        if isinstance(label, float | np.floating):
            return Fraction(round(float(label) * 10**digits), 10**digits)
        value = exact(int(label) if isinstance(label, np.integer) else label)  # type: ignore[arg-type]
    except (SchemeError, ValueError, OverflowError):
        return None
    return value if value >= 0 else None


def _classes(labels: Sequence[Fraction], number: Ints) -> Weights:
    """Whole numbers over the least common denominator, ascending."""
    scale = math.lcm(*(value.denominator for value in labels))
    wholes = [value.numerator * (scale // value.denominator) for value in labels]
    distinct = sorted(set(wholes))
    place = {whole: index for index, whole in enumerate(distinct)}
    kind = np.array([place[whole] for whole in wholes], dtype=np.int64)
    return Weights(kind[number], tuple(distinct), scale)
