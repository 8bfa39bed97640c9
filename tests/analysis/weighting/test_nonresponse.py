"""Weighting classes: factors by hand, merging along a declared order, and its limits."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DataError, DesignError
from analysis.weighting.merging import Merge, merge_thin
from analysis.weighting.nonresponse import NonresponseClasses
from analysis.weighting.plan import Weighted, WeightingPlan
from analysis.weights import Ints


def invited(counts: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """So many people invited, and of them so many who answered, in each class."""
    rows = [
        (*label.split("."), int(number < answered))
        for label, (people, answered) in counts.items()
        for number in range(people)
    ]
    columns = ["region", "age"][: len(rows[0]) - 1]
    return pd.DataFrame(rows, columns=[*columns, "answered"])


def adjusted(data: pd.DataFrame, **declared: object) -> Weighted:
    step = NonresponseClasses(responded="answered", **declared)
    return WeightingPlan((step,)).apply(data, SurveyDesign())


def merges(weighted: Weighted) -> list[tuple[str, str, int]]:
    events = weighted.report.events
    rows = events[events.kind == "merge"][["place", "reason", "n"]]
    return list(rows.itertuples(index=False, name=None))


def factors(weighted: Weighted) -> dict[str, float]:
    events = weighted.report.events
    return events[events.kind == "factor"].set_index("place").amount.to_dict()


def test_those_who_answered_stand_for_their_class() -> None:
    data = invited({"N": (40, 20), "S": (30, 25)})

    weighted = adjusted(data, classes=("region",))

    assert factors(weighted) == {"N": 2.0, "S": 1.2}
    assert weighted.weights.sum() == pytest.approx(70)
    assert (weighted.weights[data.answered == 0] == 0).all()
    assert len(weighted.respondents) == 45


def test_class_with_few_respondents_joins_the_next_in_the_order() -> None:
    data = invited({"A": (30, 25), "B": (20, 19), "C": (40, 30), "D": (50, 20)})

    weighted = adjusted(data, classes={"region": ["D", "B", "C", "A"]})

    assert merges(weighted) == [("B → C", "19 respondents, fewer than 20", 19)]
    assert factors(weighted) == {"A": 1.2, "B + C": 60 / 49, "D": 2.5}


def test_class_with_a_large_factor_joins_too() -> None:
    data = invited({"A": (90, 29), "B": (40, 40)})

    weighted = adjusted(data, classes={"region": ["A", "B"]})

    assert merges(weighted) == [("A → B", "factor 3.1, above 3", 29)]
    assert factors(weighted) == {"A + B": 130 / 69}


def test_last_class_of_the_order_joins_the_one_before() -> None:
    data = invited({"A": (30, 25), "B": (30, 25), "C": (10, 5)})

    assert merges(adjusted(data, classes={"region": ["A", "B", "C"]}))[0][0] == "C → B"


def test_ages_of_a_region_merge_before_regions_do() -> None:
    data = invited(
        {
            "N.old": (10, 6),
            "N.young": (9, 7),
            "S.old": (40, 30),
            "S.young": (40, 35),
            "W.old": (40, 25),
            "W.young": (40, 24),
        }
    )

    weighted = adjusted(data, classes={"region": ["N", "S", "W"], "age": ["young", "old"]})

    assert [place for place, *_ in merges(weighted)] == [
        "N.young → N.old",
        "N.old + N.young → S.old + S.young",
    ]
    assert factors(weighted)["W.old"] == 1.6
    assert factors(weighted)["N.old + N.young + S.old + S.young"] == 99 / 78


def test_weights_of_those_invited_enter_the_factor() -> None:
    data = invited({"N": (40, 20)}).assign(w=[1.0] * 20 + [3.0] * 20)
    step = NonresponseClasses(classes=("region",), responded="answered", max_factor=5)

    weighted = WeightingPlan((step,)).apply(data, SurveyDesign(weight="w"))

    assert factors(weighted) == {"N": 4.0}


def test_without_an_order_a_thin_class_is_an_error_that_names_it() -> None:
    with pytest.raises(DesignError, match="'N' of region has 3 respondents, fewer") as raised:
        adjusted(invited({"N": (5, 3), "S": (30, 25)}), classes=("region",))

    assert raised.value.code == "thin_class"
    assert raised.value.attributes["weighting_class"] == "N"


def test_class_that_stays_thin_when_all_are_merged_is_an_error() -> None:
    data = invited({"N": (5, 3), "S": (6, 5)})

    with pytest.raises(DesignError, match=r"'N \+ S' of region has 8 respondents"):
        adjusted(data, classes={"region": ["N", "S"]})


def test_class_in_which_nobody_answered_is_merged() -> None:
    data = invited({"N": (5, 0), "S": (30, 25)})

    weighted = adjusted(data, classes={"region": ["N", "S"]}, min_respondents=0)

    assert factors(weighted) == {"N + S": 1.4}


def test_replicate_in_which_nobody_of_a_class_answered_is_an_error() -> None:
    data = invited({"N": (40, 20), "S": (30, 25)})
    weighted = adjusted(data, classes=("region",))
    only_silent = np.where((data.region == "N") & (data.answered == 1), 0.0, 1.0)

    with pytest.raises(DesignError, match="Nobody answered in nonresponse class 'N'"):
        weighted.propagate(only_silent)


def test_replicates_keep_the_classes_and_estimate_their_own_factors() -> None:
    data = invited({"N": (40, 20), "S": (30, 25), "W": (10, 6)})
    weighted = adjusted(data, classes={"region": ["N", "S", "W"]})
    one_out = np.ones((80, 2))
    one_out[0, 1] = 0

    replicates = weighted.propagate(one_out)

    np.testing.assert_allclose(replicates[:, 0], weighted.weights)
    assert replicates[1, 1] == pytest.approx(39 / 19)
    assert replicates[79 - 39, 1] == pytest.approx(40 / 31)


def test_label_outside_the_declared_order_is_named() -> None:
    with pytest.raises(DesignError, match="'S' of 'region' is not in the declared order"):
        adjusted(invited({"N": (30, 25), "S": (30, 25)}), classes={"region": ["N"]})


@pytest.mark.parametrize("value", [2, -1, None, "yes"])
def test_response_that_is_neither_yes_nor_no_names_its_row(value: object) -> None:
    data = invited({"N": (30, 25)}).astype({"answered": object})
    data.loc[4, "answered"] = value

    with pytest.raises(DataError, match="'answered' is neither 0 nor 1 in data row 5"):
        adjusted(data, classes=("region",))


def test_truth_values_are_read_as_well() -> None:
    data = invited({"N": (30, 25)})

    weighted = adjusted(data.assign(answered=data.answered == 1), classes=("region",))

    assert weighted.weights[0] == 1.2


def test_merging_stops_when_all_classes_are_one() -> None:
    def fault(members: Ints) -> str:
        return "thin"

    merges, group = merge_thin([(0, 0), (0, 1), (1, 0)], fault)

    assert merges == (Merge((0,), (1,), "thin"), Merge((0, 1), (2,), "thin"))
    assert group.tolist() == [0, 0, 0]
