"""Every engine gives the sums that numpy gives, to the last bit, from one SQL text."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pytest

from analysis.design import SurveyDesign
from analysis.engines.statement import quoted
from analysis.errors import DataError, DesignError
from analysis.totals import GroupStatistics, aggregate
from tests.analysis.making import make_scheme
from tests.analysis.test_cells import BOOK, CLUSTERS, make_rows
from tests.support.postgresql import OWNER, Server

Aggregate = Callable[..., GroupStatistics]


@pytest.fixture(params=["duckdb", "parquet", "postgresql"])
def by_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Aggregate]:
    """Aggregate a frame after it was brought to an engine."""
    if request.param == "postgresql":
        with connected(request.getfixturevalue("postgresql_server")) as connection:
            yield lambda data, *a, **k: in_table(connection, data, *a, **k)
    elif request.param == "duckdb":
        yield lambda data, *a, **k: aggregate(data, *a, backend="duckdb", **k)
    else:
        yield lambda data, *a, **k: in_file(tmp_path / "answers.parquet", data, *a, **k)


def connected(server: Server) -> Any:
    url = server.url(server.create(), OWNER).replace("+psycopg", "")
    return psycopg.connect(url)


def in_file(path: Path, data: pd.DataFrame, *arguments: Any, **more: Any) -> GroupStatistics:
    data.to_parquet(path)
    return aggregate(path, *arguments, backend="duckdb", **more)


def in_table(connection: Any, data: pd.DataFrame, *arguments: Any, **more: Any) -> GroupStatistics:
    types = {"i": "bigint", "f": "double precision", "u": "smallint"}
    columns = ", ".join(quoted(c) + " " + types.get(t.kind, "text") for c, t in data.dtypes.items())
    rows = io.StringIO()
    data.to_csv(rows, index=False, header=False, float_format="%.17g")
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TABLE IF EXISTS "wave"; CREATE TABLE "wave" ({columns})')
        with cursor.copy('COPY "wave" FROM STDIN (FORMAT csv)') as copy:
            copy.write(rows.getvalue())
    return aggregate("wave", *arguments, backend=connection, **more)


def numpy_sums(data: pd.DataFrame, *arguments: Any, **more: Any) -> GroupStatistics:
    return aggregate(data, *arguments, level="psu", **more)


@pytest.mark.parametrize("rater_unit", [None, "home"])
def test_sums_are_the_same_to_the_last_bit(by_engine: Aggregate, rater_unit: str | None) -> None:
    data = make_rows().assign(w=np.random.default_rng(1).lognormal(0, 1, 400))

    found = by_engine(data, CLUSTERS, BOOK, rater_unit=rater_unit)

    wanted = numpy_sums(data, CLUSTERS, BOOK, rater_unit=rater_unit)
    assert found.source.digest() == wanted.source.digest()
    scheme = make_scheme(min_valid=1)
    here, there = scheme.score({"all": found}), scheme.score({"all": wanted})
    assert here.units.equals(there.units)
    assert here.cov.equals(there.cov)


def test_ballots_are_psus_where_persons_were_drawn(by_engine: Aggregate) -> None:
    data = make_rows().assign(ballot=lambda d: d.index // 2, stratum="all")
    design = SurveyDesign(ballot="ballot", strata="stratum")

    found = by_engine(data, design, BOOK)

    assert found.source.digest() == numpy_sums(data, design, BOOK).source.digest()


def test_rows_of_weight_zero_keep_their_psu(by_engine: Aggregate) -> None:
    data = make_rows().assign(w=lambda d: np.where(d.psu == 5, 0.0, d.w))

    found = by_engine(data, CLUSTERS, BOOK)

    assert found.sample.n_psu.tolist() == numpy_sums(data, CLUSTERS, BOOK).sample.n_psu.tolist()


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("q1", 7, "Item 'q1' has answers that are not in its codebook"),
        ("q2", 200, "Item 'q2' has answers"),
        ("w", -1, "Column 'w' holds no weight in 400 rows"),
        ("w", np.nan, "Column 'w' holds no weight"),
        ("psu", np.nan, "'psu' has no value"),
    ],
)
def test_faults_are_named(by_engine: Aggregate, column: str, value: float, says: str) -> None:
    data = make_rows().assign(**{column: value})

    with pytest.raises(DataError, match=says):
        by_engine(data, CLUSTERS, BOOK)


def test_what_the_database_refuses_is_told(by_engine: Aggregate) -> None:
    with pytest.raises(DataError, match="psus"):
        by_engine(make_rows().drop(columns="psus"), CLUSTERS, BOOK)


def test_persons_need_a_name_and_databases_keep_none(by_engine: Aggregate) -> None:
    with pytest.raises(DesignError, match="Name theirs in ballot"):
        by_engine(make_rows(), SurveyDesign(), BOOK)
    with pytest.raises(DataError, match="no persons"):
        by_engine(make_rows(), CLUSTERS, BOOK, level="person")


def test_a_name_with_quotes_is_a_name(by_engine: Aggregate) -> None:
    odd = 'the "unit"; DROP'
    data = make_rows().rename(columns={"unit": odd})

    found = by_engine(data, CLUSTERS, BOOK, unit=odd)

    assert found.units == ("A", "B", "C")


def test_an_unknown_backend_and_a_frame_for_a_database_are_refused() -> None:
    with pytest.raises(DataError, match="backend 'dask'"):
        aggregate("wave", CLUSTERS, BOOK, backend="dask")
    with pytest.raises(DataError, match="Give the name of the table"):
        aggregate(make_rows(), CLUSTERS, BOOK, backend=object())
