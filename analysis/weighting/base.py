"""Base weights: the inverse of the probability with which each row was drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.design import need_columns
from analysis.errors import DesignError
from analysis.sizes import row_error
from analysis.weighting.cells import Population, cells_of, targets_of
from analysis.weighting.steps import Adjustment, Event
from analysis.weights import Floats


def inverse_probability(data: pd.DataFrame, inclusion: Sequence[str]) -> Floats:
    """One over the probability of inclusion.

    Parameters
    ----------
    data : R rows
    inclusion : columns of the probabilities of each stage of drawing, given the stage before

    Returns
    -------
    (R,) units of the population per row

    Raises
    ------
    DataError
        if a probability is not above 0 and at most 1

    Notes
    -----
    1/(π₁ π₂ …). Wrong for a row that could be drawn in two ways (a person on two lists).

    References
    ----------
    Horvitz and Thompson (1952), JASA 47, 663-685.

    Examples
    --------
    >>> rows = pd.DataFrame({"commune": [0.1, 0.5], "person": [0.5, 0.02]})
    >>> inverse_probability(rows, ["commune", "person"]).tolist()
    [20.0, 100.0]
    """
    need_columns(data, tuple(inclusion), "the base weights")
    weights = np.ones(len(data))
    for column in inclusion:
        share = pd.to_numeric(data[column], errors="coerce").to_numpy(dtype=np.float64)
        wrong = ~((share > 0) & (share <= 1))
        if wrong.any():
            raise row_error(
                "bad_inclusion",
                column,
                wrong,
                "is no probability of inclusion",
                "Probabilities lie above 0 and are at most 1.",
            )
        weights = weights / share
    return weights


def population_per_row(data: pd.DataFrame, strata: Sequence[str], population: Population) -> Floats:
    """N/n of the stratum of each row, n counting its rows.

    Parameters
    ----------
    data : R rows, one for each person drawn, whether or not they answered
    strata : columns whose crossing is the strata
    population : people in the population, by label of the stratum

    Returns
    -------
    (R,) people of the population per row

    Raises
    ------
    DataError
        if a row has no stratum
    DesignError
        if a stratum is missing on either side, or has more rows than people

    Notes
    -----
    Right for simple random samples within strata; rows of clusters of unequal size need their
    own probabilities of inclusion.

    References
    ----------
    Cochran (1977), Sampling Techniques, sec. 5.3.

    Examples
    --------
    >>> rows = pd.DataFrame({"h": ["a", "a", "b"]})
    >>> population_per_row(rows, ["h"], {"a": 50, "b": 7}).tolist()
    [25.0, 25.0, 7.0]
    """
    cells = cells_of(data, strata, np.ones(len(data), dtype=np.bool_))
    size = targets_of(cells, population)
    drawn = cells.sums(np.ones(len(data)))
    if (size < drawn).any():
        at = int(np.argmax(size < drawn))
        raise DesignError(
            "population_too_small",
            f"Stratum {cells.labels[at]!r} has {drawn[at]:g} rows but {size[at]:g} people.",
            "Correct the population size, or the stratum of the rows.",
            stratum=cells.labels[at],
            population=float(size[at]),
            rows=int(drawn[at]),
        )
    return np.asarray((size / drawn)[cells.code])


@dataclass(frozen=True, kw_only=True)
class InclusionWeights:
    """Step: weigh each row by one over its probability of inclusion.

    Parameters
    ----------
    inclusion : columns of the probabilities, one a stage; see `inverse_probability`
    """

    inclusion: tuple[str, ...]
    name: str = "base"

    def prepare(self, data: pd.DataFrame, _weights: Floats, /) -> Adjustment:
        """The factors 1/π."""
        return _times(inverse_probability(data, self.inclusion), ":".join(self.inclusion))


@dataclass(frozen=True, kw_only=True)
class StratumWeights:
    """Step: weigh each row by N/n of its stratum.

    Parameters
    ----------
    strata : columns whose crossing is the strata
    population : people in the population by label; see `population_per_row`
    """

    strata: tuple[str, ...]
    population: Population
    name: str = "base"

    def prepare(self, data: pd.DataFrame, _weights: Floats, /) -> Adjustment:
        """The factors N/n."""
        factor = population_per_row(data, self.strata, self.population)
        return _times(factor, ":".join(self.strata))


def _times(factor: Floats, place: str) -> Adjustment:
    def change(weights: Floats) -> Floats:
        return weights * (factor if weights.ndim == 1 else factor[:, None])

    event = Event("base", place, "weights are multiplied by a fixed factor", len(factor))
    return Adjustment(change, (event,))
