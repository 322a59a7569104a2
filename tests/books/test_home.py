"""First pages: figures that add up, whatever the book is; and a number of statements that depends on nothing."""

import pytest

from ledger.books.queries import home_page, index_page
from ledger.journal.read import snapshot
from tests.support.small import DAY, Small


@pytest.fixture
def small(engine):
    return Small(engine)


def home(small):
    with snapshot(small.engine) as connection:
        return home_page(connection, small.code)


def parts(page, unit="CNY"):
    totals = next(t for t in page.totals if t.unit.code == unit)
    found = {share.bucket: share.quantity.amount for share in totals.shares}
    assert sum(found.values()) == totals.received
    return found


def a_year(small):
    """Give a book one of each thing that can become of a gift."""
    gift = small.give(100_000)
    small.give(500, source="source:organization", unit="N95口罩:个", value=250_000)
    small.give(240, source="source:volunteer", unit="volunteer-hour")
    small.grant("G1", 60_000)
    small.serve(
        "S1",
        [
            ("grant:G1", 25_000, "CNY"),
            ("fund:general", 20, "N95口罩:个"),
            ("fund:general", 60, "volunteer-hour"),
            ("source:volunteer", 30, "volunteer-hour"),
        ],
        confirm=("community", "worker"),
    )
    small.issue("市第一医院", "fund:general", 300)
    small.spend("fund:general", 4_000)
    small.refund(gift, 1_000)


def test_an_empty_book_has_a_home(small):
    page = home(small)
    assert (page.totals, page.gifts, page.services, page.since, page.residents) == ((), 0, (), None, 0)
    assert (page.state.entries, len(page.state.newest_hash), page.book.name) == (30 + 1, 64, "和平社区基金")


def test_the_parts_of_each_unit_add_up(small):
    a_year(small)
    page = home(small)
    assert parts(page) == {
        "service": 25_000,
        "organization": 35_000,
        "expense": 4_000,
        "fund": 35_000,
        "refunded": 1_000,
    }
    assert parts(page, "N95口罩:个") == {"service": 20, "issued": 300, "fund": 180}
    assert parts(page, "volunteer-hour") == {"service": 90, "fund": 180}
    assert [totals.unit.kind for totals in page.totals] == ["money", "hours", "goods"]
    assert (page.gifts, page.goods_kinds, page.services_count, page.residents) == (3, 1, 1, 20)
    assert (page.communities, page.organizations, page.since) == (1, 1, DAY)
    assert [card.code for card in page.services] == ["S1"]
    assert {card.name for card in page.funds} == {"互助基金", "敬老基金"}


def test_what_was_reversed_does_not_count(small):
    small.give(1_000)
    small.reverse(small.give(500))
    small.grant("G1", 1_000)
    small.serve("S1", [("grant:G1", 100, "CNY")], residents=7)
    small.reverse(small.serve("S2", [("grant:G1", 100, "CNY")], residents=9))
    page = home(small)
    assert parts(page) == {"service": 100, "organization": 900}
    assert (page.gifts, page.services_count, page.residents) == (1, 1, 7)
    assert [card.code for card in page.services] == ["S1"]


def test_small_groups_count_as_one_and_make_the_number_the_least(small, client):
    small.serve("S1", [], residents=30)
    assert (home(small).residents, home(small).some_hidden) == (30, False)
    small.give(1)
    small.serve("S2", [], residents=4)
    small.serve("S3", [], residents=2)
    assert (home(small).residents, home(small).some_hidden) == (32, True)
    assert "at least" in client.get("/b/", headers={"Accept-Language": "en"}).text


def test_since_when_is_the_earliest_gift_that_stands(small):
    small.give(10_000)
    small.day = DAY.replace(year=2019)
    wrong = small.give(1)
    assert home(small).since == small.day
    small.reverse(wrong)
    assert home(small).since == DAY


def test_statements_do_not_grow_with_the_book(small, query_count):
    a_year(small)
    home(small)
    counts = []
    for number in (1, 500):
        small.give_many(number)
        for n in range(number // 50):
            small.serve(f"T{n}", [("fund:general", 100, "CNY")])
        home(small)
        with query_count(small.engine) as sent:
            home(small)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 30


def test_the_only_book_is_the_first_page(client, small):
    a_year(small)
    pages = [client.get("/"), client.get("/b/"), client.get("/", headers={"Accept-Language": "en"})]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert all("和平社区基金" in page.text and "1,000.00" in page.text for page in pages)
    assert client.get("/nowhere/").status_code == 404


def test_no_book_yet(client):
    assert client.get("/").status_code == 200


def test_several_books_are_listed(client, engine, small, query_count):
    a_year(small)
    other = Small(engine, "b2", "滨江社区基金")
    other.give(5_000)
    with snapshot(engine) as connection, query_count(engine) as sent:
        cards = index_page(connection).books
    told = [(c.book.code, c.received.amount, c.gifts, c.services) for c in cards]
    assert told == [("b", 100_000, 3, 1), ("b2", 5_000, 1, 0)]
    assert len(sent) <= 7
    page = client.get("/")
    assert all(text in page.text for text in ("和平社区基金", "滨江社区基金", 'href="/b2/"'))
