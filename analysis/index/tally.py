"""From counts to points, exactly: ratios, usable groups, rescaled weights, small cells."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

import numpy as np

from analysis.errors import DataError
from analysis.exact import Number, exact, written
from analysis.index.leaves import Leaf, Question
from analysis.index.options import BelowMinimum, NoUsableGroup, Options
from analysis.index.voices import Voice, coefficients, float_table
from analysis.sample import Floats, Ints

POOL = "(pooled)"
Place = tuple[str, str]


class Status(StrEnum):
    """Where the points of a leaf come from."""

    SCORED = "scored"
    NOT_SCORED = "not_scored"
    ZERO = "zero"
    LAST_YEAR = "last_year"
    MANUAL = "manual"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Fallback:
    """What is known besides the answers, by (unit, leaf)."""

    last_year: Mapping[Place, Fraction] = field(default_factory=dict)
    manual: Mapping[Place, Fraction] = field(default_factory=dict)
    not_applicable: frozenset[Place] = frozenset()

    @classmethod
    def read(
        cls,
        last_year: Mapping[Place, Number] | None,
        manual: Mapping[Place, Number] | None,
        not_applicable: Collection[Place],
    ) -> "Fallback":
        """Read points exactly."""
        old = {place: exact(v, f"last year's {place}") for place, v in (last_year or {}).items()}
        new = {place: exact(v, f"manual {place}") for place, v in (manual or {}).items()}
        return cls(old, new, frozenset(not_applicable))

    def check(self, leaves: Sequence[Leaf]) -> None:
        """Raise a DataError for points that their leaf cannot give."""
        maximum = {leaf.code: leaf.points for leaf in leaves}
        for name, given in (("Last year's", self.last_year), ("The decided", self.manual)):
            for (unit, leaf), points in given.items():
                if leaf in maximum and not 0 <= points <= maximum[leaf]:
                    raise DataError(
                        "points_outside_leaf",
                        f"{name} points of unit {unit!r} on leaf {leaf!r} are {written(points)}, "
                        f"but the leaf gives 0 to {written(maximum[leaf])}.",
                        "Correct the points, or leave them out.",
                        unit=unit,
                        leaf=leaf,
                    )


@dataclass(frozen=True, slots=True)
class Slot:
    """One question of one leaf and group, with its ratio for each of U units.

    Parameters
    ----------
    column : place of the item in the group's answers
    value, valid : (K,) coefficient of each code and whether it counts
    share : V of the question
    ratio : U exact ratios N/D, None without a valid answer; over all groups when pooled
    size : U exact denominators D, in units of the population
    """

    column: int
    value: Floats
    valid: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    share: Fraction
    ratio: tuple[Fraction | None, ...]
    size: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What one group says of one leaf.

    Parameters
    ----------
    group : group, or "(pooled)"
    weight : W
    voices : the groups' rows behind it: one, or all of the pool
    slots : per voice its questions
    n : (U,) ballots with a valid answer
    """

    group: str
    weight: Fraction
    voices: tuple[str, ...]
    slots: tuple[tuple[Slot, ...], ...]
    n: Ints

    def score(self, unit: int) -> Fraction | None:
        """Mean coefficient s of a unit, over the questions that were answered."""
        answered = [(s.share, s.ratio[unit]) for s in self.slots[0]] if self.slots else []
        return weighted_mean(answered)[0]


@dataclass(frozen=True, slots=True)
class Cell:
    """The outcome of one leaf for one unit.

    Parameters
    ----------
    score : S in [0, 1], or None
    points : M·S, or points from elsewhere, or None
    status : where they come from
    weights : per part the rescaled W it entered with, None where it was dropped
    reasons : per part why it was dropped, "" if it was not
    flags : codes that a reader must see
    """

    score: Fraction | None
    points: Fraction | None
    status: Status
    weights: tuple[Fraction | None, ...]
    reasons: tuple[str, ...]
    flags: tuple[str, ...]


def weighted_mean(
    terms: Sequence[tuple[Fraction, Fraction | None]],
) -> tuple[Fraction | None, Fraction]:
    """Mean of the values there are, weighted, and the sum of their weights; None if that is 0."""
    known = [(weight, value) for weight, value in terms if value is not None and weight]
    if len(known) == 1:
        return known[0][1], known[0][0]
    total = sum((weight for weight, _ in known), Fraction(0))
    if total == 0:
        return None, total
    mean = sum((weight * value for weight, value in known), Fraction(0))
    return (mean if total == 1 else mean / total), total


def parts_of(
    leaf: Leaf, voices: Mapping[str, Voice], units: int, options: Options
) -> tuple[Part, ...]:
    """Ratios of a leaf, one part a group, or one for the whole pool."""
    groups = [(g, voices[g.group]) for g in leaf.groups if g.group in voices]
    read = [_slots(voice, group.questions, units, options) for group, voice in groups]
    n = [_valid_ballots(voice, slots) for (_, voice), slots in zip(groups, read, strict=True)]
    if options.pooled:
        names = tuple(voice.name for _, voice in groups)
        total = np.sum(n, axis=0) if n else np.zeros(units, dtype=np.int64)
        return (Part(POOL, Fraction(1), names, _pooled(read), total.astype(np.int64)),)
    by_name = {voice.name: (slots, k) for (_, voice), slots, k in zip(groups, read, n, strict=True)}
    return tuple(
        Part(
            group.group,
            group.weight,
            (group.group,),
            (by_name[group.group][0],),
            by_name[group.group][1],
        )
        if group.group in by_name
        else Part(group.group, group.weight, (), (), np.zeros(units, dtype=np.int64))
        for group in leaf.groups
    )


def _slots(
    voice: Voice, questions: Sequence[Question], units: int, options: Options
) -> tuple[Slot, ...]:
    slots = []
    for question in questions:
        table = coefficients(voice, question, options)
        column = voice.column(question.item)
        sums = voice.weighted[:, column, :].tolist()
        whole = [sum(row[code] for code in table) for row in sums]
        common = math.lcm(*(k.denominator for k in table.values()))
        wholes = [(code, int(k * common)) for code, k in table.items()]
        worth = [sum(k * row[code] for code, k in wholes) for row in sums]
        ratio = tuple(
            Fraction(worth[u], whole[u] * common) if whole[u] else None for u in range(units)
        )
        size = tuple(Fraction(d, voice.statistics.scale) for d in whole)
        value, valid = float_table(table, voice.weighted.shape[2])
        slots.append(Slot(column, value, valid, question.weight, ratio, size))
    return tuple(slots)


def _valid_ballots(voice: Voice, slots: Sequence[Slot]) -> Ints:
    """(U,) rows about the unit with a valid answer to any of the questions."""
    return voice.ballots_with([(slot.column, slot.valid) for slot in slots])


def _pooled(read: Sequence[tuple[Slot, ...]]) -> tuple[tuple[Slot, ...], ...]:
    """The same slots with ratio and size taken over all groups."""
    joint = []
    for same in zip(*read, strict=True):
        size = tuple(sum(sizes, Fraction(0)) for sizes in zip(*(s.size for s in same), strict=True))
        worth = (
            sum((s.size[u] * (s.ratio[u] or Fraction(0)) for s in same), Fraction(0))
            for u in range(len(size))
        )
        ratio = tuple(w / d if d else None for w, d in zip(worth, size, strict=True))
        joint.append((ratio, size))
    return tuple(
        tuple(
            Slot(s.column, s.value, s.valid, s.share, ratio, size)
            for s, (ratio, size) in zip(slots, joint, strict=True)
        )
        for slots in read
    )


def cell(
    leaf: Leaf, parts: Sequence[Part], unit: str, index: int, options: Options, fallback: Fallback
) -> Cell:
    """Points of a leaf for one unit under the options.

    Notes
    -----
    s = sum V a / sum V over answered questions, S = sum W s / sum W over usable groups,
    points = M S. A group is usable with `options.minimum` valid ballots about the unit.
    """
    place = (unit, leaf.code)
    if place in fallback.not_applicable:
        return _no_answer(parts, Status.NOT_APPLICABLE, ())
    scores = [part.score(index) for part in parts]
    pairs = zip(parts, scores, strict=True)
    reasons = tuple([_reason(part, score, index, options) for part, score in pairs])
    flags = _flags(parts, reasons, index, options)
    if any(reasons) and options.below_min is not BelowMinimum.DROP_GROUP:
        return _replaced(parts, place, flags, options, fallback)
    used = [None if r else p.weight or None for p, r in zip(parts, reasons, strict=True)]
    score, total = weighted_mean([(w, s) for w, s in zip(used, scores, strict=True) if w])
    if score is None:
        return _no_usable(parts, reasons, flags, options)
    weights = tuple(used) if total == 1 else tuple([w and w / total for w in used])
    return Cell(score, leaf.points * score, Status.SCORED, weights, reasons, flags)


def _reason(part: Part, score: Fraction | None, index: int, options: Options) -> str:
    if not part.weight:
        return ""
    if not part.voices:
        return "group_missing"
    if score is None:
        return "no_valid_answer"
    return "below_minimum" if part.n[index] < options.minimum else ""


def _flags(
    parts: Sequence[Part], reasons: Sequence[str], index: int, options: Options
) -> tuple[str, ...]:
    used = [p.n[index] for p, reason in zip(parts, reasons, strict=True) if not reason]
    private = min(used, default=0) < options.min_valid
    if not private and not any(reasons):
        return ()
    dropped = ["group_dropped"] if any(reasons) else []
    below = ["below_privacy_minimum"] if private else []
    return tuple(dict.fromkeys([*dropped, *filter(None, reasons), *below]))


def _no_answer(
    parts: Sequence[Part], status: Status, flags: tuple[str, ...], points: Fraction | None = None
) -> Cell:
    nothing = (None,) * len(parts)
    return Cell(None, points, status, nothing, ("",) * len(parts), flags)


def _replaced(
    parts: Sequence[Part],
    place: Place,
    flags: tuple[str, ...],
    options: Options,
    fallback: Fallback,
) -> Cell:
    """Points from last year or by decision, or none."""
    flags = tuple(flag for flag in flags if flag != "group_dropped")
    sources = {
        BelowMinimum.LAST_YEAR: (fallback.last_year, Status.LAST_YEAR),
        BelowMinimum.MANUAL: (fallback.manual, Status.MANUAL),
    }
    if options.below_min not in sources:
        return _no_answer(parts, Status.NOT_SCORED, (*flags, "leaf_not_scored"))
    points, status = sources[options.below_min]
    if place not in points:
        return _no_answer(
            parts, Status.NOT_SCORED, (*flags, f"{status}_missing", "leaf_not_scored")
        )
    return _no_answer(parts, status, (*flags, f"{status}_used"), points[place])


def _no_usable(
    parts: Sequence[Part], reasons: tuple[str, ...], flags: tuple[str, ...], options: Options
) -> Cell:
    nothing = (None,) * len(parts)
    flags = (*flags, "no_usable_group")
    if options.no_usable_group is NoUsableGroup.ZERO:
        flags = (*flags, "leaf_zero")
        return Cell(Fraction(0), Fraction(0), Status.ZERO, nothing, reasons, flags)
    flags = (*flags, "leaf_not_scored")
    return Cell(None, None, Status.NOT_SCORED, nothing, reasons, flags)
