"""What a campaign received so far: kept up to an entry, and added up from there."""

from datetime import date

import pytest
from sqlalchemy import select

from ledger.core.errors import AlreadyOpenError, ClosedObjectError, MalformedError, NotFoundError, UnknownObjectError
from ledger.giving.intake import campaigns
from ledger.giving.intake.actions import Campaign, close_campaign, open_campaign
from ledger.giving.intake.campaigns import campaign_days, campaign_lines, keep_sums, read_sums
from ledger.giving.intake.tables import campaign_sums
from ledger.journal.read import find_book, snapshot
from tests.support.looking import body, check_refused
from tests.support.queries import counted
from tests.support.small import Small

DAY = date(2026, 1, 1)
WINTER = Campaign("winter", "暖冬", "general", DAY, date(2026, 4, 1), target=100_000, description="为长者添棉被")
FLOOD = Campaign("flood", "抗洪", "elder", DAY, emergency=True)
FOR_WINTER, FOR_FLOOD = {"campaign": "winter"}, {"campaign": "flood"}


@pytest.fixture
def small(engine):
    small = Small(engine)
    small.do(open_campaign, WINTER)
    small.do(open_campaign, FLOOD)
    return small


def sums(small, *, keep=False):
    with snapshot(small.engine) as connection:
        book = find_book(connection, "b")
        found = read_sums(connection, book, ["winter", "flood"])
    if keep:
        keep_sums(small.engine, book, found)
    return {code: each.days for code, each in found.items()}


def test_facts_of_a_campaign(small):
    facts = body(small.engine, small.do(open_campaign, Campaign("b", "图书角", "general", DAY)))["facts"]
    assert facts == {"code": "b", "name": "图书角", "fund": "general", "starts": "2026-01-01", "emergency": False}


@pytest.mark.parametrize(
    ("campaign", "error"),
    [
        (WINTER, AlreadyOpenError),
        (Campaign("x", " ", "general", DAY), MalformedError),
        (Campaign("x", "名", "nobody", DAY), UnknownObjectError),
        (Campaign("x", "名", "general", DAY, date(2025, 12, 31)), MalformedError),
        (Campaign("x", "名", "general", DAY, target=0), MalformedError),
    ],
)
def test_what_is_refused(small, campaign, error):
    with check_refused(small.engine, error, None):
        small.do(open_campaign, campaign)


def test_sums_by_day_with_goods_and_reversals(small):
    small.give(100, facts=FOR_WINTER)
    wrong = small.give(40, facts=FOR_WINTER)
    small.day = date(2026, 3, 2)
    small.give(7, facts=FOR_WINTER)
    small.give(5, unit="N95口罩:个", value=10, facts=FOR_WINTER)
    small.give(9, taker="fund:elder", facts=FOR_FLOOD)
    small.give(1_000)
    small.reverse(wrong)
    wanted = {
        "winter": {"2026-03-01": {"CNY": [1, 100]}, "2026-03-02": {"CNY": [1, 7], "N95口罩:个": [1, 5]}},
        "flood": {"2026-03-02": {"CNY": [1, 9]}},
    }
    assert sums(small) == wanted


@pytest.mark.parametrize("often", [1, 2, 5])
def test_kept_sums_and_what_came_since_are_the_same_as_counting_anew(small, monkeypatch, often):
    monkeypatch.setattr(campaigns, "KEEP_FROM", 1)
    gifts = []
    for number in range(10):
        gifts.append(small.give(number + 1, facts=FOR_WINTER if number % 3 else FOR_FLOOD))
        if number % 4 == 3:
            small.reverse(gifts.pop(0))
        seen = sums(small, keep=number % often == 0)
        with small.engine.connect() as connection:
            kept = connection.execute(select(campaign_sums.c.code, campaign_sums.c.until)).all()
        with small.engine.begin() as connection:
            connection.execute(campaign_sums.update().values(until=0, days="{}"))
        assert sums(small) == seen
        with small.engine.begin() as connection:
            connection.execute(campaign_sums.delete())
        assert sums(small) == seen
        sums(small, keep=True)
        assert kept is not None


def test_an_older_state_never_replaces_a_newer_one(small, monkeypatch):
    monkeypatch.setattr(campaigns, "KEEP_FROM", 1)
    small.give(1, facts=FOR_WINTER)
    with snapshot(small.engine) as connection:
        old = find_book(connection, "b")
        before = read_sums(connection, old, ["winter"])
    small.give(2, facts=FOR_WINTER)
    newer = sums(small, keep=True)
    keep_sums(small.engine, old, before)
    assert sums(small) == newer
    with small.engine.connect() as connection:
        (until,) = connection.scalars(select(campaign_sums.c.until).where(campaign_sums.c.code == "winter"))
    assert until == old.size + 1


def test_lines_and_days(small):
    small.give(100, facts=FOR_WINTER)
    small.do(close_campaign, "flood", "险情解除")
    with check_refused(small.engine, ClosedObjectError, "campaign:flood"):
        small.give(1, facts=FOR_FLOOD)
    with snapshot(small.engine) as connection, counted(small.engine) as sent:
        book = find_book(connection, "b")
        lines, found = campaign_lines(connection, book)
        days = campaign_days(connection, book, found["winter"])
        assert [(line.ref.name, line.closed, line.gifts, line.money.amount) for line in lines] == [
            ("抗洪", True, 0, 0),
            ("暖冬", False, 1, 100),
        ]
        assert (lines[1].target.amount, lines[1].fund.name, lines[0].emergency) == (100_000, "互助基金", True)
        assert [(day.day, day.gifts, day.money.amount) for day in days] == [(date(2026, 3, 1), 1, 100)]
        assert [line.ref.code for line in campaign_lines(connection, book, code="winter")[0]] == ["winter"]
        with pytest.raises(NotFoundError):
            campaign_lines(connection, book, code="spring")
    assert len(sent) <= 24
