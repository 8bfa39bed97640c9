"""Sums over PSUs tell scoring the same as the persons behind them."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from analysis.cells import Cells, cells_of
from analysis.design import StratumFrame, SurveyDesign
from analysis.errors import DataError, DesignError, SchemeError
from analysis.index.result import IndexResult
from analysis.totals import Codebook, GroupStatistics, aggregate, summed
from tests.analysis.making import FOUR_CODES, make_scheme

CLUSTERS = SurveyDesign(weight="w", strata="stratum", psu="psu", fpc="psus")
BOOK = Codebook(dict.fromkeys(("q1", "q2"), FOUR_CODES))


def make_rows(rows: int = 400, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    psu = random.integers(0, 24, rows)
    return pd.DataFrame(
        {
            "stratum": np.where(psu % 3 == 0, "north", "south"),
            "psu": psu,
            "psus": np.where(psu % 3 == 0, 40, 90),
            "w": random.integers(0, 5, rows) / 4,
            "unit": random.choice(["A", "B", "C"], rows),
            "home": random.choice(["A", "B", "X"], rows),
            "q1": random.choice([0, 1, 2, 3, 4, 8, 9], rows),
            "q2": random.choice([0, 1, 2, 3, 4, 9], rows),
        }
    )


def both(
    data: pd.DataFrame, design: SurveyDesign = CLUSTERS, **more: object
) -> tuple[GroupStatistics, GroupStatistics]:
    first, second = (
        aggregate(data, design, BOOK, level=level, **more)  # type: ignore[arg-type]
        for level in ("person", "psu")
    )
    return first, second


def assert_same(found: IndexResult, wanted: IndexResult) -> None:
    assert found.units.points.tolist() == wanted.units.points.tolist()
    np.testing.assert_allclose(found.cov, wanted.cov, rtol=1e-12, atol=1e-18)
    for column in ("se", "df"):
        np.testing.assert_allclose(found.criteria[column], wanted.criteria[column], rtol=1e-12)
    pd.testing.assert_frame_equal(found.counts, wanted.counts)
    pd.testing.assert_frame_equal(found.excluded, wanted.excluded)


@pytest.mark.parametrize("items", [("q1",), ("q1", "q2")])
@pytest.mark.parametrize("rater_unit", [None, "home"])
def test_scores_from_sums_equal_those_from_persons(
    items: tuple[str, ...], rater_unit: str | None
) -> None:
    scheme = make_scheme(items=items, min_valid=1)

    persons, sums = both(make_rows(), rater_unit=rater_unit)

    assert sums.digest() == persons.digest()
    assert_same(scheme.score({"all": sums}), scheme.score({"all": persons}))


def test_sums_of_one_question_tell_design_effects_and_ballots() -> None:
    persons, sums = (
        make_scheme(min_valid=1).score({"all": found}).criteria for found in both(make_rows())
    )

    pd.testing.assert_frame_equal(sums, persons)


def test_sums_of_several_questions_do_not_tell_design_effects() -> None:
    scheme = make_scheme(items=("q1", "q2"), min_valid=1)

    persons, sums = (scheme.score({"all": found}).units for found in both(make_rows()))

    assert persons.deff.notna().all()
    assert sums.deff.isna().all()
    assert (sums.n <= persons.n).all()


def test_a_unit_at_the_maximum_has_no_interval_where_the_design_effect_is_hidden() -> None:
    data = make_rows().assign(q1=lambda d: np.where(d.unit == "A", 1, d.q1))
    data = data.assign(q2=lambda d: np.where(d.unit == "A", 1, d.q2))
    scheme = make_scheme(items=("q1", "q2"), min_valid=1)

    found = scheme.score({"all": both(data)[1]}).units.set_index("unit")

    assert found.points["A"] == 2
    assert found.interval_reason["A"] == "design_effect_unknown"
    assert found.interval_reason["B"] == ""


def test_order_of_rows_and_cuts_of_the_file_change_no_sum() -> None:
    data = make_rows()
    whole = cells_of(data, CLUSTERS, BOOK, "unit")

    shuffled = cells_of(data.sample(frac=1, random_state=3), CLUSTERS, BOOK, "unit")
    parts = [cells_of(data[data.psu % 3 == k], CLUSTERS, BOOK, "unit") for k in range(3)]
    halves = cells_of(data[::2], CLUSTERS, BOOK, "unit").add(
        cells_of(data[1::2], CLUSTERS, BOOK, "unit")
    )

    assert shuffled.digest() == whole.digest() == halves.digest()
    assert parts[2].add(parts[0]).add(parts[1]).digest() == whole.digest()


def test_files_merge_to_the_statistics_of_the_whole() -> None:
    data = make_rows()
    parts = [aggregate(d, CLUSTERS, BOOK, level="psu") for d in (data[:150], data[150:])]

    merged = parts[0].merge(parts[1])

    assert merged.digest() == aggregate(data, CLUSTERS, BOOK, level="psu").digest()


def test_persons_and_sums_do_not_merge() -> None:
    persons, sums = both(make_rows())

    with pytest.raises(DataError, match="One of the two holds persons"):
        persons.merge(sums)


def test_exact_weights_stay_exact() -> None:
    data = make_rows(40).assign(w=["1/3", "2/7"] * 20)

    found = aggregate(data, CLUSTERS, BOOK, level="psu")

    assert Fraction(int(found.weighted[:, 0].sum()), found.scale) == 20 * (
        Fraction(1, 3) + Fraction(2, 7)
    )


def test_sampled_psus_without_a_counted_answer_stay_in_the_design() -> None:
    data = make_rows().assign(w=lambda d: np.where(d.psu == 5, 0, d.w))

    persons, sums = both(data)

    assert sums.sample.n_psu.tolist() == persons.sample.n_psu.tolist()
    scheme = make_scheme(min_valid=1)
    assert_same(scheme.score({"all": sums}), scheme.score({"all": persons}))


def test_a_design_that_looks_inside_psus_needs_persons() -> None:
    two_stages = SurveyDesign(strata="stratum", psu="psu", fpc="psus", psu_size="size")
    certain = SurveyDesign(
        strata="stratum",
        psu="psu",
        frame={"north": StratumFrame(8, certainty=True), "south": StratumFrame(16)},
    )
    data = make_rows().assign(size=1_000)

    with pytest.raises(DesignError, match="column 'size'"):
        aggregate(data, two_stages, BOOK, level="psu")
    with pytest.raises(DesignError, match="certainty PSUs of stratum 'north'"):
        aggregate(data, certain, BOOK, level="psu")


def test_blank_ballots_need_persons() -> None:
    scheme = make_scheme(blank="invalidate_ballot")

    with pytest.raises(SchemeError, match="do not tell ballots apart"):
        scheme.score({"all": both(make_rows())[1]})


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("w", -1.0, "data row 8"),
        ("q1", 7, "'q1' has the answer 7 in data row 8"),
        ("psu", None, "data row 8"),
        ("unit", None, "Data row 8"),
    ],
)
def test_faults_name_the_row_of_the_file(column: str, value: object, says: str) -> None:
    data = make_rows()
    data[column] = data[column].astype(object if column == "unit" else "float64")
    data.loc[7, column] = value
    if column == "q1":
        data = data.astype({"q1": int})

    with pytest.raises(DataError, match=says):
        aggregate(data, CLUSTERS, BOOK, level="psu")


def test_sums_from_elsewhere_become_statistics() -> None:
    found = cells_of(make_rows(), CLUSTERS, BOOK, "unit")
    stored = Cells(found.keys, found.unit, found.rows, found.n, found.weighted, found.scale)

    assert summed(stored, CLUSTERS, BOOK).digest() == both(make_rows())[1].digest()
