"""Scoring: statistics of the groups in, points with their errors out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from analysis.design import Inference
from analysis.errors import SchemeError
from analysis.estimation.freedom import satterthwaite_each
from analysis.index.leaves import Leaf
from analysis.index.linear import GroupVariance, group_variance
from analysis.index.options import Options
from analysis.index.precision import Precision, median_deff
from analysis.index.result import IndexResult
from analysis.index.tally import Cell, Fallback, Status, cell, parts_of
from analysis.index.voices import Voice, hear
from analysis.sample import Bools, Floats, Ints
from analysis.totals import GroupStatistics


def score_leaves(
    leaves: Sequence[Leaf],
    options: Options,
    statistics: Mapping[str, GroupStatistics],
    units: Sequence[str] | None,
    fallback: Fallback,
) -> IndexResult:
    """Turn answers into points; the arguments are those of `IndexScheme.score`."""
    codes = _units(statistics, units)
    voices = _voices(leaves, options, statistics, codes)
    parts = tuple(parts_of(leaf, voices, len(codes), options) for leaf in leaves)
    cells = tuple(
        tuple(cell(leaf, own, unit, i, options, fallback) for i, unit in enumerate(codes))
        for leaf, own in zip(leaves, parts, strict=True)
    )
    points = [leaf.points for leaf in leaves]
    variances = tuple(group_variance(voice, points, parts, cells) for voice in voices.values())
    by_leaf = _leaf_precision(leaves, cells, variances)
    return IndexResult(
        unit_codes=codes,
        leaves=tuple(leaves),
        options=options,
        parts=parts,
        cells=cells,
        voices=tuple(voices.values()),
        variances=variances,
        unit_precision=_unit_precision(leaves, cells, variances, by_leaf, len(codes)),
        leaf_precision=by_leaf,
        rescore=lambda leaves, options, inference=None: score_leaves(
            leaves, options, _asked(statistics, leaves, inference), codes, fallback
        ),
    )


def _asked(
    statistics: Mapping[str, GroupStatistics],
    leaves: Sequence[Leaf],
    inference: Inference | None,
) -> dict[str, GroupStatistics]:
    """Statistics of the groups that these leaves ask, under an inference."""
    groups = {group.group for leaf in leaves for group in leaf.groups}
    asked = {name: found for name, found in statistics.items() if name in groups}
    if inference is None:
        return asked
    return {name: found.under(inference) for name, found in asked.items()}


def _units(
    statistics: Mapping[str, GroupStatistics], units: Sequence[str] | None
) -> tuple[str, ...]:
    if units is None:
        return tuple(sorted({unit for group in statistics.values() for unit in group.units}))
    repeated = [unit for place, unit in enumerate(units) if unit in units[:place]]
    if repeated:
        raise SchemeError(
            "repeated", f"Unit {repeated[0]!r} is listed twice.", "List it once.", unit=repeated[0]
        )
    return tuple(units)


def _voices(
    leaves: Sequence[Leaf],
    options: Options,
    statistics: Mapping[str, GroupStatistics],
    units: tuple[str, ...],
) -> dict[str, Voice]:
    """Groups in the order of the scheme."""
    asked = dict.fromkeys(group.group for leaf in leaves for group in leaf.groups)
    strangers = sorted(set(statistics) - set(asked))
    if strangers:
        raise SchemeError(
            "unknown_group",
            f"The scheme asks nothing of group {strangers[0]!r}.",
            f"It asks {', '.join(asked)}; leave the group out or add it to a leaf.",
            group=strangers[0],
        )
    return {
        name: hear(name, statistics[name], units, leaves, options)
        for name in asked
        if name in statistics
    }


def _unit_precision(
    leaves: Sequence[Leaf],
    cells: Sequence[Sequence[Cell]],
    variances: Sequence[GroupVariance],
    by_leaf: Sequence[Sequence[Precision]],
    units: int,
) -> tuple[Precision, ...]:
    """Precision of the survey component of each unit."""
    evidence = [
        _Evidence(np.diag(v.cov), v.df, v.simple, v.n, v.complete & (v.n > 0)) for v in variances
    ]
    sampled = [_sampled(leaves, [row[u] for row in cells]) for u in range(units)]
    found = _precisions(sampled, _together(evidence, (units,)))
    if not any(math.isnan(one.usual_deff) for one in found):
        return found
    known = [row[0].usual_deff for row in by_leaf if row and not math.isnan(row[0].usual_deff)]
    usual = float(np.median(known)) if known else math.nan
    return tuple(replace(one, usual_deff=usual) for one in found)


def _leaf_precision(
    leaves: Sequence[Leaf], cells: Sequence[Sequence[Cell]], variances: Sequence[GroupVariance]
) -> tuple[tuple[Precision, ...], ...]:
    """Precision of each leaf and unit."""
    whole = _together([_leaf_evidence(v) for v in variances], (len(leaves), len(cells[0])))
    return tuple(
        _precisions([_sampled([leaf], [outcome]) for outcome in row], whole.of(c))
        for c, (leaf, row) in enumerate(zip(leaves, cells, strict=True))
    )


class _Evidence(NamedTuple):
    """What one group, or all of them, tell of the variance of (U,) or (C, U) figures."""

    variance: Floats
    df: Floats
    simple: Floats
    n: Ints
    complete: Bools

    def of(self, leaf: int) -> "_Evidence":
        """What is told of one leaf."""
        v, df, simple, n, complete = (column[leaf] for column in self)
        return _Evidence(v, df, simple, n, complete)


def _leaf_evidence(v: GroupVariance) -> _Evidence:
    complete = v.complete[:, None] & (v.leaf_n > 0)
    return _Evidence(v.leaf_variance.T, v.leaf_df.T, v.leaf_simple.T, v.leaf_n.T, complete.T)


def _together(evidence: Sequence[_Evidence], shape: tuple[int, ...]) -> _Evidence:
    """Bring the groups together: variances add, df by Satterthwaite."""
    zero, nobody = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    heard = evidence or [_Evidence(zero, zero, zero, nobody, nobody > 0)]
    variance, df, simple, n, complete = (np.stack(column) for column in zip(*heard, strict=True))
    asked = ((n == 0) | complete).all(axis=0) & n.any(axis=0)
    freedom = satterthwaite_each(variance, df)
    return _Evidence(variance.sum(axis=0), freedom, simple.sum(axis=0), n.sum(axis=0), asked)


def _precisions(
    sampled: Sequence[tuple[float, float, float]], evidence: _Evidence
) -> tuple[Precision, ...]:
    """Points with what is known of them, the usual design effect being their median."""
    variance, df, simple, n, complete = (column.tolist() for column in evidence)
    usual = median_deff(variance, simple, df)
    known = zip(sampled, variance, df, n, simple, complete, strict=True)
    return tuple(
        Precision(points, maximum, fixed, v, d, ballots, plain, usual, complete=whole)
        for (points, maximum, fixed), v, d, ballots, plain, whole in known
    )


def _sampled(leaves: Sequence[Leaf], cells: Sequence[Cell]) -> tuple[float, float, float]:
    """Points from answers, their maximum, and points from elsewhere; nan if there are none."""
    known = [
        (outcome.points, leaf.points, outcome.status is Status.SCORED)
        for leaf, outcome in zip(leaves, cells, strict=True)
        if outcome.points is not None
    ]
    if not known:
        return math.nan, 0.0, 0.0
    return (
        _float_sum([points for points, _, scored in known if scored]),
        _float_sum([maximum for _, maximum, scored in known if scored]),
        _float_sum([points for points, _, scored in known if not scored]),
    )


def _float_sum(values: Sequence[Fraction]) -> float:
    """The float nearest to the exact sum."""
    if len(values) == 1:
        return values[0].numerator / values[0].denominator
    common = math.lcm(*(value.denominator for value in values))
    return sum(value.numerator * (common // value.denominator) for value in values) / common
