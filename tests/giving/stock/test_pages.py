"""Pages of the store: what they show, what their forms put forward, how many statements they need."""

import io
import re
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from ledger.core.units import Unit
from ledger.funds.actions import open_unit
from ledger.web.fields import today
from tests.support.actors import sign_in
from tests.support.looking import balance, bodies, moved
from tests.support.small import Small

MASKS, STORE, GENERAL = "N95口罩:个", "inventory:main", "fund:general"
HELD = f"{GENERAL} {MASKS}"


@pytest.fixture(params=["sqlite"])
def database_kind(request):
    return request.param


@pytest.fixture
def small(app, engine):
    return Small(engine)


@pytest.fixture
def accountant(app, client, small):
    sign_in(app, client, "accountant")
    return client


@pytest.fixture
def approver(app, small):
    client = app.test_client()
    sign_in(app, client, "approver")
    return client


def masks(small, amount, days=None, **more):
    facts = {} if days is None else {"expires": (today() + timedelta(days=days)).isoformat(), "lot": "A7"}
    return small.give(amount, GENERAL, "source:organization", unit=MASKS, facts=facts, **more)


def fill(client, address, **data):
    """Send a form with what it shows already, changed by `data`."""
    html = client.get(address).text
    form = html[html.index('<form class="form') :]
    sent = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*type="(?:hidden|date|text)"[^>]*value="([^"]*)"', form))
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf'{key}="([^"]*)"', tag) for key in ("name", "value"))
        if name and value and ("radio" not in tag or "checked" in tag):
            sent[name[1]] = value[1].replace("&#34;", '"')
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        option = re.search(r'<option selected value="([^"]*)"', body) or re.search(r'<option value="([^"]*)"', body)
        sent[name] = option[1] if option else ""
    return client.post(address, data={**sent, **data})


def approved(approver, answer):
    """Approve the proposal that a form led to."""
    assert answer.status_code == 303, re.findall(
        r'class="problem"[^>]*>([^<]*)|role="alert".*?<p>(.*?)</p>', answer.text
    )
    html = approver.get(answer.location).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)[1]
    assert approver.post(answer.location, data={"what": "approve", "csrf_token": token}).status_code in {302, 303}
    return html


def test_nothing_in_stock_says_what_to_do(accountant):
    assert "库存" in accountant.get("/b/desk/stock").text
    assert accountant.get("/b/desk/stock/lots").status_code == 200
    assert accountant.get("/b/desk/stock/issue").status_code == 200


def test_items_and_lots(small, accountant):
    old, new = masks(small, 100, -3, value=1000), masks(small, 50, 45)
    html = accountant.get("/b/desk/stock").text
    assert "N95口罩" in html
    assert "150" in html
    html = accountant.get("/b/desk/stock/lots?state=expired").text
    assert f"#{old}" in html
    assert f"#{new}" not in html
    assert "A7" in html
    html = accountant.get("/b/desk/stock/lots").text
    assert html.index(f"#{old}") < html.index(f"#{new}")
    html = accountant.get("/b/desk/stock/lots?sort=-left&search=n95").text
    assert html.index(f"#{old}") < html.index(f"#{new}")
    assert f"#{old}" not in accountant.get("/b/desk/stock/lots?search=rice").text


@pytest.mark.parametrize(("address", "cell"), [("/b/desk/stock", 150), ("/b/desk/stock/lots", 100)])
def test_workbooks(small, accountant, address, cell):
    masks(small, 100, -3, value=1000)
    masks(small, 50, 45)
    answer = accountant.get(f"{address}?format=xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert rows[1][0] == "N95口罩"
    assert cell in rows[1]


def test_an_item_adds_up(app, engine, small, accountant):
    lot = masks(small, 100, 20, donor="晨光公司")
    small.issue("第一医院", GENERAL, 30)
    html = accountant.get(f"/b/desk/stock/item/{MASKS}").text
    assert "70" in html
    assert f"#{lot}" in html
    assert "晨光公司" not in html
    assert "晨光公司" in accountant.get(f"/b/desk/stock/item/{MASKS}?givers=1").text
    with engine.connect() as connection:
        noted = connection.exec_driver_sql("SELECT what, object FROM trail WHERE object IS NOT NULL").all()
    assert ("donors of goods", f"unit:{MASKS}") in noted
    assert accountant.get("/b/desk/stock/item/rice:bag").status_code == 404


def test_issue_to_a_recipient_suggests_what_expires_first(engine, small, accountant, approver):
    late, early = masks(small, 100, 200), masks(small, 50, 20)
    masks(small, 9, -1)
    answer = fill(accountant, f"/b/desk/stock/issue?held={HELD}", to="recipient", recipient="第一医院", amount="60")
    html = approved(approver, answer)
    assert "N95口罩 60 个 → 第一医院" in html
    (entry,) = bodies(engine, "goods.issued")
    assert [(flow["of"], flow["amount"]) for flow in entry["flows"]] == [(early, 50), (late, 10)]
    assert entry["approved_by"] != entry["by"]


def test_what_has_expired_is_not_issued_unless_it_is_chosen(engine, small, accountant, approver):
    old, _good = masks(small, 50, -1), masks(small, 20, 10)
    sent = {"to": "recipient", "recipient": "第一医院"}
    for wrong in ({"amount": "21"}, {"amount": "1", "rule": "first"}):
        answer = fill(accountant, f"/b/desk/stock/issue?held={HELD}", **sent, **wrong)
        assert answer.status_code == 422
        assert 'class="problem"' in answer.text
    chosen = {"rule": "chosen", f"lot_{old}": "3"}
    approved(approver, fill(accountant, f"/b/desk/stock/issue?held={HELD}", **sent, **chosen))
    assert balance(engine, STORE, MASKS) == 67


def test_issue_of_chosen_lots_to_a_grant(engine, small, accountant, approver):
    small.give(500)
    small.grant("G1", 500)
    first, second = masks(small, 100), masks(small, 50)
    chosen = {"rule": "chosen", f"lot_{second}": "7", "to": "grant", "grant": "G1"}
    approved(approver, fill(accountant, f"/b/desk/stock/issue?held={HELD}", **chosen))
    entry = bodies(engine, "grant.paid")[-1]
    assert [(flow["of"], flow["amount"]) for flow in entry["flows"]] == [(second, 7)]
    assert entry["facts"] == {"grant": "G1"}
    assert first is not None


def test_issue_first_in_first_out_to_a_service(engine, small, accountant, approver):
    masks(small, 100)
    small.serve("S1", [])
    asked = {"rule": "first", "amount": "9", "to": "service", "service": "S1"}
    approved(approver, fill(accountant, f"/b/desk/stock/issue?held={HELD}", **asked))
    (entry,) = bodies(engine, "goods.issued")
    assert moved(entry) == [(GENERAL, "service:S1", 9, MASKS)]
    assert "of" not in entry["flows"][0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": ""},
        {"amount": "101"},
        {"amount": "1.5"},
        {"amount": "1", "recipient": ""},
        {"rule": "chosen", "amount": ""},
        {"rule": "chosen", "lot": "101"},
        {"rule": "chosen", "lot": "3", "amount": "4"},
    ],
)
def test_issues_that_are_refused_beside_their_field(engine, small, accountant, wrong):
    lot = masks(small, 100)
    sent = {"to": "recipient", "recipient": "第一医院", "amount": "1", **wrong}
    sent[f"lot_{lot}"] = sent.pop("lot", "")
    answer = fill(accountant, f"/b/desk/stock/issue?held={HELD}", **sent)
    assert answer.status_code == 422 or 'class="problem"' in answer.text
    assert 'class="problem"' in answer.text
    assert bodies(engine, "goods.issued") == []


def test_a_returned_issue_is_corrected(engine, small, accountant, approver):
    masks(small, 100)
    answer = fill(accountant, f"/b/desk/stock/issue?held={HELD}", to="recipient", recipient="第一医院", amount="60")
    html = approver.get(answer.location).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)[1]
    approver.post(answer.location, data={"what": "return", "reason": "太多", "csrf_token": token})
    draft = answer.location.rpartition("/")[2]
    html = accountant.get(f"/b/desk/stock/issue?draft={draft}").text
    assert "第一医院" in html
    approved(approver, fill(accountant, f"/b/desk/stock/issue?draft={draft}", amount="6"))
    assert balance(engine, STORE, MASKS) == 94


def test_expired_lots_are_one_step_from_being_written_off(engine, small, accountant, approver):
    old, new = masks(small, 100, -3, value=1000), masks(small, 50, 45)
    html = accountant.get("/b/desk/stock/lots").text
    link = re.search(r'href="([^"]*write-off\?[^"]*)"', html)[1].replace("&amp;", "&")
    assert f"lot={old}" in link
    approved(approver, fill(accountant, link, note="过期"))
    (entry,) = bodies(engine, "loss.recorded")
    assert [(flow["of"], flow["amount"]) for flow in entry["flows"]] == [(old, 100)]
    assert entry["facts"] == {"reason": "expired", "note": "过期"}
    assert new


def test_a_count_is_one_proposal(engine, small, accountant, approver):
    small.do(open_unit, Unit.of("大米:袋", 0), "大米", "袋")
    masks(small, 100)
    answer = fill(
        accountant, "/b/desk/stock/count", counted_0="97", other="大米:袋", other_counted="2", taker="fund:elder"
    )
    approved(approver, answer)
    assert balance(engine, STORE, MASKS) == 97
    assert balance(engine, "fund:elder", "大米:袋") == 2
    assert len(bodies(engine, "loss.recorded")) == len(bodies(engine, "income.received")) == 1


def test_counts_that_say_nothing_or_are_stale(small, accountant, client):
    masks(small, 100)
    answer = fill(accountant, "/b/desk/stock/count", counted_0="100")
    assert answer.status_code == 422
    html = accountant.get("/b/desk/stock/count").text
    expected = re.search(r'name="expected_0"[^>]*value="([^"]*)"', html)[1]
    small.issue("第一医院", GENERAL, 30)
    answer = fill(accountant, "/b/desk/stock/count", counted_0="70", expected_0=expected)
    assert 'class="problem"' in answer.text


def test_a_sheet_with_and_without_figures(small, accountant):
    masks(small, 137)
    assert "137" in accountant.get(f"/b/desk/stock/sheet?store={STORE}").text
    assert "137" not in accountant.get(f"/b/desk/stock/sheet?store={STORE}&blind=1").text
    assert accountant.get("/b/desk/stock/sheet?store=bank:main").status_code == 404


def test_who_may(app, small, approver):
    masks(small, 5)
    assert approver.get("/b/desk/stock").status_code == 200
    assert approver.get("/b/desk/stock/issue").status_code == 403
    other = app.test_client()
    sign_in(app, other, "community", party="heping")
    assert other.get("/b/desk/stock").status_code == 403


def test_statements_do_not_grow_with_the_stock(app, small, accountant, query_count):
    from ledger.extensions import db  # noqa: PLC0415

    pages = [
        "/b/desk/stock",
        "/b/desk/stock/lots",
        f"/b/desk/stock/item/{MASKS}",
        f"/b/desk/stock/issue?held={HELD}",
        "/b/desk/stock/issue",
        "/b/desk/stock/count",
        f"/b/desk/stock/write-off?held={HELD}",
    ]
    masks(small, 5, 3)
    small.issue("第一医院", GENERAL, 1)

    def counted():
        numbers = []
        for address in pages:
            with app.app_context(), query_count(db.engine) as sent:
                assert accountant.get(address).status_code == 200
            numbers.append(len(sent))
        return numbers

    before = counted()
    for number in range(6):
        small.do(open_unit, Unit.of(f"米{number}:袋", 0), "米", "袋")
        small.give(9, unit=f"米{number}:袋")
        masks(small, 5, number)
        small.issue(f"第{number}医院", GENERAL, 1)
    after = counted()
    assert after == before
    assert max(after) <= 26


def test_a_day_to_come_and_a_forged_choice_are_refused(engine, small, accountant):
    masks(small, 100)
    sent = {"to": "recipient", "recipient": "第一医院", "amount": "1"}
    for wrong in ({"dated": "2999-01-01"}, {"store": "inventory:elsewhere"}):
        answer = fill(accountant, f"/b/desk/stock/issue?held={HELD}", **sent, **wrong)
        assert answer.status_code == 422
        assert 'class="problem"' in answer.text
    assert bodies(engine, "goods.issued") == []


def test_what_came_in_and_went_out_adds_up_by_kind(app, engine, small, accountant):
    from ledger.giving.stock.queries import item_page  # noqa: PLC0415

    masks(small, 100)
    masks(small, 20, 9)
    small.reverse(small.issue("第一医院", GENERAL, 30))
    small.issue("第二医院", GENERAL, 15)
    small.reverse(masks(small, 5))
    with engine.connect() as connection, app.test_request_context():
        found = item_page(connection, 1, MASKS, 1, today())
    told = {(line.kind, line.into): line.quantity.amount for line in found.turnover}
    assert told == {
        ("donation.received", True): 125,
        ("entry.reversed", True): 30,
        ("goods.issued", False): 45,
        ("entry.reversed", False): 5,
    }
    assert found.item.held.amount == found.item.stored.amount == 105
