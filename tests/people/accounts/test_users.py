"""Users and posts on both databases; two admins who remove each other at the same moment."""

import threading

import pytest
import sqlalchemy as sa

from ledger.core.errors import ConflictError, LedgerError, MalformedError, NotFoundError, RuleError
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book
from ledger.people.accounts import queries, users
from ledger.people.accounts.names import names_of
from ledger.people.accounts.queries import Slice
from ledger.people.accounts.tables import posts as table
from ledger.web.actor import Actor, Post, Role

CHIEF = Actor("u-chief", "", {}, admin=True)


@pytest.fixture
def number(engine, book):
    with engine.connect() as connection:
        return find_book(connection, "b").id


def add(engine, number, login, *held, password="kept"):  # noqa: S107
    with write_transaction(engine) as connection:
        code = users.add_user(connection, login, f"名 {login}")
        connection.execute(sa.update(users.users).where(users.users.c.code == code).values(password=password))
        for post in held:
            users.grant(connection, code, number, post, by="cli")
    return code


def posts(engine, code):
    with engine.connect() as connection:
        return users.find_user(connection, code).posts


def test_codes_tell_nothing_and_logins_are_one_whatever_their_case(engine, number):
    code = add(engine, number, "Wang")
    assert code.startswith("u-")
    assert len(code) == 14
    assert "wang" not in code
    for again in ("wang", "WANG"):
        with pytest.raises(ConflictError), write_transaction(engine) as connection:
            users.add_user(connection, again, "x")
    with engine.connect() as connection:
        assert users.by_login(connection, "wAnG") == code
        assert names_of(connection, [code, "cli"]) == {code: "名 Wang"}
    with pytest.raises(NotFoundError), engine.connect() as connection:
        users.find_user(connection, "u-nobody")


@pytest.mark.parametrize(
    ("post", "error"),
    [
        (Post(Role.ORG_STAFF), MalformedError),
        (Post(Role.ACCOUNTANT, "sunshine"), MalformedError),
        (Post(Role.ACCOUNTANT, "", 5), MalformedError),
        (Post(Role.APPROVER, "", 0), MalformedError),
        (Post(Role.ORG_STAFF, "heping"), NotFoundError),
        (Post(Role.AUDITOR), RuleError),
    ],
)
def test_posts_that_cannot_be(engine, number, post, error):
    code = add(engine, number, "wang", Post(Role.APPROVER))
    with pytest.raises(error), write_transaction(engine) as connection:
        users.grant(connection, code, number, post, by="cli")
    assert posts(engine, code) == (("b", Post(Role.APPROVER)),)


def test_a_closed_party_is_nobodys(engine, number, book):
    from ledger.people.actions import open_party  # noqa: PLC0415

    book.do(open_party, "organization", "gone", name="旧机构")
    with write_transaction(engine) as connection:
        connection.execute(sa.text("UPDATE objects SET closed = latest WHERE address = 'organization:gone'"))
        assert ("gone", "旧机构") not in queries.open_parties(connection, number, Role.ORG_STAFF)
    code = add(engine, number, "wang")
    with pytest.raises(NotFoundError), write_transaction(engine) as connection:
        users.grant(connection, code, number, Post(Role.ORG_STAFF, "gone"), by="cli")


def test_lists_name_parties_and_states(engine, number):
    add(engine, number, "aa", Post(Role.ORG_STAFF, "sunshine"), Post(Role.APPROVER, "", 700), password=None)
    add(engine, number, "bb")
    with engine.connect() as connection:
        (line,) = queries.users_page(connection, number, "", Slice(10))
        everybody = queries.users_page(connection, None, "", Slice(10, 0, "login", descending=True))
        assert queries.count_users(connection, number, "") == 1
        assert queries.count_users(connection, None, "名") == 2
        assert queries.count_users(connection, None, "%") == 0
        (book_line,) = queries.book_lines(connection)
        own = queries.own_posts(connection, line.code)
    assert (line.state, line.factor, line.seen) == ("invited", False, None)
    assert [(it.post.role, it.party_name) for it in line.posts] == [
        (Role.APPROVER, ""),
        (Role.ORG_STAFF, "阳光社工站"),
    ]
    assert [it.login for it in everybody] == ["bb", "aa"]
    assert (book_line.code, book_line.name, book_line.people) == ("b", "和平社区基金", 1)
    assert {(it.book_name, it.party_name) for it in own} == {("和平社区基金", ""), ("和平社区基金", "阳光社工站")}


def test_two_admins_who_remove_each_other_leave_one(engine, number):
    codes = [add(engine, number, login, Post(Role.ADMIN)) for login in ("aa", "bb")]
    together, failed = threading.Barrier(2), []

    def remove(who, whom):
        together.wait()
        try:
            with write_transaction(engine) as connection:
                users.take_post(connection, Actor(who, "", {}), whom, (number, "b"), Post(Role.ADMIN))
        except LedgerError as error:
            failed.append(error)

    threads = [threading.Thread(target=remove, args=pair) for pair in (codes, codes[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 1
    assert len(failed) == 1


def test_what_was_refused_changed_nothing(engine, number):
    code = add(engine, number, "aa", Post(Role.ADMIN))
    with engine.connect() as connection:
        user = users.find_user(connection, code)
    with pytest.raises(RuleError, match="last admin"), write_transaction(engine) as connection:
        users.suspend(connection, CHIEF, user)
    with pytest.raises(RuleError, match="last admin"), write_transaction(engine) as connection:
        users.take_post(connection, CHIEF, code, (number, "b"), Post(Role.ADMIN))
    with engine.connect() as connection:
        assert users.find_user(connection, code) == user
