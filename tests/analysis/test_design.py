import json

import numpy as np
import pandas as pd
import pytest

from analysis.design import Lonely, StratumFrame, SurveyDesign
from analysis.errors import AnalysisError, DataError, DesignError
from analysis.estimation.means import means
from analysis.sample import bind


def rows(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


TWO_STRATA = rows(h=["a", "a", "b", "b"], p=[1, 2, 1, 2], w=[1, 1, 2, 2], y=[1.0, 3.0, 2.0, 6.0])


def test_design_survives_json() -> None:
    design = SurveyDesign(
        strata="h",
        weight="w",
        lonely="collapse",
        inference="superpopulation",
        frame={"a": StratumFrame(1, 10, collapse_to="b"), "b": StratumFrame(4, None, True)},
    )

    assert SurveyDesign.from_dict(json.loads(json.dumps(design.to_dict()))) == design


def test_errors_are_value_errors_with_code_hint_and_values() -> None:
    error = DesignError("some_code", "Stratum 'a' is wrong.", "Mend it.", stratum="a")

    assert isinstance(error, AnalysisError)
    assert isinstance(error, ValueError)
    assert (error.code, error.hint, error.attributes) == ("some_code", "Mend it.", {"stratum": "a"})
    assert str(error) == "Stratum 'a' is wrong. Mend it."


@pytest.mark.parametrize("option", ["lonely", "census_blanks", "inference"])
def test_unknown_option_is_refused_with_the_known_ones(option: str) -> None:
    with pytest.raises(DesignError, match="Choose one of") as caught:
        SurveyDesign(**{option: "maybe"})

    assert caught.value.attributes["option"] == option


def test_certainty_is_another_word_for_remove() -> None:
    assert SurveyDesign(lonely="certainty").lonely is Lonely.REMOVE


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"a": StratumFrame(0)}, "empty_stratum"),
        ({"a": StratumFrame(5, 4)}, "population_too_small"),
        ({"a": StratumFrame(1, collapse_to="x")}, "bad_collapse"),
        ({"a": StratumFrame(1, collapse_to="a")}, "bad_collapse"),
    ],
)
def test_impossible_frames_are_refused_with_the_stratum(
    frame: dict[str, StratumFrame], code: str
) -> None:
    with pytest.raises(DesignError, match="'a'") as caught:
        SurveyDesign(frame=frame)

    assert (caught.value.code, caught.value.attributes["stratum"]) == (code, "a")


def test_unknown_key_and_digits_are_refused() -> None:
    with pytest.raises(DesignError, match="unknown key: clusters"):
        SurveyDesign.from_dict({"clusters": "p"})
    with pytest.raises(DesignError, match="0 to 15"):
        SurveyDesign(weight_digits=16)


def test_missing_column_is_named_with_those_that_exist() -> None:
    with pytest.raises(DataError, match=r"'cluster'.* The data have: h, p, w, y"):
        bind(SurveyDesign(psu="cluster"), TWO_STRATA)


@pytest.mark.parametrize(("value", "code"), [(-1, "bad_weight"), ("x", "bad_weight")])
def test_bad_weight_is_named_with_its_row(value: object, code: str) -> None:
    with pytest.raises(DataError, match="data row 2") as caught:
        bind(SurveyDesign(weight="w"), rows(w=[1, value]))

    assert (caught.value.code, caught.value.attributes["row"]) == (code, 2)


def test_weights_too_large_for_their_digits_are_refused() -> None:
    with pytest.raises(DataError, match="fewer weight_digits"):
        bind(SurveyDesign(weight="w"), rows(w=[1e9, 9e9]))


def test_missing_stratum_label_is_named_with_its_row() -> None:
    with pytest.raises(DataError, match="Column 'h' has no value in data row 2"):
        bind(SurveyDesign(strata="h"), rows(h=["a", None]))


def test_ballot_in_two_strata_is_refused() -> None:
    data = rows(h=["a", "b", "a"], ballot=[1, 1, 2])

    with pytest.raises(DataError, match="a ballot that lies in two strata"):
        bind(SurveyDesign(strata="h", ballot="ballot"), data)


def test_two_population_sizes_in_a_stratum_are_refused() -> None:
    with pytest.raises(DataError, match="stratum 'a' two population sizes"):
        bind(SurveyDesign(strata="h", fpc="N"), rows(h=["a", "a"], N=[10, 12]))


def test_population_smaller_than_the_sample_is_refused() -> None:
    with pytest.raises(DesignError, match="3 sampled PSUs but a population of 2"):
        bind(SurveyDesign(fpc="N"), rows(N=[2, 2, 2]))


def test_stratum_that_the_frame_lacks_is_named() -> None:
    design = SurveyDesign(strata="h", psu="p", frame={"a": StratumFrame(2)})

    with pytest.raises(DesignError, match="'b' of the data is not in the frame"):
        bind(design, TWO_STRATA)


def test_more_psus_than_sampled_are_refused() -> None:
    design = SurveyDesign(strata="h", psu="p", frame={"a": StratumFrame(1), "b": StratumFrame(2)})

    with pytest.raises(DesignError, match="answers from 2 PSUs, but 1 were sampled"):
        bind(design, TWO_STRATA)


def test_psus_without_answers_count_as_sampled() -> None:
    """n_h of the frame enters n/(n-1) and f; the silent PSUs have total 0."""
    frame = {"a": StratumFrame(4, 40), "b": StratumFrame(2, 20)}
    design = SurveyDesign(strata="h", psu="p", weight="w", frame=frame)

    found = means(TWO_STRATA, design, ["y"])

    mean = (1 + 3 + 4 + 12) / 6
    za = np.array([(1 - mean) / 6, (3 - mean) / 6, 0, 0])
    zb = np.array([2 * (2 - mean) / 6, 2 * (6 - mean) / 6])
    expected = 0.9 * 4 * za.var(ddof=1) + 0.9 * 2 * zb.var(ddof=1)
    assert found.cov[0, 0] == pytest.approx(expected, rel=1e-12)


def test_lonely_stratum_joins_the_declared_one() -> None:
    data = rows(h=["a", "b", "b"], y=[1.0, 2.0, 4.0])
    frame = {"a": StratumFrame(1, 10, collapse_to="b"), "b": StratumFrame(2, 20)}
    joined = SurveyDesign(strata="h", lonely="collapse", frame=frame)

    found = means(data, joined, ["y"])
    plain = means(data.assign(N=30), SurveyDesign(fpc="N"), ["y"])

    assert found.cov[0, 0] == pytest.approx(plain.cov[0, 0], rel=1e-12)


def test_collapse_without_a_target_is_still_an_error() -> None:
    frame = {"a": StratumFrame(1, 10), "b": StratumFrame(2, 20)}

    with pytest.raises(DesignError, match="'a' has a single sampled PSU"):
        bind(
            SurveyDesign(strata="h", lonely="collapse", frame=frame), rows(h=["a", "b", "b"])
        ).check_single()


def test_single_psu_that_is_the_whole_stratum_is_not_lonely() -> None:
    data = rows(h=["a", "b", "b"], N=[1, 20, 20], y=[1.0, 2.0, 4.0])

    found = means(data, SurveyDesign(strata="h", fpc="N"), ["y"])

    assert found.cov[0, 0] > 0


def test_persons_of_a_certainty_psu_become_the_psus_of_their_own_stratum() -> None:
    data = rows(h=["a"] * 4 + ["b"] * 4, p=[1, 1, 2, 2] * 2, y=[1.0, 2, 3, 5, 1, 2, 4, 4])
    frame = {"a": StratumFrame(2, certainty=True), "b": StratumFrame(2, 10)}
    design = SurveyDesign(strata="h", psu="p", frame=frame)

    sample = bind(design, data)

    assert sample.n_psu.tolist() == [2, 2, 2]
    assert sorted(sample.strata) == ["a [certainty PSU 1]", "a [certainty PSU 2]", "b"]
    assert sample.certainty.tolist() == [False, True, True]
    assert means(data, design, ["y"]).df[0] == 1


def test_no_rows_are_no_error() -> None:
    sample = bind(SurveyDesign(strata="h", weight="w"), TWO_STRATA.iloc[:0])

    assert sample.strata == ()
