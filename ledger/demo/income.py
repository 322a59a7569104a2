"""Large gifts of companies, goods, and income that is no gift: government purchase, interest, sales."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from ledger.demo import codes
from ledger.demo.cast import PURCHASE, RAILS
from ledger.demo.dice import Dice, person
from ledger.demo.gifts import campaign_of, give
from ledger.demo.teller import INCOME, Event, Teller, act, day_of, yuan
from ledger.funds.actions import earmark_code
from ledger.giving.actions import Donation, receive_income

PURCHASE_MARK = f"earmark:{earmark_code('general', PURCHASE)}"
RAILS_MARK = f"earmark:{earmark_code('ability', RAILS)}"

# day, fund or earmark, yuan, donor (kept beside the ledger), reference
LARGE = (
    ("2025-09-08", "fund:general", 120_000, "云汀城建发展集团", "large/01"),
    ("2025-09-10", "fund:elder", 1_500, "和平里商户联合会", "large/02"),
    ("2025-09-15", "fund:meals", 30_000, "晨光粮油食品有限公司", "large/03"),
    ("2025-09-22", "fund:child", 45_000, "远帆教育科技有限公司", "large/04"),
    ("2025-09-26", "fund:law", 20_000, "衡正律师事务所", "large/05"),
    ("2025-10-20", "fund:ability", 40_000, "云汀市慈善会", "large/06"),
    ("2025-12-12", "fund:meals", 40_000, "晨光粮油食品有限公司", "large/07"),
    ("2026-01-20", "fund:general", 80_000, "云汀农村商业银行", "large/08"),
    ("2026-02-10", "fund:child", 20_000, "远帆教育科技有限公司", "large/09"),
    ("2026-03-05", "fund:meals", 30_000, "南埠水产批发市场商会", "large/10"),
    ("2026-03-18", RAILS_MARK, 3_600, "槐荫里热心邻居王先生一家", codes.EARMARK.ref.removeprefix("demo/")),
    ("2026-04-15", "fund:ability", 20_000, "云汀市慈善会", "large/11"),
    ("2026-06-18", "fund:meals", 40_000, "晨光粮油食品有限公司", "large/12"),
    ("2026-07-18", "fund:emergency", 100_000, "云汀城建发展集团", codes.RELIEF.ref.removeprefix("demo/")),
    ("2026-07-20", "fund:emergency", 30_000, "云汀农村商业银行", "large/13"),
    ("2026-07-20", "fund:emergency", 5_000, "利民五金商行", "large/14"),
    ("2026-07-21", "fund:emergency", 5_000, "利民五金商行", codes.REFUND.ref.removeprefix("demo/")),
    ("2026-07-22", "fund:emergency", 15_000, "海右物流有限公司", "large/15"),
    ("2026-09-05", "fund:child", 30_000, "远帆教育科技有限公司", "large/16"),
    ("2026-09-09", "fund:general", 50_000, "云汀城建发展集团", "large/17"),
)
LABELS = {
    "goods/rice-1": ("R2510-07", "2026-11-20"),
    "goods/oil-1": ("Y2509-31", "2027-03-20"),
    "goods/rice-2": ("R2512-19", "2027-01-10"),
    "goods/oil-2": ("Y2511-02", "2027-05-12"),
    "goods/masks-1": ("K2603-11", "2028-03-31"),
    "goods/water-1": ("S2606-18", "2027-06-18"),
    "goods/masks-2": ("K2412-05", "2026-12-18"),
    "goods/rice-3": ("R2606-22", "2027-06-22"),
    "goods/milk-1": ("N2606-09", "2026-10-09"),
}
"""Of the lots that spoil: the maker's lot, and the day on which it expires."""
# day, fund, unit, quantity, fair value in yuan, donor, reference
LOTS = (
    ("2025-11-20", "general", "大米:袋", 200, 13_000, "晨光粮油食品有限公司", "goods/rice-1"),
    ("2025-11-20", "general", "食用油:桶", 200, 15_000, "晨光粮油食品有限公司", "goods/oil-1"),
    ("2026-01-25", "general", "大米:袋", 120, 7_800, "南埠水产批发市场商会", "goods/rice-2"),
    ("2026-01-25", "general", "食用油:桶", 120, 9_000, "南埠水产批发市场商会", "goods/oil-2"),
    ("2026-03-12", "ability", "轮椅:辆", 10, 6_800, "康途医疗器械有限公司", codes.CHAIRS.ref.removeprefix("demo/")),
    ("2026-03-20", "child", "少儿图书:册", 300, 6_000, "小书虫书店", "goods/books-1"),
    ("2026-04-10", "general", "医用口罩:只", 5_000, 2_500, "康途医疗器械有限公司", "goods/masks-1"),
    ("2026-07-18", "emergency", "饮用水:箱", 400, 9_600, "清源饮用水厂", "goods/water-1"),
    ("2026-07-18", "emergency", "医用口罩:只", 8_000, 3_600, "康途医疗器械有限公司", "goods/masks-2"),
    ("2026-07-18", "emergency", "棉被:床", 150, 13_500, "暖家纺织有限公司", "goods/quilts-1"),
    ("2026-07-19", "emergency", "大米:袋", 150, 9_750, "晨光粮油食品有限公司", "goods/rice-3"),
    ("2026-07-20", "emergency", "牛奶:箱", 160, 8_000, "云汀牧场乳业", "goods/milk-1"),
    ("2026-09-12", "ability", "轮椅:辆", 4, 2_800, "云汀市慈善会", "goods/chairs-2"),
)
# day, source, fund or earmark, yuan, place, memo
OTHER = (
    ("2025-11-05", "government-purchase", PURCHASE_MARK, "120000", "bank:main", "和平里街道购买社会工作服务，首期"),
    ("2026-05-08", "government-purchase", PURCHASE_MARK, "120000", "bank:main", "和平里街道购买社会工作服务，二期"),
    ("2025-12-21", "interest", "fund:general", "312.46", "bank:main", "活期存款利息，四季度"),
    ("2026-03-21", "interest", "fund:general", "287.03", "bank:main", "活期存款利息，一季度"),
    ("2026-06-21", "interest", "fund:general", "301.92", "bank:main", "活期存款利息，二季度"),
    ("2026-09-21", "interest", "fund:general", "344.18", "bank:main", "活期存款利息，三季度"),
    ("2025-12-28", "sales", "fund:general", "1860.50", "wallet:wechat", "居民手作义卖：织物与剪纸"),
    ("2026-04-05", "sales", "fund:general", "2315.00", "wallet:wechat", "居民手作义卖：青团"),
    ("2026-06-14", "sales", "fund:general", "2748.50", "wallet:wechat", "居民手作义卖：香囊与粽子"),
    ("2026-09-27", "sales", "fund:general", "3120.00", "wallet:wechat", "居民手作义卖：月饼礼盒"),
)
NEIGHBOURS = 9  # households that bring children's books from home


def chapter() -> Iterator[Event]:
    """Tell large gifts, goods, and other income."""
    for day, taker, amount, donor, ref in LARGE:
        source = "source:individual" if taker == RAILS_MARK else "source:organization"
        facts = {"channel": "bank", "consent": True} | campaign_of(taker, day_of(day))
        yield give(day_of(day), ref, Donation(source, taker, yuan(amount), donor=donor, facts=facts))
    for day, fund, unit, count, value, donor, ref in LOTS:
        lot = _lot("organization", fund, unit, count, value, donor)
        label, expires = LABELS.get(ref, ("", ""))
        more = campaign_of(lot.taker, day_of(day)) | ({"lot": label, "expires": expires} if label else {})
        yield give(day_of(day), ref, replace(lot, facts=lot.facts | more))
    dice = Dice("income")
    for number in range(NEIGHBOURS):
        count = dice.whole(8, 30)
        lot = _lot("individual", "child", "少儿图书:册", count, count * 10, person(dice))
        yield give(day_of(f"2026-0{number + 1}-19"), f"goods/neighbour-{number}", lot)
    for number, (day, source, taker, text, place, memo) in enumerate(OTHER):
        yield Event(day_of(day), INCOME, partial(_receive, (day, source, taker, text, place, memo, number)))


def _lot(source: str, fund: str, unit: str, count: int, value: int, donor: str) -> Donation:
    return Donation(
        f"source:{source}",
        f"fund:{fund}",
        count,
        unit,
        place="inventory:main",
        value=yuan(value),
        donor=donor,
        facts={"channel": "goods", "consent": source == "organization"},
    )


def _receive(row: tuple[str, str, str, str, str, str, int], teller: Teller) -> None:
    day, source, taker, text, place, memo, number = row
    receiving = act(day_of(day), f"income/{number:02}", "cashier", memo=memo)
    receive_income(teller.settled(), receiving, f"source:{source}", taker, yuan(text), place)
