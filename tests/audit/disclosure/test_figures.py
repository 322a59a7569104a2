"""Figures: they add up, they are the same for ever, and what does not add up is found."""

from datetime import date
from itertools import count

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.audit.disclosure import check, figures, residuals
from ledger.giving.actions import receive_income
from ledger.journal import tables as t
from ledger.journal.append import writing
from ledger.journal.read import find_book, snapshot
from ledger.people.actions import one
from ledger.programs.parties.carried import tallies
from ledger.programs.parties.tally import Span
from tests.support.small import Small

MASKS = "N95口罩:个"
SUBJECTS = (
    "fund:general",
    "fund:elder",
    "project:meals",
    "organization:sunshine",
    "community:heping",
    "campaign:winter",
)


@pytest.fixture
def small(engine):
    return with_campaign(Small(engine))


def with_campaign(small):
    facts = {"code": "winter", "name": "暖冬", "fund": "general", "starts": "2026-01-01", "emergency": False}
    with writing(small.engine, small.code) as w:
        one(w, small.act().draft("campaign.opened", facts=facts))
    return small


def told(small, subject, size=None, since="", until="~"):
    """Give figures as {(key, unit): amount}, having checked that each equals its detail."""
    with snapshot(small.engine) as connection:
        row = find_book(connection, small.code)
        found = figures.figures_of(connection, row, subject, Span(size or row.size, since, until))
    assert not residuals.residuals_of(subject, found)
    assert all(sum(n for _, n in one.detail) == one.amount for one in found)
    return {(one.key, one.unit): one.amount for one in found}


def live(small, subject):
    with snapshot(small.engine) as connection:
        row = find_book(connection, small.code)
        known = None if subject.startswith("fund:") else tallies(connection, row, [subject])[subject]
        return figures.amounts_of(connection, row, subject, Span(row.size), known)


def some_of_everything(small):
    small.give(1000)
    small.do(receive_income, "source:interest", "fund:general", 7, "bank:main")
    small.give(300, unit=MASKS)
    small.grant("G1", 600)
    small.serve("S1", [("grant:G1", 250, "CNY"), ("fund:general", 30, "CNY"), ("fund:general", 40, MASKS)])
    small.serve("S2", [("source:volunteer", 90, "volunteer-hour")], residents=3)
    small.back("G1", 100)
    small.spend("fund:general", 55)
    small.move("fund:general", "fund:elder", 200)
    small.issue("第一医院", "fund:general", 100)


def test_a_fund_received_what_it_used_and_what_waits(small):
    some_of_everything(small)
    found = told(small, "fund:general")
    assert found["received", "CNY"] == 1007
    assert found["used.service", "CNY"] == 280
    assert found["used.administration", "CNY"] == 55
    assert found["moved", "CNY"] == 200
    assert found["waiting", "CNY"] == 1007 - 280 - 55 - 200
    assert (found["received", MASKS], found["used.service", MASKS], found["used.issued", MASKS]) == (300, 40, 100)
    assert (found["services", "services"], found["residents", "residents"]) == (1, 20)
    assert told(small, "fund:elder") == {("received", "CNY"): 200, ("waiting", "CNY"): 200}


def test_a_project_and_its_organization(small):
    some_of_everything(small)
    for subject in ("project:meals", "organization:sunshine"):
        found = told(small, subject)
        assert (found["received", "CNY"], found["used.service", "CNY"], found["waiting", "CNY"]) == (530, 280, 250)
        assert found["services", "services"] == 2
        assert found["residents", "residents"] == 21  # of a small group one is counted
    place = told(small, "community:heping")
    assert (place["used.service", "CNY"], place["used.service", "volunteer-hour"]) == (280, 90)


def give_to_campaign(small, amount, day=None):
    from ledger.giving.actions import Donation, donation_draft  # noqa: PLC0415

    small.day = day or small.day
    code = f"{next(small.refs):017d}"
    draft = donation_draft(small.act(), Donation("source:individual", "fund:general", amount), code)
    draft.facts["campaign"] = "winter"
    with writing(small.engine, small.code) as w:
        return w.append([draft])[0].seq


def test_a_campaign_is_what_reached_the_bank(small):
    give_to_campaign(small, 300)
    wrong = give_to_campaign(small, 999)
    give_to_campaign(small, 200, date(2026, 3, 9))
    small.reverse(wrong)
    assert told(small, "campaign:winter") == {("received", "CNY"): 500, ("gifts", "gifts"): 2}


def test_the_figures_of_a_page_are_those_that_are_published(small):
    some_of_everything(small)
    give_to_campaign(small, 300)
    for subject in SUBJECTS:
        assert live(small, subject) == told(small, subject), subject
        small.reverse(small.serve(f"X-{subject}", [("fund:general", 5, "CNY")]))
        assert live(small, subject) == told(small, subject), subject


def test_a_period_counts_what_is_dated_in_it_and_stands(small):
    small.day = date(2026, 3, 1)
    small.give(1000)
    small.grant("G1", 500)
    small.day = date(2026, 4, 1)
    small.serve("S1", [("grant:G1", 100, "CNY")])
    wrong = small.serve("S2", [("grant:G1", 60, "CNY")])
    small.day = date(2026, 5, 1)
    small.reverse(wrong)
    assert told(small, "project:meals", since="2026-04-01", until="2026-04-30") == {
        ("used.service", "CNY"): 100,
        ("services", "services"): 1,
        ("residents", "residents"): 20,
    }
    assert told(small, "fund:general", since="2026-05-01", until="2026-05-31") == {}
    assert told(small, "fund:general", since="2026-03-01", until="2026-03-31") == {("received", "CNY"): 1000}


def test_a_total_that_was_tampered_with_is_found(small):
    some_of_everything(small)
    with small.engine.begin() as connection:
        a = t.axes.c
        changed = sa.update(t.axes).where(a.account == "fund:general", a.unit == "CNY").values(received=a.received + 11)
        connection.execute(changed)
    with snapshot(small.engine) as connection:
        row = find_book(connection, small.code)
        found = figures.figures_of(connection, row, "fund:general", Span(row.size))
        wrong = residuals.residuals_of("fund:general", found)
        public = check(connection, row.id)
    assert {(one.where, one.amount) for one in wrong} == {("received", 11), ("waiting", 11)}
    assert "book.faces" in {one.where for one in public}


def test_public_totals_add_up(small):
    some_of_everything(small)
    small.reverse(small.give(77))
    small.reverse(small.serve("S9", [("fund:general", 5, "CNY")]))
    with snapshot(small.engine) as connection:
        assert check(connection, find_book(connection, small.code).id) == []


# ------------------------------------------------------------------ the same for ever

BOOKS = count()
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("give", "campaign", "grant", "serve", "direct", "back", "spend", "move", "undo")),
        st.integers(1, 40),
        st.integers(1, 28),
    ),
    min_size=3,
    max_size=10,
)


def do(small, step, amount, day):
    """Try one step; what the ledger refuses is left out."""
    from ledger.core.errors import LedgerError  # noqa: PLC0415

    small.day = date(2026, 3, day)
    number = next(small.refs)
    acts = {
        "give": lambda: small.give(amount * 100),
        "campaign": lambda: give_to_campaign(small, amount * 10),
        "grant": lambda: small.grant(f"G{number}", amount),
        "serve": lambda: small.serve(f"S{number}", [(f"grant:{small.last}", amount, "CNY")], residents=amount),
        "direct": lambda: small.serve(f"S{number}", [("fund:general", amount, "CNY")], residents=amount),
        "back": lambda: small.back(small.last, 1),
        "spend": lambda: small.spend("fund:general", amount),
        "move": lambda: small.move("fund:general", "fund:elder", amount),
        "undo": lambda: small.reverse(small.newest),
    }
    try:
        small.newest = acts[step]()
        if step == "grant":
            small.last = f"G{number}"
    except LedgerError:
        return


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=STEPS, after=STEPS)
def test_figures_of_a_cutoff_never_change(engine, before, after):
    small = with_campaign(Small(engine, code=f"b{next(BOOKS)}"))
    small.last, small.newest = "G0", 0
    small.give(5000)
    for step in before:
        do(small, *step)
    with snapshot(engine) as connection:
        size = find_book(connection, small.code).size
    spans = [(size, "", "~"), (size, "2026-03-05", "2026-03-20")]
    first = {(subject, span): told(small, subject, *span) for subject in SUBJECTS for span in spans}
    lived = {subject: live(small, subject) for subject in SUBJECTS}
    for step in after:
        do(small, *step)
    assert first == {(subject, span): told(small, subject, *span) for subject in SUBJECTS for span in spans}
    assert lived == {subject: first[subject, spans[0]] for subject in SUBJECTS}
    assert {subject: live(small, subject) for subject in SUBJECTS} == {
        subject: told(small, subject) for subject in SUBJECTS
    }
    with snapshot(engine) as connection:
        assert check(connection, find_book(connection, small.code).id) == []
