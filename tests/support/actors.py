"""Sign somebody in without a password, for tests of pages.

`sign_in(app, client, "accountant", book="b", party=None, limit=None, name="…")` makes a user with that role in the
book, signs `client` in and gives the user's code; calling it again makes another user. `sign_in(app, client, None,
admin=True)` makes an admin of the installation. `sign_in_page(app, page, site, role, …)` does it for a browser.
"""

from flask.sessions import SecureCookieSessionInterface

from ledger.extensions import db
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book
from ledger.people.accounts import sessions, users
from ledger.web.actor import Post, Role


def make_user(app, role=None, book="b", party=None, limit=None, name=None, *, login=None, admin=False):
    """Make a user, with a post in the book unless `role` is None; give the code."""
    with app.app_context(), write_transaction(db.engine) as connection:
        code = users.add_user(
            connection, login or users.new_code(), name or f"{role or 'admin'} of {book}", admin=admin
        )
        if role is not None:
            post = Post(Role(role), party or "", limit)
            users.grant(connection, code, find_book(connection, book).id, post, by=code)
    return code


def begin(app, code, agent="test"):
    """Begin a session; give its token."""
    with app.app_context(), write_transaction(db.engine) as connection:
        return sessions.begin(connection, code, address="127.0.0.1", agent=agent)


def sign_in(app, client, role, book="b", party=None, limit=None, name=None, *, admin=False):
    """Make a user with a role and sign `client` in; give the code."""
    code = make_user(app, role, book, party, limit, name, admin=admin)
    token = begin(app, code)
    with client.session_transaction() as session:
        session.clear()
        session["_user_id"], session["_fresh"] = token, True
    return code


def sign_in_page(app, page, site, role, book="b", party=None, limit=None, name=None, *, admin=False):
    """Make a user with a role and sign a browser's page in; give the code."""
    code = make_user(app, role, book, party, limit, name, admin=admin)
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    value = signer.dumps({"_user_id": begin(app, code), "_fresh": True})
    page.context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": site}])
    return code
