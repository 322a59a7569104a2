"""A request asked twice is done once; another request under the same ref is refused."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from ledger.core.errors import RepeatedRefError
from ledger.core.spans import Span
from ledger.journal import tables as t
from ledger.journal.append import writing
from ledger.journal.read import find_book, snapshot
from tests.journal import support as s
from tests.journal.support import append, draft, gift


@pytest.fixture
def book(engine):
    """A book with everything opened, and 1000 fen in fund:general."""
    s.open_book(engine)
    append(engine, gift(1000, ref="first"))
    return engine


def test_the_same_request_again_gives_the_entry_it_made(book):
    wanted = gift(50, ref="r", private={"donor": "Zhao Qian", "remark": "thanks"})
    (made,) = append(book, wanted)
    with s.unchanged(book):
        (again_,) = append(book, replace(wanted), minutes=60)
    assert again_ == made._replace(repeated=True)


def test_the_same_request_twice_in_one_call(book):
    wanted = gift(50, ref="r", private={"donor": "Zhao Qian"})
    first, second, other, third = append(book, wanted, replace(wanted), gift(1), replace(wanted))
    assert second == third == first._replace(repeated=True)
    assert (first.seq, other.seq, size_of(book)) == (s.FIRST + 1, s.FIRST + 2, s.FIRST + 3)
    assert s.verify(book).clean


CHANGES = {
    "amount": lambda d: replace(gift(51, ref="r"), private=d.private),
    "fund": lambda d: replace(gift(50, "fund:elder", ref="r"), private=d.private),
    "source": lambda d: replace(gift(50, source="source:public", ref="r"), private=d.private),
    "value": lambda d: replace(d, moves=[d.moves[0]._replace(value=5)]),
    "place": lambda d: replace(d, postings=s.posted(50, place="cash:main")),
    "facts": lambda d: replace(d, facts={**d.facts, "channel": "cash"}),
    "day": lambda d: replace(d, dated=d.dated.replace(day=2)),
    "memo": lambda d: replace(d, memo="other"),
    "preparer": lambda d: replace(d, by="wu"),
    "approver": lambda d: replace(d, approved_by="wu"),
    "kind": lambda d: replace(d, kind="income.received"),
    "donor": lambda d: replace(d, private={"donor": "Zhao Qiang"}),
    "no donor": lambda d: replace(d, private={}),
    "more personal data": lambda d: replace(d, private={**d.private, "remark": "thanks"}),
    "entry designated": lambda d: replace(d, moves=[d.moves[0]._replace(of=3, pieces=(Span(0, 50),))]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("together", [False, True], ids=["later", "in one call"])
def test_another_request_under_the_same_ref_is_refused(lasting_book, change, together):
    wanted = gift(50, ref="r", private={"donor": "Zhao Qian"})
    first = [replace(wanted, ref="s")] if together else []
    append(lasting_book, wanted)
    other = replace(change(wanted), ref="s" if together else "r")
    with s.unchanged(lasting_book), pytest.raises(RepeatedRefError, match="was used by entry"):
        append(lasting_book, *first, other)


def test_erased_personal_data_is_no_reason_to_refuse_a_repetition(book):
    wanted = gift(50, ref="r", private={"donor": "Zhao Qian"})
    (made,) = append(book, wanted)
    with writing(book, s.BOOK) as writer:
        writer.append([draft("person.erased", entries=[made.seq])])
        writer.connection.execute(sa.delete(t.private).where(t.private.c.seq == made.seq))
    assert append(book, wanted) == [made._replace(repeated=True)]
    with pytest.raises(RepeatedRefError):
        append(book, replace(wanted, memo="other"))


def test_a_designated_request_again_is_the_same_though_its_units_are_gone(book):
    wanted = s.refund(s.FIRST, [(0, 5), (10, 15)], ref="r")
    (made,) = append(book, wanted)
    assert append(book, wanted) == [made._replace(repeated=True)]


def size_of(engine):
    with snapshot(engine) as connection:
        return find_book(connection, s.BOOK).size
