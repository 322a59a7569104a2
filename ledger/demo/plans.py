"""Plans of the projects: period, budget lines, where; and on which lines the money of their services stands."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ledger.demo import cast
from ledger.demo.teller import MONEY, OPENING, Event, Teller, approved, day_of, told, yuan
from ledger.programs.allocation.projects.actions import Line, Project, change_project, close_project, open_project

DIRECT, ADMINISTRATION = "direct", "administration"
EVERYWHERE = ("huaiyin", "chengxi", "nanbu")
CARE = "care"


class Plan(NamedTuple):
    """A project's plan. Lines are (code, name, category, yuan)."""

    project: str
    since: str
    starts: str
    ends: str
    communities: tuple[str, ...]
    text: str
    lines: tuple[tuple[str, str, str, int], ...]
    need: tuple[str, ...] = ()
    decision: str | None = None


PLANS = (
    Plan(
        "noon",
        "2025-09-20",
        "2025-10-01",
        "2027-02-28",
        EVERYWHERE,
        "三个社区轮流设助餐点，工作日供午餐；行动不便的由志愿者送到家门口，每三周核对一次人数与留样。",
        (
            ("food", "食材", DIRECT, 85_000),
            ("cook", "厨师与帮工", DIRECT, 18_000),
            ("carry", "送餐与保温箱", DIRECT, 12_000),
            ("manage", "项目管理", ADMINISTRATION, 5_000),
        ),
        ("N2025-01", "N2025-02", "N2025-03"),
        "J2025-01",
    ),
    Plan(
        "visit",
        "2025-09-17",
        "2025-09-18",
        "2026-12-31",
        EVERYWHERE,
        "理发、助浴、探访三样小事，志愿者牵头，社工跟一程，把看到的困难转给社区。",
        (
            ("hair", "理发耗材与交通", DIRECT, 6_000),
            ("bath", "助浴耗材与护理", DIRECT, 5_500),
            ("gift", "探访伴手礼", DIRECT, 400),
        ),
        (),
        "J2025-01",
    ),
    Plan(
        "after",
        "2025-09-20",
        "2025-10-01",
        "2027-01-31",
        EVERYWHERE,
        "放学后看作业、读书、做手工，两名老师一名大学生志愿者，家长委员会看账。",
        (
            ("teacher", "教师补贴", DIRECT, 48_000),
            ("material", "材料与教具", DIRECT, 9_000),
            ("room", "场地水电", DIRECT, 8_000),
        ),
        ("N2025-04",),
        "J2025-01",
    ),
    Plan(
        "road",
        "2025-10-27",
        "2025-11-01",
        "2026-12-31",
        EVERYWHERE,
        "同路人家访，一户一份改造清单，急的先做；辅具适配到人，旧轮椅修好留给社区借用。",
        (
            ("visit", "家访与评估", DIRECT, 18_000),
            ("fit", "辅具适配", DIRECT, 1_200),
            ("home", "家庭无障碍改造", DIRECT, 13_000),
        ),
        (),
        "J2025-01",
    ),
    Plan(
        "mind",
        "2025-11-06",
        "2025-11-12",
        "2026-12-31",
        EVERYWHERE,
        "街道购买：照顾者、丧偶老人、青少年三类小组，个案由社工和家庭医生会商。",
        (
            ("group", "小组活动", DIRECT, 68_000),
            ("case", "个案管理", DIRECT, 70_000),
            ("advise", "专业督导", DIRECT, 6_000),
        ),
        ("N2025-05",),
        "J2025-02",
    ),
    Plan(
        "lawyer",
        "2026-02-25",
        "2026-03-01",
        "2027-02-28",
        EVERYWHERE,
        "公益律师每季度坐班半天，能当场答的当场答，要打官司的转法律援助中心。",
        (("duty", "坐班交通与误工补贴", DIRECT, 3_200), ("print", "宣传页", DIRECT, 400)),
        ("N2026-01",),
        "J2026-02",
    ),
    Plan(
        "skill",
        "2026-03-10",
        "2026-03-16",
        "2026-12-31",
        EVERYWHERE,
        "十二课时家政与养老护理入门，课间有人带孩子，结业由街道人社所推荐岗位。",
        (
            ("teach", "讲师课酬", DIRECT, 20_000),
            ("material", "教具与耗材", DIRECT, 6_000),
            ("child", "课间托管", DIRECT, 6_000),
        ),
        ("N2026-02",),
        "J2026-02",
    ),
    Plan(
        "market",
        "2026-05-24",
        "2026-05-24",
        "2026-10-31",
        EVERYWHERE,
        "集市罐子里的一千元，由居民议事选出五件小事，每件两位居民监督。",
        (("small", "五个微项目", DIRECT, 1_000),),
        (),
        "J2026-05",
    ),
    Plan(
        "rain",
        "2026-07-17",
        "2026-07-17",
        "2026-09-30",
        EVERYWHERE,
        "先转移、再发放、后恢复：安置点保饮水被褥，退水后逐户消毒清淤，社工跟进受灾家庭。",
        (
            ("buy", "应急采购与伙食", DIRECT, 32_000),
            ("hand", "安置与发放", DIRECT, 50_000),
            ("mend", "清淤消毒与恢复", DIRECT, 20_000),
        ),
        ("N2026-07",),
        "J2026-06",
    ),
)
NEW = Plan(
    CARE,
    "2026-02-25",
    "2026-03-01",
    "2027-02-28",
    ("nanbu", "huaiyin"),
    "南埠街道购买：护理员每周上门两次，翻身、擦洗、用药提醒；只用合同款，不与捐赠混用。",
    (
        ("nurse", "护理员上门", DIRECT, 78_000),
        ("aid", "护理耗材", DIRECT, 12_000),
        ("train", "家属培训", DIRECT, 6_000),
    ),
    ("N2026-03",),
)
ENDED = ("2026-10-31", "market", "五个微项目全部完成，余款八十元留在集市基金")
IN_ENGLISH = {
    "noon": "Lunch on weekdays in three communities in turn; volunteers carry it to those who cannot come.",
    "visit": "Haircuts, baths and visits, led by volunteers; a social worker comes along and passes on what they see.",
    "after": "Homework, reading and crafts after school, with two teachers and a student volunteer.",
    "road": "Visits by people who walk the same road; a list of changes for every home, the urgent ones first.",
    "mind": "Bought by the street office: groups for carers, widowed residents and teenagers, and casework.",
    "lawyer": "A lawyer sits in for half a day every quarter; lawsuits go to the legal aid centre.",
    "skill": "Twelve lessons in housekeeping and eldercare; somebody minds the children meanwhile.",
    "market": "A thousand yuan from the market’s jar, for five small things that residents chose.",
    "rain": "Shelter first, then supplies, then recovery; social workers stay with the families.",
    CARE: "Bought by Nanbu street office: nurses come twice a week; paid by the contract alone.",
}
NEW_NAME = ("失能老人居家照护", "Care at Home")
SHARES = {
    "noon": (("food", 72), ("cook", 18), ("carry", 10)),
    "hair": (("hair", 100),),
    "bath": (("bath", 100),),
    "visit": (("gift", 100),),
    "after": (("teacher", 70), ("material", 20), ("room", 10)),
    "road": (("visit", 100),),
    "chair": (("fit", 100),),
    "mind": (("group", 100),),
    "case": (("case", 95), ("advise", 5)),
    "law": (("duty", 100),),
    "skill": (("teach", 70), ("material", 15), ("child", 15)),
    "single": (("small", 100),),
    "rain": (("hand", 80), ("mend", 20)),
    CARE: (("nurse", 82), ("aid", 12), ("train", 6)),
}
"""How a service divides its money: lines and parts of a hundred, by series."""


def lines_of(topic: str, money: int) -> list[dict[str, object]]:
    """Divide the money of a service (fen) by budget line; what division leaves over stands on the first line."""
    shares = SHARES.get(topic.partition("/")[0], ())
    parts = [money * share // 100 for _, share in shares]
    if not money or not parts:
        return []
    parts[0] += money - sum(parts)
    return [{"line": line, "amount": part} for (line, _), part in zip(shares, parts, strict=True) if part]


def chapter() -> Iterator[Event]:
    """Tell how projects were planned."""
    yield Event(day_of(NEW.since), OPENING, _open)
    for plan in PLANS:
        yield Event(day_of(plan.since), OPENING, partial(_plan, plan))
    yield Event(day_of(ENDED[0]), MONEY, _end)


def _open(teller: Teller) -> None:
    name, name_en = NEW_NAME
    project = _project(NEW, name, "yinxing", "general", "organization")
    opening = told(approved(day_of(NEW.since), f"project/{NEW.project}"), name_en=name_en, plan_en=IN_ENGLISH[CARE])
    open_project(teller.settled(), opening, project)


def _plan(plan: Plan, teller: Teller) -> None:
    _, name, name_en, organization, fund, lead = next(row for row in cast.PROJECTS if row[0] == plan.project)
    acting = approved(day_of(plan.since), f"plan/{plan.project}")
    changing = told(acting, name_en=name_en, plan_en=IN_ENGLISH[plan.project])
    change_project(teller.settled(), changing, _project(plan, name, organization, fund, lead))


def _end(teller: Teller) -> None:
    day, code, reason = ENDED
    close_project(teller.settled(), approved(day_of(day), f"project/{code}/end"), code, reason)


def _project(plan: Plan, name: str, organization: str, fund: str, lead: str) -> Project:
    return Project(
        plan.project,
        name,
        organization,
        plan.communities,
        fund,
        lead,
        plan.text,
        day_of(plan.starts),
        day_of(plan.ends),
        [Line(line, text, category, yuan(amount)) for line, text, category, amount in plan.lines],
        plan.need,
        plan.decision,
    )
