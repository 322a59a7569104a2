"""From the form to the donor's page: prepared by one person, approved by another, found by the code."""

import json
import re

import pytest
from sqlalchemy import select

from ledger.desk.tables import proposals
from ledger.giving.intake.tables import receipts
from tests.support.desk import send
from tests.support.looking import balance, balances, bodies, findings, moved, posted, private

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

MONEY = {
    "resource": "money",
    "amount": "1,000.00",
    "taker": "fund:general",
    "place": "bank:main",
    "dated": "2026-03-02",
}
GOODS = {
    "resource": "goods",
    "item": "大米",
    "measure": "袋",
    "quantity": "20",
    "value": "1,200",
    "taker": "fund:general",
    "store": "inventory:main",
    "dated": "2026-03-02",
}
NAMED = {"donor": "钱多多", "remark": "给孩子们", "receipt_code": "36060123", "receipt_number": "0004412907"}


@pytest.fixture
def enter(people):
    """Send the form of a gift; give the proposal's code."""

    def entered(role="accountant", **form):
        answer = send(people[role], "/b/desk/gifts/new", **form)
        assert answer.status_code == 303, answer.text
        return answer.location.rpartition("/")[2]

    return entered


@pytest.fixture
def decide(people):
    def decided(code, what="approve", role="approver"):
        return send(people[role], f"/b/desk/proposals/{code}", what=what)

    return decided


def test_money_from_the_form_to_the_donors_page(book, people, enter, decide):
    before = len(bodies(book.engine))
    code = enter(**MONEY, **NAMED, channel="wechat", purpose="给长者买助听器")
    assert len(bodies(book.engine)) == before  # nothing before approval
    proposal = people["approver"].get(f"/b/desk/proposals/{code}").text
    assert "钱多多" in proposal
    assert decide(code).status_code == 303
    opened, gift = bodies(book.engine)[before:]
    assert (opened["kind"], opened["facts"]["purpose"]) == ("earmark.opened", "给长者买助听器")
    assert moved(gift) == [("source:individual", f"earmark:{opened['facts']['code']}", 100_000, "CNY")]
    assert gift["facts"]["channel"] == "wechat"
    assert (gift["by"] != gift["approved_by"], gift["ref"]) == (True, f"desk/{code}")
    assert "钱多多" not in json.dumps(gift, ensure_ascii=False)
    assert "0004412907" not in json.dumps(bodies(book.engine), ensure_ascii=False)
    assert private(book.engine, "donor")[(gift["seq"], "donor")] == "钱多多"

    page = people["accountant"].get(f"/b/desk/gifts/of/{code}", follow_redirects=True).text
    found = re.search(r'class="code-large">([^<]+)<', page)[1]
    trace = people["accountant"].application.test_client().get(f"/trace/{found}")
    assert trace.status_code == 200
    assert "1,000.00" in trace.text
    pdf = people["accountant"].get(f"/trace/{found}/confirmation.pdf")
    assert (pdf.status_code, pdf.data[:4]) == (200, b"%PDF")
    assert findings(book.engine) == []


def test_what_is_personal_leaves_the_proposal_with_the_decision(book, enter, decide):
    code = enter(**MONEY, **NAMED)
    decide(code)
    with book.engine.connect() as connection:
        row = connection.execute(select(proposals.c.payload, proposals.c.form).where(proposals.c.code == code)).one()
        kept = connection.execute(select(receipts.c.seq, receipts.c.code, receipts.c.number)).one()
    assert not any(word in row.payload + row.form for word in ("钱多多", "孩子", "0004412907"))
    assert (kept.code, kept.number) == ("36060123", "0004412907")


def test_goods_new_to_the_book_are_asked_about_once(book, people, enter, decide):
    refused = send(people["accountant"], "/b/desk/gifts/new", **GOODS)
    assert refused.status_code == 422
    assert 'name="new_unit"' in refused.text
    code = enter(**GOODS, new_unit="y", lot="L7", expires="2027-01-31")
    decide(code)
    (gift,) = bodies(book.engine, "donation.received")
    assert posted(gift) == [("inventory:main", 20, "大米:袋")]
    assert gift["flows"][0]["value"] == 120_000
    assert (gift["facts"]["lot"], gift["facts"]["expires"]) == ("L7", "2027-01-31")
    decide(enter(**{**GOODS, "quantity": "5", "item": "大米:袋", "measure": ""}))  # known now, by its code alone
    assert balance(book.engine, "fund:general", "大米:袋") == 25
    assert findings(book.engine) == []


def test_goods_by_weight_have_decimals(book, enter, decide):
    decide(enter(**{**GOODS, "measure": "公斤", "quantity": "2.5"}, new_unit="y"))
    assert balance(book.engine, "fund:general", "大米:公斤") == 2_500


def test_hours_are_received_and_never_posted(book, enter, decide):
    decide(enter(resource="hours", hours="2:30", taker="fund:general", volunteer="v01", dated="2026-03-02"))
    (gift,) = bodies(book.engine, "donation.received")
    assert (moved(gift), posted(gift)) == ([("source:volunteer", "fund:general", 150, "volunteer-hour")], [])
    assert gift["facts"]["volunteer"] == "v01"


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({**MONEY, "amount": ""}, "amount"),
        ({**MONEY, "amount": "0"}, "amount"),
        ({**MONEY, "amount": "1.005"}, "amount"),
        ({**MONEY, "taker": "fund:nobody"}, "taker"),
        ({**MONEY, "dated": "2999-01-01"}, "dated"),
        ({**MONEY, "publish": "y"}, "publish"),
        ({**MONEY, "receipt_code": "36060123"}, "receipt_number"),
        ({**GOODS, "value": "", "new_unit": "y"}, "value"),
        ({**GOODS, "measure": ""}, "measure"),
        ({**GOODS, "quantity": "1.5", "new_unit": "y"}, "quantity"),
        ({"resource": "hours", "hours": "", "taker": "fund:general", "dated": "2026-03-02"}, "hours"),
    ],
)
def test_every_error_stands_beside_its_field(people, form, wrong):
    answer = send(people["accountant"], "/b/desk/gifts/new", **form)
    assert answer.status_code == 422
    assert re.findall(r'id="(\w+)-problem"', answer.text) == [wrong]


def test_save_and_enter_another_keeps_what_stays_the_same(people):
    form = MONEY | {"place": "cash:main", "channel": "cash", "again": "yes", "donor": "钱多多"}
    answer = send(people["accountant"], "/b/desk/gifts/new", **form)
    assert answer.status_code == 303
    page = people["accountant"].get(answer.location).text
    assert re.search(r'<option selected value="cash:main"', page)
    assert '<option selected value="cash"' in page
    assert 'value="2026-03-02"' in page
    assert "钱多多" not in page.partition("<aside")[0]
    assert "¥1,000.00" in page.partition("<aside")[2]


def test_a_returned_gift_is_corrected_on_its_form(book, people, enter, decide):
    code = enter(**MONEY, **NAMED)
    send(people["approver"], f"/b/desk/proposals/{code}", what="return", reason="金额不符")
    form = people["accountant"].get(f"/b/desk/gifts/new?draft={code}").text
    assert 'value="钱多多"' in form
    assert 'value="1,000.00"' in form
    answer = send(people["accountant"], f"/b/desk/gifts/new?draft={code}", **{**MONEY, "amount": "900"}, **NAMED)
    assert answer.status_code == 303
    decide(code)
    assert balances(book.engine)[("fund:general", "CNY")] == 90_000


def test_nobody_approves_what_they_prepared(book, people, enter, decide):
    decide(enter(**MONEY), role="accountant")
    assert bodies(book.engine, "donation.received") == []


def test_consent_to_publish_the_name_is_kept_beside_the_ledger(book, people, enter, decide):
    decide(enter(**MONEY, donor="钱多多", publish="y"))
    decide(enter(**MONEY, donor="李四"))
    yes, no = bodies(book.engine, "donation.received")
    assert private(book.engine, "consent") == {(yes["seq"], "consent"): "publish"}
    assert "publish" not in json.dumps(yes)
    pages = [people["auditor"].get(f"/b/desk/gifts/{gift['seq']}").text for gift in (yes, no)]
    assert ["可以公开" in page for page in pages] == [True, False]
