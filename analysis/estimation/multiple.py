"""Probabilities of many tests at once, adjusted so that chance finds are not read as findings."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import DataError
from analysis.weights import Bools, Floats, Ints

FEW = 50  # tests up to which the family-wise rule is the one to read


@dataclass(frozen=True, eq=False)
class Adjusted:
    """Probabilities of K tests, as they are and adjusted.

    Parameters
    ----------
    p : (K,) as they came, nan where there was no test
    holm : (K,) Holm's step-down, family-wise error
    bh : (K,) Benjamini and Hochberg's, false discovery rate
    bonferroni : (K,) p times the number of tests, family-wise error
    tests : number of tests that exist
    """

    p: Floats
    holm: Floats
    bh: Floats
    bonferroni: Floats
    tests: int

    @property
    def rule(self) -> str:
        """Which adjustment to read: "holm" up to 50 tests, "bh" beyond."""
        return "holm" if self.tests <= FEW else "bh"

    @property
    def chosen(self) -> Floats:
        """(K,) the adjusted probabilities of that rule."""
        return self.holm if self.rule == "holm" else self.bh

    @property
    def frame(self) -> pd.DataFrame:
        """One row a test: all adjustments, and which one to read."""
        columns = {"p": self.p, "p_holm": self.holm, "p_bh": self.bh}
        return pd.DataFrame(columns | {"p_bonferroni": self.bonferroni, "rule": self.rule})


def adjust(p: Floats) -> Adjusted:
    """Adjust the probabilities of one family of tests by all three rules.

    Parameters
    ----------
    p : (K,) probabilities, nan where there was no test

    Returns
    -------
    Adjusted

    Raises
    ------
    DataError
        if a probability lies outside 0 to 1

    Notes
    -----
    Which units changed is answered by Holm's rule up to 50 tests: the chance that any unit is
    named wrongly stays below the level. Beyond, so strict a rule finds hardly anything, and
    Benjamini and Hochberg's is read: of the units named, the expected share named wrongly stays
    below the level (under independence or positive dependence). Both columns are always there.
    Tests that do not exist are missing, not 1: they count in no family.

    Examples
    --------
    >>> found = adjust(np.array([0.01, 0.04, np.nan, 0.03]))
    >>> found.holm.tolist(), found.bh.tolist(), found.tests, found.rule
    ([0.03, 0.06, nan, 0.06], [0.03, 0.04, nan, 0.04], 3, 'holm')
    """
    p = _checked(p)
    exists = int((~np.isnan(p)).sum())
    return Adjusted(p, holm(p), benjamini_hochberg(p), bonferroni(p), exists)


def bonferroni(p: Floats) -> Floats:
    """Multiply probabilities by the number of tests, to 1 at most; missing ones stay missing.

    Parameters
    ----------
    p : (K,) probabilities, nan where there was no test

    Returns
    -------
    (K,)

    Raises
    ------
    DataError
        if a probability lies outside 0 to 1

    Examples
    --------
    >>> bonferroni(np.array([0.01, np.nan, 0.6])).tolist()
    [0.02, nan, 1.0]
    """
    p = _checked(p)
    exists = (~np.isnan(p)).sum()
    return np.asarray(np.minimum(p * exists, 1.0), dtype=np.float64)


def holm(p: Floats) -> Floats:
    """Adjust probabilities by Holm's step-down; missing ones stay missing.

    Parameters
    ----------
    p : (K,) probabilities, nan where there was no test

    Returns
    -------
    (K,) tests below a level can all be called so with that family-wise error

    Raises
    ------
    DataError
        if a probability lies outside 0 to 1

    Notes
    -----
    The i-th smallest of K becomes max over j <= i of min((K - j + 1) p_(j), 1). Valid under any
    dependence, and never weaker than Bonferroni's.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> holm(np.array([0.04, 0.01, 0.03])).tolist()
    [0.06, 0.03, 0.06]
    """
    adjusted, order = _ordered(p)
    size = len(order)
    steps = np.minimum((size - np.arange(size)) * adjusted[order], 1.0)
    adjusted[order] = np.maximum.accumulate(steps)
    return adjusted


def benjamini_hochberg(p: Floats) -> Floats:
    """Adjust probabilities by the false discovery rate; missing ones stay missing.

    Parameters
    ----------
    p : (K,) probabilities, nan where there was no test

    Returns
    -------
    (K,) among the tests below a level, at most that share is expected to be false

    Raises
    ------
    DataError
        if a probability lies outside 0 to 1

    Notes
    -----
    The i-th smallest of K becomes min over j >= i of min(K p_(j) / j, 1). Proved for independent
    and for positively dependent tests; wrong by a factor of up to 1 + 1/2 + … + 1/K otherwise.

    References
    ----------
    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.04, 0.01, 0.03])).tolist()
    [0.04, 0.03, 0.04]
    """
    adjusted, order = _ordered(p)
    size = len(order)
    steps = np.minimum(size / np.arange(1, size + 1) * adjusted[order], 1.0)
    adjusted[order] = np.minimum.accumulate(steps[::-1])[::-1]
    return adjusted


def _checked(p: Floats) -> Floats:
    p = np.array(p, dtype=np.float64)
    outside: Bools = (p < 0) | (p > 1)
    if outside.any():
        place = int(np.argmax(outside))
        raise DataError(
            "bad_probability",
            f"Probability {p[place]} of test {place + 1} lies outside 0 to 1.",
            "Pass probabilities, or nan where there was no test.",
            test=place,
        )
    return p


def _ordered(p: Floats) -> tuple[Floats, Ints]:
    """A checked copy, and the places of the tests that exist, smallest probability first."""
    p = _checked(p)
    exists = np.flatnonzero(~np.isnan(p))
    return p, exists[np.argsort(p[exists], kind="stable")]
