"""What admins do with users: add them, give and take posts, hand over links, end sessions, suspend.

Under a book an admin sees whoever has a post in it; under `/installation` an admin of the installation sees everybody.
What ends something is asked for twice; what happened stands in the access trail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ledger.core.errors import LedgerError
from ledger.extensions import db
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book
from ledger.people.accounts import forms, queries, sessions, users
from ledger.people.accounts.forms import book_page, link_address, page
from ledger.people.accounts.trail import note
from ledger.web.access import actor, book_admin, installation_admin
from ledger.web.actor import Post, Role
from ledger.web.errors import say
from ledger.web.listing import Listing, ask, xlsx_response
from ledger.web.reading import reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from ledger.people.accounts.users import User
    from ledger.web.actor import Actor

blueprint = Blueprint("users", __name__)


class Place(NamedTuple):
    """Where an admin stands: in a book (number and code), or in the installation."""

    book_id: int | None
    book: str | None

    def list_of_users(self) -> str:
        """Return the address of the list of users."""
        return url_for("accounts.users", book=self.book) if self.book else url_for("users.everybody")

    def page_of(self, user: str) -> str:
        """Return the address of a user's page."""
        return url_for("users.user", book=self.book, code=user) if self.book else url_for("users.person", code=user)

    def act_on(self, user: str, deed: str) -> str:
        """Return the address that does something to a user."""
        if self.book:
            return url_for("users.act", book=self.book, code=user, deed=deed)
        return url_for("users.act_on_person", code=user, deed=deed)


class Deed(NamedTuple):
    """What an admin can do to a user: the question asked first (None: nothing ends by it), the word on the button."""

    run: Callable[[Connection, Actor, User], None]
    done: str
    question: str | None = None
    consequence: str = ""
    button: str = ""


def _end_sessions(connection: Connection, who: Actor, user: User) -> None:
    users.check_manages(who, user)
    sessions.end_all(connection, user.code, "revoked")
    note(connection, who.code, "ended all sessions of a user", object=f"user:{user.code}")


DEEDS: dict[str, Deed] = {
    "suspend": Deed(
        users.suspend,
        _l("The account is suspended and signed out everywhere."),
        _l("Suspend this account?"),
        _l(
            "Nobody can sign in with it any more, and it is signed out everywhere at once. Its roles stay, and you can "
            "reactivate it. What it prepared and approved stays on the ledger."
        ),
        _l("Suspend"),
    ),
    "reactivate": Deed(users.reactivate, _l("The account can sign in again.")),
    "sessions": Deed(
        _end_sessions,
        _l("The account is signed out everywhere."),
        _l("Sign this account out everywhere?"),
        _l("What is not saved in a form that is open somewhere is lost. The person can sign in again."),
        _l("Sign out everywhere"),
    ),
    "factor": Deed(
        users.remove_factor,
        _l("The second factor is removed and the account signed out everywhere."),
        _l("Remove the second factor of this account?"),
        _l(
            "This cannot be undone: the codes of the phone and the recovery codes stop working. Make sure that it is "
            "really this person who asks. Until a new one is set up, the password alone opens the account."
        ),
        _l("Remove the second factor"),
    ),
    "admin": Deed(
        lambda connection, who, user: users.set_admin(connection, who, user, admin=True),
        _l("This person is an admin of the installation now."),
        _l("Make this person an admin of the installation?"),
        _l("An admin of the installation opens books and manages the users of all books."),
        _l("Make admin"),
    ),
    "not-admin": Deed(
        lambda connection, who, user: users.set_admin(connection, who, user, admin=False),
        _l("This person is no longer an admin of the installation."),
        _l("End this person as an admin of the installation?"),
        _l("Roles in books stay as they are."),
        _l("End as admin"),
    ),
}


# Under a book.


@blueprint.route("/<book>/desk/users/new", methods=["GET", "POST"])
@book_admin
def new_user(book: str) -> ResponseReturnValue:
    """Add somebody to a book: a new account with a one-time link, or another post for an account that exists."""
    with reading() as connection:
        place = Place(find_book(connection, book).id, book)
        form = forms.UserForm()
        form.offer(connection, _id(place))
        if form.validate_on_submit():
            try:
                return _add(place, form)
            except LedgerError as error:
                form.form_errors.append(say(error))
        return book_page("accounts/new_user.html", connection, book, form=form)


def _add(place: Place, form: forms.UserForm) -> ResponseReturnValue:
    who, token = actor(), None
    with write_transaction(db.engine) as connection:
        code = users.by_login(connection, form.login.data)
        if code is None:
            code = users.add_user(connection, form.login.data, form.name.data)
            note(connection, who.code, "added a user", book=place.book, object=f"user:{code}")
            users.give_post(connection, who, code, (_id(place), str(place.book)), form.post())
            token = users.first_link(connection, who, code)
        else:
            users.give_post(connection, who, code, (_id(place), str(place.book)), form.post())
    if token is None:
        flash(_("There was an account with this login already; it holds the new role now."), "done")
        return redirect(place.page_of(code), 303)
    return _handed_over(place, code, token)


@blueprint.route("/<book>/desk/users/<code>", methods=["GET", "POST"])
@book_admin
def user(book: str, code: str) -> ResponseReturnValue:
    """Show somebody's posts in a book, and give one more."""
    with reading() as connection:
        place = Place(find_book(connection, book).id, book)
        found = _found(connection, place, code)
        form = forms.PostForm()
        form.offer(connection, _id(place))
        if form.validate_on_submit():
            try:
                with write_transaction(db.engine) as writing:
                    users.give_post(writing, actor(), code, (_id(place), book), form.post())
            except LedgerError as error:
                form.form_errors.append(say(error))
            else:
                flash(_("The role is given."), "done")
                return redirect(place.page_of(code), 303)
        return _user_page(connection, place, found, form)


def _user_page(connection: Connection, place: Place, found: User, form: forms.PostForm | None) -> ResponseReturnValue:
    held = queries.posts_of(connection, [found.code], place.book_id).get(found.code, ())
    return _page(
        connection,
        place,
        "accounts/user.html",
        user=found,
        held=held if place.book else queries.own_posts(connection, found.code),
        open_sessions=sessions.open_sessions(connection, found.code) if _manages(found) else (),
        manages=_manages(found),
        myself=actor().code == found.code,
        books=() if place.book else queries.book_lines(connection),
        form=form,
    )


def _page(connection: Connection, place: Place, template: str, **values: Any) -> ResponseReturnValue:
    if place.book is None:
        return page(template, place=place, **values)
    return book_page(template, connection, place.book, place=place, **values)


def _manages(found: User) -> bool:
    return users.may_manage(actor(), found)


def _found(connection: Connection, place: Place, code: str) -> User:
    """Read a user; in a book, its admins find only who has a post there."""
    found = users.find_user(connection, code)
    if place.book and not actor().admin and all(book != place.book for book, _post in found.posts):
        abort(404)
    return found


@blueprint.post("/<book>/desk/users/<code>/<deed>")
@book_admin
def act(book: str, code: str, deed: str) -> ResponseReturnValue:
    """Do something to a user of a book; what ends something is confirmed first."""
    with reading() as connection:
        place = Place(find_book(connection, book).id, book)
        found = _found(connection, place, code)
        if deed == "take":
            return _take(connection, place, found)
        return _act(connection, place, found, deed)


def _act(connection: Connection, place: Place, found: User, deed: str) -> ResponseReturnValue:
    if deed == "link":
        return _link(place, found)
    it = DEEDS.get(deed)
    if it is None or (deed.endswith("admin") and not actor().admin):
        abort(404)
    if it.question and request.form.get("sure") != "yes":
        return _page(
            connection, place, "accounts/sure.html", user=found, deed=it, action=place.act_on(found.code, deed), keep={}
        )
    try:
        with write_transaction(db.engine) as writing:
            it.run(writing, actor(), found)
    except LedgerError as error:
        flash(say(error), "refused")
    else:
        flash(it.done, "done")
    return redirect(place.page_of(found.code), 303)


def _take(connection: Connection, place: Place, found: User) -> ResponseReturnValue:
    """Take a post: `post` is `role` or `role:party`."""
    role, _colon, party = request.form.get("post", "").partition(":")
    if role not in list(Role):
        abort(404)
    if request.form.get("sure") != "yes":
        taking = Deed(users.suspend, "", _("Take this role away?"), _TAKEN, _("Take the role away"))
        action = place.act_on(found.code, "take")
        keep = {"post": request.form["post"]}
        return _page(connection, place, "accounts/sure.html", user=found, deed=taking, action=action, keep=keep)
    try:
        with write_transaction(db.engine) as writing:
            users.take_post(writing, actor(), found.code, (_id(place), str(place.book)), Post(Role(role), party))
    except LedgerError as error:
        flash(say(error), "refused")
        return redirect(place.page_of(found.code), 303)
    flash(_("The role is taken away."), "done")
    return redirect(place.list_of_users(), 303)


_TAKEN = _l(
    "The person loses what this role allows at once. What they prepared and approved stays. You can give it again."
)


def _link(place: Place, found: User) -> ResponseReturnValue:
    try:
        with write_transaction(db.engine) as writing:
            token = users.make_link(writing, actor(), found)
    except LedgerError as error:
        flash(say(error), "refused")
        return redirect(place.page_of(found.code), 303)
    return _handed_over(place, found.code, token)


def _handed_over(place: Place, code: str, token: str) -> ResponseReturnValue:
    """Show a one-time link, this once."""
    with reading() as connection:
        found = users.find_user(connection, code)
        return _page(connection, place, "accounts/handover.html", user=found, link=link_address(token))


def _id(place: Place) -> int:
    if place.book_id is None:
        abort(404)
    return place.book_id


# Under the installation.


@blueprint.get("/installation")
@installation_admin
def installation() -> ResponseReturnValue:
    """Show the books of the installation and where their users are."""
    with reading() as connection:
        books = queries.book_lines(connection)
        return page("accounts/installation.html", books=books, users=queries.count_users(connection, None, ""))


@blueprint.get("/installation/users")
@installation_admin
def everybody() -> ResponseReturnValue:
    """List all users of the installation."""
    asked = ask(forms.USERS, "name")
    with reading() as connection:
        pager = asked.pager(queries.count_users(connection, None, asked.words))
        part = queries.Slice(asked.limit, (pager.number - 1) * pager.size, asked.sort, asked.descending)
        lines = queries.users_page(connection, None, asked.words, part)
        if asked.xlsx:
            return xlsx_response(forms.USERS, [forms.user_cells(line) for line in lines], "users")
        listing = Listing(forms.USERS, lines, pager, asked)
        return page("accounts/users.html", book_code=None, listing=listing, new=url_for("users.new_person"))


@blueprint.route("/installation/users/new", methods=["GET", "POST"])
@installation_admin
def new_person() -> ResponseReturnValue:
    """Add somebody without a post; books give those."""
    form, who = forms.PersonForm(), actor()
    if form.validate_on_submit():
        try:
            with write_transaction(db.engine) as connection:
                code = users.add_user(connection, form.login.data, form.name.data, admin=form.admin.data)
                what = "made an admin of the installation" if form.admin.data else "added a user"
                note(connection, who.code, what, object=f"user:{code}")
                token = users.first_link(connection, who, code)
        except LedgerError as error:
            form.form_errors.append(say(error))
        else:
            return _handed_over(Place(None, None), code, token)
    return page("accounts/new_person.html", form=form)


@blueprint.get("/installation/users/<code>")
@installation_admin
def person(code: str) -> ResponseReturnValue:
    """Show somebody's account and their posts in all books."""
    with reading() as connection:
        return _user_page(connection, Place(None, None), users.find_user(connection, code), None)


@blueprint.post("/installation/users/<code>/<deed>")
@installation_admin
def act_on_person(code: str, deed: str) -> ResponseReturnValue:
    """Do something to an account."""
    with reading() as connection:
        return _act(connection, Place(None, None), users.find_user(connection, code), deed)
