"""Two samples that share PSUs or persons as one: totals by common codes, squared together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.design import Inference, StratumFrame, SurveyDesign
from analysis.errors import DesignError
from analysis.estimation.freedom import freedom_of_columns
from analysis.estimation.variance import total_covariance
from analysis.index.linear import GroupVariance
from analysis.sample import Floats, Sample, bind


@dataclass(frozen=True, eq=False)
class Stacked:
    """The PSUs of either sample with the signed sums of their totals.

    Parameters
    ----------
    sample : P PSUs of either sample within their strata
    totals : (P, U) points; a sample in which the PSU was not drawn adds 0
    answered : (P, U) above 0 where the PSU spoke of the unit in either
    common : PSUs that both have
    inside : (U, U) what the samples left to chance within their PSUs
    """

    sample: Sample
    totals: sparse.csr_array
    answered: sparse.csr_array
    common: int
    inside: Floats

    @property
    def cov(self) -> Floats:
        """(U, U) covariance of the sums, points squared."""
        return total_covariance(self.sample, self.totals) + self.inside

    @property
    def df(self) -> Floats:
        """(U,) PSUs of either sample that spoke of the unit, less their strata."""
        return freedom_of_columns(self.sample, self.answered).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Part:
    """One of the samples: a group's variance, the places of the U units in it, and the sign."""

    variance: GroupVariance
    units: Sequence[int]
    sign: float


def stack(parts: Sequence[Part], inference: Inference) -> Stacked:
    """Lay samples on top of each other by the labels of strata and PSUs.

    Parameters
    ----------
    parts : samples whose labels mean the same PSUs, or persons
    inference : "finite" takes the correction of the population of PSUs

    Returns
    -------
    Stacked

    Raises
    ------
    DesignError
        if PSUs have no labels, none is common, one lies in two strata, populations differ under
        "finite", or a design has variances that PSU totals do not carry

    Notes
    -----
    Z_hi = sum of sign · Z_hi(part), then V = sum_h (1 - f_h) n_h/(n_h - 1) sum_i (Z_hi - Zbar_h)^2
    with n_h the PSUs of either sample: those that answered in any, and no fewer than any sampled.
    What is left to chance within PSUs under "finite" is added sample by sample, as if no person
    were in two; common persons make it smaller.

    References
    ----------
    Kish (1965), Survey Sampling, sec. 12.4, on changes from overlapping samples.
    """
    for part in parts:
        _check_kind(part.variance, inference)
    labels = [_labels(part.variance) for part in parts]
    _check_labels(parts[0].variance.group, labels)
    psus = pd.concat(labels).drop_duplicates(ignore_index=True)
    sample = _joint_sample([part.variance for part in parts], psus, inference)
    index = pd.MultiIndex.from_frame(psus)
    shape = (len(psus), len(parts[0].units))
    totals, answered = sparse.csr_array(shape), sparse.csr_array(shape)
    for part, own in zip(parts, labels, strict=True):
        place = sample.psu[index.get_indexer(pd.MultiIndex.from_frame(own))]
        ones = (np.ones(len(place)), (place, np.arange(len(place))))
        move = sparse.csr_array(ones, shape=(len(psus), len(place)))
        columns = list(part.units)
        totals = totals + part.sign * (move @ part.variance.scores[:, columns])
        answered = answered + move @ part.variance.answered[:, columns]
    return Stacked(
        sample=sample,
        totals=totals.tocsr(),
        answered=answered.tocsr(),
        common=sum(len(own) for own in labels) - len(psus),
        inside=_inside(parts, inference),
    )


def _inside(parts: Sequence[Part], inference: Inference) -> Floats:
    """(U, U) variance of the samples beyond that of their PSU totals."""
    size = len(parts[0].units)
    found = np.zeros((size, size))
    if inference is Inference.SUPERPOPULATION:
        return found
    for part in parts:
        v, places = part.variance, np.ix_(list(part.units), list(part.units))
        found += (v.cov - total_covariance(v.sample, v.scores))[places] * part.sign**2
    return found


def _labels(v: GroupVariance) -> pd.DataFrame:
    """Stratum and PSU of a sample's PSUs."""
    sample = v.sample
    if len(sample.psu_names) != len(sample.psu_stratum):
        raise DesignError(
            "psus_without_labels",
            f"The PSUs of group {v.group!r} have no labels by which the waves could be matched.",
            "Name the column of PSUs, or of ballots, in the design.",
            group=v.group,
        )
    strata = np.array(sample.strata, dtype=object)[sample.psu_stratum]
    return pd.DataFrame({"stratum": strata, "psu": sample.psu_names})


def _check_kind(v: GroupVariance, inference: Inference) -> None:
    """Stacked totals carry one stage of equal probabilities, and Taylor's variances."""
    sample = v.sample
    unequal = sample.is_unequal and inference is Inference.FINITE
    if sample.replicates is None and not unequal:
        return
    kind = "replicate weights" if sample.replicates is not None else "unequal probabilities"
    raise DesignError(
        "cannot_stack",
        f"The variance of group {v.group!r} comes from {kind}, which two waves cannot share.",
        'Compare as independent, or by inference="superpopulation" without replicate weights.',
        group=v.group,
    )


def _check_labels(group: str, labels: Sequence[pd.DataFrame]) -> None:
    """Some PSU must be common, and none may have moved to another stratum."""
    first, second = labels[0], labels[-1]
    if first.merge(second).empty:
        raise DesignError(
            "nothing_shared",
            f"Group {group!r} is said to share PSUs, but no stratum and PSU is in both waves.",
            "Correct the labels, or leave the group out of `shared`.",
            group=group,
        )
    if any(own.psu.duplicated().any() for own in labels):
        return  # labels are nested: the same one in two strata names two PSUs
    both = first.merge(second, on="psu", suffixes=("", "_later"))
    moved = both[both.stratum != both.stratum_later]
    if len(moved):
        one = moved.iloc[0]
        raise DesignError(
            "psu_moved",
            f"PSU {one.psu!r} of group {group!r} lies in stratum {one.stratum!r} in one wave and "
            f"in {one.stratum_later!r} in the other.",
            "Give both waves the strata of one of them.",
            group=group,
            psu=one.psu,
        )


def _joint_sample(
    parts: Sequence[GroupVariance], psus: pd.DataFrame, inference: Inference
) -> Sample:
    """All PSUs as one sample; strata have their largest number of sampled PSUs."""
    sizes: dict[str, tuple[int, float, bool]] = {}
    for v in parts:
        sample = v.sample
        rows = (sample.strata, sample.n_psu, sample.population, sample.certainty)
        for label, n, whole, certain in zip(*rows, strict=True):
            known = sizes.get(label, (0, float(whole), bool(certain)))
            if inference is Inference.FINITE and known[1] != whole:
                raise _population_changed(v.group, label, known[1], float(whole))
            sizes[label] = (max(known[0], int(n)), float(whole), known[2])
    seen = psus.groupby("stratum").size()
    frame = {
        label: StratumFrame(
            max(n, int(seen.get(label, 0))), int(whole) if np.isfinite(whole) else None
        )
        for label, (n, whole, _) in sizes.items()
    }
    lonely = parts[0].sample.design.lonely
    design = SurveyDesign(
        strata="stratum", psu="psu", frame=frame, lonely=lonely, inference=inference
    )
    joint = bind(design, psus)
    return replace(joint, certainty=np.array([sizes[label][2] for label in joint.strata]))


def _population_changed(group: str, stratum: str, first: float, second: float) -> DesignError:
    return DesignError(
        "population_changed",
        f"Stratum {stratum!r} of group {group!r} has {first:g} PSUs in one wave and {second:g} in "
        "the other.",
        'Compare with inference="superpopulation".',
        stratum=stratum,
    )
