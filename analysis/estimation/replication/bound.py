"""Replicates that have met data: factors of the sampling weight, and how they are squared."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from analysis.errors import DesignError
from analysis.estimation.replication.declared import Kind, ReplicateWeights
from analysis.weights import Floats, Ints

RANK_TOLERANCE = 1e-5  # of singular values; R's degf looks at weights as closely


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that a reader of a replicated variance must know.

    Parameters
    ----------
    code : stable snake_case name
    message : what was found
    hint : what to do about it
    places : strata or groups that it speaks of; empty means all
    """

    code: str
    message: str
    hint: str
    places: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Replicates:
    """R replicates of a sample, as factors of the weights of M carriers: its PSUs or its rows.

    Parameters
    ----------
    declared : where they come from
    factor : (M, R) factor of the sampling weight in each replicate
    by_row : whether the carriers are rows
    scale : factor of the sum of squares
    rscales : (R,) further factors
    few_psus : whether some stratum has fewer PSUs than the bootstrap's percentiles need; None
        where supplied weights do not tell
    cautions : what a reader must know
    """

    declared: ReplicateWeights
    factor: Floats
    by_row: bool
    scale: float
    rscales: Floats
    few_psus: bool | None = None
    cautions: tuple[Caution, ...] = ()

    @property
    def kind(self) -> Kind:
        """How the replicates came about."""
        return self.declared.kind

    @property
    def count(self) -> int:
        """R."""
        return int(self.factor.shape[1])

    @property
    def mse(self) -> bool:
        """Whether squares are taken around the estimate of the full sample."""
        return self.declared.around_estimate

    @property
    def supplied(self) -> bool:
        """Whether they are columns of the data, so that they alone tell the degrees of freedom."""
        return bool(self.declared.columns)

    @cached_property
    def df(self) -> int:
        """Rank of the replicate weights less 1, or the degrees of freedom declared."""
        return rank_of(self.factor) - 1 if self.declared.df is None else self.declared.df

    def design_freedom(self, by_design: int) -> int:
        """Degrees of freedom of the whole design, where its PSUs less strata are `by_design`."""
        return self.df if self.supplied else min(by_design, self._most)

    @property
    def _most(self) -> int:
        return self.count - 1 if self.declared.df is None else self.declared.df

    def freedom(self, answered: sparse.csr_array, psu: Ints, by_design: Ints) -> Ints:
        """Degrees of freedom of C figures.

        Parameters
        ----------
        answered : (P, C) sparse, above 0 where a PSU speaks in the figure
        psu : PSU of each row of the sample
        by_design : (C,) PSUs that speak less their strata

        Returns
        -------
        (C,) of supplied weights the rank of those of the PSUs that speak, less 1; else
        `by_design`, but fewer than there are replicates. No more than declared
        """
        if not self.supplied:
            return np.minimum(by_design, self._most)
        found = np.empty(answered.shape[1], dtype=np.int64)
        known: dict[bytes, int] = {}
        columns = (answered > 0).tocsc()
        for column in range(len(found)):
            speak = columns.indices[columns.indptr[column] : columns.indptr[column + 1]]
            key = np.sort(speak).tobytes()
            if key not in known:
                at = np.isin(psu, speak) if self.by_row else speak
                known[key] = max(rank_of(self.factor[at]) - 1, 0)
            found[column] = known[key]
        return np.minimum(found, self._most)

    def take(self, order: Ints, psu: Ints | None) -> "Replicates":
        """The same with rows in another order, and with PSUs numbered anew if `psu` says how."""
        if not self.by_row and psu is None:
            return self
        return replace(self, factor=self.factor[order if self.by_row else psu])

    def carriers(self, psu: Ints) -> Ints:
        """(R,) carrier of each row, whose PSU is given."""
        return np.arange(len(psu)) if self.by_row else psu

    def totals(self, psu: Ints, rows: Ints, column: Ints, value: Floats, columns: int) -> Floats:
        """Weighted sums in each replicate.

        Parameters
        ----------
        psu : PSU of each row of the sample
        rows, column : (n,) row and column of each value
        value : (n,) values, the sampling weight in them
        columns : number of columns, C

        Returns
        -------
        (R, C)
        """
        place = (self.carriers(psu)[rows], column)
        sums = sparse.coo_array((value, place), shape=(len(self.factor), columns)).tocsc()
        return np.asarray((sums.T @ self.factor).T, dtype=np.float64)

    def covariance_of_sums(self, totals: sparse.csr_array) -> Floats:
        """(C, C) covariance of the sums of (M, C) weighted totals of the carriers."""
        values = np.asarray((totals.T @ self.factor).T, dtype=np.float64)
        return self.covariance(values, np.asarray(totals.sum(axis=0)).ravel())

    def of_psus(self) -> "Replicates":
        """Itself, if its carriers are PSUs.

        Raises
        ------
        DesignError
            if rows of one PSU have different factors
        """
        if self.by_row:
            raise DesignError(
                "replicates_differ_in_psu",
                "The replicate weights differ between the rows of a PSU, of which only sums are "
                "known here.",
                "Use the rows themselves, or design columns instead of replicate weights.",
            )
        return self

    def covariance(self, values: Floats, estimate: Floats) -> Floats:
        """Covariance of C figures from what the replicates give for them.

        Parameters
        ----------
        values : (R, C) figures by replicate
        estimate : (C,) figures of the full sample

        Returns
        -------
        (C, C) symmetric: scale * sum_r rscales_r (t_r - c)(t_r - c)'
        """
        away = self.deviations(values, estimate)
        found = away.T @ away
        return np.asarray((found + found.T) / 2, dtype=np.float64)

    def deviations(self, values: Floats, estimate: Floats) -> Floats:
        """(R, C) distances from the centre, scaled so that their squares add to variances."""
        used = self.rscales > 0
        around = self.mse or not used.any()
        centre = estimate if around else values[used].mean(axis=0)
        root = np.sqrt(self.scale * self.rscales)
        return np.asarray((values - centre) * root[:, None], dtype=np.float64)


def rank_of(factor: Floats) -> int:
    """Rank of (M, R) factors, at the precision of `RANK_TOLERANCE`; read until it is full."""
    size = factor.shape[1]
    if len(factor) < size:
        return _rank_of_square(factor @ factor.T)
    gram, rank = np.zeros((size, size)), 0
    for start in range(0, len(factor), max(4 * size, 1)):
        part = factor[start : start + 4 * size]
        gram += part.T @ part
        rank = _rank_of_square(gram)
        if rank == size:
            break
    return rank


def _rank_of_square(gram: Floats) -> int:
    if not len(gram):
        return 0
    roots = np.linalg.eigvalsh(gram)
    return int((roots > RANK_TOLERANCE**2 * max(float(roots[-1]), 1e-300)).sum())
