"""Errors become answers here, once: a page for people, JSON for clients that ask for nothing else.

A named error carries its status (`LedgerError.status`) and its words; anything else is a 500 whose reference
is in the log beside the traceback.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import current_app, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from markupsafe import escape
from werkzeug.exceptions import HTTPException, InternalServerError

from ledger.core.errors import LedgerError

if TYPE_CHECKING:
    from flask import Flask, Response

SERVER_ERROR = 500


class Report(NamedTuple):
    """What an answer says: status, what happened, in which words, what to do next."""

    status: int
    title: str
    message: str
    hint: str


def init_app(app: Flask) -> None:
    """Answer every error from now on."""
    app.register_error_handler(LedgerError, _answer_ledger_error)
    app.register_error_handler(HTTPException, _answer_http_exception)


def wants_json() -> bool:
    """Say whether the client accepts JSON and would not rather have a page."""
    accept = request.accept_mimetypes
    return accept["application/json"] > accept["text/html"]


def _answer_ledger_error(error: LedgerError) -> Response:
    if error.status >= SERVER_ERROR:
        return _answer_http_exception(InternalServerError(original_exception=error))
    title, hint = _words(error.status)
    return _respond(Report(error.status, title, str(error), hint), type(error).__name__)


def _answer_http_exception(error: HTTPException) -> Response:
    """Answer with the error's status, keeping its headers (`Allow`, `Retry-After`, `Location`)."""
    own = error.get_response()
    status = own.status_code
    if status < 400:  # noqa: PLR2004  # a redirect that routing raised
        return make_response(own)
    title, hint = _words(status)
    if status >= SERVER_ERROR:
        hint = _("Please tell us this reference: %(reference)s", reference=_log(error))
    response = _respond(Report(status, title, _message(error), hint), type(error).__name__)
    for name, value in own.headers:
        if name not in {"Content-Type", "Content-Length"}:
            response.headers.setdefault(name, value)
    return response


def _log(error: HTTPException) -> str:
    """Log what lies behind a 500 and return the reference that finds it."""
    reference = secrets.token_hex(4)
    cause = getattr(error, "original_exception", None) or error
    route = request.url_rule.rule if request.url_rule else "(no route)"
    current_app.logger.error(
        "%s failed", route, extra={"reference": reference}, exc_info=(type(cause), cause, cause.__traceback__)
    )
    return reference


def _words(status: int) -> tuple[str, str]:
    """Return title and hint of a status."""
    known = {
        400: (_("This request cannot be understood"), _("Go back, check what you entered, and try again.")),
        403: (_("You may not see this"), _("If you think you should, ask the people who keep this book.")),
        404: (_("There is no such page"), _("Check the address, or start again from the first page.")),
        405: (_("This address does not do that"), _("Go back and use the buttons of the page.")),
        409: (_("The ledger already says otherwise"), _("Look at what is recorded, then decide again.")),
        413: (_("This file is too large"), _("Send a smaller file, or several.")),
        429: (_("Too many attempts"), _("Wait a minute, then try again.")),
    }
    if status in known:
        return known[status]
    if status < SERVER_ERROR:
        return known[400]
    return _("Something went wrong on our side"), _("Nothing was recorded. Please try again later.")


def _message(error: HTTPException) -> str:
    """Return what went wrong, without what only concerns the operator."""
    if (error.code or SERVER_ERROR) >= SERVER_ERROR:
        return str(_("Your request was not carried out."))
    return str(error.description or "")


def _respond(report: Report, name: str) -> Response:
    """Return the answer, never cached."""
    if wants_json():
        response = jsonify(error=name, **report._asdict())
    else:
        response = make_response(_page(report._asdict()))
    response.status_code = report.status
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(words: dict[str, Any]) -> str:
    """Return the page; when the page itself fails (no database, a broken template), the bare words."""
    try:
        return render_template("errors/error.html", **words)
    except Exception:
        current_app.logger.exception("the error page itself failed")
        return (
            f"<!doctype html><title>{escape(words['title'])}</title>"
            f"<h1>{escape(words['title'])}</h1><p>{escape(words['message'])}</p><p>{escape(words['hint'])}</p>"
        )
