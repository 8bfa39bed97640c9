"""Strata with a single PSU: what they add to a variance that they cannot show."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.design import Lonely
from analysis.sample import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of sampling: M members in G groups (PSUs in strata, or units in PSUs).

    Parameters
    ----------
    group : (M,) group of the member
    n : (G,) members sampled, silent ones included
    single : (G,) groups with one member, of more
    left : (M,) share of the variance that the finite correction leaves
    """

    group: Ints
    n: Floats
    single: Bools
    left: Floats


def group_sums(totals: sparse.csr_array, group: Ints, groups: int) -> Floats:
    """(G, C) sums over the members of each group."""
    members = np.arange(len(group))
    member = sparse.csr_array((np.ones(len(group)), (group, members)), shape=(groups, len(group)))
    return np.asarray((member @ totals).toarray(), dtype=np.float64)


def adjusted(rule: Lonely, stage: Stage, totals: sparse.csr_array, spread: Floats) -> Floats:
    """Let groups with one member count by the rule of the design.

    Parameters
    ----------
    rule : of the design; errors have been raised by now
    stage : where members and groups are
    totals : (M, C) weighted totals of the members; an element that is stored is an answer
    spread : (C, C) covariance from the groups with more members

    Returns
    -------
    (C, C)

    Notes
    -----
    Each column looks at the groups that answered it. "remove" leaves them out; "center" adds the
    squared distance of the single member from the mean of all members of these groups; "average"
    gives each single group the mean of the others, that is, multiplies by groups over groups with
    more members (between two columns by the geometric mean of their factors). None of the three
    is unbiased; "remove" is too small.

    References
    ----------
    Lumley (2010), Complex Surveys, sec. 3.2.1.
    """
    if not stage.single.any() or rule not in (Lonely.CENTER, Lonely.AVERAGE):
        return spread
    groups = len(stage.n)
    pattern = sparse.csr_array((np.ones(totals.nnz), totals.indices, totals.indptr), totals.shape)
    touched = group_sums(pattern, stage.group, groups) > 0
    if rule is Lonely.AVERAGE:
        seen = (touched & ~stage.single[:, None]).sum(axis=0)
        factor = np.sqrt(touched.sum(axis=0) / np.maximum(seen, 1)) * (seen > 0)
        return np.asarray(spread * np.outer(factor, factor))
    sums = group_sums(totals, stage.group, groups)
    centre = sums.sum(axis=0) / np.maximum(stage.n @ touched, 1)
    left = np.zeros(groups)
    left[stage.group] = stage.left
    away = np.where(touched, sums - centre, 0.0)[stage.single]
    return np.asarray(spread + away.T @ (away * left[stage.single][:, None]))
