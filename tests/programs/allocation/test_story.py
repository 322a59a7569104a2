"""From a need to a claim, in the browser's words: each step prepared by one and approved by another."""

import io

import pytest

from tests.support.looking import balance, bodies, findings, moved

DESK = "/b/desk"


@pytest.fixture(params=["sqlite"])
def database_kind(request):
    return request.param


def decision(**more):
    votes = {"members": "7", "present": "6", "quorum": "4", "agreed": "5", "against": "1", "abstained": "0"}
    return {"title": "为独居老人送餐", "body": "committee", "supervisor": "程序合规", **votes, **more}


def test_a_need_is_answered_step_by_step(small, desk_of, send, approve):  # noqa: PLR0915  # one story
    small.give(500_000)
    small.give(30_000, small.earmark("长者午餐"))
    accountant = desk_of("accountant")
    community = desk_of("community", "heping")

    answer = send(
        community,
        f"{DESK}/needs/new",
        title="独居老人的午餐",
        category="meals",
        community="heping",
        residents="12",
        wanted__0__unit="CNY",
        wanted__0__amount="3,000",
    )
    assert answer.status_code == 303
    (need,) = bodies(small.engine, "need.opened")
    assert need["facts"]["wanted"] == [{"unit": "CNY", "amount": 300_000}]
    code = need["facts"]["code"]
    page = accountant.get(f"{DESK}/needs/{code}").text
    assert "长者午餐" in page
    assert "¥300.00" in page

    minutes = (io.BytesIO(b"minutes"), "会议纪要.txt", "text/plain")
    done = send(accountant, f"{DESK}/decisions/new?need={code}", amount="3000", evidence=[minutes], **decision())
    assert bodies(small.engine, "decision.recorded") == []
    approve(done)
    (made,) = bodies(small.engine, "decision.recorded")
    assert (made["facts"]["result"], made["facts"]["amount"], made["facts"]["need"]) == ("adopted", 300_000, [code])
    assert made["facts"]["evidence"][0]["name"] == "会议纪要.txt"
    decided = made["facts"]["code"]

    budget = {"budget__0__line": "food", "budget__0__name": "餐费", "budget__0__category": "direct"}
    answer = send(
        accountant,
        f"{DESK}/projects/new?need={code}",
        name="暖心午餐",
        organization="sunshine",
        communities=["heping"],
        fund="general",
        budget__0__amount="3,000",
        decision=decided,
        **budget,
    )
    assert answer.status_code == 303
    (project,) = [b for b in bodies(small.engine, "project.opened") if b["facts"]["name"] == "暖心午餐"]
    plan = project["facts"]["code"]

    done = send(
        accountant,
        f"{DESK}/grants/new?project={plan}",
        amount="3000",
        instalments__0__amount="2000",
        instalments__0__due="2026-03-01",
        instalments__1__amount="1000",
        instalments__1__due="2026-09-01",
        instalments__1__condition="提交中期报告",
    )
    approve(done)
    (award,) = bodies(small.engine, "grant.awarded")
    grant = award["facts"]["code"]
    assert (award["facts"]["decision"], award["facts"]["project"], award["facts"]["need"]) == (decided, plan, [code])

    over = send(accountant, f"{DESK}/grants/new?decision={decided}", amount="0.01", project=plan, decision=decided)
    assert over.status_code == 422

    page = accountant.get(f"{DESK}/grants/{grant}").text
    assert "已逾期" in page or "overdue" in page
    approve(send(accountant, f"{DESK}/grants/pay?grant={grant}"))
    (paid,) = bodies(small.engine, "grant.paid")
    account = moved(paid)[0][0]
    assert account.startswith("earmark:general/")
    assert [part[2] for part in moved(paid)] == [30_000, 170_000]
    assert paid["facts"] == {"grant": grant, "instalment": 1}

    unmet = send(accountant, f"{DESK}/grants/pay?grant={grant}")
    assert unmet.status_code == 422
    approve(send(accountant, f"{DESK}/grants/pay?grant={grant}", met="5 月 3 日看过报告"))
    assert bodies(small.engine, "grant.paid")[1]["facts"]["met"] == "5 月 3 日看过报告"

    small.serve(
        "S1",
        [(f"grant:{grant}", 250_000, "CNY")],
        need=[code],
        project=plan,
        lines=[{"line": "food", "amount": 240_000}],
    )
    page = accountant.get(f"{DESK}/projects/{plan}").text
    assert "2,400.00" in page
    assert "100.00" in page
    assert "600.00" in page
    approve(send(accountant, f"{DESK}/grants/return?grant={grant}"))
    assert balance(small.engine, f"grant:{grant}") == 0
    approve(send(accountant, f"{DESK}/grants/close?grant={grant}", reason="已完成"))
    assert send(accountant, f"{DESK}/projects/close?project={plan}", reason="已完成").status_code == 303
    answer = send(community, f"{DESK}/needs/close?need={code}", outcome="met", reason="每天送到")
    assert answer.status_code == 303
    assert findings(small.engine) == []


def test_a_contract_is_paid_and_claimed(small, desk_of, send, approve):
    accountant = desk_of("accountant")
    approve(send(accountant, f"{DESK}/contracts/new", name="街道购买服务", buyer="和平街道", amount="1,000"))
    (opened,) = bodies(small.engine, "contract.opened")
    code = opened["facts"]["code"]
    approve(send(accountant, f"{DESK}/contracts/receive?contract={code}", amount="600", into="own", place="bank:main"))
    fund = f"fund:contract-{code}"
    assert balance(small.engine, fund) == 60_000
    small.give(10_000, fund)
    small.serve("S1", [(fund, 65_000, "CNY")])
    page = accountant.get(f"{DESK}/contracts/{code}?why=S1").text
    (gift,) = [b["seq"] for b in bodies(small.engine, "donation.received")]
    assert "¥50.00" in page
    assert f"#{gift}" in page
    approve(send(accountant, f"{DESK}/contracts/claim?contract={code}"))
    (claim,) = bodies(small.engine, "claim.filed")
    assert claim["facts"]["claims"] == [{"service": "S1", "amount": 60_000}]
    again = {"code": "K9", "parts__0__service": "S1", "parts__0__amount": "0.01"}
    refused = send(accountant, f"{DESK}/contracts/claim?contract={code}", **again)
    assert refused.status_code == 422
    assert f"#{claim['seq']}" in refused.text
    assert f"#{gift}" in refused.text
    answer = send(accountant, f"{DESK}/contracts/close?contract={code}", reason="期满")
    assert answer.status_code == 303
