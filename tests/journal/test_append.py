"""Append: one or many entries, once each, all or nothing."""

from contextlib import suppress
from dataclasses import replace

import pytest
import sqlalchemy as sa

from ledger.core import canonical
from ledger.core.canonical import CanonicalError
from ledger.core.chain import leaf_hash
from ledger.core.commit import opens
from ledger.core.entry import Move, Posting
from ledger.core.errors import (
    AlreadyOpenError,
    ClosedObjectError,
    ConflictError,
    DirectionError,
    HeadMovedError,
    LedgerError,
    MalformedError,
    NotFoundError,
    NotFreeError,
    OverspentError,
    RepeatedRefError,
    RuleError,
    UnbalancedError,
    UnknownObjectError,
)
from ledger.core.merkle import Frontier
from ledger.core.spans import Axis, Span
from ledger.journal import append as appending
from ledger.journal import tables as t
from ledger.journal.append import create_book, writing
from ledger.journal.read import find_book, list_books, read_bodies, snapshot
from tests.journal import support as s
from tests.journal.support import MASKS, append, draft, gift, spend


@pytest.fixture
def book(engine):
    """A book with everything opened, and 1000 fen in fund:general."""
    s.open_book(engine)
    append(engine, gift(1000, ref="first"))
    return engine


def row_of(engine, code=s.BOOK):
    with snapshot(engine) as connection:
        return find_book(connection, code)


def test_an_entry_is_the_bytes_that_hash_to_its_leaf(book):
    row = row_of(book)
    (made,) = append(book, spend(10))
    assert (made.seq, made.repeated) == (row.size, False)
    with snapshot(book) as connection:
        stored = connection.execute(sa.select(t.entries).where(t.entries.c.seq == made.seq)).one()
        assert canonical.decode(stored.body) == made.body
        assert stored.leaf == made.leaf == leaf_hash(stored.body)
    assert made.body["_prev"] == row.head.hex()
    after = row_of(book)
    assert (after.size, after.head) == (row.size + 1, made.leaf)
    assert after.frontier == Frontier.decode(row.size, row.frontier).append(made.leaf).encode()


def test_one_by_one_all_at_once_and_in_chunks_are_the_same(engine, monkeypatch):
    wanted = [again(body) for body in s.full_book(engine, "model")]
    dumps = [projected(engine, "model")]
    for chunk, size in ((4000, 1), (4000, 1000), (3, 1000), (1, 1000)):
        monkeypatch.setattr(appending, "CHUNK", chunk)
        code = f"b{len(dumps)}"
        with writing(engine, code, clock=s.clock()) as writer:
            create_book(writer.connection, code)
        for at in range(0, len(wanted), size):
            append(engine, *wanted[at : at + size], book=code)
        dumps.append(projected(engine, code))
        assert dumps[-1] == dumps[0]
        assert s.verify(engine, code).clean
    assert len(dumps[0]["headers"]) == len(wanted) > 50


def again(body):
    """Ask for an entry as it is, without personal data."""
    moves = [
        Move(f["from"], f["to"], f["amount"], f["unit"], f.get("of"), pieces_of(f), f.get("value"))
        for f in body["flows"]
    ]
    postings = [Posting(**posting) for posting in body["postings"]]
    facts = {name: fact for name, fact in body["facts"].items() if name != "private"}
    return replace(draft(body["kind"], *moves, postings=postings, ref=body["ref"]), facts=facts)


def pieces_of(flow):
    return (Span(flow["out"], flow["out"] + flow["amount"]),) if "of" in flow else None


def projected(engine, code):
    """Give the projections of a book, without its number."""
    number = row_of(engine, code).id
    tables = [
        table for table in t.metadata.sorted_tables if table.info["role"] == "projection" and table.name != "books"
    ]
    with snapshot(engine) as connection:
        return {x.name: [row[1:] for row in s.rows(connection, x) if row[0] == number] for x in tables}


def test_personal_data_stays_beside_the_log(book):
    wanted = [gift(1, private={"donor": "Zhao Qian", "remark": "thanks"}) for _ in range(2)]
    made = append(book, *wanted)
    with snapshot(book) as connection:
        held = {(r.seq, r.field): (r.salt, r.value) for r in connection.execute(sa.select(t.private))}
        bodies = b"".join(connection.scalars(sa.select(t.entries.c.body)))
    assert b"Zhao" not in bodies
    assert b"thanks" not in bodies
    for entry in made:
        for field, digest in entry.body["facts"]["private"].items():
            assert opens(digest, field, *held[(entry.seq, field)])
    digests = [digest for entry in made for digest in entry.body["facts"]["private"].values()]
    assert len(set(digests)) == 4, "every field of every record has its own salt"


def test_books_in_one_database_know_nothing_of_each_other(engine):
    for code in ("one", "two"):
        s.open_book(engine, code)
    append(engine, gift(1000, ref="r"), book="one")
    (made,) = append(engine, gift(7, "fund:elder", ref="r"), book="two")
    assert (made.body["book"], made.repeated) == ("two", False)
    with s.unchanged(engine), pytest.raises(OverspentError, match="fund:general: 1 fen asked, 0 fen held"):
        append(engine, spend(1), book="two")
    append(engine, draft("fund.closed", code="old"), book="two")
    append(engine, gift(1, "fund:old"), book="one")
    with snapshot(engine) as connection:
        assert [row.code for row in list_books(connection)] == ["one", "two"]
        assert len({row.head for row in list_books(connection)}) == 2
        heads = {row.code: row for row in list_books(connection)}
        bodies = read_bodies(connection, heads["one"].id, list(range(heads["one"].size)))
    assert {body["book"] for body in bodies.values()} == {"one"}
    assert s.verify(engine, "one").clean
    assert s.verify(engine, "two").clean


def test_recorded_never_decreases_when_the_clock_runs_back(book):
    (first,) = append(book, gift(1), minutes=60)
    (second,) = append(book, gift(1), minutes=30)
    (third,) = append(book, gift(1), minutes=90)
    recorded = [entry.body["recorded"] for entry in (first, second, third)]
    assert recorded == ["2026-03-01T13:00:00.000Z", "2026-03-01T13:00:00.000Z", "2026-03-01T13:30:00.000Z"]


@pytest.mark.parametrize("change", ["size = size + 1", "head = leaf", "head = NULL"])
def test_a_head_that_someone_moved_is_never_overwritten(lasting_book, change):
    change = change.replace("leaf", "(SELECT leaf FROM entries WHERE seq = 3)")

    def move_and_append():
        with writing(lasting_book, s.BOOK) as writer:
            writer.lock()
            writer.connection.execute(sa.text(f"UPDATE books SET {change}"))
            writer.append([gift(1)])

    with s.unchanged(lasting_book), pytest.raises(HeadMovedError, match="nothing was written"):
        move_and_append()


REFUSED = {
    "malformed": (MalformedError, lambda: gift(0)),
    "overspent": (OverspentError, lambda: spend(10**6)),
    "not free": (NotFreeError, lambda: s.refund(s.FIRST, [(5000, 5001)])),
    "not the gift's": (RuleError, lambda: s.refund(s.FIRST, [(1000, 1001)])),
    "unbalanced": (UnbalancedError, lambda: draft("bank.transferred", postings=s.posted(1))),
    "unknown": (UnknownObjectError, lambda: gift(1, "fund:nowhere")),
    "closed": (ClosedObjectError, lambda: draft("fund.changed", code="old")),
    "open": (AlreadyOpenError, lambda: s.opened("fund:general")),
    "direction": (DirectionError, lambda: draft("grant.paid", Move("fund:general", "fund:elder", 1, "CNY"))),
    "ref": (RepeatedRefError, lambda: gift(1, ref="first")),
    "too long": (CanonicalError, lambda: gift(1, memo="x" * 65_500)),
    "no mirror": (RuleError, lambda: draft("entry.reversed", code=str(s.FIRST), reverses=s.FIRST)),
    "what is not reversible": (RuleError, lambda: draft("entry.reversed", code="3", reverses=3)),
    "what is not there": (NotFoundError, lambda: draft("entry.reversed", code="999", reverses=999)),
    "a lone surrogate": (CanonicalError, lambda: gift(1, memo="\ud800")),
    "a lone surrogate in a ref": (MalformedError, lambda: replace(gift(1), ref="\ud800")),
    "a NUL in a ref": (MalformedError, lambda: gift(1, ref="\0")),
    "a NUL in an account": (MalformedError, lambda: gift(1, "fund:\0")),
    "a NUL in a mention": (MalformedError, lambda: gift(1, project="\0")),
    "a NUL in personal data": (MalformedError, lambda: gift(1, private={"donor": "\0"})),
    "a long name of personal data": (MalformedError, lambda: gift(1, private={"x" * 41: ""})),
}


@pytest.mark.parametrize(("error", "make"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_in_the_middle_of_a_batch_takes_all_of_it_back(lasting_book, monkeypatch, error, make):
    monkeypatch.setattr(appending, "CHUNK", 2)  # the first two are written when the third is refused
    before = [gift(10), s.refund(s.FIRST, [(0, 5)]), gift(20, unit=MASKS)]
    with s.unchanged(lasting_book), pytest.raises(error) as caught:
        append(lasting_book, *before, make(), gift(30))
    assert caught.type is error


def test_after_a_refusal_the_next_entry_takes_its_number(book):
    with pytest.raises(OverspentError):
        append(book, gift(10), spend(10**6))
    (made,) = append(book, gift(10))
    assert made.seq == s.FIRST + 1
    assert s.verify(book).clean


def test_a_refusal_that_is_swallowed_is_rolled_back_too(lasting_book, monkeypatch):
    monkeypatch.setattr(appending, "CHUNK", 1)

    def swallow():
        with writing(lasting_book, s.BOOK) as writer, suppress(OverspentError):
            writer.append([gift(10), spend(10**6)])

    with s.unchanged(lasting_book), pytest.raises(ConflictError, match="nothing of it is written"):
        swallow()


def test_after_a_refusal_nothing_more_is_appended(lasting_book):
    def go_on():
        with writing(lasting_book, s.BOOK) as writer:
            with suppress(OverspentError):
                writer.append([spend(10**6)])
            writer.append([gift(1)])

    with s.unchanged(lasting_book), pytest.raises(ConflictError, match="begin another"):
        go_on()


def test_an_exception_of_the_caller_takes_everything_back(lasting_book):
    def fail():
        with writing(lasting_book, s.BOOK) as writer:
            writer.append([gift(1)])
            raise KeyError

    with s.unchanged(lasting_book), pytest.raises(KeyError):
        fail()


def test_drafts_may_come_one_by_one_and_fail_on_the_way(book, monkeypatch):
    monkeypatch.setattr(appending, "CHUNK", 2)

    def reading(limit):
        for n in range(5):
            if n == limit:
                raise EOFError
            yield gift(1)

    with s.unchanged(book), pytest.raises(EOFError):
        append_from(book, reading(3))
    assert len(append_from(book, reading(9))) == 5


def append_from(engine, drafts):
    with writing(engine, s.BOOK) as writer:
        return writer.append(drafts)


def test_a_body_of_65535_bytes_is_the_longest(book):
    (short,) = append(book, gift(1, memo="", ref="short"))
    room = 65_535 - len(canonical.encode({**short.body, "ref": "exact"}))
    (made,) = append(book, gift(1, memo="x" * room, ref="exact"))
    assert len(canonical.encode(made.body)) == 65_535
    with s.unchanged(book), pytest.raises(MalformedError, match="65536 bytes, more than 65535"):
        append(book, gift(1, memo="x" * (room + 1), ref="longr"))
    assert s.verify(book).clean


def test_a_hole_left_by_one_transaction_is_filled_by_the_next(book):
    append(book, s.refund(s.FIRST, [(100, 200), (400, 500)]))
    append(book, spend(50))
    (made,) = append(book, spend(200))
    assert [(f["out"], f["amount"]) for f in made.body["flows"]] == [(50, 50), (200, 150)]
    with writing(book, s.BOOK) as writer:
        assert writer.axis("fund:general", "CNY") == Axis(1000, 450, 500, (Span(350, 400),), 1)
    assert s.verify(book).clean


def test_an_account_with_anything_of_any_unit_is_not_closed(book):
    append(book, gift(5, "fund:old", unit=MASKS))
    with s.unchanged(book), pytest.raises(RuleError, match=f"fund:old still holds 5 {MASKS}"):
        append(book, draft("fund.closed", code="old"))
    append(book, s.shift(5, "fund:old", "fund:general", MASKS), draft("fund.closed", code="old"))
    assert s.verify(book).clean


def test_a_refund_takes_the_units_of_that_gift_wherever_they_went(book):
    append(book, gift(500), s.shift(1000, taker="fund:elder"), s.shift(500, taker="fund:elder"))
    with s.unchanged(book), pytest.raises(RuleError, match="are not those of entry"):
        append(book, s.refund(s.FIRST, [(999, 1001)], "fund:elder"))
    assert append(book, s.refund(s.FIRST, [(990, 1000)], "fund:elder"))


def test_a_refund_in_the_call_that_received_the_gift(book):
    of = row_of(book).size
    made = append(book, gift(5), s.refund(of, [(1000, 1005)]))
    assert made[1].body["flows"][0]["of"] == of
    assert s.verify(book).clean


def test_a_reversal_takes_back_exactly_what_was_moved(book):
    (spent,) = append(book, spend(300))
    (back,) = append(book, s.reverse(spent.body))
    assert back.body["flows"] == [
        {"from": "outcome:administration", "out": 0, "to": "fund:general", "in": 1000, "amount": 300, "unit": "CNY"}
        | {"of": spent.seq}
    ]
    with s.unchanged(book), pytest.raises(AlreadyOpenError):
        append(book, s.reverse(spent.body, ref="again"))
    assert s.verify(book).clean


NOT_MIRRORS = {
    "another amount": lambda d: replace(d, moves=[d.moves[0]._replace(amount=299, pieces=(Span(0, 299),))]),
    "other units": lambda d: replace(d, moves=[d.moves[0]._replace(pieces=(Span(100, 400),))]),
    "another fund": lambda d: replace(d, moves=[d.moves[0]._replace(taker="fund:elder")]),
    "another entry": lambda d: replace(d, moves=[d.moves[0]._replace(of=s.FIRST)]),
    "another bank": lambda d: replace(d, postings=s.posted(300, place="cash:main")),
    "a closing of what it did not open": lambda d: replace(d, facts={**d.facts, "object": "fund:old"}),
}


@pytest.mark.parametrize("change", NOT_MIRRORS.values(), ids=NOT_MIRRORS)
def test_a_reversal_that_mirrors_something_else_is_refused(book, change):
    spent, _ = append(book, spend(300), spend(100))
    with s.unchanged(book), pytest.raises(LedgerError) as caught:
        append(book, change(s.reverse(spent.body)))
    assert caught.type in {RuleError, UnbalancedError}


def test_a_reversal_of_what_has_moved_on_is_refused(book):
    (moved,) = append(book, s.shift(300))
    append(book, spend(1, "fund:elder"))
    with s.unchanged(book), pytest.raises(NotFreeError, match="have been given already"):
        append(book, s.reverse(moved.body))


def test_a_reversal_closes_the_service_it_takes_back(book):
    (served,) = append(book, s.serve("S1", ("fund:general", 10, "CNY")))
    wanted = s.reverse(served.body)
    open_still = {name: fact for name, fact in wanted.facts.items() if name != "object"}
    with s.unchanged(book), pytest.raises(RuleError, match="closes None; entry 30 opened service:S1"):
        append(book, replace(wanted, facts=open_still))
    append(book, wanted)
    with s.unchanged(book), pytest.raises(ClosedObjectError, match="service:S1 was closed"):
        append(book, draft("service.confirmed", service="S1", role="community", community="heping"))


def test_a_writer_reads_what_it_has_appended(book):
    with writing(book, s.BOOK) as writer:
        assert not writer.knows("fund:new")
        with pytest.raises(UnknownObjectError):
            writer.known("fund:new")
        made = writer.append([s.opened("fund:new"), gift(5, "fund:new", ref="r")])
        assert writer.known("fund:new").opened == made[0].seq
        assert writer.axis("fund:new", "CNY") == Axis(5, 0, 0, (), 1)
        assert writer.axis("fund:general", "CNY").received == 1000
        assert writer.used(["r", "first", "never"]) == {"r": made[1].seq, "first": made[0].seq - 1}
        assert writer.ref_used("never") is None


def test_a_book_has_its_code_alone(engine):
    s.open_book(engine)
    with s.unchanged(engine), pytest.raises(AlreadyOpenError, match="a book 'shan' already"):
        s.open_book(engine)
    with pytest.raises(NotFoundError, match="no book 'none'"):
        append(engine, gift(1), book="none")


@pytest.mark.parametrize("code", ["", " ", "a b", "a/b", "-a", "x" * 61, "a\n", "a\0"])
def test_a_book_needs_a_code_that_fits_everywhere(lasting_engine, code):
    with (
        s.unchanged(lasting_engine),
        pytest.raises(MalformedError, match="1 to 60"),
        writing(lasting_engine, code) as writer,
    ):
        create_book(writer.connection, code)
