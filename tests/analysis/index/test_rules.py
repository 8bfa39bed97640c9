"""Every rule of the scheme for missing answers, small groups and self-ratings."""

from fractions import Fraction

import pandas as pd
import pytest

from analysis.codebook import Codebook
from analysis.design import SurveyDesign
from analysis.errors import DataError, DesignError, SchemeError
from analysis.index.result import IndexResult
from analysis.totals import aggregate
from tests.analysis.making import FOUR, make_answers, make_scheme, make_statistics

MANY, FEW = {1: 6, 4: 2}, {1: 2, 2: 2}
WEIGHTS = {"leaders": "0.25", "staff": "0.75"}


def score_groups(leaders: dict[int, int], staff: dict[int, int], **more: object) -> IndexResult:
    fallback = {key: more.pop(key) for key in ("last_year", "manual") if key in more}
    statistics = {
        "leaders": make_statistics(make_answers(leaders)),
        "staff": make_statistics(make_answers(staff)),
    }
    return make_scheme(WEIGHTS, **more).score(statistics, **fallback)


def test_small_group_is_dropped_and_the_weights_rescaled() -> None:
    result = score_groups(FEW, MANY)

    assert result.points_of("U") == 2 * Fraction(3, 4)
    assert result.groups.weight.tolist() == [None, 1]
    assert result.groups.reason.tolist() == ["below_minimum", ""]
    assert {"group_dropped", "below_minimum"} <= set(result.criteria["flags"][0])


def test_group_at_the_minimum_is_kept() -> None:
    result = score_groups({1: 5}, MANY)

    assert result.points_of("U") == 2 * (Fraction(1, 4) + Fraction(3, 4) * Fraction(3, 4))


def test_higher_minimum_for_points_than_for_privacy() -> None:
    result = score_groups({1: 5}, {1: 8}, min_valid=5, min_valid_points=8)

    assert result.groups.dropped.tolist() == [True, False]


def test_small_group_makes_the_leaf_not_scored() -> None:
    result = score_groups(FEW, MANY, below_min="leaf_not_scored")

    row = result.criteria.iloc[0]
    assert (row.points, row.status, row.interval_reason) == (None, "not_scored", "not_scored")
    assert result.units.max_points[0] == 0
    assert result.units.share[0] is None


@pytest.mark.parametrize("rule", ["last_year", "manual"])
def test_points_from_elsewhere_have_no_sampling_error(rule: str) -> None:
    result = score_groups(FEW, MANY, below_min=rule, **{rule: {("U", "c"): "1.37"}})

    row = result.criteria.iloc[0]
    assert (row.points, row.score, row.status) == (Fraction("1.37"), None, rule)
    assert (row.interval_reason, row.n) == ("points_fixed", 0)
    assert f"{rule}_used" in row["flags"]


@pytest.mark.parametrize("rule", ["last_year", "manual"])
def test_points_from_elsewhere_that_are_missing_are_said_to_be(rule: str) -> None:
    result = score_groups(FEW, MANY, below_min=rule)

    assert result.criteria.status[0] == "not_scored"
    assert f"{rule}_missing" in result.criteria["flags"][0]


@pytest.mark.parametrize("rule", ["last_year", "manual"])
@pytest.mark.parametrize("points", ["3", "-0.1"])
def test_points_from_elsewhere_outside_the_leaf_are_refused(rule: str, points: str) -> None:
    with pytest.raises(DataError, match="the leaf gives 0 to 2") as caught:
        score_groups(FEW, MANY, below_min=rule, **{rule: {("U", "c"): points}})

    assert caught.value.code == "points_outside_leaf"
    assert caught.value.attributes == {"unit": "U", "leaf": "c"}


@pytest.mark.parametrize("rule", ["leaf_not_scored", "last_year", "manual"])
def test_a_leaf_without_any_usable_group_is_0_only_where_small_groups_are_dropped(
    rule: str,
) -> None:
    result = score_groups(FEW, FEW, below_min=rule, no_usable_group="zero")

    assert result.criteria.status[0] == "not_scored"


@pytest.mark.parametrize(
    ("rule", "points", "status"), [("not_scored", None, "not_scored"), ("zero", 0, "zero")]
)
def test_leaf_without_any_usable_group(rule: str, points: int | None, status: str) -> None:
    result = score_groups(FEW, FEW, no_usable_group=rule)

    assert (result.criteria.points[0], result.criteria.status[0]) == (points, status)
    assert result.units.max_points[0] == (2 if rule == "zero" else 0)
    assert "no_usable_group" in result.units["flags"][0]


def test_group_without_statistics_is_dropped_and_said_to_be_missing() -> None:
    result = make_scheme(WEIGHTS).score({"staff": make_statistics(make_answers(MANY))})

    assert result.groups.reason.tolist() == ["group_missing", ""]
    assert result.points_of("U") == 2 * Fraction(3, 4)


def test_pool_counts_all_ballots_together_against_the_minimum() -> None:
    result = score_groups({1: 2}, {4: 3}, pooling="pooled")

    assert result.points_of("U") == 2 * Fraction(2, 5)
    assert result.groups.group.tolist() == ["(pooled)"]
    assert result.groups.ballots.tolist() == [5]


def test_pool_has_the_variance_of_one_sample_of_strata() -> None:
    """Two groups in one count: the residuals are taken from the pooled mean."""
    leaders, staff = {1: 6, 2: 3, 4: 3}, {1: 4, 3: 8}
    data = pd.concat([make_answers(leaders).assign(h="l"), make_answers(staff).assign(h="s")])

    pooled = score_groups(leaders, staff, pooling="pooled")
    one = make_scheme().score({"all": make_statistics(data, SurveyDesign(strata="h"))})

    assert pooled.points_of("U") == one.points_of("U")
    assert pooled.units.se[0] == pytest.approx(one.units.se[0], rel=1e-12)


def test_explicit_coefficient_of_dont_know_goes_before_the_rule() -> None:
    scheme = make_scheme(dont_know="zero").to_dict()
    question = scheme["leaves"][0]["groups"][0]["questions"][0]
    question["coefficients"] = FOUR | {"9": "0.5"}
    scheme = type(make_scheme()).from_dict(scheme)

    result = scheme.score({"all": make_statistics(make_answers({1: 5, 9: 5}))})

    assert result.points_of("U") == 2 * Fraction(3, 4)


def test_not_applicable_never_counts() -> None:
    result = make_scheme(dont_know="zero").score(
        {"all": make_statistics(make_answers({1: 5, 8: 20}))}
    )

    assert result.points_of("U") == 2
    assert result.counts.not_applicable[0] == 20


def test_unanswered_question_leaves_the_others_their_weight() -> None:
    data = make_answers({2: 6}).assign(q2=0)
    statistics = make_statistics(data, items=("q1", "q2"))

    result = make_scheme(items=("q1", "q2")).score({"all": statistics})

    assert result.points_of("U") == 2 * Fraction("0.6")


def test_own_unit_is_left_out_or_kept() -> None:
    data = make_answers({1: 6, 4: 6}).assign(home=["V"] * 6 + ["U"] * 6)
    statistics = make_statistics(data, rater_unit="home")

    without = make_scheme().score({"all": statistics})
    kept = make_scheme(exclude_self=False).score({"all": statistics})

    assert without.points_of("U") == 2
    assert kept.points_of("U") == 1
    assert without.excluded.iloc[0].tolist() == ["U", "all", 12, 6, 0, 6]


def test_outsiders_rate_nobody_of_their_own() -> None:
    data = make_answers({1: 3, 4: 3}).assign(home=[None] * 6)

    result = make_scheme().score({"all": make_statistics(data, rater_unit="home")})

    assert result.excluded.self_ratings[0] == 0


def test_ballot_with_too_many_blanks_is_invalid_in_all_its_rows() -> None:
    data = pd.DataFrame(
        {
            "ballot": [1, 1, 2, 2, 3, 3],
            "unit": ["U", "V"] * 3,
            "q1": [1, 1, 4, 0, 1, 0],
            "q2": [1, 1, 0, 0, 1, 0],
        }
    )
    statistics = make_statistics(data, SurveyDesign(ballot="ballot"), ("q1", "q2"))

    scheme = make_scheme(items=("q1", "q2"), blank="invalidate_ballot", min_valid=1)
    result = scheme.score({"all": statistics})

    assert result.points_of("U") == 2
    assert result.excluded.invalidated.tolist() == [1, 1]
    assert result.excluded.used.tolist() == [2, 2]


def test_exactly_the_allowed_share_of_blanks_is_valid() -> None:
    data = make_answers({1: 6}).assign(q2=0)
    statistics = make_statistics(data, items=("q1", "q2"))

    def used(percent: str) -> int:
        options = {"blank": "invalidate_ballot", "blank_percent": percent}
        result = make_scheme(items=("q1", "q2"), **options).score({"all": statistics})
        return int(result.excluded.used[0])

    assert (used("50"), used("49.999")) == (6, 0)


@pytest.mark.parametrize(
    ("code", "used"), [(0, 0), (6, 6), (7, 6), (8, 6), (9, 0)],
    ids=["blank", "not-applicable", "refused", "not-asked", "not-reached"],
)  # fmt: skip
def test_only_what_was_put_and_passed_over_counts_as_blank(code: int, used: int) -> None:
    meanings = {6: "not_applicable", 7: "refused", 8: "not_asked", 9: "not_reached"}
    book = Codebook(
        {item: dict.fromkeys(range(1, 5), "choice") | meanings for item in ("q1", "q2")}
    )
    data = make_answers({1: 6}).assign(q2=code)
    options = {"blank": "invalidate_ballot", "blank_percent": "49"}

    statistics = aggregate(data, SurveyDesign(), book, "unit")
    result = make_scheme(items=("q1", "q2"), **options).score({"all": statistics})

    assert result.excluded.used[0] == used
    counts = result.counts.set_index("item").loc["q2"]
    assert counts[["valid", *meanings.values(), "blank"]].sum() == used
    assert counts[meanings.get(code, "blank")] == used
    assert result.points_of("U") == (2 if used else None)


def test_leaf_that_does_not_apply_leaves_the_maximum() -> None:
    result = make_scheme().score(
        {"all": make_statistics(make_answers(MANY))}, not_applicable=[("U", "c")]
    )

    assert result.criteria.status[0] == "not_applicable"
    assert result.units.max_points[0] == 0


def test_unit_without_any_ballot_is_not_scored() -> None:
    result = make_scheme().score(
        {"all": make_statistics(make_answers(MANY))}, units=["U", "silent"]
    )

    assert result.points_of("silent") is None
    assert result.by_points() == ["U"]
    assert result.cov.loc["silent"].isna().all()
    assert result.contrast({"U": 1, "silent": -1}).reason == "not_scored"


def test_privacy_flag_where_few_answered_but_points_are_given() -> None:
    result = score_groups({1: 6}, {1: 6}, min_valid=5)
    small = make_scheme(min_valid=10, no_usable_group="zero").score(
        {"all": make_statistics(make_answers({1: 6}))}
    )

    assert "below_privacy_minimum" not in result.units["flags"][0]
    assert "below_privacy_minimum" in small.units["flags"][0]


def test_group_that_the_scheme_does_not_ask_is_refused() -> None:
    with pytest.raises(SchemeError, match="asks nothing of group 'guests'"):
        make_scheme().score({"guests": make_statistics(make_answers(MANY))})


def test_item_that_the_codebook_lacks_is_named() -> None:
    with pytest.raises(SchemeError, match="group 'all' item 'q7'"):
        make_scheme(items=("q7",)).score({"all": make_statistics(make_answers(MANY))})


@pytest.mark.parametrize(
    ("coefficients", "fault"),
    [
        ({"1": "1", "2": "0.6", "3": "0.2"}, "Code 4 .* has no coefficient"),
        (FOUR | {"7": "0"}, "Code 7 .* is no answer of the codebook"),
        (FOUR | {"8": "0"}, "Code 8 .* is no answer of the codebook"),
    ],
)
def test_coefficients_fit_the_codebook(coefficients: dict[str, str], fault: str) -> None:
    plain = make_scheme().to_dict()
    plain["leaves"][0]["groups"][0]["questions"][0]["coefficients"] = coefficients

    with pytest.raises(SchemeError, match=fault):
        type(make_scheme()).from_dict(plain).score({"all": make_statistics(make_answers(MANY))})


def test_units_listed_twice_are_refused() -> None:
    with pytest.raises(SchemeError, match="'U' is listed twice"):
        make_scheme().score({"all": make_statistics(make_answers(MANY))}, units=["U", "U"])


def test_stratum_with_one_psu_stops_the_score_and_not_the_counts() -> None:
    data = make_answers(MANY).assign(h=["a"] * 7 + ["b"])
    statistics = make_statistics(data, SurveyDesign(strata="h"))

    assert statistics.n.sum() == 8
    with pytest.raises(DesignError, match="'b' has a single sampled PSU"):
        make_scheme().score({"all": statistics})


def test_one_ballot_alone_has_points_and_no_interval() -> None:
    statistics = make_statistics(make_answers({2: 1}), SurveyDesign(lonely="center"))

    row = make_scheme(min_valid=1).score({"all": statistics}).units.iloc[0]

    assert row.points == Fraction("1.2")
    assert row.interval_reason == "no_degrees_of_freedom"


def test_no_statistics_give_an_empty_result() -> None:
    result = make_scheme().score({})

    assert result.units.empty
    assert result.neighbours().empty


def test_questionnaire_without_items_counts_nothing() -> None:
    statistics = make_statistics(make_answers(MANY), items=())

    assert statistics.n.shape == (1, 0, 1)


def test_units_without_any_group_are_not_scored() -> None:
    result = make_scheme().score({}, units=["U"])

    assert result.points_of("U") is None
    assert result.units.interval_reason[0] == "not_scored"
