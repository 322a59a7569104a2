"""Services: planned by chance, delivered with what is there that day, confirmed some days later or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from itertools import cycle, islice
from typing import Any

from ledger.books.actions import reverse
from ledger.core.units import HOUR
from ledger.demo import evidence
from ledger.demo.cast import COMMUNITIES, volunteers, workers
from ledger.demo.dice import Dice
from ledger.demo.gifts import RAIN
from ledger.demo.grants import OF
from ledger.demo.income import RAILS_MARK
from ledger.demo.needs import need_of
from ledger.demo.plans import lines_of
from ledger.demo.practice import SERIES, Series
from ledger.demo.singles import SINGLE
from ledger.demo.teller import END, MONEY, SERVICE, Event, Teller, act, approved, day_of, yuan
from ledger.people.actions import Act
from ledger.programs.actions import Service, confirm_service, deliver_service

PLACES = {"CNY": "bank:main"}
NAMES = {code: (name, name_en) for code, name, name_en, _ in COMMUNITIES}
QUARTER = 15  # minutes
TWICE = ("hair", 3)
"""This one was recorded twice; the second record is reversed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A service before it happens; `wishes` are (accounts to try in turn, amount, unit)."""

    day: date
    topic: str
    service: Service
    wishes: tuple[tuple[tuple[str, ...], int, str], ...]
    community_after: int | None
    worker_after: int | None


def chapter() -> Iterator[Event]:
    """Tell all services in order, numbered by year, and their confirmations."""
    numbers: dict[int, int] = {}
    for plan in sorted([*_series(), *_single()], key=lambda plan: plan.day):
        year = plan.day.year
        numbers[year] = numbers.get(year, 0) + 1
        code = f"S{year}-{numbers[year]:04}"
        done = replace(plan, service=replace(plan.service, code=code))
        yield Event(plan.day, SERVICE, partial(_deliver, done))
        yield from _confirmations(done)
        if plan.topic == f"{TWICE[0]}/{TWICE[1]}":
            yield from _twice(done)


def _series() -> Iterator[Plan]:
    for series in SERIES:
        dice = Dice(f"services/{series.code}")
        days = [day for day in _days(series) if day <= END and day.month not in series.rests]
        places = islice(cycle(NAMES), dice.whole(0, 2), None)
        for number, (day, community) in enumerate(zip(days, places, strict=False)):
            yield _plan(series, number, day, community, dice)


def _days(series: Series) -> list[date]:
    first, *rest = series.dates
    if rest and isinstance(rest[0], int):
        step, count = (int(part) for part in rest)
        return [day_of(str(first)) + timedelta(days=step * n) for n in range(count)]
    return [day_of(str(day)) for day in series.dates]


def _plan(series: Series, number: int, day: date, community: str, dice: Dice) -> Plan:
    name, name_en = NAMES[community]
    residents = dice.whole(*series.residents)
    helped = dice.chance(series.volunteered)
    minutes = dice.whole(*series.hours) // 15 * 15 if helped else 0
    more: dict[str, Any] = {
        "title_en": f"{series.title_en}: {name_en}, {day:%B %Y}",
        "description": series.texts[number % len(series.texts)],
        "lead_element": series.lead,
    }
    if series.project:
        more["project"] = series.project
    if helped:
        more["volunteer"] = dice.some(volunteers(community), dice.whole(1, min(8, 1 + minutes // 60)))
        more["volunteers"] = len(more["volunteer"])
    service = Service(
        "",
        f"{name}{series.title} · {day.year} 年 {day.month} 月",
        series.kind,
        community,
        series.organization,
        dice.pick(workers(series.organization)),
        residents,
        places=PLACES | {unit: "inventory:main" for unit, *_ in series.goods},
        more=more,
    )
    return Plan(
        day,
        f"{series.code}/{number}",
        service,
        _wishes(series, residents, minutes, dice),
        dice.whole(1, 6) if dice.chance(series.community_signs) else None,
        dice.whole(0, 3) if dice.chance(series.worker_signs) else None,
    )


def _wishes(series: Series, residents: int, minutes: int, dice: Dice) -> tuple[tuple[tuple[str, ...], int, str], ...]:
    wishes: list[tuple[tuple[str, ...], int, str]] = []
    if series.cost[1]:
        grants = tuple(f"grant:{code}" for code in OF[str(series.project)])
        wishes.append((grants, yuan(dice.whole(*series.cost) // 10 * 10), "CNY"))
    for account, low, high in series.direct:
        wishes.append(((account,), dice.whole(low, high) // 50 * 50, "CNY"))
    for unit, fund, each in series.goods:
        wishes.append(((fund,), residents * each, unit))
    if minutes:
        funds = (f"fund:{series.hours_fund}",) if series.hours_fund else ()
        wishes.append(((*funds, "source:volunteer"), minutes, "volunteer-hour"))
    return tuple(wishes)


def _single() -> Iterator[Plan]:
    dice = Dice("services/single")
    for number, (text, community, title, title_en, kind, account, fen, residents, words) in enumerate(SINGLE):
        helpers = dice.some(volunteers(community), 3)
        more: dict[str, Any] = {
            "title_en": title_en,
            "description": words,
            "lead_element": "volunteer",
            "volunteer": helpers,
            "volunteers": len(helpers),
        }
        if account == "fund:market":
            more["project"] = "market"
        giver = RAILS_MARK if account == "earmark:rails" else account
        organization = "hefeng" if account == "fund:market" else "tonglu"
        worker = dice.pick(workers(organization))
        service = Service("", title, kind, community, organization, worker, residents, places=PLACES, more=more)
        wishes = (((giver,), fen, "CNY"), (("source:volunteer",), dice.whole(8, 20) * 30, "volunteer-hour"))
        yield Plan(day_of(text), f"single/{number}", service, wishes, dice.whole(1, 4), dice.whole(0, 2))


def _deliver(plan: Plan, teller: Teller) -> None:
    service = replace(plan.service, used=_used(plan, teller), evidence=_evidence(plan, teller))
    grants = [giver.partition(":")[2] for giver, *_ in service.used if giver.startswith("grant:")]
    more = service.more | ({"grant": grants[0]} if grants else {}) | _facts(plan, service)
    service = replace(service, more=more)
    deliver_service(teller.settled(), _act(plan, f"service/{plan.topic}"), service)


def _facts(plan: Plan, service: Service) -> dict[str, Any]:
    """Say which need it helps with, on which lines its money stands, and who gave how many of the hours."""
    money = sum(amount for _, amount, unit in service.used if unit == "CNY")
    hours = sum(amount for _, amount, unit in service.used if unit == HOUR)
    need = need_of(plan.topic, service.community, plan.day)
    lines = lines_of(plan.topic, money) if service.more.get("project") else []
    shared = by_volunteer(service.more.get("volunteer", []), hours)
    campaign = RAIN if plan.topic.startswith("rain/") else None
    facts = {"need": need, "lines": lines, "hours": shared, "campaign": campaign}
    return {key: value for key, value in facts.items() if value}


def by_volunteer(volunteers: list[str], minutes: int) -> list[dict[str, Any]]:
    """Divide minutes by quarters of an hour among volunteers; the first have more."""
    whole, more = divmod(minutes // QUARTER, len(volunteers) or 1)
    parts = [(code, (whole + (n < more)) * QUARTER) for n, code in enumerate(volunteers)]
    return [{"volunteer": code, "minutes": part} for code, part in parts if part]


def _act(plan: Plan, ref: str) -> Act:
    return act(plan.day, ref, f"org-{plan.service.organization}", "approver")


def _used(plan: Plan, teller: Teller) -> list[tuple[str, int, str]]:
    """Take each wish from the first account that holds enough; what none holds is left out."""
    used = []
    for accounts, amount, unit in plan.wishes:
        for account in accounts:
            if account.startswith("source:") or teller.held(account, unit) >= amount:
                used.append((account, amount, unit))
                break
    return used


def _evidence(plan: Plan, teller: Teller) -> list[dict[str, Any]]:
    """Keep the files of a service: always a record, often a sheet, sometimes a picture."""
    dice, service, folder = Dice(f"evidence/{plan.topic}"), plan.service, teller.evidence
    lines = [service.title, f"日期：{plan.day.isoformat()}", str(service.more["description"])]
    kept = [evidence.keep(folder, "服务记录.txt", "text/plain", evidence.record(lines))]
    if dice.chance(70):
        hours = sum(amount for _, amount, unit in plan.wishes if unit == "volunteer-hour")
        rows = [
            ("编号", service.code),
            ("日期", plan.day.isoformat()),
            ("志愿者", f"{service.more.get('volunteers', 0)} 人，{hours // 60} 小时 {hours % 60} 分"),
            ("签到", "原件存档，不公开姓名"),
        ]
        kept.append(evidence.keep(folder, "签到汇总.svg", "image/svg+xml", evidence.sheet(service.title, rows)))
    if dice.chance(35):
        kept.append(evidence.keep(folder, "现场示意.png", "image/png", evidence.picture(plan.topic)))
    return kept


def _confirmations(plan: Plan) -> Iterator[Event]:
    service = plan.service
    for role, party, after in (
        ("worker", service.worker, plan.worker_after),
        ("community", service.community, plan.community_after),
    ):
        if after is not None and (day := plan.day + timedelta(days=after)) <= END:
            yield Event(day, MONEY, partial(_confirm, day, service.code, role, party))


def _confirm(day: date, code: str, role: str, party: str, teller: Teller) -> None:
    # The reference that marks a service as confirmed by this role.
    confirming = Act(f"{role}-{party}", day, f"confirm/{code}/{role}")
    confirm_service(teller.settled(), confirming, code, role, party)


def _twice(plan: Plan) -> Iterator[Event]:
    """Record a service a second time by mistake, and take it back the next day."""
    code, day = f"{plan.service.code}-2", plan.day + timedelta(days=1)
    again = replace(plan, topic=f"{plan.topic}/again", service=replace(plan.service, code=code), day=day)
    yield Event(day, SERVICE, partial(_deliver, again))
    yield Event(day + timedelta(days=1), MONEY, partial(_take_back, again))


def _take_back(plan: Plan, teller: Teller) -> None:
    writer = teller.settled()
    seq = writer.ref_used(f"demo/service/{plan.topic}")
    assert seq is not None  # noqa: S101
    acting = approved(plan.day + timedelta(days=1), f"reverse/{plan.topic}")
    reverse(writer, acting, seq, "重复录入同一次上门理发")
