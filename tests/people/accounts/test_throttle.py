"""Attempts: the first are free, then the waits grow; a right one forgets them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from ledger.journal.engine import write_transaction
from ledger.people.accounts import throttle
from ledger.people.accounts.tables import attempts
from ledger.people.accounts.throttle import Limit, TooManyAttemptsError

FEW = Limit(3, 60)


def attempt(engine, key="login:x"):
    with write_transaction(engine) as connection:
        throttle.take(connection, key, FEW)


def wait_of(engine, key="login:x"):
    with pytest.raises(TooManyAttemptsError) as refused:
        attempt(engine, key)
    return refused.value.wait


def test_waits_grow_and_end_at_the_longest(engine, at):
    waits = []
    for _ in range(6):
        while True:
            try:
                attempt(engine)
            except TooManyAttemptsError as refused:
                waits.append(refused.wait)
                at(seconds=refused.wait)
            else:
                break
    assert waits == [15, 30, 60]


def test_while_one_waits_nothing_is_counted(engine, at):
    for _ in range(3):
        attempt(engine)
    assert [wait_of(engine) for _ in range(5)] == [15] * 5
    at(seconds=15)
    attempt(engine)
    assert wait_of(engine) == 30


def test_another_key_is_free(engine, at):
    for _ in range(3):
        attempt(engine)
    attempt(engine, "login:y")
    assert wait_of(engine) == 15


def test_a_right_attempt_forgets_the_wrong_ones(engine, at):
    for _ in range(2):
        attempt(engine)
    with write_transaction(engine) as connection:
        throttle.forget(connection, "login:x")
    for _ in range(3):
        attempt(engine)
    assert wait_of(engine) == 15


def test_old_failures_are_forgotten_and_swept(engine, at):
    for _ in range(3):
        attempt(engine)
    at(hours=25)
    attempt(engine)
    attempt(engine)
    with write_transaction(engine) as connection:
        throttle.sweep(connection)
        assert connection.scalar(sa.select(attempts.c.failures)) == 2
    at(hours=25)
    with write_transaction(engine) as connection:
        throttle.sweep(connection)
        assert connection.scalar(sa.select(sa.func.count()).select_from(attempts)) == 0


def test_an_address_gets_one_attempt_back_for_a_right_one(engine, at):
    for _ in range(3):
        attempt(engine, "address:a")
    with write_transaction(engine) as connection:
        throttle.give_back(connection, "address:a")
    attempt(engine, "address:a")
    assert wait_of(engine, "address:a") == 15


def test_attempts_at_the_same_moment_do_not_slip_through(engine, at):
    def try_once(_):
        try:
            attempt(engine)
        except TooManyAttemptsError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_once, range(16))) == 3
