"""The accounts' desk, from the form to the ledger."""

import pytest

from tests.support.desk import decide, prepared, send, sit
from tests.support.looking import balance, bodies, findings, size
from tests.support.small import Small


@pytest.fixture
def small(engine):
    made = Small(engine)
    made.give(100_000)
    return made


def expense(client, **more):
    form = {
        "amount": "120.50",
        "fund": "fund:general",
        "category": "administration",
        "place": "bank:main",
        "project": "",
        "dated": "2026-03-02",
        "memo": "打印",
    }
    return send(client, "/b/desk/expenses/new", **{**form, **more})


def test_an_expense_is_prepared_shown_approved_and_recorded(app, engine, small):
    accountant, approver = sit(app, "accountant"), sit(app, "approver")
    before = size(engine)
    code = prepared(expense(accountant))
    assert size(engine) == before
    page = approver.get(f"/b/desk/proposals/{code}").text
    for words in ("¥120.50", "¥1,000.00", "¥879.50", "1 笔捐赠"):
        assert words in page
    assert size(engine) == before
    assert f"/proposals/{code}" in approver.get("/b/desk/").text
    decide(approver, code)
    (body,) = bodies(engine, "expense.recorded")
    assert (body["by"], body["approved_by"], body["memo"]) == (accountant.code, approver.code, "打印")
    assert balance(engine, "fund:general") == 87_950
    assert findings(engine) == []


def test_nobody_approves_what_they_prepared(app, engine, small):
    both = sit(app, "accountant")
    code = prepared(expense(both))
    answer = decide(both, code)
    assert answer.status_code == 303
    assert bodies(engine, "expense.recorded") == []
    assert "另一位" in both.get(answer.location).text


def test_what_the_ledger_would_refuse_is_refused_at_once_and_says_why(app, engine, small):
    accountant = sit(app, "accountant")
    answer = expense(accountant, amount="99999.00")
    assert answer.status_code == 422
    assert "99999.00" in answer.text
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("amount", ["", "0", "-3", "1.234", "many", "1,00"])
def test_an_amount_that_is_none_is_said_beside_its_field(app, small, amount):
    answer = expense(sit(app, "accountant"), amount=amount)
    assert answer.status_code == 422
    assert 'id="amount-problem"' in answer.text


def test_an_earmark_is_not_transferred_and_funds_are(app, engine, small):
    small.earmark("助学")
    accountant, approver = sit(app, "accountant"), sit(app, "approver")
    form = {"amount": "100", "giver": "fund:general", "taker": "fund:elder", "reason": "调剂", "dated": "2026-03-02"}
    decide(approver, prepared(send(accountant, "/b/desk/transfers/new", **form)))
    assert balance(engine, "fund:elder") == 10_000
    assert "earmark:" not in accountant.get("/b/desk/transfers/new").text


def test_an_entry_is_reversed_by_two_people(app, engine, small):
    seq = small.spend("fund:general", 500)
    accountant, approver = sit(app, "accountant"), sit(app, "approver")
    page = accountant.get(f"/b/desk/reverse?entry={seq}").text
    assert f"#{seq}" in page
    answer = send(accountant, f"/b/desk/reverse?entry={seq}", seq=str(seq), reason="记错了", dated="2026-03-03")
    decide(approver, prepared(answer))
    assert balance(engine, "fund:general") == 100_000
    assert findings(engine) == []


def test_a_fund_is_opened_changed_and_closed(app, engine, small):
    accountant = sit(app, "accountant")
    form = {"code": "youth", "name": "青年基金", "restricted": "yes", "purpose": "助学", "dated": "2026-03-02"}
    assert send(accountant, "/b/desk/funds/new", **form).status_code == 303
    send(accountant, "/b/desk/funds/youth/change", **{**form, "name": "青少年基金"})
    assert "青少年基金" in accountant.get("/b/desk/funds").text
    send(accountant, "/b/desk/funds/youth/close", reason="合并", dated="2026-03-03")
    assert bodies(engine, "fund.closed")[0]["facts"] == {"code": "youth", "reason": "合并"}


def test_a_worker_is_entered_without_the_name_on_the_ledger(app, engine, small):
    accountant = sit(app, "accountant")
    form = {"kind": "worker", "code": "w02", "name": "赵甲", "organization": "sunshine", "dated": "2026-03-02"}
    assert send(accountant, "/b/desk/parties/new", **form).status_code == 303
    assert "赵甲" not in str(bodies(engine))
    assert "赵甲" in accountant.get("/b/desk/parties").text
    assert "赵甲" not in sit(app, "auditor").get("/b/desk/decided").text


@pytest.mark.parametrize("page", ["journal", "expenses", "transfers", "balances", "funds", "parties", "decided", ""])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_list_is_shown_in_both_languages(app, small, page, language):
    client = sit(app, "accountant")
    client.set_cookie("lang", language)
    answer = client.get(f"/b/desk/{page}")
    assert answer.status_code == 200
    assert "%(" not in answer.text


@pytest.mark.parametrize("page", ["journal", "expenses", "balances", "decided"])
def test_lists_come_as_workbooks(app, small, page):
    small.spend("fund:general", 500)
    answer = sit(app, "accountant").get(f"/b/desk/{page}?format=xlsx")
    assert answer.data[:2] == b"PK"


def test_a_transfer_to_where_it_is_is_refused_beside_its_field(app, small):
    form = {"amount": "100", "giver": "fund:general", "taker": "fund:general", "reason": "调剂", "dated": "2026-03-02"}
    answer = send(sit(app, "accountant"), "/b/desk/transfers/new", **form)
    assert answer.status_code == 422
    assert 'id="taker-problem"' in answer.text


def test_the_reason_of_a_return_stands_on_the_proposal_and_above_the_form(app, small):
    accountant, approver = sit(app, "accountant"), sit(app, "approver")
    code = prepared(expense(accountant))
    decide(approver, code, "return", reason="请附发票")
    assert "请附发票" in accountant.get(f"/b/desk/proposals/{code}").text
    page = accountant.get(f"/b/desk/expenses/new?draft={code}").text
    assert "请附发票" in page
    assert "120.50" in page
    assert "审批勾选的" not in accountant.get("/b/desk/").text
