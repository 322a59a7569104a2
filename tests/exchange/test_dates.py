"""Dates in cells, titles and headings."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.exchange.dates import Span, day_of, names_date, span_in, year_in

days = st.dates(date(1955, 1, 1), date(2099, 12, 31))


@given(days)
def test_every_shape_of_a_day_comes_back(day):
    y, m, d = day.year, day.month, day.day
    shapes = [
        day, datetime.combine(day, time(13, 5)),
        f"{y}-{m}-{d}", f"{y}.{m:02d}.{d:02d}", f"{y}/{m}/{d} 12:30:05", f"{y}年{m}月{d}日",
        f"{y}年{m:02d}月{d:02d}日 14时30分",
        day.isoformat() + "T10:11:12Z", f"{y}{m:02d}{d:02d}", float(f"{y}{m:02d}{d:02d}"),
        day.strftime("%b %d, %Y"), day.strftime("%d %B %Y"),
        float((day - date(1899, 12, 30)).days), str((day - date(1899, 12, 30)).days), f" {y}－{m}－{d} ",
    ]  # fmt: skip
    assert [day_of(shape) for shape in shapes] == [day] * len(shapes)
    assert [day_of(shape, y) for shape in (f"{m}月{d}日", f"{m}.{d}", f"{m}/{d}")] == [day] * 3


@given(days, st.integers(0, 300))
def test_every_shape_of_a_period_comes_back(first, length):
    last = first + timedelta(days=length)
    a, b = (f"{day.month}月{day.day}日" for day in (first, last))
    assert span_in(f"（{first.year}年{a}-{last.year}年{b}）") == Span(first, last)
    assert span_in(f"{first.year}.{first.month}.{first.day}至{last.year}.{last.month}.{last.day}") == Span(first, last)
    assert span_in(f"{first.year}年{a} -- {b}") == Span(first, last)
    assert span_in(f"接收捐赠明细（截至{last.year}年{b}24：00）") == Span(None, last, cut_off=True)


@given(st.text())
def test_any_text_is_read_or_left(text):
    assert day_of(text, 2020) is None or day_of(text, 2020) is not None
    span = span_in(text, 2020, date(2020, 1, 1))
    assert span is None or span.first is None or span.first <= span.last


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("（1月24日-1月28日）", Span(date(2020, 1, 24), date(2020, 1, 28))),
        ("1月22日 --  1月28日", Span(date(2020, 1, 22), date(2020, 1, 28))),
        ("1月24—28日", Span(date(2020, 1, 24), date(2020, 1, 28))),
        ("2020年新型肺炎捐款信息（截至1月29日24：00）", Span(None, date(2020, 1, 29), cut_off=True)),
        ("截止2月3日", Span(None, date(2020, 2, 3), cut_off=True)),
        ("截至28日", Span(None, date(2020, 1, 28), cut_off=True)),
        ("12月30日-1月5日", Span(date(2020, 12, 30), date(2021, 1, 5))),
        ("Gifts from 22 January 2020 to 28 January 2020", Span(date(2020, 1, 22), date(2020, 1, 28))),
        ("武汉捐赠公示第3批", None),
        ("单位：元", None),
    ],
)
def test_titles(text, span):
    assert span_in(text, 2020, date(2020, 1, 25)) == span


@pytest.mark.parametrize(
    "text", ["2020.13.45", "2020-02-30", "01/02/2020", "1.24.3", "24:00", "x", "", "99999", 1.24, True, 12]
)
def test_what_is_no_day_or_two_days_is_none(text):
    assert day_of(text, 2020) is None


def test_without_a_year_nothing_is_invented():
    assert day_of("1月24日") is None
    assert span_in("1月22日-1月28日") is None
    assert names_date("1月22日-1月28日")
    assert year_in("2020年新型肺炎") == 2020
    assert year_in("共2020箱") is None
