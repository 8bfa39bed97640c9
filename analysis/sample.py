"""A design that has met data: rows, PSUs and strata as numbers."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.design import Inference, Lonely, SurveyDesign, need_columns
from analysis.estimation.replication.bound import Replicates
from analysis.estimation.replication.declared import ReplicateWeights
from analysis.estimation.replication.drawn import Drawn
from analysis.estimation.replication.making import make_replicates
from analysis.estimation.replication.supplied import read_replicates
from analysis.sizes import persons_in, populations, row_error, sizes_of
from analysis.strata import (
    Labels,
    PsuLabels,
    apart_if_certain,
    check_whole,
    joined,
    labelled,
    nested,
)
from analysis.unequal import inclusion_of, own_probability, pair_weights
from analysis.weighting.residuals import Calibrations, bind_calibrations
from analysis.weights import Bools, Floats, Ints, Weights, read_weights

__all__ = ["Bools", "Floats", "Ints", "Sample", "Weights", "bind"]


@dataclass(frozen=True, eq=False)
class Sample:
    """The rows of a data set within their design; R rows, B ballots, P PSUs, H strata.

    Parameters
    ----------
    design : the declaration
    weights : exact weights of the rows
    ballot : (R,) ballot of the row, 0 … B-1
    psu : (R,) PSU of the row, 0 … P-1
    psu_stratum : (P,) stratum of the PSU, 0 … H-1
    strata : H labels
    n_psu : (H,) PSUs sampled, those without an answer included
    population : (H,) PSUs in the population, inf where unknown
    certainty : (H,) strata made of one certainty PSU each
    psu_size : (P,) second-stage units in the population of the PSU, inf where unknown; None where
        all of a sampled PSU was taken
    psu_labels : where the labels of the PSUs stand; None where they have none
    ssu : (R,) second-stage unit of the row within its PSU; None makes it the ballot
    inclusion : (P,) probability of the PSU to be sampled, where the design makes use of it
    calibrations : what calibration has fixed, where the design tells of any
    pairs : (P, P) weights of pairs of PSUs in the variance, where the design gives joint
        probabilities; see `analysis.unequal.pair_weights`
    replicates : replicate weights, where the design asks for them
    """

    design: SurveyDesign
    weights: Weights
    ballot: Ints
    psu: Ints
    psu_stratum: Ints
    strata: tuple[str, ...]
    n_psu: Ints
    population: Floats
    certainty: Bools
    psu_size: Floats | None = None
    psu_labels: PsuLabels | None = None
    ssu: Ints | None = None
    inclusion: Floats | None = None
    pairs: Floats | None = None
    calibrations: Calibrations | None = None
    replicates: Replicates | None = None

    @cached_property
    def psu_names(self) -> Labels:
        """(P,) labels of PSUs within their strata; empty where rows without a label are PSUs."""
        return np.zeros(0, dtype=object) if self.psu_labels is None else self.psu_labels.names()

    @cached_property
    def weight(self) -> Floats:
        """(R,) units of the population per row, as floats."""
        return self.weights.values

    @property
    def is_finite(self) -> bool:
        """Whether intervals speak of this population alone."""
        return self.design.inference is not Inference.SUPERPOPULATION

    @property
    def fraction(self) -> Floats:
        """(H,) sampling fraction f that enters the variance."""
        if not self.is_finite:
            return np.zeros(len(self.strata))
        return self.n_psu / self.population

    @property
    def psu_fraction(self) -> Floats:
        """(P,) probability of the PSU to be sampled, as it enters the variance."""
        if self.inclusion is None or not self.is_finite:
            return np.asarray(self.fraction[self.psu_stratum])
        return self.inclusion

    @cached_property
    def second_units(self) -> tuple[Ints, Ints]:
        """(R,) second-stage unit of the row, 0 … E-1 within PSUs, and (E,) the PSU of each."""
        units = self.ballot if self.ssu is None else self.ssu
        width = int(units.max(initial=0)) + 1
        keys, unit = np.unique(self.psu * width + units, return_inverse=True)
        return unit.astype(np.int64), keys // width

    @property
    def has_second_stage(self) -> bool:
        """Whether chance inside the sampled PSUs adds to the variance by a term of its own."""
        return self.is_finite and self.psu_size is not None

    @property
    def is_unequal(self) -> bool:
        """Whether the PSUs' own probabilities enter the variance."""
        return self.is_finite and self.inclusion is not None

    @cached_property
    def second_fraction(self) -> Floats:
        """(P,) share of a PSU's second-stage units taken; 1 where PSUs are persons themselves."""
        if self.psu_size is None:
            return np.ones(len(self.psu_stratum))
        taken = np.bincount(self.second_units[1], minlength=len(self.psu_stratum))
        whole = self.certainty[self.psu_stratum]
        return np.asarray(np.where(whole, 1.0, taken / self.psu_size), dtype=np.float64)

    @property
    def taken_whole(self) -> Bools:
        """(P,) PSUs that left nothing to chance: all of their stratum, and all of their people."""
        return np.asarray((self.psu_fraction >= 1) & (self.second_fraction >= 1))

    @property
    def single(self) -> Bools:
        """(H,) strata whose variance cannot be seen: one PSU sampled of more."""
        alone = self.n_psu == 1
        if not self.is_unequal:
            return np.asarray(alone & (self.fraction < 1))
        chance = np.bincount(self.psu_stratum, self.psu_fraction < 1, minlength=len(self.strata))
        return np.asarray(alone & (chance > 0))

    def check_single(self) -> None:
        """Raise a DesignError for a stratum with one PSU, unless the design has a rule for it."""
        if self.design.lonely in (Lonely.ERROR, Lonely.COLLAPSE) and self.single.any():
            raise self.design.single_psu(self.strata[int(np.argmax(self.single))])

    @property
    def stratum(self) -> Ints:
        """(R,) stratum of the row."""
        return np.asarray(self.psu_stratum[self.psu])

    def take(self, order: Ints) -> "Sample":
        """The same sample with its rows in another order, PSUs and ballots numbered by it."""
        ballot, psu = self.ballot[order], self.psu[order]
        if self.design.ballot is None:
            ballot = np.arange(len(order))
        weights = self.weights.take(order)
        ssu = None if self.ssu is None else self.ssu[order]
        known = None if self.calibrations is None else self.calibrations.take(order)
        each = self.design.psu is None and self.design.ballot is None
        made = self.replicates and self.replicates.take(order, self.psu[order] if each else None)
        if each:
            return replace(
                self,
                weights=weights,
                ballot=ballot,
                psu=np.arange(len(order)),
                psu_stratum=self.psu_stratum[psu],
                inclusion=None if self.inclusion is None else self.inclusion[psu],
                calibrations=known,
                replicates=made,
            )
        return replace(
            self,
            weights=weights,
            ballot=ballot,
            psu=psu,
            ssu=ssu,
            calibrations=known,
            replicates=made,
        )

    def replicated(self, declared: ReplicateWeights, stream: int = 0) -> Replicates:
        """Replicates of its PSUs; see `analysis.estimation.replication.making`."""
        return make_replicates(declared, self.drawn, stream)

    @property
    def drawn(self) -> Drawn:
        """What the making of replicates needs to know."""
        return Drawn(self.design, self.psu_stratum, self.n_psu, self.fraction, self.strata)

    @property
    def by_person(self) -> bool:
        """Whether persons, not clusters of them, were drawn."""
        return self.design.psu is None


def bind(design: SurveyDesign, data: pd.DataFrame, *, signed: bool = False) -> Sample:
    """Check the rows against the design and number their strata and PSUs.

    Parameters
    ----------
    design : column names and rules
    data : one row per ballot and unit, or per respondent
    signed : the caller can read negative weights, if calibration made them

    Returns
    -------
    Sample, rows in the order of `data`

    Raises
    ------
    DataError
        if a column or a label is missing, a weight is negative or not finite, a ballot lies in two
        strata, or a PSU does where its labels are said not to be nested
    DesignError
        if a stratum is missing in the frame, has a single PSU under lonely="error", or a
        population smaller than its sample

    Notes
    -----
    PSU labels are nested: PSU 1 of stratum A and PSU 1 of stratum B are two PSUs. Second-stage
    units of a certainty PSU become the PSUs of a stratum of their own, since the first stage of
    sampling left nothing to chance there.
    """
    need_columns(data, design.columns, "the design")
    ballot, ballots = labelled(data, design.ballot, each_row=True)
    given, strata = labelled(data, design.strata)
    cluster, clusters = (ballot, ballots) if design.psu is None else labelled(data, design.psu)
    second, seconds = (ballot, ballots) if design.ssu is None else labelled(data, design.ssu)
    names = [str(label) for label in strata]
    together = joined(design, names)
    stratum = together[given]
    check_whole(design, ballot, cluster, given, stratum)
    persons = None
    if design.psu_size is not None:
        persons = persons_in(design, data, nested(stratum, cluster)[0], second, stratum, names)
    stratum, cluster, origin = apart_if_certain(design, names, stratum, cluster, second)
    psu, psu_stratum = nested(stratum, cluster)
    number = np.zeros(len(psu_stratum), dtype=np.int64)
    number[psu] = cluster
    labels = PsuLabels(number, psu_stratum < len(names), clusters, seconds)
    population = populations(design, data, names, given)
    inside = {} if persons is None else dict(zip(stratum.tolist(), persons.tolist(), strict=True))
    sizes = sizes_of(design, names, together, population, origin, psu_stratum, inside)
    pairs = None if design.joint is None else pair_weights(design, labels.names())
    if pairs is None:
        alone = inclusion_of(design, data, psu)
    else:
        alone = own_probability(design, labels.names())
    person = nested(psu, ballot)[0] if design.calibration else psu
    sample = Sample(
        design=design,
        weights=_weights(design, data, signed=signed),
        ballot=ballot,
        psu=psu,
        psu_stratum=np.unique(psu_stratum, return_inverse=True)[1].astype(np.int64),
        strata=tuple(size.label for size in sizes),
        n_psu=np.array([size.n_psu for size in sizes], dtype=np.int64),
        population=np.array([size.population for size in sizes], dtype=np.float64),
        certainty=np.array([size.certainty for size in sizes], dtype=np.bool_),
        psu_size=None if persons is None else _by_psu(psu, persons),
        psu_labels=labels,
        ssu=None if design.ssu is None else second,
        inclusion=alone,
        pairs=pairs,
        calibrations=bind_calibrations(design.calibration, data, person),
    )
    return _with_replicates(sample, design.replicates, data)


def _with_replicates(
    sample: Sample, declared: ReplicateWeights | None, data: pd.DataFrame
) -> Sample:
    if declared is None:
        return sample
    if not declared.columns:
        return replace(sample, replicates=sample.replicated(declared))
    supplied = read_replicates(declared, data, sample.weight, sample.psu)
    few = None if sample.by_person else bool(sample.drawn.few())
    return replace(sample, replicates=replace(supplied, few_psus=few))


def _by_psu(psu: Ints, persons: Floats) -> Floats:
    size = np.full(int(psu.max(initial=-1)) + 1, np.inf)
    size[psu] = persons
    return size


def _with_negative(values: "pd.Series[float]", digits: int) -> tuple[Weights, Bools]:
    """Weights of which linear calibration made some negative, and (R,) rows that have none."""
    floats = values.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(floats)
    whole = np.floor(np.where(wrong, 0.0, floats) * 10.0**digits + 0.5).astype(np.int64)
    distinct, kind = np.unique(whole, return_inverse=True)
    return Weights(kind.astype(np.int64), tuple(distinct.tolist()), 10**digits), wrong


def _weights(design: SurveyDesign, data: pd.DataFrame, *, signed: bool) -> Weights:
    weights, wrong = read_weights(data, design.weight, design.weight_digits)
    if wrong.any() and signed and design.weight is not None and design.calibration:
        weights, wrong = _with_negative(data[design.weight], design.weight_digits)
    if wrong.any():
        hint = "Weights are finite numbers of 0 or more."
        raise row_error("bad_weight", str(design.weight), wrong, "is no weight", hint)
    return weights
