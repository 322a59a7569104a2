import io
import re
from datetime import date, timedelta
from html import unescape

import pytest
from PIL import Image
from sqlalchemy import true

from ledger.extensions import db
from ledger.journal.read import find_book, snapshot
from ledger.people.actions import open_party, open_person
from ledger.programs.delivery import queries, states
from ledger.web.fields import today
from tests.support.actors import make_user, sign_in
from tests.support.small import Small

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

MASKS = "N95口罩:个"
HOUR = "volunteer-hour"


@pytest.fixture
def small(app, engine):
    app.config["WTF_CSRF_ENABLED"] = False
    book = Small(engine)
    book.give(1_000_000)
    book.grant("G1", 50_000)
    book.do(open_party, "organization", "other", name="别的机构")
    book.do(open_party, "community", "donghu", name="东湖社区")
    book.do(open_person, "worker", "w02", "赵敏", organization="other")
    return book


@pytest.fixture
def people(app, small):
    """Clients of the people of the book, by role, made when asked for; `-other` is of another party."""
    parties = {
        "org_staff": "sunshine",
        "org_staff-other": "other",
        "social_worker": "w01",
        "social_worker-other": "w02",
        "community": "heping",
        "community-other": "donghu",
    }

    def client_of(who):
        client = app.test_client()
        client.get("/b/services?lang=en")
        sign_in(app, client, who.partition("-")[0], party=parties.get(who))
        return client

    return client_of


@pytest.fixture
def client(client):
    """Somebody of the public, reading English."""
    client.get("/b/services?lang=en")
    return client


@pytest.fixture
def served(app):
    """The engine of the application itself, whose statements are counted."""
    with app.app_context():
        return db.engine


def photo():
    out = io.BytesIO()
    exif = Image.Exif()
    exif[271] = "SecretCamera"
    Image.new("RGB", (30, 20), "green").save(out, "JPEG", exif=exif.tobytes())
    return out.getvalue()


def sent(**changes):
    filled = {
        "grant": "G1",
        "title": "长者午餐送到家",
        "kind": "meals",
        "dated": "2026-03-02",
        "community": "heping",
        "worker": "w01",
        "residents": "3",
        "money-0": "12.50",
        "hours": "v01 1:30",
        "description": "六十岁以上",
        "evidence": (io.BytesIO(photo()), "../现场.png"),
    }
    return {key: value for key, value in (filled | changes).items() if value is not None}


def said(response):
    return unescape(re.sub(r"<[^>]+>|\s+", " ", response.get_data(as_text=True)))


def reported(client, **changes):
    """Send a report; give the code of its proposal."""
    answer = client.post("/b/desk/services/report", data=sent(**changes))
    assert answer.status_code == 303, said(answer)
    return answer.location.rpartition("/")[2]


@pytest.fixture
def signed_off(people, engine):
    """Report a service and sign it off; give its code."""
    return lambda **changes: _signed_off(people, engine, **changes)


def _signed_off(people, engine, **changes):
    code = reported(people("org_staff"), **changes)
    answer = people("social_worker").post(f"/b/desk/proposals/{code}", data={"what": "approve"})
    assert answer.status_code == 303
    states.refresh(engine, "b")
    with snapshot(engine) as connection:
        book_id = find_book(connection, "b").id
        found = queries.lines(connection, book_id, true(), queries.Asked(), today())
    return max(found, key=lambda line: line.seq).code


def test_a_service_from_the_report_to_its_public_page(app, people, client, small):
    proposal = reported(people("org_staff"))
    worker = people("social_worker")
    page = said(worker.get(f"/b/desk/proposals/{proposal}"))
    assert "现场.jpg" in page
    assert "六十岁以上" in page
    assert client.get("/b/services/S2026-0001").status_code == 404  # not on the ledger yet
    assert worker.post(f"/b/desk/proposals/{proposal}", data={"what": "approve"}).status_code == 303
    community = people("community")
    assert "长者午餐送到家" in said(community.get("/b/desk/confirmations"))
    ticked = {"service": "community/S2026-0001"}
    step = said(community.post("/b/desk/confirmations", data=ticked))
    assert "长者午餐送到家" in step
    assert "community" not in confirmed_on(client)
    answer = community.post("/b/desk/confirmations", data={**ticked, "sure": "yes", "memo": "都吃上了"})
    assert answer.status_code == 303
    assert "长者午餐送到家" not in said(community.get("/b/desk/confirmations"))
    assert confirmed_on(client) == {"community", "worker"}
    public = said(client.get("/b/services/S2026-0001"))
    assert "现场.jpg" in public
    assert "SecretCamera" not in public


def confirmed_on(client):
    html = client.get("/b/services/S2026-0001").get_data(as_text=True)
    block = html.partition('aria-labelledby="confirmed"')[2].partition("</section>")[0]
    return {role for role, words in (("community", "the community"), ("worker", "the social worker")) if words in block}


@pytest.mark.parametrize("who", ["org_staff-other", "social_worker-other", "community-other"])
def test_strangers_find_nothing(app, people, who, signed_off):
    proposal = reported(people("org_staff"))
    code = signed_off()
    (file,) = evidence_of(people("org_staff"), code)
    stranger = people(who)
    assert stranger.get(f"/b/desk/services/{code}").status_code == 404
    assert stranger.get(file).status_code == 404
    assert stranger.get(f"/b/desk/proposals/{proposal}").status_code == 404
    assert code not in said(stranger.get("/b/desk/services"))
    if who == "org_staff-other":
        assert stranger.get("/b/desk/services/report?grant=G1").status_code == 404
        assert stranger.post("/b/desk/services/report", data=sent()).status_code == 404
        assert "G1" not in said(stranger.get("/b/desk/services/report"))
    else:
        role = "worker" if who == "social_worker-other" else "community"
        for sure in ("", "yes"):
            stranger.post("/b/desk/confirmations", data={"service": f"{role}/{code}", "sure": sure})
        assert stranger.get(f"/b/desk/confirmations/{role}/{code}").status_code == 404
    assert "community" not in confirmed_on(people("auditor"))


def evidence_of(client, code):
    return re.findall(r'href="(/b/desk/evidence/[^"]+)"', client.get(f"/b/desk/services/{code}").get_data(as_text=True))


def test_evidence_is_handed_out_as_a_download_to_those_concerned_and_noted(app, people, client, signed_off, engine):
    code = signed_off()
    for who in ("org_staff", "social_worker", "community", "auditor", "accountant"):
        (file,) = evidence_of(people(who), code)
        answer = people(who).get(file)
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.mimetype == "application/octet-stream"
        assert "no-store" in answer.headers["Cache-Control"]
        assert b"SecretCamera" not in answer.data
    assert client.get(file).status_code in {302, 401}  # the public never
    digest = file.split("/")[4]
    for wrong in (f"/b/desk/evidence/{'0' * 64}/{code}", f"/b/desk/evidence/{digest}/S1", "/b/desk/evidence/../x"):
        assert people("auditor").get(wrong).status_code == 404
    with engine.connect() as connection:
        what = connection.exec_driver_sql("SELECT object FROM trail WHERE what = 'read evidence'").scalars().all()
    assert what == [f"service:{code}"] * 5


def test_a_file_that_was_changed_is_not_handed_out(people, signed_off, settings):
    code = signed_off()
    (file,) = evidence_of(people("auditor"), code)
    (settings.instance / "evidence" / file.split("/")[4]).write_bytes(b"something else")
    answer = people("auditor").get(file)
    assert answer.status_code == 500
    assert b"something else" not in answer.data


def test_a_file_of_another_service_is_not_handed_out_with_this_one(app, people, signed_off):
    first = signed_off()
    second = signed_off(evidence=(io.BytesIO(b"a list"), "b.txt"))
    digest = evidence_of(people("auditor"), first)[0].split("/")[4]
    assert people("auditor").get(f"/b/desk/evidence/{digest}/{second}").status_code == 404


def test_evidence_of_a_report_is_seen_by_who_signs_it_off(app, people):
    proposal = reported(people("org_staff"))
    html = people("social_worker").get(f"/b/desk/proposals/{proposal}").get_data(as_text=True)
    (file,) = re.findall(rf'href="(/b/desk/proposals/{proposal}/evidence/[^"]+)"', html)
    assert people("social_worker").get(file).status_code == 200
    assert people("community").get(file).status_code == 404


def test_a_report_with_errors_says_them_and_keeps_the_file(app, people):
    client = people("org_staff")
    answer = client.post("/b/desk/services/report", data=sent(title="", **{"money-0": "600"}))
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "现场.jpg" in html
    assert html.count('class="problem"') == 2  # the title is missing, the grant has ¥500.00
    token = re.search(r'name="evidence" value="([^"]+)"', html)[1]
    code = reported(client, evidence=token)
    assert "现场.jpg" in said(client.get(f"/b/desk/proposals/{code}"))


def test_adding_up_shows_what_would_be_left_and_sends_nothing(app, people):
    answer = people("org_staff").post("/b/desk/services/report", data=sent(again="yes"))
    assert "¥487.50" in said(answer)
    assert "现场.jpg" in said(answer)
    assert "长者午餐送到家" not in said(people("auditor").get("/b/desk/services"))


def test_a_returned_report_is_corrected_with_all_that_was_sent(app, people):
    client = people("org_staff")
    code = reported(client)
    worker = people("social_worker")
    worker.post(f"/b/desk/proposals/{code}", data={"what": "return", "reason": "日期不对"})
    html = client.get(f"/b/desk/services/report?draft={code}").get_data(as_text=True)
    for kept in ("长者午餐送到家", "12.50", "v01 1:30", "现场.jpg"):
        assert kept in html
    token = re.search(r'name="evidence" value="([^"]+)"', html)[1]
    again = client.post(f"/b/desk/services/report?draft={code}", data=sent(evidence=token, dated="2026-03-03"))
    assert again.status_code == 303, said(again)
    assert worker.post(f"/b/desk/proposals/{code}", data={"what": "approve"}).status_code == 303


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"money-0": None, "hours": None}, "money, goods or hours"),
        ({"hours": "v01"}, "Line 1"),
        ({"worker": "w02"}, "Choose one"),
        ({"community": "nowhere"}, "Choose one"),
        ({"residents": "1.5"}, "whole pieces"),
        ({"dated": "2999-01-01"}, "not come yet"),
        ({"evidence": (io.BytesIO(b"MZ\0"), "run.jpg")}, "run.jpg"),
        ({"hours": "v09 1:00"}, "v09"),
    ],
)
def test_what_is_wrong_is_said_beside_it(app, people, changes, words):
    answer = people("org_staff").post("/b/desk/services/report", data=sent(**changes))
    assert answer.status_code == 422
    assert words in said(answer)


def test_a_report_without_a_grant_has_hours_alone(app, people, small):
    code = reported(people("org_staff"), grant="-", **{"money-0": None})
    assert people("social_worker").post(f"/b/desk/proposals/{code}", data={"what": "approve"}).status_code == 303
    assert "长者午餐送到家" in said(people("community").get("/b/desk/services/S2026-0001"))


def test_the_foundation_gives_a_service_out_of_a_fund(app, people, small):
    small.give(300, unit=MASKS, value=900)
    filled = sent(organization="sunshine", **{"money-0": None, "grant": None, "bank": "bank:main"})
    filled |= {"give-0": "fund:general CNY", "amount-0": "25", "store": "inventory:main"}
    filled |= {"give-1": f"fund:general {MASKS}", "amount-1": "1,000"}
    accountant = people("accountant")
    html = said(accountant.get("/b/desk/services/give"))
    assert "¥9,500.00" in html
    answer = accountant.post("/b/desk/services/give", data=filled)
    assert answer.status_code == 422  # there are 300 masks
    filled["evidence"] = (io.BytesIO(photo()), "a.jpg")
    answer = accountant.post("/b/desk/services/give", data={**filled, "amount-1": "100"})
    assert answer.status_code == 303, said(answer)
    approver = people("approver")
    assert approver.post(answer.location, data={"what": "approve"}).status_code == 303
    assert "S2026-0001" in said(people("social_worker").get("/b/desk/confirmations"))
    assert people("org_staff").get("/b/desk/services/give").status_code == 403


def test_a_dispute_is_seen_by_those_concerned_and_holds_the_confirmation_up(app, people, client, signed_off, engine):
    code = signed_off()
    community = people("community")
    at = f"/b/desk/confirmations/community/{code}"
    assert community.post(at, data={"reason": ""}).status_code == 422
    assert community.post(at, data={"reason": "那天没有送餐"}).status_code == 303
    for who in ("org_staff", "auditor", "community", "social_worker"):
        assert "那天没有送餐" in said(people(who).get(f"/b/desk/services/{code}"))
    assert "那天没有送餐" not in said(client.get(f"/b/services/{code}"))
    assert code in said(people("auditor").get("/b/desk/services?state=disputed"))
    community.post("/b/desk/confirmations", data={"service": f"community/{code}", "sure": "yes"})
    assert "community" not in confirmed_on(client)
    assert community.post(at, data={"reason": "弄错了"}).status_code == 303
    community.post("/b/desk/confirmations", data={"service": f"community/{code}", "sure": "yes"})
    assert "community" in confirmed_on(client)
    with engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT payload FROM proposals").scalars().all()
    assert not any("那天没有送餐" in payload for payload in kept)  # said in the dispute, and nowhere else


@pytest.mark.parametrize(
    ("days", "chip"), [(0, None), (6, None), (7, "chip-wait"), (13, "chip-wait"), (14, "chip-late"), (90, "chip-late")]
)
def test_what_waits_too_long_is_marked(app, people, small, days, chip):
    small.day = today() - timedelta(days=days)
    small.serve("S1", [("grant:G1", 100, "CNY")])
    for path in ("/b/desk/confirmations", "/b/desk/services"):
        html = people("community").get(path).get_data(as_text=True).partition("<table")[2]
        assert [it for it in ("chip-wait", "chip-late") if it in html] == ([chip] if chip else [])
    listed = said(people("auditor").get("/b/desk/services"))
    assert ("Unconfirmed for more than a week" in listed) == (days >= 7)


def test_the_queue_says_what_waits_for_my_confirmation(people, small):
    for number, days in enumerate((1, 8, 9, 20), 1):
        small.day = today() - timedelta(days=days)
        small.serve(f"S{number}", [("grant:G1", 100, "CNY")])
    queue = said(people("community").get("/b/desk/"))
    assert "4 services wait for you" in queue
    assert "1 overdue" in queue
    assert "2 due" in queue
    for who in ("community-other", "auditor"):
        assert "Services to confirm" not in said(people(who).get("/b/desk/"))


def test_the_list_is_filtered_sorted_searched_and_exported(app, people, small):
    for number, day in enumerate(("2026-03-01", "2026-03-05", "2026-03-09"), 1):
        small.day = date.fromisoformat(day)
        small.serve(f"S{number}", [("grant:G1", 100, "CNY")], confirm=["community"] if number == 2 else [])
    small.serve("S4", [("grant:G1", 100, "CNY")], confirm=["community", "worker"])
    client = people("auditor")

    def codes(query):
        html = client.get(f"/b/desk/services?{query}").get_data(as_text=True).partition("<tbody")[2]
        return re.findall(r'services/(S\d)"', html)

    assert codes("") == ["S4", "S3", "S2", "S1"]
    assert codes("sort=dated") == ["S1", "S2", "S3", "S4"]
    assert codes("sort=-title") == ["S4", "S3", "S2", "S1"]
    assert codes("search=长者&sort=residents") == ["S1", "S2", "S3", "S4"]
    assert codes("state=confirmed") == ["S4"]
    assert codes("state=waiting&sort=-dated") == ["S3", "S2", "S1"]
    assert codes("since=2026-03-02&until=2026-03-06") == ["S2"]
    assert codes("search=s3") == ["S3"]
    assert codes("community=donghu") == []
    answer = client.get("/b/desk/services?format=xlsx&state=confirmed")
    assert answer.data[:2] == b"PK"


PAGES = {
    "/b/desk/services": "auditor",
    "/b/desk/services/report": "org_staff",
    "/b/desk/services/report?grant=G1": "org_staff",
    "/b/desk/services/give": "accountant",
    "/b/desk/confirmations": "community",
    "/b/desk/services/S1": "org_staff",
    "/b/desk/confirmations/community/S1": "community",
}


@pytest.mark.parametrize("path", PAGES)
def test_no_page_asks_more_when_there_is_more(app, people, small, query_count, path, served):
    client = people(PAGES[path])

    def statements():
        client.get(path)
        with query_count(served) as found:
            assert client.get(path).status_code == 200
        return len(found)

    small.serve("S1", [("grant:G1", 100, "CNY")])
    few = statements()
    for number in range(2, 12):
        small.serve(f"S{number}", [("grant:G1", 100, "CNY")])
        small.grant(f"G{number}", 100)
        small.do(open_person, "worker", f"w1{number}", "某人", organization="sunshine")
    assert statements() == few <= 40


def test_who_may_open_which_page(app, people):
    make_user(app, "org_staff", party="sunshine")
    allowed = {
        "/b/desk/services/report": {"org_staff"},
        "/b/desk/services/give": {"accountant"},
        "/b/desk/confirmations": {"community", "social_worker"},
        "/b/desk/services": {"org_staff", "accountant", "community", "social_worker", "approver", "auditor"},
    }
    roles = sorted(set.union(*allowed.values()))
    clients = {role: people(role) for role in roles}
    for path, who in allowed.items():
        assert {role for role in roles if clients[role].get(path).status_code == 200} == who
