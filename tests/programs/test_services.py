import re

import pytest

from ledger.core.errors import NotFoundError
from ledger.giving.actions import receive_income
from ledger.journal.read import snapshot
from ledger.programs import queries
from ledger.programs.listing import SIZE
from ledger.web.pages import ServiceFilter
from tests.support.small import Small

MASKS, HOURS = "N95口罩:个", "volunteer-hour"


@pytest.fixture
def small(engine):
    return Small(engine)


def service(engine, code):
    with snapshot(engine) as connection:
        return queries.service_page(connection, "b", code)


def services(engine, number=1, **chosen):
    with snapshot(engine) as connection:
        return queries.services_page(connection, "b", ServiceFilter(**chosen), number)


def elements(card):
    return {element.key: element.entries for element in card.elements if element.present}


# ------------------------------------------------------------------------------ one service


def test_a_service_tells_its_gifts_by_source_and_fund(engine, small):
    small.give(300)
    small.day = small.day.replace(month=4)
    small.give(500, source="source:organization")
    small.give(900)
    small.grant("G1", 700)
    small.serve("S1", [("grant:G1", 600, "CNY")])
    (origin,) = service(engine, "S1").origins
    assert (origin.quantity.amount, origin.gifts) == (600, 2)
    assert (origin.earliest.month, origin.latest.month) == (3, 4)
    assert [(s.source.code, s.quantity.amount, s.gifts) for s in origin.by_source] == [
        ("individual", 300, 1),
        ("organization", 300, 1),
    ]
    assert [(s.fund.code, s.quantity.amount) for s in origin.by_fund] == [("general", 600)]


def test_public_money_and_hours_on_the_spot_are_no_gifts(engine, small):
    small.do(receive_income, "source:government-purchase", "fund:general", 400, "bank:main")
    small.give(100)
    small.serve("S1", [("fund:general", 500, "CNY"), ("source:volunteer", 90, HOURS)])
    money, hours = service(engine, "S1").origins
    assert (money.gifts, hours.gifts) == (1, 0)
    assert [(s.source.code, s.quantity.amount, s.gifts) for s in money.by_source] == [
        ("government-purchase", 400, 0),
        ("individual", 100, 1),
    ]
    assert [(s.source.code, s.quantity.amount) for s in hours.by_source] == [("volunteer", 90)]
    assert [s.quantity.amount for s in money.by_fund] == [500]
    assert hours.by_fund == ()


def test_earmarks_goods_and_transfers_are_traced_to_the_fund_that_was_given_to(engine, small):
    earmark = small.earmark("给三楼的老人")
    small.give(200, taker=earmark)
    small.give(50, taker="fund:elder")
    small.give(300, unit=MASKS, value=900)
    small.move("fund:elder", "fund:general", 50)
    small.serve("S1", [(earmark, 200, "CNY"), ("fund:general", 50, "CNY"), ("fund:general", 120, MASKS)])
    money, masks = service(engine, "S1").origins
    assert [(s.fund.code, s.quantity.amount) for s in money.by_fund] == [("general", 200), ("elder", 50)]
    assert (masks.quantity.amount, masks.gifts) == (120, 1)


@pytest.mark.parametrize("donors", [10, 2000])
def test_the_page_costs_the_same_number_of_statements_for_any_number_of_donors(engine, small, query_count, donors):
    small.give_many(donors)
    small.grant("G1", donors * 100)
    small.serve("S1", [("grant:G1", donors * 100 - 50, "CNY")], confirm=("community", "worker"))
    with query_count(engine) as sent:
        page = service(engine, "S1")
    assert (page.origins[0].gifts, page.origins[0].quantity.amount) == (donors, donors * 100 - 50)
    assert sum(share.quantity.amount for share in page.origins[0].by_source) == donors * 100 - 50
    assert len([statement for statement in sent if statement != "BEGIN"]) == 15


def test_beyond_many_gifts_only_their_number_and_sum_are_told(engine, small, monkeypatch):
    monkeypatch.setattr("ledger.programs.origins.MOST", 5)
    for _ in range(6):
        small.give(100)
    small.serve("S1", [("fund:general", 600, "CNY")])
    (origin,) = service(engine, "S1").origins
    assert (origin.gifts, origin.by_source, origin.by_fund[0].quantity.amount) == (6, (), 600)


def test_elements_rest_on_entries(engine, small):
    small.give(1000)
    small.grant("G1", 600)
    seq = small.serve(
        "S1", [("grant:G1", 200, "CNY"), ("source:volunteer", 60, HOURS)], confirm=("community", "worker")
    )
    assert elements(service(engine, "S1").card) == {
        "community": (seq + 1,),
        "organization": (seq,),
        "worker": (seq + 2,),
        "volunteer": (seq,),
        "resource": (seq,),
    }


def test_names_without_proof_are_no_elements(engine, small):
    small.serve("S1", [])
    page = service(engine, "S1")
    assert elements(page.card) == {}
    assert (page.card.organization.name, page.card.community.name) == ("阳光社工站", "和平社区")
    assert (page.origins, page.resources) == ((), ())


def test_a_draw_in_pieces_is_one_line(engine, small):
    first, second = small.give(100), small.give(100)
    small.give(100)
    small.refund(second)
    small.serve("S1", [("fund:general", 150, "CNY")])
    page = service(engine, "S1")
    assert [line.quantity.amount for line in page.resources] == [150]
    assert page.origins[0].gifts == 2
    assert first < second


def test_a_reversed_service_says_so(engine, small):
    small.give(500)
    seq = small.serve("S1", [("fund:general", 500, "CNY")])
    undone = small.reverse(seq)
    page = service(engine, "S1")
    assert (page.reversed_by, page.reversed_reason, page.card.reversed) == (undone, "录入错误", True)
    assert page.origins[0].gifts == 1
    assert services(engine).services[0].reversed


def test_evidence_description_and_hash_are_shown(engine, small, client):
    digest = "ab" * 32
    files = [
        {"sha256": digest, "name": "签到表.pdf", "size": 2048, "media": "application/pdf"},
        {"sha256": "cd" * 32, "size": 7, "media": "image/png"},
    ]
    seq = small.serve("S1", [], description="三十位长者一起吃饭", evidence=files)
    page = service(engine, "S1")
    assert (page.seq, page.description, page.check.passed) == (seq, "三十位长者一起吃饭", True)
    assert [(file.sha256, file.label, file.seq) for file in page.evidence] == [
        (digest, "签到表.pdf", seq),
        ("cd" * 32, "", seq),
    ]
    shown = client.get("/b/services/S1", headers={"Accept-Language": "en"}).text
    assert "签到表.pdf" in shown
    assert shown.count("<span>abababab</span>") == 8
    assert f'href="/b/ledger/{seq}"' in shown


def test_the_value_of_goods_is_that_of_the_parts_of_gifts_that_were_used(engine, small):
    for amount, value in ((3, 100), (7, 1000), (5, 333)):
        small.give(amount, unit=MASKS, value=value)
    small.give(90, source="source:volunteer", unit=HOURS)
    small.serve("S1", [("fund:general", 2, MASKS), ("fund:general", 30, HOURS)])
    small.serve("S2", [("fund:general", 11, MASKS)])
    small.serve("S3", [("fund:general", 2, MASKS)])
    worth = [service(engine, code).resources[0].value.amount for code in ("S1", "S2", "S3")]
    assert worth == [66, 34 + 1000 + 199, 333 - 199]
    assert service(engine, "S1").resources[1].value is None


def test_the_value_of_goods_is_told_by_where_they_were_drawn(engine, small):
    small.give(10, unit=MASKS, value=1000)
    small.give(10, unit=MASKS, value=50, taker="fund:elder")
    small.serve("S1", [("fund:elder", 4, MASKS), ("fund:general", 3, MASKS)])
    found = {line.giver.code: line.value.amount for line in service(engine, "S1").resources}
    assert found == {"elder": 20, "general": 300}


def test_goods_given_without_a_value_have_none(engine, small):
    small.give(10, unit=MASKS, value=1000)
    small.give(10, unit=MASKS)
    small.serve("S1", [("fund:general", 10, MASKS)])
    small.serve("S2", [("fund:general", 1, MASKS)])
    assert [service(engine, code).resources[0].value for code in ("S1", "S2")][1] is None
    assert service(engine, "S1").resources[0].value.amount == 1000


@pytest.mark.parametrize("gifts", [1, 200])
def test_the_value_of_goods_costs_one_statement_for_any_number_of_gifts(engine, small, query_count, gifts):
    for _ in range(gifts):
        small.give(2, unit=MASKS, value=31)
    small.serve("S1", [("fund:general", 2 * gifts - 1, MASKS)])
    with query_count(engine) as sent:
        (line,) = service(engine, "S1").resources
    assert line.value.amount == 31 * (gifts - 1) + 15
    assert len([statement for statement in sent if statement != "BEGIN"]) == 16


def test_what_came_as_no_gift_is_said_apart(small, client):
    small.do(receive_income, "source:government-purchase", "fund:general", 400, "bank:main")
    small.give(100)
    small.serve("S1", [("fund:general", 500, "CNY"), ("source:volunteer", 90, HOURS)])
    english = client.get("/b/services/S1", headers={"Accept-Language": "en"}).text
    assert "volunteers gave on the spot" in english
    assert "0</b> gifts" not in english
    plain = " ".join(re.sub("<[^>]*>", "", english).split())
    assert "¥1.00 out of 1 gift, received on 1 March 2026. ¥4.00 more is income other than gifts." in plain
    assert "当场提供" in client.get("/b/services/S1").text


def test_an_unknown_service_is_said_to_be_unknown(engine, small):
    with pytest.raises(NotFoundError, match="no service 'S9'"):
        service(engine, "S9")


# ------------------------------------------------------------------------------ lists


@pytest.fixture
def many(small):
    for n in range(SIZE + 3):
        small.day = small.day.replace(month=1 + n % 12, year=2024 + n // 12)
        small.serve(f"S{n:03}", [], residents=n)
    return small


def test_every_service_is_on_one_page_newest_first(engine, many):
    cards = [card for number in (1, 2) for card in services(engine, number).services]
    assert len({card.code for card in cards}) == len(cards) == SIZE + 3
    assert [card.dated for card in cards] == sorted((card.dated for card in cards), reverse=True)
    assert services(engine, 99).pager.number == 2
    assert [c.dated for c in services(engine, sort="oldest").services] == sorted(c.dated for c in cards)[:SIZE]


def test_services_are_filtered(engine, many):
    assert {card.dated.year for card in services(engine, year=2025).services} == {2025}
    assert services(engine, community="heping").pager.total == SIZE + 3
    assert services(engine, community="elsewhere").pager.total == 0
    assert services(engine, kind="meals", year=2024).pager.total == 12
    assert services(engine, kind="other").services == ()
    assert [card.code for card in services(engine, search="s011").services] == ["S011"]
    assert services(engine, search="午餐").pager.total == SIZE + 3
    assert services(engine, search="%").pager.total == 0


def test_groups_too_small_to_be_shown_are_not_told_apart_by_their_order(engine, many):
    order = [card.residents for card in services(engine, sort="residents").services]
    assert order == sorted(order, reverse=True)
    tail = [card for number in (1, 2) for card in services(engine, number, sort="residents").services][-5:]
    assert [card.dated for card in tail] == sorted((card.dated for card in tail), reverse=True)


def test_what_can_be_chosen_is_what_there_is(engine, many):
    page = services(engine)
    assert ([ref.code for ref in page.communities], page.kinds, page.years) == (["heping"], ("meals",), (2025, 2024))


def test_services_taken_back_are_counted_where_all_are_listed(engine, small, client):
    small.serve("S1", [])
    small.reverse(small.serve("S2", []))
    page = services(engine)
    assert (page.pager.total, page.undone) == (2, 1)
    assert services(engine, sort="oldest").undone == 1
    assert services(engine, kind="meals").undone == 0
    assert "1 of them was taken back" in client.get("/b/services", headers={"Accept-Language": "en"}).text


def test_a_list_costs_as_many_statements_for_a_page_as_for_one(engine, small, query_count):
    small.serve("S1", [("source:volunteer", 60, HOURS)], confirm=("community",))
    with query_count(engine) as few:
        services(engine)
    for n in range(2, 12):
        small.serve(f"S{n}", [("source:volunteer", 60, HOURS)], confirm=("community", "worker"))
    with query_count(engine) as many:
        assert len(services(engine).services) == 11
    assert len(few) == len(many) <= 12


# ------------------------------------------------------------------------------ addresses


def test_pages_of_services_are_shown(small, client):
    small.give(1000)
    small.grant("G1", 600)
    small.serve("S1", [("grant:G1", 200, "CNY"), ("source:volunteer", 90, HOURS)], confirm=("worker",), residents=3)
    small.serve("A/B", [])
    assert [line.giver.name for line in service(small.engine, "S1").resources] == ["阳光社工站", "志愿服务时间"]
    listed = client.get("/b/services", headers={"Accept-Language": "en"})
    assert listed.status_code == 200
    assert "/b/services/S1" in listed.text
    shown = client.get("/b/services/S1", headers={"Accept-Language": "en"})
    assert shown.status_code == 200
    assert "&lt;5 residents" in listed.text
    assert "Fewer than 5 residents" in shown.text
    assert "李明" not in shown.text
    assert client.get("/b/services/A%2FB").status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/b/services/S9", 404),
        ("/c/services", 404),
        ("/c/services/S1", 404),
        ("/b/services?page=-1", 400),
        ("/b/services?page=7", 200),
        ("/b/services?year=20x6", 400),
        ("/b/services?kind=nothing&community=nowhere&sort=upwards&search=%25", 200),
    ],
)
def test_what_is_not_there_or_not_understood_is_said(small, client, address, status):
    assert client.get(address).status_code == status
