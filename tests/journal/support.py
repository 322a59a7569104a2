"""A small builder of books: drafts of every kind, a book that has one of each, and what its tables hold."""

import hashlib
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count

import sqlalchemy as sa

from ledger.core import canonical
from ledger.core.book import Book
from ledger.core.chain import leaf_hash, stamp
from ledger.core.entry import Draft, Move, Posting
from ledger.core.spans import Span
from ledger.journal import tables as t
from ledger.journal.append import create_book, writing
from ledger.journal.read import find_book, snapshot
from ledger.journal.verify import verify_book

BOOK = "shan"
DAY = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MASKS = "mask-n95:piece"
HOURS = "volunteer-hour"
EVIDENCE = b"a photograph of thirty residents"
DIGEST = hashlib.sha256(EVIDENCE).hexdigest()

_PLACES = {"CNY": "bank:main", MASKS: "inventory:main"}
_refs = count(1)


def draft(kind, /, *moves, postings=(), ref=None, private=None, **facts):
    """Ask for an entry; `by`, `approved_by`, `memo` and `dated` go into the entry, other words into its facts."""
    about = {name: facts.pop(name) for name in ("approved_by", "memo") if name in facts}
    by, dated = facts.pop("by", "lin"), facts.pop("dated", DAY)
    ref = ref or f"{kind}/{next(_refs)}"
    return Draft(kind, dated, by, ref, tuple(moves), tuple(postings), facts, private or {}, **about)


def opened(address, **more):
    kind, _, code = address.partition(":")
    return draft(f"{kind}.opened", code=code, name=more.pop("name", code), **more)


def posted(amount, unit="CNY", place=None):
    """Give the posting of an amount at its usual place; none for hours."""
    place = place or _PLACES.get(unit)
    return [Posting(place, amount, unit)] if place else []


def gift(amount, taker="fund:general", source="source:individual", unit="CNY", *, ref=None, value=None, **more):
    ref = ref or f"gift/{next(_refs)}"
    code = hashlib.sha256(ref.encode()).hexdigest()
    move = Move(source, taker, amount, unit, value=value)
    return draft("donation.received", move, postings=posted(amount, unit), ref=ref, code=code, channel="bank", **more)


def award(code="G1", amount=5000, fund="general", **more):
    facts = {"organization": "sunshine", "project": "elder", "fund": fund, "amount": amount, "unit": "CNY"}
    return draft("grant.awarded", code=code, **(facts | more))


def pay(*moves, grant="G1", **more):
    """Pay a grant out of (fund, amount)s."""
    parts = [Move(fund, f"grant:{grant}", amount, "CNY") for fund, amount in moves]
    return draft("grant.paid", *parts, postings=posted(-sum(m.amount for m in parts)), grant=grant, **more)


def give_back(amount, fund="fund:general", grant="G1", **more):
    move = Move(f"grant:{grant}", fund, amount, "CNY")
    return draft("grant.returned", move, postings=posted(amount), grant=grant, **more)


def serve(code, *used, **more):
    """Deliver a service out of (account, amount, unit)s; what a fund gives leaves its usual place."""
    postings = [p for giver, n, unit in used if giver.startswith(("fund:", "earmark:")) for p in posted(-n, unit)]
    facts = {
        "title": "Visits",
        "kind": "elder care",
        "community": "heping",
        "organization": "sunshine",
        "worker": "w01",
    }
    evidence = [{"sha256": DIGEST, "name": "1.jpg", "size": len(EVIDENCE), "media": "image/jpeg"}]
    moves = [Move(giver, f"service:{code}", amount, unit) for giver, amount, unit in used]
    facts |= {"residents": 30, "evidence": evidence}
    return draft("service.delivered", *moves, postings=postings, code=code, **facts, **more)


def spend(amount, fund="fund:general", category="administration", place=None, **more):
    move = Move(fund, f"outcome:{category}", amount, "CNY")
    postings = posted(-amount, place=place)
    return draft("expense.recorded", move, postings=postings, category=category, **more)


def shift(amount, giver="fund:general", taker="fund:elder", unit="CNY", **more):
    return draft("fund.transferred", Move(giver, taker, amount, unit), reason="board decision", **more)


def issue(amount, fund="fund:general", **more):
    move = Move(fund, "outcome:recipient/first-hospital", amount, MASKS)
    return draft("goods.issued", move, postings=posted(-amount, MASKS), recipient="first-hospital", **more)


def carry(amount, giver="bank:main", taker="cash:main", **more):
    return draft("bank.transferred", postings=posted(-amount, place=giver) + posted(amount, place=taker), **more)


def refund(of, pieces, fund="fund:general", unit="CNY", **more):
    """Give back designated units of donation `of`."""
    pieces = tuple(Span(*piece) for piece in pieces)
    amount = sum(hi - lo for lo, hi in pieces)
    move = Move(fund, "outcome:refund", amount, unit, of=of, pieces=pieces)
    return draft("donation.refunded", move, postings=posted(-amount, unit), donation=of, reason="asked", **more)


def reverse(body, **more):
    """Mirror an entry exactly."""
    seq = body["seq"]
    moves = [
        Move(f["to"], f["from"], f["amount"], f["unit"], seq, (Span(f["in"], f["in"] + f["amount"]),))
        for f in reversed(body["flows"])
    ]
    postings = [Posting(p["account"], -p["amount"], p["unit"]) for p in body["postings"]]
    if body["kind"] in {"service.delivered", "grant.awarded"}:
        more.setdefault("object", f"{body['kind'].split('.')[0]}:{body['facts']['code']}")
    return draft("entry.reversed", *moves, postings=postings, code=str(seq), reverses=seq, reason="typed twice", **more)


def opening():
    """Open a book with everything that the drafts above use."""
    accounts = [
        *(f"source:{code}" for code in ("individual", "organization", "public", "government-purchase", "volunteer")),
        *(f"outcome:{code}" for code in ("direct", "administration", "refund", "loss", "recipient/first-hospital")),
        *("bank:main", "cash:main", "wallet:alipay", "inventory:main", "receivable:main", "payable:salaries"),
    ]
    return [
        draft("book.opened", name="Shan", foundation="Shan", credit_code="", currency="CNY", chart="npo-2004"),
        *(opened(f"unit:{unit}", scale=scale) for unit, scale in (("CNY", 2), (MASKS, 0), (HOURS, 0))),
        *(opened(address) for address in accounts),
        *(opened(f"fund:{code}", restricted=code == "elder") for code in ("general", "elder", "old")),
        opened("earmark:general/e-00000001", fund="general", purpose="winter coats"),
        opened("organization:sunshine"),
        opened("community:heping", street="Heping"),
        opened("worker:w01", organization="sunshine", private={"name": "Li Hua"}),
        opened("volunteer:v01", community="heping", private={"name": "Wang Fang"}),
        opened("project:elder", organization="sunshine", fund="elder"),
    ]


def history(say):
    """Give a book one entry of each kind; `say` appends a draft and returns its body.

    Leaves holes (a refund out of the middle), private data held and erased, a reversal and closed objects.
    """
    first = say(gift(1000, private={"donor": "Zhao Qian", "remark": "for my mother"}))
    second = say(gift(2000, source="source:public"))
    say(gift(500, "earmark:general/e-00000001", private={"donor": "Sun Li"}))
    say(gift(300, source="source:organization", unit=MASKS, value=90_000))
    purchase = Move("source:government-purchase", "fund:general", 700, "CNY")
    say(draft("income.received", purchase, postings=posted(700)))
    say(award())
    say(pay(("earmark:general/e-00000001", 300), ("fund:general", 1500)))
    used = [("grant:G1", 600, "CNY"), ("fund:general", 20, MASKS), ("source:volunteer", 90, HOURS)]
    say(serve("S1", *used, grant="G1", project="elder", volunteer=["v01"]))
    for role, party in (("community", "heping"), ("worker", "w01")):
        say(draft("service.confirmed", service="S1", role=role, **{role: party}))
    say(give_back(200))
    say(issue(50))
    say(spend(100))
    say(spend(50, place="payable:salaries"))
    settled = posted(50, place="payable:salaries") + posted(-50)
    say(draft("payable.settled", postings=settled))
    say(shift(300))
    say(carry(100))
    at = second["flows"][0]["in"]
    say(refund(second["seq"], [(at + 1200, at + 1300)]))
    lost = Move("fund:general", "outcome:loss", 5, MASKS)
    say(draft("loss.recorded", lost, postings=posted(-5, MASKS), reason="damp"))
    say(reverse(say(spend(10))))
    say(reverse(say(serve("S2", ("grant:G1", 40, "CNY")))))
    say(draft("fund.changed", code="old", name="Older"))
    say(draft("fund.closed", code="old"))
    say(draft("person.erased", entries=[first["seq"]]))
    say(draft("import.completed", code=DIGEST, name="list.xlsx", lines=3, imported=2, refused=1, total=300))
    say(award("G9", project=[]))
    say(draft("grant.closed", code="G9", reason="not needed"))
    say(draft("key.rotated", origin="example.org/b", old="old", new="new", endorsement="signed"))


FIRST = len(opening())  # the entry after the opening


class Pure:
    """A book in memory; a refused draft leaves it as it was."""

    def __init__(self):
        self.book, self.bodies = Book(BOOK), []

    def say(self, wanted):
        """Append a draft; return the body as read back from its bytes."""
        trial = self.copy()
        data = canonical.encode(trial.settle(wanted, stamp(NOON), {}))
        body = canonical.decode(data)
        trial.advance(leaf_hash(data), body["recorded"])
        self.book = trial
        self.bodies.append(data)
        return body

    def fork(self):
        """Give a second book that goes its own way from here."""
        fork = Pure()
        fork.book, fork.bodies = self.copy(), list(self.bodies)
        return fork

    def copy(self):
        copied = Book(self.book.code, self.book.size, self.book.head, self.book.recorded)
        copied.count = self.book.count
        for name in ("axes", "numbers", "objects", "touched", "pierced", "changed"):
            setattr(copied, name, getattr(self.book, name).copy())
        return copied


def opened_book():
    """Give a book in memory with everything opened."""
    pure = Pure()
    for wanted in opening():
        pure.say(wanted)
    return pure


def state(book):
    """Give all that a book knows, for comparison."""
    return book.size, book.head, book.recorded, book.count, book.axes, book.numbers, book.objects


def clock(minutes=0):
    return lambda: NOON + timedelta(minutes=minutes)


def open_book(engine, code=BOOK):
    """Open a book in a database with everything opened."""
    with writing(engine, code, clock=clock()) as writer:
        create_book(writer.connection, code)
        return writer.append(opening())


def append(engine, *drafts, book=BOOK, minutes=0):
    """Append drafts in one transaction."""
    with writing(engine, book, clock=clock(minutes)) as writer:
        return writer.append(drafts)


def full_book(engine, code=BOOK):
    """Make a book with one entry of each kind; return the bodies in order."""
    bodies = [appended.body for appended in open_book(engine, code)]
    with writing(engine, code, clock=clock()) as writer:

        def say(wanted):
            if wanted.kind == "person.erased":
                here = t.private.c.book_id == writer.book_id
                erased = t.private.c.seq.in_(wanted.facts["entries"])
                writer.connection.execute(sa.delete(t.private).where(here, erased))
            bodies.append(writer.append([wanted])[0].body)
            return bodies[-1]

        history(say)
    return bodies


def rows(connection, table):
    """Read a table whole, in the order of its key."""
    found = connection.execute(sa.select(table).order_by(*table.primary_key.columns))
    return [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in found]


def dump(engine):
    """Read every table whole."""
    with snapshot(engine) as connection:
        return {table.name: rows(connection, table) for table in t.metadata.sorted_tables}


def verify(engine, code=BOOK, **more):
    with snapshot(engine) as connection:
        return verify_book(connection, find_book(connection, code), **more)


@contextmanager
def unchanged(engine):
    """Check that the block leaves every table as it was."""
    before = dump(engine)
    yield
    assert dump(engine) == before
