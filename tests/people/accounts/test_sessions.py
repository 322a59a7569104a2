"""Sessions of the table: who they are, and the many ways in which they end."""

import pytest
import sqlalchemy as sa

from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book
from ledger.people.accounts import sessions, users
from ledger.people.accounts.settings import BookSettings, set_book_settings
from ledger.people.accounts.tables import sessions as table
from ledger.web.actor import Post, Role


@pytest.fixture
def user(engine, book):
    with write_transaction(engine) as connection:
        code = users.add_user(connection, "chen", "陈会计")
        for post in (Post(Role.APPROVER, "", 500), Post(Role.ORG_STAFF, "sunshine")):
            users.grant(connection, code, find_book(connection, "b").id, post, by="cli")
    return code


def begin(engine, user, **more):
    with write_transaction(engine) as connection:
        return sessions.begin(connection, user, address="192.0.2.7", agent="test", **more)


def load(engine, token):
    with engine.connect() as connection:
        return sessions.load(connection, token)


def test_a_session_knows_posts_and_limits_in_one_statement(engine, user, query_count):
    token = begin(engine, user)
    with query_count(engine) as sent:
        signed = load(engine, token)
    assert len([each for each in sent if each.startswith("SELECT")]) == 1
    assert signed.actor.posts == {"b": (Post(Role.APPROVER, "", 500), Post(Role.ORG_STAFF, "sunshine"))}
    assert signed.actor.limit("b") == 500
    assert signed.actor.sees("b", "community:heping")
    assert not signed.actor.admin
    assert not signed.must_set_up


def test_somebody_without_a_post_is_somebody(engine, book):
    with write_transaction(engine) as connection:
        code = users.add_user(connection, "li", "李", admin=True)
    signed = load(engine, begin(engine, code))
    assert signed.actor.posts == {}
    assert signed.actor.admin


def test_only_the_hash_of_the_token_is_kept(engine, user):
    token = begin(engine, user)
    with engine.connect() as connection:
        assert token not in repr(connection.execute(sa.select(table)).all())
    assert load(engine, sessions.hash_of(token)) is None


@pytest.mark.parametrize("token", ["", "x", "u-1", "' OR 1=1 --"])
def test_what_is_no_token_opens_nothing(engine, user, token):
    begin(engine, user)
    assert load(engine, token) is None


def test_it_ends_when_idle_and_not_while_used(engine, user, at):
    token = begin(engine, user)
    for _ in range(3):
        at(minutes=59)
        signed = load(engine, token)
        assert signed.stale
        with write_transaction(engine) as connection:
            sessions.touch(connection, signed.id)
        assert not load(engine, token).stale
    at(minutes=61)
    assert load(engine, token) is None


def test_it_ends_after_a_day_however_busy(engine, user, at):
    token = begin(engine, user)
    for _ in range(28):
        at(minutes=30)
        if signed := load(engine, token):
            with write_transaction(engine) as connection:
                sessions.touch(connection, signed.id)
    assert load(engine, token) is None


def test_the_strictest_book_says_when_it_is_idle(engine, user, at):
    token = begin(engine, user)
    with write_transaction(engine) as connection:
        set_book_settings(connection, find_book(connection, "b").id, BookSettings(idle_minutes=5))
    at(minutes=6)
    assert load(engine, token) is None


def test_ended_means_ended(engine, user):
    kept, gone = begin(engine, user), begin(engine, user)
    with write_transaction(engine) as connection:
        assert sessions.end(connection, user, sessions.hash_of(gone), "revoked")
        assert not sessions.end(connection, user, sessions.hash_of(gone), "revoked")
    assert load(engine, gone) is None
    assert load(engine, kept)


def test_nobody_ends_the_session_of_another(engine, user):
    token = begin(engine, user)
    with write_transaction(engine) as connection:
        assert not sessions.end(connection, "u-somebody", sessions.hash_of(token), "revoked")
    assert load(engine, token)


def test_all_but_one_can_be_ended(engine, user):
    tokens = [begin(engine, user) for _ in range(3)]
    with write_transaction(engine) as connection:
        assert sessions.end_all(connection, user, "revoked", but=sessions.hash_of(tokens[1])) == 2
        listed = sessions.open_sessions(connection, user)
    assert [bool(load(engine, token)) for token in tokens] == [False, True, False]
    assert [(it.id, it.address, it.agent) for it in listed] == [(sessions.hash_of(tokens[1]), "192.0.2.7", "test")]


def test_suspending_closes_every_session(engine, user):
    token = begin(engine, user)
    with write_transaction(engine) as connection:
        connection.execute(sa.update(users.users).values(suspended="2026-01-01T00:00:00.000Z"))
    assert load(engine, token) is None


def test_a_post_taken_is_gone_at_the_next_request(engine, user):
    token = begin(engine, user)
    with write_transaction(engine) as connection:
        users.withdraw_row(connection, user, find_book(connection, "b").id, Post(Role.APPROVER))
    assert load(engine, token).actor.roles("b") == {Role.ORG_STAFF}


@pytest.mark.parametrize(
    ("role", "admin", "must"),
    [(Role.APPROVER, False, True), (Role.ADMIN, False, True), (Role.ACCOUNTANT, False, False), (None, True, True)],
)
def test_a_book_may_require_a_second_factor_of_some(engine, book, role, admin, must):
    with write_transaction(engine) as connection:
        number = find_book(connection, "b").id
        code = users.add_user(connection, "li", "李", admin=admin)
        if role:
            users.grant(connection, code, number, Post(role), by="cli")
    token = begin(engine, code)
    assert not load(engine, token).must_set_up
    with write_transaction(engine) as connection:
        set_book_settings(connection, number, BookSettings(totp_required=True))
    assert load(engine, token).must_set_up is must
    with write_transaction(engine) as connection:
        connection.execute(sa.update(users.users).where(users.users.c.code == code).values(factor="salt"))
    assert not load(engine, token).must_set_up
