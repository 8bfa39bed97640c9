from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from survey.model.base import Exact, UtcDateTime

DIALECT = sqlite.dialect()


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000, places=9)
)
def test_a_decimal_comes_back_to_its_last_digit(value: Decimal) -> None:
    stored = Exact().process_bind_param(value, DIALECT)

    assert Exact().process_result_value(stored, DIALECT) == value
    assert stored is not None
    assert "E" not in stored


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_number_is_not_stored(value: Decimal) -> None:
    with pytest.raises(ValueError, match="finite"):
        Exact().process_bind_param(value, DIALECT)


def test_a_time_without_a_zone_is_not_stored() -> None:
    with pytest.raises(TypeError, match="zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), DIALECT)  # noqa: DTZ001


def test_a_time_comes_back_aware_and_in_utc() -> None:
    local = datetime(2026, 1, 1, 7, tzinfo=timezone(timedelta(hours=7)))

    stored = UtcDateTime().process_bind_param(local, DIALECT)

    assert stored == datetime(2026, 1, 1, tzinfo=UTC)
    assert UtcDateTime().process_result_value(stored, DIALECT) == local
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 -- what SQLite gives back
    assert UtcDateTime().process_result_value(naive, DIALECT) == local
