"""The page of a gift: what it says is what happened, to the last unit, however much happened."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from ledger.core.errors import CorruptError
from ledger.giving.find import UnknownCodeError
from ledger.giving.queries import MOST_ROWS, trace_page
from ledger.journal.read import snapshot
from tests.support.small import Small

NOW = datetime(2026, 3, 31, 20, 0, tzinfo=UTC)  # the first of April in China


@pytest.fixture
def small(engine):
    return Small(engine)


def trace(small, gift, *, full=False):
    with snapshot(small.engine) as connection:
        return trace_page(connection, small.codes[gift], NOW, full=full)


def shares(page):
    return {share.bucket: share.quantity.amount for share in page.shares}


def whole(page):
    return sum(row.quantity.amount for row in page.rows) + (page.rest.quantity.amount if page.rest else 0)


def test_a_gift_that_waits_says_where_and_since_when(small):
    page = trace(small, small.give(12345, donor="张三"))
    assert shares(page) == {"fund": 12345}
    (waiting,) = page.waiting
    assert (waiting.where.name, waiting.quantity.amount, waiting.days) == ("互助基金", 12345, 31)
    assert (page.gift.quantity.amount, page.gift.source.address) == (12345, "source:individual")
    assert [event.kind for event in page.events] == ["donation.received"]
    assert (page.book.code, page.book.foundation, page.rule) == ("b", "和平慈善基金会", "fifo")


def test_every_part_is_in_one_place_and_the_parts_are_the_gift(small):
    gift = small.give(100_000)
    paid = small.grant("G1", 60_000)
    served = small.serve("S1", [("grant:G1", 25_000, "CNY")], confirm=("community", "worker"))
    small.spend("fund:general", 4_321)
    returned = small.back("G1", 5_000)
    small.refund(gift, 1_000)
    page = trace(small, gift)
    assert shares(page) == {
        "service": 25_000,
        "organization": 30_000,
        "expense": 4_321,
        "fund": 100_000 - 60_000 - 4_321 + 5_000 - 1_000,
        "refunded": 1_000,
    }
    assert whole(page) == 100_000 == page.rows[-1].running
    service = page.rows[0]
    assert (service.bucket, service.what.address, service.seq) == ("service", "service:S1", served)
    assert [place.name for place in service.through] == ["互助基金", "阳光社工站"]
    waits = {(w.where.address, w.seq): (w.quantity.amount, w.project and w.project.name) for w in page.waiting}
    assert waits["organization:sunshine", paid] == (30_000, "长者午餐")
    assert waits["fund:general", returned] == (4_000, None)  # 1,000 of it was refunded
    assert {ref.name for share in page.shares for ref in share.where if share.bucket == "fund"} == {"互助基金"}
    links = page.picture.links
    assert sum(link.amount for link in links if link.source == "gift") == 100_000


def test_the_newest_services_carry_their_cards(small):
    gift = small.give(10_000)
    small.grant("G1", 10_000)
    for n in range(8):
        small.serve(f"S{n}", [("grant:G1", 1_000 + n, "CNY")], confirm=("community",))
    page = trace(small, gift)
    assert page.service_count == 8
    assert [(p.card.code, p.quantity.amount) for p in page.services][:2] == [("S7", 1_007), ("S6", 1_006)]
    card = page.services[0].card
    assert [e.key for e in card.elements if e.present] == ["community", "organization", "resource"]
    assert (card.community.name, card.confirmations[0].role) == ("和平社区", "community")


def test_first_in_is_first_out(small):
    first, second = small.give(1_000), small.give(1_000)
    small.spend("fund:general", 1_500)
    assert shares(trace(small, first)) == {"expense": 1_000}
    assert shares(trace(small, second)) == {"expense": 500, "fund": 500}


def test_a_reversed_pair_is_left_out_unless_asked_for(small):
    gift = small.give(1_000)
    small.grant("G1", 1_000)
    wrong = small.serve("S1", [("grant:G1", 400, "CNY")])
    undo = small.reverse(wrong)
    small.serve("S2", [("grant:G1", 1_000, "CNY")])
    page = trace(small, gift)
    assert (page.reversed_pairs, page.full) == (1, False)
    assert [event.kind for event in page.events] == ["service.delivered", "grant.paid", "donation.received"]
    assert [(row.what.address, row.quantity.amount) for row in page.rows] == [("service:S2", 1_000)]
    assert not {"service:S1"} & {node.ref.address for node in page.picture.nodes if node.ref}
    full = trace(small, gift, full=True)
    assert [(e.seq, e.collapsed) for e in full.events][1:3] == [(undo, True), (wrong, True)]
    assert full.rows == page.rows


def test_units_that_came_back_wait_since_they_first_came(small):
    gift = small.give(1_000)
    paid = small.grant("G1", 1_000)
    small.reverse(small.serve("S1", [("grant:G1", 400, "CNY")]))
    (waiting,) = trace(small, gift).waiting
    assert (waiting.seq, waiting.quantity.amount) == (paid, 1_000)


def test_a_gift_that_was_itself_reversed_says_so(small):
    gift = small.give(1_000)
    undo = small.reverse(gift)
    page = trace(small, gift)
    assert shares(page) == {"other": 1_000}
    assert (page.events[0].kind, page.events[0].seq, page.events[0].collapsed) == ("entry.reversed", undo, False)
    assert (page.reversed_pairs, page.rows[0].what.address) == (0, "source:individual")


def test_goods_are_followed_to_their_recipients(small):
    gift = small.give(500, source="source:organization", unit="N95口罩:个", value=250_000)
    small.issue("市第一医院", "fund:general", 300)
    page = trace(small, gift)
    assert shares(page) == {"issued": 300, "fund": 200}
    assert (page.gift.quantity.unit.kind, page.gift.quantity.unit.measure) == ("goods", "个")
    assert (page.gift.value.amount, page.gift.value.unit.code) == (250_000, "CNY")
    assert page.shares[0].where[0].name == "市第一医院"


def test_hours_are_followed_too(small):
    gift = small.give(240, source="source:volunteer", unit="volunteer-hour")
    small.serve("S1", [("fund:general", 90, "volunteer-hour")])
    page = trace(small, gift)
    assert shares(page) == {"service": 90, "fund": 150}
    assert page.services[0].card.resources[0].unit.kind == "hours"
    assert page.services[0].card.elements[3].present


def test_an_earmarked_gift_says_what_it_is_for(small):
    earmark = small.earmark("给高淳区人民医院")
    gift = small.give(2_000, earmark)
    small.give(9_000)
    small.spend("fund:general", 5_000)
    page = trace(small, gift)
    assert (page.rule, page.gift.fund.name, page.gift.earmark.name) == ("earmark", "互助基金", "给高淳区人民医院")
    assert shares(page) == {"fund": 2_000}


def test_a_donor_is_named_only_with_consent(small):
    assert trace(small, small.give(1, donor="张三")).gift.donor is None
    assert trace(small, small.give(1, donor="张三", facts={"consent": True})).gift.donor == "张三"


def test_many_rows_are_cut_and_the_sum_stays_exact(small):
    gift = small.give(100_000)
    for n in range(MOST_ROWS + 7):
        small.spend("fund:general", 100 + n)
    page, full = trace(small, gift), trace(small, gift, full=True)
    assert (len(page.rows), page.rest.count, whole(page)) == (MOST_ROWS, 8, 100_000)
    assert (len(full.rows), full.rest, whole(full)) == (MOST_ROWS + 8, None, 100_000)
    assert page.events_total == MOST_ROWS + 8


def test_the_entry_is_really_hashed_again(small):
    gift = small.give(1_000)
    assert trace(small, gift).check.passed
    small.give(1)
    assert trace(small, gift).check.passed
    with small.engine.begin() as connection:
        drop_guards(connection)
        connection.execute(
            sa.text("UPDATE entries SET leaf = :zero WHERE seq = :seq"), {"zero": bytes(32), "seq": gift}
        )
    assert trace(small, gift).check.passed is False


def test_parts_that_do_not_add_up_are_never_shown(small):
    gift = small.give(1_000)
    with small.engine.begin() as connection:
        drop_guards(connection)
        connection.execute(sa.text("UPDATE flows SET amount = 999 WHERE seq = :seq"), {"seq": gift})
    with pytest.raises(CorruptError, match="journal verify"):
        trace(small, gift)


def test_an_unknown_code_is_named_as_such(small):
    with snapshot(small.engine) as connection, pytest.raises(UnknownCodeError):
        trace_page(connection, "0" * 17, NOW)


def test_a_code_finds_its_book(small):
    other = Small(small.engine, "b2", "另一个基金")
    gift = other.give(77)
    assert trace(other, gift).book.name == "另一个基金"


@pytest.mark.parametrize("pieces", [0, 40])
def test_the_number_of_statements_depends_on_nothing(small, query_count, pieces):
    """Neither the donors in the pool nor the pieces of the gift."""
    counts = set()
    for pool in (10, 2_000):
        small.give_many(pool // 2)
        gift = small.give(50_000)
        small.give_many(pool // 2)
        small.grant(f"G{pool}", pool * 100 + 50_000)
        small.serve(f"S{pool}", [(f"grant:G{pool}", pool // 2 * 100 + 100, "CNY")], confirm=("worker",))
        for n in range(pieces):
            small.serve(f"S{pool}-{n}", [(f"grant:G{pool}", 100 + n, "CNY")])
        with query_count(small.engine) as sent:
            page = trace(small, gift)
        assert page.service_count == pieces + 1
        counts.add(len(sent))
    assert len(counts) == 1
    assert counts.pop() <= 12


def drop_guards(connection):
    """Take the triggers away, as somebody with the database in hand would."""
    names = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    if connection.dialect.name == "postgresql":
        names = "SELECT DISTINCT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"
    for name, table in connection.execute(sa.text(names)).all():
        on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
        connection.execute(sa.text(f"DROP TRIGGER {name}{on}"))
