"""A list on screen: taken, read, mapped, checked, approved; the same list again adds nothing."""

import io
import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger.desk.tables import proposals
from ledger.giving.intake.tables import gift_lists
from tests.support.actors import sign_in
from tests.support.desk import decide, prepared, send
from tests.support.looking import balance, bodies, findings, private

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

LIST = """\
序号,日期,捐赠人,金额,备注
1,2026-02-01,**明,100.50,
2,2026-02-01,**明,100.50,
3,2026-02-02,某某有限公司,2000,定向捐赠协和医院
4,2026-02-03,张三,约50,
合计,,,2201.00,
"""
WRONG = LIST.replace("2201.00", "2300.00")
STRANGE = "谁,多少,哪天,话\n张三,10,2026-02-01,加油\n李四,20,2026-02-02,\n"
TERMS = {"taker": "fund:general", "place": "bank:main", "source": "", "undated": "2026-03-01", "campaign": ""}


@pytest.fixture
def bring(people):
    """Upload a text; give the address of its page."""

    def brought(text, name="名单.csv", encoding="utf-8", **more):
        file = (io.BytesIO(text.encode(encoding)), name)
        answer = send(people["accountant"], "/b/desk/lists/new", file=file, **more)
        assert answer.status_code == 303, answer.text
        return answer.location

    return brought


@pytest.fixture
def check(people):
    def checked(address, **terms):
        return send(people["accountant"], address, what="check", **TERMS | terms)

    return checked


def rows(engine, table):
    with engine.connect() as connection:
        return connection.execute(select(table)).mappings().all()


def test_a_list_from_the_file_to_the_ledger(book, app, people, bring, check):
    address = bring(LIST)
    page = people["accountant"].get(address).text
    assert "约50" in page  # refused, with its row
    assert "2,201.00" in page
    assert check(address).status_code == 303
    before = len(bodies(book.engine))
    code = prepared(send(people["accountant"], address, what="propose", **TERMS))
    assert len(bodies(book.engine)) == before
    seen = people["approver"].get(f"/b/desk/proposals/{code}").text
    assert "某某有限公司" in seen  # the same report
    assert "互助基金" in seen
    assert "银行存款" in seen
    assert decide(people["approver"], code).status_code == 303
    gifts = bodies(book.engine, "donation.received")
    assert [gift["flows"][0]["amount"] for gift in gifts] == [10_050, 10_050, 200_000]
    assert {(gift["by"], gift["approved_by"]) for gift in gifts} == {(gifts[0]["by"], gifts[0]["approved_by"])}
    assert gifts[0]["approved_by"]
    (record,) = bodies(book.engine, "import.completed")
    assert (record["facts"]["name"], record["facts"]["lines"]) == ("名单.csv", 3)
    assert balance(book.engine, "bank:main") == 220_100
    assert sorted(private(book.engine, "donor").values()) == ["**明", "**明", "某某有限公司"]
    assert findings(book.engine) == []


def test_what_a_list_names_is_gone_once_it_is_decided(book, app, people, bring, check):
    address = bring(LIST)
    check(address)
    code = prepared(send(people["accountant"], address, what="propose", **TERMS))
    decide(people["approver"], code)
    folder = app.instance_path + "/uploads"
    people["accountant"].get("/b/desk/lists")
    (row,) = rows(book.engine, gift_lists)
    (proposal,) = rows(book.engine, proposals)
    assert (row["state"], row["kept"]) == ("imported", 0)
    assert not any(name in row["report"] + proposal["payload"] + proposal["form"] for name in ("某某", "张三", "**明"))
    assert list(Path(folder).iterdir()) == []


def test_the_same_list_again_adds_nothing(book, people, bring, check):
    address = bring(LIST)
    check(address)
    decide(people["approver"], prepared(send(people["accountant"], address, what="propose", **TERMS)))
    before = len(bodies(book.engine))
    again = bring(LIST.replace("序号", "编号"), name="又一份.csv")  # other bytes, the same gifts
    check(again)
    (done,) = [
        json.loads(row["report"])["done"] for row in rows(book.engine, gift_lists) if row["name"] == "又一份.csv"
    ]
    assert (done["imported"], done["already"] is not None) == (0, True)
    answer = send(people["accountant"], again, what="propose", **TERMS)
    assert answer.status_code == 422
    assert len(bodies(book.engine)) == before


def test_two_drafts_of_one_list_are_imported_once(book, people, bring, check):
    codes = []
    for name in ("一.csv", "二.csv"):
        address = bring(LIST if name == "一.csv" else LIST.replace("备注", "说明"), name=name)
        check(address)
        codes.append(prepared(send(people["accountant"], address, what="propose", **TERMS)))
    for code in codes:
        decide(people["approver"], code)
    assert len(bodies(book.engine, "donation.received")) == 3
    assert {row["state"] for row in rows(book.engine, proposals)} == {"recorded", "waiting"}


def test_totals_that_differ_need_a_reason(book, people, bring, check):
    address = bring(WRONG)
    refused = check(address)
    assert refused.status_code == 422
    assert "done" not in json.loads(rows(book.engine, gift_lists)[0]["report"])
    assert check(address, accept="页脚含一笔已退回的捐款").status_code == 303
    decide(people["approver"], prepared(send(people["accountant"], address, what="propose", **TERMS)))
    (record,) = bodies(book.engine, "import.completed")
    assert record["facts"]["reason"] == "页脚含一笔已退回的捐款"


def test_columns_are_said_on_screen(book, people, bring, check):
    address = bring(STRANGE)
    page = people["accountant"].get(address).text
    assert 'name="col-2"' in page
    read = {"what": "read", "col-1": "donor", "col-2": "amount", "col-3": "date", "col-4": "remark", "header_row": "1"}
    assert send(people["accountant"], address, save_as="市集", **read).status_code == 303
    check(address)
    decide(people["approver"], prepared(send(people["accountant"], address, what="propose", **TERMS)))
    gifts = bodies(book.engine, "donation.received")
    assert [(gift["dated"], gift["flows"][0]["amount"]) for gift in gifts] == [
        ("2026-02-01", 1_000),
        ("2026-02-02", 2_000),
    ]
    assert private(book.engine, "remark") == {(gifts[0]["seq"], "remark"): "加油"}
    # the mapping is kept, and reads the next edition at once
    other = bring(STRANGE.replace("李四", "王五"), name="下月.csv", mapping="市集")
    assert json.loads(rows(book.engine, gift_lists)[-1]["report"])["lines"] == 2
    assert people["accountant"].get(other).status_code == 200


def test_a_column_can_be_left_out(book, people, bring, check):
    address = bring(LIST)
    read = {"what": "read", "col-2": "date", "col-3": "donor", "col-4": "amount", "col-5": "", "header_row": "1"}
    send(people["accountant"], address, **read)
    check(address)
    decide(people["approver"], prepared(send(people["accountant"], address, what="propose", **TERMS)))
    assert {gift["flows"][0]["to"] for gift in bodies(book.engine, "donation.received")} == {"fund:general"}
    assert private(book.engine, "remark") == {}


def test_the_same_role_twice_is_refused(people, bring):
    address = bring(STRANGE)
    read = {"what": "read", "col-1": "donor", "col-2": "amount", "col-3": "amount", "col-4": "", "header_row": "1"}
    answer = send(people["accountant"], address, **read)
    assert answer.status_code == 422
    assert 'class="note note-bad"' in answer.text


def test_rows_can_be_pasted_and_old_encodings_read(book, people, check):
    pasted = send(
        people["accountant"],
        "/b/desk/lists/new",
        rows=STRANGE.replace(",", "\t").replace("谁", "捐赠人").replace("多少", "金额"),
    )
    assert pasted.status_code == 303
    assert json.loads(rows(book.engine, gift_lists)[0]["report"])["lines"] == 2


def test_gb18030(book, bring):
    bring(LIST, encoding="gb18030")
    assert json.loads(rows(book.engine, gift_lists)[0]["report"])["lines"] == 3


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 nothing", b"\x89PNG\r\n\x1a\n", b"<html><table></table></html>"])
def test_what_is_no_list_is_refused_beside_its_field(book, people, data):
    answer = send(people["accountant"], "/b/desk/lists/new", file=(io.BytesIO(data), "名单.xlsx"))
    assert answer.status_code == 422
    assert re.findall(r'id="(\w+)-problem"', answer.text) == ["file"]
    assert {row["state"] for row in rows(book.engine, gift_lists)} <= {"discarded"}


def test_others_change_nothing(app, people, bring):
    address = bring(LIST)
    assert people["approver"].get(address).status_code == 200
    assert send(people["approver"], address, what="discard").status_code == 403
    other = app.test_client()
    sign_in(app, other, "accountant")
    assert send(other, address, what="discard").status_code == 403


def test_a_list_is_discarded_with_its_file(book, app, people, bring):
    address = bring(LIST)
    assert send(people["accountant"], address, what="discard").status_code == 303
    (row,) = rows(book.engine, gift_lists)
    assert (row["state"], row["kept"], "张三" in row["report"]) == ("discarded", 0, False)


def test_a_returned_list_is_corrected(book, people, bring, check):
    address = bring(LIST)
    check(address)
    code = prepared(send(people["accountant"], address, what="propose", **TERMS))
    send(people["approver"], f"/b/desk/proposals/{code}", what="return", reason="应入敬老基金")
    page = people["accountant"].get(f"/b/desk/lists/new?draft={code}")
    assert page.status_code == 302
    check(page.location, taker="fund:elder")
    again = prepared(send(people["accountant"], page.location, what="propose", **TERMS))
    assert again == code
    decide(people["approver"], code)
    assert {gift["flows"][0]["to"].partition("/")[0] for gift in bodies(book.engine, "donation.received")} <= {
        "fund:elder",
        "earmark:elder",
    }
