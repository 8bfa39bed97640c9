"""Linearised variances: residuals summed over items and leaves before they are squared."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy import sparse

from analysis.answers import sum_by
from analysis.estimation.columns import column_freedom, column_variances, distinct_pairs
from analysis.estimation.freedom import degrees_of_freedom
from analysis.estimation.variance import covariance, psu_totals, residual_totals
from analysis.index.residuals import Residuals, Term, residuals_of, weight_by_code
from analysis.index.tally import Cell, Part, Slot
from analysis.index.voices import Voice
from analysis.sample import Bools, Floats, Ints, Sample


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
    residuals: Residuals
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
    terms: list[Term] = []
    part_points = np.zeros(voice.n.shape[0])
    for leaf, maximum in enumerate(points):
        for part_index, part in enumerate(parts[leaf]):
            if voice.name not in part.voices:
                continue
            slots = part.slots[part.voices.index(voice.name)]
            weights = [cell.weights[part_index] for cell in cells[leaf]]
            factors = slot_factors(slots, weights, maximum)
            part_points += _points_of(voice, slots, factors)
            terms += [Term(leaf, s, f) for s, f in zip(slots, factors, strict=True)]
    return _assemble(voice, part_points, terms, len(points))


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
        own = weight_by_code(voice, slot.column) @ slot.value
        size = np.array([float(d) for d in slot.size])
        points += np.divide(factor * own, size, out=np.zeros_like(own), where=size > 0)
    return points


def _assemble(voice: Voice, part: Floats, terms: Sequence[Term], leaves: int) -> GroupVariance:
    """Sum residuals to PSUs and units, and square them there."""
    sample, units = voice.sample, voice.n.shape[0]
    own, plain = residuals_of(voice, terms, leaves)
    rows, unit, value, census = own.rows, own.unit, own.value, own.census
    whole = (value.sum(axis=1), census.sum(axis=1) if census.size else None)
    psu = sample.psu[rows]
    anywhere = np.ones((len(rows), 1), dtype=np.bool_)
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
        complete=_complete(sample, psu, unit, units),
        **plain._asdict(),
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
