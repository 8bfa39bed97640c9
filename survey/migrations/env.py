"""Run by Alembic: apply migrations on the connection that `survey.migrations.runner` hands over."""

from __future__ import annotations

from alembic import context

from survey.model.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=context.config.attributes["connection"].dialect.name == "sqlite",
    transaction_per_migration=False,
)
context.run_migrations()
