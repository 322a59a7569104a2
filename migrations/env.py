"""Run migrations inside the application: `flask --app wsgi db upgrade`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic import context
from flask import current_app

if TYPE_CHECKING:
    from sqlalchemy import Engine, MetaData

database: Any = current_app.extensions["migrate"].db
engine: Engine = database.engine
metadata: MetaData = database.metadata


def run_offline() -> None:
    """Write the SQL instead of running it (`flask db upgrade --sql`)."""
    context.configure(url=engine.url, target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run the migrations, each in its own transaction on PostgreSQL; SQLite rebuilds tables in batches."""
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=engine.dialect.name == "sqlite",
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
