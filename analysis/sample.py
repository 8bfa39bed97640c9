"""A design that has met data: rows, PSUs and strata as numbers."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.design import (
    Inference,
    Lonely,
    StratumFrame,
    SurveyDesign,
    need_columns,
    population_too_small,
)
from analysis.errors import DataError, DesignError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Sample:
    """The rows of a data set within their design; R rows, B ballots, P PSUs, H strata.

    Parameters
    ----------
    design : the declaration
    weight : (R,) whole numbers of 10**-weight_digits units of the population
    ballot : (R,) ballot of the row, 0 … B-1
    psu : (R,) PSU of the row, 0 … P-1
    psu_stratum : (P,) stratum of the PSU, 0 … H-1
    strata : H labels
    n_psu : (H,) PSUs sampled, those without an answer included
    population : (H,) PSUs in the population, inf where unknown
    certainty : (H,) strata made of one certainty PSU each
    """

    design: SurveyDesign
    weight: Ints
    ballot: Ints
    psu: Ints
    psu_stratum: Ints
    strata: tuple[str, ...]
    n_psu: Ints
    population: Floats
    certainty: Bools

    @property
    def fraction(self) -> Floats:
        """(H,) sampling fraction f that enters the variance."""
        if self.design.inference is Inference.SUPERPOPULATION:
            return np.zeros(len(self.strata))
        return self.n_psu / self.population

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
        if self.design.psu is None and self.design.ballot is None:
            return replace(
                self,
                weight=self.weight[order],
                ballot=ballot,
                psu=np.arange(len(order)),
                psu_stratum=self.psu_stratum[psu],
            )
        return replace(self, weight=self.weight[order], ballot=ballot, psu=psu)

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
    ballot, _ = _labelled(data, design.ballot, each_row=True)
    given, names = _labelled(data, design.strata)
    cluster = ballot if design.psu is None else _labelled(data, design.psu)[0]
    joined = _joined(design, names)
    stratum = joined[given]
    _check_ballots(design, ballot, stratum)
    stratum, cluster, origin = _persons_of_certainty(design, names, stratum, cluster, ballot)
    psu, psu_stratum = _nested(stratum, cluster)
    population = _populations(design, data, names, given)
    sizes = _sizes(design, names, joined, population, origin, psu_stratum)
    return Sample(
        design=design,
        weight=_weights(design, data),
        ballot=ballot,
        psu=psu,
        psu_stratum=np.unique(psu_stratum, return_inverse=True)[1].astype(np.int64),
        strata=tuple(size.label for size in sizes),
        n_psu=np.array([size.n_psu for size in sizes], dtype=np.int64),
        population=np.array([size.population for size in sizes], dtype=np.float64),
        certainty=np.array([size.certainty for size in sizes], dtype=np.bool_),
    )


def _labelled(
    data: pd.DataFrame, column: str | None, *, each_row: bool = False
) -> tuple[Ints, list[str]]:
    """Numbers of the labels in a column, and the labels; None is one label, or one a row."""
    if column is None:
        rows = len(data)
        return (np.arange(rows), []) if each_row else (np.zeros(rows, dtype=np.int64), [""])
    codes, labels = pd.factorize(data[column], sort=True)
    if (codes < 0).any():
        raise _row_error("missing_label", column, codes < 0, "has no value")
    return codes.astype(np.int64), [str(label) for label in labels]


def _row_error(code: str, column: str, wrong: Bools, says: str, hint: str = "") -> DataError:
    """An error naming the first wrong row, counted from 1 without the heading."""
    row = int(np.argmax(wrong)) + 1
    count = int(wrong.sum())
    more = f" ({count} such rows)" if count > 1 else ""
    return DataError(
        code,
        f"Column {column!r} {says} in data row {row}{more}.",
        hint or "Fill it in, or leave the row out.",
        column=column,
        row=row,
        count=count,
    )


def _weights(design: SurveyDesign, data: pd.DataFrame) -> Ints:
    """(R,) weights as whole numbers of 10**-weight_digits."""
    scale = 10**design.weight_digits
    if design.weight is None:
        return np.full(len(data), scale, dtype=np.int64)
    values = pd.to_numeric(data[design.weight], errors="coerce").to_numpy(dtype=np.float64)
    wrong = ~np.isfinite(values) | (values < 0)
    if wrong.any():
        hint = "Weights are finite numbers of 0 or more."
        raise _row_error("bad_weight", design.weight, wrong, "is no weight", hint)
    if float(values.sum()) * scale >= 2**62:
        raise DataError(
            "weights_too_large",
            f"The weights add up to {values.sum():g}: too much for {design.weight_digits} digits.",
            "Declare fewer weight_digits.",
            column=design.weight,
        )
    return np.asarray(np.rint(values * scale), dtype=np.int64)


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
        raise _row_error("ballot_in_two_strata", design.ballot, wrong, says, hint)


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


@dataclass(frozen=True, slots=True)
class _Size:
    label: str
    n_psu: int
    population: float
    certainty: bool

    def checked(self, observed: int) -> "_Size":
        if self.n_psu < observed:
            raise DesignError(
                "more_psus_than_sampled",
                f"Stratum {self.label!r} has answers from {observed} PSUs, but {self.n_psu} were "
                "sampled by the frame.",
                "Correct n_psu in the frame, or the PSU labels.",
                stratum=self.label,
                observed=observed,
                n_psu=self.n_psu,
            )
        if self.population < self.n_psu:
            raise population_too_small(self.label, self.population, self.n_psu)
        return self


def _sizes(
    design: SurveyDesign,
    names: list[str],
    joined: Ints,
    population: Floats,
    origin: dict[int, int],
    psu_stratum: Ints,
) -> list[_Size]:
    """Size of each stratum that has rows, in the order of its number."""
    sizes = []
    present, observed = np.unique(psu_stratum, return_counts=True)
    for number, count in zip(present.tolist(), observed.tolist(), strict=True):
        if number in origin:
            label = f"{names[origin[number]]} [certainty PSU {number - len(names) + 1}]"
            sizes.append(_Size(label, count, np.inf, certainty=True))
            continue
        members = np.flatnonzero(joined == number)
        sampled = sum(design.frame[names[m]].n_psu for m in members) if design.frame else count
        whole = float(population[members].sum())
        sizes.append(_Size(names[number], sampled, whole, certainty=False).checked(count))
    return sizes


def _populations(
    design: SurveyDesign, data: pd.DataFrame, names: list[str], stratum: Ints
) -> Floats:
    """PSUs in the population of each stratum: the frame first, then the fpc column."""
    population = np.full(len(names), np.inf)
    if design.fpc is not None:
        population = _constant(data, design.fpc, names, stratum)
    for index, name in enumerate(names):
        stated = design.frame.get(name, StratumFrame(1))
        if stated.certainty:
            population[index] = stated.n_psu
        elif stated.population is not None:
            population[index] = stated.population
    return population


def _constant(data: pd.DataFrame, column: str, names: list[str], stratum: Ints) -> Floats:
    """(H,) the one value of a column in each stratum; NaN is read as unknown."""
    values = pd.to_numeric(data[column], errors="coerce").to_numpy(dtype=np.float64)
    values = np.where(np.isnan(values), np.inf, values)
    first = np.full(len(names), np.inf)
    first[stratum] = values
    wrong = first[stratum] != values
    if wrong.any():
        name = names[int(stratum[int(np.argmax(wrong))])]
        says = f"gives stratum {name!r} two population sizes"
        raise _row_error("population_varies", column, wrong, says, "Give it one.")
    return first
