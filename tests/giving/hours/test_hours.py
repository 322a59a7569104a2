"""Hours on the ledger: given away shift by shift, added up by volunteer, confirmed on paper."""

from datetime import UTC, date, datetime

import pytest

from ledger.config import ROOT
from ledger.core.errors import NotFoundError, RuleError
from ledger.giving.hours import actions, people
from ledger.giving.hours.actions import Plan, Times
from ledger.giving.hours.certificate import read_hours
from ledger.giving.hours.donating import donate_hours
from ledger.giving.hours.queries import closed_shifts
from ledger.journal.append import Writer, writing
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book
from ledger.people.actions import erase, open_person
from ledger.reports.volunteering import Served, hours_pdf
from ledger.web.pages import BookRef
from tests.support.looking import bodies, check_refused, findings
from tests.support.small import KEY, Small

FONTS = ROOT / "instance" / "fonts"

HOUR = "volunteer-hour"
PLAN = Plan("heping", "长者午餐", "meals", "社区食堂", "2026-03-02T09:00", "2026-03-02T12:00", 4, "sunshine", "w01")
YEAR = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture
def small(engine):
    small = Small(engine)
    small.do(open_person, "volunteer", "v02", "赵强", organization="sunshine")
    return small


def closed(engine, *rows, plan=PLAN):
    with write_transaction(engine) as connection:
        code = actions.plan_shift(connection, 1, plan, "staff")
        actions.enter_times(connection, actions.find_shift(connection, 1, code), rows)
        actions.close_shift(connection, actions.find_shift(connection, 1, code), "staff")
    return code


def donate(small, code, taker="fund:elder"):
    with writing(small.engine, "b") as writer:
        return [one.seq for one in donate_hours(writer, small.act(), code, taker, code_key=KEY)]


def offered(small):
    with small.engine.connect() as connection:
        return [shift.code for shift in closed_shifts(connection, 1)]


def test_each_volunteer_gives_time_of_their_own(engine, small):
    code = closed(engine, Times("v01", minutes=90), Times("v02", "2026-03-02T09:00", "2026-03-02T10:00"))
    first, second = donate(small, code)
    made = bodies(engine, "donation.received")
    assert [(body["seq"], body["facts"]["volunteer"], body["flows"][0]["amount"]) for body in made] == [
        (first, "v01", 90),
        (second, "v02", 60),
    ]
    assert all(body["flows"][0]["from"] == "source:volunteer" and body["postings"] == [] for body in made)
    assert made[0]["facts"] | {"code": ""} == {
        "code": "",
        "volunteer": "v01",
        "shift": code,
        "channel": "shift",
        "community": "heping",
        "organization": "sunshine",
    }
    assert offered(small) == []
    with check_refused(engine, RuleError, "on the ledger already"):
        donate(small, code)
    assert findings(engine) == []


def test_hours_taken_back_can_be_given_again_once_all_are(engine, small):
    code = closed(engine, Times("v01", minutes=90), Times("v02", minutes=60))
    first, second = donate(small, code)
    small.reverse(first)
    assert offered(small) == []
    small.reverse(second)
    assert offered(small) == [code]
    third, _fourth = donate(small, code)
    assert offered(small) == []
    with engine.connect() as connection:
        given = people.hours_of(connection, 1, {"v01"}).by_code
    assert [one.seq for one in given["v01"]] == [third]


def test_a_shift_that_is_not_closed_gives_nothing(engine, small):
    with write_transaction(engine) as connection:
        code = actions.plan_shift(connection, 1, PLAN, "staff")
    with check_refused(engine, RuleError, "not counted yet"):
        donate(small, code)


def test_a_rehearsal_leaves_the_shift_alone(engine, small):
    code = closed(engine, Times("v01", minutes=90))
    with engine.connect() as connection, connection.begin() as transaction:
        donate_hours(Writer(connection, "b"), small.act(), code, "fund:elder", code_key=KEY)
        transaction.rollback()
    assert offered(small) == [code]


def test_minutes_of_a_volunteer_are_as_told_and_never_guessed(engine, small):
    told = [{"volunteer": "v01", "minutes": 40}, {"volunteer": "v02", "minutes": 20}]
    small.serve("S1", [("source:volunteer", 60, HOUR)], volunteer=["v01", "v02"], hours=told)
    small.serve("S2", [("source:volunteer", 30, HOUR)], volunteer=["v01"])
    small.serve("S3", [("source:volunteer", 30, HOUR)], volunteer=["v01", "v02"])
    small.serve("S4", [], volunteer="v02")
    small.reverse(small.serve("S5", [("source:volunteer", 30, HOUR)], volunteer=["v01"]))
    with engine.connect() as connection:
        found = people.hours_of(connection, 1, {"v01", "v02"}, *YEAR)
        outside = people.hours_of(connection, 1, {"v01"}, date(2026, 3, 2))
    assert [one.minutes for one in found.by_code["v01"]] == [40, None, None]
    assert [one.minutes for one in found.by_code["v02"]] == [20, None, None]
    assert people.summed(found.by_code["v01"]) == (40, 3)
    assert outside.by_code == {}
    assert not found.more


def test_volunteers_by_party_and_words(engine, small):
    def found(parties, words=""):
        with engine.connect() as connection:
            listed = people.find(connection, 1, parties, words, limit=9)
            assert people.count(connection, 1, parties, words) == len(listed)
        return [(one.code, one.name) for one in listed]

    assert found(None) == [("v01", "王芳"), ("v02", "赵强")]
    assert found(["community:heping"]) == [("v01", "王芳")]
    assert found(["organization:sunshine"]) == [("v02", "赵强")]
    assert found([]) == []
    assert found(None, "赵") == [("v02", "赵强")]
    assert found(None, "V01") == [("v01", "王芳")]
    assert found(["community:heping"], "赵") == []
    with engine.connect() as connection:
        assert people.belongs(connection, 1, ["community:heping"], "v01")
        assert not people.belongs(connection, 1, ["community:heping"], "v02")
    opened = bodies(engine, "volunteer.opened")[0]["seq"]
    small.do(erase, [opened])
    assert found(None, "王") == []
    assert found(["community:heping"]) == [("v01", "")]


def paper(engine, code="v01", period=YEAR):
    with engine.connect() as connection:
        row = find_book(connection, "b")
        book = BookRef("b", "和平社区基金", "和平慈善基金会")
        return read_hours(connection, row, book, code, *period, lambda seq: f"https://example.org/b/ledger/{seq}")


def test_the_paper_says_what_the_ledger_says(engine, small):
    told = [{"volunteer": "v01", "minutes": 40}, {"volunteer": "v02", "minutes": 20}]
    first = small.serve("S1", [("source:volunteer", 60, HOUR)], volunteer=["v01", "v02"], hours=told)
    (second,) = donate(small, closed(engine, Times("v01", minutes=90)))
    made = paper(engine)
    assert made.served == (
        Served(date(2026, 3, 1), "长者午餐", "和平社区 · 阳光社工站", 40, first),
        Served(date(2026, 3, 1), "", "和平社区 · 阳光社工站", 90, second),
    )
    assert (made.name, made.minutes, made.address) == ("王芳", 130, f"https://example.org/b/ledger/{second}")
    assert made.credit_code == "53110000MJ0000000X"
    with pytest.raises(NotFoundError, match="no hours of volunteer v01"):
        paper(engine, period=(date(2025, 1, 1), date(2025, 12, 31)))
    with pytest.raises(NotFoundError, match="there is no volunteer v77"):
        paper(engine, "v77")
    small.do(erase, [bodies(engine, "volunteer.opened")[0]["seq"]])
    with pytest.raises(NotFoundError, match="not kept any more"):
        paper(engine)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("locale", ["zh_Hans_CN", "en"])
def test_the_same_hours_give_the_same_bytes(engine, small, locale):
    small.serve("S1", [("source:volunteer", 60, HOUR)], volunteer=["v01"], hours=[{"volunteer": "v01", "minutes": 60}])
    made = paper(engine)
    assert made.recorded < datetime.now(UTC)
    data = hours_pdf(made, locale, FONTS)
    assert data == hours_pdf(made, locale, FONTS)
    assert data.startswith(b"%PDF")
