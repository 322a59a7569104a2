"""Proposals: prepared by one, decided by another, recorded once."""

import json
import threading
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger.books.money import commands as money
from ledger.core.errors import OverspentError
from ledger.desk import actions
from ledger.desk.commands import Command, Tools, register
from ledger.desk.errors import DecidedError, NotAllowedError, ReasonError
from ledger.desk.queries import count, seen_by, waiting_for
from ledger.desk.tables import proposals, steps
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book, snapshot
from ledger.people.accounts.settings import BookSettings, set_book_settings
from ledger.web.actor import Actor, Post, Role
from tests.support.looking import balance, bodies, findings, size

TOOLS = Tools(bytes(32), Path())


def person(code, *posts):
    return Actor(code, code, {"b": posts})


ANNA = person("u-anna", Post(Role.ACCOUNTANT))
BEN = person("u-ben", Post(Role.APPROVER))
CLEO = person("u-cleo", Post(Role.APPROVER, limit=5_000))
BOTH = person("u-both", Post(Role.ACCOUNTANT), Post(Role.APPROVER))
AUDITOR = person("u-audit", Post(Role.AUDITOR))
WORKER = person("u-worker", Post(Role.SOCIAL_WORKER, "w01"))
OTHER_WORKER = person("u-other", Post(Role.SOCIAL_WORKER, "w02"))


SIGN = Command(
    name="test.sign",
    label="Sign",
    stage="apply",
    run=money.SPEND.run,
    prepares=frozenset({Role.ACCOUNTANT}),
    approves=frozenset({Role.SOCIAL_WORKER}),
    form="money.new_expense",
    parties=lambda payload: (payload["worker"],),
    personal=frozenset({"resident"}),
)
register((*money.COMMANDS, SIGN))


def expense(amount=10_000, **more):
    return {
        "fund": "fund:general",
        "category": "administration",
        "place": "bank:main",
        "amount": amount,
        **more,
    }


def asked(payload=None, command=money.SPEND, title="打印"):
    return actions.Request(command, payload or expense(), date(2026, 3, 2), title, "备注")


@pytest.fixture
def book(engine, small):
    small.give(100_000)
    return engine


def proposed(engine, actor=ANNA, **more):
    return actions.propose(engine, actor, "b", asked(**more), TOOLS).code


def state(engine, code):
    with engine.connect() as connection:
        return connection.scalar(select(proposals.c.state).where(proposals.c.code == code))


def history(engine):
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(steps.c.what, steps.c.by).order_by(steps.c.no))]


def test_nothing_is_on_the_ledger_before_approval_and_both_are_named_after(book):
    before = size(book)
    code = proposed(book)
    assert size(book) == before
    done = actions.approve(book, BEN, "b", code, TOOLS)
    assert (done.state, done.seqs) == ("recorded", (before,))
    (body,) = bodies(book, "expense.recorded")
    assert (body["by"], body["approved_by"], body["ref"]) == ("u-anna", "u-ben", f"desk/{code}")
    assert (body["dated"], body["memo"]) == ("2026-03-02", "备注")
    assert history(book) == [("prepared", "u-anna"), ("recorded", "u-ben")]
    assert findings(book) == []


@pytest.mark.parametrize("actor", [ANNA, AUDITOR, WORKER, CLEO])
def test_who_may_not_approve_is_refused_and_nothing_happens(book, actor):
    code = proposed(book)
    with pytest.raises(NotAllowedError):
        actions.approve(book, actor, "b", code, TOOLS)
    assert state(book, code) == "waiting"
    assert bodies(book, "expense.recorded") == []


def test_nobody_approves_what_they_prepared_whatever_else_they_are(book):
    code = proposed(book, BOTH)
    with pytest.raises(NotAllowedError, match="prepared"):
        actions.approve(book, BOTH, "b", code, TOOLS)
    assert actions.approve(book, BEN, "b", code, TOOLS).state == "recorded"


@pytest.mark.parametrize("actor", [BEN, AUDITOR, WORKER])
def test_who_may_not_prepare_is_refused(book, actor):
    with pytest.raises(NotAllowedError, match="prepares"):
        proposed(book, actor)
    assert history(book) == []


def test_a_limit_counts_the_worth(book):
    code = proposed(book, payload=expense(5_000))
    assert actions.approve(book, CLEO, "b", code, TOOLS).state == "recorded"
    code = proposed(book, payload=expense(5_001))
    with pytest.raises(NotAllowedError, match=r"50\.01.*50\.00"):
        actions.approve(book, CLEO, "b", code, TOOLS)


def test_above_the_books_worth_two_different_people_approve(book):
    with write_transaction(book) as connection:
        set_book_settings(connection, find_book(connection, "b").id, BookSettings(two_above=9_999))
    code = proposed(book)
    assert actions.approve(book, BEN, "b", code, TOOLS).state == "waiting"
    with pytest.raises(DecidedError, match="second"):
        actions.approve(book, BEN, "b", code, TOOLS)
    assert actions.approve(book, BOTH, "b", code, TOOLS).state == "recorded"
    small = proposed(book, payload=expense(9_999))
    assert actions.approve(book, BEN, "b", small, TOOLS).state == "recorded"


def test_a_correction_asks_for_both_approvals_again(book):
    with write_transaction(book) as connection:
        set_book_settings(connection, find_book(connection, "b").id, BookSettings(two_above=0))
    code = proposed(book)
    actions.approve(book, BEN, "b", code, TOOLS)
    actions.refuse(book, BOTH, "b", code, "金额不对", final=False)
    actions.correct(book, ANNA, "b", code, asked(expense(8_000)), TOOLS)
    assert actions.approve(book, BEN, "b", code, TOOLS).state == "waiting"


def test_what_the_ledger_refuses_is_refused_when_it_is_prepared(book):
    with pytest.raises(OverspentError):
        proposed(book, payload=expense(100_001))
    assert history(book) == []


def test_what_can_no_longer_be_done_stays_waiting(book, small):
    code = proposed(book, payload=expense(90_000))
    small.spend("fund:general", 50_000)
    with pytest.raises(OverspentError):
        actions.approve(book, BEN, "b", code, TOOLS)
    assert state(book, code) == "waiting"
    assert findings(book) == []


def test_sent_back_corrected_and_approved(book):
    code = proposed(book)
    actions.refuse(book, BEN, "b", code, "  请附\n发票 ", final=False)
    with pytest.raises(DecidedError):
        actions.approve(book, BEN, "b", code, TOOLS)
    with pytest.raises(NotAllowedError):
        actions.correct(book, BOTH, "b", code, asked(expense(7_000)), TOOLS)
    actions.correct(book, ANNA, "b", code, asked(expense(7_000)), TOOLS)
    actions.approve(book, BEN, "b", code, TOOLS)
    assert balance(book, "fund:general") == 93_000
    assert [what for what, _ in history(book)] == ["prepared", "returned", "corrected", "recorded"]


@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize("reason", ["", " \n ", "x" * 1001])
def test_a_refusal_says_why(book, final, reason):
    code = proposed(book)
    with pytest.raises(ReasonError):
        actions.refuse(book, BEN, "b", code, reason, final=final)
    assert state(book, code) == "waiting"


def test_rejected_and_withdrawn_are_final(book):
    rejected, withdrawn = proposed(book), proposed(book)
    actions.refuse(book, CLEO, "b", rejected, "不符合用途", final=True)
    with pytest.raises(NotAllowedError):
        actions.withdraw(book, BEN, "b", withdrawn)
    actions.withdraw(book, ANNA, "b", withdrawn)
    for code in (rejected, withdrawn):
        with pytest.raises(DecidedError):
            actions.approve(book, BEN, "b", code, TOOLS)
    assert bodies(book, "expense.recorded") == []


def test_personal_data_leaves_the_proposal_with_the_decision(book):
    code = proposed(book, payload=expense(worker="worker:w01", resident="甲"), command=SIGN)
    with book.connect() as connection:
        assert "甲" in connection.scalar(select(proposals.c.payload))
    actions.withdraw(book, ANNA, "b", code)
    with book.connect() as connection:
        row = connection.execute(select(proposals)).one()
    assert "resident" not in json.loads(row.payload)
    assert row.form == "{}"


def test_a_party_signs_only_its_own(book):
    code = proposed(book, payload=expense(worker="worker:w01"), command=SIGN)
    for actor in (OTHER_WORKER, BEN):
        with pytest.raises(NotAllowedError):
            actions.approve(book, actor, "b", code, TOOLS)
    assert actions.approve(book, WORKER, "b", code, TOOLS).state == "recorded"


def test_a_queue_holds_what_waits_for_its_owner(book):
    proposed(book)
    proposed(book, payload=expense(worker="worker:w01"), command=SIGN)
    back = proposed(book)
    actions.refuse(book, BEN, "b", back, "补充说明", final=False)
    with snapshot(book) as connection:
        book_id = find_book(connection, "b").id
        waiting = {a.code: count(connection, waiting_for(a, "b", book_id)) for a in (ANNA, BEN, WORKER, OTHER_WORKER)}
        seen = {a.code: count(connection, seen_by(a, "b", book_id)) for a in (ANNA, AUDITOR, WORKER, OTHER_WORKER)}
    assert waiting == {"u-anna": 1, "u-ben": 1, "u-worker": 1, "u-other": 0}
    assert seen == {"u-anna": 3, "u-audit": 3, "u-worker": 1, "u-other": 0}


def test_two_who_approve_at_once_record_it_once(book):
    code = proposed(book)
    outcomes, start = [], threading.Barrier(2)

    def approve(actor):
        start.wait()
        try:
            outcomes.append(actions.approve(book, actor, "b", code, TOOLS).state)
        except DecidedError:
            outcomes.append("refused")

    threads = [threading.Thread(target=approve, args=(actor,)) for actor in (BEN, BOTH)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["recorded", "refused"]
    assert len(bodies(book, "expense.recorded")) == 1


def test_a_crash_while_recording_leaves_it_waiting(book, monkeypatch):
    code = proposed(book)
    monkeypatch.setattr(actions, "_decide", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.approve(book, BEN, "b", code, TOOLS)
    assert state(book, code) == "waiting"
    assert bodies(book, "expense.recorded") == []
    assert findings(book) == []


def test_what_moves_nothing_takes_effect_at_once(book):
    payload = {"code": "youth", "name": "青年基金", "restricted": False, "purpose": ""}
    done = actions.propose(book, ANNA, "b", asked(payload, money.OPEN_FUND), TOOLS)
    assert done.state == "recorded"
    (body,) = bodies(book, "fund.opened")[-1:]
    assert (body["facts"]["code"], body["by"], body["approved_by"]) == ("youth", "u-anna", None)


def test_two_commands_of_one_name_are_refused():
    other = Command(
        name="test.sign", label="", stage="", run=SIGN.run, prepares=frozenset(), form="", approves=frozenset()
    )
    with pytest.raises(ValueError, match=r"test\.sign"):
        register([other])
