"""Linearised variances: residuals summed over items and leaves before they are squared."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy import sparse

from analysis.design import CensusBlanks
from analysis.estimation.freedom import degrees_of_freedom
from analysis.estimation.variance import covariance, psu_totals
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
    cov : (U, U) covariance between units, points squared
    leaf_cov : (U, C, C) covariance between the leaves of each unit
    answered : (P, U) sparse, PSUs with a used valid answer about the unit
    df, leaf_df : (U,) and (U, C) degrees of freedom
    n, leaf_n : (U,) and (U, C) ballots with a used valid answer
    simple, leaf_simple : (U,) and (U, C) variance that as many persons drawn simply at random
        with replacement would have given
    complete : (U,) all persons or PSUs behind the unit were taken and counted
    """

    group: str
    sample: Sample
    part: Floats
    cov: Floats
    leaf_cov: Floats
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


@dataclass(frozen=True, eq=False)
class _Residuals:
    """Residuals of R rows on C leaves.

    Parameters
    ----------
    z : (R, C) points per unit of weight
    census : (R, C) weighted, centred and scaled ones of census rows; the finite correction of
        their strata makes the plain ones vanish
    present : (R, C) a valid answer counts here
    """

    z: Floats
    census: Floats
    present: Bools


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
    units = voice.n.shape[0]
    shape = (len(voice.unit), len(points))
    residuals = _Residuals(np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=np.bool_))
    part_points = np.zeros(units)
    for leaf, maximum in enumerate(points):
        for part_index, part in enumerate(parts[leaf]):
            if voice.name not in part.voices:
                continue
            slots = part.slots[part.voices.index(voice.name)]
            weights = [cell.weights[part_index] for cell in cells[leaf]]
            factors = _factors(slots, weights, maximum)
            part_points += _points_of(voice, slots, factors)
            for slot, factor in zip(slots, factors, strict=True):
                _add(voice, slot, factor, leaf, residuals)
    return _assemble(voice, part_points, residuals)


def _factors(
    slots: Sequence[Slot], weights: Sequence[Fraction | None], maximum: Fraction
) -> list[Floats]:
    """Per slot (U,) c = M W V, rescaled over the unit's answered questions; 0 where unused."""
    factors = [np.zeros(len(weights)) for _ in slots]
    for unit, weight in enumerate(weights):
        total = sum((s.share for s in slots if s.ratio[unit] is not None), Fraction(0))
        for factor, slot in zip(factors, slots, strict=True):
            if weight is not None and total and slot.ratio[unit] is not None:
                factor[unit] = float(maximum * weight * slot.share / total)
    return factors


def _points_of(voice: Voice, slots: Sequence[Slot], factors: Sequence[Floats]) -> Floats:
    """(U,) points that this group's own answers give; its share of a pool."""
    points = np.zeros(voice.n.shape[0])
    for slot, factor in zip(slots, factors, strict=True):
        own = voice.weight_by_code(slot.column) @ slot.value
        size = np.array([float(d) for d in slot.size])
        points += np.divide(factor * own, size, out=np.zeros_like(own), where=size > 0)
    return points


def _add(voice: Voice, slot: Slot, factor: Floats, leaf: int, residuals: _Residuals) -> None:
    """Add one question's residuals to its leaf."""
    ratio = np.array([0.0 if r is None else float(r) for r in slot.ratio])
    size = np.array([float(d) or 1.0 for d in slot.size])
    used = slot.valid[None, :] & (factor > 0)[:, None]
    table = np.where(used, (slot.value - ratio[:, None]) * (factor / size)[:, None], 0.0)
    codes = voice.answers[:, slot.column]
    rows = voice.unit != NOBODY
    unit = np.where(rows, voice.unit, 0)
    z = np.where(rows, table[unit, codes], 0.0)
    counted = rows & used[unit, codes]
    residuals.present[:, leaf] |= counted
    residuals.z[:, leaf] += z
    census = _census_rows(voice.sample)
    if census.any():
        residuals.census[:, leaf] += _second_phase(voice, census, counted, z)


def _census_rows(sample: Sample) -> Bools:
    """(R,) rows of strata where every person was taken and blanks are read as random."""
    if sample.design.census_blanks is not CensusBlanks.RANDOM:
        return np.zeros(len(sample.psu), dtype=np.bool_)
    census = (sample.fraction >= 1) & (sample.certainty | sample.by_person)
    return np.asarray(census[sample.stratum], dtype=np.bool_)


def _second_phase(voice: Voice, census: Bools, counted: Bools, z: Floats) -> Floats:
    """(R,) weighted residuals of census rows, centred and scaled; see `group_variance`."""
    sample = voice.sample
    asked = census & (voice.asked != NOBODY)
    units = voice.n.shape[0]
    cell = np.where(asked, sample.stratum * units + voice.asked, -1)
    cells = len(sample.strata) * units
    answered = counted & asked
    r = np.bincount(cell[answered], minlength=cells).astype(np.float64)
    rows = np.bincount(cell[asked], minlength=cells).astype(np.float64)
    value = sample.weight * z
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


def _assemble(voice: Voice, part: Floats, residuals: _Residuals) -> GroupVariance:
    """Sum residuals to PSUs and units, and square them there."""
    sample, units = voice.sample, voice.n.shape[0]
    leaves = residuals.z.shape[1]
    rows = np.flatnonzero(residuals.present.any(axis=1))
    unit = voice.unit[rows]
    weight = sample.weight[rows]
    z, census, present = residuals.z[rows], residuals.census[rows], residuals.present[rows]
    value = z * weight[:, None]
    leaf_cov = np.zeros((units, leaves, leaves))
    df, leaf_df = np.zeros(units), np.zeros((units, leaves))
    complete = np.zeros(units, dtype=np.bool_)
    for u in np.unique(unit).tolist():
        at = np.flatnonzero(unit == u)
        leaf_cov[u] = _leaf_covariance(sample, rows[at], value[at], census[at])
        df[u] = _df(sample, rows[at])
        complete[u] = bool(sample.taken_whole[sample.psu[rows[at]]].all())
        for c in np.flatnonzero(present[at].any(axis=0)).tolist():
            leaf_df[u, c] = _df(sample, rows[at[present[at, c]]])
    anywhere = np.ones((len(rows), 1), dtype=np.bool_)
    simple, n = _simple(unit, weight, z.sum(axis=1, keepdims=True), anywhere, units)
    leaf_simple, leaf_n = _simple(unit, weight, z, present, units)
    return GroupVariance(
        group=voice.name,
        sample=sample,
        part=part,
        cov=_covariance(sample, rows, unit, (value.sum(axis=1), census.sum(axis=1)), units),
        leaf_cov=leaf_cov,
        answered=psu_totals(sample, rows, unit, np.ones(len(rows)), units),
        df=df,
        leaf_df=leaf_df,
        n=n[:, 0],
        leaf_n=leaf_n,
        simple=simple[:, 0],
        leaf_simple=leaf_simple,
        complete=complete,
    )


def _covariance(
    sample: Sample, rows: Ints, column: Ints, values: tuple[Floats, Floats], columns: int
) -> Floats:
    """Covariance of column sums: sampled rows by the design, census rows by their second phase."""
    value, blanks = values
    census = psu_totals(sample, rows, column, blanks, columns)
    second: Floats = (census.T @ census).toarray()
    return covariance(sample, rows, column, value, columns) + second


def _leaf_covariance(sample: Sample, rows: Ints, value: Floats, census: Floats) -> Floats:
    """(C, C) covariance between the leaves of one unit."""
    leaves = value.shape[1]
    long = np.repeat(rows, leaves)
    column = np.tile(np.arange(leaves), len(rows))
    return _covariance(sample, long, column, (value.ravel(), census.ravel()), leaves)


def _df(sample: Sample, rows: Ints) -> int:
    answered = np.zeros(len(sample.psu_stratum), dtype=np.bool_)
    answered[sample.psu[rows]] = True
    return degrees_of_freedom(sample, answered)


def _simple(
    unit: Ints, weight: Floats, z: Floats, present: Bools, units: int
) -> tuple[Floats, Ints]:
    """(U, C) variance under simple random sampling with replacement, and numbers of ballots."""
    columns = z.shape[1]
    cell = (unit[:, None] * columns + np.arange(columns))[present]
    size = units * columns
    spread = np.broadcast_to(weight[:, None], z.shape)[present]
    n = np.bincount(cell, minlength=size)
    total = np.bincount(cell, spread, minlength=size)
    squares = np.bincount(cell, spread * z[present] ** 2, minlength=size)
    variance = total * squares / np.maximum(n - 1, 1)
    return variance.reshape(units, columns), n.reshape(units, columns).astype(np.int64)
