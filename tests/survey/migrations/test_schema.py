"""One history, two databases, and the schema that the models declare."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from survey.db import Database
from survey.errors import ConfigurationError
from survey.migrations import rights, runner
from survey.model.tables import metadata


def test_migrations_build_the_declared_schema(empty_database: Database) -> None:
    runner.upgrade(empty_database)

    with empty_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert runner.current(empty_database) == runner.head()


def test_constraints_carry_their_declared_names(database: Database) -> None:
    found = inspect(database.engine)

    for name, table in metadata.tables.items():
        declared = {c.name for c in table.constraints if c.name and str(c.name).startswith("ck_")}
        stored = {c["name"] for c in found.get_check_constraints(name)}
        assert declared <= stored, name


def test_upgrading_twice_changes_nothing(empty_database: Database) -> None:
    runner.upgrade(empty_database)
    tables = set(inspect(empty_database.engine).get_table_names())

    runner.upgrade(empty_database)

    assert set(inspect(empty_database.engine).get_table_names()) == tables


def test_a_failed_upgrade_leaves_nothing_behind(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("half-way")

    monkeypatch.setattr("survey.migrations.triggers.freeze_launched_campaigns", fail)

    with pytest.raises(RuntimeError, match="half-way"):
        runner.upgrade(empty_database)

    assert inspect(empty_database.engine).get_table_names() == []


def test_rights_go_only_to_a_role_that_is_there(empty_database: Database, backend: str) -> None:
    runner.upgrade(empty_database)
    says = "SQLite" if backend == "sqlite" else "nobody-of-this-name"

    with pytest.raises(ConfigurationError, match=says):
        rights.grant(empty_database, "nobody-of-this-name")
