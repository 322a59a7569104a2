"""From an entry to the rows of the projections; used by append and by replay alike."""

from ledger.core.book import Book
from ledger.core.entry import Body, mentions_of, public_residents, subject_of
from ledger.core.spans import Axis
from ledger.journal.store import Row, Rows


def add_entry(rows: Rows, book_id: int, book: Book, body: Body) -> None:
    """Add the rows of one entry, just settled or replayed on `book` and not yet followed by another."""
    seq, kind = body["seq"], body["kind"]
    axes, numbers = book.axes, book.numbers
    _, subject = subject_of(kind, body["facts"])
    rows.headers.append((book_id, seq, kind, body["dated"], body["ref"], subject))
    gift = 1 if kind == "donation.received" else 0
    for n, flow in enumerate(body["flows"]):
        unit = flow["unit"]
        taker = (flow["to"], unit)
        rows.flows.append(
            (
                book_id,
                seq,
                n,
                numbers[(flow["from"], unit)],
                flow["out"],
                numbers[taker],
                flow["in"],
                flow["amount"],
                flow.get("of"),
                flow.get("value"),
                gift,
                axes[taker].gifts,
            )
        )
    for n, posting in enumerate(body["postings"]):
        axis = numbers[(posting["account"], posting["unit"])]
        rows.postings.append((book_id, seq, n, axis, posting["amount"]))
    if kind == "service.delivered":
        rows.services.append(_service_row(book_id, body))
    for address in mentions_of(body["facts"]):
        rows.mentions.append((book_id, seq, address))


def _service_row(book_id: int, body: Body) -> Row:
    facts = body["facts"]
    texts = facts["code"], facts.get("kind", ""), facts.get("title", ""), facts.get("community")
    return (book_id, body["seq"], *texts, body["dated"], public_residents(facts))


def axis_row(book_id: int, no: int, key: tuple[str, str], axis: Axis) -> Row:
    """Give the `axes` row of an axis."""
    return (book_id, no, *key, axis.received, axis.given, axis.tail, len(axis.holes), axis.gifts)


def add_state(rows: Rows, book_id: int, book: Book) -> None:
    """Add the state rows of everything that changed on `book` since the last time; forget that it changed."""
    for key in sorted(book.touched, key=book.numbers.__getitem__):
        axis, no = book.axes[key], book.numbers[key]
        rows.axes.append(axis_row(book_id, no, key, axis))
        if key in book.pierced:
            rows.cleared.append((book_id, no))
            rows.spans.extend((book_id, no, lo, hi) for lo, hi in axis.holes)
    for address in sorted(book.changed):
        rows.objects.append((book_id, address, *book.objects[address]))
    book.touched.clear()
    book.changed.clear()
    book.pierced.clear()
