"""The picture of a gift: it conserves amounts, keeps to its frame, overlaps nothing and escapes everything."""

import xml.etree.ElementTree as ET
from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.web.flowing import GIFT, MOST_ENDS, picture_of
from ledger.web.pages import BUCKETS, FlowLink, FlowNode, FlowPicture, Ref
from ledger.web.sankey import NARROW, WIDE, draw, node_name
from ledger.web.sankey_layout import lay_out
from ledger.web.voice import ENGLISH
from tests.web.printing import chinese_voice
from tests.web.samples import CNY, EVIL, FUND, MANY, SUNSHINE, rows_of

SVG = "{http://www.w3.org/2000/svg}"
FORMS = [WIDE, NARROW]

places = st.sampled_from([f"fund:{i}" for i in range(4)] + [f"grant:{i}" for i in range(9)]).map(lambda a: Ref(a, a))
parts = st.lists(
    st.tuples(
        st.sampled_from(BUCKETS),
        st.integers(0, 14).map(lambda i: Ref(f"service:{i}", f"S{i}")),
        st.lists(places, max_size=4).map(tuple),
        st.integers(1, 2**50),
    ),
    min_size=1,
    max_size=30,
)


def sums(picture):
    into, out = defaultdict(int), defaultdict(int)
    for link in picture.links:
        into[link.target] += link.amount
        out[link.source] += link.amount
    return into, out


def ends(picture):
    return {node.key for node in picture.nodes if node.kind == "end"}


@given(parts)
def test_every_place_passes_on_what_it_receives(given_parts):
    picture = picture_of(CNY, rows_of(CNY, given_parts))
    into, out = sums(picture)
    whole = sum(part[3] for part in given_parts)
    assert out[GIFT] == whole == sum(into[key] for key in ends(picture))
    for node in picture.nodes:
        if node.kind == "way":
            assert into[node.key] == out[node.key] > 0


@given(parts)
def test_links_only_go_forward_and_name_known_nodes(given_parts):
    picture = picture_of(CNY, rows_of(CNY, given_parts))
    columns = {node.key: node.column for node in picture.nodes}
    assert len(columns) == len(picture.nodes)
    assert all(columns[link.source] < columns[link.target] for link in picture.links)


@given(parts)
def test_sums_by_bucket_survive(given_parts):
    picture = picture_of(CNY, rows_of(CNY, given_parts))
    into, _ = sums(picture)
    for bucket in BUCKETS:
        drawn = sum(into[node.key] for node in picture.nodes if node.bucket == bucket)
        assert drawn == sum(part[3] for part in given_parts if part[0] == bucket)


def test_many_services_become_a_few_and_the_others():
    picture = MANY.picture
    services = [node for node in picture.nodes if node.bucket == "service"]
    assert len(services) == MOST_ENDS
    together = next(node for node in services if node.ref is None)
    assert together.count == 23 - (MOST_ENDS - 1)
    assert node_name(together, chinese_voice()) == "另外 16 次服务"
    assert node_name(together, ENGLISH) == "16 other services"


def test_a_detour_is_not_drawn():
    grant = Ref("grant:1", "G")
    rows = rows_of(CNY, [("service", Ref("service:1", "S"), (FUND, grant, FUND, SUNSHINE), 100)])
    assert [(link.source, link.target) for link in picture_of(CNY, rows).links] == [
        ("1/fund:general", "2/organization:sunshine"),
        ("2/organization:sunshine", "service/service:1"),
        ("gift", "1/fund:general"),
    ]


def test_what_waits_passes_the_place_where_it_waits():
    picture = picture_of(CNY, rows_of(CNY, [("fund", FUND, (), 100)]))
    assert [node.key for node in picture.nodes] == ["gift", "1/fund:general", "fund/fund:general"]
    assert node_name(picture.nodes[-1], ENGLISH) == "waiting in 通用基金"


# --------------------------------------------------------------------------------- layout


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@given(given_parts=parts)
def test_boxes_keep_apart_and_within_the_frame(form, given_parts):
    picture = picture_of(CNY, rows_of(CNY, given_parts))
    layout = lay_out(picture, form.frame)
    columns = defaultdict(list)
    for box in layout.boxes:
        columns[box.column].append(box)
        assert box.y >= -0.001
        assert box.y + box.height <= layout.height + 0.001
        assert 0 <= box.x <= form.frame.width - form.frame.margin
    for boxes in columns.values():
        boxes.sort(key=lambda box: box.y)
        for upper, lower in pairwise(boxes):
            assert (upper.middle + upper.room / 2) + form.frame.gap <= lower.middle - lower.room / 2 + 0.001


@given(parts)
def test_ribbons_end_within_their_boxes_and_do_not_overlap(given_parts):
    layout = lay_out(picture_of(CNY, rows_of(CNY, given_parts)), WIDE.frame)
    for box in layout.boxes:
        for hops, side in ((box.before, "y1"), (box.after, "y0")):
            spans = sorted((getattr(hop, side), getattr(hop, side) + hop.thick) for hop in hops)
            assert all(low >= box.y - 0.001 and high <= box.y + box.height + 0.001 for low, high in spans)
            assert all(a[1] <= b[0] + 0.001 for a, b in pairwise(spans))


def test_breadth_is_amount():
    layout = lay_out(MANY.picture, WIDE.frame)
    broad = [ribbon for ribbon in layout.ribbons if ribbon.hops[0].thick > 2]
    scales = {round(ribbon.hops[0].thick / ribbon.amount, 9) for ribbon in broad}
    assert len(scales) == 1


# -------------------------------------------------------------------------------- drawing


@pytest.mark.parametrize("narrow", [False, True])
@given(given_parts=parts)
def test_the_drawing_is_xml_and_always_the_same(narrow, given_parts):
    picture = picture_of(CNY, rows_of(CNY, given_parts))
    once, again = (draw(picture, ENGLISH, narrow=narrow) for _ in range(2))
    assert once == again
    root = ET.fromstring(str(once).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314  # ours
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert root.find(f"{SVG}desc").text
    assert len(root.findall(f"{SVG}path")) == len(picture.links)
    assert len(root.findall(f"{SVG}rect")) == len(picture.nodes)
    assert all(shape.find(f"{SVG}title").text for shape in [*root.findall(f"{SVG}path"), *root.findall(f"{SVG}rect")])
    assert "nan" not in once
    assert not [element for element in root.iter() if element.get("style")]


@pytest.mark.parametrize("narrow", [False, True])
def test_names_stay_text(narrow):
    evil = Ref("fund:x", EVIL)
    rows = rows_of(CNY, [("service", Ref("service:1", EVIL), (evil,), 60), ("fund", evil, (), 40)])
    drawn = draw(picture_of(CNY, rows), chinese_voice(), narrow=narrow)
    assert "<script" not in drawn
    assert "&lt;script&gt;" in drawn


def test_the_same_picture_whatever_the_order_of_links():
    picture = MANY.picture
    turned = FlowPicture(picture.unit, picture.nodes, tuple(sorted(picture.links, key=lambda link: link.amount)))
    assert {(box.key, round(box.y, 6)) for box in lay_out(picture, WIDE.frame).boxes} == {
        (box.key, round(box.y, 6)) for box in lay_out(turned, WIDE.frame).boxes
    }


def test_nothing_is_drawn_of_nothing():
    assert draw(FlowPicture(CNY, (FlowNode("gift", "gift", 0),), ()), ENGLISH) == ""


def test_a_column_may_be_jumped():
    nodes = (FlowNode("gift", "gift", 0), FlowNode("a", "way", 1, FUND), FlowNode("z", "end", 2, FUND, "fund"))
    picture = FlowPicture(CNY, nodes, (FlowLink("gift", "a", 5), FlowLink("a", "z", 5), FlowLink("gift", "z", 5)))
    layout = lay_out(picture, WIDE.frame)
    passing = next(ribbon for ribbon in layout.ribbons if len(ribbon.hops) == 2)
    box = next(box for box in layout.boxes if box.key == "a")
    top, low = passing.hops[0].y1, passing.hops[0].y1 + passing.hops[0].thick
    assert top >= box.y + box.height or low <= box.y, "the ribbon passes beside the node, not through it"
