"""The projections of a book, made again from its bodies in another way."""

from collections import Counter, defaultdict

import pytest

from ledger.journal.read import find_book, read_bodies, snapshot
from tests.journal import support as s

NAMING = ("fund", "earmark", "organization", "community", "worker", "volunteer", "project", "grant", "service")


@pytest.fixture(scope="module")
def book(lasting_engine):
    """The second book of two, so that numbers of books count."""
    s.open_book(lasting_engine, "first")
    s.full_book(lasting_engine)
    return lasting_engine


@pytest.fixture(scope="module")
def bodies(book):
    with snapshot(book) as connection:
        row = find_book(connection, s.BOOK)
        return [body for _, body in sorted(read_bodies(connection, row.id, list(range(row.size))).items())]


@pytest.fixture(scope="module")
def tables(book):
    """The rows of each projection of the book, without its number."""
    with snapshot(book) as connection:
        number = find_book(connection, s.BOOK).id
    return {name: [row[1:] for row in rows if row[0] == number] for name, rows in s.dump(book).items()}


@pytest.fixture(scope="module")
def names(tables):
    """Account and unit of each axis, by its number."""
    return {no: (account, unit) for no, account, unit, *_ in tables["axes"]}


def subject(body):
    """Tell in the test's own words what an entry is about."""
    kind, code = body["kind"], body["facts"].get("code")
    if kind == "donation.received":
        return f"donation:{code}"
    if kind in {"entry.reversed", "import.completed"}:
        return f"{'reversal' if kind == 'entry.reversed' else 'import'}:{code}"
    about = kind.split(".")
    opened = about[1] in {"opened", "changed", "closed", "awarded", "delivered"} and kind != "book.opened"
    return f"{about[0]}:{code}" if opened else None


def test_headers_say_what_each_entry_is(tables, bodies):
    expected = [(b["seq"], b["kind"], b["dated"], b["ref"], subject(b)) for b in bodies]
    assert tables["headers"] == expected


def test_mentions_are_the_objects_that_the_facts_name(tables, bodies):
    expected = set()
    for body in bodies:
        for kind in NAMING:
            codes = body["facts"].get(kind, [])
            expected |= {(body["seq"], f"{kind}:{code}") for code in ([codes] if isinstance(codes, str) else codes)}
    assert set(tables["mentions"]) == expected
    assert len(tables["mentions"]) == len(expected) > 20


def test_flows_are_the_flows_of_the_bodies(tables, bodies, names):
    gifts, expected = Counter(), []
    for body in bodies:
        for n, f in enumerate(body["flows"]):
            giver, taker = (f["from"], f["unit"]), (f["to"], f["unit"])
            gift = int(body["kind"] == "donation.received")
            gifts[taker] += gift
            places = giver, f["out"], taker, f["in"]
            expected.append((body["seq"], n, *places, f["amount"], f.get("of"), f.get("value"), gift, gifts[taker]))
    found = [(seq, n, names[giver], out, names[taker], *rest) for seq, n, giver, out, taker, *rest in tables["flows"]]
    assert found == expected


def test_postings_are_the_postings_of_the_bodies(tables, bodies, names):
    expected = [
        (body["seq"], n, (p["account"], p["unit"]), p["amount"])
        for body in bodies
        for n, p in enumerate(body["postings"])
    ]
    assert [(seq, n, names[axis], amount) for seq, n, axis, amount in tables["postings"]] == expected


def test_axes_and_spans_are_what_was_received_and_not_given(tables, bodies, names):
    received, given, free, gifts = Counter(), Counter(), defaultdict(set), Counter()
    for body in bodies:
        for f in body["flows"]:
            giver, taker = (f["from"], f["unit"]), (f["to"], f["unit"])
            given[giver] += f["amount"]
            received[taker] += f["amount"]
            free[giver] -= set(range(f["out"], f["out"] + f["amount"]))
            free[taker] |= set(range(f["in"], f["in"] + f["amount"]))
            gifts[taker] += body["kind"] == "donation.received"
        for p in body["postings"]:
            (received if p["amount"] > 0 else given)[(p["account"], p["unit"])] += abs(p["amount"])
    holes = defaultdict(list)
    for no, lo, hi in tables["spans"]:
        holes[no].append((lo, hi))
    for no, account, unit, got, gave, tail, count, counted in tables["axes"]:
        key = account, unit
        assert (got, gave, counted) == (received[key], given[key], gifts[key])
        assert len(holes[no]) == count
        if account.startswith(("fund:", "earmark:", "grant:", "service:", "outcome:")):
            spans = [*holes[no], (tail, got)]
            assert {position for lo, hi in spans for position in range(lo, hi)} == free[key]
    assert len(tables["axes"]) == len(received.keys() | given.keys())
    assert tables["spans"], "the history leaves holes"


def test_axes_are_numbered_in_the_order_of_their_first_use(tables, bodies):
    first = []
    for body in bodies:
        keys = [(f[side], f["unit"]) for f in body["flows"] for side in ("from", "to")]
        first += [key for key in [*keys, *((p["account"], p["unit"]) for p in body["postings"])] if key not in first]
    assert [(account, unit) for _, account, unit, *_ in tables["axes"]] == list(dict.fromkeys(first))


def test_objects_are_what_was_opened_changed_and_closed(tables, bodies):
    expected = {}
    for body in bodies:
        address, seq = subject(body), body["seq"]
        if body["kind"].endswith(".changed"):
            expected[address][1] = seq
        elif body["kind"].endswith(".closed"):
            expected[address][2] = seq
        elif address and not address.startswith(("donation:", "import:")):
            expected[address] = [seq, seq, None]
        if body["facts"].get("object"):
            expected[body["facts"]["object"]][2] = seq
    assert {address: known for address, *known in tables["objects"]} == expected
    assert sum(known[2] is not None for known in expected.values()) == 3


def test_services_are_the_services_delivered(tables, bodies):
    expected = [
        (b["seq"], *(b["facts"][name] for name in ("code", "kind", "title", "community")), b["dated"], 30)
        for b in bodies
        if b["kind"] == "service.delivered"
    ]
    assert tables["services"] == expected
    assert len(expected) == 2
