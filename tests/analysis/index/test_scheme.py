import copy
import json
from fractions import Fraction
from typing import Any

import pytest

from analysis.errors import SchemeError
from analysis.index.scheme import IndexScheme
from tests.analysis.making import FOUR

PLAIN: dict[str, Any] = {
    "leaves": [
        {
            "code": "1.1",
            "points": "2.5",
            "groups": [
                {
                    "group": "leaders",
                    "weight": "0.4",
                    "questions": [
                        {"item": "q1", "weight": "0.25", "coefficients": FOUR},
                        {"item": "q2", "weight": "0.75", "coefficients": FOUR},
                    ],
                },
                {
                    "group": "staff",
                    "weight": "0.6",
                    "questions": [
                        {"item": "q1", "weight": "0.25", "coefficients": FOUR},
                        {"item": "q2", "weight": "0.75", "coefficients": FOUR},
                    ],
                },
            ],
        }
    ],
    "options": {"decimals": 3, "rounding": "down", "blank_percent": "33.5", "rank_precision": 2},
}


def changed(**paths: object) -> dict[str, Any]:
    """The scheme with a value of its first leaf, group or question replaced."""
    plain = copy.deepcopy(PLAIN)
    leaf = plain["leaves"][0]
    places = {
        "leaf": leaf,
        "group": leaf["groups"][0],
        "question": leaf["groups"][0]["questions"][0],
    }
    for path, value in paths.items():
        where, key = path.split("_", 1)
        places[where][key] = value
    return plain


def test_scheme_survives_json_and_is_hashable() -> None:
    scheme = IndexScheme.from_dict(PLAIN)

    again = IndexScheme.from_dict(json.loads(json.dumps(scheme.to_dict())))

    assert again == scheme
    assert hash(again) == hash(scheme)
    assert again.digest() == scheme.digest()


def test_scheme_knows_its_groups_and_maximum() -> None:
    scheme = IndexScheme.from_dict(PLAIN)

    assert scheme.groups == ("leaders", "staff")
    assert scheme.maximum == Fraction("2.5")


def test_digest_changes_with_a_coefficient() -> None:
    other = changed(question_coefficients=FOUR | {"2": "0.61"})

    assert IndexScheme.from_dict(other).digest() != IndexScheme.from_dict(PLAIN).digest()


def test_weights_left_out_of_a_whole_set_are_equal() -> None:
    plain = copy.deepcopy(PLAIN)
    for group in plain["leaves"][0]["groups"]:
        del group["weight"]

    scheme = IndexScheme.from_dict(plain)

    assert [group.weight for group in scheme.leaves[0].groups] == [Fraction(1, 2)] * 2


def test_three_equal_weights_add_up_exactly() -> None:
    group = copy.deepcopy(PLAIN["leaves"][0]["groups"][0])
    groups = [{**group, "group": name, "weight": "1/3"} for name in "abc"]

    scheme = IndexScheme.from_dict(changed(leaf_groups=groups))

    assert scheme.to_dict()["leaves"][0]["groups"][0]["weight"] == "1/3"


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        ({"group_weight": "0.39999"}, "weights_do_not_add_up"),
        ({"group_weight": "-0.4"}, "weights_do_not_add_up"),
        ({"question_weight": "0.3"}, "weights_do_not_add_up"),
        ({"question_weight": None}, "some_weights_missing"),
        ({"question_weight": 0.25}, "not_exact"),
        ({"question_coefficients": {"1": "1.2"}}, "bad_coefficients"),
        ({"question_coefficients": {"1": "-0.1"}}, "bad_coefficients"),
        ({"question_coefficients": {}}, "bad_coefficients"),
        ({"question_coefficients": {"0": "1"}}, "bad_coefficients"),
        ({"question_coefficients": {"A": "1"}}, "bad_code"),
        ({"question_item": "q2"}, "repeated"),
        ({"group_group": "staff"}, "repeated"),
        ({"leaf_points": "0"}, "bad_points"),
        ({"leaf_points": "two"}, "not_a_number"),
        ({"leaf_groups": []}, "weights_do_not_add_up"),
        ({"group_questions": []}, "weights_do_not_add_up"),
        ({"leaf_maximum": "2"}, "unknown_key"),
    ],
)
def test_inconsistent_schemes_are_refused(paths: dict[str, object], code: str) -> None:
    with pytest.raises(SchemeError) as caught:
        IndexScheme.from_dict(changed(**paths))

    assert caught.value.code == code
    assert caught.value.hint


def test_message_names_leaf_and_group_and_the_sum() -> None:
    with pytest.raises(
        SchemeError, match=r"question weights of leaf 1.1, group leaders add up to 1.05"
    ):
        IndexScheme.from_dict(changed(question_weight="0.3"))


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"pooling": "both"}, "unknown_choice"),
        ({"tie_rule": "none"}, "unknown_choice"),
        ({"minimum": 5}, "unknown_option"),
        ({"min_valid": -1}, "option_out_of_range"),
        ({"min_valid": 10, "min_valid_points": 5}, "option_out_of_range"),
        ({"min_valid": "5"}, "option_out_of_range"),
        ({"decimals": 2.5}, "option_out_of_range"),
        ({"rank_precision": 40}, "option_out_of_range"),
        ({"blank_percent": "101"}, "option_out_of_range"),
        ({"exclude_self": "yes"}, "option_out_of_range"),
    ],
)
def test_impossible_options_are_refused(options: dict[str, object], code: str) -> None:
    with pytest.raises(SchemeError) as caught:
        IndexScheme.from_dict(PLAIN | {"options": options})

    assert caught.value.code == code


def test_defaults_are_those_of_the_specification() -> None:
    options = IndexScheme.from_dict({"leaves": PLAIN["leaves"]}).options

    assert options.to_dict() == {
        "pooling": "by_group",
        "dont_know": "exclude",
        "blank": "exclude",
        "blank_percent": "50",
        "min_valid": 5,
        "min_valid_points": None,
        "below_min": "drop_group",
        "no_usable_group": "not_scored",
        "exclude_self": True,
        "rounding": "half_up",
        "decimals": 2,
        "rank_precision": None,
        "tie_rule": "competition",
    }


def test_pooled_groups_need_the_same_questions() -> None:
    plain = changed(question_weight="0.5", group_questions=[
        {"item": "q1", "weight": "1", "coefficients": FOUR}
    ])  # fmt: skip

    with pytest.raises(SchemeError, match="Pooled ballots need the same items"):
        IndexScheme.from_dict(plain | {"options": {"pooling": "pooled"}})


def test_scheme_without_leaves_is_refused() -> None:
    with pytest.raises(SchemeError, match="no leaf"):
        IndexScheme.from_dict({"leaves": []})
    with pytest.raises(SchemeError, match="'leaves' is missing"):
        IndexScheme.from_dict({})
