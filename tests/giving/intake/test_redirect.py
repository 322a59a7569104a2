"""A gift leaves its earmark only with the donor's consent, and only its own units move."""

from datetime import date
from random import Random

import pytest

from ledger.core.errors import MalformedError, NotFreeError, RepeatedRefError, RuleError, UnknownObjectError
from ledger.giving.actions import resting
from ledger.giving.intake.actions import Consent, redirect
from ledger.journal.append import writing
from ledger.journal.read import find_book, snapshot
from ledger.people.actions import Act
from tests.support.looking import balance, body, check_refused, findings, moved
from tests.support.small import DAY, Small

SAID = Consent(DAY, "电话确认，留有记录")


@pytest.fixture
def small(engine):
    return Small(engine)


def ask(small, seq, taker="fund:general", consent=SAID, reason="原项目已完成", amount=None, ref=None, dated=DAY):
    act = Act("accountant", dated, ref or f"redirect/{next(small.refs)}", "approver")
    with writing(small.engine, "b") as writer:
        return redirect(writer, act, seq, taker, consent, reason, amount)


def held(small, seqs):
    """Give the free units of each gift: by gift, by account."""
    with snapshot(small.engine) as connection:
        book_id = find_book(connection, "b").id
        return {seq: resting(connection, book_id, seq)[0] for seq in seqs}


def test_what_is_left_moves_with_the_consent_on_the_ledger(small):
    earmark = small.earmark("轮椅坡道")
    others = [small.give(500, taker=earmark), small.give(300, taker=earmark)]
    seq = small.give(1_000, taker=earmark)
    small.spend(earmark, 600)  # the first gift and a part of the second
    before = held(small, others)
    entry = body(small.engine, ask(small, seq, "fund:elder", amount=400).seq)
    assert moved(entry) == [(earmark, "fund:elder", 400, "CNY")]
    assert entry["flows"][0]["of"] == seq
    assert entry["facts"]["consent"] == {"dated": DAY.isoformat(), "how": "电话确认，留有记录"}
    assert (entry["facts"]["donation"], entry["facts"]["reason"]) == (seq, "原项目已完成")
    assert held(small, others) == before
    assert balance(small.engine, earmark) == 1_800 - 600 - 400
    assert body(small.engine, ask(small, seq, "fund:elder").seq)["flows"][0]["amount"] == 600
    assert findings(small.engine) == []


def test_files_of_the_consent_are_evidence(small):
    seq = small.give(100, taker=small.earmark("图书"))
    file = {"sha256": "ab" * 32, "name": "同意书.pdf", "size": 12, "media": "application/pdf"}
    entry = body(small.engine, ask(small, seq, consent=Consent(DAY, "书面", (file,))).seq)
    assert entry["facts"]["evidence"] == [file]


def test_to_another_purpose(small):
    seq, other = small.give(100, taker=small.earmark("图书")), small.earmark("桌椅")
    ask(small, seq, other)
    assert balance(small.engine, other) == 100
    with check_refused(small.engine, NotFreeError, "nothing of donation"):
        ask(small, seq, other)  # it is there already


@pytest.mark.parametrize(
    ("more", "error", "match"),
    [
        ({"amount": 101}, NotFreeError, "still lie in its earmark"),
        ({"amount": 0}, MalformedError, "is not an amount"),
        ({"taker": "fund:nobody"}, UnknownObjectError, "fund:nobody"),
        ({"taker": "outcome:direct"}, RuleError, "to a fund or an earmark"),
        ({"taker": "grant:g1"}, RuleError, "to a fund or an earmark"),
        ({"consent": Consent(DAY, " ")}, MalformedError, "how the donor agreed"),
        ({"consent": Consent(date(2026, 3, 2), "书面")}, RuleError, "before that"),
        ({"reason": ""}, MalformedError, "say why"),
        ({"reason": "长" * 301}, MalformedError, "1 to 300"),
    ],
)
def test_what_is_refused(small, more, error, match):
    seq = small.give(100, taker=small.earmark("图书"))
    with check_refused(small.engine, error, match):
        ask(small, seq, **more)


def test_a_gift_without_an_earmark_and_what_is_no_gift(small):
    seq = small.give(100)
    with check_refused(small.engine, NotFreeError, "nothing of donation"):
        ask(small, seq, "fund:elder")
    with check_refused(small.engine, RuleError, "is not a donation"):
        ask(small, 0)


def test_asked_twice_is_done_once(small):
    seq = small.give(100, taker=small.earmark("图书"))
    first = ask(small, seq, amount=40, ref="one")
    again = ask(small, seq, amount=40, ref="one")
    assert (again.seq, again.repeated) == (first.seq, True)
    for more in ({"amount": 30}, {"taker": "fund:elder", "amount": 40}, {"reason": "另一个原因", "amount": 40}):
        with check_refused(small.engine, RepeatedRefError, "another request"):
            ask(small, seq, ref="one", **more)


@pytest.mark.parametrize("seed", range(6))
def test_units_of_other_gifts_never_move(small, seed):
    dice = Random(seed)
    earmarks = [small.earmark("图书"), small.earmark("桌椅"), small.earmark("轮椅", fund="elder")]
    gifts = [small.give(dice.randint(1, 500), taker=dice.choice([*earmarks, "fund:general"])) for _ in range(12)]
    for _ in range(14):
        step, giver = dice.random(), dice.choice(earmarks)
        if step < 0.3 and balance(small.engine, giver):
            small.spend(giver, dice.randint(1, balance(small.engine, giver)))
            continue
        seq = dice.choice(gifts)
        taker = dice.choice([*earmarks, "fund:general", "fund:elder"])
        before = held(small, gifts)
        mine = sum(
            hi - lo
            for account, spans in before[seq].items()
            for lo, hi in spans
            if account.startswith("earmark:") and account != taker
        )
        wanted = dice.choice([None, dice.randint(1, 600)])
        if not mine or (wanted or 0) > mine:
            with check_refused(small.engine, NotFreeError, "of donation"):
                ask(small, seq, taker, amount=wanted)
            continue
        ask(small, seq, taker, amount=wanted)
        after = held(small, gifts)
        assert {other: after[other] for other in gifts if other != seq} == {
            other: before[other] for other in gifts if other != seq
        }
        assert sum(hi - lo for spans in after[seq].values() for lo, hi in spans) == sum(
            hi - lo for spans in before[seq].values() for lo, hi in spans
        )
        left = sum(
            hi - lo
            for account, spans in after[seq].items()
            for lo, hi in spans
            if account.startswith("earmark:") and account != taker
        )
        assert left == mine - (mine if wanted is None else wanted)
    assert findings(small.engine) == []
