"""The attacker: the narrowest bounds that follow from everything that was published."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds as Box
from scipy.optimize import LinearConstraint, milp
from scipy.sparse.csgraph import connected_components

from analysis.errors import DataError
from analysis.quality.disclosure.knowledge import Form, Publication, Statement
from analysis.weights import Bools, Floats, Ints

SLACK = 1e-6  # what the solver's rounding may move a limit
FAR, ENDLESS = 1e9, 1e8  # where a quantity without limit is stopped, and what then has none


@dataclass(frozen=True)
class Bounds:
    """What a reader can prove of a quantity: it lies between `low` and `high`."""

    name: str
    low: float
    high: float

    @property
    def width(self) -> float:
        """How much stays uncertain."""
        return self.high - self.low


def attack(
    publication: Publication, forms: "dict[str, Form] | None" = None, *, whole: bool = False
) -> tuple[Bounds, ...]:
    """Bounds of quantities that follow from everything that was published.

    Parameters
    ----------
    publication : what was told; add publications of several tables, dates or readers
    forms : name -> sum to be bounded; None bounds every quantity that is spoken about
    whole : the sums are whole numbers (counts), so that limits move to the next whole number

    Returns
    -------
    Bounds, one a form in their order; infinite where nothing bounds the sum

    Raises
    ------
    DataError
        `contradiction` if no quantities agree with all statements

    Notes
    -----
    Two linear programs a sum: min and max of the sum subject to all statements and quantities
    >= 0. They are solved on the part of the system that is linked to the sum by what is not yet
    known. With `whole` the bounds of the linear program are rounded inward; an integer program
    could be tighter in tables of three and more crossed dimensions.

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, sec. 4.4.1 (the intruder's problem).

    Examples
    --------
    >>> told = Publication((
    ...     Statement.of({"all": 1, "north": -1, "south": -1}),
    ...     Statement.of({"all": 1}, 20), Statement.of({"north": 1}, 18),
    ... ))
    >>> attack(told, {"south": {"south": 1}})
    (Bounds(name='south', low=2.0, high=2.0),)
    """
    system = System(publication.statements)
    wanted = {name: {name: 1.0} for name in system.names} if forms is None else forms
    feasible = system.everything()
    return tuple(feasible.bounds(name, form, whole=whole) for name, form in wanted.items())


class System:
    """Statements as a matrix, of which some rows may be left out.

    Parameters
    ----------
    statements : S statements about Q quantities
    more : quantities that count although nothing is said about them
    """

    def __init__(self, statements: Sequence[Statement], more: Iterable[str] = ()) -> None:
        spoken = Publication(tuple(statements)).quantities
        self.names = tuple(sorted({*spoken, *more}))
        self.place = {name: number for number, name in enumerate(self.names)}
        row = [s for s, one in enumerate(statements) for _ in one.weights]
        column = [self.place[name] for one in statements for name, _ in one.weights]
        factor = [by for one in statements for _, by in one.weights]
        shape = (len(statements), len(self.names))
        self.matrix = sparse.csr_array((factor, (row, column)), shape=shape)
        self.low: Floats = np.array([one.low for one in statements], dtype=np.float64)
        self.high: Floats = np.array([one.high for one in statements], dtype=np.float64)

    def given(self, kept: Bools, points: Floats | None = None) -> "Feasible":
        """Everything that agrees with the kept (S,) statements."""
        return Feasible(self, kept, points)

    def everything(self) -> "Feasible":
        """Everything that agrees with all statements."""
        return self.given(np.ones(len(self.low), dtype=np.bool_))

    def box(self, rows: Bools) -> tuple[Floats, Floats]:
        """Limits (Q,) from statements about one quantity alone; 0 and more where none is."""
        low, high = np.zeros(len(self.names)), np.full(len(self.names), np.inf)
        used = np.flatnonzero(rows)
        start = self.matrix.indptr[used]
        column, factor = self.matrix.indices[start], self.matrix.data[start]
        ends = np.sort(np.stack([self.low[used] / factor, self.high[used] / factor]), axis=0)
        np.maximum.at(low, column, ends[0])
        np.minimum.at(high, column, ends[1])
        wrong = np.flatnonzero(low > high + SLACK)
        if len(wrong):
            raise _contradiction([self.names[q] for q in wrong])
        return np.minimum(low, high), high

    def vector(self, form: Form) -> Floats:
        """A form as factors (Q,).

        Raises
        ------
        DataError
            if nothing was said about one of its quantities
        """
        vector = np.zeros(len(self.names))
        for name, by in form.items():
            if name not in self.place:
                raise DataError(
                    "unknown_quantity",
                    f"Nothing is said about {name!r}.",
                    "Ask about quantities that a statement names.",
                    quantity=name,
                )
            vector[self.place[name]] = by
        return vector


class Feasible:
    """The set of all quantities that agree with statements.

    Parameters
    ----------
    system : where the names stand
    rows : which statements (S,) hold
    points : (N, Q) quantities that may agree with them, met in solving looser or tighter systems
    """

    def __init__(self, system: "System", rows: Bools, points: Floats | None = None) -> None:
        self.system = system
        alone = np.diff(system.matrix.indptr) == 1
        self.low, self.high = system.box(rows & alone)
        self.fixed: Bools = self.high - self.low <= SLACK
        used = np.flatnonzero(rows & ~alone)
        self.matrix = system.matrix[used]
        known = self.matrix @ self.known
        self.limits = system.low[used] - known, system.high[used] - known
        self.points: Floats = np.zeros((0, len(self.low)))
        if points is not None and len(points):
            self.points = points[self._agrees(points)]

    @property
    def known(self) -> Floats:
        """Quantities (Q,) that are known exactly, the others 0."""
        return np.where(self.fixed, self.low, 0.0)

    def _agrees(self, points: Floats) -> Bools:
        sums = (self.matrix @ (points - self.known).T).T
        agrees = ((points >= self.low - SLACK) & (points <= self.high + SLACK)).all(axis=1)
        agrees &= ((sums >= self.limits[0] - SLACK) & (sums <= self.limits[1] + SLACK)).all(axis=1)
        return np.asarray(agrees)

    @cached_property
    def part(self) -> Ints:
        """The linked part (Q,) in which a quantity stands; -1 for those that are known."""
        return _parts(self.matrix, self.fixed)

    def linked(self, vector: Floats, by: sparse.csr_array | None = None) -> Bools:
        """Which quantities (Q,) are not known and linked to a form, by these or other rows."""
        part = self.part if by is None else _parts(by, self.fixed)
        parts = np.unique(part[(vector != 0) & ~self.fixed])
        return np.asarray(np.isin(part, parts) & ~self.fixed)

    def met(self, vector: Floats, *, whole: bool, name: str = "") -> Bounds:
        """Bounds between which a form was already seen; those that it has are as wide or wider."""
        seen = self.points @ vector
        if not len(seen):
            return Bounds(name, 0.0, -1.0)
        return _between(name, seen.min(), seen.max(), whole=whole)

    def bounds(
        self, name: str, form: Form, *, whole: bool = False, enough: float = math.inf
    ) -> Bounds:
        """Bounds of one form; see `attack`. Looser ones do where they are `enough` wide."""
        vector = self.system.vector(form)
        seen = self.met(vector, whole=whole, name=name)
        if seen.width >= enough:
            return seen
        free = self.linked(vector)
        known = float(vector @ self.known)
        if not free.any():
            return Bounds(name, known, known)
        low = known + self.least(vector, free, name)
        high = known - self.least(-vector, free, name)
        return _between(name, low, high, whole=whole)

    def problem(self, free: Bools) -> dict[str, Any]:
        """Constraints of the statements that speak of the free (Q,) quantities."""
        block = self.matrix[:, np.flatnonzero(free)]
        rows = np.flatnonzero(np.diff(block.indptr))
        box = Box(self.low[free], np.minimum(self.high[free], FAR))
        if not len(rows):
            return {"bounds": box}
        low, high = (limit[rows] for limit in self.limits)
        return {"bounds": box, "constraints": LinearConstraint(block[rows], low, high)}

    def least(self, vector: Floats, free: Bools, name: str) -> float:
        """The least value of a form over the free (Q,) quantities; the point is kept."""
        found = milp(vector[free], **self.problem(free))
        if found.x is None:
            raise _contradiction([name])
        self._keep(found.x, free)
        return float(found.fun) if found.fun > -ENDLESS else -math.inf

    def _keep(self, solved: Floats, free: Bools) -> None:
        if len(self.points) or (free | self.fixed).all():
            point = self.points[0].copy() if len(self.points) else self.known
            point[free] = solved
            self.points = np.vstack([self.points, point])


def _parts(matrix: sparse.csr_array, fixed: Bools) -> Ints:
    """The linked part (Q,) of each quantity; -1 for those that are known."""
    free = matrix[:, np.flatnonzero(~fixed)]
    part: Ints = np.full(len(fixed), -1, dtype=np.int64)
    if free.nnz:
        link = sparse.block_array([[None, free], [free.T, None]])
        part[~fixed] = connected_components(link, directed=False)[1][matrix.shape[0] :]
    else:
        part[~fixed] = np.arange((~fixed).sum())
    return part


def _between(name: str, low: float, high: float, *, whole: bool) -> Bounds:
    """Bounds; of a whole number the next whole ones inside."""
    low, high = (x if abs(x) < ENDLESS else math.copysign(math.inf, x) for x in (low, high))
    if whole:
        low = math.ceil(low - SLACK) if math.isfinite(low) else low
        high = math.floor(high + SLACK) if math.isfinite(high) else high
    return Bounds(name, float(low), float(high))


def _contradiction(names: Iterable[str]) -> DataError:
    told = ", ".join(names)
    return DataError(
        "contradiction",
        f"No numbers agree with everything that is said about {told}.",
        "Check that totals are the sums of their parts.",
        quantity=told,
    )
