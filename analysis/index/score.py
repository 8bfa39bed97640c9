"""Scoring: statistics of the groups in, points with their errors out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from analysis.design import Inference
from analysis.errors import SchemeError
from analysis.estimation.freedom import satterthwaite
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
    found = _precisions(leaves, [[row[u] for row in cells] for u in range(units)], evidence)
    if not any(math.isnan(one.usual_deff) for one in found):
        return found
    known = [row[0].usual_deff for row in by_leaf if row and not math.isnan(row[0].usual_deff)]
    usual = float(np.median(known)) if known else math.nan
    return tuple(replace(one, usual_deff=usual) for one in found)


def _leaf_precision(
    leaves: Sequence[Leaf], cells: Sequence[Sequence[Cell]], variances: Sequence[GroupVariance]
) -> tuple[tuple[Precision, ...], ...]:
    """Precision of each leaf and unit."""
    return tuple(
        _precisions(
            [leaf], [[outcome] for outcome in row], [_leaf_evidence(v, c) for v in variances]
        )
        for c, (leaf, row) in enumerate(zip(leaves, cells, strict=True))
    )


class _Evidence(NamedTuple):
    """What one group tells of the variance of U figures."""

    variance: Floats
    df: Floats
    simple: Floats
    n: Ints
    complete: Bools


def _leaf_evidence(v: GroupVariance, c: int) -> _Evidence:
    n = v.leaf_n[:, c]
    return _Evidence(
        v.leaf_variance[:, c], v.leaf_df[:, c], v.leaf_simple[:, c], n, v.complete & (n > 0)
    )


def _precisions(
    leaves: Sequence[Leaf], outcomes: Sequence[Sequence[Cell]], evidence: Sequence[_Evidence]
) -> tuple[Precision, ...]:
    """Bring the groups together: variances add, df by Satterthwaite."""
    units = len(outcomes)
    heard = evidence or [_Evidence(*np.zeros((3, units)), *np.zeros((2, units), dtype=np.int64))]
    variance, df, simple, n, complete = (np.stack(column) for column in zip(*heard, strict=True))
    freedom = [satterthwaite(variance[:, u], df[:, u]) for u in range(units)]
    whole, plain = variance.sum(axis=0), simple.sum(axis=0)
    usual = median_deff(whole.tolist(), plain.tolist(), freedom)
    return tuple(
        Precision(
            *_sampled(leaves, outcomes[u]),
            variance=float(whole[u]),
            df=freedom[u],
            n=int(n[:, u].sum()),
            simple=float(plain[u]),
            usual_deff=usual,
            complete=bool(((n[:, u] == 0) | (complete[:, u] > 0)).all() and n[:, u].any()),
        )
        for u in range(units)
    )


def _sampled(leaves: Sequence[Leaf], cells: Sequence[Cell]) -> tuple[float, float, float]:
    """Points from answers, their maximum, and points from elsewhere; nan if there are none."""
    if all(outcome.points is None for outcome in cells):
        return math.nan, 0.0, 0.0
    scored = [outcome.status is Status.SCORED for outcome in cells]
    pairs = list(zip(leaves, cells, scored, strict=True))
    return (
        _float_sum([cell.points for _, cell, heard in pairs if heard]),
        _float_sum(
            [leaf.points for leaf, cell, heard in pairs if heard and cell.points is not None]
        ),
        _float_sum([cell.points for _, cell, heard in pairs if not heard]),
    )


def _float_sum(values: Sequence[Fraction | None]) -> float:
    """The float nearest to the exact sum."""
    known = [value for value in values if value is not None]
    if not known:
        return 0.0
    exact = known[0] if len(known) == 1 else sum(known, Fraction(0))
    return exact.numerator / exact.denominator
