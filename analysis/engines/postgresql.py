"""Sums by PostgreSQL, read in one stream; needs the extra `postgresql`."""

import io
from typing import Any

import pyarrow as pa
from pyarrow import csv

from analysis.engines.statement import refused

BLOCK = 1 << 24


class PostgreSQL:
    """A table behind an open connection of psycopg.

    Parameters
    ----------
    connection : `psycopg.Connection`; it is read from and left as it is
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def select(self, text: str) -> pa.Table:
        """See `analysis.engines.statement.Engine`; keys keep the types they have as text."""
        stream = io.BytesIO()
        import psycopg

        try:
            with (
                self._connection.transaction(),
                self._connection.cursor() as cursor,
                cursor.copy(f"COPY ({text}) TO STDOUT (FORMAT csv, HEADER)") as copy,
            ):
                for part in copy:
                    stream.write(part)
        except psycopg.Error as error:
            raise refused(error) from error
        stream.seek(0)
        options = csv.ConvertOptions(strings_can_be_null=True, quoted_strings_can_be_null=False)
        return csv.read_csv(stream, csv.ReadOptions(block_size=BLOCK), convert_options=options)
