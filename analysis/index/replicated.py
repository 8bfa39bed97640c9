"""Composites of an index in every replicate, from the sums behind its scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.answers import Asked, sum_by
from analysis.errors import DesignError
from analysis.estimation.columns import distinct_pairs
from analysis.estimation.freedom import satterthwaite
from analysis.estimation.replication.bound import Replicates
from analysis.estimation.replication.composites import Rest, Sums, composite_replicates
from analysis.estimation.replication.declared import Kind, ReplicateWeights
from analysis.estimation.replication.statistic import Replicated, cautions_of
from analysis.index.linear import slot_factors
from analysis.index.result import IndexResult
from analysis.index.tally import Slot
from analysis.index.voices import Voice
from analysis.sample import Bools, Floats, Sample
from analysis.totals import NOBODY


def replicate_index(result: IndexResult, replicates: ReplicateWeights | None = None) -> Replicated:
    """Compute the survey component of every unit in every replicate.

    Parameters
    ----------
    result : scores of U units
    replicates : what to make for each group; default is what the designs of the groups declare

    Returns
    -------
    Replicated named by unit, in points. Of bootstraps with one number of replicates the values
    are joint ones, and tell rank frequencies and percentiles; else one group varies at a time

    Raises
    ------
    DesignError
        if a group has no replicates
    DataError
        naming the unit, item and replicate where nobody is left who answered

    Notes
    -----
    T* = sum c N*/D*, with the weights c of the full sample: what the scheme rescales for missing
    groups and questions stays as it is, and so does which groups are large enough. Groups are
    independent, V = sum V_g, and drawn by one seed in streams of their own. Sums over PSUs are
    all it needs, at either level of the statistics.

    References
    ----------
    Rao and Wu (1988), JASA 83, 231-241, sec. 2.
    """
    groups = [_group(result, g, voice, replicates) for g, voice in enumerate(result.voices)]
    points = [result.points_of(unit) for unit in result.unit_codes]
    estimate = np.array([np.nan if p is None else float(p) for p in points])
    covs = [one.made.covariance(one.values, one.part) for one in groups]
    variances = np.stack([np.diag(cov) for cov in covs])
    df = np.stack([v.df for v in result.variances])
    kind, values = _joined(groups, estimate)
    return Replicated(
        names=result.unit_codes,
        estimate=estimate,
        values=values,
        cov=np.sum(covs, axis=0),
        df=np.array([satterthwaite(v, d) for v, d in zip(variances.T, df.T, strict=True)]),
        kind=kind,
        declared=tuple(one.made.declared for one in groups),
        few_psus=_any([one.made.few_psus for one in groups]),
        cautions=tuple(
            dict.fromkeys(c for one in groups for c in cautions_of(one.sample, one.made))
        ),
    )


@dataclass(frozen=True, eq=False)
class _Group:
    """One group's share of T in R replicates, (R, U), and in the full sample, (U,)."""

    sample: Sample
    made: Replicates
    values: Floats
    part: Floats


@dataclass(frozen=True, eq=False)
class _Question:
    """One question of one leaf: (U,) points of its ratio, and what other groups add to that."""

    name: str
    slot: Slot
    factor: Floats


def _group(result: IndexResult, g: int, voice: Voice, wanted: ReplicateWeights | None) -> _Group:
    sample = voice.sample
    made = sample.replicates if wanted is None else sample.replicated(wanted, g)
    if made is None:
        raise DesignError(
            "no_replicates",
            f"Group {voice.name!r} has no replicate weights.",
            "Say which to make: ReplicateWeights(kind='bootstrap', seed=…), or supply them.",
            group=voice.name,
        )
    questions = _questions(result, voice)
    sums = _sums(voice, made, [question.slot for question in questions])
    coefficient = np.stack([question.factor for question in questions], axis=1)
    rest = _rest(sums, questions, len(coefficient))
    names = (result.unit_codes, [question.name for question in questions])
    values = composite_replicates(made.factor, sums, coefficient, names, rest)
    whole = composite_replicates(np.ones((len(made.factor), 1)), sums, coefficient, names, rest)
    return _Group(sample, made, values, whole[0])


def _questions(result: IndexResult, voice: Voice) -> list[_Question]:
    """Questions that the group is asked, with what their ratios are worth to each unit."""
    found = []
    for leaf, parts, cells in zip(result.leaves, result.parts, result.cells, strict=True):
        for place, part in enumerate(parts):
            if voice.name not in part.voices:
                continue
            slots = part.slots[part.voices.index(voice.name)]
            weights = [cell.weights[place] for cell in cells]
            for slot, factor in zip(slots, slot_factors(slots, weights, leaf.points), strict=True):
                item = voice.statistics.items[slot.column]
                found.append(_Question(f"{leaf.code}.{item}", slot, factor))
    return found


def _sums(voice: Voice, made: Replicates, slots: Sequence[Slot]) -> Sums:
    """Sums of the carriers about each unit: of coefficients, and of those who answered."""
    valid = np.stack([slot.valid for slot in slots])
    value = np.stack([np.where(slot.valid, slot.value, 0.0) for slot in slots])
    shape = (len(slots), voice.n.shape[0], voice.n.shape[2])
    above, below = (
        voice.answers.values(_asked(slots, table, valid, shape), voice.unit, len(slots))[0]
        for table in (value, valid.astype(np.float64))
    )
    at = np.flatnonzero(voice.unit != NOBODY)
    carrier = made.carriers(voice.sample.psu)[at]
    place, carrier, unit = distinct_pairs(carrier, voice.unit[at], shape[1])
    above, below = above[at], below[at]
    if place is not None:
        above, below = (sum_by(place, part, len(carrier)) for part in (above, below))
    return Sums(carrier, unit, above, below)


def _asked(
    slots: Sequence[Slot], table: Floats, valid: Bools, shape: tuple[int, int, int]
) -> Asked:
    return Asked(
        item=np.array([slot.column for slot in slots], dtype=np.int64),
        column=np.arange(len(slots)),
        table=np.broadcast_to(table[:, None, :], shape),
        counts=np.broadcast_to(valid[:, None, :], shape),
    )


def _rest(sums: Sums, questions: Sequence[_Question], units: int) -> Rest | None:
    """What other groups of a pool add to the ratios; None where each group has its own."""
    size = np.array([[float(d) for d in q.slot.size] for q in questions]).T
    ratio = np.array([[float(r or 0) for r in q.slot.ratio] for q in questions]).T
    below = size - sum_by(sums.unit, sums.below, units)
    above = size * ratio - sum_by(sums.unit, sums.above, units)
    return None if (below <= 1e-9 * size).all() else Rest(above, below)


def _joined(groups: Sequence[_Group], estimate: Floats) -> tuple[Kind, Floats]:
    """Kind and values of all groups together, around the estimate."""
    away = [one.values - one.part for one in groups]
    known = np.nan_to_num(estimate)
    if len(groups) == 1:
        return groups[0].made.kind, known + away[0]
    joint = {one.made.kind for one in groups} == {Kind.BOOTSTRAP}
    if joint and len({one.made.count for one in groups}) == 1:
        return Kind.BOOTSTRAP, known + np.sum(away, axis=0)
    return Kind.OTHER, known + np.concatenate(away)


def _any(found: Sequence[bool | None]) -> bool | None:
    if True in found:
        return True
    return None if None in found else False
