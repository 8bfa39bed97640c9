"""Sums by DuckDB, from Parquet files or frames in memory; needs the extra `engine`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pandas as pd
import pyarrow as pa

from analysis.engines.statement import refused

VIEW = "responses"


class DuckDB:
    """A DuckDB of its own with the responses as one view; use it as a context manager.

    Parameters
    ----------
    responses : a Parquet file, a pattern of several such as "wave/*.parquet", or a frame
    threads : threads it may use; None takes all cores
    """

    def __init__(self, responses: pd.DataFrame | str | Path, threads: int | None = None) -> None:
        import duckdb

        self._connection = duckdb.connect(config={} if threads is None else {"threads": threads})
        if isinstance(responses, pd.DataFrame):
            self._connection.register(VIEW, pa.Table.from_pandas(responses, preserve_index=False))
        else:
            self._connection.read_parquet(str(responses)).create_view(VIEW)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def select(self, text: str) -> pa.Table:
        """See `analysis.engines.statement.Engine`."""
        with _refusing():
            return self._connection.sql(text).to_arrow_table()

    @contextmanager
    def kept(self, statements: Mapping[str, str]) -> Iterator[None]:
        """See `analysis.engines.statement.Engine`; temporary tables."""
        with _refusing():
            for name, text in statements.items():
                self._connection.execute(f"CREATE OR REPLACE TEMPORARY TABLE {name} AS {text}")
        yield
        for name in statements:
            self._connection.execute(f"DROP TABLE {name}")


@contextmanager
def _refusing() -> Iterator[None]:
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise refused(error) from error
