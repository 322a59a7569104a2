"""Grants: awarded, paid in instalments, and what was not spent taken back."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ledger.demo.income import PURCHASE_MARK
from ledger.demo.teller import GRANT, MONEY, Event, Teller, approved, day_of, yuan
from ledger.programs.actions import award_grant, pay_grant, return_grant


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


def _award(grant: Grant, teller: Teller) -> None:
    award_grant(
        teller.settled(),
        approved(day_of(grant.day), f"award/{grant.code}"),
        grant.code,
        organization=grant.organization,
        fund=grant.fund,
        amount=yuan(grant.awarded),
        project=grant.project,
    )


def _pay(grant: Grant, number: int, day: str, amount: int, teller: Teller) -> None:
    fen = yuan(amount) or teller.held(grant.giver) // 100 * 100
    paying = approved(day_of(day), f"pay/{grant.code}/{number}", f"第 {number} 期拨款")
    pay_grant(teller.settled(), paying, grant.code, [(grant.giver, fen)], "bank:main")


def _return(day: str, code: str, fund: str, percent: int, teller: Teller) -> None:
    amount = teller.held(f"grant:{code}") * percent // 100
    returning = approved(day_of(day), f"return/{code}", "结余退回")
    return_grant(teller.settled(), returning, code, fund, amount, "bank:main")
