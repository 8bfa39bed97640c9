"""Other choices of method give what the changed scheme gives."""

import pytest

from analysis.errors import SchemeError
from analysis.index.scheme import IndexScheme
from analysis.totals import aggregate
from tests.analysis.test_cells import BOOK, CLUSTERS, make_rows

TABLE = {"1": "1", "2": "0.6", "3": "0.2", "4": "0"}
STRICT = {1: "1", 2: "0", 3: "0", 4: "0"}


def make_scheme(points: tuple[str, str] = ("2", "3"), table: object = TABLE) -> IndexScheme:
    leaves = [
        {
            "code": f"1.{place + 1}",
            "points": p,
            "groups": [
                {"group": "all", "questions": [{"item": f"q{place + 1}", "coefficients": table}]}
            ],
        }
        for place, p in enumerate(points)
    ]
    return IndexScheme.from_dict({"leaves": leaves, "options": {"min_valid": 1}})


@pytest.mark.parametrize("level", ["person", "psu"])
def test_other_points_and_coefficients_score_as_the_changed_scheme(level: str) -> None:
    statistics = {"all": aggregate(make_rows(), CLUSTERS, BOOK, level=level)}
    result = make_scheme().score(statistics)

    found = result.what_if(points={"1.1": "5"}, coefficients={"q1": STRICT, "q2": STRICT})

    wanted = make_scheme(("5", "3"), {str(k): v for k, v in STRICT.items()}).score(statistics)
    assert found.units.equals(wanted.units)
    assert found.cov.equals(wanted.cov)
    assert result.maximum == 5


def test_a_dropped_leaf_leaves_the_maximum() -> None:
    result = make_scheme().score({"all": aggregate(make_rows(), CLUSTERS, BOOK)})

    found = result.what_if(drop=["1.2"])

    assert found.leaf_codes == ("1.1",)
    assert found.maximum == 2
    assert found.leaf_points("A", "1.1") == result.leaf_points("A", "1.1")


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"points": {"9.9": "1"}}, "leaf '9.9'"),
        ({"drop": ["1.1", "1.2"]}, "drops every leaf"),
        ({"coefficients": {"q7": {1: "1"}}}, "item 'q7'"),
        ({"group_weights": {"1.1": {"staff": "1"}}}, "group 'staff'"),
        ({"group_weights": {"1.1": {"all": "0.5"}}}, "add up to"),
        ({"question_weights": {"1.1": {"all": {"q2": "1"}}}}, "item 'q2'"),
        ({"options": {"min_valid": -1}}, "min_valid"),
    ],
)
def test_a_variant_that_does_not_fit_is_refused(choices: dict[str, object], says: str) -> None:
    result = make_scheme().score({"all": aggregate(make_rows(), CLUSTERS, BOOK)})

    with pytest.raises(SchemeError, match=says):
        result.what_if(**choices)
