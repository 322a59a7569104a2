"""Small gifts: a stream for each fund, the one-yuan pool, the market, the flood, hours and bags of rice."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from ledger.demo import codes
from ledger.demo.dice import Dice, person
from ledger.demo.teller import END, INCOME, START, Event, Teller, act, day_of, yuan
from ledger.giving.actions import Donation

WISHES = (
    "愿老人们吃上热饭",
    "给孩子们添本书",
    "一点心意，不用谢",
    "替外婆捐的",
    "每个月都来一块",
    "谢谢志愿者上次帮我妈理发",
    "工资到账先捐十块",
    "祝小区越来越好",
)


class Stream(NamedTuple):
    """Gifts that keep coming to a fund: how many a month, which amounts in yuan, and how they arrive."""

    name: str
    fund: str
    monthly: tuple[int, int]
    amounts: tuple[int, ...]
    place: str
    channel: str
    named: int  # percent who give a name


STREAMS = (
    Stream("pool", "meals", (86, 104), (1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 5), "wallet:wechat", "wechat", 35),
    Stream("elder", "elder", (12, 20), (5, 5, 10, 10, 20, 30, 50), "wallet:wechat", "wechat", 60),
    Stream("child", "child", (14, 24), (10, 20, 20, 50, 50, 66, 100, 200), "wallet:alipay", "alipay", 70),
    Stream("ability", "ability", (8, 14), (20, 50, 50, 100, 100, 200, 500), "wallet:alipay", "alipay", 75),
    Stream("general", "general", (8, 16), (10, 50, 100, 100, 200, 300, 1000), "bank:main", "bank", 85),
    Stream("box", "general", (3, 5), (18, 37, 64, 112, 203, 251), "cash:main", "box", 0),
)
FLOOD = (day_of("2026-07-17"), 15, 340, (10, 20, 20, 50, 50, 100, 100, 200))
RAIN, LUNCH = "rain2026", "lunch2026"
CAMPAIGNS = (
    ("fund:emergency", RAIN, day_of("2026-07-17"), day_of("2026-08-16")),
    ("fund:meals", LUNCH, day_of("2026-03-01"), day_of("2027-02-28")),
)
"""Campaigns: where their gifts go, their codes, from when to when."""
KEPT = (
    ("2026-10-06", "v03", 120),
    ("2026-10-09", "v11", 90),
    ("2026-10-13", "v05", 180),
    ("2026-10-17", "v19", 60),
    ("2026-10-25", "v03", 150),
    ("2026-10-28", "v20", 120),
)
"""Hours that volunteers gave for later, for families with disabilities: day, volunteer, minutes."""
MARKET = (day_of("2026-05-16"), 100_000)
"""The day of the market, and what residents gave there in all (fen), in coins and notes of 1 to 5 yuan."""


class Star(NamedTuple):
    """A gift that the demo shows; amount in yuan."""

    star: codes.Star
    day: str
    source: str
    taker: str
    amount: int
    place: str
    channel: str
    remark: str


STARRED = (
    Star(
        codes.CHIEF, "2026-02-14", "individual", "fund:elder", 1000, "wallet:wechat", "wechat", "爸妈的年夜饭省下一千"
    ),
    Star(codes.ONE_YUAN, "2025-10-02", "individual", "fund:meals", 1, "wallet:wechat", "wechat", "国庆第二天的一块钱"),
    Star(codes.REVERSED, "2026-04-21", "individual", "fund:general", 2000, "bank:main", "bank", "生日当天捐一笔"),
)


def months() -> Iterator[date]:
    """Give the first day of every month of the story."""
    day = START
    while day <= END:
        yield day
        day = (day + timedelta(days=32)).replace(day=1)


def last_of(month: date) -> date:
    """Give the last day of a month."""
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def give(day: date, ref: str, donation: Donation) -> Event:
    """Make the event of a gift."""
    return Event(day, INCOME, partial(Teller.gift, act=act(day, ref, "cashier"), donation=donation))


def chapter() -> Iterator[Event]:
    """Tell all small gifts."""
    for stream in STREAMS:
        yield from _flow(stream)
    yield from _market()
    yield from _flood()
    yield from _hours()
    for gift in STARRED:
        yield _starred(gift)


def _starred(gift: Star) -> Event:
    dice = Dice(gift.star.ref)
    facts = {"channel": gift.channel, "consent": False}
    donation = Donation(
        f"source:{gift.source}",
        gift.taker,
        yuan(gift.amount),
        place=gift.place,
        donor=person(dice),
        remark=gift.remark,
        facts=facts,
    )
    return give(day_of(gift.day), gift.star.ref.removeprefix("demo/"), donation)


def _flow(stream: Stream) -> Iterator[Event]:
    dice = Dice(f"gifts/{stream.name}")
    for month in months():
        for number in range(dice.whole(*stream.monthly)):
            day = month + timedelta(days=dice.whole(0, (last_of(month) - month).days))
            yield give(day, f"{stream.name}/{month:%Y-%m}/{number:03}", _small(stream, dice, day))


def campaign_of(taker: str, day: date) -> dict[str, str]:
    """Say for which campaign something is given, if for any."""
    running = [code for fund, code, starts, ends in CAMPAIGNS if fund == taker and starts <= day <= ends]
    return {"campaign": running[0]} if running else {}


def _small(stream: Stream, dice: Dice, day: date) -> Donation:
    named = dice.chance(stream.named)
    return Donation(
        "source:individual" if stream.named else "source:public",
        f"fund:{stream.fund}",
        yuan(dice.pick(stream.amounts)),
        place=stream.place,
        donor=person(dice) if named else "",
        remark=dice.pick(WISHES) if dice.chance(12) else "",
        facts={"channel": stream.channel}
        | ({"consent": dice.chance(40)} if named else {})
        | campaign_of(f"fund:{stream.fund}", day),
    )


def _market() -> Iterator[Event]:
    """Fill the market's jar exactly."""
    dice, number = Dice("gifts/market"), 0
    day, left = MARKET
    while left:
        amount = min(left, yuan(dice.whole(1, 5)))
        donation = Donation("source:public", "fund:market", amount, place="cash:main", facts={"channel": "market"})
        yield give(day, f"market/{number:03}", donation)
        left, number = left - amount, number + 1


def _flood() -> Iterator[Event]:
    first, days, count, amounts = FLOOD
    dice = Dice("gifts/flood")
    stream = Stream("flood", "emergency", (0, 0), amounts, "wallet:wechat", "wechat", 55)
    for number in range(count):
        # Most of what people give for a flood comes in its first days.
        day = first + timedelta(days=dice.whole(0, days) * dice.whole(0, days) // days)
        yield give(day, f"flood/{number:03}", _small(stream, dice, day))


def _hours() -> Iterator[Event]:
    """Volunteers put hours at the disposal of a fund (时间银行)."""
    dice = Dice("gifts/hours")
    for month in months():
        for number in range(dice.whole(3, 5)):
            day = month + timedelta(days=dice.whole(0, 26))
            fund = dice.pick(("elder", "child", "general"))
            yield give(day, f"hours/{month:%Y-%m}/{number}", _time(fund, dice.whole(2, 8) * 30, dice))
    for text, volunteer, minutes in KEPT:
        facts = {"channel": "time-bank", "volunteer": volunteer}
        kept = Donation("source:volunteer", "fund:ability", minutes, "volunteer-hour", place=None, facts=facts)
        yield give(day_of(text), f"kept/{text}", kept)
    yield give(day_of("2026-03-05"), codes.HOURS.ref.removeprefix("demo/"), _time("elder", 1200, dice))


def _time(fund: str, minutes: int, dice: Dice) -> Donation:
    return Donation(
        "source:volunteer",
        f"fund:{fund}",
        minutes,
        "volunteer-hour",
        place=None,
        donor=person(dice),
        facts={"channel": "time-bank"},
    )
