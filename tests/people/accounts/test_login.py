"""Signing in below the pages: the same answer and the same work whatever does not fit."""

import pyotp
import pytest
import sqlalchemy as sa

from ledger.journal.engine import write_transaction
from ledger.people.accounts import clock, login, passwords, second, sessions, throttle, users
from ledger.people.accounts.login import Caller, RefusedError, enter, give_factor
from ledger.people.accounts.tables import trail

KEY = bytes(32)
WORDS = "three small words"
KEPT = passwords.hash_password(WORDS)
HERE = Caller("192.0.2.7", "test")


@pytest.fixture
def user(engine):
    with write_transaction(engine) as connection:
        code = users.add_user(connection, "Chen", "陈会计")
        users.set_password(connection, code, KEPT)
    return code


@pytest.fixture
def salt(engine, user, at):
    made = second.new_salt()
    with write_transaction(engine) as connection:
        second.set_up(connection, user, KEY, made, pyotp.TOTP(second.secret_of(KEY, made)).at(clock.now()))
    at(minutes=5)
    return made


def noted(engine):
    with engine.connect() as connection:
        return list(connection.execute(sa.select(trail.c.what, trail.c.actor, trail.c.object).order_by(trail.c.id)))


def code(salt):
    return pyotp.TOTP(second.secret_of(KEY, salt)).at(clock.now())


def test_login_and_password_begin_a_session(engine, user):
    entered = enter(engine, " CHEN ", WORDS, HERE)
    assert (entered.user, entered.half) == (user, False)
    with engine.connect() as connection:
        assert sessions.load(connection, entered.token).actor.code == user
    assert noted(engine) == [("signed in", user, None)]


def test_signing_in_sweeps_what_is_long_over(engine, user, at):
    enter(engine, "chen", WORDS, HERE)
    with pytest.raises(RefusedError):
        enter(engine, "nobody", WORDS, HERE)
    at(hours=91 * 24)
    enter(engine, "chen", WORDS, HERE)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(sessions.sessions)) == 1
        assert connection.scalar(sa.select(sa.func.count()).select_from(throttle.attempts)) == 1


@pytest.mark.parametrize(("typed", "given"), [("chen", "wrong words"), ("nobody", WORDS), ("", ""), ("chen", "")])
def test_one_answer_and_one_verification_whatever_does_not_fit(engine, user, monkeypatch, typed, given):
    verified = []
    verify = passwords._hasher.verify
    hasher = type("Hasher", (), {"verify": lambda _, kept, word: verified.append(kept[:10]) or verify(kept, word)})()
    passwords._nobodys()
    monkeypatch.setattr(passwords, "_hasher", hasher)
    with pytest.raises(RefusedError) as refused:
        enter(engine, typed, given, HERE)
    assert str(refused.value) == "The login or the password is not right."
    assert verified == ["$argon2id$"]


def test_statements_are_the_same_for_unknown_user_and_wrong_password(engine, user, query_count):
    counts = []
    for typed in ("chen", "nobody"):
        with query_count(engine) as sent, pytest.raises(RefusedError):
            enter(engine, typed, "wrong words", HERE)
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_a_suspended_user_and_one_without_password_get_the_same_answer(engine, user):
    with write_transaction(engine) as connection:
        users.add_user(connection, "new", "新人")
        connection.execute(sa.update(users.users).where(users.users.c.code == user).values(suspended="2026"))
    for typed in ("chen", "new"):
        with pytest.raises(RefusedError, match="login or the password"):
            enter(engine, typed, WORDS, HERE)


def test_after_some_failures_even_the_right_password_has_to_wait(engine, user, at):
    for _ in range(throttle.LOGIN.free):
        with pytest.raises(RefusedError):
            enter(engine, "chen", "wrong words", HERE)
    with pytest.raises(throttle.TooManyAttemptsError):
        enter(engine, "chen", WORDS, Caller("198.51.100.9", "elsewhere"))
    at(seconds=throttle.FIRST_WAIT)
    assert enter(engine, "chen", WORDS, HERE).user == user


def test_unknown_logins_are_throttled_like_known_ones(engine, user, at):
    for _ in range(throttle.LOGIN.free):
        with pytest.raises(RefusedError):
            enter(engine, "nobody", "wrong words", HERE)
    with pytest.raises(throttle.TooManyAttemptsError):
        enter(engine, "nobody", "wrong words", HERE)


def test_an_address_is_throttled_over_all_logins(engine, user, monkeypatch):
    monkeypatch.setattr(passwords, "verify", lambda _kept, _typed: False)
    for number in range(throttle.ADDRESS.free):
        with pytest.raises(RefusedError):
            enter(engine, f"nobody{number}", "wrong words", HERE)
    with pytest.raises(throttle.TooManyAttemptsError):
        enter(engine, "chen", WORDS, HERE)
    with pytest.raises(RefusedError):
        enter(engine, "chen", WORDS, Caller("198.51.100.9", "elsewhere"))


def test_a_failure_is_noted_without_what_was_typed(engine, user):
    for typed in ("chen", "my-secret-password"):
        with pytest.raises(RefusedError):
            enter(engine, typed, "wrong words", HERE)
    assert noted(engine) == [("refused", None, f"user:{user}"), ("refused", None, None)]


def test_a_password_alone_is_half_a_session(engine, user, salt):
    entered = enter(engine, "chen", WORDS, HERE)
    assert entered.half
    with engine.connect() as connection:
        assert sessions.load(connection, entered.token) is None
    whole = give_factor(engine, entered.token, code(salt), KEY, HERE)
    assert whole.token != entered.token
    with engine.connect() as connection:
        assert sessions.load(connection, whole.token).actor.code == user
        assert login.waiting_for_factor(connection, entered.token) is None


def test_half_a_session_ends_by_itself(engine, user, salt, at):
    entered = enter(engine, "chen", WORDS, HERE)
    at(minutes=sessions.HALF_MINUTES, seconds=1)
    with pytest.raises(RefusedError, match="too long"):
        give_factor(engine, entered.token, code(salt), KEY, HERE)


def test_a_whole_session_is_no_half_one(engine, user):
    entered = enter(engine, "chen", WORDS, HERE)
    with engine.connect() as connection:
        assert login.waiting_for_factor(connection, entered.token) is None


def test_a_replayed_code_opens_no_second_session(engine, user, salt):
    given = code(salt)
    give_factor(engine, enter(engine, "chen", WORDS, HERE).token, given, KEY, HERE)
    again = enter(engine, "chen", WORDS, HERE)
    with pytest.raises(RefusedError, match="used already"):
        give_factor(engine, again.token, given, KEY, HERE)
    assert noted(engine)[-1] == ("refused at the second factor", None, f"user:{user}")


def test_the_second_factor_is_throttled_over_sessions(engine, user, salt, at):
    for _ in range(throttle.FACTOR.free):
        entered = enter(engine, "chen", WORDS, HERE)
        with pytest.raises(RefusedError):
            give_factor(engine, entered.token, "000000", KEY, HERE)
    entered = enter(engine, "chen", WORDS, HERE)
    with pytest.raises(throttle.TooManyAttemptsError):
        give_factor(engine, entered.token, code(salt), KEY, HERE)


def test_a_recovery_code_opens_and_says_so(engine, user, salt):
    with write_transaction(engine) as connection:
        codes = second.new_recovery_codes(connection, user)
    give_factor(engine, enter(engine, "chen", WORDS, HERE).token, codes[3], KEY, HERE)
    assert noted(engine)[-1][0] == "signed in with a recovery code"
    entered = enter(engine, "chen", WORDS, HERE)
    with pytest.raises(RefusedError):
        give_factor(engine, entered.token, codes[3], KEY, HERE)
