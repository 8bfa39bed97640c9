"""Linearised variances: residuals summed over items and leaves before they are squared."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy import sparse

from analysis.answers import Asked, sum_by
from analysis.design import CensusBlanks
from analysis.estimation.columns import column_freedom, column_variances, distinct_pairs
from analysis.estimation.freedom import degrees_of_freedom
from analysis.estimation.variance import covariance, psu_totals, residual_totals
from analysis.index.tally import Cell, Part, Slot
from analysis.index.voices import Voice
from analysis.sample import Bools, Floats, Ints, Sample
from analysis.totals import NOBODY


@dataclass(frozen=True, eq=False)
class GroupVariance:
    """What one group adds to the variance of U units and C leaves.

    Parameters
    ----------
    group : name
    sample : its design
    part : (U,) points that the group gives, as floats
    residuals : of the entries, by leaf
    cov : (U, U) covariance between units, points squared
    leaf_variance : (U, C) variance of the unit's leaves
    answered : (P, U) sparse, PSUs with a used valid answer about the unit
    df, leaf_df : (U,) and (U, C) degrees of freedom
    n, leaf_n : (U,) and (U, C) ballots with a used valid answer
    simple, leaf_simple : (U,) and (U, C) variance that as many persons drawn simply at random
        with replacement would have given; nan where sums over PSUs do not tell it
    complete : (U,) all persons or PSUs behind the unit were taken and counted
    """

    group: str
    sample: Sample
    part: Floats
    residuals: "Residuals"
    cov: Floats
    leaf_variance: Floats
    answered: sparse.csr_array
    df: Floats
    leaf_df: Floats
    n: Ints
    leaf_n: Ints
    simple: Floats
    leaf_simple: Floats
    complete: Bools

    def df_of(self, units: Sequence[int]) -> int:
        """Degrees of freedom of a combination of units."""
        touched = np.asarray(self.answered[:, list(units)].sum(axis=1)).ravel() > 0
        return degrees_of_freedom(self.sample, touched)

    @property
    def scores(self) -> sparse.csr_array:
        """(P, U) weighted residuals of the survey component, summed to PSUs; points."""
        own = self.residuals
        shape = len(self.part)
        return residual_totals(self.sample, own.rows, own.unit, own.value.sum(axis=1), shape)

    @property
    def leaf_scores(self) -> tuple[sparse.csr_array, ...]:
        """Per leaf (P, U) weighted residuals, summed to PSUs; points."""
        own, shape = self.residuals, len(self.part)
        return tuple(
            residual_totals(self.sample, own.rows, own.unit, np.ascontiguousarray(column), shape)
            for column in own.value.T
        )

    def leaf_covariance(self, unit: int) -> Floats:
        """(C, C) covariance between the leaves of one unit."""
        own = self.residuals.of(unit)
        leaves = own.value.shape[1]
        long = np.repeat(own.rows, leaves)
        column = np.tile(np.arange(leaves), len(own.rows))
        values = (own.value.ravel(), own.census.ravel() if own.census.size else None)
        return _covariance(self.sample, long, column, values, leaves)


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
class _Question:
    """One question of one leaf, with (U,) factor c = M W V of its ratio."""

    leaf: int
    slot: Slot
    factor: Floats

    @property
    def counts(self) -> Bools:
        """(U, K) whether a code counts for a unit."""
        return np.asarray(self.slot.valid[None, :] & (self.factor > 0)[:, None])

    @property
    def table(self) -> Floats:
        """(U, K) residual c (y - R) / D of each code, points per unit of weight."""
        ratio = np.array([0.0 if r is None else float(r) for r in self.slot.ratio])
        size = np.array([float(d) or 1.0 for d in self.slot.size])
        residual = (self.slot.value - ratio[:, None]) * (self.factor / size)[:, None]
        return np.where(self.counts, residual, 0.0)


def group_variance(
    voice: Voice,
    points: Sequence[Fraction],
    parts: Sequence[Sequence[Part]],
    cells: Sequence[Sequence[Cell]],
) -> GroupVariance:
    """Linearised covariance of the points that one group gives.

    Parameters
    ----------
    voice : the group's rows
    points : C maximum points
    parts : per leaf its parts
    cells : per leaf the outcome of each unit

    Returns
    -------
    GroupVariance

    Notes
    -----
    z_k(u) = sum over questions of c (y_k - R) / D, with c = M W V rescaled over the groups and
    questions that count for the unit; V = sum_h (1-f_h) n_h/(n_h-1) sum_i (Z_hi - Zbar_h)^2,
    and within PSUs as in `analysis.estimation.variance.covariance`.
    Rows of a complete census of persons with blanks read as random are centred within stratum,
    unit and item over the r who answered and scaled by sqrt((1 - r/N) r/(r-1)), so that one item
    has exactly the variance of r drawn from N; then they are summed and squared.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, sec. 5.7, 15.6.
    """
    questions: list[_Question] = []
    part_points = np.zeros(voice.n.shape[0])
    for leaf, maximum in enumerate(points):
        for part_index, part in enumerate(parts[leaf]):
            if voice.name not in part.voices:
                continue
            slots = part.slots[part.voices.index(voice.name)]
            weights = [cell.weights[part_index] for cell in cells[leaf]]
            factors = slot_factors(slots, weights, maximum)
            part_points += _points_of(voice, slots, factors)
            questions += [_Question(leaf, s, f) for s, f in zip(slots, factors, strict=True)]
    return _assemble(voice, part_points, questions, len(points))


def _residuals(voice: Voice, questions: Sequence[_Question], leaves: int) -> "Residuals":
    """Residuals of the entries that count."""
    shape = (len(questions), voice.n.shape[0], voice.n.shape[2])
    asked = Asked(
        item=np.array([q.slot.column for q in questions], dtype=np.int64),
        column=np.array([q.leaf for q in questions], dtype=np.int64),
        table=np.array([q.table for q in questions], dtype=np.float64).reshape(shape),
        counts=np.array([q.counts for q in questions], dtype=np.bool_).reshape(shape),
    )
    value, present = voice.answers.values(asked, voice.unit, leaves)
    census = _census(voice, asked, leaves)
    rows = np.flatnonzero(present.any(axis=1))
    if len(rows) < len(value):
        value, present = value[rows], present[rows]
        census = census[rows] if census.size else census
    return Residuals(rows, voice.unit[rows], value, census, present)


def slot_factors(
    slots: Sequence[Slot], weights: Sequence[Fraction | None], maximum: Fraction
) -> list[Floats]:
    """Per slot (U,) c = M W V, rescaled over the unit's answered questions; 0 where unused."""
    factors = [np.zeros(len(weights)) for _ in slots]
    known: dict[tuple[int, int, tuple[bool, ...]], list[float]] = {}
    for unit, weight in enumerate(weights):
        if weight is None:
            continue
        answered = tuple(s.ratio[unit] is not None for s in slots)
        key = (weight.numerator, weight.denominator, answered)
        if key not in known:
            known[key] = _rescaled(slots, answered, maximum * weight)
        for factor, value in zip(factors, known[key], strict=True):
            factor[unit] = value
    return factors


def _rescaled(slots: Sequence[Slot], answered: Sequence[bool], points: Fraction) -> list[float]:
    """Points shared out among the questions that were answered."""
    shares = [s.share if a else Fraction(0) for s, a in zip(slots, answered, strict=True)]
    total = sum(shares, Fraction(0)) or Fraction(1)
    return [float(points * share / total) for share in shares]


def _points_of(voice: Voice, slots: Sequence[Slot], factors: Sequence[Floats]) -> Floats:
    """(U,) points that this group's own answers give; its share of a pool."""
    points = np.zeros(voice.n.shape[0])
    for slot, factor in zip(slots, factors, strict=True):
        own = _weight_by_code(voice, slot.column) @ slot.value
        size = np.array([float(d) for d in slot.size])
        points += np.divide(factor * own, size, out=np.zeros_like(own), where=size > 0)
    return points


def _weight_by_code(voice: Voice, column: int) -> Floats:
    """(U, K) weights by code of one item as floats, in units of the population."""
    whole, scale = voice.weighted[:, column], voice.statistics.scale
    if whole.dtype != object:
        return np.asarray(whole / scale, dtype=np.float64)
    return np.array([[float(Fraction(w, scale)) for w in row] for row in whole.tolist()])


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


def _assemble(
    voice: Voice, part: Floats, questions: Sequence[_Question], leaves: int
) -> GroupVariance:
    """Sum residuals to PSUs and units, and square them there."""
    sample, units = voice.sample, voice.n.shape[0]
    own = _residuals(voice, questions, leaves)
    rows, unit, value, census = own.rows, own.unit, own.value, own.census
    whole = (value.sum(axis=1), census.sum(axis=1) if census.size else None)
    psu = sample.psu[rows]
    anywhere = np.ones((len(rows), 1), dtype=np.bool_)
    if voice.answers.by_person:
        weight = sample.weight[rows]
        simple, n = _simple(unit, weight, whole[0][:, None], anywhere, units)
        leaf_simple, leaf_n = _simple(unit, weight, value, own.present, units)
    else:
        simple, n, leaf_simple, leaf_n = _simple_of_sums(voice, questions, leaves)
    return GroupVariance(
        group=voice.name,
        sample=sample,
        part=part,
        residuals=own,
        cov=_covariance(sample, rows, unit, whole, units),
        leaf_variance=_leaf_variances(sample, rows, unit, (value, census), units),
        answered=psu_totals(sample, rows, unit, np.ones(len(rows)), units),
        df=column_freedom(sample, psu, unit, anywhere, units)[:, 0],
        leaf_df=column_freedom(sample, psu, unit, own.present, units),
        n=n[:, 0],
        leaf_n=leaf_n,
        simple=simple[:, 0],
        leaf_simple=leaf_simple,
        complete=_complete(sample, psu, unit, units),
    )


def _complete(sample: Sample, psu: Ints, unit: Ints, units: int) -> Bools:
    """(U,) whether all PSUs that answered about the unit left nothing to chance."""
    answered = np.bincount(unit, minlength=units)
    whole = np.bincount(unit, sample.taken_whole[psu], minlength=units)
    return np.asarray((answered > 0) & (whole == answered))


def _covariance(
    sample: Sample, rows: Ints, column: Ints, values: tuple[Floats, Floats | None], columns: int
) -> Floats:
    """Covariance of column sums: sampled rows by the design, census rows by their second phase."""
    value, blanks = values
    found = covariance(sample, rows, column, value, columns)
    if blanks is None:
        return found
    census = psu_totals(sample, rows, column, blanks, columns)
    second: Floats = (census.T @ census).toarray()
    return found + second


def _leaf_variances(
    sample: Sample, rows: Ints, unit: Ints, values: tuple[Floats, Floats], units: int
) -> Floats:
    """(U, C) variances of the leaves, as `_covariance` has them on its diagonal."""
    value, blanks = values
    found = column_variances(sample, rows, unit, value, units)
    if not blanks.size:
        return found
    place, _, of = distinct_pairs(sample.psu[rows], unit, units)
    totals = blanks if place is None else sum_by(place, blanks, len(of))
    return np.asarray(found + sum_by(of, totals**2, units))


def _simple(
    unit: Ints, weight: Floats, value: Floats, present: Bools, units: int
) -> tuple[Floats, Ints]:
    """(U, C) variance under simple random sampling with replacement, and numbers of ballots."""
    columns = value.shape[1]
    variance, n = np.zeros((units, columns)), np.zeros((units, columns), dtype=np.int64)
    for c in range(columns):
        seen = present[:, c]
        n[:, c] = np.bincount(unit, seen, minlength=units)
        total = np.bincount(unit, weight * seen, minlength=units)
        squares = np.bincount(unit, value[:, c] ** 2 / weight, minlength=units)
        variance[:, c] = total * squares / np.maximum(n[:, c] - 1, 1)
    return variance, n


def _simple_of_sums(
    voice: Voice, questions: Sequence[_Question], leaves: int
) -> tuple[Floats, Ints, Floats, Ints]:
    """What `_simple` gives for the whole and for leaves, as far as sums over PSUs tell it.

    They do not tell which items one person answered: a figure of several questions is nan, and
    its number of ballots the largest of theirs.
    """
    units = voice.n.shape[0]
    asked, n = np.zeros((units, leaves)), np.zeros((units, leaves), dtype=np.int64)
    simple = np.zeros((units, leaves))
    for question in questions:
        leaf, counts, column = question.leaf, question.counts, question.slot.column
        by_code = np.where(counts, _weight_by_code(voice, column), 0.0)
        ballots = np.where(counts, voice.n[:, column], 0).sum(axis=1)
        squares = (by_code * question.table**2).sum(axis=1)
        simple[:, leaf] += by_code.sum(axis=1) * squares / np.maximum(ballots - 1, 1)
        n[:, leaf] = np.maximum(n[:, leaf], ballots)
        asked[:, leaf] += counts.any(axis=1)
    several = asked.sum(axis=1) > 1
    whole = np.where(several, np.nan, simple.sum(axis=1))
    simple[asked > 1] = np.nan
    return whole[:, None], n.max(axis=1, initial=0)[:, None], simple, n
