"""What the database says of provenance is what the reference says, on random books."""

from collections import defaultdict

import pytest
from hypothesis import given

from ledger.core.spans import Span, free_spans
from ledger.journal import paths
from ledger.journal.read import find_book, snapshot
from tests.journal import support as s
from tests.journal.histories import History, random_books, steps


def pieces(found, accounts):
    return sorted((accounts[gap.axis], gap.lo, gap.hi, gap.offset) for gap in found)


@random_books
@given(wanted=steps)
def test_every_gift_is_where_the_reference_says(engine, wanted):
    history = History(wanted)
    code, accounts = history.store(engine)
    numbers = history.pure.book.numbers
    reference = history.reference("CNY")
    with snapshot(engine) as connection:
        book_id = find_book(connection, code).id
        for _, flow in history.gifts():
            lo, hi = flow["in"], flow["in"] + flow["amount"]
            found = paths.gaps(paths.forward(connection, book_id, numbers[flow["to"], "CNY"], Span(lo, hi)))
            assert pieces(found, accounts) == sorted(reference.forward(flow["to"], lo, hi))
            assert sum(gap.hi - gap.lo for gap in found) == flow["amount"]


@random_books
@given(wanted=steps)
def test_several_gifts_at_once_are_what_each_of_them_is_alone(engine, wanted):
    history = History(wanted)
    code, _ = history.store(engine)
    numbers = history.pure.book.numbers
    asked = [(numbers[flow["to"], "CNY"], Span(flow["in"], flow["in"] + flow["amount"])) for _, flow in history.gifts()]
    with snapshot(engine) as connection:
        book_id = find_book(connection, code).id
        alone = [sorted(paths.forward(connection, book_id, *piece)) for piece in asked]
        together = paths.forward_each(connection, book_id, asked)
    assert [sorted(found) for found in together] == alone
    assert all(found[0].seq == -1 for found in together)


def test_several_gifts_at_once_are_one_statement(engine, query_count):
    s.open_book(engine)
    s.append(engine, *(s.gift(100) for _ in range(50)), s.award(amount=10**7), s.pay(("fund:general", 3_000)))
    with snapshot(engine) as connection:
        book_id = find_book(connection, s.BOOK).id
        axis = dict(connection.exec_driver_sql("SELECT account, no FROM axes WHERE unit = 'CNY'").all())["fund:general"]
        with query_count(engine) as sent:
            found = paths.forward_each(connection, book_id, [(axis, Span(n * 100, n * 100 + 100)) for n in range(50)])
            assert paths.forward_each(connection, book_id, []) == []
    assert [len(each) for each in found] == [2] * 30 + [1] * 20
    assert len(sent) == 1


@random_books
@given(wanted=steps)
def test_every_service_comes_from_where_the_reference_says(engine, wanted):
    history = History(wanted)
    code, accounts = history.store(engine)
    with snapshot(engine) as connection:
        book_id = find_book(connection, code).id
        for (account, unit), axis in history.pure.book.axes.items():
            if account.partition(":")[0] not in {"service", "outcome"}:
                continue
            no = history.pure.book.numbers[account, unit]
            for span in free_spans(axis):  # what was taken back may be there twice, and is counted once
                reference = history.reference(unit).backward(account, *span)
                found = paths.gaps(paths.backward(connection, book_id, no, span))
                assert pieces(found, accounts) == sorted(reference)
                check_gifts(connection, book_id, history, (no, unit, span), reference)


def check_gifts(connection, book_id, history, asked, reference):
    """Hold the count of gifts by ordinals against the gifts that the reference lists."""
    no, unit, span = asked
    numbers, gifts, others = history.pure.book.numbers, defaultdict(lambda: defaultdict(int)), 0
    kinds = {body["seq"]: body["kind"] for body in history.bodies}
    for piece in reference:
        for flow in history.flows(unit):
            part = min(piece.hi, flow.out + flow.amount) - max(piece.lo, flow.out)
            if flow.giver == piece.account and part > 0:
                if kinds[flow.seq] == "donation.received":
                    gifts[numbers[flow.taker, unit]][flow.seq] += part
                else:
                    others += part
    stopped = paths.gaps(paths.backward_to_gifts(connection, book_id, no, span))
    accounts = {number: account for (account, _), number in numbers.items()}
    donated = [gap for gap in stopped if not accounts[gap.axis].startswith("source:")]
    assert sum(gap.hi - gap.lo for gap in stopped if gap not in donated) == others
    counted = {
        g.axis: (g.amount, g.count, g.first_seq, g.last_seq) for g in paths.count_gifts(connection, book_id, donated)
    }
    assert counted == {axis: (sum(parts.values()), len(parts), min(parts), max(parts)) for axis, parts in gifts.items()}


def test_a_walk_never_passes_through_a_source(engine):
    history = History([("gift", 500, 0), ("reverse", 1, 0), ("gift", 500, 0)])
    code, accounts = history.store(engine)
    (_, first), _ = history.gifts()
    with snapshot(engine) as connection:
        book_id = find_book(connection, code).id
        axis = history.pure.book.numbers["fund:general", "CNY"]
        (gap,) = paths.gaps(paths.forward(connection, book_id, axis, Span(0, first["amount"])))
    assert (accounts[gap.axis], gap.hi - gap.lo) == ("source:individual", 500)


@pytest.mark.parametrize("number", [10, 1_000])
def test_one_statement_a_question(engine, query_count, number):
    s.open_book(engine)
    s.append(
        engine, *(s.gift(100) for _ in range(number)), s.award(amount=10**7), s.pay(("fund:general", number * 100))
    )
    s.append(engine, s.serve("S1", ("grant:G1", number * 100, "CNY")))
    with snapshot(engine) as connection:
        book_id = find_book(connection, s.BOOK).id
        axes = dict(connection.exec_driver_sql("SELECT account, no FROM axes WHERE unit = 'CNY'").all())
        with query_count(engine) as sent:
            assert len(paths.forward(connection, book_id, axes["fund:general"], Span(300, 400))) == 3
            steps = paths.backward_to_gifts(connection, book_id, axes["service:S1"], Span(0, number * 100))
            (gifts,) = paths.count_gifts(connection, book_id, paths.gaps(steps))
    assert (gifts.count, gifts.amount, len(steps), len(sent)) == (number, number * 100, 3, 3)
