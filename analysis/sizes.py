"""Sizes of strata and PSUs: what was sampled, and what there is in the population."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.design import StratumFrame, SurveyDesign, population_too_small
from analysis.errors import DataError, DesignError
from analysis.weights import Bools, Floats, Ints


def row_error(code: str, column: str, wrong: Bools, says: str, hint: str = "") -> DataError:
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


@dataclass(frozen=True, slots=True)
class Size:
    """One stratum: PSUs sampled, PSUs there are, and whether it is one certainty PSU."""

    label: str
    n_psu: int
    population: float
    certainty: bool

    def checked(self, observed: int) -> "Size":
        """Itself, unless more PSUs answered than were sampled, or were sampled than exist."""
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


def sizes_of(
    design: SurveyDesign,
    names: list[str],
    joined: Ints,
    population: Floats,
    origin: dict[int, int],
    psu_stratum: Ints,
    persons: dict[int, float],
) -> list[Size]:
    """Size of each stratum that has rows, in the order of its number.

    A stratum made of a certainty PSU holds its persons, as many as `persons` says.
    """
    sizes = []
    present, observed = np.unique(psu_stratum, return_counts=True)
    for number, count in zip(present.tolist(), observed.tolist(), strict=True):
        if number in origin:
            label = f"{names[origin[number]]} [certainty PSU {number - len(names) + 1}]"
            sizes.append(Size(label, count, persons.get(number, np.inf), certainty=True))
            continue
        members = np.flatnonzero(joined == number)
        sampled = sum(design.frame[names[m]].n_psu for m in members) if design.frame else count
        whole = float(population[members].sum())
        sizes.append(Size(names[number], sampled, whole, certainty=False).checked(count))
    return sizes


def populations(
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
    values, wrong = one_value(data, column, stratum, len(names))
    if wrong.any():
        name = names[int(stratum[int(np.argmax(wrong))])]
        says = f"gives stratum {name!r} two population sizes"
        raise row_error("population_varies", column, wrong, says, "Give it one.")
    return values


def one_value(data: pd.DataFrame, column: str, part: Ints, parts: int) -> tuple[Floats, Bools]:
    """(parts,) the value of a column in each part, and (R,) rows that say otherwise."""
    values = pd.to_numeric(data[column], errors="coerce").to_numpy(dtype=np.float64)
    values = np.where(np.isnan(values), np.inf, values)
    one = np.full(parts, np.inf)
    one[part] = values
    return one, one[part] != values


def persons_in(
    design: SurveyDesign, data: pd.DataFrame, psu: Ints, second: Ints, label: Ints, names: list[str]
) -> Floats | None:
    """(R,) second-stage units in the population of the row's PSU, inf where unknown.

    None where the design does not tell. `second` is the second-stage unit of the row, `label` its
    stratum.
    """
    if design.psu_size is None:
        return None
    count = int(psu.max(initial=-1)) + 1
    size, wrong = one_value(data, design.psu_size, psu, count)
    if wrong.any():
        name = names[int(label[int(np.argmax(wrong))])]
        says = f"gives a PSU of stratum {name!r} two sizes"
        raise row_error("psu_size_varies", design.psu_size, wrong, says, "Give it one.")
    width = int(second.max(initial=0)) + 1
    taken = np.bincount(np.unique(psu * width + second) // width, minlength=count)
    few = (size < taken)[psu]
    if few.any():
        name = names[int(label[int(np.argmax(few))])]
        units = "ballots" if design.ssu is None else "second-stage units"
        says = f"gives a PSU of stratum {name!r} a size below its number of {units}"
        raise row_error("psu_too_small", design.psu_size, few, says, "Correct the size.")
    return np.asarray(size[psu])
