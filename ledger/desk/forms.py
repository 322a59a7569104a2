"""What the views of the desk share: the open book, forms, putting a request forward, pages."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms.validators import DataRequired, Length, ValidationError

from ledger.core.errors import LedgerError
from ledger.desk import actions
from ledger.desk.commands import Tools
from ledger.desk.queries import count, read_returned, reason_of, waiting_for
from ledger.extensions import db
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book
from ledger.people.accounts import trail
from ledger.web.access import actor
from ledger.web.convert import read_book
from ledger.web.errors import names_of, say
from ledger.web.fields import DayField, TextField, today
from ledger.web.reading import reading
from ledger.web.stages import STAGES
from ledger.web.uploads import FilesField, remember

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection
    from werkzeug.wrappers import Response

    from ledger.desk.commands import Command, Payload
    from ledger.journal.read import BookRow
    from ledger.web.actor import Actor
    from ledger.web.pages import BookRef
    from ledger.web.stages import Item

FILES = "files"  # under which the form of a proposal keeps the evidence that was attached
NOT_KEPT = {"csrf_token", "submit", "again", "once"}
MOST_ONCE = 64  # characters that name a page


class At(NamedTuple):
    """The desk of a book in this request: one snapshot, who sits there."""

    connection: Connection
    row: BookRow
    book: BookRef
    actor: Actor

    @property
    def code(self) -> str:
        """Return the code of the book."""
        return self.book.code


class View(NamedTuple):
    """What the base templates ask for."""

    book: BookRef


class DeskForm(FlaskForm):
    """A form of the desk: on which day it happened, and a remark for the ledger (never personal data)."""

    dated = DayField(_l("Date"), [DataRequired(_l("Say on which day."))], default=today)
    memo = TextField(_l("Note on the ledger"), [Length(max=200, message=_l("At most 200 characters."))], default="")

    def validate_dated(self, field: DayField) -> None:
        """Refuse a day that has not come yet."""
        if field.data and field.data > today():
            raise ValidationError(_("This day has not come yet."))


FormType = TypeVar("FormType", bound=FlaskForm)


@contextmanager
def desk(book: str) -> Iterator[At]:
    """Open the desk of a book."""
    with reading() as connection:
        row, ref = read_book(connection, book)
        yield At(connection, row, ref, actor())


def drafted(at: At, form: Callable[..., FormType], command: Command, **more: Any) -> FormType:
    """Make a form: as sent, else as it was filled in for the returned proposal of `?draft=`, else empty."""
    draft = request.args.get("draft")
    if request.method == "GET" and draft:
        returned = read_returned(at.connection, at.row.id, draft, at.actor.code, command.name)
        flash(_("It was sent back: %(reason)s", reason=reason_of(at.connection, returned.id)), "waits")
        kept: dict[str, list[str]] = json.loads(returned.form)
        files = [json.loads(text) for text in kept.pop(FILES, [])]
        pairs = [(name, value) for name, values in kept.items() for value in values]
        pairs += [(name, remember(file)) for name, file in files]
        return form(formdata=MultiDict(pairs), **more)
    return form(**more)


def looked(at: At, what: str, about: str | None = None) -> None:
    """Write down that personal data was looked at: whose, as an address, never a name."""
    with write_transaction(db.engine) as connection:
        trail.note(connection, at.actor.code, what, book=at.code, object=about)


def told(at: At, error: LedgerError) -> str:
    """Say why something is refused, with the names and units of the book."""
    return say(error, names_of(error, at.connection, at.row.id))


def tools() -> Tools:
    """Return what commands need of this installation."""
    return Tools(current_app.config["CODE_KEY"], Path(current_app.instance_path))


def put(at: At, command: Command, form: Any, payload: Payload, *, title: str) -> actions.Outcome | None:
    """Put a request forward, or do it when it needs no approval; None, with the reason in the form, when refused."""
    sent = {name: request.form.getlist(name) for name in request.form if name not in NOT_KEPT}
    sent[FILES] = [
        json.dumps([field.name, file]) for field in form if isinstance(field, FilesField) for file in field.data
    ]
    dated = form.dated.data if "dated" in form else today()
    memo = (form.memo.data or "") if "memo" in form else ""
    once = request.form.get("once", "")[:MOST_ONCE]
    asked = actions.Request(command, payload, dated, title, memo, sent, once)
    draft = request.args.get("draft")
    try:
        if draft:
            return actions.correct(db.engine, at.actor, at.code, draft, asked, tools())
        return actions.propose(db.engine, at.actor, at.code, asked, tools())
    except LedgerError as error:
        form.form_errors.append(told(at, error))
        return None


def submit(at: At, command: Command, form: Any, payload: Payload, *, title: str, to: str = "") -> Response | None:
    """Put a request forward and lead on: to `to`, else to the proposal; None when it was refused."""
    outcome = put(at, command, form, payload, title=title)
    if outcome is None:
        return None
    tell(outcome)
    return redirect(to or url_for("desk.proposal", book=at.code, code=outcome.code), 303)


def tell(outcome: actions.Outcome) -> None:
    """Say on the next page what happened."""
    if outcome.state == "recorded":
        flash(_("This is on the ledger now."), "done")
    else:
        flash(_("This waits for approval now. Nothing is on the ledger yet."), "waits")


def page(template: str, at: At, status: int = 200, **values: Any) -> Response:
    """Make a page of the desk; a form with problems answers 422."""
    form = values.get("form")
    if status == 200 and form is not None and (form.errors or form.form_errors):  # noqa: PLR2004
        status = 422
    response = make_response(render_template(template, view=View(at.book), at_desk=at, **values), status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


class PageLink(NamedTuple):
    """A page in the navigation."""

    label: str
    href: str
    current: bool


class StageLink(NamedTuple):
    """A stage in the navigation; its address is that of its first page."""

    key: str
    label: str
    href: str
    current: bool
    pages: tuple[PageLink, ...]
    waiting: int = 0


def desk_nav(book: str) -> list[StageLink]:
    """Make the navigation of whoever reads: the stages they work in, and the pages of each."""
    made = []
    for stage in STAGES:
        pages = tuple(_page_link(item, book) for item in stage.items if _is_open(item, book))
        if pages:
            waiting = _waiting(book) if stage.key == "queue" else 0
            current = any(link.current for link in pages)
            made.append(StageLink(stage.key, _(stage.label), pages[0].href, current, pages, waiting))
    return made


def _is_open(item: Item, book: str) -> bool:
    return item.endpoint in current_app.view_functions and actor().has(book, *item.roles)


def _page_link(item: Item, book: str) -> PageLink:
    """Link to a page; it is the current one for itself and for what lies below it."""
    href = url_for(item.endpoint, book=book)
    here = request.path == href or (item.endpoint != "desk.queue" and request.path.startswith(f"{href}/"))
    if item.endpoint == "desk.queue":
        here = here or request.endpoint in {"desk.proposal", "desk.approve_many"}
    return PageLink(_(item.label), href, here)


def _waiting(book: str) -> int:
    with reading() as connection:
        row = find_book(connection, book)
        return count(connection, waiting_for(actor(), book, row.id))
