"""The desk's pages of what comes in: what they show to whom, and what they cost."""

import re
from datetime import date

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from ledger.giving.intake.actions import Campaign, open_campaign
from ledger.giving.intake.tables import receipts
from ledger.people.accounts.tables import trail
from tests.support.desk import decide, prepared, send
from tests.support.looking import balance, bodies, findings
from tests.support.queries import counted

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

PAGES = ["gifts", "gifts/new", "earmarks", "campaigns", "campaigns/new", "lists", "lists/new"]
WRITES = ["gifts/new", "campaigns/new", "lists/new", "gifts/refund?gift={gift}", "gifts/redirect?gift={gift}"]


@pytest.fixture
def filled(book):
    """The small book with a few gifts; their entries by name."""
    book.do(open_campaign, Campaign("winter", "暖冬", "general", date(2026, 1, 1), target=100_000))
    return {
        "plain": book.give(100_000, donor="钱多多", facts={"channel": "微信", "campaign": "winter"}),
        "earmarked": book.give(50_000, taker=book.earmark("轮椅坡道"), donor="李四"),
        "unnamed": book.give(3_000, source="source:public"),
        "goods": book.give(20, unit="N95口罩:个", value=9_000, donor="王五"),
    }


def looked(engine):
    with engine.connect() as connection:
        return connection.execute(select(trail.c.what, trail.c.object)).all()


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_a_book_without_gifts(people, path):
    answer = people["accountant"].get(f"/b/desk/{path}")
    assert answer.status_code == 200
    assert "<h1>" in answer.text


@pytest.mark.parametrize("path", ["gifts", "earmarks", "campaigns", "lists"])
def test_empty_lists_say_what_to_do(people, path):
    assert 'class="empty"' in people["auditor"].get(f"/b/desk/{path}").text


@pytest.mark.parametrize("role", ["org_staff", "social_worker", "community", "admin", "donor"])
def test_who_has_nothing_to_do_with_gifts_sees_none(app, book, filled, role):
    from tests.support.actors import sign_in  # noqa: PLC0415

    client = app.test_client()
    party = {"org_staff": "sunshine", "social_worker": "w01", "community": "heping"}.get(role)
    sign_in(app, client, role, party=party)
    for path in [*PAGES, f"gifts/{filled['plain']}"]:
        assert client.get(f"/b/desk/{path}").status_code == 403


def test_approvers_and_auditors_only_read(people, filled):
    for role in ("approver", "auditor"):
        for path in WRITES:
            assert people[role].get(f"/b/desk/{path.format(gift=filled['earmarked'])}").status_code == 403
        assert send(people[role], f"/b/desk/gifts/{filled['plain']}/receipt", number="1").status_code in {403, 405}


def test_the_list_of_gifts_names_donors_and_says_so_in_the_trail(book, people, filled):
    page = people["auditor"].get("/b/desk/gifts").text
    assert all(name in page for name in ("钱多多", "李四", "王五", "暖冬", "轮椅坡道"))
    assert page.index(f"#{filled['goods']}") < page.index(f"#{filled['plain']}")
    assert looked(book.engine) == [("names of donors", None)]
    people["auditor"].get("/b/desk/gifts?search=nobody")
    assert len(looked(book.engine)) == 1  # no name was shown


def test_pages_cost_the_same_with_more_gifts(book, people, filled):
    def cost(path):
        with counted(book.engine) as sent:
            assert people["accountant"].get(f"/b/desk/{path}").status_code == 200
        return len(sent)

    paths = [
        *PAGES,
        f"gifts/{filled['earmarked']}",
        "campaigns/winter",
        "gifts?fund=fund:general&kind=money&channel=微信",
    ]
    before = {path: cost(path) for path in paths}
    book.give_many(60)
    for number in range(8):
        book.give(100, donor=f"新{number}", facts={"campaign": "winter"})
        book.give(50, taker=book.earmark(f"目的{number}"))
    book.give(20, unit="N95口罩:个", value=9_000)
    assert {path: cost(path) for path in paths} == before
    assert max(before.values()) <= 30, before


def test_a_page_of_gifts_leads_to_the_next(book, people, filled):
    book.give_many(120)
    seen, path = [], "/b/desk/gifts"
    while path:
        page = people["accountant"].get(path).text
        seen += re.findall(r'/desk/gifts/(\d+)"', page)
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        path = f"/b/desk/gifts{onward[1]}".replace("&amp;", "&") if onward else None
    assert [int(seq) for seq in seen] == sorted(
        (e["seq"] for e in bodies(book.engine, "donation.received")), reverse=True
    )


def test_gifts_as_a_workbook(book, people, filled, tmp_path):
    answer = people["auditor"].get("/b/desk/gifts?format=xlsx&kind=money")
    (tmp_path / "gifts.xlsx").write_bytes(answer.data)
    rows = CalamineWorkbook.from_path(str(tmp_path / "gifts.xlsx")).get_sheet_by_index(0).to_python()
    assert len(rows) == 4
    by_entry = {int(row[-1]): row for row in rows[1:]}
    assert by_entry[filled["plain"]][2] == 1000.0
    assert "钱多多" in by_entry[filled["plain"]]
    assert looked(book.engine) == [("names of donors, as a workbook", None)]


def test_a_gifts_page_hands_the_code_over_to_those_who_may(book, people, filled):
    page = people["accountant"].get(f"/b/desk/gifts/{filled['plain']}")
    assert page.status_code == 200
    assert "钱多多" in page.text
    assert ("a gift with its donor and code", f"donation:{filled['plain']}") in looked(book.engine)
    assert 'class="code-large"' not in people["auditor"].get(f"/b/desk/gifts/{filled['plain']}").text
    assert people["accountant"].get("/b/desk/gifts/0").status_code == 404
    assert people["accountant"].get("/b/desk/gifts/999999").status_code == 404


def test_a_receipt_is_noted_beside_the_ledger(book, people, filled):
    size, address = len(bodies(book.engine)), f"/b/desk/gifts/{filled['plain']}"

    def note(**form):
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', people["accountant"].get(address).text)[1]
        return people["accountant"].post(f"{address}/receipt", data={"csrf_token": token, **form})

    assert note(code="36060123", number="0004412907", check="a1b2c3").status_code == 303
    assert "0004412907" in people["auditor"].get(address).text
    assert len(bodies(book.engine)) == size
    refused = note(code="36060123", number="")
    assert re.findall(r'id="(\w+)-problem"', refused.text) == ["number"]
    assert note(code="", number="", check="").status_code == 303
    with book.engine.connect() as connection:
        assert connection.execute(select(receipts)).all() == []


def test_a_refund_from_its_page(book, people, filled):
    address = f"/b/desk/gifts/refund?gift={filled['plain']}"
    assert 'value="1000.00"' in people["accountant"].get(address).text
    form = {"gift": str(filled["plain"]), "place": "bank:main", "reason": "重复转账", "dated": "2026-03-02"}
    refused = send(people["accountant"], address, **form, amount="1000.01")
    assert refused.status_code == 422
    code = prepared(send(people["accountant"], address, **form, amount="400"))
    assert decide(people["approver"], code).status_code == 303
    assert balance(book.engine, "fund:general") == 100_000 - 40_000 + 3_000
    assert "600.00" in people["accountant"].get(address).text
    assert findings(book.engine) == []


def test_a_refund_of_goods_leaves_the_store(book, people, filled):
    address = f"/b/desk/gifts/refund?gift={filled['goods']}"
    form = {"gift": str(filled["goods"]), "place": "inventory:main", "reason": "规格不符", "dated": "2026-03-02"}
    decide(people["approver"], prepared(send(people["accountant"], address, **form, amount="20")))
    assert balance(book.engine, "inventory:main", "N95口罩:个") == 0


def test_a_redirection_from_its_page(book, people, filled):
    address = f"/b/desk/gifts/redirect?gift={filled['earmarked']}"
    form = {
        "gift": str(filled["earmarked"]),
        "amount": "500.00",
        "taker": "fund:elder",
        "purpose": "助听器",
        "reason": "坡道已由街道修好",
        "agreed": "2026-03-02",
        "dated": "2026-03-02",
    }
    refused = send(people["accountant"], address, **form, how="")
    assert re.findall(r'id="(\w+)-problem"', refused.text) == ["how"]
    early = send(people["accountant"], address, **{**form, "agreed": "2026-03-03"}, how="书面")
    assert re.findall(r'id="(\w+)-problem"', early.text) == ["agreed"]
    code = prepared(send(people["accountant"], address, **form, how="书面，存档 2026-14"))
    assert "书面，存档 2026-14" in people["approver"].get(f"/b/desk/proposals/{code}").text
    decide(people["approver"], code)
    moved = bodies(book.engine, "fund.transferred")[0]
    assert moved["flows"][0]["to"].startswith("earmark:elder/")
    assert moved["flows"][0]["of"] == filled["earmarked"]
    page = people["accountant"].get(f"/b/desk/gifts/{filled['earmarked']}").text
    assert f"#{moved['seq']}" in page
    assert findings(book.engine) == []


def test_a_gift_that_waits_for_nothing_cannot_be_redirected(people, filled):
    page = people["accountant"].get(f"/b/desk/gifts/redirect?gift={filled['plain']}").text
    assert 'name="amount"' not in page
    assert people["accountant"].get("/b/desk/gifts/redirect?gift=x").status_code == 404


def test_a_campaign_is_opened_and_closed(book, people):
    form = {"name": "暖冬", "code": "winter", "fund": "general", "starts": "2026-01-01", "dated": "2026-01-01"}
    refused = send(people["accountant"], "/b/desk/campaigns/new", **form, ends="2025-12-31")
    assert re.findall(r'id="(\w+)-problem"', refused.text) == ["ends"]
    answer = send(people["accountant"], "/b/desk/campaigns/new", **form, target="10,000", emergency="y")
    assert answer.location.endswith("/desk/campaigns/winter")
    assert bodies(book.engine, "campaign.opened")[0]["facts"]["target"] == 1_000_000
    assert people["auditor"].get(answer.location).status_code == 200
    assert send(people["auditor"], answer.location, reason="x", dated="2026-01-02").status_code == 403
    closed = send(people["accountant"], answer.location, reason="已足额", dated="2026-01-02", code="winter")
    assert closed.status_code == 303
    assert bodies(book.engine, "campaign.closed")[0]["facts"] == {"code": "winter", "reason": "已足额"}
    assert people["accountant"].get("/b/desk/campaigns/spring").status_code == 404
