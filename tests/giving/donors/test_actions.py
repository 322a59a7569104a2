"""Holding gifts, agreeing to be named, asking to be erased, being erased; on both databases."""

import pytest
import sqlalchemy as sa

from ledger.core.errors import ConflictError, MalformedError, NotFoundError
from ledger.core.tracking import TrackingCodeError
from ledger.giving.donors import actions, consents, known
from ledger.giving.donors.erasing import erase_gifts
from ledger.giving.donors.tables import claims
from ledger.giving.donors.tables import consents as consents_table
from ledger.giving.find import UnknownCodeError
from ledger.giving.intake.actions import note_receipt
from ledger.giving.intake.tables import receipts
from ledger.journal.append import writing
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book, read_bodies
from tests.support.looking import bodies, check_refused, findings, private


def do(engine, action, *args, **more):
    with write_transaction(engine) as connection:
        return action(connection, *args, **more)


def book_of(engine, code="b"):
    with engine.connect() as connection:
        return find_book(connection, code).id, code


def names(engine, *seqs):
    number, _ = book_of(engine)
    with engine.connect() as connection:
        return consents.names_given(connection, number, read_bodies(connection, number, list(seqs)))


def rows(engine, table):
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table))


def test_a_gift_is_held_once_and_by_several(small, person):
    gift = small.give(1_000)
    one, other = person("one"), person("other")
    first = do(small.engine, actions.claim, one, small.codes[gift].lower())
    again = do(small.engine, actions.claim, one, small.codes[gift])
    second = do(small.engine, actions.claim, other, small.codes[gift])
    assert (first.others, first.before, again.before, second.others, second.before) == (0, False, True, 1, False)
    assert rows(small.engine, claims) == 2
    do(small.engine, actions.release, one, actions.Gift(first.book_id, gift))
    with pytest.raises(NotFoundError, match="does not hold"):
        do(small.engine, actions.release, one, actions.Gift(first.book_id, gift))
    assert rows(small.engine, claims) == 1


@pytest.mark.parametrize(
    ("typed", "error"),
    [("", TrackingCodeError), ("ABC", TrackingCodeError), ("0000-0000-0000-0000-0", UnknownCodeError)],
)
def test_a_wrong_code_holds_nothing(small, person, typed, error):
    with pytest.raises(error):
        do(small.engine, actions.claim, person(), typed)
    assert rows(small.engine, claims) == 0


def test_no_crowd_holds_a_gift(small, person, monkeypatch):
    monkeypatch.setattr(actions, "MOST_HOLDERS", 2)
    gift = small.give(1_000)
    for login in ("one", "two"):
        do(small.engine, actions.claim, person(login), small.codes[gift])
    with pytest.raises(ConflictError, match="2 accounts hold"):
        do(small.engine, actions.claim, person("three"), small.codes[gift])


def test_an_account_holds_no_more_than_it_may(small, person, monkeypatch):
    monkeypatch.setattr(actions, "MOST_CLAIMED", 1)
    user, gifts = person(), [small.give(1_000), small.give(2_000)]
    do(small.engine, actions.claim, user, small.codes[gifts[0]])
    with pytest.raises(ConflictError, match="at most 1 gifts"):
        do(small.engine, actions.claim, user, small.codes[gifts[1]])


def test_what_was_said_last_of_a_name_holds(small, person):
    told, silent = small.give(1_000, donor="甲", facts={"consent": True}), small.give(1_000, donor="乙")
    unnamed = small.give(1_000)
    assert {seq: it.published for seq, it in names(small.engine, told, silent, unnamed).items()} == {
        told: True,
        silent: False,
    }
    user = person()
    for gift in (told, silent):
        do(small.engine, actions.claim, user, small.codes[gift])
    number, _ = book_of(small.engine)
    do(small.engine, actions.set_consent, user, [actions.Gift(number, told)], publish=False)
    do(small.engine, actions.set_consent, user, [actions.Gift(number, silent)], publish=True)
    assert {seq: it.published for seq, it in names(small.engine, told, silent).items()} == {told: False, silent: True}
    do(small.engine, actions.set_consent, user, [actions.Gift(number, silent)], publish=False)
    assert not names(small.engine, silent)[silent].published


def test_nobody_publishes_the_name_of_a_gift_they_do_not_hold(small, person):
    gift = small.give(1_000, donor="甲")
    number, _ = book_of(small.engine)
    with pytest.raises(NotFoundError, match="does not hold"):
        do(small.engine, actions.set_consent, person(), [actions.Gift(number, gift)], publish=True)
    assert rows(small.engine, consents_table) == 0


@pytest.fixture
def asked(small, person):
    """A donor who holds a named and an unnamed gift and asked to be erased, and somebody who holds one of them too."""
    named, unnamed = small.give(1_000, donor="甲", remark="给孩子们"), small.give(2_000)
    kept = small.give(3_000, donor="乙")
    user, other = person("one"), person("other")
    for gift in (named, unnamed):
        do(small.engine, actions.claim, user, small.codes[gift])
    do(small.engine, actions.claim, other, small.codes[named])
    number, code = book_of(small.engine)
    do(small.engine, actions.set_consent, user, [actions.Gift(number, named)], publish=True)
    do(small.engine, note_receipt, number, named, "u-x", "53060124", "0000012345")
    request = do(small.engine, actions.ask_erasure, user, (number, code), "不想留名")
    return small, user, other, named, unnamed, kept, request


def erased(small, seqs, request=None):
    with writing(small.engine, "b") as writer:
        return erase_gifts(writer, small.act(), seqs, request)


def test_erasing_takes_all_that_is_personal_and_nothing_else(asked):
    small, user, other, named, unnamed, kept, request = asked
    (entry,) = erased(small, [named, unnamed], request)
    assert bodies(small.engine, "person.erased")[0]["facts"] == {"entries": [named]}  # nothing was kept of the other
    assert private(small.engine, "donor") == {(kept, "donor"): "乙"}
    assert (rows(small.engine, receipts), rows(small.engine, consents_table)) == (0, 0)
    with small.engine.connect() as connection:
        holders = connection.execute(sa.select(claims.c.user, claims.c.seq)).all()
        (told,) = known.requests_of(connection, user)
    assert holders == [(other, named)]  # who did not ask goes on holding it
    assert (told.state, told.seq, told.entries, told.reason, told.gifts) == ("done", entry.seq, (), "", 2)
    assert findings(small.engine) == []


def test_erasing_is_exactly_what_was_asked_and_once(asked):
    small, _, _, named, unnamed, kept, request = asked
    with check_refused(small.engine, MalformedError, "not the gifts of the request"):
        erased(small, [named, kept], request)
    erased(small, [named, unnamed], request)
    with check_refused(small.engine, NotFoundError, "not open any more"):
        erased(small, [named, unnamed], request)


def test_gifts_without_personal_data_need_no_entry(small):
    gift = small.give(1_000)
    assert erased(small, [gift]) == []
    assert bodies(small.engine, "person.erased") == []


def test_only_gifts_are_erased_here(small):
    for wanted in ([0], [999], []):
        with check_refused(small.engine, (NotFoundError, MalformedError), "gift"):
            erased(small, wanted)


def test_without_a_request_all_accounts_let_the_gift_go(asked):
    small, _, _, named, *_ = asked
    erased(small, [named])
    with small.engine.connect() as connection:
        assert named not in set(connection.scalars(sa.select(claims.c.seq)))
    assert findings(small.engine) == []


def test_a_request_is_asked_once_taken_back_and_refused(asked):
    small, user, _, named, unnamed, _, request = asked
    number, code = book_of(small.engine)
    with pytest.raises(ConflictError, match="asked for this already"):
        do(small.engine, actions.ask_erasure, user, (number, code), "")
    do(small.engine, actions.withdraw_erasure, user, request)
    with check_refused(small.engine, NotFoundError, "not open any more"):
        erased(small, [named, unnamed], request)
    again = do(small.engine, actions.ask_erasure, user, (number, code), "")
    with pytest.raises(MalformedError, match="say why"):
        do(small.engine, actions.refuse_erasure, "u-admin", (number, code), again, " ")
    do(small.engine, actions.refuse_erasure, "u-admin", (number, code), again, "正在调查")
    with small.engine.connect() as connection:
        newest = known.requests_of(connection, user)[0]
    assert (newest.state, newest.answer, newest.entries) == ("refused", "正在调查", ())
    assert private(small.engine)[(named, "donor")] == "甲"
