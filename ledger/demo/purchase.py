"""A government purchase: a contract with its own source, its money, services that it alone pays for, two claims."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from ledger.demo import evidence
from ledger.demo.cast import workers
from ledger.demo.needs import need_of
from ledger.demo.plans import CARE, lines_of
from ledger.demo.teller import GRANT, INCOME, MONEY, OPENING, SERVICE, Event, Teller, act, approved, day_of, told, yuan
from ledger.people.actions import Act
from ledger.programs.actions import Service, confirm_service, deliver_service
from ledger.programs.allocation.contracts.actions import Contract, Filing, file_claim, open_contract, receive_money
from ledger.programs.allocation.grants.actions import Award, award

CODE, GRANTED = "HT2026-01", "G2026-009"
AMOUNT = 96_000  # yuan
SIGNED, STARTS, ENDS = "2026-03-02", "2026-03-01", "2027-02-28"
RECEIVED = (("2026-03-12", 48_000), ("2026-09-15", 24_000))
NAMES = {
    "nanbu": ("南埠头社区", "Nanbutou Community"),
    "huaiyin": ("槐荫里社区", "Huaiyinli Community"),
}
TEXTS = (
    "护理员每周上门两次，翻身、擦洗、按时用药，压疮风险每次评估并记录。",
    "家属学会了翻身垫枕和移位带的用法，护理员跟一次、看一次。",
    "入户遇到高温，加了一次补水提醒和空调检查，两户转家庭医生。",
)


class Month(NamedTuple):
    """A month of care: day, community, residents, yuan; whether the community confirmed it, else the worker did."""

    day: str
    community: str
    residents: int
    cost: int
    confirmed: bool = False


MONTHS = (
    Month("2026-04-28", "nanbu", 14, 7_460, confirmed=True),
    Month("2026-05-28", "huaiyin", 4, 3_980),
    Month("2026-06-28", "nanbu", 14, 7_820, confirmed=True),
    Month("2026-07-28", "nanbu", 13, 7_240),
    Month("2026-08-28", "huaiyin", 4, 4_150),
    Month("2026-09-28", "nanbu", 14, 7_690),
)
CLAIMS = (("QK2026-01", "2026-07-06", (1, 2, 3)), ("QK2026-02", "2026-10-12", (4, 5)))
"""Claims: code, day, which months. The last month is not claimed yet."""


def code_of(number: int) -> str:
    """Give the code of a month's service."""
    return f"S2026-C{number:02}"


def chapter() -> Iterator[Event]:
    """Tell the contract from its signing to the second claim."""
    yield Event(day_of(SIGNED), OPENING, _sign)
    yield Event(day_of(SIGNED), GRANT, _award)
    for number, (day, amount) in enumerate(RECEIVED, 1):
        yield Event(day_of(day), INCOME, partial(_receive, number, day, amount))
    for number, month in enumerate(MONTHS, 1):
        yield Event(day_of(month.day), SERVICE, partial(_deliver, number, month))
        yield Event(day_of(month.day) + timedelta(days=1), MONEY, partial(_confirm, number, month))
    for code, day, months in CLAIMS:
        yield Event(day_of(day), MONEY, partial(_claim, code, day, months))


def _sign(teller: Teller) -> None:
    name = "南埠街道购买失能老人居家照护服务（2026 年度）"
    lines = [f"合同 {CODE}", name, f"金额：{AMOUNT} 元", f"服务期：{STARTS} 至 {ENDS}", "盖章原件存档。"]
    file = evidence.keep(teller.evidence, f"合同-{CODE}.txt", "text/plain", evidence.record(lines))
    contract = Contract(
        CODE, name, "南埠街道办事处", yuan(AMOUNT), "yinxing", CARE, day_of(STARTS), day_of(ENDS), [file]
    )
    signing = told(approved(day_of(SIGNED), f"contract/{CODE}"), name_en="Care at home, bought by Nanbu Street Office")
    open_contract(teller.settled(), signing, contract)


def _award(teller: Teller) -> None:
    agreed = Award(
        GRANTED,
        "yinxing",
        "general",
        yuan(AMOUNT),
        project=CARE,
        decision="J2026-03",
        need=["N2026-03"],
        starts=day_of(STARTS),
        ends=day_of(ENDS),
        conditions="只用合同款；按月上传服务记录；不得与捐赠重复列支。",
    )
    award(teller.settled(), approved(day_of(SIGNED), f"award/{GRANTED}"), agreed)


def _receive(number: int, day: str, amount: int, teller: Teller) -> None:
    acting = approved(day_of(day), f"contract/{CODE}/money/{number}", f"街道第 {number} 期合同款，直达执行机构")
    receive_money(teller.settled(), acting, CODE, yuan(amount), f"grant:{GRANTED}")


def _deliver(number: int, month: Month, teller: Teller) -> None:
    name, name_en = NAMES[month.community]
    day = day_of(month.day)
    title = f"{name}失能老人居家照护 · {day.year} 年 {day.month} 月"
    text, money = TEXTS[(number - 1) % len(TEXTS)], yuan(month.cost)
    record = evidence.record([title, f"日期：{month.day}", text])
    more: dict[str, Any] = {
        "title_en": f"Care at home: {name_en}, {day:%B %Y}",
        "description": text,
        "lead_element": "organization",
        "project": CARE,
        "grant": GRANTED,
        "lines": lines_of(CARE, money),
    }
    need = need_of(CARE, month.community, day)
    service = Service(
        code_of(number),
        title,
        "elderly-care",
        month.community,
        "yinxing",
        workers("yinxing")[1],
        month.residents,
        used=[(f"grant:{GRANTED}", money, "CNY")],
        evidence=[evidence.keep(teller.evidence, "服务记录.txt", "text/plain", record)],
        more=more | ({"need": need} if need else {}),
    )
    deliver_service(teller.settled(), act(day, f"service/care/{number}", "org-yinxing", "approver"), service)


def _confirm(number: int, month: Month, teller: Teller) -> None:
    """Let the community confirm some months and the worker the others: those two never meet in this project."""
    day, code, worker = day_of(month.day) + timedelta(days=1), code_of(number), workers("yinxing")[1]
    role, party = ("community", month.community) if month.confirmed else ("worker", worker)
    acting = Act(f"{role}-{party}", day, f"confirm/{code}/{role}")
    confirm_service(teller.settled(), acting, code, role, party)


def _claim(code: str, day: str, months: tuple[int, ...], teller: Teller) -> None:
    parts = [(code_of(number), yuan(MONTHS[number - 1].cost)) for number in months]
    rows = [(service, f"{amount // 100} 元") for service, amount in parts]
    sheet = evidence.sheet(f"请款单 {code}", rows)
    file = evidence.keep(teller.evidence, f"请款单-{code}.svg", "image/svg+xml", sheet)
    file_claim(teller.settled(), approved(day_of(day), f"claim/{code}"), Filing(code, CODE, parts, [file]))
