"""Logs: one JSON object a line on standard error, never a tracking code.

Everything logged leaves through `JsonLines`, which scrubs the finished line, tracebacks included.
"""

from __future__ import annotations

import json
import logging
import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import g, request

if TYPE_CHECKING:
    from flask import Flask, Response

SCRUBBED = "…"
# What follows /trace/ in an address, and anything shaped like a code: 16 symbols and a check symbol.
CODES = re.compile(
    r"(?<=/trace/)[^\s\"'?#/\\]+"
    r"|\b(?:[0-9A-Za-z]{4}[- ]){4}[0-9A-Za-z*~$=](?![0-9A-Za-z])"
)
PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

access = logging.getLogger("ledger.access")


def scrub(text: str) -> str:
    """Return `text` without tracking codes."""
    return CODES.sub(SCRUBBED, text)


class JsonLines(logging.Formatter):
    """Write a record as one line of JSON with what `extra=` added to it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, scrubbed."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update({key: value for key, value in vars(record).items() if key not in PLAIN})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return scrub(json.dumps(line, ensure_ascii=False, default=str))


def dict_config(level: str) -> dict[str, Any]:
    """Return the configuration of `logging.config.dictConfig`; gunicorn is given the same one."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "ledger.logs.JsonLines"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {
            "gunicorn.error": {"level": level, "handlers": [], "propagate": True},
            "gunicorn.access": {"level": level, "handlers": [], "propagate": False},
            "alembic": {"level": "WARNING"},
            "fontTools": {"level": "WARNING"},
        },
    }


def init_app(app: Flask) -> None:
    """Log each request by its route, never by its address."""
    app.before_request(_start_clock)
    app.after_request(_log_request)


def _start_clock() -> None:
    g.started = time.perf_counter()


def _log_request(response: Response) -> Response:
    started = g.get("started")
    access.info(
        "%s %s %d",
        request.method,
        request.url_rule.rule if request.url_rule else "(no route)",
        response.status_code,
        extra={"ms": round((time.perf_counter() - started) * 1000, 1) if started else None},
    )
    return response
