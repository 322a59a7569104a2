"""Shifts: who may sign up, come and go; what closing refuses; what is offered to services."""

from dataclasses import replace

import pytest

from ledger.core.errors import ConflictError, MalformedError, NotFoundError, RuleError
from ledger.giving.hours import actions
from ledger.giving.hours.actions import Plan, Times
from ledger.giving.hours.queries import Stayed, closed_shifts
from ledger.journal.engine import write_transaction
from ledger.people.actions import open_person
from tests.support.small import Small

PLAN = Plan("heping", "长者午餐", "meals", "社区食堂", "2026-03-02T09:00", "2026-03-02T12:00", 4, "sunshine", "w01")


class Desk:
    """Book `b` with two volunteers, and shifts by their codes."""

    def __init__(self, engine):
        self.engine, self.small = engine, Small(engine)
        self.small.do(open_person, "volunteer", "v02", "赵强", community="heping")
        self.book = 1

    def plan(self, **more):
        with write_transaction(self.engine) as connection:
            return actions.plan_shift(connection, self.book, replace(PLAN, **more), "staff")

    def do(self, action, code, *args, **more):
        with write_transaction(self.engine) as connection:
            return action(connection, actions.find_shift(connection, self.book, code), *args, **more)

    def closed(self, *rows, **plan):
        code = self.plan(**plan)
        self.do(actions.enter_times, code, rows)
        self.do(actions.close_shift, code, "staff")
        return code

    def shift(self, code):
        with self.engine.connect() as connection:
            return actions.find_shift(connection, self.book, code)

    def times(self, code):
        with self.engine.connect() as connection:
            return actions.times_of(connection, actions.find_shift(connection, self.book, code).id)

    def offered(self, **which):
        with self.engine.connect() as connection:
            return closed_shifts(connection, self.book, **which)


@pytest.fixture
def desk(engine):
    return Desk(engine)


def test_a_shift_from_plan_to_closing(desk):
    code = desk.plan()
    assert desk.do(actions.sign_up, code, ["v01", "v02", "v01"]) == ["v01", "v02"]
    desk.do(actions.check_in, code, "v01", "2026-03-02T08:55")
    assert desk.shift(code).state == "running"
    desk.do(actions.check_in, code, "v01", "2026-03-02T09:10")
    with pytest.raises(RuleError, match="not yet checked out: v01"):
        desk.do(actions.close_shift, code, "staff")
    desk.do(actions.check_out, code, "v01", "2026-03-02T11:25")
    desk.do(actions.check_out, code, "v01", "2026-03-02T11:50")
    assert desk.do(actions.close_shift, code, "staff") == 150
    assert desk.times(code) == [Times("v01", "2026-03-02T08:55", "2026-03-02T11:25", 150)]
    (offered,) = desk.offered(organizations=["sunshine"])
    assert (offered.code, offered.hours, offered.minutes) == (code, (Stayed("v01", 150),), 150)
    assert [shift.code for shift in desk.offered(communities=["heping"])] == [code]
    assert desk.offered(organizations=["moonlight"]) == []


def test_nothing_moves_on_a_closed_shift_until_it_is_opened_again(desk):
    code = desk.closed(Times("v01", minutes=60))
    for action, more in [
        (actions.sign_up, [["v02"]]),
        (actions.sign_off, ["v01"]),
        (actions.check_in, ["v01", "2026-03-02T09:00"]),
        (actions.enter_times, [[Times("v01", minutes=30)]]),
        (actions.cancel_shift, []),
        (actions.change_shift, [PLAN]),
        (actions.close_shift, ["staff"]),
    ]:
        with pytest.raises(ConflictError, match="is closed"):
            desk.do(action, code, *more)
    desk.do(actions.reopen_shift, code)
    desk.do(actions.enter_times, code, [Times("v01", minutes=30)])
    assert desk.do(actions.close_shift, code, "staff") == 30


def test_nobody_is_in_two_places_at_once(desk):
    desk.closed(Times("v01", "2026-03-02T09:00", "2026-03-02T11:00"))
    other = desk.plan(starts="2026-03-02T10:00", ends="2026-03-02T13:00")
    desk.do(actions.enter_times, other, [Times("v01", "2026-03-02T10:59", "2026-03-02T12:00")])
    with pytest.raises(RuleError, match=r"v01 was at shift .* \(2026-03-02 09:00 to 11:00\)"):
        desk.do(actions.close_shift, other, "staff")
    desk.do(actions.enter_times, other, [Times("v01", "2026-03-02T11:00", "2026-03-02T12:00"), Times("v02", minutes=9)])
    assert desk.do(actions.close_shift, other, "staff") == 69


def test_minutes_alone_count_from_the_beginning(desk):
    desk.closed(Times("v01", minutes=90))
    other = desk.plan(starts="2026-03-02T10:00", ends="2026-03-02T13:00")
    desk.do(actions.enter_times, other, [Times("v01", minutes=60)])
    with pytest.raises(RuleError, match="at the same time"):
        desk.do(actions.close_shift, other, "staff")


def test_more_than_twelve_hours_are_asked_for_twice(desk):
    code = desk.plan()
    desk.do(actions.enter_times, code, [Times("v01", minutes=721), Times("v02", minutes=720)])
    with pytest.raises(RuleError, match="more than 12 hours: v01;"):
        desk.do(actions.close_shift, code, "staff")
    assert desk.do(actions.close_shift, code, "staff", long_ok=True) == 1441


def test_who_did_not_come_is_taken_off_and_nobody_makes_no_shift(desk):
    code = desk.plan()
    desk.do(actions.sign_up, code, ["v01", "v02"])
    with pytest.raises(RuleError, match="nobody came"):
        desk.do(actions.close_shift, code, "staff")
    desk.do(actions.enter_times, code, [Times("v02", minutes=30)])
    desk.do(actions.close_shift, code, "staff")
    assert [times.volunteer for times in desk.times(code)] == ["v02"]


def test_what_is_refused(desk):
    with pytest.raises(MalformedError, match="ends after it starts"):
        desk.plan(ends=PLAN.starts)
    with pytest.raises(NotFoundError, match="community:nowhere is not open"):
        desk.plan(community="nowhere")
    with pytest.raises(MalformedError, match="1 to 500 volunteers"):
        desk.plan(slots=0)
    code = desk.plan()
    with pytest.raises(NotFoundError, match="no volunteer v99"):
        desk.do(actions.sign_up, code, ["v99"])
    with pytest.raises(NotFoundError, match="v01 is not signed up"):
        desk.do(actions.check_in, code, "v01", "2026-03-02T09:00")
    with pytest.raises(MalformedError, match="at most a day"):
        desk.do(actions.enter_times, code, [Times("v01", minutes=1441)])
    with pytest.raises(MalformedError, match="needs minutes"):
        desk.do(actions.enter_times, code, [Times("v01")])


def test_a_service_takes_hours_up_once_and_frees_them_when_taken_back(desk):
    code = desk.closed(Times("v01", minutes=60))
    with write_transaction(desk.engine) as connection:
        actions.use_shifts(connection, desk.book, [code], "S1")
    seq = desk.small.serve("S1", [("source:volunteer", 60, "volunteer-hour")])
    assert desk.offered() == []
    with write_transaction(desk.engine) as connection, pytest.raises(RuleError, match="on the ledger already"):
        actions.use_shifts(connection, desk.book, [code], "S2")
    with pytest.raises(RuleError, match="on the ledger already"):
        desk.do(actions.reopen_shift, code)
    desk.small.reverse(seq)
    assert [shift.code for shift in desk.offered(codes=[code])] == [code]
    with write_transaction(desk.engine) as connection:
        actions.use_shifts(connection, desk.book, [code], "S2")
    assert desk.shift(code).used == "service:S2"
