"""Grants: awarded under decisions, paid in instalments, what was not spent taken back, one closed."""

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from ledger.demo import evidence
from ledger.demo.income import PURCHASE_MARK
from ledger.demo.teller import GRANT, MONEY, Event, Teller, approved, day_of, yuan
from ledger.programs.actions import pay_grant, return_grant
from ledger.programs.allocation.grants.actions import Award, Instalment, award, close_grant


class Grant(NamedTuple):
    """A grant; amounts in yuan. An instalment of 0 pays whatever the fund holds, in whole yuan."""

    code: str
    organization: str
    project: str
    fund: str
    giver: str
    awarded: int
    day: str
    instalments: tuple[tuple[str, int], ...]


GRANTS = (
    Grant(
        "G2025-001",
        "yinxing",
        "noon",
        "meals",
        "fund:meals",
        70_000,
        "2025-09-28",
        (("2025-10-09", 28_000), ("2026-01-08", 26_000), ("2026-03-10", 16_000)),
    ),
    Grant(
        "G2025-002",
        "xiaohe",
        "after",
        "child",
        "fund:child",
        60_000,
        "2025-09-29",
        (("2025-10-10", 35_000), ("2026-02-24", 20_000)),
    ),
    Grant(
        "G2025-003",
        "hefeng",
        "mind",
        "general",
        PURCHASE_MARK,
        120_000,
        "2025-11-06",
        (("2025-11-12", 60_000), ("2026-02-20", 40_000), ("2026-05-12", 20_000)),
    ),
    Grant(
        "G2025-004",
        "tonglu",
        "road",
        "ability",
        "fund:ability",
        36_000,
        "2025-10-28",
        (("2025-11-03", 18_000), ("2026-04-20", 10_000)),
    ),
    Grant("G2025-005", "yinxing", "visit", "general", "fund:general", 8_000, "2025-09-18", (("2025-09-20", 8_000),)),
    # What the visiting fund held before the year was out: empties it, so that the next gift stands first in line.
    Grant("G2026-001", "yinxing", "visit", "elder", "fund:elder", 4_000, "2026-02-12", (("2026-02-13", 0),)),
    Grant("G2026-002", "falv", "lawyer", "law", "fund:law", 8_000, "2026-02-25", (("2026-03-02", 4_000),)),
    Grant(
        "G2026-003",
        "hefeng",
        "skill",
        "general",
        "fund:general",
        48_000,
        "2026-03-12",
        (("2026-03-16", 30_000), ("2026-08-17", 12_000)),
    ),
    Grant(
        "G2026-004",
        "yinxing",
        "noon",
        "meals",
        "fund:meals",
        80_000,
        "2026-05-06",
        (("2026-05-11", 30_000), ("2026-08-10", 30_000)),
    ),
    Grant(
        "G2026-005",
        "hefeng",
        "mind",
        "general",
        PURCHASE_MARK,
        120_000,
        "2026-06-03",
        (("2026-06-10", 50_000), ("2026-09-10", 30_000)),
    ),
    Grant("G2026-006", "yinxing", "visit", "elder", "fund:elder", 600, "2026-06-10", (("2026-06-15", 300),)),
    Grant(
        "G2026-007",
        "hefeng",
        "rain",
        "emergency",
        "fund:emergency",
        120_000,
        "2026-07-19",
        (("2026-07-20", 70_000), ("2026-08-03", 50_000)),
    ),
    Grant("G2026-008", "xiaohe", "after", "child", "fund:child", 36_000, "2026-08-26", (("2026-09-02", 18_000),)),
)
# day, grant, fund, part of what the organization still holds, in a hundred
RETURNS = (
    ("2026-07-08", "G2025-002", "fund:child", 100),
    ("2026-09-28", "G2026-007", "fund:emergency", 60),
)
CLOSED = ("2026-07-09", "G2025-002", "学年结束，结余已退回，协议终止")


class Terms(NamedTuple):
    """What an agreement says: the decision, the needs, until when, and when the rest is due that is not paid yet."""

    decision: str
    need: tuple[str, ...]
    ends: str
    rest: str = ""


TERMS = {
    "G2025-001": Terms("J2025-01", ("N2025-01",), "2026-09-30"),
    "G2025-002": Terms("J2025-01", ("N2025-04",), "2026-07-31", "2026-06-15"),
    "G2025-003": Terms("J2025-02", ("N2025-05",), "2026-10-31"),
    "G2025-004": Terms("J2025-01", (), "2026-12-31", "2026-10-20"),
    "G2025-005": Terms("J2025-01", (), "2026-08-31"),
    "G2026-001": Terms("J2026-01", ("N2025-06",), "2026-12-31"),
    "G2026-002": Terms("J2026-02", ("N2026-01",), "2027-02-28", "2026-11-20"),
    "G2026-003": Terms("J2026-02", ("N2026-02",), "2026-12-31", "2026-12-15"),
    "G2026-004": Terms("J2026-04", ("N2025-02", "N2025-03"), "2027-02-28", "2026-11-30"),
    "G2026-005": Terms("J2026-04", ("N2025-05",), "2026-12-31", "2026-12-10"),
    "G2026-006": Terms("J2026-01", ("N2025-06",), "2026-12-31", "2026-12-01"),
    "G2026-007": Terms("J2026-06", ("N2026-07",), "2026-09-30"),
    "G2026-008": Terms("J2026-07", ("N2025-04",), "2027-01-31", "2027-01-08"),
}
CONDITION = "上一期服务记录、签到与账目已核对"
MET = "已抽查上一期服务记录与签到，账目相符"
OF = {grant.project: tuple(g.code for g in GRANTS if g.project == grant.project) for grant in GRANTS}
"""The grants of a project, oldest first."""


def chapter() -> Iterator[Event]:
    """Tell awards, instalments and returns."""
    for grant in GRANTS:
        yield Event(day_of(grant.day), GRANT, partial(_award, grant))
        for number, (day, amount) in enumerate(grant.instalments, 1):
            yield Event(day_of(day), GRANT, partial(_pay, grant, number, day, amount))
    for day, code, fund, percent in RETURNS:
        yield Event(day_of(day), MONEY, partial(_return, day, code, fund, percent))
    yield Event(day_of(CLOSED[0]), MONEY, _close)


def instalments(grant: Grant) -> list[Instalment]:
    """List the instalments of an agreement: those that were paid, and the rest; none when it pays what is there."""
    paid = [(yuan(amount), day) for day, amount in grant.instalments]
    if not all(amount for amount, _ in paid):
        return []
    rest = yuan(grant.awarded) - sum(amount for amount, _ in paid)
    due = [*paid, *([(rest, TERMS[grant.code].rest)] if rest else [])]
    return [Instalment(amount, day_of(day), CONDITION if n else "") for n, (amount, day) in enumerate(due)]


def _award(grant: Grant, teller: Teller) -> None:
    terms = TERMS[grant.code]
    agreed = Award(
        grant.code,
        grant.organization,
        grant.fund,
        yuan(grant.awarded),
        project=grant.project,
        decision=terms.decision,
        need=terms.need,
        starts=day_of(grant.day),
        ends=day_of(terms.ends),
        instalments=instalments(grant),
        conditions="专款专用；服务完成十日内上传记录；结余退回原基金。",
        evidence=[_agreement(grant, terms, teller)],
    )
    award(teller.settled(), approved(day_of(grant.day), f"award/{grant.code}"), agreed)


def _agreement(grant: Grant, terms: Terms, teller: Teller) -> dict[str, Any]:
    lines = [
        f"资助协议 {grant.code}",
        f"资助金额：{grant.awarded} 元；决议：{terms.decision}",
        f"期限：{grant.day} 至 {terms.ends}",
        *(f"第 {n} 期：{each.amount // 100} 元，{each.due}" for n, each in enumerate(instalments(grant), 1)),
        "双方盖章原件存档。",
    ]
    return evidence.keep(teller.evidence, f"资助协议-{grant.code}.txt", "text/plain", evidence.record(lines))


def _pay(grant: Grant, number: int, day: str, amount: int, teller: Teller) -> None:
    fen = yuan(amount) or teller.held(grant.giver) // 100 * 100
    paying = approved(day_of(day), f"pay/{grant.code}/{number}", f"第 {number} 期拨款")
    planned = number if amount else None
    met = MET if planned and number > 1 else ""
    pay_grant(teller.settled(), paying, grant.code, [(grant.giver, fen)], "bank:main", instalment=planned, met=met)


def _close(teller: Teller) -> None:
    day, code, reason = CLOSED
    close_grant(teller.settled(), approved(day_of(day), f"close/{code}"), code, reason)


def _return(day: str, code: str, fund: str, percent: int, teller: Teller) -> None:
    amount = teller.held(f"grant:{code}") * percent // 100
    returning = approved(day_of(day), f"return/{code}", "结余退回")
    return_grant(teller.settled(), returning, code, fund, amount, "bank:main")
