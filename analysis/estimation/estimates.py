"""Estimates of many cells with their whole covariance matrix, and how sure each one is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.errors import DataError
from analysis.estimation.awkward import Figure, Thresholds, flags_of, interval_of, usual_deff
from analysis.estimation.freedom import freedom_of_columns
from analysis.estimation.replication.figures import CellReplicates
from analysis.sample import Bools, Floats, Ints, Sample


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimates of C cells and what is known of their error.

    Parameters
    ----------
    names : C names, "variable" or "cell:variable"
    estimate : (C,) in the unit of the variable, nan where nobody answered
    cov : (C, C) covariance
    df : (C,) degrees of freedom of the cell itself: PSUs with a valid answer less their strata
    design_df : degrees of freedom of the whole design
    n : (C,) rows with a value
    n_psu : (C,) PSUs with a value
    size : (C,) sum of their weights
    simple : (C,) variance if as many persons had been drawn simply at random with replacement
    domain_df : (C,) as `df`, those included who belong to the domain and left a blank
    complete : (C,) nothing was left to chance
    sample : P PSUs in their strata
    touched : (P, C) sparse, above 0 where the PSU speaks in the cell
    bounds : smallest and largest possible value, where there are such
    working : (C,) of proportions, see `analysis.estimation.profiled.working_variance`
    replicates : the cells in each replicate, where variances come from replicate weights
    """

    names: tuple[str, ...]
    estimate: Floats
    cov: Floats
    df: Ints
    design_df: int
    n: Ints
    n_psu: Ints
    size: Floats
    simple: Floats
    domain_df: Ints
    complete: Bools
    sample: Sample
    touched: sparse.csr_array
    bounds: tuple[float, float] | None = None
    working: Floats | None = None
    replicates: CellReplicates | None = None

    @property
    def se(self) -> Floats:
        """(C,) standard errors, nan where there is no estimate."""
        se = np.sqrt(np.maximum(np.diag(self.cov), 0))
        return np.asarray(np.where(np.isnan(self.estimate), np.nan, se), dtype=np.float64)

    @property
    def deff(self) -> Floats:
        """(C,) design effects against simple random sampling with replacement, nan if undefined."""
        known = self.simple > 0
        nowhere = np.full(len(known), np.nan)
        return np.asarray(np.divide(self.se**2, self.simple, out=nowhere, where=known))

    @property
    def deff_wor(self) -> Floats:
        """(C,) design effects against simple random sampling without replacement.

        The population is taken to be the sum of the weights; nan where that is no larger than n.
        """
        left = 1 - self.n / np.where(self.size > self.n, self.size, np.nan)
        return np.asarray(self.deff / left)

    @property
    def n_eff(self) -> Floats:
        """(C,) persons drawn simply at random that would tell as much, nan if undefined."""
        deff = self.deff
        nowhere = np.full(len(deff), np.nan)
        return np.asarray(np.divide(self.n, deff, out=nowhere, where=deff > 0))

    @property
    def cov_frame(self) -> pd.DataFrame:
        """Covariance with the names of the cells on rows and columns."""
        return pd.DataFrame(self.cov, index=list(self.names), columns=list(self.names))

    def intervals(
        self, level: float = 0.95, df: float | None = None, method: str = "t"
    ) -> pd.DataFrame:
        """Limits of each cell, or the reason why there are none.

        Parameters
        ----------
        level : probability of cover, between 0 and 1
        df : replaces the cells' own degrees of freedom
        method : "t" is symmetric; with `bounds`, "logit" stays between them. Shares have all the
            methods of `analysis.estimation.proportion.proportion_interval`

        Returns
        -------
        DataFrame indexed by name: ci_low, ci_high, reason; see
        `analysis.estimation.awkward.interval_of`
        """
        usual = usual_deff(self.deff, self.df)
        rows = [
            interval_of(figure, level=level, df=df, method=method, usual_deff=usual)
            for figure in self.figures()
        ]
        columns = ["ci_low", "ci_high", "reason"]
        return pd.DataFrame(rows, columns=columns, index=list(self.names))

    def figures(self) -> list[Figure]:
        """Each cell by itself, with what its interval stands on."""
        columns = (self.estimate, self.se, self.df, self.n, self.complete)
        working = [None] * len(self.names) if self.working is None else self.working.tolist()
        rows = zip(*(column.tolist() for column in columns), working, strict=True)
        return [Figure(e, s, d, n, c, self.bounds, w) for e, s, d, n, c, w in rows]

    def flags(self, thresholds: Thresholds | None = None) -> tuple[tuple[str, ...], ...]:
        """Warnings that go with each cell; see `analysis.estimation.awkward.flags_of`."""
        limits = self.intervals()
        widths = ((limits.ci_high - limits.ci_low) / 2).tolist()
        rule = thresholds or Thresholds()
        return tuple(
            flags_of(figure, width, rule)
            for figure, width in zip(self.figures(), widths, strict=True)
        )

    def table(
        self,
        level: float = 0.95,
        df: float | None = None,
        method: str = "t",
        thresholds: Thresholds | None = None,
    ) -> pd.DataFrame:
        """All that is known of each cell, one row a cell.

        Returns
        -------
        DataFrame: name, estimate, se, df, ci_low, ci_high, reason, n, n_psu, deff, n_eff, flags
        """
        limits = self.intervals(level, df, method).reset_index(drop=True)
        return pd.DataFrame(
            {
                "name": list(self.names),
                "estimate": self.estimate,
                "se": self.se,
                "df": self.df,
                "ci_low": limits.ci_low,
                "ci_high": limits.ci_high,
                "reason": limits.reason,
                "n": self.n,
                "n_psu": self.n_psu,
                "deff": self.deff,
                "n_eff": self.n_eff,
                "flags": list(self.flags(thresholds)),
            }
        )

    def contrast(self, coefficients: Mapping[str, float]) -> tuple[float, float]:
        """Estimate and standard error of a linear combination of cells."""
        found = self.contrasts({"contrast": coefficients})
        return float(found.estimate[0]), float(found.se[0])

    def contrasts(self, wanted: Mapping[str, Mapping[str, float]]) -> "Estimates":
        """Linear combinations of cells, with the covariance between them.

        Parameters
        ----------
        wanted : per name the coefficient of each cell that takes part

        Returns
        -------
        Estimates; the degrees of freedom are those of all PSUs that speak in a cell taking part

        Raises
        ------
        DataError
            if a cell is not among the names

        Notes
        -----
        A cell without an estimate makes the combinations in which it takes part missing.
        """
        matrix = np.zeros((len(wanted), len(self.names)))
        for row, (name, coefficients) in enumerate(wanted.items()):
            for cell, factor in coefficients.items():
                matrix[row, self.place(cell, name)] = factor
        made = None if self.replicates is None else self.replicates.combined(matrix)
        return self._combined(tuple(wanted), matrix, matrix @ np.nan_to_num(self.estimate), made)

    def ratios(self, wanted: Mapping[str, tuple[str, str]]) -> "Estimates":
        """Ratios of two cells each, linearised or in each replicate; else as `contrasts`.

        Raises
        ------
        DataError
            if a cell is not among the names, or a denominator is 0
        """
        matrix = np.zeros((len(wanted), len(self.names)))
        points = np.zeros(len(wanted))
        pairs = [(self.place(a, name), self.place(b, name)) for name, (a, b) in wanted.items()]
        for row, ((name, (_, below)), (i, j)) in enumerate(zip(wanted.items(), pairs, strict=True)):
            if self.estimate[j] == 0:
                raise DataError(
                    "zero_denominator",
                    f"The ratio {name!r} divides by {below!r}, whose estimate is 0.",
                    "Choose another denominator.",
                    name=name,
                    cell=below,
                )
            points[row] = self.estimate[i] / self.estimate[j]
            matrix[row, i] += 1 / self.estimate[j]
            matrix[row, j] -= points[row] / self.estimate[j]
        made = None if self.replicates is None else self.replicates.divided(pairs)
        return self._combined(tuple(wanted), matrix, points, made)

    def place(self, cell: str, wanted: str = "") -> int:
        """Number of a cell by its name, for `wanted`."""
        if cell not in self.names:
            raise DataError(
                "unknown_cell",
                f"{wanted or 'A combination'} asks for the cell {cell!r}, which does not exist.",
                f"The cells are: {', '.join(self.names[:20])}.",
                cell=cell,
            )
        return self.names.index(cell)

    def _combined(
        self, names: tuple[str, ...], matrix: Floats, points: Floats, made: CellReplicates | None
    ) -> "Estimates":
        used = np.nan_to_num(matrix, nan=1.0) != 0
        missing = (used & np.isnan(self.estimate)).any(axis=1)
        clean = np.nan_to_num(matrix)
        known = 0 if self.replicates is None else self.replicates.cov
        cov = clean @ (self.cov - known) @ clean.T
        touched = (self.touched @ sparse.csr_array(used.T.astype(np.float64))).tocsr()
        blank = np.full(len(names), np.nan)
        least = np.where(used, self.domain_df, np.iinfo(np.int64).max).min(axis=1, initial=2**31)
        return replace(
            self,
            names=names,
            estimate=np.where(missing, np.nan, points),
            cov=cov if made is None else cov + made.cov,
            df=freedom_of_columns(self.sample, touched),
            n=used.astype(np.int64) @ self.n,
            n_psu=np.diff(touched.tocsc().indptr).astype(np.int64),
            size=blank,
            simple=blank,
            domain_df=least,
            complete=np.array([bool(self.complete[row].all()) for row in used]),
            touched=touched,
            bounds=None,
            working=None,
            replicates=made,
        )

    def pick(self, names: Sequence[str]) -> "Estimates":
        """Some of the cells, in the order asked for."""
        at = np.array([self.place(name) for name in names], dtype=np.int64)
        working = None if self.working is None else self.working[at]
        cells = ("estimate", "df", "n", "n_psu", "size", "simple", "domain_df", "complete")
        parts = {name: getattr(self, name)[at] for name in cells}
        cov = self.cov[np.ix_(at, at)]
        touched = self.touched[:, at]
        made = None if self.replicates is None else self.replicates.pick(at)
        parts |= {"working": working, "replicates": made}
        return replace(self, names=tuple(names), cov=cov, touched=touched, **parts)
