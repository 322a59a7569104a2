"""What is made public: two campaigns, their disclosures, those of projects and of funds; one of them corrected."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ledger.audit.disclosure.actions import Publication, checked_figures, code_of, correct, publish, told_figures
from ledger.demo.gifts import CAMPAIGNS, LUNCH, RAIN
from ledger.demo.teller import BOOK, MONEY, OPENING, Event, Teller, approved, day_of, told, yuan
from ledger.giving.intake.actions import Campaign, close_campaign, open_campaign
from ledger.journal.read import find_book

NAMED = {
    RAIN: (
        "七月暴雨应急募捐",
        "July Rainstorm Appeal",
        200_000,
        "为进水居民筹款筹物：转移安置、饮水被褥、清淤消毒。应急期内每五日公开一次。",
        "For flooded homes: shelter, water, quilts, cleaning. Published every five days while it lasts.",
    ),
    LUNCH: (
        "一块钱午餐 · 年度募捐",
        "One-Yuan Lunch, Year-Round Appeal",
        150_000,
        "每人一块钱，凑成老人的一顿午饭。每三个月公开一次。",
        "One yuan each makes an older neighbour’s lunch. Published every three months.",
    ),
}
ENDED = ("2026-08-16", "应急响应结束，结余转入灾后恢复")


class Notice(NamedTuple):
    """A disclosure; `since` makes it one of a period."""

    day: str
    subject: str
    clock: str
    title: str
    title_en: str
    since: str | None = None
    until: str = ""

    @property
    def last(self) -> str:
        """Return the day up to which it tells."""
        return self.until or self.day


def _rain(number: int, day: str) -> Notice:
    return Notice(
        day,
        f"campaign:{RAIN}",
        "emergency",
        f"七月暴雨募捐第 {number} 次公开",
        f"July Rainstorm Appeal, notice {number}",
    )


def _year(fund: str, name: str, name_en: str) -> Notice:
    title, title_en = f"{name} 2025 年度公开", f"{name_en}, 2025"
    return Notice("2026-03-27", f"fund:{fund}", "annual", title, title_en, "2025-09-01", "2025-12-31")


def _quarter(day: str, project: str, name: str, name_en: str) -> Notice:
    return Notice(day, f"project:{project}", "quarterly", f"{name}项目进展与收支", f"{name_en}: progress and accounts")


EMERGENCY = tuple(
    _rain(number, f"2026-{day}") for number, day in enumerate(("07-21", "07-26", "07-31", "08-05", "08-10", "08-15"), 1)
)
WRONG, CORRECTED = EMERGENCY[1], "2026-07-27"
NOTE = "7 月 25 日、26 日到账的捐赠在公开时尚未入账，今日补列；原公开内容保留。"
"""The second notice was prepared with what was in the books two days before."""
NOTICES = (
    *(notice for notice in EMERGENCY if notice != WRONG),
    Notice("2026-09-28", f"campaign:{RAIN}", "final", "七月暴雨募捐结束公开", "July Rainstorm Appeal, final notice"),
    Notice("2026-05-29", f"campaign:{LUNCH}", "quarterly", "一块钱午餐募捐 · 第一季", "One-Yuan Lunch, first quarter"),
    Notice("2026-08-28", f"campaign:{LUNCH}", "quarterly", "一块钱午餐募捐 · 第二季", "One-Yuan Lunch, second quarter"),
    _year("general", "社区发展基金", "Community Development Fund"),
    _year("meals", "一块钱午餐基金", "One-Yuan Lunch Fund"),
    _year("elder", "银龄探访微基金", "Silver Age Visiting Fund"),
    _year("child", "四点半课堂基金", "After-School Fund"),
    _year("ability", "同路无障碍基金", "Barrier-Free Fund"),
    _year("law", "邻里法律援助基金", "Neighbourhood Legal Aid Fund"),
    _quarter("2025-12-30", "noon", "银龄午餐", "Noon Meals"),
    _quarter("2026-03-27", "noon", "银龄午餐", "Noon Meals"),
    _quarter("2026-06-26", "noon", "银龄午餐", "Noon Meals"),
    _quarter("2026-09-25", "noon", "银龄午餐", "Noon Meals"),
    _quarter("2026-09-25", "visit", "银龄上门服务", "Silver Age at Home"),
    _quarter("2026-10-12", "after", "四点半课堂", "After School"),
    _quarter("2026-08-31", "road", "同路家访", "Same Road Visits"),
    _quarter("2026-10-20", "mind", "心理支持与个案管理", "Counselling and Casework"),
    _quarter("2026-07-31", "skill", "新市民就业技能", "Skills for New Residents"),
    _quarter("2026-10-15", "lawyer", "邻里法律咨询", "Legal Advice Next Door"),
    _quarter("2026-10-15", "care", "失能老人居家照护", "Care at Home"),
    Notice("2026-10-28", "project:rain", "final", "七月暴雨应急救援结项公开", "July Rainstorm Relief, final accounts"),
)


def chapter() -> Iterator[Event]:
    """Tell campaigns and disclosures."""
    for fund, code, starts, ends in CAMPAIGNS:
        name, name_en, target, text, text_en = NAMED[code]
        campaign = Campaign(code, name, fund.partition(":")[2], starts, ends, code == RAIN, yuan(target), text)
        yield Event(starts, OPENING, partial(_open, campaign, name_en, text_en))
    yield Event(day_of(ENDED[0]), MONEY, _close)
    for notice in NOTICES:
        yield Event(day_of(notice.day), MONEY, partial(_publish, notice))
    yield from _mistaken()


def _open(campaign: Campaign, name_en: str, text_en: str, teller: Teller) -> None:
    acting = approved(campaign.starts, f"campaign/{campaign.code}")
    opening = told(acting, name_en=name_en, description_en=text_en)
    open_campaign(teller.settled(), opening, campaign)


def _close(teller: Teller) -> None:
    day, reason = ENDED
    close_campaign(teller.settled(), approved(day_of(day), f"campaign/{RAIN}/end"), RAIN, reason)


def _publish(notice: Notice, teller: Teller, size: int | None = None) -> Publication:
    made = _publication(notice, size or teller.size())
    acting = approved(day_of(notice.day), f"publish/{notice.subject}/{notice.clock}-{notice.last}")
    publish(teller.settled(), acting, made, _figures(made, teller))
    return made


def _publication(notice: Notice, size: int) -> Publication:
    basis = "period" if notice.since else "cumulative"
    more = (notice.since, notice.last, size, notice.clock, notice.title_en)
    return Publication(notice.subject, notice.title, basis, *more)


def _figures(made: Publication, teller: Teller) -> list[dict[str, object]]:
    connection = teller.settled().connection
    return told_figures(checked_figures(connection, find_book(connection, BOOK), made))


def _mistaken() -> Iterator[Event]:
    """Publish with a cut-off two days old, and correct it the next day with the cut-off that was meant."""
    sizes: list[int] = []

    def note(teller: Teller) -> None:
        sizes.append(teller.size())

    def hurry(teller: Teller) -> None:
        _publish(WRONG, teller, sizes[0])

    def mend(teller: Teller) -> None:
        made = _publication(WRONG, sizes[1])
        acting = approved(day_of(CORRECTED), f"correct/{WRONG.subject}/{WRONG.last}")
        correct(teller.settled(), acting, code_of(made), made, _figures(made, teller), NOTE)

    yield Event(day_of("2026-07-25"), OPENING, note)
    yield Event(day_of(WRONG.day), MONEY, hurry)
    yield Event(day_of(WRONG.day), MONEY, note)
    yield Event(day_of(CORRECTED), MONEY, mend)
