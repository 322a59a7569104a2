"""Figures, dates, hashes, words and sentences: exact, escaped, and the same in both languages."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from ledger.core.entry import KINDS
from ledger.web import format as formats
from ledger.web import labels, quantities, sentences
from ledger.web.addresses import Addresses
from ledger.web.pages import (
    BUCKETS,
    ELEMENTS,
    BookRef,
    EntryLine,
    FundCard,
    Gift,
    Origin,
    Quantity,
    Ref,
    Share,
    Totals,
    Unit,
)
from ledger.web.voice import ENGLISH, Voice, plain_plural
from tests.web.printing import chinese_voice
from tests.web.samples import CNY, HOUR, MASK, RICE, card

CHINESE = Voice(lambda text: text, plain_plural, chinese=True)
BOOK = BookRef("heping", "和平里", "和平里社区基金会")


# ------------------------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("amount", "unit", "figure", "whole"),
    [
        (123456, CNY, "1,234.56", "¥1,234.56"),
        (-123456, CNY, "−1,234.56", "−¥1,234.56"),
        (5, CNY, "0.05", "¥0.05"),
        (1200, MASK, "1,200", "1,200\xa0个"),
        (1250500, RICE, "1,250.5", "1,250.5\xa0千克"),
        (2000, RICE, "2", "2\xa0千克"),
    ],
)
def test_figures_are_exact(amount, unit, figure, whole):
    assert quantities.figure(Quantity(amount, unit), ENGLISH) == figure
    assert quantities.amount(Quantity(amount, unit), ENGLISH) == whole


@given(st.integers(-(2**53), 2**53), st.integers(0, 4))
def test_a_figure_reads_back_as_its_amount(amount, scale):
    text = quantities.figure(Quantity(amount, Unit("X", "X", "", scale, "money")), ENGLISH)
    assert int(text.replace(",", "").replace(".", "").replace("−", "-")) == amount
    assert "-" not in text


@given(st.integers(0, 10**7))
def test_hours_lose_no_minute(minutes):
    for voice, hour, minute in ((ENGLISH, "h", "min"), (CHINESE, "小时", "分")):
        words = quantities.figure(Quantity(minutes, HOUR), voice).replace("\xa0", " ").replace(",", "").split(" ")
        told = dict(zip(words[1::2], map(int, words[::2]), strict=True))
        assert told.get(hour, 0) * 60 + told.get(minute, 0) == minutes
        assert told.get(minute, 0) < 60


def test_goods_say_what_they_are_and_money_does_not():
    assert quantities.quantity(Quantity(1200, MASK), ENGLISH) == "N95口罩 1,200\xa0个"
    assert quantities.quantity(Quantity(100, CNY), ENGLISH) == "¥1.00"


@pytest.mark.parametrize(
    ("fen", "chinese", "english"),
    [
        (9_999_999, "¥99,999.99", "¥99,999.99"),
        (10_000_000, "¥10.00\xa0万", "¥100,000.00"),
        (1_027_281_033, "¥1,027.28\xa0万", "¥10.27\xa0million"),
        (-1_027_281_033, "−¥1,027.28\xa0万", "−¥10.27\xa0million"),
    ],
)
def test_headlines_round_only_large_sums_and_keep_the_exact_one(fen, chinese, english):
    value = Quantity(fen, CNY)
    assert quantities.headline(value, CHINESE) == chinese
    assert quantities.headline(value, ENGLISH) == english
    if quantities.is_short(value, CHINESE):
        assert quantities.amount(value, CHINESE) in quantities.headline_markup(value, CHINESE)


@pytest.mark.parametrize(("number", "text"), [(0, "—"), (1, "<5"), (4, "<5"), (5, "5"), (1204, "1,204")])
def test_small_groups_are_not_told(number, text):
    assert quantities.residents(number) == text


@given(st.lists(st.integers(0, 2**53), min_size=1, max_size=8).filter(sum))
def test_percents_sum_to_the_whole(amounts):
    tenths = [int(text.replace(".", "")) for text in quantities.percents(amounts)]
    assert sum(tenths) == 1000
    assert all(abs(tenth - 1000 * part / sum(amounts)) < 1 for tenth, part in zip(tenths, amounts, strict=True))


@given(st.lists(st.integers(1, 2**53), min_size=1, max_size=8))
def test_pieces_of_a_bar_lie_side_by_side(amounts):
    pieces = quantities.bar(Share("service", Quantity(amount, CNY)) for amount in amounts)
    edge = 0
    for _, start, width in pieces:
        assert int(start.replace(".", "")) == edge
        edge += int(width.replace(".", ""))
    assert edge == 1000


@given(st.integers(1, 400), st.integers(1, 400))
def test_a_pager_offers_the_ends_and_the_neighbours(number, last):
    number = min(number, last)
    shown = quantities.page_numbers(number, last)
    pages = [page for page in shown if page is not None]
    assert pages == sorted(set(pages))
    assert {1, last, number, max(1, number - 1), min(last, number + 1)} <= set(pages)
    gaps = [(a, b) for a, b in pairwise(shown) if None not in {a, b}]
    assert all(b == a + 1 for a, b in gaps)


# ------------------------------------------------------------------- dates, hashes, codes


def test_dates_in_both_languages():
    assert quantities.day(date(2026, 3, 2), ENGLISH) == "2 March 2026"
    assert quantities.day(date(2026, 3, 2), CHINESE) == "2026年3月2日"
    assert formats.SILENT["clock"](datetime(2026, 11, 23, 17, 30, tzinfo=UTC)) == "2026-11-24 01:30"


@given(st.text("0123456789abcdef", min_size=1, max_size=64))
def test_a_grouped_hash_copies_as_the_hash(text):
    assert quantities.groups(text).striptags().replace(" ", "") == text
    assert (
        " " not in quantities.groups(text).replace("<span>", "").replace("</span>", "").split(">", 1)[1].rsplit("<")[0]
    )


def test_a_tracking_code_in_groups():
    assert formats.SILENT["code"]("7K3M9QXD2VTBHN4RW") == "7K3M-9QXD-2VTB-HN4R-W"
    assert formats.SILENT["code"]("7K3M-9QXD-2VTB-HN4R-W") == "7K3M-9QXD-2VTB-HN4R-W"


# --------------------------------------------------------------------------------- words


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_entry_has_words_in_both_languages(kind):
    assert "." not in labels.kind_name(kind, ENGLISH)
    assert labels.kind_name(kind, chinese_voice()) != labels.kind_name(kind, ENGLISH)


def test_every_bucket_and_element_has_a_word():
    assert set(BUCKETS) == set(labels.BUCKETS)
    assert set(ELEMENTS) == set(labels.ELEMENTS) == set(labels.MARKS)


def test_an_unknown_code_is_shown_by_its_name():
    assert labels.name(Ref("source:bazaar", "和顺市集"), ENGLISH) == "和顺市集"
    assert labels.name(Ref("source:individual", "个人"), ENGLISH) == "Individuals"
    assert labels.name(Ref("fund:individual", "个人"), ENGLISH) == "个人"
    assert labels.name(Ref("fund:x", ""), ENGLISH) == "x"
    assert labels.kind_name("something.odd", ENGLISH) == "something.odd"


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("在 %(x)s 待用", "阳光", "在阳光待用"),
        ("在 %(x)s 待用", "Sunshine", "在 Sunshine 待用"),
        ("已变成 %(x)s 次", "23", "已变成 23 次"),
        ("在 %(x)s 待用", Markup("<b>阳光</b>"), "在<b>阳光</b>待用"),
        ("在 %(x)s 待用", "<阳光", "在 &lt;阳光待用"),
    ],
)
def test_chinese_sets_spaces_beside_figures_only(text, value, said):
    assert CHINESE.say(text, x=value) == said
    assert ENGLISH.say(text, x="x") == text.replace("%(x)s", "x")


# ------------------------------------------------------------------------------ sentences


def trace(*shares, services=0):
    class View:
        gift = Gift(
            1, "0" * 64, date(2026, 3, 2), datetime(2026, 3, 2, tzinfo=UTC), Quantity(100_000, CNY), SOURCE, FUND
        )
        service_count = services

    View.shares = shares
    return View


SOURCE, FUND, ORGANIZATION = Ref("source:individual", ""), Ref("fund:g", "通用基金"), Ref("grant:G1", "阳光社工站")


def test_the_sentence_of_the_design():
    view = trace(
        Share("service", Quantity(64_000, CNY)),
        Share("organization", Quantity(26_000, CNY), (ORGANIZATION,)),
        Share("fund", Quantity(10_000, CNY), (FUND,)),
        services=23,
    )
    assert sentences.trace_sentence(view, chinese_voice()).striptags() == (
        "您的 ¥1,000.00 里，¥640.00 已变成 23 次服务，¥260.00 在阳光社工站待用，¥100.00 还在通用基金等待使用。"
    )
    assert sentences.trace_sentence(view, ENGLISH).striptags() == (
        "Of your ¥1,000.00: ¥640.00 has become 23 services, ¥260.00 waits with 阳光社工站 to be used,"
        " ¥100.00 still waits in 通用基金."
    )


def test_a_gift_in_one_place_is_told_whole():
    view = trace(Share("fund", Quantity(100_000, CNY), (FUND,)))
    assert sentences.trace_sentence(view, chinese_voice()).striptags() == "您的 ¥1,000.00，全部还在通用基金等待使用。"


def test_many_places_are_counted():
    places = tuple(Ref(f"fund:{i}", f"F{i}") for i in range(4))
    view = trace(Share("fund", Quantity(100_000, CNY), places))
    assert "F0 and 3 others" in sentences.trace_sentence(view, ENGLISH).striptags()


def test_names_are_escaped_in_sentences():
    evil = Ref("fund:x", '<script>alert("x")</script>')
    view = trace(Share("fund", Quantity(100_000, CNY), (evil,)))
    line = EntryLine(
        1, "grant.paid", date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), "0", (Quantity(1, CNY),), evil, evil
    )
    for said in (sentences.trace_sentence(view, chinese_voice()), sentences.entry_sentence(line, chinese_voice())):
        assert "<script" not in said
        assert "&lt;script&gt;" in said


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_entry_is_a_sentence_even_when_it_has_nothing_to_tell(kind):
    line = EntryLine(7, kind, date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), "0")
    full = EntryLine(
        7,
        kind,
        date(2026, 1, 1),
        datetime(2026, 1, 1, tzinfo=UTC),
        "0",
        (Quantity(100, CNY),),
        FUND,
        ORGANIZATION,
        FUND,
        None,
        3,
    )
    for voice in (ENGLISH, chinese_voice()):
        assert "%(" not in sentences.entry_sentence(line, voice)
        assert sentences.entry_sentence(line, voice).striptags().strip()
        assert "%(" not in sentences.entry_sentence(full, voice)


def test_origin_says_how_many_and_never_who():
    origin = Origin(Quantity(128_000, CNY), 1284, date(2026, 3, 2), date(2026, 9, 18), (), ())
    assert sentences.origin_sentence(origin, chinese_voice()).striptags() == (
        "¥1,280.00 来自 1,284 笔捐赠，收到的时间在 2026年3月2日至 2026年9月18日之间。"
    )


@pytest.mark.parametrize(
    ("amount", "unit", "gifts", "otherwise", "english"),
    [
        (150, HOUR, 0, 150, "2 h 30 min that volunteers gave on the spot, recorded for this service itself."),
        (150, HOUR, 2, 60, "1 h 30 min out of 2 gifts, received on 2 March 2026. 1 h more was given by volunteers"),
        (900, CNY, 0, 900, "¥9.00 of income other than gifts, received on 2 March 2026."),
        (900, CNY, 1, 400, "¥5.00 out of 1 gift, received on 2 March 2026. ¥4.00 more is income other than gifts."),
        (900, CNY, 1, 0, "¥9.00 out of 1 gift, received on 2 March 2026."),
    ],
)
def test_origin_says_apart_what_is_no_gift(amount, unit, gifts, otherwise, english):
    day = date(2026, 3, 2)
    origin = Origin(Quantity(amount, unit), gifts, day, day, (), (), otherwise)
    said = sentences.origin_sentence(origin, ENGLISH).striptags().replace("\xa0", " ")
    assert said.startswith(english)
    assert " 0 " not in sentences.origin_sentence(origin, chinese_voice()).striptags()


def fund(received, held=0, **more):
    moved = received // 10
    totals = Totals(CNY, received, held, 0, received - held - moved, moved=moved)
    return FundCard("f", "F", True, False, None, totals, 2, 3, None, **more)  # noqa: FBT003


def test_a_fund_says_gifts_other_income_and_other_funds_apart():
    said = sentences.fund_sentence(fund(1000, 200, income=300, transferred=100), ENGLISH).striptags()
    assert said == (
        "¥10.00 came into this fund: ¥6.00 in 2 gifts, ¥3.00 as income other than gifts, ¥1.00 from other funds. "
        "Of all this, ¥7.00 has become 3 services, ¥2.00 still waits in this fund, ¥1.00 was given to other funds."
    )
    assert sentences.fund_sentence(fund(1000, 200), ENGLISH).startswith(
        '<b class="num">¥10.00</b> came into this fund in'
    )
    chinese = sentences.fund_sentence(fund(1000, 200, income=300), chinese_voice()).striptags()
    assert chinese == (
        "共有 ¥10.00 进入这只基金：2 笔捐赠计 ¥7.00，捐赠以外的收入 ¥3.00。"
        "其中 ¥7.00 已变成 3 次服务，¥2.00 还在这只基金里等待，¥1.00 转给其他基金。"
    )


def test_a_fund_without_money_says_what_it_has():
    assert "Nothing has come" in sentences.fund_sentence(fund(0), ENGLISH)
    assert "3</b> kinds of goods, and no money" in sentences.fund_sentence(fund(0, kinds=3), ENGLISH)


@pytest.mark.parametrize("number", [1, 2, 4])
def test_small_groups_are_said_alike(number):
    said = sentences.service_sentence(replace(card(0), residents=number), ENGLISH)
    assert said == sentences.service_sentence(replace(card(0), residents=3), ENGLISH)
    assert "Fewer than 5 residents took part" in said


# ------------------------------------------------------------------ addresses, environment


def test_addresses_are_those_of_the_design():
    at = Addresses("/below")
    assert at.home(BOOK) == "/below/heping/"
    assert at.entry(BOOK, 12) == "/below/heping/ledger/12"
    assert at.body(BOOK, 12) == "/below/heping/ledger/12/body"
    assert at.trace("7K3M9QXD2VTBHN4RW") == "/below/trace/7K3M-9QXD-2VTB-HN4R-W"
    assert at.confirmation("7K3M9QXD2VTBHN4RW") == "/below/trace/7K3M-9QXD-2VTB-HN4R-W/confirmation.pdf"
    assert at.of(BOOK, Ref("earmark:general/e-1", "")) == "/below/heping/funds/general"
    assert at.of(BOOK, Ref("organization:x", "")) == "/below/heping/organizations/x"
    assert at.of(BOOK, Ref("unit:CNY", "")) is None
    assert at.fund(BOOK, 'a/"b') == "/below/heping/funds/a%2F%22b"


def test_a_page_refers_to_itself_with_some_of_its_query_changed():
    env = jinja2.Environment(autoescape=True)
    formats.install(env, lambda: ENGLISH, Addresses, lambda: {"kind": "a&b", "page": "3"}, str, str)
    made = env.from_string("{{ here(page=4) }} {{ here(page=none) }} {{ here(kind='') }}").render()
    assert made == "?kind=a%26b&amp;page=4 ?kind=a%26b ?page=3"


def test_register_gives_the_application_what_install_gives(app):
    env = jinja2.Environment(autoescape=True)
    before = set(env.globals) | set(env.filters)
    formats.install(env, lambda: ENGLISH, Addresses, dict, str, str)
    given = (set(env.globals) | set(env.filters)) - before
    assert given <= set(app.jinja_env.globals) | set(app.jinja_env.filters)
    with app.test_request_context("/?page=2", headers={"Accept-Language": "zh-CN"}):
        made = app.jinja_env.from_string("{{ asset('css/base.css') }} {{ here(page=3) }} {{ q|amount }}")
        text = made.render(q=Quantity(150, HOUR))
    assert text.startswith("/static/css/base.css?v=")
    assert text.endswith("?page=3 2\xa0小时 30\xa0分")
