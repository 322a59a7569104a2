"""What lies beside the ledger of the big book: proposals, shifts, receipts, people, donors, the trail, checkpoints."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import insert

from ledger.books.money.commands import SPEND
from ledger.checkpoints.logs import Logs
from ledger.core import tracking
from ledger.desk.actions import Request, propose
from ledger.desk.commands import Tools
from ledger.desk.tables import proposals, steps
from ledger.giving.donors.tables import claims, consents, erasures
from ledger.giving.hours.tables import attendance, shifts
from ledger.giving.intake.tables import receipts
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book
from ledger.people.accounts.tables import trail
from ledger.programs.delivery import states
from ledger.programs.linkage import keeping
from ledger.web.actor import Actor, Post, Role
from tests.bench.world import APPROVER, BOOK, BY, DAYS, FIRST, Size
from tests.support.actors import make_user

AT = "2026-11-01T08:00:00.000Z"
TRAIL = 20_000
CLAIMED = 40


def add(app: Flask, engine: sa.Engine, folder: Path, size: Size, samples: dict[str, Any]) -> dict[str, Any]:
    """Put everything down; give the samples with what is new."""
    with write_transaction(engine) as connection:
        book = find_book(connection, BOOK).id
        samples["shift"] = _shifts(connection, book, size)
        _donors(connection, book, samples["named"])
        _trail(connection, size)
    samples["decided"] = _proposals(engine, folder, size, samples["expenses"])
    samples["code"] = tracking.derive(app.config["CODE_KEY"], BOOK, samples["ref"])
    samples["first_code"] = tracking.derive(app.config["CODE_KEY"], BOOK, samples["first_ref"])
    with engine.connect() as connection:
        query = sa.select(proposals.c.code).where(proposals.c.state == "waiting").limit(1)
        samples["proposal"] = connection.scalar(query)
    samples["donor"] = _account(app, engine, book, samples["named"])
    samples["request"] = _request(engine, book, samples)
    samples["user"] = make_user(app, Role.AUDITOR, BOOK)
    for n in range(60):
        make_user(app, (Role.ACCOUNTANT, Role.APPROVER, Role.AUDITOR)[n % 3], BOOK, name=f"同事{n}")
    states.refresh(engine, BOOK)
    keeping.refresh(engine, BOOK)
    head = Logs(folder, "http://localhost").sign(engine, BOOK)
    samples["size"] = head.checkpoint.size if head else 0
    return samples


def _shifts(connection: sa.Connection, book: int, size: Size) -> str:
    rows, there = [], []
    for n in range(size.shifts):
        day = (FIRST + timedelta(days=DAYS * n // size.shifts)).isoformat()
        row = {"id": n + 1, "book_id": book, "code": f"{day.replace('-', '')}-{n:05}", "community": f"c{n % 30 + 1:03}"}
        row |= {"organization": f"o{n % 20 + 1:03}", "worker": f"w{n % 100 + 1:03}", "title": "送餐", "kind": "meals"}
        row |= {"place": "活动室", "starts": f"{day}T09:00", "ends": f"{day}T11:00", "slots": 6, "used": "", "by": BY}
        rows.append({**row, "state": "closed" if n % 10 else "planned"})
        there += [
            {"shift_id": n + 1, "volunteer": f"v{(n * 5 + k) % size.volunteers + 1:04}", "minutes": 120}
            for k in range(4)
        ]
    connection.execute(insert(shifts), rows)
    connection.execute(insert(attendance), there)
    return str(rows[-1]["code"])


def _donors(connection: sa.Connection, book: int, named: list[int]) -> None:
    said = [{"book_id": book, "seq": seq, "publish": n % 2, "at": AT, "by": BY} for n, seq in enumerate(named)]
    connection.execute(insert(consents), said)
    row = {"book_id": book, "code": "530101", "check_code": "abcdef", "noted": AT, "noted_by": BY}
    connection.execute(insert(receipts), [{**row, "seq": seq, "number": f"{n:010}"} for n, seq in enumerate(named)])


def _trail(connection: sa.Connection, size: Size) -> None:
    rows = [
        {"at": AT, "actor": BY, "what": "gift.looked", "book": BOOK, "object": f"donation:{n}", "detail": None}
        for n in range(min(TRAIL, size.gifts))
    ]
    connection.execute(insert(trail), rows)


def _account(app: Flask, engine: sa.Engine, book: int, named: list[int]) -> str:
    """Make a donor's account that holds gifts."""
    code = str(make_user(app))
    with write_transaction(engine) as connection:
        held = [{"user": code, "book_id": book, "seq": seq, "at": AT} for seq in named[:CLAIMED]]
        connection.execute(insert(claims), held)
    return code


def _request(engine: sa.Engine, book: int, samples: dict[str, Any]) -> str:
    """Ask for the erasure of a few gifts."""
    row = {"book_id": book, "code": "erase00001", "user": samples["donor"], "entries": str(samples["named"][:5])}
    row |= {"reason": "", "state": "open", "at": AT, "answer": "", "gifts": 5}
    with write_transaction(engine) as connection:
        connection.execute(insert(erasures).values(row))
    return "erase00001"


def _proposals(engine: sa.Engine, folder: Path, size: Size, expenses: list[int]) -> str:
    """Prepare expenses: most are recorded, 70 wait."""
    payload = {"amount": 100, "fund": "fund:f001", "category": "administration", "place": "bank:main"}
    request = Request(SPEND, payload, date(2026, 11, 1), "¥1.00 ← 第1基金")
    actor = Actor("u-else", "", {BOOK: (Post(Role.ACCOUNTANT),)})
    propose(engine, actor, BOOK, request, Tools(bytes(32), folder))
    with write_transaction(engine) as connection:
        row = dict(connection.execute(sa.select(proposals)).mappings().one())
        first, rows, done = row.pop("id"), [], []
        for n in range(size.proposals):
            waits = n < 70
            state = {"state": "waiting"} if waits else {"state": "recorded", "decided_at": AT}
            made = {} if waits else {"first_seq": expenses[n % len(expenses)], "entries": 1}
            empty = {"decided_at": None, "first_seq": None, "entries": 0}
            rows.append({**row, "id": first + n + 1, "code": f"PRO{n:07}", **empty, **state, **made})
            done.append({"proposal_id": first + n + 1, "no": 0, "what": "prepared", "by": BY, "at": AT, "reason": ""})
            if not waits:
                done.append(done[-1] | {"no": 1, "what": "recorded", "by": APPROVER})
        connection.execute(insert(proposals), rows)
        connection.execute(insert(steps), done)
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT setval('proposals_id_seq', (SELECT max(id) FROM proposals))"))
            connection.execute(sa.text("SELECT setval('shifts_id_seq', (SELECT max(id) FROM shifts))"))
    return str(rows[-1]["code"])
