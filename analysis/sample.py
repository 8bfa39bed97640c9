"""A design that has met data: rows, PSUs and strata as numbers."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.design import Inference, Lonely, SurveyDesign, need_columns
from analysis.errors import DesignError
from analysis.sizes import persons_in, populations, row_error, sizes_of
from analysis.weights import Bools, Floats, Ints, Weights, read_weights

Labels = npt.NDArray[np.object_]
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
    psu_size : (P,) persons in the population of the PSU, inf where unknown; None where everybody
        in a sampled PSU was taken
    psu_names : (P,) labels of PSUs within their strata; empty where rows without a label are PSUs
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
    psu_names: Labels = field(default_factory=lambda: np.zeros(0, dtype=object))

    @cached_property
    def weight(self) -> Floats:
        """(R,) units of the population per row, as floats."""
        return self.weights.values

    @property
    def fraction(self) -> Floats:
        """(H,) sampling fraction f that enters the variance."""
        if self.design.inference is Inference.SUPERPOPULATION:
            return np.zeros(len(self.strata))
        return self.n_psu / self.population

    @cached_property
    def persons(self) -> tuple[Ints, Ints]:
        """(R,) person of the row, 0 … E-1 within PSUs, and (E,) the PSU of each person."""
        width = int(self.ballot.max(initial=0)) + 1
        keys, person = np.unique(self.psu * width + self.ballot, return_inverse=True)
        return person.astype(np.int64), keys // width

    @cached_property
    def second_fraction(self) -> Floats:
        """(P,) share of a PSU's persons that was taken; 1 where PSUs are persons themselves."""
        if self.psu_size is None:
            return np.ones(len(self.psu_stratum))
        taken = np.bincount(self.persons[1], minlength=len(self.psu_stratum))
        whole = self.certainty[self.psu_stratum]
        return np.asarray(np.where(whole, 1.0, taken / self.psu_size), dtype=np.float64)

    @property
    def taken_whole(self) -> Bools:
        """(P,) PSUs that left nothing to chance: all of their stratum, and all of their people."""
        return np.asarray((self.fraction >= 1)[self.psu_stratum] & (self.second_fraction >= 1))

    @property
    def single(self) -> Bools:
        """(H,) strata whose variance cannot be seen: one PSU sampled of more."""
        return np.asarray((self.n_psu == 1) & (self.fraction < 1))

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
        if self.design.psu is None and self.design.ballot is None:
            return replace(
                self,
                weights=weights,
                ballot=ballot,
                psu=np.arange(len(order)),
                psu_stratum=self.psu_stratum[psu],
            )
        return replace(self, weights=weights, ballot=ballot, psu=psu)

    @property
    def by_person(self) -> bool:
        """Whether persons, not clusters of them, were drawn."""
        return self.design.psu is None


def bind(design: SurveyDesign, data: pd.DataFrame) -> Sample:
    """Check the rows against the design and number their strata and PSUs.

    Parameters
    ----------
    design : column names and rules
    data : one row per ballot and unit, or per respondent

    Returns
    -------
    Sample, rows in the order of `data`

    Raises
    ------
    DataError
        if a column or a label is missing, a weight is negative or not finite, or a ballot lies
        in two strata
    DesignError
        if a stratum is missing in the frame, has a single PSU under lonely="error", or a
        population smaller than its sample

    Notes
    -----
    PSU labels are nested: PSU 1 of stratum A and PSU 1 of stratum B are two PSUs. Persons of a
    certainty PSU become the PSUs of a stratum of their own, since the first stage of sampling
    left nothing to chance there.
    """
    need_columns(data, design.columns, "the design")
    ballot, ballots = _labelled(data, design.ballot, each_row=True)
    given, names = _labelled(data, design.strata)
    cluster, clusters = (ballot, ballots) if design.psu is None else _labelled(data, design.psu)
    joined = _joined(design, names)
    stratum = joined[given]
    _check_ballots(design, ballot, stratum)
    persons = persons_in(design, data, _nested(stratum, cluster)[0], ballot, stratum, names)
    stratum, cluster, origin = _persons_of_certainty(design, names, stratum, cluster, ballot)
    psu, psu_stratum = _nested(stratum, cluster)
    label = np.zeros(len(psu_stratum), dtype=np.int64)
    label[psu] = cluster
    population = populations(design, data, names, given)
    inside = {} if persons is None else dict(zip(stratum.tolist(), persons.tolist(), strict=True))
    sizes = sizes_of(design, names, joined, population, origin, psu_stratum, inside)
    return Sample(
        design=design,
        weights=_weights(design, data),
        ballot=ballot,
        psu=psu,
        psu_stratum=np.unique(psu_stratum, return_inverse=True)[1].astype(np.int64),
        strata=tuple(size.label for size in sizes),
        n_psu=np.array([size.n_psu for size in sizes], dtype=np.int64),
        population=np.array([size.population for size in sizes], dtype=np.float64),
        certainty=np.array([size.certainty for size in sizes], dtype=np.bool_),
        psu_size=None if persons is None else _by_psu(psu, persons),
        psu_names=_names(label, psu_stratum < len(names), clusters, ballots),
    )


def _names(label: Ints, drawn: Bools, clusters: list[str], ballots: list[str]) -> Labels:
    """Labels of PSUs: of clusters where clusters were drawn, of ballots in certainty PSUs."""
    if not clusters or not (ballots or drawn.all()):
        return np.zeros(0, dtype=object)
    found = np.empty(len(label), dtype=object)
    found[drawn] = np.array(clusters, dtype=object)[label[drawn]]
    found[~drawn] = np.array(ballots, dtype=object)[label[~drawn]]
    return found


def _by_psu(psu: Ints, persons: Floats) -> Floats:
    size = np.full(int(psu.max(initial=-1)) + 1, np.inf)
    size[psu] = persons
    return size


def _labelled(
    data: pd.DataFrame, column: str | None, *, each_row: bool = False
) -> tuple[Ints, list[str]]:
    """Numbers of the labels in a column, and the labels; None is one label, or one a row."""
    if column is None:
        rows = len(data)
        return (np.arange(rows), []) if each_row else (np.zeros(rows, dtype=np.int64), [""])
    codes, labels = pd.factorize(data[column], sort=True)
    if (codes < 0).any():
        raise row_error("missing_label", column, codes < 0, "has no value")
    return codes.astype(np.int64), [str(label) for label in labels]


def _weights(design: SurveyDesign, data: pd.DataFrame) -> Weights:
    weights, wrong = read_weights(data, design.weight, design.weight_digits)
    if wrong.any():
        hint = "Weights are finite numbers of 0 or more."
        raise row_error("bad_weight", str(design.weight), wrong, "is no weight", hint)
    return weights


def _joined(design: SurveyDesign, names: list[str]) -> Ints:
    """(H,) the stratum that each stratum belongs to after collapsing."""
    place = {name: index for index, name in enumerate(names)}
    missing = [name for name in names if design.frame and name not in design.frame]
    if missing:
        raise DesignError(
            "not_in_frame",
            f"Stratum {missing[0]!r} of the data is not in the frame.",
            "Add it to the frame with its number of sampled PSUs.",
            stratum=missing[0],
        )
    return np.array([_target(design, name, place) for name in names], dtype=np.int64)


def _target(design: SurveyDesign, name: str, place: dict[str, int]) -> int:
    seen = {name}
    while design.lonely is Lonely.COLLAPSE and name in design.frame:
        stratum = design.frame[name]
        following = stratum.collapse_to
        if following is None or stratum.n_psu > 1 or following in seen or following not in place:
            break
        seen.add(following)
        name = following
    return place[name]


def _check_ballots(design: SurveyDesign, ballot: Ints, stratum: Ints) -> None:
    if design.ballot is None or design.psu is not None:
        return
    first = np.zeros(ballot.max(initial=-1) + 1, dtype=np.int64)
    first[ballot] = stratum
    wrong = first[ballot] != stratum
    if wrong.any():
        says = "names a ballot that lies in two strata"
        hint = "All rows of a ballot carry the stratum of its rater."
        raise row_error("ballot_in_two_strata", design.ballot, wrong, says, hint)


def _persons_of_certainty(
    design: SurveyDesign, names: list[str], stratum: Ints, cluster: Ints, ballot: Ints
) -> tuple[Ints, Ints, dict[int, int]]:
    """Give each certainty PSU a stratum of its own, with its persons as PSUs.

    Returns the strata and clusters of the rows, and for each new stratum the one it came from.
    """
    certain = [i for i, name in enumerate(names) if _is_certain(design, name)]
    rows = np.isin(stratum, certain) if design.psu is not None else np.zeros(len(stratum), bool)
    if not rows.any():
        return stratum, cluster, {}
    pairs, place = np.unique(np.stack([stratum[rows], cluster[rows]]), axis=1, return_inverse=True)
    stratum, cluster = stratum.copy(), cluster.copy()
    stratum[rows] = len(names) + place.ravel()
    cluster[rows] = ballot[rows]
    return stratum, cluster, {len(names) + i: int(h) for i, h in enumerate(pairs[0])}


def _is_certain(design: SurveyDesign, name: str) -> bool:
    return name in design.frame and design.frame[name].certainty


def _nested(stratum: Ints, cluster: Ints) -> tuple[Ints, Ints]:
    """(R,) PSU numbers within strata, and (P,) the stratum of each, strata as given."""
    width = int(cluster.max(initial=0)) + 1
    keys, psu = np.unique(stratum * width + cluster, return_inverse=True)
    return psu.astype(np.int64), keys // width
