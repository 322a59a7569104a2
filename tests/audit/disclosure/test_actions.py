"""Publishing and correcting on the ledger: what is refused, and what stays."""

from dataclasses import replace

import pytest

from ledger.audit.disclosure import actions
from ledger.audit.disclosure.actions import MOST_DETAIL, REST, correct, publication_of, publish, told_figures
from ledger.audit.disclosure.figures import Figure
from ledger.audit.disclosure.queries import disclosure_page, disclosures_page
from ledger.core.errors import ConflictError, MalformedError, RuleError
from ledger.journal.append import writing
from ledger.journal.read import find_book, snapshot
from ledger.journal.verify import verify_book
from ledger.programs.parties.projects import project_page
from tests.support.small import Small

FACTS = {
    "subject": "project:meals",
    "title": "三月",
    "basis": "cumulative",
    "until": "2026-03-31",
    "clock": "quarterly",
}


@pytest.fixture
def small(engine):
    small = Small(engine)
    small.give(1000)
    small.grant("G1", 600)
    small.serve("S1", [("grant:G1", 250, "CNY")])
    return small


def made(small, **more):
    with snapshot(small.engine) as connection:
        return publication_of({**FACTS, "size": find_book(connection, "b").size, **more})


def figures(small, one):
    with snapshot(small.engine) as connection:
        return told_figures(actions.checked_figures(connection, find_book(connection, "b"), one))


def put(small, one, told=None, ref=None):
    with writing(small.engine, "b") as w:
        act = small.act() if ref is None else replace(small.act(), ref=ref)
        return publish(w, act, one, figures(small, one) if told is None else told)


def test_codes_are_the_subject_the_clock_and_the_day(small):
    first, second = put(small, made(small)).body, put(small, made(small)).body
    assert first["facts"]["code"] == "project/meals/quarterly-2026-03-31"
    assert second["facts"]["code"] == "project/meals/quarterly-2026-03-31-2"


def test_asked_twice_it_is_published_once(small):
    one = made(small)
    told = figures(small, one)
    first, again = put(small, one, told, "desk/1"), put(small, one, told, "desk/1")
    assert (again.seq, again.repeated) == (first.seq, True)


def test_figures_keep_their_cutoff_whatever_came_since(small):
    one = made(small)
    told = figures(small, one)
    small.serve("S2", [("grant:G1", 100, "CNY")])
    small.give(9)
    body = put(small, one, told).body
    assert body["facts"]["size"] == one.size
    with snapshot(small.engine) as connection:
        page = disclosure_page(connection, "b", body["facts"]["code"])
    used = next(row for row in page.figures if row.key == "used.service")
    assert (used.quantity.amount, used.today.amount, used.difference.amount) == (250, 350, 100)
    assert (page.later, page.undone, page.differs) == (3, 0, True)


def test_what_was_counted_and_taken_back_is_told(small):
    wrong = small.serve("S2", [("grant:G1", 100, "CNY")])
    code = put(small, made(small)).body["facts"]["code"]
    small.reverse(wrong)
    with snapshot(small.engine) as connection:
        page = disclosure_page(connection, "b", code)
    assert page.undone == 1
    assert next(row for row in page.figures if row.key == "used.service").difference.amount == -100


def test_figures_of_a_period_change_only_by_what_is_dated_in_it(small):
    one = made(small, basis="period", since="2026-03-01", until="2026-03-31")
    code = put(small, one).body["facts"]["code"]
    small.day = small.day.replace(month=5)
    small.serve("S5", [("grant:G1", 10, "CNY")])
    with snapshot(small.engine) as connection:
        page = disclosure_page(connection, "b", code)
    assert (page.later, page.differs) == (1, False)  # the entry that published it is dated in the period itself
    small.day = small.day.replace(month=3)
    small.serve("S6", [("grant:G1", 20, "CNY")])
    with snapshot(small.engine) as connection:
        page = disclosure_page(connection, "b", code)
    assert (page.later, page.differs) == (2, True)
    assert next(row for row in page.figures if row.key == "used.service").difference.amount == 20


def test_a_correction_needs_a_note_and_keeps_what_stood(small):
    code = put(small, made(small)).body["facts"]["code"]
    small.serve("S2", [("grant:G1", 100, "CNY")])
    one = made(small)
    told = figures(small, one)
    with pytest.raises(MalformedError), writing(small.engine, "b") as w:
        correct(w, small.act(), code, one, told, "  ")
    other = made(small, subject="fund:general")
    with pytest.raises(MalformedError), writing(small.engine, "b") as w:
        correct(w, small.act(), code, other, figures(small, other), "另一个对象")
    with writing(small.engine, "b") as w:
        correct(w, small.act(), code, one, told, "漏记一次服务")
    with snapshot(small.engine) as connection:
        page = disclosure_page(connection, "b", code)
        assert verify_book(connection, find_book(connection, "b")).clean
    used = next(row for row in page.figures if row.key == "used.service")
    assert (used.quantity.amount, [old.amount for old in used.before]) == (350, [250])
    assert [version.note for version in page.versions] == ["漏记一次服务", ""]


def test_figures_that_are_not_the_ledgers_are_refused(small):
    one = made(small)
    told = figures(small, one)
    told[0]["amount"] += 1
    with pytest.raises(ConflictError):
        put(small, one, told)
    with pytest.raises(RuleError):
        put(small, replace(one, size=one.size + 1), figures(small, one))
    with pytest.raises(RuleError):
        figures(small, made(small, subject="fund:elder"))  # nothing ever moved there


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "worker:w01"},
        {"clock": "daily"},
        {"title": " "},
        {"title": "长" * 121},
        {"basis": "period"},
        {"since": "2026-03-01"},
        {"basis": "period", "since": "2026-04-01"},
        {"until": "31 March"},
        {"size": "many"},
    ],
)
def test_what_does_not_say_what_it_is_is_refused(wrong):
    with pytest.raises(MalformedError):
        publication_of({**FACTS, "size": 5, **wrong})


def test_a_long_detail_ends_with_one_row_for_the_rest():
    detail = tuple((f"fund:f{n}", 1000 - n) for n in range(MOST_DETAIL + 7))
    figure = Figure("received", "CNY", sum(n for _, n in detail), detail)
    (told,) = told_figures([figure])
    assert len(told["detail"]) == MOST_DETAIL + 1
    assert (told["detail"][-1]["what"], told["detail"][-1]["count"]) == (REST, 7)
    assert sum(row["amount"] for row in told["detail"]) == told["amount"]


def test_a_closed_project_publishes_its_final_report_and_shows_it(small):
    small.back("G1", 350)
    with writing(small.engine, "b") as w:
        w.append([small.act().draft("project.closed", facts={"code": "meals", "reason": "结束"})])
    code = put(small, made(small, clock="final")).body["facts"]["code"]
    with snapshot(small.engine) as connection:
        (shown,) = project_page(connection, "b", "meals").published
        listed = disclosures_page(connection, "b", "project", "final", "newest", 1)
    assert shown.ref.code == code
    assert [line.ref.code for line in listed.lines] == [code]
