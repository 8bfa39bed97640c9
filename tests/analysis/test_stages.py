"""Stages below the first, and PSUs drawn with unequal probabilities."""

import json

import numpy as np
import pandas as pd
import pytest

from analysis.design import Lonely, Pps, StratumFrame, SurveyDesign
from analysis.errors import DataError, DesignError
from analysis.estimation.means import means, totals
from analysis.inclusion import JointProbabilities
from analysis.sample import bind

JOINT = JointProbabilities(("a", "b", "c"), ((0.5, 0.2, 0.2), (0.2, 0.5, 0.2), (0.2, 0.2, 0.5)))
ROWS = pd.DataFrame({"p": list("aabc"), "y": [1.0, 2.0, 4.0, 3.0], "w": 2.0, "pi": 0.5})


def test_second_stage_units_hold_their_persons_together() -> None:
    """Two villages of four in each of two communes of six; persons are summed to the village."""
    data = pd.DataFrame(
        {
            "c": ["a"] * 5 + ["b"] * 4,
            "v": [1, 1, 2, 2, 2, 1, 1, 2, 2],
            "y": [1.0, 2, 3, 4, 6, 2, 2, 5, 3],
            "w": 6.0,
            "N": 6,
            "M": 4,
        }
    )
    design = SurveyDesign(psu="c", ssu="v", weight="w", fpc="N", psu_size="M")

    found = totals(data, design, ["y"])

    villages = 6 * np.array([[3.0, 13.0], [4.0, 8.0]])
    first = (1 - 2 / 6) * 2 * villages.sum(axis=1).var(ddof=1)
    second = 2 / 6 * (1 - 2 / 4) * 2 * villages.var(axis=1, ddof=1).sum()
    assert found.cov[0, 0] == pytest.approx(first + second, rel=1e-12)


def test_without_a_label_of_its_own_the_ballot_is_the_second_stage_unit() -> None:
    data = ROWS.assign(b=range(4), N=6, M=[5, 5, 1, 1])
    plain = SurveyDesign(psu="p", ballot="b", weight="w", fpc="N", psu_size="M")
    named = SurveyDesign(psu="p", ssu="b", weight="w", fpc="N", psu_size="M")

    assert means(data, plain, ["y"]).cov == means(data, named, ["y"]).cov


def test_second_stage_units_of_a_certainty_psu_become_psus() -> None:
    data = pd.DataFrame({"h": "s", "c": 1, "v": [1, 1, 2, 3], "y": [1.0, 2, 3, 4]})
    design = SurveyDesign(
        strata="h", psu="c", ssu="v", frame={"s": StratumFrame(1, certainty=True)}
    )

    sample = bind(design, data)

    assert sample.n_psu.tolist() == [3]
    assert sample.psu_names.tolist() == ["1", "2", "3"]


def test_unnested_labels_must_not_lie_in_two_strata() -> None:
    data = pd.DataFrame({"h": ["a", "a", "b"], "p": [1, 2, 2]})

    assert len(bind(SurveyDesign(strata="h", psu="p"), data).psu_stratum) == 3
    with pytest.raises(DataError, match="'p' names a PSU that lies in two strata in data row 2"):
        bind(SurveyDesign(strata="h", psu="p", nested_psu=False), data)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"ssu": "v"}, "ssu_without_psu"),
        ({"joint": JOINT}, "joint_without_psu"),
        ({"psu": "p", "pps": "brewer"}, "pps_without_inclusion"),
        ({"psu": "p", "pps": "yates_grundy"}, "pps_without_joint"),
        ({"pps": "sampford"}, "unknown_option"),
    ],
)
def test_a_rule_without_what_it_stands_on_is_refused(options: dict, code: str) -> None:
    with pytest.raises(DesignError) as caught:
        SurveyDesign(**options)

    assert caught.value.code == code


def test_the_words_of_r_for_single_psus_are_understood() -> None:
    rules = [SurveyDesign(lonely=word).lonely for word in ("adjust", "certainty", "fail")]

    assert rules == [Lonely.CENTER, Lonely.REMOVE, Lonely.ERROR]


def test_designs_of_before_keep_their_text() -> None:
    old = SurveyDesign(weight="w", psu="p").to_dict()
    new = SurveyDesign(psu="p", joint=JOINT, pps="yates_grundy", ssu="v", nested_psu=False)

    assert not set(old) & {"ssu", "pps", "inclusion", "joint", "nested_psu"}
    assert SurveyDesign.from_dict(json.loads(json.dumps(new.to_dict()))) == new


def test_horvitz_thompson_and_yates_grundy_by_hand() -> None:
    z = np.array([6.0, 8.0, 6.0])
    delta = 1 - 0.25 / 0.2
    ht = (1 - 0.5) * (z**2).sum() + 2 * delta * (z[0] * z[1] + z[0] * z[2] + z[1] * z[2])
    yg = -delta * ((z[0] - z[1]) ** 2 + (z[0] - z[2]) ** 2 + (z[1] - z[2]) ** 2)

    for rule, expected in (("horvitz_thompson", ht), ("yates_grundy", yg)):
        design = SurveyDesign(psu="p", weight="w", joint=JOINT, pps=rule)
        assert totals(ROWS, design, ["y"]).cov[0, 0] == pytest.approx(expected, rel=1e-12)


def test_a_psu_that_kept_silent_still_stands_in_yates_grundys_sum() -> None:
    design = SurveyDesign(psu="p", weight="w", joint=JOINT, pps="yates_grundy")
    zero = ROWS.assign(y=ROWS.y.where(ROWS.p != "c", 0.0))

    silent = totals(ROWS[ROWS.p != "c"], design, ["y"])

    assert silent.cov[0, 0] == pytest.approx(totals(zero, design, ["y"]).cov[0, 0], rel=1e-12)


def test_brewer_by_hand_and_with_a_silent_psu() -> None:
    data = pd.DataFrame({"p": list("abc"), "y": [1.0, 4.0, 3.0], "pi": [0.5, 0.2, 0.8]})
    design = SurveyDesign(psu="p", pps="brewer", inclusion="pi")
    frame = {"": StratumFrame(4)}
    silent = SurveyDesign(psu="p", pps="brewer", inclusion="pi", frame=frame)

    found, more = (totals(data, one, ["y"]).cov[0, 0] for one in (design, silent))

    y, left = data.y.to_numpy(), 1 - data.pi.to_numpy()
    assert found == pytest.approx(1.5 * (left * (y - y.mean()) ** 2).sum(), rel=1e-12)
    y, left = np.append(y, 0), np.append(left, left.mean())
    assert more == pytest.approx(4 / 3 * (left * (y - y.mean()) ** 2).sum(), rel=1e-12)


def test_equal_probabilities_make_brewer_the_ordinary_formula() -> None:
    data = ROWS.assign(N=6)

    brewer = means(data, SurveyDesign(psu="p", weight="w", pps="brewer", inclusion="pi"), ["y"])
    plain = means(data, SurveyDesign(psu="p", weight="w", fpc="N"), ["y"])

    assert brewer.cov[0, 0] == pytest.approx(plain.cov[0, 0], rel=1e-12)


def test_a_superpopulation_knows_no_inclusion_probability() -> None:
    brewer = SurveyDesign(
        psu="p", weight="w", pps="brewer", inclusion="pi", inference="superpopulation"
    )

    assert (
        means(ROWS, brewer, ["y"]).cov == means(ROWS, SurveyDesign(psu="p", weight="w"), ["y"]).cov
    )


def test_a_psu_taken_for_certain_by_its_size_is_not_lonely() -> None:
    data = pd.DataFrame({"h": list("abb"), "p": [1, 2, 3], "pi": [1.0, 0.5, 0.5], "y": [1.0, 2, 4]})
    design = SurveyDesign(strata="h", psu="p", pps="brewer", inclusion="pi")

    assert means(data, design, ["y"]).cov[0, 0] > 0
    with pytest.raises(DesignError, match="'a' has a single sampled PSU"):
        means(data.assign(pi=0.5), design, ["y"])


def test_persons_drawn_with_unequal_probabilities_keep_theirs_in_any_order() -> None:
    data = pd.DataFrame({"y": [1.0, 4.0, 3.0], "pi": [0.5, 0.2, 0.8]})
    sample = bind(SurveyDesign(pps="brewer", inclusion="pi"), data)

    assert sample.take(np.array([2, 0, 1])).psu_fraction.tolist() == [0.8, 0.5, 0.2]


@pytest.mark.parametrize(
    ("values", "code"), [([0.0, 0.5, 0.5], "bad_inclusion"), ([0.4, 0.5, 0.5], "inclusion_varies")]
)
def test_impossible_inclusion_probabilities_are_named_with_their_row(
    values: list[float], code: str
) -> None:
    data = pd.DataFrame({"p": list("aab"), "pi": values})

    with pytest.raises(DataError, match="data row 1") as caught:
        bind(SurveyDesign(psu="p", pps="brewer", inclusion="pi"), data)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("labels", "rows", "says"),
    [
        (("a", "b"), ((0.5, 0.2),), "is not a table of 2 by 2"),
        (("a", "a"), ((0.5, 0.2), (0.2, 0.5)), "names the PSU 'a' twice"),
        (("a", "b"), ((0.5, 0.0), (0.0, 0.5)), "no probability for 'a' and 'b'"),
        (("a", "b"), ((0.5, 0.2), (0.3, 0.5)), "two things of 'a' and 'b'"),
    ],
)
def test_impossible_joint_probabilities_are_refused(
    labels: tuple[str, ...], rows: tuple[tuple[float, ...], ...], says: str
) -> None:
    with pytest.raises(DesignError, match=says):
        JointProbabilities(labels, rows)


def test_an_empty_cell_of_the_table_is_an_independent_pair() -> None:
    table = pd.DataFrame({"a": [0.5, np.nan], "b": [np.nan, 0.4]})

    assert JointProbabilities.from_frame(table).table()[0, 1] == pytest.approx(0.2)


def test_psus_are_found_in_the_table_by_their_labels() -> None:
    design = SurveyDesign(psu="p", strata="h", joint=JOINT, pps=Pps.HORVITZ_THOMPSON)

    with pytest.raises(DesignError, match="'z' is not in the table"):
        bind(design, pd.DataFrame({"p": ["a", "z"], "h": 1}))
    with pytest.raises(DesignError, match="'a' lies in two strata"):
        bind(design, pd.DataFrame({"p": ["a", "a"], "h": [1, 2]}))


@pytest.mark.parametrize("rule", ["center", "average"])
def test_rules_for_single_psus_look_at_each_variable_by_itself(rule: str) -> None:
    data = pd.DataFrame(
        {
            "h": ["a", "b", "b", "c", "c"],
            "p": [1, 2, 3, 4, 5],
            "y": [1.0, 2.0, 5.0, 3.0, 4.0],
            "x": [np.nan, 1.0, 2.0, np.nan, np.nan],
        }
    )
    design = SurveyDesign(strata="h", psu="p", lonely=rule)

    both = totals(data, design, ["y", "x"])
    alone = [totals(data, design, [name]).cov[0, 0] for name in ("y", "x")]

    np.testing.assert_allclose(np.diag(both.cov), alone, rtol=1e-12)
    if rule == "center":
        mean = data.y.sum() / 5
        assert alone[0] == pytest.approx(9 + 1 + (1 - mean) ** 2, rel=1e-12)
    else:
        assert alone[0] == pytest.approx((9 + 1) * 3 / 2, rel=1e-12)
