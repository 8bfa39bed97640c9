"""Cells of crossed columns, and what does not fit between a sample and its population."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import DataError, DesignError
from analysis.weighting.cells import cells_of, targets_of

ROWS = pd.DataFrame({"sex": ["F", "M", "F", "M"], "age": [1.0, 2.0, 2.0, np.nan]})
KNOWN = np.array([True, True, True, False])


def test_rows_out_of_use_need_no_label() -> None:
    cells = cells_of(ROWS, ["sex", "age"], KNOWN)

    assert cells.labels == ("F.1", "F.2", "M.2")
    assert cells.code.tolist() == [0, 2, 1, -1]
    assert cells.sums(np.array([1.0, 2.0, 4.0, 8.0])).tolist() == [1, 4, 2]


def test_missing_label_of_a_row_in_use_is_named() -> None:
    with pytest.raises(DataError, match=r"'age' has no value in data row 4 \(1 such rows\)"):
        cells_of(ROWS, ["age"], np.ones(4, dtype=np.bool_))


def test_missing_column_is_named() -> None:
    with pytest.raises(DataError, match="'region' of the cells is missing"):
        cells_of(ROWS, ["region"], KNOWN)


@pytest.mark.parametrize(
    "population", [{"F.1": 1, "F.2": 2, "M.2": 3}, {("F", 1): 1, ("F", 2.0): 2, ("M", "2"): 3}]
)
def test_crossed_labels_are_joined_or_tuples(population: dict) -> None:
    assert targets_of(cells_of(ROWS, ["sex", "age"], KNOWN), population).tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("population", "code", "says"),
    [
        ({"F": 5}, "cell_not_in_population", "'M' of sex has respondents but no population"),
        ({"F": 5, "M": 5, "X": 1}, "cell_without_respondents", "'X' of sex has 1 people"),
        ({"F": 5, "M": 0}, "bad_population", "'M' of sex has the population size 0"),
        ({"F": 5, "M": -2}, "bad_population", "size -2"),
        ({"F": 5, "M": 5, "X": float("nan")}, "bad_population", "size nan"),
    ],
)
def test_population_that_does_not_fit_names_the_cell(
    population: dict, code: str, says: str
) -> None:
    with pytest.raises(DesignError, match=says) as raised:
        targets_of(cells_of(ROWS, ["sex"], KNOWN), population)

    assert raised.value.code == code
    assert raised.value.attributes["margin"] == "sex"


def test_empty_cell_of_the_population_is_left_out() -> None:
    assert targets_of(cells_of(ROWS, ["sex"], KNOWN), {"F": 5, "M": 4, "X": 0}).tolist() == [5, 4]
