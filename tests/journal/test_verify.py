"""What verification must detect, and by which pass: an attack a row of the design's table."""

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.core import canonical
from ledger.core.chain import leaf_hash
from ledger.journal import tables as t
from ledger.journal.append import writing
from ledger.journal.read import find_book, snapshot
from ledger.journal.verify import verify_book
from tests.journal import support as s
from tests.journal.attacks import (
    ENTRIES,
    at,
    bodies_of,
    guard,
    outline,
    passes,
    rewrite,
    tampering,
    verified,
)


@pytest.fixture(scope="module")
def book(lasting_engine):
    """A book with one entry of each kind (number 1), and a second one."""
    s.full_book(lasting_engine)
    s.open_book(lasting_engine, "other")
    return lasting_engine


@pytest.fixture
def attack(book):
    with tampering(book) as connection:
        yield connection


@pytest.fixture
def evidence(tmp_path):
    (tmp_path / s.DIGEST).write_bytes(s.EVIDENCE)
    return tmp_path


def test_a_book_is_clean_after_every_kind_of_entry(engine, evidence):
    s.open_book(engine)
    seen = set()
    with writing(engine, s.BOOK, clock=s.clock()) as writer:

        def say(wanted):
            made = writer.append([wanted])[0]
            if wanted.kind == "person.erased":
                erased = t.private.c.seq.in_(wanted.facts["entries"])
                writer.connection.execute(sa.delete(t.private).where(erased))
            row, known = find_book(writer.connection, s.BOOK), (made.seq, made.leaf.hex())
            report = verify_book(writer.connection, row, evidence=evidence, known=known)
            assert report.clean, outline(report)
            seen.add(wanted.kind)
            return made.body

        s.history(say)
    assert len(seen) == 21


def test_tampering_and_taking_it_back_leaves_a_clean_book(book, evidence):
    with tampering(book) as connection:
        assert verified(connection, evidence=evidence).clean
    for code in (s.BOOK, "other"):
        assert s.verify(book, code, evidence=evidence).clean


# ------------------------------------------------------------------ the log edited, hashes left as they were


def edit(connection):
    body = bodies_of(connection)[31]
    body["memo"] = "another"
    connection.execute(sa.update(t.entries).where(at(31)).values(body=canonical.encode(body)))
    return 31


def edit_with_leaf(connection):
    body = bodies_of(connection)[31]
    body["memo"] = "another"
    data = canonical.encode(body)
    connection.execute(sa.update(t.entries).where(at(31)).values(body=data, leaf=leaf_hash(data)))
    return 32


def spoil(connection):
    connection.execute(sa.update(t.entries).where(at(31)).values(body=b"not an entry"))
    return 31


def empty(connection):
    connection.execute(sa.update(t.entries).where(at(31)).values(body=b""))
    return 31


def change_leaf(connection):
    connection.execute(sa.update(t.entries).where(at(31)).values(leaf=b"x" * 32))
    return 31


def delete(connection):
    connection.execute(sa.delete(t.entries).where(at(31)))
    return 31


def delete_first(connection):
    connection.execute(sa.delete(t.entries).where(at(0)))
    return 0


def put(connection, seq, like):
    row = connection.execute(sa.select(t.entries).where(at(like))).one()
    connection.execute(t.entries.insert().values(book_id=1, seq=seq, leaf=row.leaf, body=row.body))


def move(connection, seq, to):
    connection.execute(sa.update(t.entries).where(at(seq)).values(seq=to))


def insert(connection):
    last = len(bodies_of(connection))
    for seq in range(last - 1, 30, -1):
        move(connection, seq, seq + 1)
    put(connection, 31, 30)
    return 31


def insert_before_the_first(connection):
    put(connection, -1, 0)
    return -1


def insert_beyond_the_last(connection):
    last = len(bodies_of(connection))
    put(connection, last, last - 1)
    return last


def reorder(connection):
    move(connection, 31, 1000)
    move(connection, 32, 31)
    move(connection, 1000, 32)
    return 31


EDITS = [
    *(edit, edit_with_leaf, spoil, empty, change_leaf, delete, delete_first),
    *(insert, insert_before_the_first, insert_beyond_the_last, reorder),
]


@pytest.mark.parametrize("change", EDITS, ids=[change.__name__ for change in EDITS])
def test_a_row_changed_is_found_in_the_log(attack, change):
    seq = change(attack)
    report = verified(attack)
    assert "log" in passes(report), outline(report)
    assert seq in {finding.seq for finding in report.findings if finding.name == "log"}, outline(report)


def test_the_last_entry_rewritten_is_found_at_the_head(attack):
    last = len(bodies_of(attack)) - 1
    body = bodies_of(attack)[last]
    body["memo"] = "another"
    data = canonical.encode(body)
    attack.execute(sa.update(t.entries).where(at(last)).values(body=data, leaf=leaf_hash(data)))
    assert "head" in passes(verified(attack))


# ------------------------------------------------------------------ tail cut off, everything rewritten


@pytest.mark.parametrize("cut", [1, 5, 1000])
def test_a_tail_cut_off_is_found_at_the_head(attack, cut):
    attack.execute(sa.delete(t.entries).where(ENTRIES.book_id == 1, ENTRIES.seq >= len(bodies_of(attack)) - cut))
    assert "head" in passes(verified(attack))


def test_a_tail_cut_off_with_all_that_followed_from_it_needs_a_head_kept_elsewhere(attack):
    last = bodies_of(attack)[-1]["seq"]
    leaf = attack.scalar(sa.select(ENTRIES.leaf).where(at(last))).hex()
    rewrite(attack, lambda bodies: bodies.__delitem__(-1))
    assert verified(attack).clean, "from the database alone nothing can be seen"
    guard(attack, install=False)
    report = verified(attack, known=(last, leaf))
    assert (passes(report), report.findings[0].seq) == ({"head"}, last), outline(report)


def test_a_log_rewritten_whole_needs_a_head_kept_elsewhere(attack):
    leaf = attack.scalar(sa.select(ENTRIES.leaf).where(at(40))).hex()

    def change(bodies):
        bodies[31]["facts"]["channel"] = "cash"

    rewrite(attack, change)
    assert verified(attack).clean, "from the database alone nothing can be seen"
    guard(attack, install=False)
    report = verified(attack, known=(40, leaf))
    assert [(f.name, f.seq) for f in report.findings] == [("head", 40)], outline(report)


def test_an_entry_kept_elsewhere_that_is_there_is_no_finding(book):
    with snapshot(book) as connection:
        for seq in (0, 31, len(bodies_of(connection)) - 1):
            leaf = connection.scalar(sa.select(ENTRIES.leaf).where(at(seq))).hex()
            assert s.verify(book, known=(seq, leaf)).clean
            assert passes(s.verify(book, known=(seq, "0" * 64))) == {"head"}


# ------------------------------------------------------------------ rewritten with hashes to match, but not by append


def first_of(bodies, kind):
    return next(body for body in bodies if body["kind"] == kind)


def spend_instead(bodies, amount, posted=None):
    body = first_of(bodies, "expense.recorded")
    body["flows"][0].update(amount=amount)
    body["postings"][0].update(amount=posted or -amount)


def reverse_before(bodies):
    carried, n = first_of(bodies, "bank.transferred"), len(bodies)
    facts = {"code": str(n + 1), "reverses": n + 1, "reason": "foreseen"}
    back = [posting | {"amount": -posting["amount"]} for posting in carried["postings"]]
    bodies.append(carried | {"seq": n, "kind": "entry.reversed", "ref": "back", "facts": facts, "postings": back})
    bodies.append(carried | {"seq": n + 1, "ref": "there"})


def reverse_instead(bodies, kind):
    other = first_of(bodies, kind)["seq"]
    first_of(bodies, "entry.reversed")["facts"].update(code=str(other), reverses=other)


def refund_instead(bodies, of):
    body = first_of(bodies, "donation.refunded")
    body["facts"]["donation"] = body["flows"][0]["of"] = of


def last_of(bodies, kind):
    return first_of(bodies[::-1], kind)


FORGERIES = {
    "back-dated": ("rules", lambda bodies: bodies[40].update(recorded="2026-02-01T12:00:00.000Z")),
    "recorded at no time": ("rules", lambda bodies: bodies[40].update(recorded="yesterday")),
    "numbered otherwise": ("rules", lambda bodies: bodies[40].update(seq=41)),
    "of another book": ("rules", lambda bodies: bodies[40].update(book="other")),
    "of an unknown kind": ("rules", lambda bodies: bodies[40].update(kind="grant.burnt")),
    "without a member": ("rules", lambda bodies: bodies[40].pop("memo")),
    "without a link": ("log", lambda bodies: bodies[40].pop("_prev")),
    "self-approved": ("rules", lambda bodies: bodies[40].update(approved_by=bodies[40]["by"])),
    "more spent than held": ("rules", lambda bodies: spend_instead(bodies, 9**9)),
    "faces that differ": ("rules", lambda bodies: spend_instead(bodies, 100, -99)),
    "other units than the first": ("rules", lambda bodies: first_of(bodies, "grant.paid")["flows"][1].update(out=5)),
    "another value of nothing": (
        "rules",
        lambda bodies: first_of(bodies, "donation.received")["flows"][0].update(value=-1),
    ),
    "designated of another gift": (
        "designations",
        lambda bodies: refund_instead(bodies, first_of(bodies, "donation.received")["seq"]),
    ),
    "designated of what is not there": ("designations", lambda bodies: refund_instead(bodies, 10**9)),
    "designated of another than it names": (
        "rules",
        lambda bodies: first_of(bodies, "donation.refunded")["facts"].update(donation=31),
    ),
    "not opened at its beginning": ("rules", lambda bodies: bodies[0].update(kind="bank.transferred")),
    "opened again": ("rules", lambda bodies: bodies[40].update(kind="book.opened", flows=[], postings=[])),
    "a reversal that leaves open what was opened": (
        "designations",
        lambda bodies: last_of(bodies, "entry.reversed")["facts"].pop("object"),
    ),
    "a reversal of another entry": ("designations", lambda bodies: reverse_instead(bodies, "bank.transferred")),
    "a reversal of what is not reversed": ("designations", lambda bodies: reverse_instead(bodies, "book.opened")),
    "a reversal of what comes later": ("designations", reverse_before),
    "a reversal of nothing": (
        "designations",
        lambda bodies: first_of(bodies, "entry.reversed")["facts"].update(code="999", reverses=999),
    ),
    "a reversal that closes something else": (
        "designations",
        lambda bodies: first_of(bodies, "entry.reversed")["facts"].update(object="project:elder"),
    ),
}


@pytest.mark.parametrize(("name", "change"), FORGERIES.values(), ids=FORGERIES)
def test_a_log_rewritten_as_append_would_not_is_found(attack, name, change):
    rewrite(attack, change)
    report = verified(attack)
    assert name in passes(report), outline(report)
    assert passes(report) <= {name, "projections"}, outline(report)
    assert all(finding.seq is not None for finding in report.findings if finding.name == name)


SPELLINGS = {
    "with spaces": lambda body: canonical.encode(body).replace(b'"kind":', b'"kind": '),
    "with a number as a fraction": lambda body: canonical.encode(body).replace(b'"seq":40', b'"seq":40.0'),
    "with a key twice": lambda body: canonical.encode(body).replace(b'"seq":40', b'"seq":40,"seq":40'),
    "with an escape": lambda body: canonical.encode(body).replace(b'"kind"', b'"k\\u0069nd"'),
    "with keys in another order": lambda body: canonical.encode(body).replace(b'"memo":"",', b"")[:-1] + b',"memo":""}',
    "with something behind": lambda body: canonical.encode(body) + b" ",
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_body_that_is_not_canonical_is_found(attack, spelling):
    def write(body):
        return spelling(body) if body["seq"] == 40 else canonical.encode(body)

    rewrite(attack, lambda _: None, write=write)
    report = verified(attack)
    assert ("rules", 40) in {(f.name, f.seq) for f in report.findings}, outline(report)
    assert "log" not in passes(report)


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.text(max_size=3), st.sampled_from([[], {}, [5], {"a": 1}])
)


@pytest.mark.parametrize("lasting_engine", ["sqlite"], indirect=True)
@settings(max_examples=25)
@given(st.data())
def test_verification_ends_whatever_an_entry_says(book, data):
    """Junk anywhere in a body, with all hashes to match: never a crash, and never overlooked."""
    with tampering(book) as connection:
        kept = connection.scalar(sa.select(ENTRIES.leaf).where(at(len(bodies_of(connection)) - 1))).hex()

        def change(bodies):
            body = data.draw(st.sampled_from(bodies))
            place, key = data.draw(st.sampled_from(list(parts_of(body))))
            place[key] = data.draw(JUNK.filter(lambda junk: junk != place[key] or type(junk) is not type(place[key])))

        last = len(bodies_of(connection)) - 1
        rewrite(connection, change)
        report = verified(connection, known=(last, kept))
        assert not report.clean


def parts_of(value):
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if key != "_prev":
            yield value, key
        if isinstance(item, dict | list):
            yield from parts_of(item)
