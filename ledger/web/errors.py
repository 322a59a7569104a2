"""Errors become answers here, once: a page for people, JSON for clients that ask for nothing else.

A named error carries its status (`LedgerError.status`) and its words, which `say` gives in the language of the page;
anything else is a 500 whose reference is in the log beside the traceback.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import current_app, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from werkzeug.exceptions import HTTPException, InternalServerError

from ledger.core.errors import LedgerError, Word
from ledger.core.units import CNY, HOURS, Counted
from ledger.web import labels, quantities
from ledger.web.convert import Names
from ledger.web.locale import voice
from ledger.web.pages import Quantity, Unit

if TYPE_CHECKING:
    from flask import Flask, Response
    from sqlalchemy import Connection

    from ledger.web.voice import Voice

SERVER_ERROR = 500
UNAUTHORIZED = 401
UNITS = {unit.code: Unit(unit.code, "", "", unit.scale, unit.kind) for unit in (CNY, HOURS)}


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


def say(error: LedgerError, names: Names | None = None) -> str:
    """Say an error in the language of the page, with its values as people write them; plain text.

    With the names of a book (`names_of`), goods are written in its units and accounts by their names.
    """
    at = voice()
    text = at.gettext(error.text)
    values = {name: _spoken(name, value, at, names) for name, value in error.values.items()}
    return at.fill(text, values) if values else text


def names_of(error: LedgerError, connection: Connection, book_id: int) -> Names:
    """Read what an error names of a book, in one statement or two."""
    return Names(connection, book_id, _addresses(error))


def _addresses(error: LedgerError) -> set[str]:
    found: set[str] = set()
    for name, value in error.values.items():
        if isinstance(value, LedgerError):
            found |= _addresses(value)
        elif isinstance(value, Counted):
            found.add(f"unit:{value.unit}")
        elif isinstance(value, str) and _is_address(value):
            found.add(value)
        elif name == "unit":
            found.add(f"unit:{value}")
    return found


def _is_address(text: str) -> bool:
    kind, _, code = text.partition(":")
    return kind in labels.TYPES and bool(code)


def _spoken(name: str, value: object, at: Voice, names: Names | None) -> object:
    if isinstance(value, LedgerError):
        return say(value, names)
    if isinstance(value, Word):
        return at.gettext(value)
    if isinstance(value, Counted):
        return _amount(value, at, names)
    if not isinstance(value, str):
        return value
    if name in {"kind", "role"}:
        return labels.word(labels.TYPES, value, at, labels.kind_name(value, at))
    if names and _is_address(value):
        return labels.name(names.ref(value), at)
    return labels.unit_name(names.unit(value), at) if names and name == "unit" else value


def _amount(counted: Counted, at: Voice, names: Names | None) -> str:
    """Write an amount with its measure; the scale of other units than yuan and hours only a book knows."""
    unit = names.unit(counted.unit) if names else UNITS.get(counted.unit)
    return quantities.quantity(Quantity(counted.amount, unit), at) if unit else str(counted)


def _answer_ledger_error(error: LedgerError) -> Response:
    if error.status >= SERVER_ERROR:
        return _answer_http_exception(InternalServerError(original_exception=error))
    # For programs exact, and English.
    report = _words(error.status)._replace(message=str(error) if wants_json() else say(error))
    return _respond(report, type(error).__name__)


def _answer_http_exception(error: HTTPException) -> Response:
    """Answer with the error's status, keeping its headers (`Allow`, `Retry-After`, `Location`)."""
    own = error.get_response()
    if error.response is not None or own.status_code < 400:  # noqa: PLR2004  # a view's own answer, a redirect
        return make_response(own)
    report = _words(own.status_code)
    if report.status >= SERVER_ERROR:
        report = report._replace(hint=_("Please tell us this reference: %(reference)s", reference=_log(error)))
    elif _says_something(error):
        report = report._replace(message=str(error.description))
    response = _sent_again(own.status_code, error) or _respond(report, type(error).__name__)
    for name, value in own.headers:
        if name not in {"Content-Type", "Content-Length"}:
            response.headers.setdefault(name, value)
    return response


def _sent_again(status: int, error: HTTPException) -> Response | None:
    """Keep what somebody wrote at the desk while their session ended, to be sent once more; None: nothing is kept.

    Only for a form of our own pages: a button pressed here is as good as one pressed there. Files cannot be kept.
    """
    ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    late = status == UNAUTHORIZED or isinstance(error, CSRFError)
    desk = request.method == "POST" and "book" in (request.view_args or {})
    files = any(file.filename for file in request.files.values()) if desk else False
    if not (ours and late and desk) or files or wants_json():
        return None
    kept = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    page = render_template("errors/again.html", kept=kept, gone=status == UNAUTHORIZED, here=request.full_path)
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _says_something(error: HTTPException) -> bool:
    """Tell a sentence of ours (`abort(404, _("…"))`) from the library's own English."""
    kind = type(error)
    return kind.__module__ == "werkzeug.exceptions" and error.description != kind.description


def _log(error: HTTPException) -> str:
    """Log what lies behind a 500 and return the reference that finds it."""
    reference = secrets.token_hex(4)
    cause = getattr(error, "original_exception", None) or error
    route = request.url_rule.rule if request.url_rule else "(no route)"
    current_app.logger.error(
        "%s failed", route, extra={"reference": reference}, exc_info=(type(cause), cause, cause.__traceback__)
    )
    return reference


def _words(status: int) -> Report:
    """Return what to say about a status when nothing more is known."""
    title, message, hint = {
        401: (
            _("Sign in first"),
            _("You are not signed in, or were signed out after a time without use. Nothing was changed."),
            _("Sign in, go back to the page, and send it once more."),
        ),
        403: (
            _("You may not see this"),
            _("This page is not open to everybody."),
            _("If you think you should see it, ask the people who keep this book."),
        ),
        404: (
            _("There is no such page"),
            _("Nothing is kept at this address."),
            _("Check the address, or start again from the first page."),
        ),
        405: (
            _("This address does not do that"),
            _("It was asked for in a way it does not answer to."),
            _("Go back and use the buttons of the page."),
        ),
        409: (
            _("The ledger says otherwise"),
            _("This contradicts what is already recorded."),
            _("Look at what is recorded, then decide again."),
        ),
        410: (
            _("This is over"),
            _("What stood at this address does not hold any more."),
            _("Ask the person who gave you the address."),
        ),
        413: (
            _("This is too large"),
            _("More was sent than can be taken at once."),
            _("Send a smaller file, or several."),
        ),
        429: (
            _("Too many attempts"),
            _("There were more requests from your connection than we answer in this time."),
            _("Wait a minute, then try again."),
        ),
    }.get(status) or (_server_words() if status >= SERVER_ERROR else _request_words())
    return Report(status, title, message, hint)


def _request_words() -> tuple[str, str, str]:
    return (
        _("This request cannot be understood"),
        _("What was sent is incomplete or too old."),
        _("Go back, load the page anew, check what you entered, and try again."),
    )


def _server_words() -> tuple[str, str, str]:
    return (
        _("Something went wrong on our side"),
        _("Your request was not carried out."),
        _("Please try again later."),
    )


def _respond(report: Report, name: str) -> Response:
    """Return the answer, never cached."""
    words = report._asdict()
    response = jsonify(error=name, **words) if wants_json() else make_response(_page(words))
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
