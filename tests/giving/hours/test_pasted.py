"""Pasted lists of times: what is read, and what is refused with its line."""

import pytest

from ledger.giving.hours.actions import Times
from ledger.giving.hours.pasted import read_list

KNOWN = {"v01": "v01", "王芳": "v01", "v02": "v02", "赵 强": "v02", "李伟": ""}
STARTS = "2026-03-02T09:00"


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("v01 2:30", Times("v01", minutes=150)),
        ("王芳\t150", Times("v01", minutes=150)),
        ("赵 强，２：３０", Times("v02", minutes=150)),
        ("v01, 2.5小时", Times("v01", minutes=150)),
        ("v01 2h", Times("v01", minutes=120)),
        ("v01 90分钟", Times("v01", minutes=90)),
        ("v01 09:00-11:30", Times("v01", "2026-03-02T09:00", "2026-03-02T11:30")),
        ("v01 9:00至11:30", Times("v01", "2026-03-02T09:00", "2026-03-02T11:30")),
        ("v01 22:00–1:00", Times("v01", "2026-03-02T22:00", "2026-03-03T01:00")),
    ],
)
def test_lines_that_are_read(line, times):
    assert read_list(f"\n  {line}  \n", STARTS, KNOWN) == ([times], [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("v77", "write a volunteer and a time"),
        ("谁 60", "nobody of this name"),
        ("李伟 60", "several volunteers"),
        ("v01 2.5", "is not a time"),
        ("v01 2:75", "is not a time"),
        ("v01 25:00-26:00", "is not a time"),
        ("v01 2.33h", "is not a time"),
        ("v01 soon", "is not a time"),
    ],
)
def test_lines_that_are_refused(line, reason):
    rows, wrong = read_list(f"v02 60\n{line}", STARTS, KNOWN)
    assert rows == [Times("v02", minutes=60)]
    ((number, words, error),) = wrong
    assert (number, words) == (2, line)
    assert reason in str(error)


def test_a_name_alone_says_nothing():
    assert read_list("v01\n王芳\nv02 60", STARTS, KNOWN) == ([Times("v02", minutes=60)], [])


def test_nobody_stands_there_twice_and_a_list_has_an_end():
    rows, wrong = read_list("v01 60\n王芳 30", STARTS, KNOWN)
    assert rows == [Times("v01", minutes=60)]
    assert "twice" in str(wrong[0][2])
    known = {f"v{n}": f"v{n}" for n in range(600)}
    rows, wrong = read_list("\n".join(f"v{n} 60" for n in range(600)), STARTS, known)
    assert len(rows) == 500
    assert "at most 500 lines" in str(wrong[0][2])
