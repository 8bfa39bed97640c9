"""Numbers as people type them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from survey.scoring import numbers
from survey.scoring.numbers import UnreadableError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("1,5", "1.5"),
        ("1.5", "1.5"),
        ("0,125", "0.125"),
        ("0.125", "0.125"),
        ("12,3400", "12.3400"),
        ("1234", "1234"),
        ("1234,567", "1234.567"),
    ],
)
def test_comma_and_point_both_mark_decimals(text, value):
    assert str(numbers.number(text, is_typed=False)) == value


@pytest.mark.parametrize("text", ["1.234", "1,234", "12.345", "999,000"])
def test_what_could_be_thousands_is_refused(text):
    with pytest.raises(UnreadableError, match="hàng nghìn"):
        numbers.number(text, is_typed=False)


def test_the_point_of_a_workbook_cell_is_no_question():
    assert numbers.number("1.234", is_typed=True) == Decimal("1.234")
    with pytest.raises(UnreadableError):
        numbers.number("1,234", is_typed=True)


@pytest.mark.parametrize(
    "text",
    ["", "một", "1e3", "1.2.3", "1,2,3", "1.234,5", ".5", "5.", "NaN", "Infinity", "+1", "1 000",
     "١٢", "1٫5", "9" * 10, "0." + "1" * 10, "=1+1", "1%", "0x10", "1_000"],
)  # fmt: skip
def test_anything_else_is_no_number(text):
    with pytest.raises(UnreadableError, match="không phải là số"):
        numbers.number(text, is_typed=False)


@pytest.mark.parametrize("text", ["-1", "-0,5", "\N{MINUS SIGN}2"])
def test_negative_points_are_named_as_such(text):
    with pytest.raises(UnreadableError, match="số âm"):
        numbers.number(text, is_typed=False)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("Có", True), ("yes", True), ("1", True), ("TRUE", True), ("không", False), ("No", False),
     ("0", False), ("có lẽ", None)],
)  # fmt: skip
def test_yes_and_no_in_both_languages(text, meaning):
    assert numbers.flag(text) is meaning
