"""Publishing at the desk, from the clock to the public page, and its correction."""

import re
from datetime import date

import pytest
import sqlalchemy as sa

from ledger.audit.disclosure import views
from ledger.extensions import db
from ledger.journal import tables as t
from ledger.journal.append import writing
from ledger.journal.read import find_book, read_entry, snapshot
from ledger.people.actions import Act
from tests.support.actors import sign_in
from tests.support.queries import counted
from tests.support.small import Small

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def book(app, engine):
    small = Small(engine)
    small.give(1000)
    small.grant("G1", 600)
    small.serve("S1", [("grant:G1", 250, "CNY")], residents=3)
    return small


@pytest.fixture
def accountant(app, book):
    client = app.test_client()
    sign_in(app, client, "accountant", book="b")
    return client


@pytest.fixture
def approver(app, book):
    client = app.test_client()
    sign_in(app, client, "approver", book="b")
    return client


def token(text):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)[1]


def send(client, address, **fields):
    page = client.get(address)
    assert page.status_code == 200, page.text
    hidden = dict(re.findall(r'<input[^>]*name="(size|code)"[^>]*value="([^"]*)"', page.text))
    return client.post(address, data={"csrf_token": token(page.text), **hidden, **fields})


def approve(client, answer):
    page = client.get(answer.location)
    assert page.status_code == 200
    answer = client.post(
        answer.location, data={"csrf_token": token(page.text), "what": "approve"}, follow_redirects=True
    )
    assert answer.status_code == 200, answer.text
    return page.text


def publish(accountant, approver, **more):
    fields = {"subject": "project:meals", "clock": "none", "basis": "cumulative", "dated": "2026-03-02", **more}
    answer = send(accountant, "/b/desk/disclosure/new?subject=project:meals", send="yes", **fields)
    assert answer.status_code == 303, answer.text
    return approve(approver, answer)


def newest(book):
    with snapshot(book.engine) as connection:
        row = find_book(connection, "b")
        from ledger.core import canonical  # noqa: PLC0415

        return canonical.decode(read_entry(connection, row.id, row.size - 1).body)


def test_figures_go_from_the_desk_to_the_public(app, book, accountant, approver, client):
    with snapshot(book.engine) as connection:
        size = find_book(connection, "b").size
    proposal = publish(accountant, approver)
    assert "¥2.50" in proposal
    entry = newest(book)
    facts = entry["facts"]
    assert entry["kind"] == "disclosure.published"
    assert (facts["subject"], facts["size"], facts["basis"]) == ("project:meals", size, "cumulative")
    stated = {(one["key"], one["unit"]): one["amount"] for one in facts["figures"]}
    assert stated["received", "CNY"] == 600
    assert stated["used.service", "CNY"] == 250
    assert all(one["amount"] == sum(row["amount"] for row in one["detail"]) for one in facts["figures"])
    page = client.get(f"/b/disclosures/{facts['code']}", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert "¥6.00" in page.text
    assert "The figures of today are the same." in page.text
    assert "&lt;5" in page.text  # few residents stay unsaid
    assert facts["code"] in client.get("/b/disclosures").text
    assert facts["code"] in client.get("/b/projects/meals").text


def test_what_changed_since_is_told_and_a_correction_keeps_the_old_figures(app, book, accountant, approver, client):
    publish(accountant, approver)
    code = newest(book)["facts"]["code"]
    book.serve("S2", [("grant:G1", 100, "CNY")])
    page = client.get(f"/b/disclosures/{code}", headers={"Accept-Language": "en"}).text
    assert "Some figures of today are others" in page
    assert "+¥1.00" in page
    answer = send(
        accountant, f"/b/desk/disclosure/correct?of={code}", title="三月", note="漏记一次服务", dated="2026-03-03"
    )
    assert answer.status_code == 303, answer.text
    approve(approver, answer)
    page = client.get(f"/b/disclosures/{code}", headers={"Accept-Language": "en"}).text
    assert "漏记一次服务" in page
    assert re.search(r"<del>.*¥2\.50.*</del>", page)
    assert "¥3.50" in page


def test_a_correction_without_a_note_is_refused(app, book, accountant, approver):
    publish(accountant, approver)
    code = newest(book)["facts"]["code"]
    answer = send(accountant, f"/b/desk/disclosure/correct?of={code}", title="三月", note=" ", dated="2026-03-03")
    assert answer.status_code == 422
    assert newest(book)["kind"] == "disclosure.published"


def test_nothing_is_published_that_does_not_add_up(app, book, accountant):
    with book.engine.begin() as connection:
        a = t.axes.c
        connection.execute(sa.update(t.axes).where(a.account == "grant:G1").values(received=a.received + 7))
    address = "/b/desk/disclosure/new?subject=project:meals"
    page = accountant.get(address, headers={"Accept-Language": "en"})
    assert "This cannot be published" in page.text
    assert "0.07" in page.text
    fields = {"subject": "project:meals", "clock": "none", "basis": "cumulative", "dated": "2026-03-02"}
    answer = send(accountant, address, send="yes", **fields)
    assert answer.status_code == 200  # shown again, nothing sent
    assert newest(book)["kind"] == "service.delivered"
    assert "0.07" in accountant.get("/b/desk/disclosure", headers={"Accept-Language": "en"}).text


def test_figures_that_were_changed_on_the_way_are_refused_at_approval(app, book, accountant, approver):
    fields = {"subject": "project:meals", "clock": "none", "basis": "cumulative", "dated": "2026-03-02"}
    answer = send(accountant, "/b/desk/disclosure/new?subject=project:meals", send="yes", **fields)
    with book.engine.begin() as connection:
        connection.execute(sa.text("UPDATE proposals SET payload = replace(payload, '250', '251')"))
    page = approver.get(answer.location, headers={"Accept-Language": "en"})
    assert "verify the book" in page.text
    approver.post(answer.location, data={"csrf_token": token(page.text), "what": "approve"})
    assert newest(book)["kind"] == "service.delivered"


def test_a_period_needs_its_days(app, book, accountant):
    fields = {"subject": "project:meals", "clock": "none", "basis": "period", "dated": "2026-03-02"}
    answer = send(accountant, "/b/desk/disclosure/new", send="yes", **fields)
    assert answer.status_code == 422
    answer = send(accountant, "/b/desk/disclosure/new", send="yes", since="2026-03-09", until="2026-03-01", **fields)
    assert answer.status_code == 422


def test_clocks_of_the_book_lead_to_the_form(app, book, accountant, monkeypatch):
    monkeypatch.setattr(views, "today", lambda: date(2027, 2, 1))
    page = accountant.get("/b/desk/disclosure", headers={"Accept-Language": "en"}).text
    assert "2027-03-31" in page  # the annual report of a fund opened in 2026
    assert "2026-06-01" in page  # the project runs for longer than six months without a report
    page = accountant.get("/b/desk/disclosure/new?subject=fund:general&clock=annual").text
    assert 'value="2026-01-01"' in page
    assert 'value="2026-12-31"' in page


def test_roles(app, book, accountant, approver, client):
    assert client.get("/b/desk/disclosure").status_code == 302
    assert approver.get("/b/desk/disclosure").status_code == 200
    assert approver.get("/b/desk/disclosure/new").status_code == 403


def test_lists_are_filtered_and_have_words_when_empty(app, book, accountant, approver, client):
    english = {"Accept-Language": "en"}
    assert "Nothing has been published yet" in client.get("/b/disclosures", headers=english).text
    publish(accountant, approver)
    assert "Nothing fits" in client.get("/b/disclosures?kind=fund", headers=english).text
    assert "meals" in client.get("/b/disclosures?kind=project&sort=oldest", headers=english).text
    assert client.get("/b/disclosures/none").status_code == 404


def test_statements_do_not_grow(app, book, accountant, approver, client):
    publish(accountant, approver)
    code = newest(book)["facts"]["code"]
    pages = ("/b/disclosures", f"/b/disclosures/{code}", "/b/desk/disclosure")
    book.serve("S5", [("grant:G1", 1, "CNY")])

    def cost():
        found = []
        for address in pages:
            with app.app_context():
                served = db.engine
            with counted(served) as sent:
                assert (accountant if "desk" in address else client).get(address).status_code == 200
            found.append(len(sent))
        return found

    cost()
    book.serve("S6", [("grant:G1", 1, "CNY")])
    before = cost()  # with something new, as below
    for number in range(6):
        publish(accountant, approver)
        book.give(10)
        book.serve(f"T{number}", [("fund:general", 1, "CNY")])
    assert cost() == before


def test_clocks_that_run_out_stand_in_the_queue_of_those_who_act(app, book, accountant, monkeypatch):
    with app.app_context(), writing(db.engine, "b") as writer:
        facts = {"code": "flood", "name": "洪水救灾", "fund": "general", "starts": "2026-03-01", "emergency": True}
        writer.append([Act("u", date(2026, 3, 1), "flood").draft("campaign.opened", facts=facts)])
    monkeypatch.setattr(views, "today", lambda: date(2026, 3, 20))
    page = accountant.get("/b/desk/").text
    assert "洪水救灾" in page
    assert "chip-late" in page
    org = app.test_client()
    sign_in(app, org, "org_staff", book="b", party="sunshine")
    assert "洪水救灾" not in org.get("/b/desk/").text
