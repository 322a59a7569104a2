"""The people who work in the demo book: one for each role, with passwords that only this installation can make.

Their passwords follow from the installation's code key, so that loading the demo again prints the same ones, and none
stands in the code. They hold no role in any other book.
"""

import base64
import hashlib
import hmac
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.demo.cast import workers
from ledger.demo.teller import BOOK
from ledger.journal.read import find_book
from ledger.people.accounts import users
from ledger.people.accounts.passwords import hash_password
from ledger.web.actor import Post, Role

STAFF = (
    ("accountant", "示范会计", Post(Role.ACCOUNTANT)),
    ("approver", "示范审批人", Post(Role.APPROVER)),
    ("org", "示范机构人员", Post(Role.ORG_STAFF, "yinxing")),
    ("worker", "示范社工", Post(Role.SOCIAL_WORKER, workers("yinxing")[0])),
    ("community", "示范社区人员", Post(Role.COMMUNITY, "huaiyin")),
    ("auditor", "示范审计", Post(Role.AUDITOR)),
    ("admin", "示范管理员", Post(Role.ADMIN)),
)
_DOMAIN = b"shanliu/demo-staff/v1\0"


class Login(NamedTuple):
    """With what somebody of the demo signs in."""

    login: str
    password: str
    role: Role


def logins(code_key: bytes) -> list[Login]:
    """Make the logins of the demo's staff."""
    return [Login(login_of(name), _password(code_key, name), post.role) for name, _, post in STAFF]


def login_of(name: str) -> str:
    """Give the login of somebody of the staff."""
    return f"{name}@demo"


def hire(connection: Connection, code_key: bytes) -> list[Login]:
    """Make the staff of the demo book who are not there yet, in a writing transaction; return all logins."""
    book = find_book(connection, BOOK).id
    made = logins(code_key)
    for (_, name, post), login in zip(STAFF, made, strict=True):
        if users.by_login(connection, login.login) is None:
            code = users.add_user(connection, login.login, name)
            users.set_password(connection, code, hash_password(login.password))
            users.grant(connection, code, book, post, by="demo")
    return made


def _password(code_key: bytes, name: str) -> str:
    digest = hmac.new(code_key, _DOMAIN + name.encode(), hashlib.sha256).digest()
    text = base64.b32encode(digest[:10]).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))
