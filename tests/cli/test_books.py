"""`flask books`."""

import pytest

from ledger.books.opening.actions import RESERVED
from tests.support.commands import asked, run, well


@pytest.mark.parametrize("args", [["books"], ["books", "open"], ["books", "list"]])
def test_help(app, args):
    assert "Usage:" in well(app, *args, "--help")


def test_open_and_list(app):
    assert well(app, "books", "list") == "There is no book.\n"
    out = well(app, "books", "open", "b", "--name", "和平")
    assert "Book 'b' (和平) is open" in out
    made = asked(app, "books", "open", "c", "--name", "第二", "--foundation", "某基金会", "--credit-code", "X1")
    assert (made["book"], made["name"], len(made["leaf"])) == ("c", "第二", 64)
    listed = asked(app, "books", "list")["books"]
    assert [row["book"] for row in listed] == ["b", "c"]
    assert all(row["entries"] > 10 and len(row["head"]) == 64 for row in listed)
    assert listed[0]["head"] in well(app, "books", "list")


def test_a_code_is_taken_once(app):
    well(app, "books", "open", "b", "--name", "和平")
    status, out, err = run(app, "books", "open", "b", "--name", "和平")
    assert (status, out) == (1, "")
    assert "AlreadyOpenError: there is a book 'b' already" in err


@pytest.mark.parametrize("code", ["B", "a_b", "a b", "名", "x" * 61, "-a", "a\n", *RESERVED])
def test_codes_that_no_book_can_have(app, code):
    status, _, err = run(app, "books", "open", "--name", "x", "--", code)
    assert (status, "cannot be the code of a book" in err) == (1, True)
    assert asked(app, "books", "list") == {"books": []}


@pytest.mark.parametrize("args", [["open"], ["open", "b"], ["open", "b", "--name"], ["shut", "b"], ["list", "b"]])
def test_wrong_usage(app, args):
    status, out, err = run(app, "books", *args)
    assert (status, out) == (2, "")
    assert "Usage:" in err or "requires an argument" in err
