"""Migrations are numbered, form one line, and lead to what the models declare."""

from __future__ import annotations

import re

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from survey.migrations.runner import upgrade
from survey.model.tables import metadata
from tests.support.source import ROOT

FOLDER = ROOT / "survey" / "migrations"


def test_migrations_are_numbered_and_form_one_line():
    scripts = ScriptDirectory(str(FOLDER))
    revisions = [script.revision for script in scripts.walk_revisions()][::-1]
    files = sorted(p.stem for p in (FOLDER / "versions").glob("v*.py"))

    assert len(scripts.get_heads()) == 1
    assert [int(re.sub(r"\D", "", r)) for r in revisions] == list(range(1, len(revisions) + 1))
    assert [re.match(r"v(\d{4})_", name)[1] for name in files] == [
        f"{number:04d}" for number in range(1, len(revisions) + 1)
    ]


def test_the_migrated_schema_equals_the_models(empty_database):
    upgrade(empty_database)

    with empty_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        differences = compare_metadata(context, metadata)

    assert differences == []


def test_every_constraint_has_a_name():
    unnamed = [
        f"{table.name}: {constraint!r}"
        for table in metadata.tables.values()
        for constraint in table.constraints
        if not constraint.name
    ]

    assert not unnamed
