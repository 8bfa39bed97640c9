"""Sums by Spark, for tables that outgrow one machine; needs the extra `spark`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from analysis.engines.statement import refused

QUOTES = "spark.sql.ansi.doubleQuotedIdentifiers"
ANSI = "spark.sql.ansi.enabled"


class Spark:
    """A table or view of a Spark session.

    Parameters
    ----------
    session : `pyspark.sql.SparkSession`

    Notes
    -----
    Statements run in ANSI mode: a sum that does not fit is an error and never a wrong number.
    """

    def __init__(self, session: Any) -> None:
        self._session = session

    def select(self, text: str) -> pa.Table:
        """See `analysis.engines.statement.Engine`."""
        with self._ansi():
            return self._session.sql(text).toArrow()

    @contextmanager
    def kept(self, statements: Mapping[str, str]) -> Iterator[None]:
        """See `analysis.engines.statement.Engine`; cached views."""
        frames = []
        with self._ansi():
            for name, text in statements.items():
                frames.append(self._session.sql(text).cache())
                frames[-1].createOrReplaceTempView(name)
        try:
            yield
        finally:
            for name, frame in zip(statements, frames, strict=True):
                self._session.catalog.dropTempView(name)
                frame.unpersist()

    @contextmanager
    def _ansi(self) -> Iterator[None]:
        from pyspark.errors import PySparkException

        before = {name: self._session.conf.get(name) for name in (QUOTES, ANSI)}
        try:
            for name in before:
                self._session.conf.set(name, "true")
            yield
        except PySparkException as error:
            raise refused(error) from error
        finally:
            for name, value in before.items():
                self._session.conf.set(name, value)
