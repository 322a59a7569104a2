"""The demo's staff: made once, with the same passwords each time, and with no more than a role in the demo book."""

import pytest
from sqlalchemy import select

from ledger.core.entry import Draft
from ledger.demo.staff import STAFF, hire, logins
from ledger.demo.teller import BOOK
from ledger.journal.append import writing
from ledger.journal.engine import write_transaction
from ledger.people.accounts.passwords import verify
from ledger.people.accounts.tables import posts, users
from tests.support.small import Small

KEY = bytes(range(32))


@pytest.fixture
def book(engine):
    small = Small(engine, BOOK)
    with writing(engine, BOOK) as writer:
        for kind, code in (("organization", "yinxing"), ("worker", "w03"), ("community", "huaiyin")):
            writer.append([Draft(f"{kind}.opened", small.day, "a", f"o/{code}", facts={"code": code})])
    return engine


def test_they_are_made_once_and_can_sign_in(book):
    with write_transaction(book) as connection:
        first = hire(connection, KEY)
    with write_transaction(book) as connection:
        assert hire(connection, KEY) == first
        kept = dict(connection.execute(select(users.c.login, users.c.password)).all())
        held = connection.scalars(select(posts.c.role)).all()
        admins = connection.scalars(select(users.c.admin)).all()
    assert sorted(kept) == sorted(login.login for login in first)
    assert all(verify(kept[login.login], login.password) for login in first[:2])
    assert sorted(held) == sorted(post.role for _, _, post in STAFF)
    assert not any(admins)


def test_another_installation_has_other_passwords():
    mine, others = logins(KEY), logins(bytes(32))
    assert not {login.password for login in mine} & {login.password for login in others}
