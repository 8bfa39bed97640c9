"""Residuals of the answers behind points, summed to PSUs where the design asks for no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from analysis.answers import Asked, PersonAnswers, blocks, first_of
from analysis.design import CensusBlanks
from analysis.estimation.variance import first_stage_only
from analysis.index.tally import Slot
from analysis.index.voices import Voice
from analysis.sample import Bools, Floats, Ints, Sample
from analysis.totals import NOBODY


@dataclass(frozen=True, eq=False)
class Residuals:
    """Weighted residuals of n entries that count, on C leaves.

    Parameters
    ----------
    rows, unit : (n,) place of the entry in its sample, and unit that it speaks about
    value : (n, C) points
    census : (n, C) centred and scaled ones of census rows, or (0, C) if there are none; the
        finite correction of their strata makes the plain ones vanish
    present : (n, C) a valid answer counts here
    """

    rows: Ints
    unit: Ints
    value: Floats
    census: Floats
    present: Bools

    def of(self, unit: int) -> "Residuals":
        """Those about one unit."""
        at = np.flatnonzero(self.unit == unit)
        census = self.census[at] if self.census.size else self.census
        return Residuals(self.rows[at], self.unit[at], self.value[at], census, self.present[at])


@dataclass(frozen=True, eq=False)
class Term:
    """One question of one leaf, with (U,) factor c = M W V of its ratio."""

    leaf: int
    slot: Slot
    factor: Floats

    @cached_property
    def counts(self) -> Bools:
        """(U, K) whether a code counts for a unit."""
        return np.asarray(self.slot.valid[None, :] & (self.factor > 0)[:, None])

    @cached_property
    def table(self) -> Floats:
        """(U, K) residual c (y - R) / D of each code, points per unit of weight."""
        ratio = np.array([0.0 if r is None else float(r) for r in self.slot.ratio])
        size = np.array([float(d) or 1.0 for d in self.slot.size])
        residual = (self.slot.value - ratio[:, None]) * (self.factor / size)[:, None]
        return np.where(self.counts, residual, 0.0)


class Plain(NamedTuple):
    """Numbers of ballots, and variances as if their persons had been drawn simply at random.

    Parameters
    ----------
    simple, leaf_simple : (U,) and (U, C) variance with replacement, points squared; nan where
        sums over PSUs do not tell it
    n, leaf_n : (U,) and (U, C) ballots with a valid answer
    """

    simple: Floats
    n: Ints
    leaf_simple: Floats
    leaf_n: Ints


def residuals_of(voice: Voice, terms: Sequence[Term], leaves: int) -> tuple[Residuals, Plain]:
    """Residuals of the entries that count, and what a simple random sample would have told.

    Parameters
    ----------
    voice : E entries of a group
    terms : what is asked of them
    leaves : number of leaves, C

    Notes
    -----
    Of persons in PSUs that the design does not look into, n entries are sums over the persons of
    a PSU about a unit; `rows` then names the first of each. No table of persons and leaves is
    held then.
    """
    shape = (len(terms), voice.n.shape[0], voice.n.shape[2])
    asked = Asked(
        item=np.array([term.slot.column for term in terms], dtype=np.int64),
        column=np.array([term.leaf for term in terms], dtype=np.int64),
        table=np.array([term.table for term in terms], dtype=np.float64).reshape(shape),
        counts=np.array([term.counts for term in terms], dtype=np.bool_).reshape(shape),
    )
    plain = _plain_of_sums(voice, terms, leaves)
    if isinstance(voice.answers, PersonAnswers):
        return _of_persons(voice, voice.answers, asked, plain)
    value, present = voice.answers.values(asked, voice.unit, leaves)
    return _counting(voice, asked, np.arange(len(value)), value, present), plain


def _of_persons(
    voice: Voice, answers: PersonAnswers, asked: Asked, plain: Plain
) -> tuple[Residuals, Plain]:
    """Block by block; `plain` learns what needs the answers of a person together."""
    place, rows = _entries(voice)
    shape = (plain.leaf_n.shape[1], len(rows))
    value, silent = np.zeros(shape), np.zeros(shape, dtype=np.int32)
    whole, mute = np.zeros(len(place)), np.zeros(len(place), dtype=np.int64)
    for block in blocks(len(place)):
        entry = place[block]
        for leaf, one, seen in answers.each(asked, voice.unit, block):
            np.add.at(value[leaf], entry, one)
            whole[block] += one
            blank = np.flatnonzero(~seen)
            np.add.at(silent[leaf], entry[blank], 1)
            mute[block][blank] += 1
    put = np.bincount(asked.column, minlength=shape[0])
    present = silent < put[:, None] * np.bincount(place, minlength=shape[1])
    anywhere = mute < len(asked.column)
    plain = plain._replace(**_simple(voice, whole, anywhere))
    for leaf in np.flatnonzero(np.isnan(plain.leaf_simple).any(axis=0)).tolist():
        one, seen = answers.values(asked.of(leaf), voice.unit, 1)
        found = _simple(voice, one[:, 0], seen[:, 0])
        plain.leaf_simple[:, leaf], plain.leaf_n[:, leaf] = found["simple"], found["n"]
    return _counting(voice, asked, rows, value.T, present.T), plain


def _entries(voice: Voice) -> tuple[Ints, Ints]:
    """(R,) entry that each person's row is summed into, and (n,) a row of each entry."""
    sample, width = voice.sample, voice.n.shape[0] + 1
    if sample.by_person or not first_stage_only(sample) or _census_rows(sample).any():
        return np.arange(len(voice.unit)), np.arange(len(voice.unit))
    return first_of(sample.psu * width + voice.unit + 1, len(sample.psu_stratum) * width)


def _counting(voice: Voice, asked: Asked, rows: Ints, value: Floats, present: Bools) -> Residuals:
    """Those in which a valid answer counts somewhere."""
    census = _census(voice, asked, value.shape[1])
    kept = present.any(axis=1)
    if not kept.all():
        rows, value, present = rows[kept], value[kept], present[kept]
        census = census[kept] if census.size else census
    return Residuals(rows, voice.unit[rows], value, census, present)


def _census(voice: Voice, asked: Asked, leaves: int) -> Floats:
    """(E, C) residuals of census rows, one question after the other; (0, C) without any."""
    census = _census_rows(voice.sample)
    if not census.any():
        return np.zeros((0, leaves))
    found = np.zeros((len(census), leaves), order="F")
    for question, leaf in enumerate(asked.column):
        own = slice(question, question + 1)
        one = Asked(
            asked.item[own], np.zeros(1, dtype=np.int64), asked.table[own], asked.counts[own]
        )
        value, present = voice.answers.values(one, voice.unit, 1)
        found[:, leaf] += _second_phase(voice, census, present[:, 0], value[:, 0])
    return found


def _census_rows(sample: Sample) -> Bools:
    """(R,) rows of strata where every person was taken and blanks are read as random."""
    if sample.design.census_blanks is not CensusBlanks.RANDOM:
        return np.zeros(len(sample.psu), dtype=np.bool_)
    census = (sample.fraction >= 1) & (sample.certainty | sample.by_person)
    return np.asarray(census[sample.stratum], dtype=np.bool_)


def _second_phase(voice: Voice, census: Bools, counted: Bools, value: Floats) -> Floats:
    """(R,) weighted residuals of census rows, centred and scaled; see `group_variance`."""
    sample = voice.sample
    asked = census & (voice.asked != NOBODY)
    units = voice.n.shape[0]
    cell = np.where(asked, sample.stratum * units + voice.asked, -1)
    cells = len(sample.strata) * units
    answered = counted & asked
    r = np.bincount(cell[answered], minlength=cells).astype(np.float64)
    rows = np.bincount(cell[asked], minlength=cells).astype(np.float64)
    mean = np.bincount(cell[answered], value[answered], minlength=cells) / np.maximum(r, 1)
    mean[r <= 1] = 0.0
    came = np.bincount(sample.psu_stratum, minlength=len(sample.strata))
    stratum = np.arange(cells) // units
    people = np.where(np.isfinite(sample.population), sample.population, 0.0)
    eligible = people[stratum] * rows / np.maximum(came[stratum], 1)
    left = np.clip(1 - r / np.maximum(eligible, 1e-300), 0.0, 1.0)
    scale = np.sqrt(left * r / np.maximum(r - 1, 1))
    adjusted = (value - mean[cell]) * scale[cell]
    return np.asarray(np.where(answered, adjusted, 0.0))


def _simple(voice: Voice, value: Floats, present: Bools) -> dict[str, Any]:
    """(U,) variance under simple random sampling with replacement, and numbers of ballots."""
    unit, weight, units = voice.unit, voice.sample.weight, voice.n.shape[0]
    if not present.all():
        unit, weight, value = unit[present], weight[present], value[present]
    n = np.bincount(unit, minlength=units).astype(np.int64)
    total = np.bincount(unit, weight, minlength=units)
    squares = np.bincount(unit, value**2 / weight, minlength=units)
    return {"simple": total * squares / np.maximum(n - 1, 1), "n": n}


def _plain_of_sums(voice: Voice, terms: Sequence[Term], leaves: int) -> Plain:
    """What `_simple` gives for the whole and for leaves, as far as sums tell it.

    Sums do not tell which items one person answered: a figure of several questions is nan, and
    its number of ballots the largest of theirs.
    """
    units = voice.n.shape[0]
    asked, n = np.zeros((units, leaves)), np.zeros((units, leaves), dtype=np.int64)
    simple = np.zeros((units, leaves))
    for term in terms:
        leaf, counts, column = term.leaf, term.counts, term.slot.column
        by_code = np.where(counts, weight_by_code(voice, column), 0.0)
        ballots = np.where(counts, voice.n[:, column], 0).sum(axis=1)
        squares = (by_code * term.table**2).sum(axis=1)
        simple[:, leaf] += by_code.sum(axis=1) * squares / np.maximum(ballots - 1, 1)
        n[:, leaf] = np.maximum(n[:, leaf], ballots)
        asked[:, leaf] += counts.any(axis=1)
    several = asked.sum(axis=1) > 1
    whole = np.where(several, np.nan, simple.sum(axis=1))
    simple[asked > 1] = np.nan
    return Plain(whole, n.max(axis=1, initial=0), simple, n)


def weight_by_code(voice: Voice, column: int) -> Floats:
    """(U, K) weights by code of one item as floats, in units of the population."""
    whole, scale = voice.weighted[:, column], voice.statistics.scale
    if whole.dtype != object:
        return np.asarray(whole / scale, dtype=np.float64)
    return np.array([[float(Fraction(w, scale)) for w in row] for row in whole.tolist()])
