"""`flask linkage`."""

import pytest

from tests.support.commands import asked, run, well
from tests.support.small import Small

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.mark.parametrize("args", [["linkage"], ["linkage", "refresh"]])
def test_help(app, args):
    assert "Usage:" in well(app, *args, "--help")


def test_refresh_reads_what_is_new(app, engine):
    assert well(app, "linkage", "refresh").strip() == "there is no book yet"
    small = Small(engine)
    small.give(100)
    first = asked(app, "linkage", "refresh")["read"]["b"]
    assert first > 10
    small.give(100)
    assert well(app, "linkage", "refresh", "--book", "b").strip() == "b: 1 entries read"
    assert well(app, "linkage", "refresh").strip() == "b: 0 entries read"
    assert asked(app, "linkage", "refresh", "--anew")["read"] == {"b": first + 1}
    assert run(app, "linkage", "refresh", "--book", "x")[0] == 1
