"""A donor's own pages: an account made with a tracking code, all gifts together, names, the end of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, make_response, redirect, request, session, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import UserMixin, login_user

from ledger.config import ROOT
from ledger.core.errors import LedgerError, NotFoundError
from ledger.core.tracking import TrackingCodeError
from ledger.extensions import db, limiter
from ledger.giving.donors import accounts, actions, forms, known
from ledger.giving.donors.forms import private_page as page
from ledger.giving.donors.held import SORTS, Wanted, read_places, years_and_books
from ledger.giving.donors.queries import MOST, my_page
from ledger.giving.donors.stated import read_statement
from ledger.giving.find import UnknownCodeError
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book
from ledger.people.accounts import throttle
from ledger.people.accounts.forms import caller
from ledger.reports.statement import statement_pdf
from ledger.web import asked as address
from ledger.web import labels, quantities
from ledger.web.access import actor, current_actor, public, signed_in
from ledger.web.errors import say
from ledger.web.limits import MALFORMED, UNKNOWN, wrong_codes
from ledger.web.listing import Column, Listing, ask, xlsx_response
from ledger.web.locale import voice
from ledger.web.reading import reading

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from ledger.giving.donors.queries import MyGift
    from ledger.web.listing import Asked
    from ledger.web.pages import Share

blueprint = Blueprint("donor", __name__)

FONTS = ROOT / "instance" / "fonts"  # where `make setup` puts them
UNPROCESSABLE = 422
MOST_DIGITS = 15  # of the number of an entry
documents = limiter.limit("10 per minute")  # making one takes a second
GIFTS = (
    Column("dated", _l("Date"), "date", sortable=True),
    Column("book", _l("Book"), sortable=True),
    Column("fund", _l("Fund"), sortable=True),
    Column("amount", _l("Gift"), "amount", sortable=True),
    Column("became", _l("What became of it")),
    Column("papers", _l("Papers")),
)
XLSX = (
    *GIFTS[:4],
    Column("unit", _l("Unit")),
    Column("services", _l("Services"), "number"),
    Column("became", _l("What became of it")),
    Column("entry", _l("Entry"), "number"),
)


class _Fresh(UserMixin):  # type: ignore[misc]  # the package has no types
    """Who has just joined, until the next request reads the session of the token."""

    def __init__(self, token: str) -> None:
        self.id = token
        self.actor = None


# ------------------------------------------------------------------ an account


@blueprint.route("/donor/join", methods=["GET", "POST"])
@public
@wrong_codes
def join() -> ResponseReturnValue:
    """Make an account of a login, a password and a tracking code."""
    if current_actor() is not None:
        return redirect(url_for("donor.mine"), 303)
    form, status = forms.JoinForm(), 200
    if form.validate_on_submit():
        try:
            code = forms.code_in(form.code.data)
            token = accounts.join(db.engine, form.login.data, form.new.data, code, caller())
        except (TrackingCodeError, UnknownCodeError) as error:
            form.code.errors = [*form.code.errors, say(error)]
            status = UNKNOWN if isinstance(error, UnknownCodeError) else MALFORMED
        except LedgerError as error:
            form.form_errors.append(say(error))
            status = error.status if isinstance(error, throttle.TooManyAttemptsError) else UNPROCESSABLE
        else:
            session.clear()  # nothing that was in the cookie before lives on
            login_user(_Fresh(token))
            flash(_("Your account is made. Keep login and password; we have no other way to know you."), "done")
            return redirect(url_for("donor.mine"), 303)
    if form.errors and status == 200:  # noqa: PLR2004
        status = UNPROCESSABLE
    return page("giving/donors/join.html", status, form=form)


@blueprint.route("/donor/claim", methods=["GET", "POST"])
@signed_in
@wrong_codes
def claim() -> ResponseReturnValue:
    """Hold further gifts by their tracking codes; those that fit are held, the others are asked for again."""
    form, status = forms.ClaimForm(), 200
    wrong: list[tuple[str, str]] = []
    if form.validate_on_submit():
        held, wrong, status = _claim_all(form.codes.codes())
        if held:
            flash(
                ngettext("Your account holds %(num)s more gift.", "Your account holds %(num)s more gifts.", held),
                "done",
            )
        if not wrong:
            return redirect(url_for("donor.mine"), 303)
        form.codes.data = "\n".join(code for code, _why in wrong)
        form.codes.raw_data = None
    elif form.errors:
        status = UNPROCESSABLE
    return page("giving/donors/claim.html", status, form=form, wrong=wrong)


def _claim_all(codes: list[str]) -> tuple[int, list[tuple[str, str]], int]:
    """Claim gifts one by one; give how many are new, what was wrong with the others, and the status of the answer."""
    held, shared, before, wrong, status = 0, 0, 0, [], 200
    for code in codes:
        try:
            with write_transaction(db.engine) as connection:
                claimed = actions.claim(connection, actor().code, code)
        except LedgerError as error:
            wrong.append((code, say(error)))
            if status not in {MALFORMED, UNKNOWN}:
                bad = {UnknownCodeError: UNKNOWN, TrackingCodeError: MALFORMED}
                status = bad.get(type(error), UNPROCESSABLE)
        else:
            held += not claimed.before
            before += claimed.before
            shared += claimed.others > 0
    if before:
        flash(
            ngettext("You hold %(num)s of these gifts already.", "You hold %(num)s of these gifts already.", before),
            "waits",
        )
    if shared:
        words = ngettext(
            "%(num)s of these gifts is held by another account too: somebody else knows its code.",
            "%(num)s of these gifts are held by another account too: somebody else knows their codes.",
            shared,
        )
        flash(words, "waits")
    return held, wrong, status


@blueprint.route("/donor/release/<book>/<int:seq>", methods=["GET", "POST"])
@signed_in
def release(book: str, seq: int) -> ResponseReturnValue:
    """Let a gift go, after asking."""
    form, me = forms.SureForm(), actor().code
    with reading() as connection:
        gift = actions.Gift(find_book(connection, book).id, seq)
        actions.check_holds(connection, me, [gift])
    if form.validate_on_submit():
        with write_transaction(db.engine) as connection:
            actions.release(connection, me, gift)
        flash(_("Your account does not hold gift #%(number)s any more.", number=seq), "done")
        return redirect(url_for("donor.mine"), 303)
    return page("giving/donors/release.html", form=form, seq=seq)


@blueprint.route("/donor/leave", methods=["GET", "POST"])
@signed_in
def leave() -> ResponseReturnValue:
    """Delete one's own account, after the password."""
    form, me = forms.LeaveForm(), actor().code
    with reading() as connection:
        held = actions.count_claims(connection, me)
        waiting = [it for it in known.requests_of(connection, me) if it.state == "open"]
    if form.validate_on_submit():
        try:
            with write_transaction(db.engine) as connection:
                throttle.take(connection, f"own:{me}", throttle.FACTOR)
            with write_transaction(db.engine) as connection:
                accounts.leave(connection, me, form.password.data)
        except LedgerError as error:
            form.form_errors.append(say(error))
        else:
            session.clear()
            flash(_("Your account is deleted. Tracking codes go on working."), "done")
            return redirect(url_for("accounts.login"), 303)
    status = UNPROCESSABLE if form.errors or form.form_errors else 200
    return page("giving/donors/leave.html", status, form=form, held=held, waiting=waiting)


# ------------------------------------------------------------------ all gifts together


@blueprint.get("/donor")
@signed_in
def mine() -> ResponseReturnValue:
    """Show all gifts that the account holds, over all books, and what became of them."""
    me, asked = actor().code, ask(GIFTS, "-dated", MOST)
    with reading() as connection:
        _years, books = years_and_books(connection, me)
        wanted = _wanted(me, asked, books)
        size = actions.MOST_CLAIMED if asked.xlsx else MOST
        view = my_page(connection, wanted, 1 if asked.xlsx else asked.page, forms.code_key(), size)
        if asked.xlsx:
            return xlsx_response(XLSX, [_cells(gift) for gift in view.gifts], "gifts")
        return page(
            "giving/donors/mine.html",
            mine=view,
            listing=Listing(_columns(books), view.gifts, view.pager, asked),
            wanted=wanted,
            year_choices=[(year, year) for year in view.years],
            book_choices=[(book.code, book.name) for book in view.books],
            requests=known.requests_of(connection, me),
        )


def _columns(books: list[str]) -> tuple[Column, ...]:
    """Leave the book out while there is only one."""
    return tuple(column for column in GIFTS if column.key != "book" or len(books) > 1)


def _wanted(me: str, asked: Asked, books: list[str]) -> Wanted:
    sort = asked.sort if asked.sort in SORTS else "dated"
    return Wanted(me, address.choice("book", books) or "", address.year(), sort, asked.descending)


def _cells(gift: MyGift) -> dict[str, object]:
    return {
        "dated": gift.dated,
        "book": gift.book.name,
        "fund": gift.fund.name or gift.fund.code,
        "amount": gift.quantity,
        "unit": gift.quantity.unit.measure or gift.quantity.unit.name,
        "services": gift.service_count,
        "became": "; ".join(_share(share) for share in gift.shares),
        "entry": gift.seq,
    }


def _share(share: Share) -> str:
    return f"{labels.word(labels.BUCKETS, share.bucket, voice())} {quantities.amount(share.quantity, voice())}"


@blueprint.get("/donor/statement/<int:year>.pdf")
@signed_in
@documents
def statement(year: int) -> ResponseReturnValue:
    """Give the statement of a year as a PDF, in the language of the page; of all books, or of one."""
    me = actor().code
    with reading() as connection:
        _years, books = years_and_books(connection, me)
        wanted = Wanted(me, address.choice("book", books) or "", year)
        made, name = read_statement(connection, wanted, forms.code_key(), forms.site())
    response = make_response(statement_pdf(made, str(get_locale()), FONTS))
    response.headers.set("Content-Type", "application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


# ------------------------------------------------------------------ names


@blueprint.route("/donor/names", methods=["GET", "POST"])
@signed_in
def names() -> ResponseReturnValue:
    """Set, gift by gift or for all at once, whether one's name is published."""
    me, form = actor().code, forms.SureForm()
    if form.validate_on_submit():
        return _set_names(me)
    with reading() as connection:
        wanted = Wanted(me)
        view = my_page(connection, wanted, address.page(), forms.code_key())
    return page("giving/donors/names.html", mine=view, form=form)


def _set_names(me: str) -> ResponseReturnValue:
    """Carry out what was ticked: of the gifts on the page those ticked are published, the others are not."""
    what = request.form.get("what")
    if what not in {"all", "none", "ticked"}:
        abort(MALFORMED)
    with reading() as connection:
        held = actions.all_claims(connection, me)
        books = {
            code: place.row.id for code, place in read_places(connection, years_and_books(connection, me)[1]).items()
        }
    with write_transaction(db.engine) as connection:
        if what == "ticked":
            shown = _gifts("shown", books)
            ticked = _gifts("publish", books) & shown
            actions.set_consent(connection, me, ticked, publish=True)
            actions.set_consent(connection, me, shown - ticked, publish=False)
        else:
            actions.set_consent(connection, me, held, publish=what == "all")
    flash(_("This is set, and holds from now on."), "done")
    return redirect(url_for("donor.names"), 303)


def _gifts(field: str, books: dict[str, int]) -> set[actions.Gift]:
    """Read gifts of a form, written as book/entry."""
    found = set()
    for text in request.form.getlist(field):
        book, _slash, seq = text.rpartition("/")
        if book not in books or not (seq.isascii() and seq.isdigit()) or len(seq) > MOST_DIGITS:
            abort(MALFORMED)
        found.add(actions.Gift(books[book], int(seq)))
    return found


# ------------------------------------------------------------------ asking to be erased


@blueprint.route("/donor/erase", methods=["GET", "POST"])
@signed_in
def erase() -> ResponseReturnValue:
    """Ask a foundation to erase one's data, knowing what goes and what stays."""
    me, form = actor().code, forms.AskForm()
    with reading() as connection:
        _years, codes = years_and_books(connection, me)
        asked = known.requests_of(connection, me)
        places = read_places(connection, {*codes, *(it.book for it in asked)})
    form.book.choices = [(code, places[code].ref.foundation or places[code].ref.name) for code in codes]
    if request.method == "GET" and codes:
        form.book.data = address.choice("book", codes) or codes[0]
    if codes and form.validate_on_submit():
        row = places[form.book.data].row
        try:
            with write_transaction(db.engine) as connection:
                actions.ask_erasure(connection, me, (row.id, row.code), form.reason.data or "")
        except LedgerError as error:
            form.form_errors.append(say(error))
        else:
            flash(_("You asked for it. An admin of the foundation carries it out; this page will say when."), "waits")
            return redirect(url_for("donor.erase"), 303)
    status = UNPROCESSABLE if form.errors or form.form_errors else 200
    return page("giving/donors/erase.html", status, form=form, places=places, asked=asked)


@blueprint.post("/donor/erase/<code>/withdraw")
@signed_in
def withdraw(code: str) -> ResponseReturnValue:
    """Take one's request back."""
    try:
        with write_transaction(db.engine) as connection:
            actions.withdraw_erasure(connection, actor().code, code)
    except NotFoundError as error:
        flash(say(error), "waits")
    else:
        flash(_("Your request is taken back. Nothing was erased."), "done")
    return redirect(url_for("donor.erase"), 303)
