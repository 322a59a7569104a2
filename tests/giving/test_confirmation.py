"""The donation confirmation: what is on it, and that asking twice gives the same bytes."""

import io

import pikepdf
import pytest

from ledger.core.tracking import display
from ledger.giving.confirmations import read_confirmation
from ledger.journal.read import read_entry, snapshot
from tests.support.small import Small

CHINESE, ENGLISH = {"Accept-Language": "zh-CN"}, {"Accept-Language": "en"}


@pytest.fixture
def small(engine):
    return Small(engine)


def confirmation(small, gift):
    with snapshot(small.engine) as connection:
        return read_confirmation(connection, small.codes[gift], "https://example.org/trace/x").confirmation


def test_it_says_what_the_ledger_says(small):
    gift = small.give(1_640_902, small.earmark("给高淳区人民医院"), donor="张三")
    made = confirmation(small, gift)
    with snapshot(small.engine) as connection:
        leaf = read_entry(connection, 1, gift).leaf.hex()
    assert (made.kind, made.amount, made.donor, made.handler) == ("money", 1_640_902, "张三", "accountant")
    assert (made.fund, made.purpose, made.foundation) == ("互助基金", "给高淳区人民医院", "和平慈善基金会")
    assert (made.credit_code, made.entry, made.leaf) == ("53110000MJ0000000X", gift, leaf)


def test_a_gift_without_a_name_or_a_purpose(small):
    made = confirmation(small, small.give(100))
    assert (made.donor, made.purpose) == (None, None)


def test_goods_say_what_and_what_they_are_worth(small):
    made = confirmation(small, small.give(500, unit="N95口罩:个", value=250_000))
    assert (made.kind, made.item, made.measure, made.amount, made.value) == ("goods", "N95口罩", "个", 500, 250_000)


def test_hours(small):
    made = confirmation(small, small.give(90, source="source:volunteer", unit="volunteer-hour"))
    assert (made.kind, made.amount) == ("hours", 90)


class TestDocument:
    @pytest.fixture(params=["sqlite"])
    def database_kind(self, request):
        return request.param

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # WeasyPrint leaves a profile open
    def test_it_comes_in_both_languages_and_the_same_again(self, client, small):
        gift = small.give(1_640_902, donor="张三")
        address = f"/trace/{display(small.codes[gift])}/confirmation.pdf"
        first, again, english = (client.get(address, headers=h) for h in (CHINESE, CHINESE, ENGLISH))
        assert (first.status_code, first.mimetype) == (200, "application/pdf")
        assert first.data == again.data != english.data
        assert first.headers["Cache-Control"] == "private, no-store"
        assert f"b-{gift}.pdf" in first.headers["Content-Disposition"]
        with pikepdf.open(io.BytesIO(first.data)) as document:
            assert (len(document.pages), str(document.Root.Lang)) == (1, "zh-Hans")

    def test_a_reversed_gift_is_not_confirmed(self, client, small):
        gift = small.give(1_000)
        small.reverse(gift)
        address = f"/trace/{display(small.codes[gift])}"
        assert client.get(f"{address}/confirmation.pdf").status_code == 409
        assert "confirmation.pdf" not in client.get(address).text

    @pytest.mark.usefixtures("small")
    def test_no_gift_no_document(self, client):
        for code in ("0000-0000-0000-0000-0", "nonsense"):
            answer = client.get(f"/trace/{code}/confirmation.pdf")
            assert (answer.status_code, answer.mimetype) == (404, "text/html")
