"""Who and what the story is about: foundation, communities, organizations, people, projects, funds, goods."""

from collections.abc import Iterator
from typing import Any

from ledger.books.actions import open_book
from ledger.core.entry import Draft
from ledger.core.units import Unit
from ledger.demo.dice import Dice, person
from ledger.demo.teller import OPENING, START, Event, Teller, act
from ledger.funds.actions import open_earmark, unit_opened
from ledger.people.actions import open_party, open_person

NAME = "善流示范 · 和平里社区基金会"
FOUNDATION = "云汀市和平里社区基金会"
CREDIT_CODE = "53999900DEMX000061"
"""Invented: no division has the number 999900; the check characters are right (GB 11714, GB 32100)."""

COMMUNITIES = (
    ("huaiyin", "槐荫里社区", "Huaiyinli Community", "和平里街道"),
    ("chengxi", "澄溪社区", "Chengxi Community", "和平里街道"),
    ("nanbu", "南埠头社区", "Nanbutou Community", "南埠街道"),
)
ORGANIZATIONS = (
    ("hefeng", "和风社会工作服务中心", "Gentle Wind Social Work Centre", "social-service-agency"),
    ("yinxing", "银杏助老服务社", "Ginkgo Eldercare", "social-service-agency"),
    ("xiaohe", "小禾儿童成长中心", "Seedling Children’s Centre", "social-service-agency"),
    (
        "tonglu",
        "云汀市和平里街道残疾人及其亲友同路互助会",
        "Same Road Association of Persons with Disabilities, Families and Friends",
        "association",
    ),
    ("falv", "云汀公益法律服务站", "Yunting Legal Aid Station", "social-service-agency"),
)
FUNDS = (
    ("general", "社区发展基金", "Community Development Fund", False, "由理事会安排，用于和平里片区最需要的事。"),
    ("meals", "一块钱午餐基金", "One-Yuan Lunch Fund", True, "为高龄、独居和失能老人补贴工作日午餐。"),
    ("elder", "银龄探访微基金", "Silver Age Visiting Fund", True, "理发、助浴和探访老人的耗材与伴手礼，用小钱办小事。"),
    ("child", "四点半课堂基金", "After-School Fund", True, "为双职工和困难家庭的孩子提供放学后的照看与学习。"),
    ("ability", "同路无障碍基金", "Barrier-Free Fund", True, "支持残障居民的辅具、家访与家庭无障碍改造。"),
    ("emergency", "应急救援专项基金", "Emergency Relief Fund", True, "灾害发生时用于转移安置、物资和灾后恢复。"),
    (
        "market",
        "一元集市议事基金",
        "One-Yuan Market Fund",
        True,
        "邻里集市上居民一元、五元凑起来，由居民议事决定用途。",
    ),
    ("law", "邻里法律援助基金", "Neighbourhood Legal Aid Fund", True, "为居民提供免费的法律咨询。"),
)
PROJECTS = (
    ("noon", "银龄午餐", "Noon Meals", "yinxing", "meals", "organization"),
    ("visit", "银龄上门服务", "Silver Age at Home", "yinxing", "elder", "volunteer"),
    ("after", "四点半课堂", "After School", "xiaohe", "child", "organization"),
    ("road", "同路家访", "Same Road Visits", "tonglu", "ability", "resource"),
    ("rain", "七月暴雨应急救援", "July Rainstorm Relief", "hefeng", "emergency", "resource"),
    ("lawyer", "邻里法律咨询", "Legal Advice Next Door", "falv", "law", "volunteer"),
    ("mind", "街道购买服务：心理支持与个案管理", "Counselling and Casework", "hefeng", "general", "organization"),
    ("market", "一元集市居民微项目", "Residents’ Micro-Projects", "hefeng", "market", "volunteer"),
    ("skill", "新市民就业技能", "Skills for New Residents", "hefeng", "general", "organization"),
)
PURPOSES = {
    "general": "Used by the board for what Hepingli needs most.",
    "meals": "Weekday lunches for older people who are frail or live alone.",
    "elder": "Supplies and small gifts for haircuts, baths and visits at home.",
    "child": "Care and learning after school for children of working and hard-pressed families.",
    "ability": "Aids, visits and barrier-free homes for residents with disabilities.",
    "emergency": "Shelter, supplies and recovery when disaster strikes.",
    "market": "Coins given at the neighbours’ market; residents decide how they are used.",
    "law": "Free legal advice for residents.",
}
MEASURES = {"袋": "bags", "桶": "bottles", "只": "pieces", "辆": "chairs", "册": "books", "箱": "cases", "床": "quilts"}
GOODS = (
    ("大米:袋", "大米（10 公斤装）", "袋", "Rice, 10 kg bag"),
    ("食用油:桶", "食用油（5 升装）", "桶", "Cooking oil, 5 l"),
    ("医用口罩:只", "医用外科口罩", "只", "Surgical masks"),
    ("轮椅:辆", "手动折叠轮椅", "辆", "Folding wheelchair"),
    ("少儿图书:册", "少儿图书", "册", "Children’s books"),
    ("饮用水:箱", "饮用水（24 瓶装）", "箱", "Drinking water, case"),
    ("棉被:床", "棉被", "床", "Quilts"),
    ("牛奶:箱", "纯牛奶（24 盒装）", "箱", "Milk, case"),
)
WORKERS_EACH, VOLUNTEERS_EACH = 2, 8

PURCHASE = "街道购买服务：心理支持与个案管理"
RAILS = "槐荫里 3 号楼楼道扶手"
EARMARKS = (("general", PURCHASE), ("ability", RAILS))


def workers(organization: str) -> list[str]:
    """Give the codes of an organization's workers."""
    first = [code for code, *_ in ORGANIZATIONS].index(organization) * WORKERS_EACH + 1
    return [f"w{n:02}" for n in range(first, first + WORKERS_EACH)]


def volunteers(community: str) -> list[str]:
    """Give the codes of a community's volunteers."""
    first = [code for code, *_ in COMMUNITIES].index(community) * VOLUNTEERS_EACH + 1
    return [f"v{n:02}" for n in range(first, first + VOLUNTEERS_EACH)]


def chapter() -> Iterator[Event]:
    """Open everything on the first day."""
    for tell in (_open_book, _open_things, _open_parties, _open_people):
        yield Event(START, OPENING, tell)


def _open_book(teller: Teller) -> None:
    open_book(teller.settled(), act(START, "book", "accountant"), NAME, foundation=FOUNDATION, credit_code=CREDIT_CODE)


def _open_things(teller: Teller) -> None:
    for code, name, name_en, restricted, purpose in FUNDS:
        facts = {"code": code, "name": name, "name_en": name_en, "restricted": restricted, "purpose": purpose}
        facts["purpose_en"] = PURPOSES[code]
        teller.put(_opening("fund", facts))
    for code, name, measure, name_en in GOODS:
        opening = act(START, f"unit/{code}", "accountant")
        teller.put(unit_opened(opening, Unit.of(code, 0), name, measure, name_en=name_en, measure_en=MEASURES[measure]))


def _opening(kind: str, facts: dict[str, Any]) -> Draft:
    return act(START, f"{kind}/{facts['code']}", "accountant").draft(f"{kind}.opened", facts=facts)


def _open_parties(teller: Teller) -> None:
    for code, name, name_en, kind in ORGANIZATIONS:
        teller.put(_opening("organization", {"code": code, "name": name, "name_en": name_en, "kind": kind}))
    writer = teller.settled()
    for code, name, name_en, street in COMMUNITIES:
        opening = act(START, f"community/{code}", "accountant")
        open_party(writer, opening, "community", code, name=name, name_en=name_en, street=street)
    for code, name, name_en, organization, fund, lead in PROJECTS:
        opening = act(START, f"project/{code}", "accountant")
        facts = {"name": name, "name_en": name_en, "organization": organization, "fund": fund, "lead_element": lead}
        open_party(writer, opening, "project", code, **facts)
    for fund, purpose in EARMARKS:
        open_earmark(writer, act(START, f"earmark/{fund}", "accountant"), fund, purpose)


def _open_people(teller: Teller) -> None:
    dice, writer = Dice("people"), teller.settled()
    for organization, *_ in ORGANIZATIONS:
        for code in workers(organization):
            opening = act(START, f"worker/{code}", "accountant")
            open_person(writer, opening, "worker", code, person(dice), organization=organization)
    for community, *_ in COMMUNITIES:
        for code in volunteers(community):
            opening = act(START, f"volunteer/{code}", "accountant")
            open_person(writer, opening, "volunteer", code, person(dice), community=community)
