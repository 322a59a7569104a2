"""Pages of a gift: the form for a tracking code, the trace, the confirmation.

A tracking code is a bearer secret: nothing here may be kept by caches or found by search engines, and wrong codes are
counted. A code typed in any way leads to its one canonical address.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, make_response, redirect, render_template, request
from flask_babel import get_locale

from ledger.checkpoints.proofs import NotCoveredError, make_slip
from ledger.config import ROOT
from ledger.core import tracking
from ledger.core.errors import NotFoundError
from ledger.extensions import csrf, limiter
from ledger.giving.confirmations import read_confirmation
from ledger.giving.find import UnknownCodeError, find_gift
from ledger.giving.queries import trace_page
from ledger.reports.confirmation import confirmation_pdf
from ledger.reports.engine import Attached
from ledger.web.access import public
from ledger.web.addresses import Addresses
from ledger.web.convert import read_book
from ledger.web.limits import MALFORMED, UNKNOWN, wrong_codes
from ledger.web.pages import BookRef, FindPage
from ledger.web.reading import reading
from ledger.web.signing import logs, witness_keys

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy import Connection
    from werkzeug.wrappers import Response as BaseResponse

    from ledger.config import Settings
    from ledger.web.pages import FindProblem

blueprint = Blueprint("giving", __name__)

FONTS = ROOT / "instance" / "fonts"  # where `make setup` puts them
LIMITED = 429
PROBLEMS: dict[str, FindProblem] = {"empty": "empty", "check": "check"}  # any other is "malformed"
documents = limiter.limit("20 per minute")  # making one takes a tenth of a second


@blueprint.after_request
def _keep_secret(response: Response) -> Response:
    """Keep these pages out of caches and search engines."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


@blueprint.route("/trace", methods=["GET", "POST"], defaults={"book": None})
@blueprint.route("/<book>/trace", methods=["GET", "POST"])
@public
@wrong_codes
def find(book: str | None) -> BaseResponse:
    """Ask for a tracking code and lead to its page."""
    at = _book(book)
    typed = request.values.get("code")
    if typed is None:
        return _form(FindPage(at))
    try:
        return redirect(_address(tracking.parse(typed)), 303)
    except tracking.TrackingCodeError as error:
        return _form(FindPage(at, typed, _problem(error)), MALFORMED)


csrf.exempt(find)  # it changes nothing


@blueprint.get("/trace/<code>")
@public
@wrong_codes
def trace(code: str) -> BaseResponse:
    """Show what became of a gift."""
    try:
        known = tracking.parse(code)
        if code != tracking.display(known):
            return redirect(_address(known), 303)
        with reading() as connection:
            page = trace_page(connection, known, datetime.now(UTC), full=request.args.get("full") == "1")
    except tracking.TrackingCodeError as error:
        return _form(FindPage(None, code, _problem(error)), UNKNOWN)
    except UnknownCodeError:
        return _form(FindPage(None, code, "unknown"), UNKNOWN)
    return make_response(render_template("giving/trace.html", view=page))


@blueprint.get("/trace/<code>/confirmation.pdf")
@public
@documents
@wrong_codes
def confirmation(code: str) -> BaseResponse:
    """Give the donation confirmation as a PDF, in the language of the page."""
    try:
        known = tracking.parse(code)
    except tracking.TrackingCodeError as error:
        raise UnknownCodeError(error.text, **error.values) from error
    settings: Settings = current_app.config["SETTINGS"]
    with reading() as connection:
        made, name = read_confirmation(connection, known, settings.public_url + Addresses().trace(known))
        slip = _slip(connection, known)
    response = make_response(confirmation_pdf(made, str(get_locale()), FONTS, slip))
    response.headers.set("Content-Type", "application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=name)
    return response


def _slip(connection: Connection, code: str) -> list[Attached]:
    """Make the slip of a gift, to travel inside its confirmation; none while no checkpoint covers it."""
    gift = find_gift(connection, code)
    key = logs().signer(gift.row.code).key
    try:
        slip = make_slip(connection, gift.row.id, [gift.seq], key, witness_keys(), private=[gift.seq], earliest=True)
    except NotCoveredError:
        return []
    return [Attached(f"shanliu-slip-{gift.seq}.json", str(slip), "The proof that this gift is on the ledger")]


@blueprint.errorhandler(LIMITED)
def _limited(_error: Exception) -> BaseResponse:
    """Ask for patience, with the form."""
    limit = limiter.current_limit
    wait = max(1, limit.reset_at - int(time.time())) if limit else 60
    book = (request.view_args or {}).get("book")
    try:
        at = _book(book)
    except NotFoundError:
        at = None
    typed = request.values.get("code") or (request.view_args or {}).get("code") or ""
    response = _form(FindPage(at, typed, "limited", wait), LIMITED)
    response.headers["Retry-After"] = str(wait)
    return response


def _book(code: str | None) -> BookRef | None:
    if code is None:
        return None
    with reading() as connection:
        return read_book(connection, code)[1]


def _form(page: FindPage, status: int = 200) -> BaseResponse:
    return make_response(render_template("giving/find.html", view=page), status)


def _problem(error: tracking.TrackingCodeError) -> FindProblem:
    return PROBLEMS.get(error.problem, "malformed")


def _address(code: str) -> str:
    return Addresses(request.script_root).trace(code)
