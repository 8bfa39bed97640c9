"""Change between waves by hand, at its edges, and where samples overlap."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.design import StratumFrame, SurveyDesign
from analysis.errors import DesignError, SchemeError
from analysis.estimation.differences import differences_from_zero
from analysis.estimation.means import means
from analysis.estimation.multiple import adjust
from analysis.index.result import IndexResult
from analysis.index.scheme import IndexScheme
from analysis.totals import aggregate
from tests.analysis.index.test_variants import make_scheme
from tests.analysis.making import FOUR, make_statistics
from tests.analysis.making import make_scheme as make_leaf
from tests.analysis.test_cells import BOOK, CLUSTERS, make_rows

PANEL = SurveyDesign(weight="w", strata="stratum", psu="psu")


def wave(seed: int = 1, design: SurveyDesign = CLUSTERS, **more: object) -> IndexResult:
    statistics = aggregate(make_rows(seed=seed), design, BOOK, **more)  # type: ignore[arg-type]
    return make_scheme().score({"all": statistics})


def draw(seed: int, psus: range, strata: str = "NS") -> pd.DataFrame:
    """Twelve answers in each PSU, PSUs alternating between the strata."""
    random = np.random.default_rng(seed)
    psu = np.repeat(list(psus), 12)
    return pd.DataFrame(
        {
            "stratum": np.array(list(strata))[psu % len(strata)],
            "psu": psu,
            "w": 1 + psu % 3,
            "unit": random.choice(["A", "B"], len(psu)),
            "q1": random.integers(1, 5, len(psu)),
        }
    )


def scored(data: pd.DataFrame, design: SurveyDesign = PANEL) -> IndexResult:
    return make_leaf(min_valid=1).score({"all": make_statistics(data, design)})


def stacked(first: pd.DataFrame, second: pd.DataFrame, design: SurveyDesign = PANEL):
    """The change from one file of both waves, by another way through the library."""
    value = {int(code): 2 * float(coefficient) for code, coefficient in FOUR.items()}
    rows = pd.concat([first.assign(wave=1), second.assign(wave=2)])
    cells = means(rows.assign(y=rows.q1.map(value)), design, ["y"], by=["wave", "unit"])
    return cells.contrasts({u: {f"2.{u}:y": 1, f"1.{u}:y": -1} for u in "AB"})


def test_independent_waves_are_welch_s_test() -> None:
    random = np.random.default_rng(3)
    first, second = (pd.DataFrame({"unit": "A", "q1": random.integers(1, 5, n)}) for n in (30, 50))

    row = scored(second, SurveyDesign()).compare(scored(first, SurveyDesign())).table.iloc[0]

    value = {int(code): 2 * float(coefficient) for code, coefficient in FOUR.items()}
    welch = stats.ttest_ind(second.q1.map(value), first.q1.map(value), equal_var=False)
    assert float(row.change) == pytest.approx(welch.statistic * row.se)
    assert (row.df, row.p) == pytest.approx((welch.df, welch.pvalue))
    interval = welch.confidence_interval(0.95)
    assert [row.ci_low, row.ci_high] == pytest.approx([interval.low, interval.high])


@pytest.mark.parametrize("second", [range(20), range(8, 24), range(18, 40)])
def test_waves_that_share_all_half_or_few_psus_equal_one_stacked_file(second: range) -> None:
    old, new = draw(1, range(20)), draw(2, second)

    found = scored(new).compare(scored(old), shared=["all"])

    wanted = stacked(old, new)
    np.testing.assert_allclose([float(c) for c in found.change], wanted.estimate, rtol=1e-12)
    np.testing.assert_allclose(found.cov, wanted.cov, rtol=1e-10)
    assert found.df.tolist() == wanted.df.tolist()
    assert found.terms[0].common == len(set(range(20)) & set(second))
    assert f"all ({found.terms[0].common} PSUs)" in found.convention


def test_persons_who_answer_twice_make_a_paired_test() -> None:
    random = np.random.default_rng(4)
    first = pd.DataFrame(
        {"unit": "A", "who": [f"p{i}" for i in range(40)], "q1": random.integers(1, 5, 40)}
    )
    second = first.assign(q1=np.clip(first.q1 + random.integers(-1, 2, 40), 1, 4))
    design = SurveyDesign(ballot="who")

    row = (
        scored(second.sample(frac=1, random_state=1), design)
        .compare(scored(first, design), shared=["all"])
        .table.iloc[0]
    )

    value = {int(code): 2 * float(coefficient) for code, coefficient in FOUR.items()}
    paired = stats.ttest_rel(second.q1.map(value), first.q1.map(value))
    assert (row.t, row.df, row.p) == pytest.approx((paired.statistic, 39, paired.pvalue))


def test_what_is_left_to_chance_inside_shared_psus_is_counted() -> None:
    design = SurveyDesign(weight="w", strata="stratum", psu="psu", fpc="psus", psu_size="size")
    old, new = (draw(s, range(20)).assign(psus=25, size=30) for s in (1, 2))

    two = scored(new, design).compare(scored(old, design), shared=["all"], inference="finite")
    one_stage = SurveyDesign(weight="w", strata="stratum", psu="psu", fpc="psus")
    one = scored(new, one_stage).compare(scored(old, one_stage), shared=["all"], inference="finite")

    within = [scored(data, design).cov - scored(data, one_stage).cov for data in (old, new)]
    np.testing.assert_allclose(two.cov - one.cov, within[0] + within[1], rtol=1e-9)
    assert (two.se > one.se).all()


def test_certainty_psus_keep_their_strata_and_give_no_degrees_of_freedom() -> None:
    frame = {"N": StratumFrame(1, 1, certainty=True), "S": StratumFrame(10, 50)}
    design = SurveyDesign(weight="w", strata="stratum", psu="psu", ballot="who", frame=frame)

    def data(seed: int) -> pd.DataFrame:
        rows = draw(seed, range(1, 20, 2), "SS").assign(stratum="S")
        capital = draw(seed, range(1)).assign(stratum="N")
        both = pd.concat([rows, capital], ignore_index=True)
        return both.assign(who=both.groupby("psu").cumcount())

    found = scored(data(2), design).compare(scored(data(1), design), shared=["all"])

    assert found.df.tolist() == [9, 9]


def test_a_wave_compared_with_itself_has_not_changed() -> None:
    found = wave().compare(wave(), shared=["all"]).table

    assert [float(c) for c in found.change] == [0, 0, 0]
    assert set(found.reason) == {"zero_variance"}


def test_a_changed_census_is_a_fact() -> None:
    design = SurveyDesign(fpc="N")
    first, second = (
        pd.DataFrame({"unit": "A", "q1": codes, "N": 3}) for codes in ([1, 1, 2], [1, 3, 4])
    )

    lists = scored(second, design).compare(scored(first, design), inference="finite").table
    behind = scored(second, design).compare(scored(first, design)).table

    assert lists.reason.tolist() == ["census"]
    assert lists.ci_low[0] == lists.ci_high[0] == float(lists.change[0])
    assert behind.reason.tolist() == [""]


def test_tests_speak_of_performance_unless_told_otherwise() -> None:
    behind, lists = (wave(2).compare(wave(1), **choice) for choice in ({}, {"inference": "finite"}))

    assert (behind.se > lists.se).all()
    assert "inference superpopulation" in behind.convention
    assert "independent" in behind.convention


def test_changes_of_several_units_combine_with_their_covariance() -> None:
    found = wave(2).compare(wave(1), shared=["all"])

    gap, mean = found.contrast({"A": 1, "B": -1}), found.contrast(dict.fromkeys("ABC", "1/3"))
    alone = found.contrast({"A": 1})

    cov = found.cov.to_numpy()
    assert gap.se == pytest.approx(np.sqrt(cov[0, 0] + cov[1, 1] - 2 * cov[0, 1]))
    assert mean.se == pytest.approx(np.sqrt(cov.sum() / 9))
    assert mean.estimate == sum(c for c in found.change if c is not None) / 3
    row = found.table.iloc[0]
    assert (alone.se, alone.df, alone.ci_low) == pytest.approx((row.se, row.df, row.ci_low))
    with pytest.raises(SchemeError, match="Unit 'Z' is not in both waves"):
        found.contrast({"Z": 1})


def test_each_leaf_is_compared_and_all_tests_are_adjusted_together() -> None:
    found = wave(2).compare_leaves(wave(1))

    assert found.leaf.tolist() == ["1.1"] * 3 + ["1.2"] * 3
    np.testing.assert_allclose(found.p_holm, adjust(found.p.to_numpy()).holm)
    one = wave(2).compare(wave(1), leaves=["1.2"]).table
    np.testing.assert_allclose(found.se[3:], one.se)
    whole = wave(2).compare(wave(1)).table
    for place in range(3):
        parts = found.change[found.unit == whole.unit[place]]
        assert sum(parts) == whole.change[place]


def two_groups(rows: Mapping[str, pd.DataFrame]) -> IndexResult:
    scheme = make_leaf({"citizens": "0.6", "staff": "0.4"}, min_valid=1)
    return scheme.score({name: make_statistics(data, PANEL) for name, data in rows.items()})


def test_one_group_may_be_shared_and_the_other_apart() -> None:
    old = two_groups({"citizens": draw(1, range(20)), "staff": draw(3, range(16))})
    new = two_groups({"citizens": draw(2, range(20)), "staff": draw(4, range(16))})

    found = new.compare(old, shared=["citizens"])

    assert [(t.group, t.waves) for t in found.terms] == [
        ("citizens", "both"),
        ("staff", "later"),
        ("staff", "earlier"),
    ]
    shared = scored(draw(2, range(20))).compare(scored(draw(1, range(20))), shared=["all"])
    np.testing.assert_allclose(found.terms[0].cov, shared.cov * 0.36, rtol=1e-10)
    assert found.shared == ("citizens",)


def test_a_unit_scored_on_other_leaves_has_no_change() -> None:
    scheme = IndexScheme.from_dict(make_scheme().to_dict() | {"options": {"min_valid": 1}})
    rows = make_rows(seed=2)
    silent = rows.assign(q2=rows.q2.where(rows.unit != "A", 0))
    old, new = (scheme.score({"all": aggregate(d, CLUSTERS, BOOK)}) for d in (rows, silent))

    found = new.compare(old).table

    assert found.reason.tolist() == ["different_leaves", "", ""]
    assert found.change[0] is None
    assert np.isnan(found.p[0])
    assert new.compare(old, leaves=["1.1"]).table.reason.tolist() == [""] * 3


def test_the_scheme_must_be_the_same_or_be_bridged() -> None:
    harder = make_scheme(("2", "4")).score({"all": aggregate(make_rows(), CLUSTERS, BOOK)})

    with pytest.raises(SchemeError, match=r"Leaf '1\.2' is not scored the same way"):
        harder.compare(wave())
    bridged = harder.compare(wave(2), leaves=["1.1"])
    assert (bridged.maximum, bridged.leaves) == (2, ("1.1",))
    with pytest.raises(SchemeError, match="Leaf '7' is not in"):
        harder.compare(wave(), leaves=["7"])


def test_rules_of_scoring_must_be_the_same_and_those_of_printing_need_not() -> None:
    strict = wave(2).what_if(options={"dont_know": "zero"})

    with pytest.raises(SchemeError, match="rule 'dont_know' is exclude in the earlier"):
        strict.compare(wave())
    assert strict.compare(wave().what_if(options={"dont_know": "zero", "decimals": 1})).units


def test_waves_without_a_common_unit_are_refused() -> None:
    others = draw(2, range(20)).replace({"unit": {"A": "X", "B": "Y"}})

    with pytest.raises(SchemeError, match="no unit in common"):
        scored(others).compare(scored(draw(1, range(20))))


def test_persons_without_labels_cannot_be_shared() -> None:
    plain = make_scheme().score({"all": aggregate(make_rows(), SurveyDesign(), BOOK)})

    with pytest.raises(DesignError, match="no labels by which"):
        plain.compare(plain, shared=["all"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"psu": lambda d: d.psu + 100}, "nothing_shared"),
        ({"stratum": lambda d: d.stratum.where(d.psu != 3, "N")}, "psu_moved"),
        ({"psus": 90}, "population_changed"),
    ],
)
def test_psus_that_do_not_match_are_named(change: dict, code: str) -> None:
    design = SurveyDesign(weight="w", strata="stratum", psu="psu", fpc="psus")
    rows = draw(1, range(20)).assign(psus=40)

    with pytest.raises(DesignError) as caught:
        scored(rows.assign(**change), design).compare(
            scored(rows, design), shared=["all"], inference="finite"
        )

    assert caught.value.code == code


def test_a_group_that_one_wave_lacks_cannot_be_shared() -> None:
    with pytest.raises(SchemeError, match="Group 'staff' is said to be shared"):
        wave().compare(wave(), shared=["staff"])


def test_unequal_probabilities_cannot_be_stacked_in_a_finite_population() -> None:
    design = SurveyDesign(weight="w", strata="stratum", psu="psu", pps="brewer", inclusion="p")
    rows = draw(1, range(20)).assign(p=0.4)

    with pytest.raises(DesignError, match="unequal probabilities"):
        scored(rows, design).compare(scored(rows, design), shared=["all"], inference="finite")
    assert scored(rows, design).compare(scored(rows, design), shared=["all"]).units == ("A", "B")


def test_contrasts_of_a_stacked_file_are_tested_with_the_degrees_of_its_design() -> None:
    cells = stacked(draw(1, range(20)), draw(2, range(20)))

    found = differences_from_zero(cells, df=float(cells.design_df))

    assert found.df.tolist() == [18, 18]
    assert found.table.p_holm.max() <= 1
