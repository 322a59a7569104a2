"""All gifts of an account together: what each of them says alone, in a number of statements that depends on nothing."""

from datetime import UTC, datetime

import pytest

from ledger.config import ROOT
from ledger.core.errors import NotFoundError, RuleError
from ledger.giving.donors import actions, known, stated
from ledger.giving.donors.held import Wanted
from ledger.giving.donors.queries import my_page
from ledger.giving.donors.stated import read_statement
from ledger.giving.donors.thanks import thanks_page
from ledger.giving.intake.search import Cursor
from ledger.giving.queries import trace_page
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book, snapshot
from ledger.reports.statement import statement_pdf
from ledger.web.convert import read_book
from tests.support.small import KEY, Small

FONTS = ROOT / "instance" / "fonts"

NOW = datetime(2026, 3, 31, 20, 0, tzinfo=UTC)


def hold(book, user, *gifts):
    with write_transaction(book.engine) as connection:
        for gift in gifts:
            actions.claim(connection, user, book.codes[gift])


def mine(engine, user, number=1, size=100, **more):
    with snapshot(engine) as connection:
        return my_page(connection, Wanted(user, **more), number, KEY, size)


@pytest.fixture
def two_books(small):
    """Gifts of all kinds in two books, some of them used, refunded and reversed."""
    other = Small(small.engine, code="other", name="另一本账")
    gifts = {
        "large": small.give(100_000, donor="甲"),
        "small": small.give(1_500),
        "masks": small.give(200, taker="fund:elder", unit="N95口罩:个", value=40_000),
        "wrong": small.give(700),
    }
    small.grant("G1", 60_000)
    small.serve("S1", [("grant:G1", 25_000, "CNY"), ("fund:elder", 50, "N95口罩:个")], confirm=("community",))
    small.serve("S2", [("grant:G1", 10_000, "CNY")])
    small.spend("fund:general", 2_000)
    small.refund(gifts["small"], 500)
    small.reverse(gifts["wrong"])
    far = other.give(3_000)
    return small, other, gifts, far


def test_every_gift_is_what_its_own_page_says(two_books, person):
    small, other, gifts, far = two_books
    user = person()
    hold(small, user, *gifts.values())
    hold(other, user, far)
    page = mine(small.engine, user)
    assert len(page.gifts) == 5
    for gift in page.gifts:
        book = {"b": small, "other": other}[gift.book.code]
        with snapshot(small.engine) as connection:
            alone = trace_page(connection, book.codes[gift.seq], NOW)
        assert {s.bucket: s.quantity for s in gift.shares} == {s.bucket: s.quantity for s in alone.shares}
        assert (gift.service_count, gift.undone) == (alone.service_count, not alone.confirmation)
        assert (gift.quantity, gift.fund, gift.code) == (alone.gift.quantity, alone.gift.fund, alone.code)
    money, goods = page.together
    assert (money.quantity.amount, money.gifts, money.service_count) == (105_200, 4, 2)
    assert sum(share.quantity.amount for share in money.shares) == 105_200
    assert (goods.quantity.amount, goods.gifts, goods.service_count) == (200, 1, 1)
    assert page.money == 105_200
    assert [it.piece.card.code for it in page.services] == ["S2", "S1"]
    assert [it.piece.quantity.amount for it in page.services] == [10_000, 25_000]
    assert page.books == tuple(sorted(page.books, key=lambda book: book.code))


def test_choices_orders_and_pages(two_books, person):
    small, other, gifts, far = two_books
    user = person()
    hold(small, user, *gifts.values())
    hold(other, user, far)
    assert [it.seq for it in mine(small.engine, user, book="other").gifts] == [far]
    assert mine(small.engine, user, year=2025).gifts == ()
    amounts = [it.quantity.amount for it in mine(small.engine, user, sort="amount").gifts]
    assert amounts == [100_000, 3_000, 1_500, 700, 200]  # goods after money
    second = mine(small.engine, user, 2, 2)
    assert (len(second.gifts), second.whole, second.pager.total, second.money) == (2, False, 5, 105_200)
    everything = [it.seq for number in (1, 2, 3) for it in mine(small.engine, user, number, 2).gifts]
    assert sorted(everything) == sorted([*gifts.values(), far])


def test_an_account_without_gifts_has_an_empty_page(small, person):
    page = mine(small.engine, person())
    assert (page.gifts, page.together, page.services, page.years, page.as_of) == ((), (), (), (), None)


def test_the_number_of_statements_depends_on_nothing(small, person, query_count):
    few, many = person("few"), person("many")
    gifts = [small.give(100 + n, donor=f"甲{n}") for n in range(40)]
    small.grant("G1", 3_000)
    for n in range(8):
        small.serve(f"S{n}", [("grant:G1", 300, "CNY")])
    hold(small, few, gifts[0])
    hold(small, many, *gifts)
    counts = []
    for user in (few, many):
        with query_count(small.engine) as sent:
            page = mine(small.engine, user)
        counts.append(len([statement for statement in sent if not statement.startswith(("BEGIN", "SET"))]))
    assert len(page.gifts) == 40
    assert counts[0] == counts[1] <= 20


def test_another_key_gives_no_codes_and_no_error(small, person):
    user, gift = person(), small.give(100)
    hold(small, user, gift)
    with snapshot(small.engine) as connection:
        (found,) = my_page(connection, Wanted(user), 1, bytes(31) + b"x").gifts
    assert found.code == ""


# ------------------------------------------------------------------ the statement of a year


def statement(engine, user, year=2026, book=""):
    with snapshot(engine) as connection:
        return read_statement(connection, Wanted(user, book, year), KEY, "https://example.org")


def test_a_statement_counts_what_stands_and_prints_the_end_of_codes(two_books, person):
    small, other, gifts, far = two_books
    user = person()
    hold(small, user, *gifts.values())
    hold(other, user, far)
    made, file = statement(small.engine, user)
    assert (made.money, made.value, made.gifts, file) == (104_500, 40_000, 4, "giving-2026.pdf")
    assert made.donors == ("甲",)
    assert [foundation.money for foundation in made.foundations] == [101_500, 3_000]
    printed = str(made)
    for book, seq in ((small, gifts["large"]), (other, far)):
        assert book.codes[seq] not in printed.replace("-", "")
    large = next(it for it in made.foundations[0].gifts if it.entry == gifts["large"])
    assert large.code_end.replace("-", "") == small.codes[gifts["large"]][-5:]
    assert sum(part.amount for part in large.became) == 100_000
    assert statement_pdf(made, "zh_Hans_CN", FONTS) == statement_pdf(made, "zh_Hans_CN", FONTS)
    assert statement_pdf(made, "en", FONTS)[:5] == b"%PDF-"


def test_a_statement_of_nothing_and_of_too_much(small, person, monkeypatch):
    user = person()
    hold(small, user, small.give(100), small.give(200))
    with pytest.raises(NotFoundError, match="no gift of 2025"):
        statement(small.engine, user, 2025)
    monkeypatch.setattr(stated, "MOST", 1)
    with pytest.raises(RuleError, match="at most 1 gifts, yours of 2026 has 2"):
        statement(small.engine, user)


# ------------------------------------------------------------------ thanks, and what the desk knows


def thanks(engine, fund="", words="", cursor=None):
    with snapshot(engine) as connection:
        return thanks_page(connection, read_book(connection, "b"), fund, words, cursor)


def test_thanks_name_only_who_agreed(small):
    yes = small.give(100, donor="王阳光", facts={"consent": True})
    no = small.give(200, donor="王月光")
    unnamed = small.give(300, taker="fund:elder")
    gone = small.give(400, donor="王记错", facts={"consent": True})
    small.reverse(gone)
    assert [(it.seq, it.name) for it in thanks(small.engine).gifts] == [(unnamed, None), (no, None), (yes, "王阳光")]
    assert [(it.seq, it.name) for it in thanks(small.engine, words="王").gifts] == [(yes, "王阳光")]
    assert thanks(small.engine, words="王月").gifts == ()
    elder = thanks(small.engine, fund="elder")
    assert ([it.seq for it in elder.gifts], elder.fund.name) == ([unnamed], "敬老基金")


@pytest.mark.parametrize("words", ["12345", "%", "_", "' OR 1=1"])
def test_a_search_of_thanks_finds_names_and_nothing_else(small, words):
    gift = small.give(100, donor="王阳光", facts={"consent": True})
    assert thanks(small.engine, words=words).gifts == ()
    assert thanks(small.engine, words=str(gift)).gifts == ()
    assert thanks(small.engine, words=small.codes[gift]).gifts == ()


def test_thanks_go_on_page_by_page_in_few_statements(small, query_count):
    small.give_many(120)
    seen, cursor, counts = [], None, []
    for _ in range(3):
        with query_count(small.engine) as sent:
            page = thanks(small.engine, cursor=cursor)
        counts.append(len(sent))
        seen += [it.seq for it in page.gifts]
        cursor = page.older and Cursor.read(str(page.older))
    assert cursor is None
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)
    assert max(counts) <= 12


def test_the_desk_knows_donors_by_what_they_hold(small, person, query_count):
    one, other = person("ann"), person("bao")
    gifts = [small.give(1_000 * n, donor="甲" if n % 2 else "乙") for n in range(1, 6)]
    hold(small, one, *gifts)
    hold(small, other, gifts[0])
    person("idle")
    with snapshot(small.engine) as connection:
        number = find_book(connection, "b").id
        assert known.count_known(connection, number, "") == 2
        with query_count(small.engine) as sent:
            rows = known.list_known(connection, number, known.Listed("", "gifts", descending=True, limit=50, offset=0))
        assert [(it.login, it.gifts, it.money, it.names) for it in rows] == [
            ("ann", 5, 15_000, rows[0].names),
            ("bao", 1, 1_000, ("甲",)),
        ]
        assert set(rows[0].names) == {"甲", "乙"}
        assert len(sent) == 3
        (found,) = known.list_known(
            connection, number, known.Listed("BA", "login", descending=False, limit=50, offset=0)
        )
        assert found.login == "bao"
        assert known.count_known(connection, number, "%") == 0
