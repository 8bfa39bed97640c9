import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.codebook import Codebook
from analysis.design import SurveyDesign
from analysis.errors import DataError
from analysis.quality.straightlining import AnswerStyle, answer_style

ITEMS = ["a", "b", "c", "d"]
SCALE = {1: "choice", 2: "choice", 3: "choice", 8: "not_applicable", 9: "dont_know"}
BOOK = Codebook(dict.fromkeys(ITEMS, SCALE))
quick = settings(max_examples=6, deadline=None, derandomize=True)


def style_of(*answers: int, **more: object) -> pd.Series:
    """The indices of one way of answering, which twelve persons have."""
    frame = pd.DataFrame([answers] * 12, columns=ITEMS)
    return indices(answer_style(frame, SurveyDesign(), BOOK, ITEMS, **more))


def indices(found: AnswerStyle) -> pd.Series:
    return found.table.set_index([*found.by, "index"]).estimate


def answers(seed: int = 1, rows: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.choice([0, 1, 2, 3, 8, 9], (rows, 4)), columns=ITEMS)
    return frame.assign(
        group=rng.choice(["staff", "citizen"], rows),
        unit=rng.choice(["U", "V"], rows),
        w=rng.integers(1, 9, rows),
        psu=np.arange(rows) // 5,
    )


@pytest.mark.parametrize(
    ("given_answers", "name", "value"),
    [
        ((2, 2, 2, 2), "straight_line", 1),
        ((2, 2, 2, 3), "straight_line", 0),
        ((2, 0, 2, 2), "straight_line", 1),
        ((2, 2, 3, 2), "longest_run", 2 / 4),
        ((2, 9, 2, 3), "longest_run", 2 / 3),
        ((1, 2, 1, 2), "longest_run", 1 / 4),
        ((1, 2, 1, 1), "commonest_answer", 3 / 4),
        ((1, 2, 1, 2), "variation", 1 / 2),
        ((1, 1, 1, 1), "variation", 0),
        ((1, 2, 3, 2), "extreme_answers", 2 / 4),
        ((1, 0, 8, 9), "item_nonresponse", 1 / 3),
        ((1, 0, 8, 9), "dont_know", 1 / 3),
    ],
)
def test_indices_by_hand(given_answers: tuple[int, ...], name: str, value: float) -> None:
    assert style_of(*given_answers)[name] == pytest.approx(value)


def test_agreeing_codes_are_declared() -> None:
    assert style_of(3, 2, 3, 1, agree=[2, 3])["acquiescence"] == pytest.approx(3 / 4)
    assert "acquiescence" not in style_of(3, 2, 3, 1)


def test_a_row_with_few_valid_answers_has_no_style_but_blanks() -> None:
    found = style_of(1, 1, 0, 0)

    assert np.isnan(found["straight_line"])
    assert found["item_nonresponse"] == pytest.approx(1 / 2)
    assert style_of(1, 1, 0, 0, least=2)["straight_line"] == 1


def test_shares_are_weighted_by_cell() -> None:
    frame = pd.DataFrame([(1, 1, 1, 1)] * 20 + [(1, 2, 3, 1)] * 20, columns=ITEMS)
    frame["w"] = [3] * 20 + [1] * 20
    frame["group"] = ["x", "y"] * 20

    found = indices(answer_style(frame, SurveyDesign(weight="w"), BOOK, ITEMS, by=["group"]))

    assert found["x", "straight_line"] == pytest.approx(3 / 4)
    assert found["y", "straight_line"] == pytest.approx(3 / 4)


def test_cells_keep_their_columns_and_leave_out_rows_without_a_value() -> None:
    frame = answers()
    frame.loc[:49, "unit"] = None

    found = answer_style(
        frame, SurveyDesign(psu="psu"), BOOK, ITEMS, by=["group", "unit"], minimum=1
    )

    assert found.cells.to_dict("list") == {
        "group": ["citizen", "citizen", "staff", "staff"],
        "unit": ["U", "V", "U", "V"],
    }
    whole = found.items[found.items["item"] == "a"].persons.sum()
    assert whole == ((frame.a != 8) & frame.unit.notna()).sum()


def test_nothing_speaks_of_fewer_persons_than_the_minimum() -> None:
    frame = answers(rows=120)
    frame.loc[:8, "unit"] = "Z"
    frame.loc[9:, "unit"] = "U"

    found = answer_style(frame, SurveyDesign(), BOOK, ITEMS, by=["unit"])

    for table in (found.table, found.items):
        small = table[table.unit == "Z"]
        assert set(small.reason) == {"too_few_persons"}
        assert small[["estimate", "se", "ci_low", "ci_high", "persons"]].isna().all(axis=None)
        assert table[table.unit == "U"].estimate.notna().all()


def test_ballots_about_many_units_count_as_one_person() -> None:
    frame = answers(rows=60).assign(ballot=np.repeat(np.arange(6), 10))

    found = answer_style(frame, SurveyDesign(ballot="ballot"), BOOK, ITEMS)

    assert set(found.table.reason) == {"too_few_persons"}
    assert len(found.table) == 7


def test_nonresponse_of_each_item_among_those_it_applies_to() -> None:
    frame = pd.DataFrame([(0, 8, 1, 9)] * 6 + [(1, 1, 1, 0)] * 6, columns=ITEMS)

    found = answer_style(frame, SurveyDesign(), BOOK, ITEMS, minimum=5).items

    assert found.estimate.tolist() == [0.5, 0, 0, 0.5]
    assert found.persons.tolist() == [12, 6, 12, 12]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"items": ["a", "x"]}, "missing_column"),
        ({"items": ["a", "psu"]}, "unknown_item"),
        ({"items": ["a"]}, "too_few_items"),
        ({"items": ["a", "e"]}, "mixed_scales"),
        ({"agree": [7]}, "unknown_code"),
        ({"by": ["estimate"]}, "reserved_name"),
    ],
)
def test_batteries_that_cannot_be_described(more: dict, code: str) -> None:
    frame = answers().assign(e=1, estimate="x")
    book = Codebook({**BOOK.items, "e": {1: "choice"}})

    with pytest.raises(DataError) as error:
        answer_style(frame, SurveyDesign(), book, **({"items": ITEMS} | more))
    assert error.value.code == code


@quick
@given(st.integers(0, 10_000))
def test_order_of_rows_scale_of_weights_and_empty_rows_do_not_matter(seed: int) -> None:
    frame = answers(seed)
    extra = frame.head(30).assign(w=0)
    other = pd.concat([frame.assign(w=frame.w * 7), extra]).sample(frac=1, random_state=seed)
    design = SurveyDesign(weight="w", psu="psu")

    first, second = (
        answer_style(f, design, BOOK, ITEMS, by=["group"], agree=[3]) for f in (frame, other)
    )

    numbers = ["estimate", "se", "ci_low", "ci_high", "persons"]
    for name in ("table", "items"):
        left, right = getattr(first, name), getattr(second, name)
        np.testing.assert_allclose(left[numbers], right[numbers], rtol=1e-9, atol=1e-12)


def test_every_index_has_a_formula() -> None:
    found = answer_style(answers(), SurveyDesign(), BOOK, ITEMS, agree=[3])

    assert set(found.table["index"]) == set(found.formulas)
