"""What could meet a need: funds whose purpose fits, goods in store, projects, hours. Chosen by words that people use.

Funds and projects are few and read whole; earmarks are read by what they hold, the largest first, up to a limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import or_, select

from ledger.core.units import CNY, HOUR
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs.allocation.rows import Selection, has_words, names, o
from ledger.web.convert import Names, name_of, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import ColumnElement, Connection

    from ledger.journal.lookup import Object
    from ledger.web.pages import Quantity, Ref

MOST = 8  # of each kind shown
MOST_READ = 300  # earmarks whose purpose is looked at; projects likewise

WORDS: Mapping[str, tuple[str, ...]] = {
    "elderly-care": ("老", "长者", "elder", "senior"),
    "child-care": ("儿童", "孩子", "少年", "托管", "child"),
    "disability": ("残", "障碍", "助残", "disab", "ramp", "坡道", "扶手"),
    "home-visit": ("探访", "上门", "走访", "visit"),
    "meals": ("餐", "饭", "食", "meal"),
    "health": ("健康", "医", "康复", "health"),
    "counselling": ("心理", "辅导", "咨询", "counsel"),
    "education": ("学", "教育", "课", "读书", "educat", "learn"),
    "legal-aid": ("法律", "律师", "legal", "law"),
    "employment": ("就业", "技能", "培训", "employ", "skill"),
    "hardship-relief": ("困", "救助", "帮扶", "低保", "hardship"),
    "emergency-relief": ("应急", "救灾", "抗疫", "灾", "emergency", "relief"),
    "environment": ("环境", "绿", "公共空间", "花园", "environment"),
    "culture": ("文化", "邻里", "节", "culture"),
    "governance": ("议事", "治理", "自治", "council", "governance"),
    "training": ("培训", "training"),
}
"""Words by which purposes, names and plans speak of a category; a part of a word is enough."""


class Source(NamedTuple):
    """A fund or earmark that fits, and what it holds; `fit`: by how many words; 0: it may serve anything."""

    ref: Ref
    purpose: str
    held: Quantity
    fit: int
    fund: str = ""  # of an earmark: the code of its fund


class Running(NamedTuple):
    """A project that fits: by its community, by its words."""

    ref: Ref
    organization: Ref | None
    here: bool
    fit: int


class Matching(NamedTuple):
    """What could meet a need."""

    sources: tuple[Source, ...]
    goods: tuple[tuple[Ref, Quantity], ...]  # where it lies, how much
    hours: tuple[tuple[Ref, Quantity], ...]
    volunteers: int  # of the community
    projects: tuple[Running, ...]


def fit(category: str, title: str, *texts: str) -> int:
    """Count the words of a category, and the pairs of letters of a title, that texts contain."""
    text = " ".join(texts).casefold()
    pairs = {title[at : at + 2] for at in range(len(title) - 1)} if title.isascii() is False else set(title.split())
    own = {pair.casefold() for pair in pairs if pair.strip() == pair and pair.isalnum() and len(pair) > 1}
    return 2 * sum(word in text for word in WORDS.get(category, ())) + sum(word in text for word in own)


def matching(connection: Connection, book_id: int, need: Object) -> Matching:
    """Find what could meet a need, in ten statements."""
    facts = need.facts
    wanted = {want["unit"] for want in facts["wanted"]}
    goods = sorted(unit for unit in wanted if unit not in {CNY.code, HOUR})
    held = _held(connection, book_id, {CNY.code, HOUR, *goods})
    funds = lookup.objects_of(connection, book_id, "fund")
    earmarks = lookup.objects(connection, book_id, _earmarks(held))
    found = Names(connection, book_id, {f"unit:{unit}" for unit in (CNY.code, HOUR, *goods)})
    found.objects |= funds | earmarks
    projects = _projects(connection, book_id, need)
    found.read({f"organization:{p.facts['organization']}" for p in projects if p.facts.get("organization")})
    found.objects |= {project.address: project for project in projects}
    return Matching(
        _sources(need, held, found),
        _stock(held, goods, found),
        _stock(held, [HOUR], found),
        _volunteers(connection, book_id, facts["community"]),
        _running(need, projects, found),
    )


Held = dict[tuple[str, str], int]  # (account, unit) → what it holds


def _held(connection: Connection, book_id: int, units: set[str]) -> Held:
    """Read what funds hold of some units, and the earmarks that hold most."""
    a = t.axes.c
    amount = a.received - a.given
    query = select(a.account, a.unit, amount.label("held")).where(
        a.book_id == book_id, lookup.among(connection, a.unit, units), a.received > a.given
    )
    most = query.where(lookup.of_type(a.account, "earmark")).order_by(amount.desc()).limit(MOST_READ)
    rows = [*connection.execute(query.where(lookup.of_type(a.account, "fund"))), *connection.execute(most)]
    return {(row[0], row[1]): int(row[2]) for row in rows}


def _earmarks(held: Held) -> set[str]:
    return {account for account, _ in held if account.startswith("earmark:")}


def _sources(need: Object, held: Held, found: Names) -> tuple[Source, ...]:
    """Choose the funds and earmarks with money: those that fit best first, of restricted ones only those that fit."""
    made = []
    for (account, unit), amount in held.items():
        facts = found.facts(account)
        if unit != CNY.code:
            continue
        purpose = told(facts, "purpose")
        score = fit(need.facts["category"], need.facts["title"], name_of(facts), purpose)
        restricted = account.startswith("earmark:") or facts.get("restricted")
        if score or not restricted:
            fund = str(facts.get("fund", ""))
            made.append(Source(found.ref(account), purpose, found.quantity(amount, unit), score, fund))
    return tuple(sorted(made, key=lambda s: (-s.fit, -s.held.amount, s.ref.address))[:MOST])


def _stock(held: Held, units: Iterable[str], found: Names) -> tuple[tuple[Ref, Quantity], ...]:
    rows = [(found.ref(account), found.quantity(n, unit)) for (account, unit), n in held.items() if unit in units]
    return tuple(sorted(rows, key=lambda row: (-row[1].amount, row[0].address))[:MOST])


def _volunteers(connection: Connection, book_id: int, community: str) -> int:
    """Count the open volunteers of a community."""
    open_here = (o.closed.is_(None), names(f"community:{community}"))
    return Selection(connection, book_id, "volunteer", open_here).count()


def _projects(connection: Connection, book_id: int, need: Object) -> list[Object]:
    """Read the open projects of the need's community, and those with a word of its category."""
    facts = need.facts
    ways: list[ColumnElement[bool]] = [names(f"community:{facts['community']}")]
    ways += [has_words(connection, word, "name", "plan") for word in WORDS.get(facts["category"], ())]
    return Selection(connection, book_id, "project", (o.closed.is_(None), or_(*ways))).read([], MOST_READ)


def _running(need: Object, projects: Iterable[Object], found: Names) -> tuple[Running, ...]:
    made = []
    for project in projects:
        facts = project.facts
        place = facts.get("community") or []
        here = need.facts["community"] in ([place] if isinstance(place, str) else place)
        score = fit(need.facts["category"], need.facts["title"], name_of(facts), told(facts, "plan"))
        made.append(Running(found.ref(project.address), found.other(project.address, "organization"), here, score))
    return tuple(sorted(made, key=lambda p: (not p.here, -p.fit, p.ref.address))[:MOST])
