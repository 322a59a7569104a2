"""What waits for the demo's staff: proposals, one of them sent back, and volunteers' shifts. Working data, no entry.

Everything goes through the desk's own actions, by the people of `staff`; their days are counted from today.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from ledger.books.money.commands import SPEND
from ledger.demo import evidence
from ledger.demo.cast import workers
from ledger.demo.staff import STAFF, login_of
from ledger.demo.teller import BOOK, yuan
from ledger.desk.actions import Request, propose, refuse
from ledger.desk.tables import proposals
from ledger.giving.hours.actions import Plan, Times, close_shift, enter_times, find_shift, plan_shift, sign_up
from ledger.giving.hours.tables import shifts
from ledger.giving.intake.commands import RECEIVE
from ledger.giving.stock.commands import WRITE_OFF
from ledger.journal.append import writing
from ledger.journal.read import find_book, snapshot
from ledger.people.accounts import clock, users
from ledger.programs.allocation.grants.commands import AWARD
from ledger.programs.delivery.commands import REPORT
from ledger.reports.figures import decimal
from ledger.web.actor import Actor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from sqlalchemy import Connection, Engine

    from ledger.desk.commands import Command, Tools

Values = dict[str, Any]


class Wanted(NamedTuple):
    """A proposal: by whom (a name of `staff`), its payload, its form as filled in, and why it was sent back."""

    by: str
    command: Command
    title: str
    payload: Mapping[str, Any]
    form: Mapping[str, str]
    memo: str = ""
    returned: str = ""


def fill(engine: Engine, tools: Tools) -> int:
    """Put forward what is not there yet; return how many were added. The staff must have been hired."""
    today = clock.now().astimezone(clock.CHINA).date()
    with snapshot(engine) as connection:
        book = find_book(connection, BOOK).id
        there = set(connection.scalars(select(proposals.c.title).where(proposals.c.book_id == book)))
        planned = connection.scalar(select(func.count()).where(shifts.c.book_id == book))
        staff = _staff(connection)
    added = 0
    for wanted in _wanted(tools, today):
        if wanted.title not in there:
            _put_forward(engine, tools, staff, wanted, today)
            added += 1
    if not planned:
        with writing(engine, BOOK) as writer:
            writer.lock()
            _plan_shifts(writer.connection, book, today, staff["community"].code)
    return added


def _staff(connection: Connection) -> dict[str, Actor]:
    found = {name: (users.by_login(connection, login_of(name)), told, post) for name, told, post in STAFF}
    return {name: Actor(code, told, {BOOK: (post,)}) for name, (code, told, post) in found.items() if code}


def _put_forward(engine: Engine, tools: Tools, staff: Mapping[str, Actor], wanted: Wanted, today: date) -> None:
    form = {"dated": [today.isoformat()], "memo": [wanted.memo]} | {name: [text] for name, text in wanted.form.items()}
    request = Request(wanted.command, wanted.payload, today, wanted.title, wanted.memo, form)
    outcome = propose(engine, staff[wanted.by], BOOK, request, tools)
    if wanted.returned:
        refuse(engine, staff["approver"], BOOK, outcome.code, wanted.returned, final=False)


def _wanted(tools: Tools, today: date) -> Iterator[Wanted]:
    yield _award(today)
    yield _gift()
    yield _expense("社区活动室空调维修", "860", "general", "", "发票已附，请审批")
    yield _milk()
    yield _expense(
        "冬季保温箱十只",
        "3850",
        "meals",
        "noon\ncarry",
        "",
        returned="发票抬头写成了执行机构。费用应由资助款列支，或请对方换开发票后再报。",
    )
    yield _report(tools, today)


def _award(today: date) -> Wanted:
    due, ends = (today + timedelta(days=days) for days in (10, 100))
    payload = {
        "code": f"G{today.year}-101",
        "organization": "yinxing",
        "fund": "meals",
        "unit": "CNY",
        "amount": yuan(24_000),
        "project": "noon",
        "decision": "J2026-09",
        "need": ["N2025-01"],
        "starts": today.isoformat(),
        "ends": ends.isoformat(),
        "instalments": [{"amount": yuan(24_000), "due": due.isoformat(), "condition": "首周送餐记录已核对"}],
        "conditions": "专款专用；结余退回原基金。",
        "evidence": [],
    }
    texts = {key: str(value) for key, value in payload.items() if isinstance(value, str)}
    form = texts | {"amount": "24,000.00", "need": "N2025-01"}
    form |= {"instalments-0-amount": "24,000.00", "instalments-0-due": due.isoformat()}
    form |= {"instalments-0-condition": "首周送餐记录已核对"}
    return Wanted("accountant", AWARD, "今冬助餐加一餐 → 银杏助老服务社", payload, form)


def _gift() -> Wanted:
    payload = {
        "resource": "money",
        "taker": "fund:child",
        "purpose": "",
        "source": "source:organization",
        "donor": "启明星文具店",
        "publish": True,
        "campaign": "",
        "channel": "bank",
        "remark": "给孩子们买本子和彩笔",
        "amount": yuan(6_000),
        "place": "bank:main",
    }
    form = {key: value for key, value in payload.items() if isinstance(value, str)}
    form |= {"amount": "6,000.00", "publish": "y"}
    return Wanted("accountant", RECEIVE, "¥6,000.00 → 四点半课堂基金", payload, form)


def _expense(what: str, amount: str, fund: str, about: str, memo: str, returned: str = "") -> Wanted:
    project, _, line = about.partition("\n")
    payload = {
        "amount": yuan(amount),
        "fund": f"fund:{fund}",
        "category": "direct",
        "place": "bank:main",
        "project": project,
        "line": line,
        "evidence": [],
    }
    form = {name: str(payload[name]) for name in ("fund", "category", "place")}
    form |= {"amount": decimal(yuan(amount), 2), "project": about}
    return Wanted("accountant", SPEND, f"{what} · ¥{decimal(yuan(amount), 2)}", payload, form, memo or what, returned)


def _milk() -> Wanted:
    payload = {
        "unit": "牛奶:箱",
        "giver": "fund:emergency",
        "store": "inventory:main",
        "amount": 28,
        "lots": [],
        "value": yuan(1_400),
        "reason": "expired",
        "note": "与十月核销的是同一批，当时压在雨靴箱下面，盘点时找到，已过期。",
        "evidence": [],
    }
    form = {key: str(payload[key]) for key in ("store", "reason", "note")} | {"held": "fund:emergency 牛奶:箱"}
    return Wanted("accountant", WRITE_OFF, "核销：纯牛奶 28 箱", payload, form)


def _report(tools: Tools, today: date) -> Wanted:
    title = "槐荫里社区助老午餐 · 2026 年 11 月"  # always the same, so that it is put forward once
    text = "两周工作日午餐，送到门口的十九份由志愿者分三路走。新换的软食有老人说好，周五加了面。"
    record = evidence.record([title, f"日期：{today.isoformat()}", text])
    file = evidence.keep(tools.folder / "evidence", "服务记录.txt", "text/plain", record)
    lines = (("food", "4100"), ("cook", "1050"), ("carry", "580"))
    money = sum(yuan(amount) for _, amount in lines)
    payload = {
        "title": title,
        "kind": "meals",
        "community": "huaiyin",
        "organization": "yinxing",
        "worker": workers("yinxing")[0],
        "grant": "G2026-004",
        "project": "noon",
        "need": "N2025-01",
        "lead_element": "organization",
        "residents": 51,
        "description": text,
        "gives": [{"from": "grant:G2026-004", "unit": "CNY", "amount": money}],
        "lines": [{"line": line, "amount": yuan(amount)} for line, amount in lines],
        "hours": [{"volunteer": "v02", "minutes": 180}, {"volunteer": "v05", "minutes": 150}],
        "shifts": [],
        "evidence": [file],
    }
    form = {key: value for key, value in payload.items() if isinstance(value, str)}
    form |= {f"money-{number}": decimal(yuan(amount), 2) for number, (_, amount) in enumerate(lines)}
    return Wanted("org", REPORT, title, payload, form | {"residents": "51", "hours": "v02 3:00\nv05 2:30"})


def _plan_shifts(connection: Connection, book: int, today: date, by: str) -> None:
    """Plan one shift for next week, with places left, and one that is over, its hours not on the ledger yet."""
    visit = Plan(
        "huaiyin",
        "冬季独居老人傍晚敲门",
        "home-visit",
        "槐荫里社区服务站集合",
        *_hours(today + timedelta(days=5), "16:30", "18:30"),
        6,
        "yinxing",
        workers("yinxing")[0],
    )
    shift = find_shift(connection, book, plan_shift(connection, book, visit, by))
    sign_up(connection, shift, ["v01", "v04", "v06"])
    tidy = Plan(
        "huaiyin",
        "楼道清理与防火检查",
        "environment",
        "3 号楼门口",
        *_hours(today - timedelta(days=4), "09:00", "11:30"),
        8,
        "yinxing",
        workers("yinxing")[0],
    )
    over = find_shift(connection, book, plan_shift(connection, book, tidy, by))
    enter_times(connection, over, [Times("v03", minutes=150), Times("v07", minutes=150), Times("v08", minutes=90)])
    close_shift(connection, find_shift(connection, book, over.code), by)


def _hours(day: date, first: str, last: str) -> tuple[str, str]:
    begins, ends = (datetime.fromisoformat(f"{day.isoformat()}T{hour}") for hour in (first, last))
    return begins.isoformat(timespec="minutes"), ends.isoformat(timespec="minutes")
