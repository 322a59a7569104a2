"""The clocks of disclosure, day by day, and the data file of their rules."""

from datetime import date

import pytest

from ledger.audit.disclosure.clocks import Done, Subject, clocks, months_after
from ledger.audit.disclosure.rules import CLOCKS, parse, rules
from ledger.core.errors import CorruptError

START = date(2026, 1, 31)


def run(subject, today, *done):
    """Give what runs as (rule, day due, state)."""
    return [(clock.rule.key, clock.due.isoformat(), clock.state) for clock in clocks([subject], done, rules(), today)]


def long_project(ends=date(2026, 12, 31)):
    return Subject("project:p", "P", START, ends)


def published(clock, until, dated, subject="project:p"):
    return Done(subject, clock, until, dated)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 3, date(2026, 4, 30)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_end_on_days_that_there_are(day, months, then):
    assert months_after(day, months) == then


def test_a_long_project_publishes_every_three_months():
    project = long_project()
    assert run(project, date(2026, 2, 1)) == [("quarterly", "2026-04-30", "calm")]
    assert run(project, date(2026, 4, 16)) == [("quarterly", "2026-04-30", "soon")]
    assert run(project, date(2026, 4, 30)) == [("quarterly", "2026-04-30", "soon")]
    assert run(project, date(2026, 5, 1)) == [("quarterly", "2026-04-30", "late")]
    done = published("quarterly", date(2026, 4, 20), date(2026, 4, 25))
    assert run(project, date(2026, 5, 1), done) == [("quarterly", "2026-07-25", "calm")]
    assert run(project, date(2026, 5, 1), done._replace(subject="project:q")) == [("quarterly", "2026-04-30", "late")]


def test_a_short_one_does_not_and_one_without_an_end_does_after_six_months():
    assert run(long_project(date(2026, 7, 31)), date(2026, 6, 1)) == []
    assert run(long_project(date(2026, 8, 1)), date(2026, 6, 1)) != []
    assert run(long_project(None), date(2026, 7, 31)) == []
    assert run(long_project(None), date(2026, 8, 1)) == [("quarterly", "2026-04-30", "late")]


def test_nothing_runs_before_the_beginning():
    assert run(long_project(), date(2026, 1, 30)) == []


def test_after_the_end_a_full_report_is_due_within_three_months_until_it_is_there():
    project = long_project()
    assert run(project, date(2027, 1, 1)) == [("final", "2027-03-31", "calm")]
    assert run(project, date(2027, 4, 1)) == [("final", "2027-03-31", "late")]
    early = published("final", date(2026, 12, 1), date(2026, 12, 2))
    assert run(project, date(2027, 1, 1), early) == [("final", "2027-03-31", "calm")]
    whole = published("final", date(2026, 12, 31), date(2027, 1, 5))
    assert run(project, date(2027, 6, 1), whole) == []


def test_an_emergency_campaign_publishes_every_five_days():
    campaign = Subject("campaign:c", "C", date(2026, 7, 18), None, emergency=True)
    assert run(campaign, date(2026, 7, 20)) == [("emergency", "2026-07-23", "calm")]
    assert run(campaign, date(2026, 7, 22)) == [("emergency", "2026-07-23", "soon")]
    done = published("emergency", date(2026, 7, 22), date(2026, 7, 22), "campaign:c")
    assert run(campaign, date(2026, 7, 24), done) == [("emergency", "2026-07-27", "calm")]
    assert run(campaign, date(2026, 7, 28), done) == [("emergency", "2026-07-27", "late")]


def test_a_fund_reports_on_each_year():
    fund = Subject("fund:f", "F", date(2025, 9, 1), None)
    assert run(fund, date(2025, 12, 1)) == [("annual", "2026-03-31", "calm")]
    assert run(fund, date(2026, 3, 1)) == [("annual", "2026-03-31", "soon")]
    assert run(fund, date(2026, 4, 1)) == [("annual", "2026-03-31", "late")]
    done = published("annual", date(2025, 12, 31), date(2026, 3, 20), "fund:f")
    assert run(fund, date(2026, 4, 1), done) == [("annual", "2027-03-31", "calm")]
    assert run(fund._replace(ends=date(2025, 12, 30)), date(2027, 1, 1), done) == []


def test_those_that_run_out_first_come_first():
    subjects = [Subject("fund:f", "F", date(2025, 9, 1), None), long_project()]
    due = [clock.due for clock in clocks(subjects, [], rules(), date(2026, 3, 1))]
    assert due == sorted(due)
    assert len(due) == 2


def test_each_rule_of_the_file_says_where_it_is_from():
    assert {rule.key for rule in rules()} == (set(CLOCKS) - {"none"}) | {"correction"}
    for rule in rules():
        assert rule.article
        assert rule.source
        assert rule.effective <= date(2026, 11, 23)
        assert set(rule.facts) == {"article", "article_en", "source", "source_en"}


def test_a_file_that_is_broken_is_refused():
    with pytest.raises(CorruptError):
        parse("[[rule]]\nkey = 'x'\n")
    with pytest.raises(CorruptError):
        parse("not toml")
