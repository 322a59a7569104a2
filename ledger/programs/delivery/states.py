"""Where every service stands, kept beside the ledger so that what waits is found by index; made of the ledger alone.

`delivery_marks.size` says how many entries are worked in. Whoever reads brings the rest in first (`refresh`): it does
not matter who appended, a page, a command or an import. A crash between two batches leaves the mark where it was.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, case, delete, func, insert, select, update

from ledger.core.chain import stamp
from ledger.core.entry import public_residents
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.append import utc_now
from ledger.journal.engine import write_transaction
from ledger.journal.read import read_bodies, snapshot
from ledger.programs.delivery.tables import budget_used, deliveries, delivery_marks, disputes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, Engine

    from ledger.core.entry import Body

DELIVERED, CONFIRMED, REVERSED = "service.delivered", "service.confirmed", "entry.reversed"
BATCH = 2000  # entries that matter, a transaction
ROLES = ("community", "worker")
MOST_CODE, MOST_TITLE = 100, 200  # characters


class Behind(NamedTuple):
    """A book, its entries, and how many of them are worked in; `news`: some of the others matter."""

    book_id: int
    size: int
    done: int
    news: bool


def refresh(engine: Engine, book: str) -> None:
    """Work in what was appended since; a book that nobody knows is left to the page to refuse."""
    while True:
        with snapshot(engine) as connection:
            behind = _behind(connection, book)
        if behind is None or not behind.news:
            return
        with write_transaction(engine) as connection:
            work_in(connection, behind.book_id)


def rebuild(connection: Connection, book_id: int) -> None:
    """Forget what is kept of a book's services and make it again of the ledger."""
    for table in (deliveries, budget_used, delivery_marks):
        connection.execute(delete(table).where(table.c.book_id == book_id))
    while work_in(connection, book_id):
        pass


def work_in(connection: Connection, book_id: int) -> int:
    """Work in the next entries, at most `BATCH` that matter; return how many did.

    Takes the mark's row: of two that do this at once the second waits and finds the work done.
    """
    done = _taken_mark(connection, book_id)
    h = t.headers.c
    query = (
        select(h.seq, h.kind, h.subject)
        .where(h.book_id == book_id, h.seq >= done, h.kind.in_((DELIVERED, CONFIRMED, REVERSED)))
        .order_by(h.seq)
        .limit(BATCH)
    )
    rows = connection.execute(query).all()
    by_kind: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    bodies = read_bodies(connection, book_id, [row.seq for row in rows if row.kind != REVERSED])
    _deliver(connection, book_id, [bodies[row.seq] for row in by_kind[DELIVERED]])
    _confirm(connection, book_id, [bodies[row.seq] for row in by_kind[CONFIRMED]])
    _reverse(connection, book_id, {lookup.reversed_by(row.subject): row.seq for row in by_kind[REVERSED]})
    size = connection.scalar(select(t.books.c.size).where(t.books.c.id == book_id)) or 0
    mark = rows[-1].seq + 1 if len(rows) == BATCH else size
    connection.execute(update(delivery_marks).where(delivery_marks.c.book_id == book_id).values(size=mark))
    return len(rows)


def _behind(connection: Connection, book: str) -> Behind | None:
    b, m, h = t.books.c, delivery_marks.c, t.headers.c
    done = func.coalesce(m.size, 0)
    fresh = select(h.seq).where(h.book_id == b.id, h.kind.in_((DELIVERED, CONFIRMED, REVERSED)), h.seq >= done).exists()
    query = (
        select(b.id, b.size, done, (b.size > done) & fresh)
        .select_from(t.books.outerjoin(delivery_marks, m.book_id == b.id))
        .where(b.code == book)
    )
    row = connection.execute(query).one_or_none()
    return Behind(row[0], row[1], row[2], bool(row[3])) if row else None


def _taken_mark(connection: Connection, book_id: int) -> int:
    """Lock the book's mark, made on first use, and return how many entries are worked in."""
    where = delivery_marks.c.book_id == book_id
    query = select(delivery_marks.c.size).where(where).with_for_update()
    done = connection.scalar(query)
    if done is not None:
        return int(done)
    # The book's row is what two that are first at once wait for.
    connection.execute(select(t.books.c.id).where(t.books.c.id == book_id).with_for_update())
    done = connection.scalar(query)
    if done is None:
        connection.execute(insert(delivery_marks).values(book_id=book_id, size=0))
    return int(done or 0)


def _deliver(connection: Connection, book_id: int, bodies: list[Body]) -> None:
    if bodies:
        connection.execute(insert(deliveries), [_row(book_id, body) for body in bodies])
        _use(connection, book_id, bodies, 1)


def _row(book_id: int, body: Body) -> dict[str, Any]:
    facts = body["facts"]
    community, worker = _code(facts, "community"), _code(facts, "worker")
    title = str(facts.get("title") or "")
    return {
        "book_id": book_id,
        "seq": body["seq"],
        "code": facts["code"],
        "title": title[:MOST_TITLE],
        "words": f"{title} {facts['code']}".lower(),
        "kind": facts.get("kind", ""),
        "dated": body["dated"],
        "residents": public_residents(facts),
        "community": community,
        "organization": _code(facts, "organization"),
        "worker": worker,
        "of_grant": _code(facts, "grant"),
        "project": _code(facts, "project"),
        "waits_community": community or None,
        "waits_worker": worker or None,
        "waits": int(bool(community or worker)),
    }


def _code(facts: Mapping[str, Any], name: str) -> str:
    """Return the code that a fact names, the first of several; '' for none."""
    named = facts.get(name) or ""
    return str(named if isinstance(named, str) else named[0])[:MOST_CODE]


def _confirm(connection: Connection, book_id: int, bodies: list[Body]) -> None:
    d = deliveries.c
    for role in ROLES:
        seqs = [
            {"of_book": book_id, "of_code": body["facts"]["service"], "by": body["seq"]}
            for body in bodies
            if body["facts"].get("role") == role
        ]
        other = d.waits_worker if role == "community" else d.waits_community
        left = case((other.is_(None), 0), else_=1)
        values: dict[str, Any] = {f"{role}_seq": bindparam("by"), f"waits_{role}": None, "waits": left}
        query = update(deliveries).where(d.book_id == bindparam("of_book"), d.code == bindparam("of_code"))
        if seqs:
            connection.execute(query.values(values), seqs)


def _reverse(connection: Connection, book_id: int, reversals: Mapping[int, int]) -> None:
    """Take back the services among the entries that were reversed; what is said against them is settled."""
    d, s = deliveries.c, disputes.c
    query = select(d.seq, d.code).where(d.book_id == book_id, lookup.among(connection, d.seq, set(reversals)))
    taken = connection.execute(query).all() if reversals else []
    if not taken:
        return
    values: dict[str, Any] = {
        "reversed_seq": bindparam("by"),
        "waits_community": None,
        "waits_worker": None,
        "waits": 0,
    }
    which = update(deliveries).where(d.book_id == bindparam("of_book"), d.seq == bindparam("of_seq"))
    rows = [{"of_book": book_id, "of_seq": row.seq, "by": reversals[row.seq]} for row in taken]
    connection.execute(which.values(values), rows)
    _use(connection, book_id, read_bodies(connection, book_id, [row.seq for row in taken]).values(), -1)
    said = (s.book_id == book_id) & (s.state == "open") & lookup.among(connection, s.service, {r.code for r in taken})
    connection.execute(update(disputes).where(said).values(state="reversed", ended_at=stamp(utc_now())))


def _use(connection: Connection, book_id: int, bodies: Iterable[Body], sign: int) -> None:
    """Add the money of services to what is used of budgets, or take it off again."""
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for body in bodies:
        project, grant = _code(body["facts"], "project"), _code(body["facts"], "grant")
        for line, amount in _by_line(body).items():
            used = sums[project, grant, line]
            used[0] += sign * amount
            used[1] += sign
    u = budget_used.c
    for (project, grant, line), (amount, services) in sorted(sums.items()):
        key = {"book_id": book_id, "project": project, "of_grant": grant, "line": line}
        same = (u.book_id == book_id) & (u.project == project) & (u.of_grant == grant) & (u.line == line)
        values = {"amount": u.amount + amount, "services": u.services + services}
        if not connection.execute(update(budget_used).where(same).values(values)).rowcount:
            connection.execute(insert(budget_used).values(**key, amount=amount, services=services))


def _by_line(body: Body) -> dict[str, int]:
    """Divide the money a service used into the lines its report names; '' is what none names."""
    money = sum(flow["amount"] for flow in body["flows"] if flow["unit"] == "CNY")
    lines: dict[str, int] = defaultdict(int)
    for line in body["facts"].get("lines") or ():
        if isinstance(line, dict) and type(line.get("amount")) is int:  # the journal takes facts of any shape
            lines[str(line.get("line", ""))[:MOST_CODE]] += line["amount"]
    rest = money - sum(lines.values())
    return {**lines, **({"": rest} if rest else {})}
