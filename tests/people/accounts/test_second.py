"""The second factor: a code of the app works once, within a step of drift; so does each recovery code."""

import pyotp
import pytest
import sqlalchemy as sa

from ledger.journal.engine import write_transaction
from ledger.people.accounts import clock, second, users
from ledger.people.accounts.tables import recovery_codes
from ledger.people.accounts.tables import users as table

KEY = bytes(range(32))


@pytest.fixture
def salt():
    return second.new_salt()


@pytest.fixture
def user(engine):
    with write_transaction(engine) as connection:
        return users.add_user(connection, "chen", "陈会计")


def code(salt, steps=0):
    return pyotp.TOTP(second.secret_of(KEY, salt)).at(clock.now(), counter_offset=steps)


def set_up(engine, user, salt):
    with write_transaction(engine) as connection:
        return second.set_up(connection, user, KEY, salt, code(salt))


def use(engine, user, given):
    with write_transaction(engine) as connection:
        return second.use(connection, user, KEY, given)


def use_recovery(engine, user, given):
    with write_transaction(engine) as connection:
        return second.use_recovery_code(connection, user, given)


def test_a_wrong_code_does_not_set_it_up(engine, user, salt):
    with pytest.raises(second.WrongCodeError), write_transaction(engine) as connection:
        second.set_up(connection, user, KEY, salt, code(second.new_salt()))
    with engine.connect() as connection:
        assert connection.scalar(sa.select(table.c.factor)) is None


def test_the_code_that_set_it_up_does_not_work_again(engine, user, salt, at):
    set_up(engine, user, salt)
    assert not use(engine, user, code(salt))


def test_a_code_works_once(engine, user, salt, at):
    set_up(engine, user, salt)
    at(seconds=60)
    given = code(salt)
    assert [use(engine, user, given), use(engine, user, given)] == [True, False]


def test_an_older_code_does_not_work_after_a_newer_one(engine, user, salt, at):
    set_up(engine, user, salt)
    at(seconds=120)
    older, newer = code(salt, -1), code(salt)
    assert [use(engine, user, newer), use(engine, user, older)] == [True, False]


@pytest.mark.parametrize(("steps", "works"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(engine, user, salt, at, steps, works):
    set_up(engine, user, salt)
    at(minutes=10)
    assert use(engine, user, code(salt, steps)) is works


def test_nothing_works_without_a_second_factor(engine, user, salt):
    assert not use(engine, user, code(salt))
    assert not use(engine, user, "")


def test_each_recovery_code_works_once_however_it_is_typed(engine, user, salt):
    codes = set_up(engine, user, salt)
    assert len(set(codes)) == second.CODES
    assert use_recovery(engine, user, codes[0].upper().replace("-", " "))
    assert not use_recovery(engine, user, codes[0])
    assert use_recovery(engine, user, codes[1].replace("1", "l").replace("0", "o"))
    with engine.connect() as connection:
        assert second.recovery_codes_left(connection, user) == second.CODES - 2


def test_recovery_codes_are_of_one_user_and_die_with_new_ones(engine, user, salt):
    codes = set_up(engine, user, salt)
    with write_transaction(engine) as connection:
        other = users.add_user(connection, "li", "李出纳")
    assert not use_recovery(engine, other, codes[0])
    with write_transaction(engine) as connection:
        fresh = second.new_recovery_codes(connection, user)
    assert not use_recovery(engine, user, codes[0])
    assert use_recovery(engine, user, fresh[0])


def test_the_database_alone_gives_neither_secret_nor_codes(engine, user, salt):
    codes = set_up(engine, user, salt)
    with engine.connect() as connection:
        kept = connection.execute(sa.select(table)).all() + connection.execute(sa.select(recovery_codes)).all()
    text = repr(kept)
    assert second.secret_of(KEY, salt) not in text
    assert not [each for each in codes if each in text or each.replace("-", "") in text]
    assert second.secret_of(bytes(32), salt) != second.secret_of(KEY, salt)


def test_turned_off_means_gone(engine, user, salt):
    codes = set_up(engine, user, salt)
    with write_transaction(engine) as connection:
        second.turn_off(connection, user)
    assert not use_recovery(engine, user, codes[0])
    with engine.connect() as connection:
        assert not users.find_user(connection, user).has_factor


def test_the_square_code_says_what_apps_read(salt):
    address = second.address_of(KEY, salt, "chen")
    assert address.startswith("otpauth://totp/")
    assert f"secret={second.secret_of(KEY, salt)}" in address
    drawn = second.picture(address)
    assert drawn.startswith("<svg")
    assert "style=" not in drawn
