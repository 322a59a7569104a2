"""Pages of shifts and volunteers: who sees what, coming and going, times pasted, hours on the ledger, the paper."""

import io
import re

import pytest
from python_calamine import CalamineWorkbook

from ledger.giving.hours import actions
from ledger.journal.engine import write_transaction
from ledger.people.actions import open_party, open_person
from tests.support.actors import sign_in
from tests.support.looking import bodies, private
from tests.support.small import Small


@pytest.fixture(params=["sqlite"])
def database_kind(request):
    return request.param


@pytest.fixture
def small(app, engine):
    small = Small(engine)
    small.do(open_party, "community", "nanbu", name="南埠社区")
    small.do(open_person, "volunteer", "v02", "赵强", community="heping")
    small.do(open_person, "volunteer", "v09", "孙丽", community="nanbu")
    return small


@pytest.fixture
def staff(app, client, small):
    """Staff of community heping."""
    sign_in(app, client, "community", party="heping")
    return client


def another(app, role, party=None):
    client = app.test_client()
    sign_in(app, client, role, party=party)
    return client


def token(client, address):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).text)[1]


def send(client, address, form=None, **data):
    return client.post(address, data={"csrf_token": token(client, form or address), **data})


PLAN = {
    "title": "长者午餐",
    "kind": "meals",
    "community": "heping",
    "organization": "sunshine",
    "worker": "w01",
    "place": "社区食堂",
    "day": "2026-03-02",
    "begins": "09:00",
    "ends": "12:00",
    "slots": "4",
}


def planned(client, **more):
    """Plan a shift on its page; give its address."""
    answer = send(client, "/b/desk/shifts/new", **{**PLAN, **more})
    assert answer.status_code == 303, re.findall(r'class="problem"[^>]*>([^<]*)', answer.text)
    return answer.location


def closed(client, text="v01 2:30\n赵强 150"):
    shift = planned(client)
    assert send(client, f"{shift}/times", text=text).status_code == 303
    assert send(client, f"{shift}/close", shift).status_code == 303
    assert "已关闭" in client.get(shift).text or "closed" in client.get(shift).text
    return shift


def test_lists_are_empty_at_first_and_say_what_to_do(staff):
    assert 'class="empty"' in staff.get("/b/desk/shifts").text
    assert 'class="empty"' not in staff.get("/b/desk/volunteers").text


def test_a_shift_at_the_door(staff):
    shift = planned(staff)
    assert send(staff, f"{shift}/volunteers", shift, volunteers=["v01", "v02"]).status_code == 303
    door = f"{shift}/check-in"
    html = staff.get(door).text
    assert "王芳" in html
    assert send(staff, door, volunteer="v01", what="in").status_code == 303
    assert 'class="door-there"' in staff.get(door).text
    send(staff, door, volunteer="v01", what="out")
    html = staff.get(door).text
    assert 'class="door-gone"' in html
    assert html.count('class="door-expected"') == 1
    send(staff, f"{shift}/volunteers", shift, off="v02")
    assert "赵强" not in staff.get(door).text
    html = staff.get(send(staff, door, volunteer="v77", what="in").location).text
    assert "said-refused" in html


def test_times_are_pasted_and_the_shift_closed(staff):
    shift = planned(staff)
    answer = send(staff, f"{shift}/times", text="v01 2:30\n谁 60\n赵强 soon\nv01 5")
    assert answer.status_code == 422
    assert answer.text.count("第 1 行") + answer.text.count("Line 1 ") == 0
    assert len(re.findall(r"<li>(?:Line|第)", answer.text)) == 3
    send(staff, f"{shift}/times", text="v01 09:00-23:30\n赵强 150\n")
    html = staff.get(send(staff, f"{shift}/close", shift).location).text
    assert "said-refused" in html
    assert 'name="long_ok"' in html
    send(staff, f"{shift}/close", shift, long_ok="y")
    html = staff.get(shift).text
    assert 'name="what" value="reopen"' in html
    send(staff, f"{shift}/close", shift, what="reopen")
    assert 'name="what" value="close"' in staff.get(shift).text


def test_a_shift_is_changed_and_cancelled(staff):
    shift = planned(staff)
    html = staff.get(f"{shift}/change").text
    assert 'value="2026-03-02"' in html
    assert 'value="社区食堂"' in html
    assert send(staff, f"{shift}/change", **{**PLAN, "place": "活动室"}).status_code == 303
    assert "活动室" in staff.get(shift).text
    send(staff, f"{shift}/close", shift, what="cancel")
    assert 'name="what"' not in staff.get(shift).text


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"begins": "25:00"}, {"ends": "09:00"}, {"slots": "0"}, {"community": "nowhere"}, {"day": "then"}],
)
def test_plans_that_are_refused(staff, wrong):
    answer = send(staff, "/b/desk/shifts/new", **{**PLAN, **wrong})
    assert answer.status_code == 422
    assert 'class="problem"' in answer.text


def test_a_shift_over_midnight(staff):
    assert "2026-03-02 22:00" in staff.get(planned(staff, begins="22:00", ends="02:00")).text


def test_shifts_and_names_are_their_own_peoples(app, staff):
    shift = planned(staff)
    send(staff, f"{shift}/volunteers", shift, volunteers=["v01"])
    for role, party in (("org_staff", "sunshine"), ("social_worker", "w01"), ("approver", None), ("auditor", None)):
        assert another(app, role, party).get(shift).status_code == 200, role
    stranger = another(app, "community", "nanbu")
    assert stranger.get(shift).status_code == 404
    assert stranger.get(f"{shift}/check-in").status_code == 404
    assert "长者午餐" not in stranger.get("/b/desk/shifts").text
    assert "长者午餐" in staff.get("/b/desk/shifts").text
    assert (
        stranger.post(f"{shift}/volunteers", data={"csrf_token": token(stranger, "/b/desk/shifts/new")}).status_code
        == 404
    )
    assert another(app, "approver").get(f"{shift}/check-in").status_code == 403
    answer = send(stranger, "/b/desk/shifts/new", **{**PLAN, "community": "nanbu"})
    assert answer.status_code == 303
    html = stranger.get("/b/desk/volunteers").text
    assert "孙丽" in html
    assert "王芳" not in html
    assert stranger.get("/b/desk/volunteers/v01").status_code == 404
    assert stranger.get("/b/desk/volunteers/v01/certificate.pdf").status_code == 404
    assert "王芳" in another(app, "approver").get("/b/desk/volunteers?search=王").text


def test_a_shift_of_others_only_cannot_be_planned(app, small):
    stranger = another(app, "org_staff", "sunshine")
    answer = send(stranger, "/b/desk/shifts/new", **{**PLAN, "organization": "", "worker": ""})
    assert answer.status_code == 422


def test_looking_at_names_is_noted(app, engine, staff):
    shift = planned(staff)
    staff.get(shift)
    staff.get("/b/desk/volunteers")
    staff.get("/b/desk/volunteers/v01")
    with engine.connect() as connection:
        noted = connection.exec_driver_sql("SELECT object FROM trail WHERE what = 'names of volunteers'").all()
    assert {row[0] for row in noted} == {f"shift:{shift.rpartition('/')[2]}", None, "volunteer:v01"}


def test_a_volunteer_is_registered_at_once_and_named_nowhere_on_the_ledger(engine, staff):
    answer = send(staff, "/b/desk/volunteers/new", name="周敏", code="V0004", community="heping", organization="")
    assert answer.status_code == 303
    assert "周敏" in staff.get(answer.location).text
    entry = bodies(engine, "volunteer.opened")[-1]
    assert "周敏" not in str(entry)
    assert private(engine, "name")[(entry["seq"], "name")] == "周敏"
    with engine.connect() as connection:
        assert "周敏" not in str(connection.exec_driver_sql("SELECT payload, form, title FROM proposals").all())


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"code": "v 1!"}, {"code": "v01"}, {"community": ""}, {"community": "nanbu"}]
)
def test_volunteers_that_are_refused(engine, staff, wrong):
    before = len(bodies(engine, "volunteer.opened"))
    sent = {"name": "周敏", "code": "V0004", "community": "heping", "organization": "", **wrong}
    assert send(staff, "/b/desk/volunteers/new", **sent).status_code == 422
    assert len(bodies(engine, "volunteer.opened")) == before


def test_hours_of_a_shift_are_a_gift_of_time(app, engine, staff):
    shift = closed(staff)
    code = shift.rpartition("/")[2]
    answer = send(staff, f"/b/desk/shifts/donate?shift={code}", fund="fund:general", dated="2026-03-02")
    assert answer.status_code == 303
    assert staff.post(
        answer.location, data={"what": "approve", "csrf_token": token(staff, "/b/desk/shifts/new")}
    ).status_code in {303, 409, 403}
    assert bodies(engine, "donation.received") == []
    colleague = another(app, "community", "heping")
    assert colleague.post(
        answer.location, data={"what": "approve", "csrf_token": token(colleague, answer.location)}
    ).status_code in {302, 303}
    made = bodies(engine, "donation.received")
    assert [(body["facts"]["volunteer"], body["flows"][0]["amount"]) for body in made] == [("v01", 150), ("v02", 150)]
    assert all(body["facts"]["shift"] == code and body["approved_by"] != body["by"] for body in made)
    html = staff.get(shift).text
    assert 'value="reopen"' not in html
    assert (
        send(staff, f"/b/desk/shifts/donate?shift={code}", fund="fund:general", dated="2026-03-02").status_code == 422
    )
    html = staff.get("/b/desk/volunteers").text
    assert "2 小时 30 分" in html.replace("\xa0", " ")


def test_hours_of_services_by_volunteer(small, staff):
    hours = [{"volunteer": "v01", "minutes": 90}, {"volunteer": "v02", "minutes": 30}]
    small.serve("S1", [("source:volunteer", 120, "volunteer-hour")], volunteer=["v01", "v02"], hours=hours)
    small.serve("S2", [("source:volunteer", 60, "volunteer-hour")], volunteer=["v01"])
    small.serve("S3", [("source:volunteer", 60, "volunteer-hour")], volunteer=["v01", "v02"])
    undone = small.serve("S4", [("source:volunteer", 60, "volunteer-hour")], volunteer=["v01"])
    small.reverse(undone)
    html = staff.get("/b/desk/volunteers/v01?since=2026-01-01&until=2026-12-31").text.replace("\xa0", " ")
    assert html.count("/b/services/S") == 3
    assert re.findall(r"<tfoot>.*?(\d+ 小时(?: \d+ 分)?)", html) == ["1 小时 30 分"]
    assert staff.get("/b/desk/volunteers/v01?since=2025-01-01&until=2025-12-31").text.count("/b/services/S") == 0


def test_workbooks(small, staff):
    closed(staff)
    for address, cell in (("/b/desk/shifts", "长者午餐"), ("/b/desk/volunteers", "王芳")):
        answer = staff.get(f"{address}?format=xlsx")
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
        assert cell in rows[1]


def test_shifts_are_filtered(staff):
    planned(staff)
    planned(staff, title="读书会", day="2026-05-02", place="图书室")
    for query, there, gone in [
        ("search=读书", "读书会", "长者午餐"),
        ("since=2026-04-01", "读书会", "长者午餐"),
        ("until=2026-04-01", "长者午餐", "读书会"),
        ("community=heping&state=planned&sort=title", "读书会", "nothing"),
    ]:
        html = staff.get(f"/b/desk/shifts?{query}").text
        assert there in html, query
        assert gone not in html, query
    assert "长者午餐" not in staff.get("/b/desk/shifts?state=closed").text


def test_the_paper(small, staff):
    hours = [{"volunteer": "v01", "minutes": 90}]
    small.serve("S1", [("source:volunteer", 90, "volunteer-hour")], volunteer=["v01"], hours=hours)
    address = "/b/desk/volunteers/v01/certificate.pdf?since=2026-01-01&until=2026-12-31"
    first, second = staff.get(address), staff.get(address)
    assert first.status_code == 200
    assert first.data == second.data
    assert first.data.startswith(b"%PDF")
    assert staff.get("/b/desk/volunteers/v01/certificate.pdf?since=2025-01-01&until=2025-12-31").status_code == 404


def test_statements_do_not_grow(app, engine, small, staff, query_count):
    from ledger.extensions import db  # noqa: PLC0415

    shift = planned(staff)
    send(staff, f"{shift}/times", text="v01 60")
    pages = [
        "/b/desk/shifts",
        shift,
        f"{shift}/check-in",
        f"{shift}/times",
        "/b/desk/volunteers",
        "/b/desk/shifts/new",
        "/b/desk/volunteers/v01",
        "/b/desk/volunteers/new",
    ]

    def counted():
        numbers = []
        for address in pages:
            with app.app_context(), query_count(db.engine) as sent:
                assert staff.get(address).status_code == 200
            numbers.append(len(sent))
        return numbers

    small.serve("S0", [("source:volunteer", 60, "volunteer-hour")], volunteer=["v01"])
    before = counted()
    for number in range(5):
        small.do(open_person, "volunteer", f"w{number}", f"志愿者{number}", community="heping")
        small.serve(f"S{number + 1}", [("source:volunteer", 60, "volunteer-hour")], volunteer=["v01", f"w{number}"])
        planned(staff)
    with write_transaction(engine) as connection:
        it = actions.find_shift(connection, 1, shift.rpartition("/")[2])
        actions.sign_up(connection, it, [f"w{number}" for number in range(5)])
    after = counted()
    assert after == before
    assert max(after) <= 30
