"""Which engine sums the answers: numpy here, or the database that holds them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.engines.duckdb import VIEW, DuckDB
from analysis.engines.postgresql import PostgreSQL
from analysis.engines.spark import Spark
from analysis.engines.statement import Engine
from analysis.errors import DataError

NUMPY = "numpy"
DUCKDB = "duckdb"
Responses = pd.DataFrame | str | Path


@contextmanager
def opened(responses: Responses, backend: Any) -> Iterator[tuple[Engine, str]]:
    """Open an engine for one aggregation.

    Parameters
    ----------
    responses : a frame or Parquet file for DuckDB, else the name of a table or view
    backend : "duckdb", a connection of psycopg, or a session of Spark

    Yields
    ------
    The engine, and the name of its table

    Raises
    ------
    DataError
        if the backend is not known, or does not take what was given
    """
    if backend == DUCKDB:
        with DuckDB(responses) as engine:
            yield engine, VIEW
        return
    if not isinstance(responses, str):
        raise DataError(
            "needs_table",
            "Databases read a table of theirs, but a frame or file was given.",
            "Give the name of the table or view.",
        )
    yield _connected(backend), responses


def _connected(backend: Any) -> Engine:
    if hasattr(backend, "cursor"):
        return PostgreSQL(backend)
    if hasattr(backend, "sql") and hasattr(backend, "conf"):
        return Spark(backend)
    raise DataError(
        "unknown_backend",
        f"The backend {backend!r} is not known.",
        'Choose "numpy", "duckdb", a connection of psycopg or a session of Spark.',
    )


def frame_of(responses: Responses) -> pd.DataFrame:
    """Responses in memory; a Parquet file is read."""
    return responses if isinstance(responses, pd.DataFrame) else pd.read_parquet(responses)
