"""A big book for the benchmark of pages: many gifts, and the realistic rest of a foundation's years.

`build(engine, gifts, key)` makes book `bench` in rounds, each of gifts first and then of what becomes of them, so that
entries of all kinds lie mixed in the log. Everything is drawn from one seed: the same book each time.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from ledger.books.actions import open_book
from ledger.core import tracking
from ledger.core.entry import Draft, Move, Posting
from ledger.core.units import HOUR
from ledger.funds.actions import earmark_code
from ledger.giving.actions import Donation, donation_draft
from ledger.journal.append import Appended, writing
from ledger.people.actions import Act
from ledger.web.labels import SERVICES

BOOK = "bench"
BY, APPROVER = "u-accountant", "u-approver"
FIRST, DAYS = date(2023, 1, 1), 1400  # up to the end of October 2026
ROUNDS = 20
FULL = 1_000_000
KINDS = tuple(SERVICES)
VERSION = "3"  # of what is built: another number builds anew


@dataclass(frozen=True, slots=True)
class Size:
    """How many of everything; a smaller book has less of each, and at least more than a page of most."""

    gifts: int
    funds: int = 50
    earmarks: int = 200
    organizations: int = 20
    communities: int = 30
    workers: int = 100
    volunteers: int = 1_000
    projects: int = 200
    grants: int = 500
    services: int = 20_000
    needs: int = 400
    decisions: int = 200
    campaigns: int = 60
    contracts: int = 60
    items: int = 60
    lots: int = 5_000
    shifts: int = 2_000
    hours: int = 5_000
    expenses: int = 3_000
    transfers: int = 300
    refunds: int = 100
    disclosures: int = 60
    proposals: int = 3_000

    @classmethod
    def of(cls, gifts: int) -> "Size":
        """Scale everything with the gifts."""
        share = min(1.0, gifts / FULL)
        counts = {f.name: f.default for f in fields(cls) if f.name != "gifts"}
        most = {name: max(min(int(full), 70), int(int(full) * share)) for name, full in counts.items()}
        return cls(gifts, **{**most, "organizations": 20, "communities": 30, "funds": 50, "workers": 100})


class World:
    """What has been put into the book so far, as far as what comes next needs it."""

    def __init__(self, size: Size, key: bytes) -> None:
        self.size, self.key = size, key
        self.random = random.Random(20261123)  # the same book each time
        self.held: dict[str, int] = defaultdict(int)  # account → fen
        self.goods: dict[tuple[str, str], int] = defaultdict(int)  # (fund, unit) → pieces
        self.grants: list[str] = []
        self.grant_of: dict[str, tuple[str, str]] = {}  # code → (organization, project)
        self.lots: list[int] = []
        self.named: list[int] = []  # gifts with a donor's name
        self.samples: dict[str, Any] = {}
        self.expenses: list[int] = []
        self.done: dict[str, int] = defaultdict(int)  # how many of a kind were made
        self.day = FIRST

    def act(self, ref: str) -> Act:
        return Act(BY, self.day, ref, APPROVER)

    def some(self, kind: str, count: int) -> str:
        """Choose a code; the first ones are chosen more often."""
        return f"{kind}{int(count * self.random.random() ** 2) + 1:03}"

    def due(self, kind: str, round_: int) -> range:
        """Number what of a kind belongs into a round."""
        count = getattr(self.size, kind)
        return range(count * round_ // ROUNDS, count * (round_ + 1) // ROUNDS)


def build(engine: sa.Engine, gifts: int, key: bytes) -> dict[str, Any]:
    """Make the book; give what pages are sampled with: codes and numbers of entries."""
    world = World(Size.of(gifts), key)
    with writing(engine, BOOK) as writer:
        open_book(writer, Act(BY, FIRST, "open"), "和平社区基金", foundation="和平慈善基金会")
        writer.append(openings(world))
    for round_ in range(ROUNDS):
        world.day = FIRST + timedelta(days=DAYS * round_ // ROUNDS)
        with writing(engine, BOOK) as writer:
            _note_gifts(world, writer.append(gift_drafts(world, round_)))
        with writing(engine, BOOK) as writer:
            for drafts in (allocations, spendings, services, _takings_back):
                _note(world, writer.append(drafts(world, round_)))
    return world.samples


def _note_gifts(world: World, made: list[Appended]) -> None:
    """Remember a few gifts of each round; decoding all of them would take longer than making them."""
    for one in [*made[:20], *made[-20:]]:
        body = one.body
        if body["kind"] != "donation.received":
            continue
        if body["flows"][0]["unit"].startswith("item"):
            world.lots.append(one.seq)
        elif "private" in body["facts"]:
            world.named.append(one.seq)
            world.samples["gift"], world.samples["ref"] = one.seq, body["ref"]
            world.samples.setdefault("first_gift", one.seq)
            world.samples.setdefault("first_ref", body["ref"])
    world.samples["named"] = world.named


def _note(world: World, made: list[Appended]) -> None:
    for one in made:
        if b'"kind":"expense.recorded"' in one.data:
            world.samples["expense"] = one.seq
            world.expenses.append(one.seq)
    world.samples["expenses"] = world.expenses


def openings(world: World) -> Iterator[Draft]:
    """Open funds, earmarks, parties and items."""
    size = world.size

    def opened(kind: str, code: str, /, private: str = "", **facts: Any) -> Draft:
        side = {"name": private} if private else {}
        return world.act(f"open/{kind}/{code}").draft(f"{kind}.opened", facts={"code": code, **facts}, private=side)

    for n in range(1, size.funds + 1):
        yield opened(
            "fund", f"f{n:03}", name=f"第{n}基金", restricted=n % 3 == 0, purpose="为老服务" if n % 3 == 0 else ""
        )
    for n in range(1, size.earmarks + 1):
        fund, purpose = world.some("f", size.funds), f"用途{n}"
        yield opened("earmark", earmark_code(fund, purpose), fund=fund, purpose=purpose)
        world.held[f"earmark:{earmark_code(fund, purpose)}"] = 0
    for n in range(1, size.communities + 1):
        yield opened("community", f"c{n:03}", name=f"第{n}社区", street=f"第{n % 6 + 1}街道")
    for n in range(1, size.organizations + 1):
        yield opened("organization", f"o{n:03}", name=f"第{n}社工站")
    for n in range(1, size.workers + 1):
        organization = f"o{n % size.organizations + 1:03}"
        yield opened("worker", f"w{n:03}", private=f"社工{n}", organization=organization)
    for n in range(1, size.volunteers + 1):
        yield opened("volunteer", f"v{n:04}", private=f"志愿者{n}", community=f"c{n % size.communities + 1:03}")
    for n in range(1, size.items + 1):
        yield opened("unit", f"item{n:02}:箱", name=f"物资{n}", measure="箱", scale=0, kind="goods")


def gift_drafts(world: World, round_: int) -> Iterator[Draft]:
    """Make gifts of money; among them those of goods and of hours."""
    chosen, size = world.random, world.size
    if round_ < ROUNDS // 2:
        yield from _campaigns(world, round_)
    numbers = world.due("gifts", round_)
    earmarks = [account for account in world.held if account.startswith("earmark:")]
    for n in [*world.due("lots", round_)]:
        yield _lot(world, n)
    for n in world.due("hours", round_):
        facts = {"volunteer": f"v{n % size.volunteers + 1:04}", "community": world.some("c", size.communities)}
        donation = Donation("source:volunteer", "fund:f001", 60 + n % 5 * 30, HOUR, place=None, facts=facts)
        yield _gift(world, f"hour/{n}", donation)
    for n in numbers:
        world.day = FIRST + timedelta(days=DAYS * n // size.gifts)
        taker = chosen.choice(earmarks) if n % 20 == 0 else f"fund:{world.some('f', size.funds)}"
        facts = {"channel": "alipay" if n % 2 else "bank"}
        if n % 10 == 3 and world.done["campaign"]:
            facts["campaign"] = world.some("K", world.done["campaign"])
        amount = 100 * chosen.randint(1, 100)
        world.held[taker] += amount
        donor = f"捐赠人{n % (size.gifts // 8 + 1)}" if n % 3 == 0 else ""
        source = "source:individual" if n % 4 else "source:public"
        yield _gift(world, f"g{n}", Donation(source, taker, amount, donor=donor, facts=facts))


def _gift(world: World, ref: str, donation: Donation) -> Draft:
    return donation_draft(world.act(ref), donation, tracking.derive(world.key, BOOK, ref))


def _lot(world: World, n: int) -> Draft:
    unit, fund = f"item{n % world.size.items + 1:02}:箱", f"fund:f{n % 3 + 1:03}"
    amount = 10 + n % 90
    world.goods[fund, unit] += amount
    facts = {"lot": f"L{n:05}", "expires": (date(2026, 1, 1) + timedelta(days=n % 900)).isoformat()}
    donation = Donation(
        "source:organization", fund, amount, unit, "inventory:main", value=amount * 5000, donor=f"公司{n}", facts=facts
    )
    return _gift(world, f"lot/{n}", donation)


def _campaigns(world: World, round_: int) -> Iterator[Draft]:
    count = world.size.campaigns * 2
    for n in range(count * round_ // ROUNDS, count * (round_ + 1) // ROUNDS):
        facts = {
            "code": f"K{n + 1:03}",
            "name": f"第{n + 1}次募捐",
            "fund": world.some("f", 50),
            "emergency": n % 9 == 0,
        }
        world.done["campaign"] += 1
        yield world.act(f"campaign/{n}").draft(
            "campaign.opened", facts={**facts, "starts": world.day.isoformat(), "target": 10_000_000}
        )


def allocations(world: World, round_: int) -> Iterator[Draft]:
    """Raise needs, decide, open projects and contracts, award and pay grants."""
    for n in world.due("needs", round_):
        facts = {"code": f"N{n + 1:03}", "title": f"需求{n + 1}", "category": KINDS[n % len(KINDS)]}
        facts |= {"community": f"c{n % 30 + 1:03}", "raised_by": "community", "raised": world.day.isoformat()}
        wanted = [{"unit": "CNY", "amount": 1_000_000}]
        yield world.act(f"need/{n}").draft("need.opened", facts={**facts, "wanted": wanted, "residents": 30})
        world.done["need"] += 1
    for n in world.due("decisions", round_):
        votes = {"members": 7, "present": 6, "quorum": 5, "for": 5, "against": 1, "abstained": 0, "result": "adopted"}
        facts = {"code": f"D{n + 1:03}", "title": f"决议{n + 1}", "held": world.day.isoformat(), "body": "committee"}
        more = {"fund": f"f{n % 50 + 1:03}", "amount": 1_000_000_000, "unit": "CNY", "need": [f"N{n + 1:03}"]}
        yield world.act(f"decision/{n}").draft("decision.recorded", facts={**facts, **votes, **more, "evidence": []})
        world.done["decision"] += 1
    yield from _projects(world, round_)
    yield from _contracts(world, round_)
    yield from _grants(world, round_)


def _projects(world: World, round_: int) -> Iterator[Draft]:
    for n in world.due("projects", round_):
        lines = [
            {"line": "a", "name": "服务", "category": "direct", "amount": 8_000_000},
            {"line": "b", "name": "管理", "category": "administration", "amount": 800_000},
        ]
        facts = {"code": f"P{n + 1:03}", "name": f"第{n + 1}个项目", "organization": f"o{n % 20 + 1:03}"}
        facts |= {"lead_element": ("organization", "volunteer", "resource", "community", "worker")[n % 5]}
        facts |= {"community": f"c{n % 30 + 1:03}", "fund": f"f{n % 50 + 1:03}", "starts": world.day.isoformat()}
        yield world.act(f"project/{n}").draft("project.opened", facts={**facts, "budget": lines})
        world.done["project"] += 1


def _contracts(world: World, round_: int) -> Iterator[Draft]:
    for n in world.due("contracts", round_):
        code, name = f"X{n + 1:03}", f"第{n + 1}份合同"
        facts = {"code": code, "name": name, "buyer": "街道办事处", "amount": 50_000_000, "unit": "CNY"}
        yield world.act(f"contract/{n}").draft("contract.opened", facts={**facts, "organization": f"o{n % 20 + 1:03}"})
        source = {"code": f"contract/{code}", "name": name, "kind": "public"}
        yield world.act(f"contract/{n}/2").draft("source.opened", facts=source)
        move = Move(f"source:contract/{code}", "fund:f002", 20_000_000, "CNY")
        world.held["fund:f002"] += 20_000_000
        yield world.act(f"contract/{n}/3").draft(
            "income.received",
            moves=[move],
            postings=[Posting("bank:main", 20_000_000, "CNY")],
            facts={"contract": code},
        )


def _grants(world: World, round_: int) -> Iterator[Draft]:
    numbers = world.due("grants", round_)
    rich = sorted((it for it in world.held if not it.startswith("grant:")), key=lambda account: -world.held[account])[
        : max(1, len(numbers))
    ]
    for at, n in enumerate(numbers):
        giver = rich[at % len(rich)]
        amount = world.held[giver] * 7 // 10
        if amount < 100 or not world.done["project"]:
            continue
        code, project = f"G{n + 1:04}", n % world.done["project"]
        organization = f"o{project % 20 + 1:03}"
        fund = giver.partition(":")[2].partition("/")[0]
        facts = {"code": code, "organization": organization, "fund": fund, "amount": amount, "unit": "CNY"}
        facts |= {"project": f"P{project + 1:03}", "need": [f"N{n % world.done['need'] + 1:03}"]}
        yield world.act(f"award/{n}").draft("grant.awarded", facts=facts)
        world.held[giver] -= amount
        world.held[f"grant:{code}"] = amount
        world.grants.append(code)
        world.grant_of[code] = organization, f"P{project + 1:03}"
        yield world.act(f"pay/{n}").draft(
            "grant.paid",
            moves=[Move(giver, f"grant:{code}", amount, "CNY")],
            postings=[Posting("bank:main", -amount, "CNY")],
            facts={"grant": code},
        )


def services(world: World, round_: int) -> Iterator[Draft]:  # noqa: C901  # a table of what varies
    """Deliver services out of grants, with hours and goods; confirm most."""
    numbers, recent = world.due("services", round_), world.grants[-60:]
    budget = {code: world.held[f"grant:{code}"] * 9 // 10 for code in recent}
    each = {code: budget[code] * max(1, len(recent)) // max(1, len(numbers)) for code in recent}
    if not recent:
        return
    for n in numbers:
        code = recent[n % len(recent)]
        organization, project = world.grant_of[code]
        amount = min(each[code], world.held[f"grant:{code}"])
        place = f"c{n % 30 + 1:03}"
        name = f"S{world.day.year}-{n + 1:05}"
        moves = [Move(f"grant:{code}", f"service:{name}", amount, "CNY")] if amount else []
        world.held[f"grant:{code}"] -= amount
        volunteers = [f"v{(n * 3 + k) % world.size.volunteers + 1:04}" for k in range(n % 3)]
        if volunteers:
            moves.append(Move("source:volunteer", f"service:{name}", 90 * len(volunteers), HOUR))
        worker = f"w{n % 100 + 1:03}"
        facts = {"code": name, "title": f"入户探访{n + 1}", "kind": KINDS[n % len(KINDS)], "community": place}
        facts |= {"organization": organization, "worker": worker, "project": project, "grant": code}
        facts |= {"residents_below": 5} if n % 25 == 0 else {"residents": 5 + n % 60}
        if n % 10 == 0:
            facts["need"] = f"N{n % world.done['need'] + 1:03}"
        if volunteers:
            facts |= {"volunteer": volunteers, "hours": [{"volunteer": v, "minutes": 90} for v in volunteers]}
        if amount:
            facts["lines"] = [{"line": "a", "amount": amount}]
        private = {"residents": "3"} if n % 25 == 0 else {}
        act = world.act(f"service/{n}")
        yield act.draft("service.delivered", moves=moves, facts={**facts, "evidence": []}, private=private)
        if n % 60 == 31:
            world.samples |= {"service": name, "grant": code}  # with hours, and confirmed by both
        if n % 60 == 0:
            world.samples["own_service"] = name  # of the first community, which has not confirmed it
        for role, party, rare in (("worker", worker, 30), ("community", place, 12)):
            if n % rare:
                said = {"service": name, "role": role, role: party}
                yield Draft("service.confirmed", world.day, f"u-{role}", f"{role}/{n}", facts=said)


def spendings(world: World, round_: int) -> Iterator[Draft]:
    """Record expenses and transfers, issue goods, tell what was disclosed."""
    for n in world.due("expenses", round_):
        fund = f"fund:{world.some('f', 10)}"
        amount = min(1_000 + n % 5_000, world.held[fund] // 10)
        if amount:
            yield _expense(world, n, fund, amount)
    for n in world.due("transfers", round_):
        giver, taker = "fund:f001", f"fund:f{n % 40 + 5:03}"
        amount = min(50_000, world.held[giver] // 10)
        if amount:
            world.held[giver] -= amount
            world.held[taker] += amount
            moves = [Move(giver, taker, amount, "CNY")]
            yield world.act(f"transfer/{n}").draft("fund.transferred", moves=moves, facts={"reason": "调剂"})
    for (fund, unit), held in sorted(world.goods.items()):
        if held > 3:
            world.goods[fund, unit] -= held // 3
            yield world.act(f"issue/{round_}/{fund}/{unit}").draft(
                "goods.issued",
                moves=[Move(fund, "outcome:direct", held // 3, unit)],
                postings=[Posting("inventory:main", -(held // 3), unit)],
                facts={"recipient": "敬老院"},
            )
    for n in world.due("disclosures", round_):
        figures = [{"key": "given", "unit": "CNY", "amount": 1000, "detail": [{"what": "public", "amount": 1000}]}]
        subject = f"fund:f{n % 50 + 1:03}"
        code = f"{subject.replace(':', '/')}/quarterly-{world.day}-{n}"
        facts = {"code": code, "subject": subject, "title": f"公示{n + 1}", "basis": "cumulative"}
        facts |= {"until": world.day.isoformat(), "size": 100, "figures": figures, "clock": "quarterly"}
        yield world.act(f"disclosure/{n}").draft("disclosure.published", facts=facts)
        world.samples["disclosure"] = code


def _expense(world: World, n: int, fund: str, amount: int) -> Draft:
    world.held[fund] -= amount
    category = ("direct", "administration", "fundraising")[n % 3]
    facts = {"category": category} | ({"project": f"P{n % world.done['project'] + 1:03}"} if n % 2 else {})
    return world.act(f"expense/{n}").draft(
        "expense.recorded",
        moves=[Move(fund, f"outcome:{category}", amount, "CNY")],
        postings=[Posting("bank:main", -amount, "CNY")],
        facts=facts,
    )


def _takings_back(world: World, round_: int) -> Iterator[Draft]:
    """Lose a few goods: exactly the units of a lot are not asked for, only the first in."""
    for (fund, unit), held in sorted(world.goods.items()):
        if held > 10 and round_ % 5 == 0:
            world.goods[fund, unit] -= 1
            yield world.act(f"loss/{round_}/{fund}/{unit}").draft(
                "loss.recorded",
                moves=[Move(fund, "outcome:loss", 1, unit)],
                postings=[Posting("inventory:main", -1, unit)],
                facts={"reason": "broken"},
            )


__all__ = ["BOOK", "VERSION", "Size", "build"]
