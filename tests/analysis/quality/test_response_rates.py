"""Rates of a survey worked by hand, their order, and what is refused."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import DataError, DesignError
from analysis.quality.response_rates import (
    FORMULAS,
    Dispositions,
    ResponseRates,
    count_dispositions,
    eligibility,
    response_rates,
)

# Known to be eligible: 780. Of unknown eligibility: 220. Everybody eligible or unknown: 1000.
SURVEY = Dispositions(
    complete=400,
    partial=50,
    refusal=120,
    non_contact=180,
    other=30,
    unknown_household=150,
    unknown_other=70,
    not_eligible=220,
)
LIKELY = 780 + 0.78 * 220  # e = 780/1000
BY_HAND = {
    "RR1": 400 / 1000,
    "RR2": 450 / 1000,
    "RR3": 400 / LIKELY,
    "RR4": 450 / LIKELY,
    "RR5": 400 / 780,
    "RR6": 450 / 780,
    "COOP1": 400 / 600,
    "COOP2": 450 / 600,
    "COOP3": 400 / 570,
    "COOP4": 450 / 570,
    "REF1": 120 / 1000,
    "REF2": 120 / LIKELY,
    "REF3": 120 / 780,
    "CON1": 600 / 1000,
    "CON2": 600 / LIKELY,
    "CON3": 600 / 780,
}


@pytest.mark.parametrize("rate", BY_HAND)
def test_rates_worked_by_hand(rate: str) -> None:
    assert getattr(response_rates(SURVEY), rate.lower()) == pytest.approx(BY_HAND[rate], rel=1e-15)


@pytest.mark.parametrize("rate", BY_HAND)
def test_formulas_that_are_shown_are_those_that_are_computed(rate: str) -> None:
    letters = {"I": 400, "P": 50, "R": 120, "NC": 180, "O": 30, "UH": 150, "UO": 70, "e": 0.78}
    numerator, denominator = (part.replace("e(", "e*(") for part in FORMULAS[rate])

    shown = eval(numerator, {}, letters) / eval(denominator, {}, letters)

    assert shown == pytest.approx(BY_HAND[rate], rel=1e-15)


def test_eligibility_is_estimated_from_those_who_are_known() -> None:
    assert eligibility(SURVEY) == 0.78
    assert response_rates(SURVEY).e_source == "estimated"


def test_eligibility_may_be_given() -> None:
    rates = response_rates(SURVEY, e=0.5)

    assert (rates.e, rates.e_source) == (0.5, "given")
    assert rates.rr3 == 400 / (780 + 110)


def test_given_eligibility_runs_from_the_highest_to_the_lowest_rate() -> None:
    assert response_rates(SURVEY, e=1).rr3 == response_rates(SURVEY).rr1
    assert response_rates(SURVEY, e=0).rr3 == response_rates(SURVEY).rr5


def test_rates_of_nobody_are_missing() -> None:
    rates = response_rates(Dispositions(unknown_other=5))

    assert rates.rr1 == 0
    assert rates.e_source == "undefined"
    assert all(math.isnan(value) for value in (rates.e, rates.rr3, rates.rr5, rates.coop1))


def test_without_unknown_cases_all_denominators_agree() -> None:
    rates = response_rates(Dispositions(complete=3, refusal=1))

    assert rates.rr1 == rates.rr3 == rates.rr5 == 0.75


def test_frame_has_a_row_for_each_rate() -> None:
    frame = response_rates(SURVEY).frame()

    assert frame.rate.tolist() == list(BY_HAND)
    assert frame.loc[0].tolist() == ["RR1", 0.4, "I", "(I + P) + (R + NC + O) + (UH + UO)"]


def test_codes_letters_and_own_words_are_counted() -> None:
    codes = ["1.1", 1.2, "2.11", "2.12", "2.20", "2.36", "3.13", "3.9", "4.5", "nc", "Đã trả lời"]

    found = count_dispositions(codes, words={"Đã trả lời": "complete"})

    assert found == Dispositions(
        complete=2,
        partial=1,
        refusal=2,
        non_contact=2,
        other=1,
        unknown_household=1,
        unknown_other=1,
        not_eligible=1,
    )


def test_weighted_dispositions_are_sums_of_weights() -> None:
    found = count_dispositions(["I", "R", "I"], weights=[10.5, 4, 2])

    assert (found.complete, found.refusal) == (12.5, 4)


def test_unknown_disposition_names_its_row() -> None:
    with pytest.raises(DataError, match=r"'9\.1' in data row 2") as raised:
        count_dispositions(["I", "9.1"])

    assert raised.value.code == "unknown_disposition"


def test_word_for_no_disposition_is_refused() -> None:
    with pytest.raises(DataError, match="'done' in data row 1"):
        count_dispositions(["done"], words={"done": "finished"})


def test_weights_must_be_as_many_as_codes() -> None:
    with pytest.raises(DataError, match="2 codes and 1 weights"):
        count_dispositions(["I", "R"], weights=[1])


@pytest.mark.parametrize("count", [-1, math.inf, math.nan])
def test_bad_count_is_refused(count: float) -> None:
    with pytest.raises(DataError, match="'refusal'"):
        Dispositions(refusal=count)


@pytest.mark.parametrize("e", [-0.1, 1.1])
def test_eligibility_that_is_no_share_is_refused(e: float) -> None:
    with pytest.raises(DesignError, match="is no share"):
        response_rates(SURVEY, e=e)


counts = st.integers(0, 1000)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.builds(Dispositions, **dict.fromkeys(Dispositions.__slots__, counts)))
def test_rates_are_shares_in_the_order_of_their_denominators(found: Dispositions) -> None:
    rates: ResponseRates = response_rates(found)

    for name in BY_HAND:
        value = getattr(rates, name.lower())
        assert math.isnan(value) or 0 <= value <= 1
    if not math.isnan(rates.rr3):
        assert rates.rr1 <= rates.rr3 * (1 + 1e-12)
        assert math.isnan(rates.rr5) or rates.rr3 <= rates.rr5 * (1 + 1e-12)
