"""Sums by PostgreSQL, read in one stream; needs the extra `postgresql`."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from pyarrow import csv

from analysis.engines.statement import refused

BLOCK = 1 << 24


class PostgreSQL:
    """A table behind an open connection of psycopg.

    Parameters
    ----------
    connection : `psycopg.Connection`; only temporary tables are written
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def select(self, text: str) -> pa.Table:
        """See `analysis.engines.statement.Engine`."""
        stream = io.BytesIO()
        with (
            self._transaction(),
            self._connection.cursor() as cursor,
            cursor.copy(f"COPY ({text}) TO STDOUT (FORMAT csv, HEADER)") as copy,
        ):
            for part in copy:
                stream.write(part)
        stream.seek(0)
        options = csv.ConvertOptions(strings_can_be_null=True, quoted_strings_can_be_null=False)
        return csv.read_csv(stream, csv.ReadOptions(block_size=BLOCK), convert_options=options)

    @contextmanager
    def kept(self, statements: Mapping[str, str]) -> Iterator[None]:
        """See `analysis.engines.statement.Engine`; temporary tables of one transaction."""
        with self._transaction(), self._connection.cursor() as cursor:
            for name, text in statements.items():
                cursor.execute(f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS {text}")
                cursor.execute(f"ANALYZE {name}")
            yield
            for name in statements:
                cursor.execute(f"DROP TABLE {name}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """A transaction of ours, or a part of the caller's; undone if the database refuses."""
        import psycopg

        try:
            with self._connection.transaction():
                yield
        except psycopg.Error as error:
            raise refused(error) from error
