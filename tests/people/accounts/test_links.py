"""One-time links: used once, not after they expire, not after a newer one, and only their hash is kept."""

import pytest
import sqlalchemy as sa

from ledger.journal.engine import write_transaction
from ledger.people.accounts import links, passwords, sessions, users
from ledger.people.accounts.links import DeadLinkError
from ledger.people.accounts.tables import links as table
from ledger.people.accounts.users import find_user, set_password_by_link

KEPT = passwords.hash_password("three small words")


@pytest.fixture
def user(engine):
    with write_transaction(engine) as connection:
        return users.add_user(connection, "chen", "陈会计")


def make(engine, user):
    with write_transaction(engine) as connection:
        return links.make(connection, user, by="cli")


def follow(engine, token):
    with write_transaction(engine) as connection:
        return set_password_by_link(connection, token, KEPT)


def test_a_link_sets_the_password_once(engine, user):
    token = make(engine, user)
    assert follow(engine, token) == user
    with engine.connect() as connection:
        assert find_user(connection, user).has_password
    with pytest.raises(DeadLinkError):
        follow(engine, token)


def test_it_expires(engine, user, at):
    token = make(engine, user)
    at(hours=links.HOURS, seconds=1)
    with pytest.raises(DeadLinkError):
        follow(engine, token)
    with engine.connect() as connection:
        assert not find_user(connection, user).has_password


def test_a_newer_link_makes_it_useless(engine, user):
    old, new = make(engine, user), make(engine, user)
    with pytest.raises(DeadLinkError):
        follow(engine, old)
    assert follow(engine, new) == user


def test_a_suspended_user_cannot_follow_one(engine, user):
    token = make(engine, user)
    with write_transaction(engine) as connection:
        connection.execute(sa.update(users.users).values(suspended="2026-01-01T00:00:00.000Z"))
    with pytest.raises(DeadLinkError):
        follow(engine, token)


def test_following_one_ends_the_sessions(engine, user):
    with write_transaction(engine) as connection:
        session = sessions.begin(connection, user, address="", agent="")
        assert sessions.load(connection, session)
    follow(engine, make(engine, user))
    with engine.connect() as connection:
        assert sessions.load(connection, session) is None


def test_only_the_hash_is_kept(engine, user):
    token = make(engine, user)
    with engine.connect() as connection:
        assert token not in repr(connection.execute(sa.select(table)).all())


def test_a_link_for_the_first_admin_sets_no_password(engine, user):
    token = make(engine, None)
    with pytest.raises(DeadLinkError):
        follow(engine, token)


def test_a_made_up_token_is_refused(engine, user):
    with pytest.raises(DeadLinkError):
        follow(engine, "x" * 43)
