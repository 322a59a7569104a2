"""Decisions: of the board, of committees of community funds and of residents; each with its minutes."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ledger.demo import evidence
from ledger.demo.teller import OPENING, Event, Teller, approved, day_of, told, yuan
from ledger.programs.allocation.decisions.actions import Decision, Votes, record_decision


class Motion(NamedTuple):
    """A decision; amount in yuan (none: 0). `votes`: members, present, quorum, for, against, abstained."""

    code: str
    day: str
    body: str
    title: str
    title_en: str
    votes: tuple[int, int, int, int, int, int]
    summary: str
    project: tuple[str, ...] = ()
    need: tuple[str, ...] = ()
    fund: str | None = None
    amount: int = 0
    supervisor: str = ""


BOARD, COMMITTEE, RESIDENTS = "board", "committee", "residents"
MOTIONS = (
    Motion(
        "J2025-01",
        "2025-09-16",
        BOARD,
        "首批社区服务资助",
        "First grants for community services",
        (9, 8, 6, 8, 0, 0),
        "同意资助助餐、四点半课堂、同路家访和上门服务四个项目，按季度核对记录后拨付。",
        ("noon", "after", "road", "visit"),
        ("N2025-01", "N2025-02", "N2025-03", "N2025-04"),
        amount=180_000,
    ),
    Motion(
        "J2025-02",
        "2025-11-05",
        BOARD,
        "承接街道购买社会工作服务",
        "Social work bought by the street office",
        (9, 7, 6, 7, 0, 0),
        "街道首期款专款专用，由和风社会工作服务中心执行，单列预算。",
        ("mind",),
        ("N2025-05",),
        "general",
        120_000,
    ),
    Motion(
        "J2026-01",
        "2026-02-10",
        COMMITTEE,
        "银龄探访微基金本年用款",
        "This year’s use of the visiting fund",
        (7, 6, 5, 6, 0, 0),
        "基金小、用得细：理发、助浴耗材和伴手礼优先，余下留给下半年。",
        ("visit",),
        ("N2025-06",),
        "elder",
        5_000,
        "监督员到会，核对了上年收支，无异议。",
    ),
    Motion(
        "J2026-02",
        "2026-02-24",
        BOARD,
        "法律咨询与就业技能两项资助",
        "Grants for legal advice and for a trade",
        (9, 8, 6, 7, 1, 0),
        "一位理事建议就业班先试一期；表决通过，分期拨付。",
        ("lawyer", "skill"),
        ("N2026-01", "N2026-02"),
        amount=60_000,
    ),
    Motion(
        "J2026-03",
        "2026-02-26",
        BOARD,
        "承接南埠街道失能老人居家照护",
        "Care at home, bought by Nanbu street office",
        (9, 7, 6, 7, 0, 0),
        "合同款直接拨给银杏助老服务社，基金会负责核对服务与请款，不得与捐赠重复列支。",
        ("care",),
        ("N2026-03",),
        "general",
        96_000,
    ),
    Motion(
        "J2026-04",
        "2026-05-05",
        BOARD,
        "助餐第二年与购买服务二期",
        "Second year of lunches, second part of the purchase",
        (9, 9, 6, 9, 0, 0),
        "助餐续资助一年；街道二期款仍专款专用。",
        ("noon", "mind"),
        ("N2025-01", "N2025-02", "N2025-03", "N2025-05"),
        amount=200_000,
    ),
    Motion(
        "J2026-05",
        "2026-05-23",
        RESIDENTS,
        "一元集市的钱怎么花",
        "How to spend the market’s jar",
        (19, 13, 10, 12, 0, 1),
        "十一个提案投豆子，选出五个。每个项目两位居民监督，花完公布账目。",
        ("market",),
        fund="market",
        supervisor="两位居民监督员全程在场，豆子当场清点两遍。",
    ),
    Motion(
        "J2026-06",
        "2026-07-17",
        BOARD,
        "七月暴雨应急授权",
        "Powers for the July rainstorm",
        (9, 7, 6, 7, 0, 0),
        "线上表决：启动应急募捐，授权秘书处先行采购与拨付，每五日公开一次。",
        ("rain",),
        ("N2026-07",),
        "emergency",
        160_000,
    ),
    Motion(
        "J2026-07",
        "2026-08-24",
        COMMITTEE,
        "四点半课堂新学年资助",
        "After-school classroom, new school year",
        (7, 5, 5, 4, 0, 1),
        "上学年结余已退回。材料费上学年超支，本年单列并请家长委员会监督。",
        ("after",),
        ("N2025-04",),
        "child",
        36_000,
        "监督员要求每月公布材料费明细。",
    ),
    Motion(
        "J2026-08",
        "2026-09-14",
        COMMITTEE,
        "冠名赞助商场开业庆典",
        "A sponsored opening at the shopping centre",
        (7, 6, 5, 1, 4, 1),
        "与社区基金用途无关，未通过。",
        amount=20_000,
        fund="general",
        supervisor="监督员提示：不属于慈善活动支出。",
    ),
    Motion(
        "J2026-09",
        "2026-10-20",
        BOARD,
        "今冬助餐加一餐",
        "A second meal in winter",
        (9, 8, 6, 8, 0, 0),
        "十二月到二月为独居老人加送一餐粥点，资助不超过五万元。",
        ("noon",),
        ("N2025-01", "N2025-03"),
        "meals",
        50_000,
    ),
)


def chapter() -> Iterator[Event]:
    """Tell all decisions."""
    for motion in MOTIONS:
        yield Event(day_of(motion.day), OPENING, partial(_record, motion))


def _record(motion: Motion, teller: Teller) -> None:
    votes = Votes(*motion.votes)
    decision = Decision(
        motion.code,
        motion.title,
        day_of(motion.day),
        motion.body,
        votes,
        motion.summary,
        motion.supervisor,
        motion.need,
        motion.project,
        motion.fund,
        yuan(motion.amount) if motion.amount else None,
        evidence=[_minutes(motion, votes, teller)],
    )
    acting = told(approved(day_of(motion.day), f"decision/{motion.code}"), title_en=motion.title_en)
    record_decision(teller.settled(), acting, decision)


def _minutes(motion: Motion, votes: Votes, teller: Teller) -> dict[str, object]:
    lines = [
        f"会议纪要 {motion.code}",
        motion.title,
        f"日期：{motion.day}",
        f"应到 {votes.members} 人，实到 {votes.present} 人，有效人数 {votes.quorum} 人",
        f"赞成 {votes.agreed}，反对 {votes.against}，弃权 {votes.abstained}",
        motion.summary,
        *([f"监督意见：{motion.supervisor}"] if motion.supervisor else []),
        "签到与签字原件存档，不公开姓名。",
    ]
    return evidence.keep(teller.evidence, f"会议纪要-{motion.code}.txt", "text/plain", evidence.record(lines))
