"""Residuals from what calibration has fixed, taken from sums over PSUs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.errors import DesignError
from analysis.weighting.auxiliary import matrix_of
from analysis.weighting.cells import cells_of
from analysis.weighting.declared import Calibration, Residuals
from analysis.weighting.reading import weights_of
from analysis.weights import Bools, Floats, Ints

SWEEPS = 10  # over the margins, as many as R's svyrecvar makes
MET = 1e-6  # relative distance from a total beyond which rows must be missing


@dataclass(frozen=True, eq=False)
class Layer:
    """One calibration, bound to R rows and Q auxiliary variables.

    Parameters
    ----------
    declared : the calibration
    x : (R, Q) auxiliary variables
    before, after : (R,) weights
    once : (R,) the first row of each ballot, which speaks for it where ballots are counted
    ends : where the variables of each margin end
    """

    declared: Calibration
    x: sparse.csr_array
    before: Floats
    after: Floats
    once: Bools
    ends: tuple[int, ...]

    @property
    def weight(self) -> Floats:
        """(R,) weights of the regression whose residuals are taken."""
        if self.declared.residuals is Residuals.REGRESSION:
            return self.before
        return (self.before > 0).astype(np.float64)

    @property
    def share(self) -> Floats:
        """(R,) weight of the regression per weight after calibration; 0 where that is 0."""
        return np.divide(
            self.weight, self.after, out=np.zeros_like(self.after), where=self.after != 0
        )

    def times(self, factor: Floats) -> sparse.csr_array:
        """(R, Q) variables times a factor of the row."""
        return sparse.csr_array(self.x.multiply(factor[:, None]))

    def coefficients(self, gram: Floats, products: Floats) -> Floats:
        """(Q, C) coefficients from (Q, Q) and (Q, C) weighted products."""
        if self.declared.residuals is Residuals.REGRESSION:
            scale = np.sqrt(np.maximum(np.diag(gram), 1e-300))
            even = gram / np.outer(scale, scale)
            solved = np.linalg.lstsq(even, products / scale[:, None], rcond=1e-13)[0]
            return np.asarray(solved / scale[:, None])
        found = np.zeros_like(products)
        for _ in range(SWEEPS):
            for start, end in pairwise((0, *self.ends)):
                own = slice(start, end)
                left = products[own] - gram[own] @ found
                found[own] += left / np.diag(gram)[own, None]
        return found

    def check(self) -> None:
        """Raise a DesignError if the rows do not add up to what they were calibrated to."""
        wanted = np.array(self.declared.totals)
        if not len(wanted):
            return
        weight = self.after * self.once
        reached = self.x.T @ weight
        size = np.maximum(abs(self.x).T @ abs(weight), 1e-300)
        if len(reached) != len(wanted) or (abs(reached - wanted) > MET * size).any():
            raise _rows_missing(self.declared)


@dataclass(frozen=True, eq=False)
class Calibrations:
    """The calibrations of a sample, in the order in which its weights went through them."""

    layers: tuple[Layer, ...]

    def take(self, order: Ints) -> "Calibrations":
        """The same with rows in another order."""
        return Calibrations(
            tuple(
                replace(
                    layer,
                    x=layer.x[order],
                    before=layer.before[order],
                    after=layer.after[order],
                    once=layer.once[order],
                )
                for layer in self.layers
            )
        )

    def explained(self, weighted: sparse.csr_array) -> list[Floats]:
        """Coefficients of each calibration for C columns.

        Parameters
        ----------
        weighted : (R, C) residuals of the rows, the sampling weight in them

        Returns
        -------
        (Q, C) for each calibration

        Raises
        ------
        DesignError
            if rows are missing that were calibrated
        """
        found: list[Floats] = []
        for place, layer in enumerate(self.layers):
            layer.check()
            shared = layer.times(layer.share)
            products = (shared.T @ weighted).toarray()
            for earlier, known in zip(self.layers[:place], found, strict=True):
                products -= (shared.T @ earlier.times(earlier.after * earlier.once)) @ known
            gram = (layer.x.T @ layer.times(layer.weight * layer.once)).toarray()
            found.append(layer.coefficients(gram, np.asarray(products)))
        return found

    def fitted(self, part: Ints, parts: int, coefficients: Sequence[Floats]) -> Floats:
        """(parts, C) what the calibrations explain of the sums of parts.

        Parameters
        ----------
        part : (R,) part of each row, a PSU for example
        parts : number of parts
        coefficients : what `explained` found
        """
        rows = np.arange(len(part))
        member = sparse.csr_array((np.ones(len(part)), (part, rows)), shape=(parts, len(part)))
        sums = [member @ layer.times(layer.after * layer.once) for layer in self.layers]
        return np.asarray(sum(s @ b for s, b in zip(sums, coefficients, strict=True)))


def bind_calibrations(
    declared: Sequence[Calibration], data: pd.DataFrame, person: Ints
) -> Calibrations | None:
    """Build the auxiliary variables of each calibration.

    Parameters
    ----------
    declared : calibrations in the order of the weighting
    data : R rows
    person : (R,) ballot of the row, within its PSU

    Returns
    -------
    Calibrations, or None without any

    Raises
    ------
    DataError
        if a column is missing, or a value in it
    """
    if not declared:
        return None
    once = np.zeros(len(data), dtype=np.bool_)
    once[np.unique(person, return_index=True)[1]] = True
    return Calibrations(tuple(_layer(one, data, once) for one in declared))


def _layer(declared: Calibration, data: pd.DataFrame, once: Bools) -> Layer:
    before, _ = weights_of(data, declared.before)
    after, _ = weights_of(data, declared.after, signed=True)
    used = before > 0
    if declared.terms:
        x, ends = matrix_of(data, declared.terms, used), ()
    else:
        blocks = [cells_of(data, margin, used).indicator.T for margin in declared.margins]
        x = sparse.csr_array(sparse.hstack(blocks, format="csr"))
        ends = tuple(np.cumsum([block.shape[1] for block in blocks]).tolist())
    return Layer(declared, x, before, after, once, ends)


def _rows_missing(declared: Calibration) -> DesignError:
    return DesignError(
        "calibrated_rows_missing",
        f"The rows do not add up to the totals that {declared.after!r} was calibrated to.",
        "Keep all rows of the weighted sample and ask for domains of it; where a ballot has "
        "several rows, name its column in ballot.",
        column=declared.after,
    )
