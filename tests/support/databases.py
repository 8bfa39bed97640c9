"""Databases for tests: a migrated template once, a fresh copy of it for every test."""

from __future__ import annotations

import shutil
from pathlib import Path

from survey.config import Settings
from survey.db import Database
from survey.migrations.rights import grant
from survey.migrations.runner import upgrade
from tests.support.postgresql import APPLICATION, OWNER, Server

SECRET = "only-for-tests-" + "0" * 49


def settings_for(instance: Path, url: str) -> Settings:
    """Return the settings of an application under test."""
    return Settings(
        instance=instance, database_url=url, secret_key=SECRET, https=False, unsafe_database=True
    )


class SQLiteCopies:
    """SQLite: the template is a file, and so is each copy."""

    def __init__(self, folder: Path) -> None:
        self.template = folder / "template.sqlite"
        database = Database(settings_for(folder, f"sqlite:///{self.template}"))
        upgrade(database)
        database.dispose()

    def copy(self, folder: Path) -> str:
        """Return the address of a fresh copy of the migrated database."""
        shutil.copyfile(self.template, folder / "xhh.sqlite")
        return f"sqlite:///{folder / 'xhh.sqlite'}"

    def empty(self, folder: Path) -> str:
        """Return the address of a database without any table."""
        return f"sqlite:///{folder / 'empty.sqlite'}"

    def clear(self) -> None:
        """Leave the files to pytest, which removes old folders itself."""


class PostgreSQLCopies:
    """PostgreSQL: the application under test gets its own role, not the owner's."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.template = server.create()
        self.made: list[str] = []
        database = Database(settings_for(folder, server.url(self.template, OWNER)))
        upgrade(database)
        grant(database, APPLICATION)
        database.dispose()

    def copy(self, folder: Path) -> str:
        """Return the address of a fresh copy of the migrated database."""
        self.made.append(self.server.create(self.template))
        return self.server.url(self.made[-1], APPLICATION)

    def empty(self, folder: Path) -> str:
        """Return the address of a database without any table, for its owner."""
        self.made.append(self.server.create())
        return self.server.url(self.made[-1], OWNER)

    def clear(self) -> None:
        """Remove what was made since the last time."""
        while self.made:
            self.server.drop(self.made.pop())


Copies = SQLiteCopies | PostgreSQLCopies
