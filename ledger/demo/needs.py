"""What the three communities need: raised, met in part or in full, taken back; the services and grants name them."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import NamedTuple

from ledger.core.units import HOUR
from ledger.demo.teller import MONEY, OPENING, Event, Teller, act, day_of, told
from ledger.programs.allocation.needs.actions import Need, change_need, close_need, raise_need

CNY = "CNY"


class Wish(NamedTuple):
    """A need. `wanted` in smallest parts; `serves`: the series and single services that help with it.

    `ended`: (day, met or withdrawn, why); none while it is open.
    """

    code: str
    title: str
    title_en: str
    category: str
    community: str
    raised_by: str
    raised: str
    residents: int
    wanted: tuple[tuple[str, int], ...]
    description: str
    serves: tuple[str, ...] = ()
    ended: tuple[str, str, str] | None = None


NEEDS = (
    Wish(
        "N2025-01",
        "高龄独居老人的工作日午餐",
        "Weekday lunches for older people living alone",
        "meals",
        "huaiyin",
        "community",
        "2025-09-08",
        62,
        ((CNY, 4_200_000), (HOUR, 6_000)),
        "网格员摸底：六十二位老人中午凑合吃，其中十九位行动不便，需要送到门口。",
        ("noon",),
    ),
    Wish(
        "N2025-02",
        "助餐点覆盖到澄溪西片",
        "Lunches for the western blocks",
        "meals",
        "chengxi",
        "community",
        "2025-09-09",
        70,
        ((CNY, 4_500_000), (HOUR, 6_000)),
        "西片五栋楼离食堂一公里多，老人走不到，希望按楼栋送餐。",
        ("noon",),
    ),
    Wish(
        "N2025-03",
        "南埠头老人午餐与送餐",
        "Lunches brought to older residents",
        "meals",
        "nanbu",
        "community",
        "2025-09-12",
        58,
        ((CNY, 3_600_000),),
        "老码头宿舍没有厨房，三餐靠小卖部。先解决工作日中午这一顿。",
        ("noon",),
    ),
    Wish(
        "N2025-04",
        "放学后两小时没人管",
        "Nobody at home for two hours after school",
        "child-care",
        "nanbu",
        "resident",
        "2025-09-10",
        40,
        ((CNY, 4_000_000), (HOUR, 3_000)),
        "家长联名提出：四点半到六点半孩子在菜场边写作业，不安全。",
        ("after",),
    ),
    Wish(
        "N2025-05",
        "照顾者喘息与心理支持",
        "Support for people who care for relatives",
        "counselling",
        "chengxi",
        "worker",
        "2025-10-20",
        9,
        ((CNY, 5_000_000),),
        "社工个案中发现多位照顾者长期失眠，希望有固定的小组和个别会谈。",
        ("mind", "case"),
    ),
    Wish(
        "N2025-06",
        "失能老人洗澡难",
        "Older people who cannot bathe alone",
        "elderly-care",
        "huaiyin",
        "organization",
        "2025-10-08",
        4,
        ((CNY, 320_000), (HOUR, 900)),
        "冬天浴室滑、家里人抱不动，需要专业助浴。",
        ("bath",),
    ),
    Wish(
        "N2025-07",
        "困难家庭过冬的米和油",
        "Rice and oil for the winter",
        "hardship-relief",
        "chengxi",
        "community",
        "2025-12-01",
        48,
        (("大米:袋", 48), ("食用油:桶", 48)),
        "名单由居民议事会核对并公示五天。",
        ("hard",),
        ("2025-12-28", "met", "四十八户全部领到，回执存档"),
    ),
    Wish(
        "N2026-01",
        "家门口的法律咨询",
        "Legal advice next door",
        "legal-aid",
        "huaiyin",
        "resident",
        "2026-02-06",
        30,
        ((CNY, 800_000), (HOUR, 1_200)),
        "遗嘱、赡养、租房押金问得最多，盼望每季度有一次律师坐班。",
        ("law",),
    ),
    Wish(
        "N2026-02",
        "新市民妈妈想学一门手艺",
        "A trade for mothers new to the city",
        "employment",
        "nanbu",
        "organization",
        "2026-02-20",
        40,
        ((CNY, 4_800_000),),
        "带孩子、没社保、找不到白班，希望就近上课，并有人帮着看孩子。",
        ("skill",),
    ),
    Wish(
        "N2026-03",
        "失能老人居家照护",
        "Care at home for frail older people",
        "elderly-care",
        "nanbu",
        "community",
        "2026-02-25",
        14,
        ((CNY, 9_600_000),),
        "长护险够不着、子女在外地的十四户，由街道购买服务解决一年。",
        ("care",),
    ),
    Wish(
        "N2026-04",
        "3 号楼楼道装扶手",
        "Handrails for the stairs of building 3",
        "environment",
        "huaiyin",
        "resident",
        "2026-03-02",
        24,
        ((CNY, 360_000),),
        "六层无电梯，老人上下楼没有借力的地方。",
        ("single/5",),
        ("2026-05-12", "met", "扶手装好，住户试用后签字"),
    ),
    Wish(
        "N2026-05",
        "一位居民的轮椅",
        "A wheelchair for one resident",
        "disability",
        "huaiyin",
        "worker",
        "2026-04-20",
        1,
        (("轮椅:辆", 1), (CNY, 40_000)),
        "需要按身高体重适配，并教家属怎么用。",
        ("chair",),
        ("2026-06-20", "met", "轮椅已适配，回访一次，使用正常"),
    ),
    Wish(
        "N2026-06",
        "电动车充电棚",
        "A shelter for charging electric bikes",
        "environment",
        "chengxi",
        "resident",
        "2026-05-06",
        110,
        ((CNY, 4_800_000),),
        "楼道里飞线充电，居民担心起火。",
        (),
        ("2026-06-20", "withdrawn", "物业已列入本年度改造，由维修资金支付"),
    ),
    Wish(
        "N2026-07",
        "暴雨后的安置、清淤与过渡",
        "Shelter, cleaning and recovery after the rainstorm",
        "emergency-relief",
        "nanbu",
        "community",
        "2026-07-17",
        66,
        ((CNY, 12_000_000), ("饮用水:箱", 130), ("棉被:床", 40)),
        "低洼三栋进水，六十六人转移到小学，急需饮水、被子和消毒。",
        ("rain",),
        ("2026-09-30", "met", "安置点撤除，最后一户回迁"),
    ),
    Wish(
        "N2026-08",
        "澄溪进水户的生活物资",
        "Supplies for flooded homes",
        "emergency-relief",
        "chengxi",
        "community",
        "2026-07-18",
        40,
        ((CNY, 3_200_000), ("饮用水:箱", 160), ("棉被:床", 90)),
        "沿河一层进水，家电和被褥泡坏，清淤之后还要添置；人数随入户核实更正。",
        ("rain",),
    ),
    Wish(
        "N2026-09",
        "夜里没人应门的独居老人",
        "Older people alone at night",
        "home-visit",
        "huaiyin",
        "volunteer",
        "2026-07-28",
        4,
        ((HOUR, 6_000), (CNY, 100_000)),
        "志愿者提出：傍晚加一次敲门，冬季每周两次。",
        ("visit",),
    ),
    Wish(
        "N2026-10",
        "社区图书角缺书",
        "Books for the reading corner",
        "education",
        "nanbu",
        "resident",
        "2026-09-28",
        85,
        (("少儿图书:册", 120),),
        "暴雨泡坏了一柜子书，孩子们想要科普和绘本。",
    ),
    Wish(
        "N2026-11",
        "入冬前的棉被",
        "Quilts before the winter",
        "hardship-relief",
        "nanbu",
        "community",
        "2026-10-12",
        26,
        (("棉被:床", 26),),
        "二十六户低收入家庭，仓库里还有十一床，缺十五床。",
    ),
    Wish(
        "N2026-12",
        "青少年情绪支持",
        "Support for teenagers in distress",
        "counselling",
        "huaiyin",
        "worker",
        "2026-10-16",
        3,
        ((CNY, 1_200_000),),
        "学校转介，需要个别咨询和家长课，费用尚无着落。",
    ),
    Wish(
        "N2026-13",
        "盲道修整与三处缓坡",
        "Tactile paving and three ramps",
        "disability",
        "chengxi",
        "organization",
        "2026-10-20",
        17,
        ((CNY, 2_600_000), (HOUR, 1_800)),
        "互助会实地走了一遍：盲道断了四处，轮椅在三处要人抬。",
    ),
)
GROWN = ("2026-07-22", "N2026-08", 62, ((CNY, 4_600_000), ("饮用水:箱", 160), ("棉被:床", 90)))
"""The need that turned out larger: day, code, residents, wanted."""


def need_of(topic: str, community: str, day: date) -> str | None:
    """Name the need that a service (its topic, `noon/3` or `single/5`) helps with on its day, if any."""
    for need in NEEDS:
        helps = topic in need.serves or topic.partition("/")[0] in need.serves
        ended = day_of(need.ended[0]) if need.ended else None
        if helps and need.community == community and day_of(need.raised) <= day and (ended is None or day < ended):
            return need.code
    return None


def chapter() -> Iterator[Event]:
    """Tell what is needed, what became more, and what ended."""
    for need in NEEDS:
        yield Event(day_of(need.raised), OPENING, partial(_raise, need))
        if need.ended:
            yield Event(day_of(need.ended[0]), MONEY, partial(_end, need, need.ended))
    yield Event(day_of(GROWN[0]), OPENING, _grow)


def _need(need: Wish) -> Need:
    return Need(
        need.code,
        need.title,
        need.category,
        need.community,
        need.raised_by,
        day_of(need.raised),
        need.residents,
        need.wanted,
        need.description,
    )


def _raise(need: Wish, teller: Teller) -> None:
    acting = act(day_of(need.raised), f"need/{need.code}", f"community-{need.community}")
    raise_need(teller.settled(), told(acting, title_en=need.title_en), _need(need))


def _end(need: Wish, ended: tuple[str, str, str], teller: Teller) -> None:
    day, outcome, reason = ended
    acting = act(day_of(day), f"need/{need.code}/end", f"community-{need.community}")
    close_need(teller.settled(), acting, need.code, outcome, reason)


def _grow(teller: Teller) -> None:
    day, code, residents, wanted = GROWN
    before = next(need for need in NEEDS if need.code == code)
    acting = act(day_of(day), f"need/{code}/more", f"community-{before.community}")
    change_need(
        teller.settled(),
        told(acting, title_en=before.title_en),
        _need(before._replace(residents=residents, wanted=wanted)),
    )
