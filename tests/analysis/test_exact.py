from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import SchemeError
from analysis.exact import exact, written


@given(st.fractions())
def test_what_is_written_is_read_again(value: Fraction) -> None:
    assert exact(written(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-99, max_value=99))
def test_decimals_are_written_as_decimals(value: Decimal) -> None:
    assert "/" not in written(Fraction(value))


@pytest.mark.parametrize("value", [0.4, True, None])
def test_floats_are_refused_since_the_decimal_is_lost(value: object) -> None:
    with pytest.raises(SchemeError, match="Write it as a string"):
        exact(value)


@pytest.mark.parametrize("value", ["", "0,4", "x", "1/0", Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_number_is_named(value: object) -> None:
    with pytest.raises(SchemeError, match="coefficient of q1 cannot be read"):
        exact(value, "coefficient of q1")
