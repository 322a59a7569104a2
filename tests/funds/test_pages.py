import pytest

from ledger.core.errors import NotFoundError
from ledger.funds import queries, recent
from ledger.funds.lists import EARMARKS, GOODS, Chosen
from ledger.giving.actions import receive_income
from ledger.journal.read import find_book, snapshot
from ledger.people.actions import one
from ledger.web.pages import BUCKETS
from tests.support.small import Small

MASKS, HOURS = "N95口罩:个", "volunteer-hour"


@pytest.fixture
def small(engine):
    return Small(engine)


def fund(engine, code="general", **chosen):
    with snapshot(engine) as connection:
        return queries.fund_page(connection, "b", code, Chosen(**chosen))


def cards(engine):
    with snapshot(engine) as connection:
        return {card.code: card for card in queries.fund_cards(connection, find_book(connection, "b").id)}


def parts(totals):
    """Give the parts above zero by bucket, having checked that they add up."""
    found = {share.bucket: share.quantity.amount for share in totals.shares}
    assert sum(found.values()) == totals.received
    assert all(bucket in BUCKETS for bucket in found)
    return found


def test_a_fund_nobody_gave_to_is_empty(engine, small):
    page = fund(engine)
    assert (parts(page.card.totals), page.card.gifts, page.card.newest) == ({}, 0, None)
    assert (page.entries, page.pager.total, page.grants, page.sources, page.others) == ((), 0, (), (), ())


def test_all_that_came_in_is_somewhere(engine, small):
    small.give(1000)
    small.give(500, source="source:organization")
    small.do(receive_income, "source:interest", "fund:general", 7, "bank:main")
    refunded = small.give(40)
    small.refund(refunded)
    small.grant("G1", 600)
    small.serve("S1", [("grant:G1", 250, "CNY"), ("fund:general", 30, "CNY")])
    small.back("G1", 100)
    small.spend("fund:general", 55)
    small.move("fund:general", "fund:elder", 200)
    page = fund(engine)
    assert parts(page.card.totals) == {
        "service": 280,
        "expense": 55,
        "organization": 250,
        "fund": 1547 - 280 - 55 - 250 - 40 - 200,
        "refunded": 40,
        "moved": 200,
    }
    assert page.card.totals.received == 1547
    assert (page.card.gifts, page.card.services) == (3, 1)
    assert parts(fund(engine, "elder").card.totals) == {"fund": 200}
    assert cards(engine)["general"] == page.card


def test_earmarks_are_inside_their_fund(engine, small):
    earmark = small.earmark("给三楼的老人")
    small.give(300, taker=earmark)
    small.give(100, taker=earmark, unit=MASKS)
    small.give(50)
    small.grant("G1", 200, giver=earmark)
    page = fund(engine)
    assert parts(page.card.totals) == {"organization": 200, "fund": 150}
    assert [(e.earmark.name, e.received.unit.code, e.received.amount, e.held.amount) for e in page.earmarks] == [
        ("给三楼的老人", "CNY", 300, 100),
        ("给三楼的老人", MASKS, 100, 100),
    ]
    small.move(earmark, "fund:general", 60)
    assert parts(fund(engine).card.totals) == {"organization": 200, "fund": 150}


def test_a_grant_is_spent_returned_or_held(engine, small):
    small.give(1000)
    small.grant("G1", 600)
    small.serve("S1", [("grant:G1", 250, "CNY")])
    small.serve("S2", [("grant:G1", 50, "CNY")])
    small.back("G1", 100)
    (line,) = fund(engine).grants
    assert (line.grant.address, line.organization.name, line.project.name) == ("grant:G1", "阳光社工站", "长者午餐")
    amounts = (line.awarded, line.paid, line.spent, line.returned, line.held)
    assert [q.amount for q in amounts] == [600, 600, 300, 100, 200]


def test_reversals_undo_and_are_no_receipts(engine, small):
    wrong = small.give(777)
    small.reverse(wrong)
    small.give(1000)
    paid = small.grant("G1", 600)
    small.reverse(paid)
    spent = small.spend("fund:general", 90)
    small.reverse(spent)
    moved = small.move("fund:general", "fund:elder", 80)
    small.reverse(moved)
    page = fund(engine)
    assert parts(page.card.totals) == {"fund": 1000}
    assert parts(fund(engine, "elder").card.totals) == {}
    assert page.card.gifts == 1
    assert [(s.source.code, s.quantity.amount, s.gifts) for s in page.sources] == [("individual", 1000, 1)]
    (line,) = page.grants
    assert [q.amount for q in (line.paid, line.spent, line.returned, line.held)] == [0, 0, 0, 0]


def test_a_reversed_service_gives_back_and_is_not_counted(engine, small):
    small.give(1000)
    small.grant("G1", 600)
    wrong = small.serve("S1", [("grant:G1", 250, "CNY")])
    small.serve("S2", [("grant:G1", 100, "CNY")])
    small.reverse(wrong)
    page = fund(engine)
    assert parts(page.card.totals) == {"service": 100, "organization": 500, "fund": 400}
    assert page.card.services == 1
    assert [card.code for card in page.services] == ["S2"]
    (line,) = page.grants
    assert [q.amount for q in (line.paid, line.spent, line.returned, line.held)] == [600, 100, 0, 500]


def test_goods_and_hours_are_apart_from_money(engine, small):
    small.give(300, unit=MASKS)
    small.give(120, unit=HOURS, source="source:volunteer")
    small.issue("第一医院", "fund:general", 200)
    page = fund(engine)
    hours, masks = page.others
    assert parts(masks) == {"issued": 200, "fund": 100}
    assert parts(hours) == {"fund": 120}
    assert (page.card.totals.received, page.card.gifts) == (0, 0)
    assert [s.source.code for s in page.sources] == ["volunteer"]


def test_sources_tell_gifts_and_income(engine, small):
    small.give(100)
    small.give(200)
    small.give(1000, source="source:organization")
    small.do(receive_income, "source:interest", "fund:general", 7, "bank:main")
    assert [(s.source.code, s.quantity.amount, s.gifts) for s in fund(engine).sources] == [
        ("organization", 1000, 1),
        ("individual", 300, 2),
        ("interest", 7, 0),
    ]


def test_gifts_other_income_and_other_funds_are_told_apart(engine, small, client):
    small.give(1000)
    small.reverse(small.give(50))
    small.do(receive_income, "source:government-purchase", "fund:general", 300, "bank:main")
    small.give(90, taker="fund:elder")
    small.reverse(small.move("fund:elder", "fund:general", 40))
    small.move("fund:elder", "fund:general", 60)
    card = fund(engine).card
    assert (card.totals.received, card.given, card.gifts) == (1360, 1000, 1)
    assert (card.income, card.transferred) == (300, 60)
    page = client.get("/b/funds/general", headers={"Accept-Language": "en"}).text
    for text in ('in <b class="num">1</b> gift,', "income other than gifts", "from other funds", "Government purchase"):
        assert text in page
    given = fund(engine, "elder").card
    assert parts(given.totals) == {"fund": 30, "moved": 60}
    assert "given to other funds" in client.get("/b/funds/elder", headers={"Accept-Language": "en"}).text


def many_goods(small, number):
    """Give `number` kinds of goods; the later ones more often."""
    for n in range(number):
        unit = f"物资{n:03}:件"
        facts = {"code": unit, "name": f"物资{n:03}", "measure": "件", "scale": 0, "kind": "goods"}
        small.do(lambda w, act, facts=facts: one(w, act.draft("unit.opened", facts=facts)))
        for _ in range(1 + n // GOODS):
            small.give(5, unit=unit)


def test_goods_come_a_page_at_a_time_the_most_given_first(engine, small, client):
    many_goods(small, GOODS + 3)
    small.give(60, source="source:volunteer", unit=HOURS)
    first, second = fund(engine), fund(engine, goods=2)
    assert [t.unit.code for t in first.others][:4] == [HOURS, "物资020:件", "物资021:件", "物资022:件"]
    pages = [[t.unit.code for t in page.others if t.unit.kind == "goods"] for page in (first, second)]
    assert [len(codes) for codes in pages] == [GOODS, 3]
    assert len({*pages[0], *pages[1]}) == GOODS + 3 == first.card.kinds
    assert [parts(t) for t in second.others if t.unit.kind == "goods"] == [{"fund": 5}] * 3
    assert fund(engine, goods=99).goods.number == 2
    shown = client.get("/b/funds/general?goods=2&named=").text
    assert 'href="?goods=1#others"' in shown
    assert "物资019" in shown


def test_goods_are_found_by_their_name(engine, small, client):
    many_goods(small, 4)
    found = fund(engine, named="资002")
    assert [t.unit.code for t in found.others] == ["物资002:件"]
    assert (found.goods.total, found.card.kinds) == (1, 4)
    assert "没有包含“口罩”的物资" in client.get("/b/funds/general?named=口罩").text
    assert client.get("/b/funds/general?goods=x").status_code == 400


def test_a_page_of_goods_costs_as_many_statements_as_one_kind(engine, small, query_count):
    counts = []
    for number in (1, GOODS + 3):
        many_goods(small, number) if number > 1 else small.give(5, unit=MASKS)
        with query_count(engine) as sent:
            fund(engine)
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_a_fund_of_goods_alone_says_so(engine, small, client):
    small.give(5, unit=MASKS)
    english = {"Accept-Language": "en"}
    assert "1</b> kind of goods, and no money" in client.get("/b/funds/general", headers=english).text
    assert "1 kind of goods" in client.get("/b/funds", headers=english).text


def test_earmarks_and_grants_come_a_page_at_a_time(engine, small, client):
    for n in range(EARMARKS + 2):
        small.give(100 + n, taker=small.earmark(f"用途 {n}"))
        small.grant(f"G{n:02}", 1, giver="earmark:" + fund(engine).earmarks[0].earmark.code)
    first, second = fund(engine), fund(engine, earmarks=2, grants=2)
    assert [len(page.earmarks) for page in (first, second)] == [EARMARKS, 2]
    assert [len(page.grants) for page in (first, second)] == [EARMARKS, 2]
    assert [line.grant.code for line in second.grants] == ["G01", "G00"]
    assert first.grants_pager.total == first.earmarks_pager.total == EARMARKS + 2
    shown = client.get("/b/funds/general?grants=2").text
    assert 'href="?grants=1#grants"' in shown
    assert 'href="?grants=2&amp;earmarks=2#earmarks"' in shown


def test_beyond_many_gifts_sources_are_left_out(engine, small, monkeypatch):
    monkeypatch.setattr(queries, "MOST", 2)
    for _ in range(3):
        small.give(100)
    page = fund(engine)
    assert (page.sources, page.card.totals.received) == ((), 300)


@pytest.mark.parametrize("many", [10, 20_000])
def test_entries_of_a_fund_come_newest_first_and_every_one_once(engine, small, monkeypatch, many):
    monkeypatch.setattr(recent, "MANY", many)
    other = small.give(1, taker="fund:elder")
    earmark = small.earmark("给三楼的老人")
    gifts = [small.give(100, taker=("fund:general", earmark)[n % 2]) for n in range(recent.SIZE)]
    paid = small.grant("G1", 300, giver=earmark)
    back = small.back("G1", 50)
    first, second = fund(engine), fund(engine, entries=2)
    seqs = [line.seq for page in (first, second) for line in page.entries]
    assert seqs == [back, paid, *reversed(gifts)]
    assert other not in seqs
    assert first.pager.total == len(seqs)
    assert fund(engine, entries=77).pager.number == 2


def test_closed_funds_come_last(engine, small):
    small.do(lambda w, act: one(w, act.draft("fund.closed", facts={"code": "general"})))
    found = cards(engine)
    assert list(found) == ["elder", "general"]
    assert (found["general"].closed, found["elder"].closed) == (True, False)
    assert fund(engine).card.closed


@pytest.mark.parametrize("many", [0, 1000])
def test_the_newest_services_are_those_the_fund_paid_for(engine, small, monkeypatch, many):
    monkeypatch.setattr(recent, "MANY_SERVICES", many)
    small.give(1000)
    small.give(1000, taker="fund:elder")
    small.grant("G1", 600)
    small.serve("S1", [("grant:G1", 100, "CNY")])
    small.serve("S2", [("fund:elder", 100, "CNY")])
    undone = small.serve("S3", [("grant:G1", 100, "CNY")])
    small.serve("S4", [("fund:general", 100, "CNY")])
    small.serve("S5", [("source:volunteer", 60, HOURS)])
    small.reverse(undone)
    assert [card.code for card in fund(engine).services] == ["S4", "S1"]


def test_pages_cost_as_many_statements_for_many_as_for_few(engine, small, query_count):
    def cost(read):
        with query_count(engine) as sent:
            read()
        return len([statement for statement in sent if statement != "BEGIN"])

    small.give(1000)
    small.grant("G1", 600)
    small.serve("S1", [("grant:G1", 10, "CNY")], confirm=("community",))
    before = cost(lambda: fund(engine)), cost(lambda: cards(engine))
    small.give_many(500)
    for n in range(2, 6):
        small.grant(f"G{n}", 100)
        small.serve(f"S{n}", [(f"grant:G{n}", 10, "CNY")], confirm=("community", "worker"))
    after = cost(lambda: fund(engine)), cost(lambda: cards(engine))
    assert before == after
    assert after <= (28, 9)


def test_an_unknown_fund_is_said_to_be_unknown(engine, small):
    with pytest.raises(NotFoundError, match="no fund 'nowhere'"):
        fund(engine, "nowhere")


def test_pages_of_funds_are_shown(small, client):
    earmark = small.earmark("给三楼的老人")
    small.give(1000, taker=earmark)
    small.give(30, unit=MASKS)
    small.grant("G1", 600, giver=earmark)
    small.serve("S1", [("grant:G1", 200, "CNY")])
    listed = client.get("/b/funds")
    assert listed.status_code == 200
    assert "互助基金" in listed.text
    shown = client.get("/b/funds/general")
    assert shown.status_code == 200
    for text in ("给三楼的老人", "阳光社工站", "/b/services/S1", "N95口罩"):
        assert text in shown.text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/b/funds/nowhere", 404),
        ("/c/funds", 404),
        ("/c/funds/general", 404),
        ("/b/funds/general?page=x", 400),
        ("/b/funds/general?page=8", 200),
    ],
)
def test_what_is_not_there_or_not_understood_is_said(small, client, address, status):
    assert client.get(address).status_code == status
