import hashlib
import html
import json

import pytest
import sqlalchemy as sa

from ledger.audit import queries
from ledger.core.errors import NotFoundError
from ledger.journal import tables as t
from ledger.journal.read import snapshot
from ledger.web.pages import LedgerFilter
from tests.support.small import Small


@pytest.fixture
def small(engine):
    return Small(engine)


def page(engine, number=1, **chosen):
    with snapshot(engine) as connection:
        return queries.ledger_page(connection, "b", LedgerFilter(**chosen), number)


def entry(engine, seq):
    with snapshot(engine) as connection:
        return queries.entry_page(connection, "b", seq)


def test_entries_come_newest_first_and_every_one_once(engine, small):
    small.give_many(90)
    first = page(engine)
    pages = [page(engine, number) for number in range(1, first.pager.last + 1)]
    seqs = [line.seq for it in pages for line in it.entries]
    assert seqs == list(range(first.state.entries - 1, -1, -1))
    assert first.pager.total == first.state.entries == len(seqs)
    assert len(first.entries) == queries.SIZE


def test_a_page_beyond_the_last_is_the_last(engine, small):
    last = page(engine).pager.last
    assert page(engine, 999).entries == page(engine, last).entries
    assert page(engine, 999).pager.number == last


def test_entries_are_filtered_by_kind_and_business_date(engine, small):
    gift = small.give(100)
    small.day = small.day.replace(month=5)
    late = small.give(200)
    assert [line.seq for line in page(engine, kind="donation.received").entries] == [late, gift]
    assert [line.seq for line in page(engine, since=small.day).entries] == [late]
    assert page(engine, until=small.day.replace(month=2)).entries == ()
    both = page(engine, kind="donation.received", until=small.day.replace(month=4))
    assert ([line.seq for line in both.entries], both.pager.total) == ([gift], 1)


def test_the_kinds_offered_are_those_of_the_book(engine, small):
    Small(engine, "c").give(100)
    assert "donation.received" not in page(engine).kinds
    assert page(engine).kinds == tuple(sorted(page(engine).kinds))
    small.give(100)
    assert "donation.received" in page(engine).kinds


def test_a_list_costs_as_many_statements_for_fifty_entries_as_for_one(engine, small, query_count):
    with query_count(engine) as few:
        page(engine, kind="fund.opened")
    small.give_many(200)
    small.grant("G1", 500)
    with query_count(engine) as many:
        page(engine, kind="donation.received")
    assert len(few) == len(many) <= 12


def test_a_line_tells_giver_receiver_subject_and_reversal(engine, small):
    gift = small.give(1000)
    paid = small.grant("G1", 600)
    undone = small.reverse(paid)
    lines = {line.seq: line for line in page(engine).entries}
    assert (lines[gift].giver.address, lines[gift].receiver.name) == ("source:individual", "互助基金")
    assert [q.amount for q in lines[paid].quantities] == [600]
    assert lines[paid].subject.address == "grant:G1"
    assert lines[paid].reversed_by == undone
    assert lines[undone].reverses == paid
    assert lines[paid - 1].quantities[0].amount == 600  # the award, which moves nothing


def test_an_entry_shows_what_is_hashed(engine, small):
    seq = small.give(1000, unit="N95口罩:个", value=5000)
    it = entry(engine, seq)
    data = it.body.encode()
    assert hashlib.sha256(b"\0" + data).hexdigest() == it.line.hash
    assert it.length == len(data)
    assert json.loads(it.pretty) == json.loads(it.body)
    assert (it.flows[0].quantity.amount, it.flows[0].value.amount) == (1000, 5000)
    assert (it.postings[0].account.address, it.postings[0].quantity.amount) == ("inventory:main", 1000)
    assert (it.previous, it.next) == (seq - 1, None)
    assert it.previous_hash == entry(engine, seq - 1).line.hash
    assert it.check.passed


def test_the_first_entry_has_none_before_it(engine, small):
    it = entry(engine, 0)
    assert (it.previous, it.previous_hash, it.next, it.check.passed) == (None, "0" * 64, 1, True)


@pytest.mark.parametrize("seq", [-1, 10_000, 2**70])
def test_an_entry_that_is_not_there_is_said_to_be_not_there(engine, small, seq):
    with pytest.raises(NotFoundError, match="has no entry"):
        entry(engine, seq)


def test_a_changed_entry_and_its_neighbours_do_not_pass(engine, small):
    seq = small.give(1000)
    small.give(2000)
    with engine.begin() as connection:
        drop_guards(connection)
        body = connection.scalar(sa.select(t.entries.c.body).where(t.entries.c.seq == seq))
        changed = bytes(body).replace(b'"memo":""', b'"memo":"x"')
        leaf = hashlib.sha256(b"\0" + changed).digest()
        connection.execute(t.entries.update().where(t.entries.c.seq == seq).values(body=changed, leaf=leaf))
    assert not entry(engine, seq).check.passed  # its own hash fits; the entry after it says otherwise
    assert not entry(engine, seq + 1).check.passed
    assert entry(engine, seq - 1).check.passed


def drop_guards(connection):
    if connection.dialect.name == "sqlite":
        for name in connection.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(sa.text(f"DROP TRIGGER {name}"))
    else:
        connection.execute(sa.text("ALTER TABLE entries DISABLE TRIGGER USER"))


# ------------------------------------------------------------------------------ addresses


@pytest.mark.parametrize("address", ["/b/ledger/{seq}.json", "/b/ledger/{seq}/body"])
def test_the_bytes_of_an_entry_give_its_hash_for_ever(engine, small, client, address):
    seq = small.give(1000)
    answer = client.get(address.format(seq=seq))
    assert answer.mimetype == "application/json"
    assert hashlib.sha256(b"\0" + answer.data).hexdigest() == entry(engine, seq).line.hash
    assert "immutable" in answer.headers["Cache-Control"]


def test_pages_of_the_ledger_are_shown(small, client):
    seq = small.give(1000)
    small.reverse(seq)
    listed = client.get("/b/ledger")
    assert listed.status_code == 200
    assert f"/b/ledger/{seq}" in listed.text
    shown = client.get(f"/b/ledger/{seq}")
    assert shown.status_code == 200
    assert '"kind": "donation.received"' in html.unescape(shown.text)
    for number in range(seq):
        assert client.get(f"/b/ledger/{number}").status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/b/ledger?page=0", 400),
        ("/b/ledger?page=abc", 400),
        ("/b/ledger?page=99", 200),
        ("/b/ledger?since=yesterday", 400),
        ("/b/ledger?kind=no.such", 200),
        ("/b/ledger?since=2026-01-01&until=2026-12-31&kind=fund.opened", 200),
        ("/b/ledger/9999", 404),
        ("/b/ledger/99999999999999999999999", 404),
        ("/b/ledger/9999.json", 404),
        ("/c/ledger", 404),
        ("/c/ledger/0", 404),
    ],
)
def test_what_is_not_there_or_not_understood_is_said(small, client, address, status):
    assert client.get(address).status_code == status
