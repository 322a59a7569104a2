from ledger.journal.read import find_book, snapshot
from ledger.programs.parties import carried
from ledger.programs.parties.warm import warm
from tests.support.small import Small


def test_what_was_added_up_before_need_not_be_read_again(engine, monkeypatch):
    small = Small(engine)
    small.give(1_000)
    small.grant("G1", 500)
    small.serve("S1", [("grant:G1", 300, "CNY")])
    carried._kept.clear()
    warm(engine)
    lows = []
    whole = carried.tally_between
    monkeypatch.setattr(
        carried,
        "tally_between",
        lambda connection, book, low, span: lows.append(low) or whole(connection, book, low, span),
    )
    with snapshot(engine) as connection:
        row = find_book(connection, "b")
        carried.tallies(connection, row, ["project:meals", "organization:sunshine"])
    assert lows == [{"project:meals": row.size, "organization:sunshine": row.size}]
