from dataclasses import replace

import pytest
from sqlalchemy import select

from ledger.core.errors import LedgerError
from ledger.giving.hours import actions as hours
from ledger.journal.append import writing
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book, read_bodies, snapshot
from ledger.people.actions import Act, open_party, open_person
from ledger.programs import queries as programs
from ledger.programs.allocation.needs.actions import Need, raise_need
from ledger.programs.delivery import actions, states
from ledger.programs.delivery.actions import Report
from ledger.programs.delivery.tables import disputes
from tests.support.small import DAY, Small

MASKS, HOUR = "N95口罩:个", "volunteer-hour"
BUDGET = [{"line": "food", "name": "食材", "category": "direct", "amount": 5000}]
LUNCH = Report("长者午餐", "meals", "heping", "sunshine", "w01", 20, grant="G1", project="meals")
TEN = (("grant:G1", "CNY", 1000, ""),)


@pytest.fixture
def small(engine):
    book = Small(engine)
    book.give(1_000_000)
    book.give(500, unit=MASKS, value=1000)
    book.grant("G1", 50_000)
    book.do(open_party, "organization", "other", name="别的机构")
    book.do(open_party, "community", "donghu", name="东湖社区")
    return book


@pytest.fixture
def reported(small):
    """Sign a report off; give the bodies of its entries."""

    def sign(report=LUNCH, signer="u-worker", by="u-org", **changes):
        with writing(small.engine, "b") as writer:
            act = Act(by, DAY, f"desk/{next(small.refs)}", signer)
            return [one.body for one in actions.sign_off(writer, act, replace(report, gives=TEN, **changes))]

    return sign


def confirm(small, *services, by="u-community", role="community", party="heping"):
    with writing(small.engine, "b") as writer:
        return actions.confirm(writer, Act(by, DAY, f"desk/{next(small.refs)}"), role, party, services)


def entries(small):
    with snapshot(small.engine) as connection:
        return find_book(connection, "b").size


def test_signing_off_delivers_and_confirms_at_once(small, reported):
    delivered, confirmed = reported(description="六十岁以上", need="", lead_element="worker")
    assert delivered["facts"]["code"] == "S2026-0001"
    assert (delivered["by"], delivered["approved_by"]) == ("u-org", "u-worker")
    assert (confirmed["by"], confirmed["approved_by"]) == ("u-worker", None)
    assert confirmed["facts"] == {"service": "S2026-0001", "role": "worker", "worker": "w01"}
    assert [flow["from"] for flow in delivered["flows"]] == ["grant:G1"]
    assert {"need", "lines", "hours", "volunteer"}.isdisjoint(delivered["facts"])


def test_codes_follow_each_other_in_a_year(small, reported):
    def code():
        return reported()[0]["facts"]["code"]

    assert [code(), code()] == ["S2026-0001", "S2026-0002"]
    small.serve("S2026-0041", [])
    small.serve("S2026-00007", [])  # of another way of counting
    assert [code(), code()] == ["S2026-0042", "S2026-0043"]
    small.serve("S2026-9999", [])
    assert [code(), code()] == ["S2026-10000", "S2026-10001"]
    small.serve("S2026-99999", [])
    assert code() == "S2026-100000"
    assert code().startswith("S2026.")


@pytest.mark.parametrize("taken", ["S2026-9abc", "S2026-9abcd"])
def test_codes_that_are_no_numbers_do_no_harm(small, reported, taken):
    small.serve(taken, [])
    assert reported()[0]["facts"]["code"].startswith("S2026.")


def test_a_refused_confirmation_leaves_no_service(small, reported):
    before = entries(small)
    with pytest.raises(LedgerError):
        reported(signer="u-org")  # who prepared it cannot sign it off
    assert entries(small) == before


def test_small_groups_stay_beside_the_ledger(small, reported):
    facts = reported(residents=3)[0]["facts"]
    assert facts["residents_below"] == 5
    assert "residents" not in facts


def test_hours_come_of_shifts_and_of_what_is_written_down(small, reported):
    small.do(open_person, "volunteer", "v02", "赵云")
    code = shift(small, {"v01": 60, "v02": 30})
    facts = reported(hours={"v01": 15}, shifts=[code])[0]["facts"]
    assert facts["volunteer"] == ["v01", "v02"]
    assert facts["hours"] == [{"volunteer": "v01", "minutes": 75}, {"volunteer": "v02", "minutes": 30}]
    with pytest.raises(LedgerError, match="on the ledger already"):
        reported(shifts=[code])


def test_hours_of_a_service_taken_back_can_be_reported_anew(small, reported):
    code = shift(small, {"v01": 60})
    first = reported(shifts=[code])[0]
    small.reverse(first["seq"])
    assert reported(shifts=[code])[0]["facts"]["hours"] == [{"volunteer": "v01", "minutes": 60}]


def shift(small, minutes, organization="sunshine", community="heping"):
    with write_transaction(small.engine) as connection:
        book_id = find_book(connection, "b").id
        plan = hours.Plan(
            community, "送餐", "meals", "", "2026-03-01T09:00", "2026-03-01T12:00", 5, organization=organization
        )
        code = hours.plan_shift(connection, book_id, plan, "u-org")
        found = hours.find_shift(connection, book_id, code)
        hours.enter_times(connection, found, [hours.Times(who, minutes=n) for who, n in minutes.items()])
        hours.close_shift(connection, hours.find_shift(connection, book_id, code), "u-org")
    return code


def test_lines_of_the_budget_are_named_and_add_up(small, reported):
    with writing(small.engine, "b") as writer:
        facts = {"code": "meals", "name": "午餐", "organization": "sunshine", "budget": BUDGET}
        writer.append([small.act().draft("project.changed", facts=facts)])
    assert reported(lines={"food": 1000})[0]["facts"]["lines"] == [{"line": "food", "amount": 1000}]
    with pytest.raises(LedgerError, match="add up"):
        reported(lines={"food": 900})
    with pytest.raises(LedgerError, match="has no line"):
        reported(lines={"travel": 1000})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"organization": "other"}, "not one of this organization"),
        ({"project": ""}, "is for project meals"),
        ({"grant": "", "project": ""}, "the grant that it names"),
        ({"need": "N1"}, "another community"),
        ({"need": "N9"}, "need:N9 is not in book"),
        ({"shifts": ["nowhere"]}, "nowhere"),
        ({"worker": "w09"}, "worker:w09"),
    ],
)
def test_reports_that_do_not_fit_are_refused(small, reported, changes, said):
    need = Need("N1", "送餐", "meals", "donghu", "community", DAY)
    small.do(raise_need, need)
    before = entries(small)
    with pytest.raises(LedgerError, match=said):
        reported(**changes)
    assert entries(small) == before


def test_hours_of_a_stranger_shift_are_not_taken(small, reported):
    code = shift(small, {"v01": 60}, organization="other", community="donghu")
    with pytest.raises(LedgerError, match="neither of this organization"):
        reported(shifts=[code])


def test_the_foundation_gives_money_and_goods_out_of_funds(small):
    gives = (("fund:general", "CNY", 700, "bank:main"), ("fund:general", MASKS, 20, "inventory:main"))
    with writing(small.engine, "b") as writer:
        report = replace(LUNCH, grant="", gives=gives)
        body = actions.deliver(writer, small.act(), report).body
    assert {p["account"]: p["amount"] for p in body["postings"]} == {"bank:main": -700, "inventory:main": -20}
    with snapshot(small.engine) as connection:
        assert programs.service_page(connection, "b", body["facts"]["code"]).card.confirmations == ()


def test_several_are_confirmed_at_once_or_none(small, reported):
    codes = [reported()[0]["facts"]["code"] for _ in range(3)]
    before = entries(small)
    with pytest.raises(LedgerError):
        confirm(small, *codes, "S2026-0099")
    assert entries(small) == before
    assert len(confirm(small, *codes)) == 3
    with pytest.raises(LedgerError, match="once is enough"):
        confirm(small, codes[0], by="u-neighbour")
    with pytest.raises(LedgerError, match="each once"):
        confirm(small, codes[0], codes[0])


@pytest.mark.parametrize("by", ["u-org", "u-worker"])
def test_whoever_reported_or_signed_off_does_not_confirm_for_the_community(small, reported, by):
    code = reported()[0]["facts"]["code"]
    with pytest.raises(LedgerError, match="somebody else"):
        confirm(small, code, by=by)


def test_a_foreign_community_does_not_confirm(small, reported):
    code = reported()[0]["facts"]["code"]
    with pytest.raises(LedgerError):
        confirm(small, code, party="donghu")


def said(small, act, code, role="community", party="heping", reason="没有这件事"):
    states.refresh(small.engine, "b")
    with write_transaction(small.engine) as connection:
        act(connection, find_book(connection, "b").id, "u-community", role, party, code, reason)


def kept(small):
    states.refresh(small.engine, "b")
    with snapshot(small.engine) as connection:
        return [row.state for row in connection.execute(select(disputes.c.state).order_by(disputes.c.id))]


def test_a_dispute_holds_the_confirmation_up_until_it_is_withdrawn(small, reported):
    code = reported()[0]["facts"]["code"]
    said(small, actions.dispute, code)
    with pytest.raises(LedgerError, match="withdraw the dispute"):
        confirm(small, code)
    with pytest.raises(LedgerError, match="disputed already"):
        said(small, actions.dispute, code)
    said(small, actions.withdraw_dispute, code, reason="日期弄错了")
    with pytest.raises(LedgerError, match="not disputed"):
        said(small, actions.withdraw_dispute, code)
    assert confirm(small, code)
    assert kept(small) == ["withdrawn"]


def test_a_reversal_settles_a_dispute(small, reported):
    body = reported()[0]
    said(small, actions.dispute, body["facts"]["code"])
    small.reverse(body["seq"])
    assert kept(small) == ["reversed"]
    with pytest.raises(LedgerError, match="taken back"):
        said(small, actions.dispute, body["facts"]["code"])


@pytest.mark.parametrize(
    "wrong",
    [{"party": "donghu"}, {"role": "organization", "party": "sunshine"}, {"reason": "  "}, {"reason": "x" * 1001}],
)
def test_disputes_are_of_the_named_parties_and_say_why(small, reported, wrong):
    code = reported()[0]["facts"]["code"]
    with pytest.raises(LedgerError):
        said(small, actions.dispute, code, **wrong)
    assert kept(small) == []


def test_what_is_signed_off_is_read_back(small, reported):
    body = reported()[0]
    with snapshot(small.engine) as connection:
        found = read_bodies(connection, find_book(connection, "b").id, [body["seq"]])
        page = programs.service_page(connection, "b", body["facts"]["code"])
    assert found[body["seq"]] == body
    assert [it.role for it in page.card.confirmations] == ["worker"]
