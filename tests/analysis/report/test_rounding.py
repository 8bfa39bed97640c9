import decimal
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.report.rounding import Rounding, round_exact

STANDARD = {
    Rounding.HALF_UP: decimal.ROUND_HALF_UP,
    Rounding.DOWN: decimal.ROUND_DOWN,
    Rounding.HALF_EVEN: decimal.ROUND_HALF_EVEN,
}
DECIMALS = st.decimals(min_value=-999, max_value=999, places=5)


@given(DECIMALS, st.integers(0, 4), st.sampled_from(list(Rounding)))
def test_decimals_round_as_the_standard_library_does(
    value: Decimal, places: int, rule: Rounding
) -> None:
    found = round_exact(value, places, rule)

    expected = value.quantize(Decimal(1).scaleb(-places), STANDARD[rule])
    assert found == expected
    assert found.as_tuple().exponent == -places


@given(st.fractions(min_value=-99, max_value=99), st.integers(0, 6))
def test_error_of_rounding_is_at_most_half_a_unit(value: Fraction, places: int) -> None:
    unit = Fraction(1, 10**places)

    assert abs(Fraction(round_exact(value, places)) - value) <= unit / 2
    assert 0 <= abs(value) - abs(Fraction(round_exact(value, places, "down"))) < unit


@pytest.mark.parametrize(
    ("value", "printed"),
    [(Fraction(-1, 8), "-0.13"), (Fraction(-1, 1000), "0.00"), (0, "0.00"), (12, "12.00")],
)
def test_half_up_goes_away_from_zero_and_there_is_no_minus_zero(
    value: Fraction | int, printed: str
) -> None:
    assert str(round_exact(value, 2)) == printed


def test_missing_stays_missing_and_unknown_rules_are_refused() -> None:
    assert round_exact(None, 2) is None
    with pytest.raises(ValueError, match="bankers"):
        round_exact(1, 2, "bankers")
