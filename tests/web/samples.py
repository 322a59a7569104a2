"""Invented pages in all their states: `PAGES` names each sample, its template and what it is given."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from ledger.web.flowing import picture_of
from ledger.web.pages import (
    ELEMENTS,
    BookCard,
    BookRef,
    Check,
    EarmarkLine,
    Element,
    EntryLine,
    EntryPage,
    Evidence,
    FindPage,
    FlowRow,
    FundCard,
    FundPage,
    FundShare,
    FundsPage,
    Gift,
    GrantLine,
    HomePage,
    IndexPage,
    LedgerFilter,
    LedgerPage,
    LedgerState,
    Origin,
    Pager,
    PieceOfService,
    PostingRow,
    Quantity,
    Ref,
    ResourceLine,
    Rest,
    ServiceCard,
    ServiceConfirmation,
    ServiceFilter,
    ServicePage,
    ServicesPage,
    Share,
    SourceShare,
    Totals,
    TraceEvent,
    TracePage,
    TraceRow,
    Unit,
    Waiting,
)
from tests.web.printing import environment

CNY = Unit("CNY", "人民币", "元", 2, "money")
HOUR = Unit("volunteer-hour", "志愿时长", "分钟", 0, "hours")
MASK = Unit("N95口罩:个", "N95口罩", "个", 0, "goods")
RICE = Unit("大米:千克", "大米", "千克", 3, "goods")

EVIL = "<script>alert('x')</script>\"&"
LONG = "四川省成都市武侯区浆洗街街道社会工作综合服务与社区发展治理促进中心 Yéngi Hayat Mehellisi"
NOW = datetime(2026, 11, 23, 13, tzinfo=UTC)
DAY = date(2026, 3, 2)
CODE = "7K3M9QXD2VTBHN4RW"

BOOK = BookRef("qinghe", "青禾社区基金会", "青禾社区基金会")
OTHER = BookRef("relief", "2020 年疫情捐赠", LONG)
FUND, ELDER = Ref("fund:general", "通用基金"), Ref("fund:elder", "助老基金")
SUNSHINE = Ref("organization:sunshine", "阳光社工站")
HEPING, FAR = Ref("community:heping", "和平里社区"), Ref("community:far", LONG)
PERSON, VOLUNTEER = Ref("source:individual", "个人"), Ref("source:volunteer", "")


def money(fen):
    return Quantity(fen, CNY)


def sha(text):
    return hashlib.sha256(str(text).encode()).hexdigest()


def printed(name, lang):
    """Return the page `name` as a browser gets it."""
    template, given = PAGES[name]
    return environment(lang).get_template(template).render(**given)


# ---------------------------------------------------------------------------------- parts

LEAF, WHOLE = Check("leaf", True, NOW), Check("journal", True, NOW, 9120)  # noqa: FBT003
STATE = LedgerState(9124, sha(9123), NOW, WHOLE)


def card(number, **more):
    proven = [5, 3, 0][number % 3]
    given = {
        "code": f"S2026-{number:04d}",
        "kind": ["meals", "home-visit", "木偶戏"][number % 3],
        "title": ["独居老人冬季助餐（第 12 次）", LONG, EVIL][number % 3],
        "dated": date(2026, 11, 20) - timedelta(days=9 * number),
        "community": [HEPING, FAR, None][number % 3],
        "organization": [SUNSHINE, Ref("organization:x", LONG), None][number % 3],
        "worker": Ref("worker:w01", "社工 w01"),
        "residents": [23, 3, 0][number % 3],
        "elements": tuple(Element(key, i < proven, (4100 + i,) * (i < proven)) for i, key in enumerate(ELEMENTS)),
        "resources": (money(128_000), Quantity(150, HOUR)),
        "confirmations": (ServiceConfirmation("community", DAY, 4102, HEPING), ServiceConfirmation("worker", DAY, 4103))
        if proven
        else (),
    }
    return ServiceCard(**given | more)


def line(seq, kind, **more):
    return EntryLine(**{"seq": seq, "kind": kind, "dated": DAY, "recorded": NOW, "hash": sha(seq)} | more)


ENTRIES = (
    line(9122, "service.delivered", giver=SUNSHINE, receiver=Ref("service:S2026-0001", EVIL), quantities=(money(1),)),
    line(9121, "donation.received", giver=PERSON, receiver=FUND, quantities=(money(100),), reversed_by=9122),
    line(9120, "entry.reversed", reverses=9101, memo="录入有误"),
    line(9119, "fund.opened", subject=ELDER),
    line(0, "book.opened"),
)
TOTALS = Totals(CNY, 123_456_789, 30_123_456, 22_000_000, 64_200_000, 0, 6_603_333, 300_000, 200_000, moved=30_000)


def fund_card(code, name, totals, **more):
    given = {
        "code": code,
        "name": name,
        "restricted": True,
        "closed": False,
        "purpose": "为老人助餐、探访。",
        "totals": totals,
        "gifts": 1203,
        "services": 88,
        "newest": DAY,
    }
    return FundCard(**given | more)


FUNDS = (
    fund_card("general", "通用基金", TOTALS, restricted=False, income=300, transferred=40_000, kinds=1562),
    fund_card("long", LONG, Totals(CNY, 100, 100, 0, 0), gifts=1, services=0),
    fund_card("evil", EVIL, Totals(CNY, 0, 0, 0, 0), purpose=None, gifts=0, services=0, newest=None),
    fund_card("old", "暑期安全", Totals(CNY, 500, 0, 0, 500), closed=True),
    fund_card("goods", "物资", Totals(CNY, 0, 0, 0, 0), gifts=0, services=0, kinds=3),
)


def rows_of(unit, parts):
    rows, running = [], 0
    for number, (bucket, what, through, amount) in enumerate(parts):
        running += amount
        rows.append(TraceRow(bucket, what, through, DAY, 9000 - number, Quantity(amount, unit), running))
    return tuple(rows)


def trace(unit, parts, **more):
    rows = rows_of(unit, parts)
    whole = Quantity(sum(part[3] for part in parts), unit)
    sums = {bucket: sum(part[3] for part in parts if part[0] == bucket) for bucket, *_ in parts}
    where = {bucket: tuple(dict.fromkeys(part[1] for part in parts if part[0] == bucket)) for bucket in sums}
    given = {
        "book": BOOK,
        "code": CODE,
        "gift": Gift(412, sha(412), DAY, NOW, whole, PERSON, FUND),
        "shares": tuple(Share(bucket, Quantity(amount, unit), where[bucket]) for bucket, amount in sums.items()),
        "service_count": sum(part[0] == "service" for part in parts),
        "services": (),
        "waiting": (),
        "events": (TraceEvent(412, "donation.received", DAY, whole, PERSON, FUND),),
        "events_total": 1,
        "rows": rows,
        "rest": None,
        "picture": picture_of(unit, rows),
        "rule": "fifo",
        "reversed_pairs": 0,
        "full": False,
        "as_of": NOW,
        "check": LEAF,
    }
    return TracePage(**given | more)


def service_part(number, amount):
    return ("service", Ref(f"service:S{number}", card(number).title), (FUND, SUNSHINE), amount)


KINDS_OF_STEP = (
    "service.delivered",
    "goods.issued",
    "expense.recorded",
    "loss.recorded",
    "donation.refunded",
    "entry.reversed",
    "grant.paid",
)
MANY = trace(
    CNY,
    [
        *(service_part(number, 1000 + 37 * number) for number in range(23)),
        ("organization", SUNSHINE, (FUND,), 26_000),
        ("fund", FUND, (), 10_000),
    ],
    services=tuple(PieceOfService(card(number), money(1000)) for number in range(6)),
    waiting=(
        Waiting("organization", SUNSHINE, money(26_000), DAY, 226, 980, Ref("project:meals", "助餐")),
        Waiting("fund", FUND, money(10_000), DAY, 1, 412),
    ),
    events=tuple(
        TraceEvent(500, kind, DAY, money(900), FUND, SUNSHINE, kind == "loss.recorded") for kind in KINDS_OF_STEP
    ),
    events_total=40,
    rest=Rest(3, money(0)),
    reversed_pairs=2,
)
GOODS = trace(
    MASK,
    [
        ("issued", Ref("outcome:xiehe", LONG), (Ref("earmark:general/e-1", "用于医院"),), 31_000),
        ("lost", Ref("outcome:loss", ""), (FUND,), 1000),
        ("refunded", Ref("outcome:refund", ""), (FUND,), 1500),
        ("expense", Ref("outcome:administration", ""), (FUND,), 1),
        ("fund", Ref("earmark:general/e-1", "用于医院"), (), 2500),
    ],
    gift=Gift(
        31,
        sha(31),
        DAY,
        NOW,
        Quantity(36_001, MASK),
        PERSON,
        FUND,
        Ref("earmark:e-1", "用于医院"),
        money(54_000_000),
        EVIL,
    ),
    waiting=(Waiting("fund", FUND, Quantity(2500, MASK), DAY, 3, 31),),
    rule="earmark",
    full=True,
    check=Check("leaf", False, NOW),  # noqa: FBT003
    confirmation=False,
)
SERVICE = ServicePage(
    BOOK,
    card(0),
    9122,
    sha(9122),
    NOW,
    Ref("project:meals", "助餐"),
    "为 23 位独居老人送午餐。",
    (ResourceLine(money(128_000), SUNSHINE, 9122), ResourceLine(Quantity(40, MASK), ELDER, 9122, money(6000))),
    (
        Origin(
            money(128_000),
            1284,
            DAY,
            date(2026, 9, 18),
            (SourceShare(PERSON, money(128_000), 1284),),
            (FundShare(FUND, money(128_000)),),
        ),
        Origin(Quantity(150, HOUR), 1, DAY, DAY, (SourceShare(VOLUNTEER, Quantity(150, HOUR), 1),), (), otherwise=60),
        Origin(Quantity(90, HOUR), 0, DAY, DAY, (SourceShare(VOLUNTEER, Quantity(90, HOUR), 0),), (), otherwise=90),
    ),
    (Evidence(sha("a"), EVIL, 9122), Evidence(sha("b"), "", 9122)),
    Check("chain", True, NOW),  # noqa: FBT003
)
REVERSED = ServicePage(
    BOOK, card(2, reversed=True), 9000, sha(9000), NOW, None, None, (), (), (), None, 9050, DAY, "日期录入有误"
)
BODY = json.dumps({"_prev": sha(9121), "memo": EVIL}, ensure_ascii=False)
ENTRY = EntryPage(
    BOOK,
    line(9122, "service.delivered", quantities=(money(128_000),), memo=EVIL, reversed_by=9123, reverses=3),
    (FlowRow(FUND, 1_203_300, Ref("service:S1", EVIL), 0, Quantity(40, MASK), money(6000), 31),),
    (PostingRow(Ref("bank:main", "建设银行"), money(-128_000)),),
    "wang",
    None,
    "svc-1",
    BODY,
    json.dumps(json.loads(BODY), ensure_ascii=False, indent=2),
    len(BODY.encode()),
    sha(9121),
    9121,
    9123,
    LEAF,
)
FIRST = EntryPage(
    BOOK,
    line(0, "book.opened"),
    (),
    (),
    "system",
    "li",
    None,
    "{}",
    "{}",
    2,
    "0" * 64,
    None,
    None,
    Check("chain", False, NOW),  # noqa: FBT003
)
FUND_PAGE = FundPage(
    BOOK,
    FUNDS[0],
    (Totals(MASK, 36_000, 4000, 0, 32_000),),
    (SourceShare(PERSON, money(123_456_789), 2900),),
    (EarmarkLine(Ref("earmark:general/e-1", LONG), money(5_000_000), money(120_000)),),
    (
        GrantLine(
            Ref("grant:G1", "G1"), SUNSHINE, None, DAY, 980, money(300), money(260), money(180), money(20), money(60)
        ),
    ),
    tuple(card(number) for number in range(3)),
    ENTRIES,
    Pager(3, 20, 640),
    NOW,
    Pager(2, 20, 1562),
    Pager(1, 20, 31),
    Pager(1, 20, 1),
    "口罩",
)
EMPTY = Pager(1, 20, 0)
NOTHING_FITS = replace(FUND_PAGE, others=(), goods=EMPTY, named=EVIL)
HOME = HomePage(
    BOOK,
    (TOTALS, Totals(HOUR, 184_230, 1200, 0, 183_030), Totals(RICE, 1_250_500, 50_500, 200_000, 1_000_000)),
    14,
    2981,
    312,
    10_482,
    3,
    5,
    FUNDS,
    tuple(card(number) for number in range(5)),
    STATE,
    DAY,
    NOW,
    some_hidden=True,
)

PAGES = {
    "index": (
        "books/index.html",
        {
            "view": IndexPage(
                (
                    BookCard(BOOK, money(123_456_789), 2981, 312, 9124, NOW),
                    BookCard(OTHER, money(0), 0, 0, 1, None),
                )
            )
        },
    ),
    "index, no book": ("books/index.html", {"view": IndexPage(())}),
    "home": ("books/home.html", {"view": HOME}),
    "home, empty": ("books/home.html", {"view": HomePage(BOOK, (), 0, 0, 0, 0, 0, 0, (), (), None, None, None)}),
    "find": ("giving/find.html", {"view": FindPage(BOOK)}),
    **{
        f"find, {problem}": ("giving/find.html", {"view": FindPage(None, EVIL, problem, 7 if seconds else None)})
        for problem, seconds in (
            ("empty", 0),
            ("malformed", 0),
            ("check", 0),
            ("unknown", 0),
            ("limited", 0),
            ("limited", 1),
        )
    },
    "trace": ("giving/trace.html", {"view": MANY}),
    "trace, waiting": (
        "giving/trace.html",
        {
            "view": trace(
                CNY, [("fund", FUND, (), 100)], waiting=(Waiting("fund", FUND, money(100), DAY, 3, 412),), check=None
            )
        },
    ),
    "trace, goods": ("giving/trace.html", {"view": GOODS}),
    "trace, hours": ("giving/trace.html", {"view": trace(HOUR, [service_part(0, 150)])}),
    "trace, reversed": ("giving/trace.html", {"view": trace(CNY, [("other", PERSON, (FUND,), 100)])}),
    "funds": ("funds/list.html", {"view": FundsPage(BOOK, FUNDS, NOW)}),
    "funds, none": ("funds/list.html", {"view": FundsPage(BOOK, (), None)}),
    "fund": ("funds/fund.html", {"view": FUND_PAGE}),
    "fund, empty": (
        "funds/fund.html",
        {"view": FundPage(BOOK, FUNDS[2], (), (), (), (), (), (), EMPTY, None, *3 * (EMPTY,))},
    ),
    "fund, no goods fit": ("funds/fund.html", {"view": NOTHING_FITS}),
    "services": (
        "programs/services.html",
        {
            "view": ServicesPage(
                BOOK,
                tuple(card(number) for number in range(9)),
                Pager(4, 20, 312),
                ServiceFilter(),
                (HEPING, FAR),
                ("meals", "木偶戏"),
                (2026, 2025),
            )
        },
    ),
    "services, one chosen": (
        "programs/services.html",
        {
            "view": ServicesPage(
                BOOK,
                (card(0),),
                Pager(1, 20, 1),
                ServiceFilter("heping", "meals", 2026, EVIL, "oldest"),
                (HEPING,),
                ("meals",),
                (2026,),
            )
        },
    ),
    "services, no match": (
        "programs/services.html",
        {"view": ServicesPage(BOOK, (), EMPTY, ServiceFilter(search="无"), (HEPING,), ("meals",), (2026,))},
    ),
    "services, none": ("programs/services.html", {"view": ServicesPage(BOOK, (), EMPTY, ServiceFilter(), (), (), ())}),
    "service": ("programs/service.html", {"view": SERVICE}),
    "service, reversed": ("programs/service.html", {"view": REVERSED}),
    "ledger": (
        "journal/ledger.html",
        {
            "view": LedgerPage(
                BOOK, STATE, ENTRIES, Pager(2, 50, 9124), LedgerFilter("fund.opened", DAY, DAY), ("fund.opened",)
            )
        },
    ),
    "ledger, no match": (
        "journal/ledger.html",
        {"view": LedgerPage(BOOK, STATE, (), EMPTY, LedgerFilter("x"), ("book.opened",))},
    ),
    "ledger, empty": ("journal/ledger.html", {"view": LedgerPage(BOOK, None, (), EMPTY, LedgerFilter(), ())}),
    "entry": ("journal/entry.html", {"view": ENTRY}),
    "entry, first": ("journal/entry.html", {"view": FIRST}),
    "error": (
        "errors/error.html",
        {"status": 404, "title": "There is no such page", "message": EVIL, "hint": "Check the address."},
    ),
}
