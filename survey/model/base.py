"""What every table shares: named constraints, exact decimals, aware times, enums by value."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    DateTime,
    Enum,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Exact(TypeDecorator[Decimal]):
    """A decimal number kept to its last digit on every database, as text."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(  # noqa: D102
        self,
        value: Decimal | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> str | None:
        if value is None:
            return None
        if not value.is_finite():
            raise ValueError(f"an exact column takes a finite Decimal, not {value!r}")
        return format(value, "f")

    def process_result_value(  # noqa: D102
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> Decimal | None:
        return None if value is None else Decimal(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(  # noqa: D102
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a stored time must know its zone")
        return value.astimezone(UTC)

    def process_result_value(  # noqa: D102
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class StableJson(TypeDecorator[Any]):
    """JSON whose keys keep their order, so that a document is stored as it was written."""

    impl = JSON
    cache_ok = True


class Model(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        Decimal: Exact(),
        datetime: UtcDateTime(),
        date: Date(),
        bytes: LargeBinary(),
        dict[str, Any]: StableJson(),
    }


def enum_type(kind: type[StrEnum], name: str) -> Enum:
    """Return a column type that stores the enum's value and refuses every other text."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=24,
        values_callable=lambda members: [member.value for member in members],
    )


def positive(column: str, *, zero: bool = False) -> CheckConstraint:
    """Return a CHECK that an exact column is above (or at least) zero."""
    comparison = ">=" if zero else ">"
    return CheckConstraint(f"CAST({column} AS NUMERIC) {comparison} 0", name=f"{column}_positive")


def between_zero_and_one(column: str) -> CheckConstraint:
    """Return a CHECK that an exact column lies in [0, 1]."""
    text = f"CAST({column} AS NUMERIC) >= 0 AND CAST({column} AS NUMERIC) <= 1"
    return CheckConstraint(text, name=f"{column}_share")


Key = Annotated[int, mapped_column(primary_key=True)]
Code = Annotated[str, mapped_column(String(32))]
Name = Annotated[str, mapped_column(String(300))]
Note = Annotated[str, mapped_column(Text)]
Identifier = Annotated[uuid.UUID, mapped_column(primary_key=True)]
