"""Two addresses for whoever keeps this running: is the process up, can it work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, current_app, jsonify
from sqlalchemy.exc import SQLAlchemyError

from ledger.config import ROOT
from ledger.extensions import db, limiter
from ledger.web.access import public

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("health", __name__)
limiter.exempt(blueprint)

MIGRATIONS = ROOT / "migrations"


@blueprint.get("/healthz")
@public
def up() -> ResponseReturnValue:
    """Answer: the process runs."""
    return jsonify(status="up")


@blueprint.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Answer whether the database is there and has the tables of this version."""
    try:
        missing = sorted(_expected_heads() - _present_heads())
    except SQLAlchemyError as error:
        current_app.logger.warning("the database does not answer: %s", error)
        return jsonify(status="not ready", reason="the database does not answer"), 503
    if missing:
        return jsonify(status="not ready", reason="run flask --app wsgi db upgrade", missing=missing), 503
    return jsonify(status="ready")


def _expected_heads() -> set[str]:
    return set(ScriptDirectory(str(MIGRATIONS)).get_heads())


def _present_heads() -> set[str]:
    with db.engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads())
