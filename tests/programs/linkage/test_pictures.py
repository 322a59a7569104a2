"""Pictures are well-formed, keep to their frame, escape what others wrote, and show what their tables show."""

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.programs.linkage.ages import Age
from ledger.programs.linkage.chosen import months
from ledger.programs.linkage.pages import Event, Flow, Lead, Month, Tracks
from ledger.programs.linkage.pictures import bars, said, scores, stages, tracks
from ledger.programs.linkage.pipeline import USES, pipeline_of
from ledger.programs.linkage.reading import Moved
from ledger.programs.linkage.scoring import BITS, EVERYBODY, Tally, score, total
from ledger.web.voice import ENGLISH
from tests.web.printing import chinese_voice
from tests.web.samples import CNY, EVIL

TODAY = date(2026, 11, 23)
VOICES = [ENGLISH, chinese_voice()]
EACH = pytest.mark.parametrize(("voice", "narrow"), [(voice, narrow) for voice in VOICES for narrow in (False, True)])


def parsed(picture):
    root = ET.fromstring(str(picture))  # noqa: S314  # ours
    width, height = (float(part) for part in root.get("viewBox").split()[2:])
    for element in root.iter():
        assert "style" not in element.attrib
        for x in ("x", "cx", "x1", "x2"):
            assert -1 <= float(element.get(x, 0)) <= width + 1, element.attrib
        for y in ("y", "cy", "y1", "y2"):
            assert -1 <= float(element.get(y, 0)) <= height + 1, element.attrib
    assert root.get("role") == "img"
    assert root.get("aria-label")
    return root


def words(root):
    return " ".join("".join(element.itertext()) for element in root.iter("text"))


def year_of(days, *, single=True):
    events = tuple(
        Event(date(2026, 1, 1) + timedelta(days=day), mask, mask | named, 1, f"S{n}", EVIL)
        for n, (day, mask, named) in enumerate(days)
    )
    tally = total(Tally({event.mask: 1}) for event in events)
    gathered = tuple(Event(event.at.replace(day=1), event.mask, 0, 1) for event in events)
    return Tracks("2026", single, events if single else gathered, tally, gathered)


days = st.lists(
    st.tuples(st.integers(0, 364), st.integers(0, EVERYBODY), st.integers(0, EVERYBODY)), min_size=1, max_size=30
)


@EACH
@settings(max_examples=10)
@given(days)
def test_a_dot_for_each_party_proven_and_a_line_for_each_service_of_several(voice, narrow, found):
    root = parsed(tracks.draw(year_of(found), voice, narrow=narrow))
    shapes = [element.get("class") for element in root.iter()]
    assert shapes.count("lk-event") == len(found)
    assert shapes.count("lk-join") == sum(score(mask) > 1 for _, mask, _ in found)
    assert shapes.count("lk-joint") == sum(score(mask) for _, mask, _ in found if score(mask) > 1)
    assert shapes.count("lk-alone") == sum(score(mask) == 1 for _, mask, _ in found)
    assert shapes.count("lk-ring") == sum(score(named & ~mask) for _, mask, named in found)


@EACH
def test_many_events_are_gathered_by_month(voice, narrow):
    found = [(day % 360, 31 if day % 3 else 1, 0) for day in range(200)]
    root = parsed(tracks.draw(year_of(found, single=False), voice, narrow=narrow))
    assert len([e for e in root.iter() if e.get("class") == "lk-event"]) <= 12 * tracks.KINDS_A_MONTH
    assert "<script" not in ET.tostring(root, encoding="unicode")


def test_a_phone_gathers_earlier():
    many = year_of([(day, 3, 0) for day in range(tracks.ROOMY + 1)])
    wide, narrow = (parsed(tracks.draw(many, ENGLISH, narrow=narrow)) for narrow in (False, True))
    assert len([e for e in wide.iter() if e.get("class") == "lk-event"]) == tracks.ROOMY + 1
    assert len([e for e in narrow.iter() if e.get("class") == "lk-event"]) <= 12 * tracks.KINDS_A_MONTH


@EACH
@pytest.mark.parametrize("many", [1, 2, 14, 60, 140])
def test_scores_show_each_month_once(voice, narrow, many):
    names = months("2015-01", "2026-12")[:many]
    found = tuple(
        Month(name, Tally({31: 2, n % 32: 1}) if n % 5 else Tally(), BITS["worker"] if n == 1 else 0)
        for n, name in enumerate(names)
    )
    root = parsed(scores.draw(found, voice, narrow=narrow))
    dots = [e for e in root.iter() if e.get("class") == "lk-joint"]
    assert len(dots) == sum(month.tally.services > 0 for month in found)


def test_no_month_no_picture():
    assert not scores.draw((), ENGLISH)


amounts = st.dictionaries(
    st.sampled_from(["received", "direct", "spot", *(f"f-{use}" for use in USES), *(f"g-{use}" for use in USES)]),
    st.integers(1, 10**8),
    min_size=1,
)


def flow_of(found):
    line = pipeline_of("CNY", [Moved(what, "CNY", "", 0, number) for what, number in found.items()])
    age = Age(5, date(2026, 1, 1), date(2026, 6, 1), "fund:x")
    return Flow(CNY, line, age, age)


@given(amounts)
def test_what_the_picture_joins_is_conserved(found):
    found = dict(found, received=10**10, paid=10**9)
    links = stages.links_of(flow_of(found))
    assert links.whole
    into, out = {}, {}
    for (source, target), number in links.amounts.items():
        out[source] = out.get(source, 0) + number
        into[target] = into.get(target, 0) + number
    for key in ("organizations", "own"):
        assert into.get(key, 0) == out.get(key, 0)


@EACH
@settings(max_examples=10)
@given(amounts)
def test_stages_are_drawn_whatever_moved(voice, narrow, found):
    flow = flow_of(dict(found, received=10**10, paid=10**9))
    root = parsed(stages.draw(flow, TODAY, voice, narrow=narrow))
    assert "326" in words(root)  # days since the oldest
    assert any(e.get("class") == "lk-hatch" for e in root.iter())


def test_a_stage_with_less_than_nothing_is_left_to_the_table():
    flow = flow_of({"f-service": 50})
    assert not stages.draw(flow, TODAY, ENGLISH)


@EACH
def test_more_coming_back_than_was_paid_is_drawn(voice, narrow):
    moved = [
        Moved("received", "CNY", "", 900, 0),
        Moved("paid", "CNY", "", 300, 0),
        Moved("returned", "CNY", "", 0, 200),
    ]
    flow = Flow(CNY, pipeline_of("CNY", moved), None, None)
    links = stages.links_of(flow)
    assert links.amounts == {
        ("funds", "wait-funds"): 600,
        ("back", "wait-funds"): 200,
        ("before", "organizations"): 300,
        ("organizations", "wait-organizations"): 100,
        ("organizations", "returned"): 200,
    }
    parsed(stages.draw(flow, TODAY, voice, narrow=narrow))


@EACH
def test_bars_compare_modes(voice, narrow):
    tally = Tally({31: 3, 5: 1}, 123_456_789_00, 600, 2, 2)
    leads = (Lead("organization", 2, tally), Lead("volunteer", 0, Tally()), Lead("", 0, Tally({0: 1})))
    root = parsed(bars.draw(leads, voice, narrow=narrow))
    said_ = words(root)
    assert "<5" in said_
    assert "4.3" in said_
    assert not re.search(r"(?<!\.)\b2\b", said_)  # residents of a small group


def test_people():
    assert said.people(Tally({1: 1}, residents=0)) == "–"
    assert said.people(Tally({1: 1}, residents=4, small=4)) == "<5"
    assert said.people(Tally({1: 1}, residents=40, small=1)) == "≥40"
    assert said.people(Tally({1: 1}, residents=1040)) == "1,040"
