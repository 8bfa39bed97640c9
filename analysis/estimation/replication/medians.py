"""Quantiles in every replicate: the error of medians, and covariances between them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.design import SurveyDesign
from analysis.estimation.distribution import RULES, Curve, check_rule
from analysis.estimation.domains import domains_of, numbers
from analysis.estimation.replication.declared import ReplicateWeights
from analysis.estimation.replication.statistic import Replicated, Statistic, replicate_sample
from analysis.sample import Bools, Floats, Ints, bind


def replicate_quantiles(
    data: pd.DataFrame,
    design: SurveyDesign,
    variables: Sequence[str],
    probabilities: Sequence[float] = (0.5,),
    *,
    replicates: ReplicateWeights | None = None,
    by: Sequence[str] = (),
    where: Bools | None = None,
    rule: str = "math",
) -> Replicated:
    """Compute quantiles of variables in every replicate.

    Parameters
    ----------
    data : n rows, one per respondent
    design : declared design
    variables : numeric columns; a missing value does not speak
    probabilities : each between 0 and 1
    replicates : replaces those of the design; the bootstrap or balanced halves
    by, where : domains, as in `analysis.estimation.means.means`
    rule : how a quantile is read, see `analysis.estimation.distribution.weighted_quantile`

    Returns
    -------
    Replicated named "variable@p" or "domain:variable@p", probabilities fastest

    Raises
    ------
    DataError
        if a rule is unknown, a variable is not numeric, or a replicate leaves a domain empty
    DesignError
        see `analysis.estimation.replication.making.make_replicates`

    Notes
    -----
    The jackknife is inconsistent for quantiles and comes out at random sizes. For intervals of
    single quantiles `analysis.estimation.quantiles.quantiles` is the usual way; this one gives
    errors of differences too. Coarse where answers have few values.

    References
    ----------
    Shao and Tu (1995), The Jackknife and Bootstrap, sec. 2.3 and 6.2.

    Examples
    --------
    >>> answers = pd.DataFrame({"y": [float(value) for value in range(1, 41)]})
    >>> drawn = ReplicateWeights(kind="bootstrap", seed=1, count=200)
    >>> found = replicate_quantiles(answers, SurveyDesign(), ["y"], replicates=drawn)
    >>> found.names, found.estimate.tolist(), bool(1 < found.se[0] < 5)
    (('y@0.5',), [20.0], True)
    """
    check_rule(rule)
    domains = domains_of(data, by, where)
    cells: list[tuple[Ints, Floats]] = []
    names: list[str] = []
    for name in variables:
        value = numbers(data, name)
        for place, label in enumerate(domains.labels):
            rows = np.flatnonzero((domains.code == place) & ~np.isnan(value))
            order = rows[np.argsort(value[rows], kind="stable")]
            cells.append((order, value[order]))
            full = f"{label}:{name}" if label else name
            names += [f"{full}@{p:g}" for p in probabilities]
    asked = design if replicates is None else replace(design, replicates=replicates)
    statistic = _statistic(cells, probabilities, rule)
    return replicate_sample(bind(asked, data), statistic, names=names)


def _statistic(
    cells: Sequence[tuple[Ints, Floats]], probabilities: Sequence[float], rule: str
) -> Statistic:
    """Quantiles of rows in the order of their values, as a function of all weights."""
    read = RULES[rule]

    def quantiles(weight: Floats) -> list[float]:
        found = []
        for rows, value in cells:
            own = weight[rows]
            used = own > 0
            spoken = own[used]
            curve = Curve(rows[used], value[used], spoken, np.cumsum(spoken))
            found += [read(curve, p) for p in probabilities]
        return found

    return quantiles
