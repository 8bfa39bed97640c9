"""The rights of the application's role on PostgreSQL.

It can add what ballots and points stand on, and never change it.
"""

from __future__ import annotations

from sqlalchemy import text

from survey.db import Database
from survey.errors import N_, ConfigurationError
from survey.model.tables import metadata

# No service changes or deletes a row of these. Groups, matrix and sample of a campaign are not
# among them: until the launch they are a plan, from then on triggers keep them.
ADD_ONLY = (
    *("audit_event", "ballot", "ballot_import", "credential", "criterion", "field", "framework"),
    *("group_weight", "leaf", "leaf_exemption", "period", "question_leaf", "questionnaire"),
    *("questionnaire_version", "run", "spent"),
)


def grant(database: Database, role: str) -> None:
    """Give an existing role what the application needs, and nothing more."""
    if database.is_sqlite:
        raise ConfigurationError(N_("SQLite không có vai trò; chỉ cấp quyền trên PostgreSQL."))
    with database.engine.begin() as connection:
        known = connection.execute(
            text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}
        ).scalar()
        if not known:
            raise ConfigurationError(N_("Chưa có vai trò “%(role)s” trong PostgreSQL."), role=role)
        name = connection.dialect.identifier_preparer.quote(role)
        for table in [*metadata.tables, "alembic_version"]:
            rights = "SELECT, INSERT" if table in ADD_ONLY else "SELECT, INSERT, UPDATE, DELETE"
            rights = "SELECT" if table == "alembic_version" else rights
            connection.execute(text(f"REVOKE ALL ON {table} FROM {name}"))
            connection.execute(text(f"GRANT {rights} ON {table} TO {name}"))
        connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}"))
