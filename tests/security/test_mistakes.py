"""What people send by mistake, or to see what happens: odd characters, odd days, twice, late."""

import re
import time
from html import unescape

import itsdangerous
import pytest

from tests.support.actors import sign_in
from tests.support.desk import decide, prepared, send, sit
from tests.support.looking import bodies, size
from tests.support.objects import World
from tests.support.small import Small

EXPENSE = {
    "amount": "1.00",
    "fund": "fund:general",
    "category": "administration",
    "place": "bank:main",
    "project": "",
    "dated": "2026-03-02",
}
NEED = {
    "code": "N-1",
    "title": "楼道照明",
    "category": "meals",
    "community": "heping",
    "raised_by": "community",
    "raised": "2026-03-01",
    "residents": "20",
    "description": "",
    "dated": "2026-03-01",
}


@pytest.fixture
def small(engine):
    small = Small(engine)
    small.give(100_000)
    return small


@pytest.mark.parametrize("address", ["/b/services?search=a%00b", "/b/funds/%00", "/trace?code=%00", "/b%00/"])
def test_a_character_that_databases_refuse_is_refused_first(client, small, address):
    assert client.get(address).status_code == 400


def test_a_form_with_such_a_character_is_refused(app, engine, small):
    client = sit(app, "accountant")
    before = size(engine)
    assert send(client, "/b/desk/needs/new", **{**NEED, "title": "a\0b"}).status_code == 400
    assert size(engine) == before


def test_titles_keep_their_joiners_and_lose_what_turns_others_round(app, engine, small):
    client = sit(app, "accountant")
    said = "محەممەد\u200cنىڭ ئائىلىسى"
    answer = send(client, "/b/desk/needs/new", **{**NEED, "title": f"\u202e{said}\u202c\x07"})
    assert answer.status_code == 303
    (body,) = bodies(engine, "need.opened")
    assert body["facts"]["title"] == said


@pytest.mark.parametrize("day", ["0001-01-01", "0026-03-01", "1899-12-31", "3000-01-01", "9999-12-31"])
def test_a_year_that_cannot_be_meant_is_said_beside_its_field(app, engine, small, day):
    client = sit(app, "accountant")
    before = size(engine)
    for field in ("dated", "raised"):
        answer = send(client, "/b/desk/needs/new", **{**NEED, field: day})
        assert answer.status_code == 422
        assert f'id="{field}-problem"' in answer.text
    assert size(engine) == before
    assert client.get(f"/b/desk/journal?since={day}").status_code == 400
    assert sit(app, "auditor").get(f"/b/desk/trail?since={day}").status_code == 400
    shift = {"title": "x", "kind": "meals", "community": "heping", "organization": "", "worker": "", "place": "x"}
    shift |= {"begins": "22:00", "ends": "02:00", "slots": "5"}
    assert send(client, "/b/desk/shifts/new", **shift, day=day).status_code == 422


def test_a_volunteer_with_a_line_break_in_the_code(app, engine, tmp_path):
    world = World(engine, tmp_path)
    client = sit(app, "community", party="heping")
    answer = send(
        client, f"/b/desk/shifts/{world.shifts['heping']}/check-in", volunteer="v01\r\nSet-Cookie: x", what="in"
    )
    assert answer.status_code == 303
    assert "\n" not in answer.location


@pytest.mark.parametrize(
    ("hours", "status"), [("v01 2.5", 303), ("v01 2:30", 303), ("v01 90000000000000:00", 422), ("v01 1e9", 422)]
)
def test_hours_of_volunteers_in_a_report(app, engine, tmp_path, hours, status):
    World(engine, tmp_path)
    client = sit(app, "org_staff", party="sunshine")
    form = {
        "grant": "G-own",
        "title": "送餐",
        "kind": "meals",
        "community": "heping",
        "worker": "w01",
        "hours": hours,
        "residents": "20",
        "dated": "2026-03-03",
        "lead_element": "",
        "need": "",
        "project": "",
        "description": "",
    }
    answer = send(client, "/b/desk/services/report?grant=G-own", **form)
    assert answer.status_code == status


def test_a_form_that_was_open_for_a_morning_is_taken(app, small, monkeypatch):
    client = sit(app, "accountant")
    html = client.get("/b/desk/expenses/new").text
    token = html.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    later = int(time.time()) + 4 * 3600
    monkeypatch.setattr(itsdangerous.TimestampSigner, "get_timestamp", lambda _self: later)
    prepared(client.post("/b/desk/expenses/new", data={**EXPENSE, "csrf_token": token}))


def test_an_expense_approved_after_its_fund_was_emptied_is_refused_in_words(app, engine, small):
    accountant, approver = sit(app, "accountant"), sit(app, "approver")
    first = prepared(send(accountant, "/b/desk/expenses/new", **{**EXPENSE, "amount": "1000.00"}))
    second = prepared(send(accountant, "/b/desk/expenses/new", **{**EXPENSE, "amount": "999.00"}))
    decide(approver, first)
    before = size(engine)
    answer = decide(approver, second)
    assert "said-refused" in approver.get(answer.location).text
    assert size(engine) == before


def test_an_entry_is_reversed_once_however_many_asked(app, engine, small):
    accountant, approver = sit(app, "accountant"), sit(app, "approver")
    decide(approver, prepared(send(accountant, "/b/desk/expenses/new", **EXPENSE)))
    (spent,) = [seq for seq in range(size(engine)) if bodies(engine)[seq]["kind"] == "expense.recorded"]
    form = {"seq": str(spent), "reason": "重复", "said": "", "dated": "2026-03-03"}
    codes = [prepared(send(accountant, f"/b/desk/reverse?entry={spent}", **form)) for _ in range(2)]
    for code in codes:
        decide(approver, code)
        decide(approver, code)
    assert len(bodies(engine, "entry.reversed")) == 1


def test_a_form_that_is_sent_twice_is_prepared_once(app, engine, small):
    """A double click, or the button pressed again because nothing seemed to happen."""
    accountant, other = sit(app, "accountant"), sit(app, "accountant")
    once = re.search(r'name="once" value="([^"]+)"', accountant.get("/b/desk/expenses/new").text)[1]
    first, second = (prepared(send(accountant, "/b/desk/expenses/new", **EXPENSE, once=once)) for _ in range(2))
    assert first == second
    assert prepared(send(accountant, "/b/desk/expenses/new", **{**EXPENSE, "amount": "2.00"}, once=once)) != first
    assert prepared(send(other, "/b/desk/expenses/new", **EXPENSE, once=once)) != first
    assert prepared(send(accountant, "/b/desk/expenses/new", **EXPENSE, once=f"{once}x")) != first
    decide(sit(app, "approver"), first)
    assert prepared(send(accountant, "/b/desk/expenses/new", **EXPENSE, once=once)) == first
    assert len(bodies(engine, "expense.recorded")) == 1


def test_what_takes_effect_at_once_takes_effect_once(app, engine, small):
    client = sit(app, "accountant")
    answers = [send(client, "/b/desk/needs/new", **NEED, once="0123456789abcdef") for _ in range(2)]
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, "/b/desk/needs/N-1")] * 2
    assert len(bodies(engine, "need.opened")) == 1
    assert send(client, "/b/desk/needs/new", **NEED, once="another").status_code == 422


OURS = {"Sec-Fetch-Site": "same-origin"}


def kept(html):
    """Read the form that a page keeps."""
    fields = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', html, re.DOTALL)
    hidden = r'<input type="hidden" name="csrf_token" value="([^"]+)">'
    start = rf'<form method="post" action="([^"]+)">\s*{hidden}\s*<textarea'
    action, token = re.search(start, html).groups()
    return unescape(action), {"csrf_token": token, **{name: unescape(value) for name, value in fields}}


def test_what_was_written_outlives_the_session(app, engine, small):
    """Signed out over a long form, one signs in on another page, comes back, and sends it once more."""
    client = sit(app, "accountant")
    form = {**NEED, "title": '<b>"灯" & 路', "description": "\n一\r\n二"}
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', client.get("/b/desk/needs/new").text)[1]
    with client.session_transaction() as session:
        session.clear()
    gone = client.post("/b/desk/needs/new", data={"csrf_token": token, **form}, headers=OURS)
    assert gone.status_code == 401
    assert "no-store" in gone.headers["Cache-Control"]
    sign_in(app, client, "accountant")
    address, again = kept(gone.text)
    assert {name: again[name].replace("\r\n", "\n") for name in form} == {
        name: value.replace("\r\n", "\n") for name, value in form.items()
    }
    late = client.post(address, data=again, headers=OURS)
    assert late.status_code == 400
    address, again = kept(late.text)
    answer = client.post(address, data=again, headers=OURS)
    assert (answer.status_code, answer.location) == (303, "/b/desk/needs/N-1")
    (body,) = bodies(engine, "need.opened")
    assert body["facts"]["title"] == form["title"]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", None])
def test_a_form_of_another_site_is_not_offered_to_be_sent(app, small, site):
    headers = {"Sec-Fetch-Site": site} if site else {}
    for client, status in ((sit(app, "accountant"), 400), (app.test_client(), 401)):
        answer = client.post("/b/desk/needs/new", data=NEED, headers=headers)
        assert answer.status_code == status
        assert NEED["title"] not in answer.text


def test_passwords_are_never_kept_on_a_page(app, small):
    form = {"login": "somebody", "password": "a long enough password", "old": "x"}
    client = sit(app, "accountant")
    for address in ("/login", "/account/password"):
        answer = client.post(address, data=form, headers=OURS)
        assert "a long enough password" not in answer.text
