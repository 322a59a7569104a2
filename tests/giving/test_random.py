"""The page of a gift on random books: the same sums as the reference, whatever was taken back."""

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given

from ledger.core import tracking
from ledger.giving.queries import trace_page
from ledger.journal.read import snapshot
from ledger.web.convert import bucket_of
from tests.journal.histories import History, random_books, steps

NOW = datetime(2026, 4, 1, tzinfo=UTC)


@random_books
@given(wanted=steps)
def test_every_page_agrees_with_the_reference(engine, monkeypatch, wanted):
    monkeypatch.setattr(tracking, "digest", lambda code: code)  # these gifts have digests of no code
    history = History(wanted)
    history.store(engine)
    reference = history.reference("CNY")
    undone = {body["facts"]["reverses"]: body["seq"] for body in history.bodies if body["kind"] == "entry.reversed"}
    with snapshot(engine) as connection:
        for seq, flow in history.gifts():
            pages = [
                trace_page(connection, history.bodies[seq]["facts"]["code"], NOW, full=full) for full in (False, True)
            ]
            where = Counter()
            for piece in reference.forward(flow["to"], flow["in"], flow["in"] + flow["amount"]):
                where[bucket_of(piece.account)] += piece.hi - piece.lo
            told = [{share.bucket: share.quantity.amount for share in page.shares} for page in pages]
            assert told == [dict(where)] * 2
            assert pages[0].rows == pages[1].rows
            pairs = {*undone, *undone.values()} - {seq, undone.get(seq)}
            assert not pairs & {event.seq for event in pages[0].events}
            assert not pairs & {row.seq for row in pages[0].rows}
            assert all(event.collapsed == (event.seq in pairs) for event in pages[1].events)
            assert bool(pages[0].confirmation) == (seq not in undone)
