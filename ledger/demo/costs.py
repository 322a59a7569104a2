"""Expenses, goods issued and written off, money between places, corrections, a refund, an erasure."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from ledger.books.actions import reverse
from ledger.demo import codes, evidence
from ledger.demo.dice import Dice, person
from ledger.demo.gifts import give, last_of, months
from ledger.demo.teller import EXPENSE, MONEY, Event, Teller, approved, day_of, yuan
from ledger.funds.actions import move_money, settle_payable, spend, transfer
from ledger.giving.actions import Donation, refund
from ledger.giving.stock.actions import Draw, Line, Sheet, record_count, write_off
from ledger.people.actions import erase
from ledger.programs.actions import issue_goods


class Expense(NamedTuple):
    """Something paid out of a fund; amount in yuan."""

    day: str
    fund: str
    category: str
    amount: str
    place: str
    memo: str
    about: tuple[tuple[str, str], ...] = ()  # project, its budget line, the decision


HOME = (("project", "road"), ("line", "home"))
RELIEF = (("project", "rain"), ("line", "buy"), ("decision", "J2026-06"))
EXPENSES = (
    Expense("2025-12-31", "fund:general", "administration", "6000", "payable:main", "年度审计费（计提）"),
    Expense("2026-03-25", "fund:general", "direct", "58000", "payable:main", "澄溪社区活动室适老化改造（按合同计提）"),
    Expense("2026-05-30", "fund:ability", "direct", "13860", "bank:main", "六户残障家庭卫生间扶手与坡道", HOME),
    Expense("2026-05-12", "fund:general", "fundraising", "1280", "bank:main", "邻里集市海报与捐赠箱制作"),
    Expense("2026-07-19", "fund:emergency", "direct", "24600", "bank:main", "抽水泵、消毒液与雨靴采购", RELIEF),
    Expense("2026-07-25", "fund:emergency", "direct", "9350", "bank:main", "转移安置点三天伙食", RELIEF),
    Expense("2026-09-07", "fund:general", "fundraising", "2150", "bank:main", "九五慈善周宣传册"),
)
SETTLED = (("2026-01-20", "6000", "支付年度审计费"), ("2026-04-16", "58000", "支付活动室改造工程款"))
MONTHLY = (("1680", "专职会计与出纳劳务"), ("420", "办公与通信"), ("260", "票据、银行与系统费用"))
# day, giver, taker, yuan, reason
TRANSFERS = (
    ("2026-04-27", "fund:general", "fund:meals", 15_000, "理事会决议：补足午餐补贴缺口"),
    ("2026-10-15", "fund:emergency", "fund:ability", 20_000, "经捐赠人同意，用于受灾残障家庭的无障碍修复"),
)
# day, recipient, fund, quantity, unit
ISSUES = (
    ("2026-04-22", "和平里街道社区卫生服务中心", "fund:general", 2_000, "医用口罩:只"),
    ("2026-07-22", "和平里街道社区卫生服务中心", "fund:emergency", 3_000, "医用口罩:只"),
    ("2026-07-26", "云汀市第三养老院", "fund:emergency", 800, "医用口罩:只"),
    ("2026-08-20", "云汀市第三养老院", "fund:ability", 3, "轮椅:辆"),
)
COUNT = ("2026-10-24", "食用油:桶", "fund:general", 2)
"""The count in autumn: day, unit, the fund that holds it, how many are missing."""
LOSS = ("2026-10-12", "fund:emergency", "牛奶:箱", 12, "过保质期，经两人盘点销毁")
WRONG = Expense("2026-06-08", "fund:general", "administration", "4200", "bank:main", "办公与通信")
FEE = 6  # thousandths that the wallet keeps


def chapter() -> Iterator[Event]:
    """Tell everything that is neither gift nor service."""
    for number, expense in enumerate(EXPENSES):
        yield Event(day_of(expense.day), EXPENSE, partial(_spend, expense, f"expense/{number:02}"))
    for number, settled in enumerate(SETTLED):
        yield Event(day_of(settled[0]), MONEY, partial(_settle, settled, number))
    yield from _every_month()
    for number, moved in enumerate(TRANSFERS):
        yield Event(day_of(moved[0]), MONEY, partial(_transfer, moved, number))
    for number, issued in enumerate(ISSUES):
        yield Event(day_of(issued[0]), EXPENSE, partial(_issue, issued, number))
    yield Event(day_of(LOSS[0]), EXPENSE, _lose)
    yield Event(day_of(COUNT[0]), EXPENSE, _count)
    yield from _corrections()


def _spend(expense: Expense, ref: str, teller: Teller) -> None:
    act = approved(day_of(expense.day), ref, expense.memo)
    spend(
        teller.settled(),
        act,
        expense.fund,
        expense.category,
        yuan(expense.amount),
        expense.place,
        **dict(expense.about),
    )


def _settle(settled: tuple[str, str, str], number: int, teller: Teller) -> None:
    day, amount, memo = settled
    settle_payable(
        teller.settled(), approved(day_of(day), f"settle/{number}", memo), "payable:main", "bank:main", yuan(amount)
    )


def _every_month() -> Iterator[Event]:
    for month in months():
        day = month + timedelta(days=24)
        for number, (amount, memo) in enumerate(MONTHLY):
            expense = Expense(day.isoformat(), "fund:general", "administration", amount, "bank:main", memo)
            yield Event(day, EXPENSE, partial(_spend, expense, f"month/{month:%Y-%m}/{number}"))
        for place in ("wallet:wechat", "wallet:alipay", "cash:main"):
            yield Event(last_of(month), MONEY, partial(_collect, last_of(month).isoformat(), place))


def _collect(day: str, place: str, teller: Teller) -> None:
    """Bring a month's takings to the bank; WeChat keeps its fee, which the unrestricted fund bears."""
    held = teller.held(place)
    fee = held * FEE // 1000 if place == "wallet:wechat" else 0
    if fee:
        act = approved(day_of(day), f"fee/{place}/{day}", "微信支付手续费")
        spend(teller.settled(), act, "fund:general", "fundraising", fee, place)
    if held > fee:
        act = approved(day_of(day), f"collect/{place}/{day}", "月末归集")
        move_money(teller.settled(), act, place, "bank:main", held - fee)


def _transfer(moved: tuple[str, str, str, int, str], number: int, teller: Teller) -> None:
    day, giver, taker, amount, reason = moved
    transfer(teller.settled(), approved(day_of(day), f"transfer/{number}"), giver, taker, yuan(amount), reason)


def _issue(issued: tuple[str, str, str, int, str], number: int, teller: Teller) -> None:
    day, recipient, fund, count, unit = issued
    act = approved(day_of(day), f"issue/{number}")
    issue_goods(teller.settled(), act, recipient, fund, count, unit, "inventory:main")


def _lose(teller: Teller) -> None:
    day, fund, unit, count, reason = LOSS
    milk = Draw(unit, fund, "inventory:main", count)
    write_off(teller.settled(), approved(day_of(day), "loss/milk"), milk, "expired", note=reason)


def _count(teller: Teller) -> None:
    day, unit, fund, missing = COUNT
    held = teller.held(fund, unit)
    rows = [("日期", day), ("账面", f"{held} 桶"), ("实盘", f"{held - missing} 桶"), ("盘点人", "两人，签字原件存档")]
    file = evidence.keep(teller.evidence, "盘点表.svg", "image/svg+xml", evidence.sheet("秋季盘点：食用油", rows))
    sheet = Sheet("inventory:main", [Line(unit, held - missing, held)], facts={"evidence": [file]})
    record_count(teller.settled(), approved(day_of(day), "count/autumn", "秋季盘点"), sheet)


def _corrections() -> Iterator[Event]:
    """Tell what was entered wrongly and put right, what was paid back, and who asked to be forgotten."""
    yield Event(
        day_of("2026-04-22"),
        MONEY,
        partial(_reverse, "2026-04-22", codes.REVERSED.ref, "金额录错：应为 200.00 元，已重新录入"),
    )
    dice = Dice("corrections")
    right = Donation(
        "source:individual", "fund:general", yuan(200), donor=person(dice), facts={"channel": "bank", "consent": False}
    )
    yield give(day_of("2026-04-23"), "corrected/gift", right)
    yield Event(day_of(WRONG.day), EXPENSE, partial(_spend, WRONG, "wrong/expense"))
    reason = "金额录错：应为 420.00 元，月末已按发票列支"
    yield Event(day_of("2026-06-09"), MONEY, partial(_reverse, "2026-06-09", "demo/wrong/expense", reason))
    yield Event(day_of("2026-07-24"), MONEY, _refund)
    yield give(day_of("2026-05-20"), "erased/gift", right)
    yield Event(day_of("2026-08-14"), MONEY, _erase)


def _reverse(day: str, ref: str, reason: str, teller: Teller) -> None:
    writer = teller.settled()
    seq = writer.ref_used(ref)
    assert seq is not None, ref  # noqa: S101
    reverse(writer, approved(day_of(day), f"reverse/{ref.removeprefix('demo/')}"), seq, reason)


def _refund(teller: Teller) -> None:
    writer, act = teller.settled(), approved(day_of("2026-07-24"), "refund/double")
    refund(writer, act, teller.seqs[codes.REFUND.ref], "捐赠人重复转账，经核实全额退回", "bank:main")


def _erase(teller: Teller) -> None:
    act = approved(day_of("2026-08-14"), "erase/asked", "捐赠人要求删除个人信息")
    erase(teller.settled(), act, [teller.seqs["demo/erased/gift"]])
