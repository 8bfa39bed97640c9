import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DataError
from analysis.totals import Codebook, aggregate
from tests.analysis.making import FOUR_CODES, make_statistics

ROWS = pd.DataFrame(
    {
        "unit": ["B", "A", "A", "A"],
        "q1": [1, 2, None, 9],
        "q2": [1, 1, 4, 0],
        "w": [1.5, 2, 1, 0.25],
    }
)


def test_counts_by_unit_item_and_code() -> None:
    found = make_statistics(ROWS, SurveyDesign(weight="w"), ("q1", "q2"))

    assert found.units == ("A", "B")
    assert found.n[0, 0, [0, 1, 2, 9]].tolist() == [1, 0, 1, 1]
    assert found.n[1, 1, [0, 1]].tolist() == [0, 1]


def test_weighted_counts_are_whole_numbers_of_small_units() -> None:
    found = make_statistics(ROWS, SurveyDesign(weight="w"), ("q1", "q2"))

    assert found.weighted.dtype == np.int64
    assert found.weighted[0, 1, [0, 1, 4]].tolist() == [250_000_000, 2_000_000_000, 1_000_000_000]


@pytest.mark.parametrize("blank", [0, None, float("nan"), ""])
def test_zero_empty_and_missing_are_blank(blank: object) -> None:
    found = make_statistics(pd.DataFrame({"unit": ["A", "A"], "q1": [blank, 1]}))

    assert found.n[0, 0, [0, 1]].tolist() == [1, 1]


@pytest.mark.parametrize("answer", [5, 1.5, "A", -1, 300])
def test_unknown_code_is_named_with_item_and_row(answer: object) -> None:
    data = pd.DataFrame({"unit": ["A", "A"], "q1": pd.Series([1, answer], dtype=object)})

    with pytest.raises(DataError, match=r"'q1' has the answer .* in data row 2") as caught:
        make_statistics(data)

    assert caught.value.attributes["item"] == "q1"


@pytest.mark.parametrize("answer", [2, 4, 260, -1])
def test_unknown_code_is_found_in_a_column_of_whole_numbers(answer: int) -> None:
    data = pd.DataFrame({"unit": ["A"] * 3, "q1": np.array([1, 3, answer], dtype=np.int64)})
    book = Codebook({"q1": {1: "choice", 3: "choice"}})

    with pytest.raises(DataError, match=rf"'q1' has the answer {answer} in data row 3"):
        aggregate(data, SurveyDesign(), book)


def test_codes_with_gaps_are_read() -> None:
    data = pd.DataFrame({"unit": ["A"] * 3, "q1": np.array([1, 3, 0], dtype=np.int64)})

    found = aggregate(data, SurveyDesign(), Codebook({"q1": {1: "choice", 3: "choice"}}))

    assert found.n[0, 0].tolist() == [1, 1, 0, 1]


def test_rows_of_a_psu_stand_together() -> None:
    data = pd.DataFrame({"unit": ["A"] * 6, "q1": [1, 2, 3, 4, 1, 2], "psu": [3, 1, 3, 2, 1, 3]})

    found = make_statistics(data, SurveyDesign(psu="psu"))

    assert found.sample.psu.tolist() == [0, 0, 1, 2, 2, 2]


def test_units_that_nobody_rated_are_kept_in_the_given_order() -> None:
    found = make_statistics(ROWS, items=("q1",), units=["C", "B", "A"])

    assert found.units == ("C", "B", "A")
    assert found.n[0].sum() == 0


def test_unknown_and_missing_units_are_named_with_their_row() -> None:
    with pytest.raises(DataError, match="Data row 1 speaks about unit 'B'"):
        make_statistics(ROWS, units=["A"])
    with pytest.raises(DataError, match="Data row 1 names no unit"):
        make_statistics(ROWS.assign(unit=[None, "A", "A", "A"]))


def test_missing_item_column_is_named() -> None:
    with pytest.raises(DataError, match="column 'q9' of the responses is missing"):
        make_statistics(ROWS, items=("q9",))


def test_rows_of_weight_zero_speak_about_nobody_but_keep_their_psu() -> None:
    data = ROWS.assign(w=[1.5, 2, 0, 0.25])

    found = make_statistics(data, SurveyDesign(weight="w"), ("q1",))

    assert found.n.sum() == 3
    assert found.sample.n_psu.tolist() == [4]


@pytest.mark.parametrize("codes", [{0: "choice"}, {256: "choice"}, {1: "yes"}])
def test_impossible_codebooks_are_refused(codes: dict[int, str]) -> None:
    with pytest.raises(DataError, match="Item 'q1' lists code"):
        Codebook({"q1": codes})


def test_codebook_survives_json() -> None:
    book = Codebook({"q1": FOUR_CODES})

    assert Codebook.from_dict(book.to_dict()) == book


def test_files_merge_to_the_statistics_of_the_whole() -> None:
    whole = make_statistics(ROWS, SurveyDesign(weight="w"), ("q1", "q2"))
    parts = [
        make_statistics(ROWS[rows], SurveyDesign(weight="w"), ("q1", "q2"))
        for rows in (slice(0, 1), slice(1, 4))
    ]

    merged = parts[0].merge(parts[1])

    assert sorted(merged.units) == list(whole.units)
    assert merged.n.sum() == whole.n.sum()
    order = [merged.units.index(unit) for unit in whole.units]
    assert (merged.weighted[order] == whole.weighted).all()


def test_files_of_different_codebooks_do_not_merge() -> None:
    first, second = make_statistics(ROWS, items=("q1",)), make_statistics(ROWS, items=("q2",))

    with pytest.raises(DataError, match="differ in codebook or design"):
        first.merge(second)


def test_digest_depends_on_answers_and_not_on_their_order() -> None:
    first = make_statistics(ROWS, items=("q1",))

    assert make_statistics(ROWS[::-1], items=("q1",)).digest() == first.digest()
    assert make_statistics(ROWS.assign(q1=1), items=("q1",)).digest() != first.digest()


def test_statistics_cannot_be_changed() -> None:
    found = make_statistics(ROWS)

    with pytest.raises(ValueError, match=r"read-only"):
        found.n[0, 0, 0] = 1


def test_aggregate_leaves_its_input_alone() -> None:
    data = ROWS.copy()

    aggregate(data, SurveyDesign(weight="w"), Codebook({"q1": FOUR_CODES}))

    pd.testing.assert_frame_equal(data, ROWS)


@pytest.mark.parametrize(
    "dtype", ["Int64", "float64", "category", "string", "object", "int8[pyarrow]"]
)
def test_answers_of_any_column_type_are_read(dtype: str) -> None:
    data = pd.DataFrame({"unit": ["A"] * 3, "q1": pd.Series([1, None, 2]).astype("Int64")})
    text = data.q1.astype("string") if dtype in ("category", "string", "object") else data.q1

    found = make_statistics(data.assign(q1=text.astype(dtype)))

    assert found.n[0, 0, [0, 1, 2]].tolist() == [1, 1, 1]


def test_own_unit_is_known_where_numbers_have_gaps() -> None:
    data = pd.DataFrame({"unit": [1, 2, 1], "home": [1, None, 2], "q1": [1, 1, 1]})

    found = make_statistics(data, rater_unit="home")

    assert found.self_rating.sum() == 1
