"""Goods written into texts, and recipients with their shares."""

import pytest

from ledger.exchange.goods import Goods, goods_in, measure_and_spec, shares_in
from ledger.exchange.lines import Share, unit_code
from ledger.exchange.messages import CellError


@pytest.mark.parametrize(
    ("text", "goods"),
    [
        ("清热胶囊（24粒装）13.5万盒", [Goods("清热胶囊(24粒装)", 135000, "盒")]),
        ("口罩（N95型、一次性口罩）5万只", [Goods("口罩(N95型、一次性口罩)", 50000, "只")]),
        ("N95口罩36000个", [Goods("N95口罩", 36000, "个")]),
        ("口罩3万个", [Goods("口罩", 30000, "个")]),
        ("抗病毒胶囊（400盒）", [Goods("抗病毒胶囊", 400, "盒")]),
        ("医用口罩5万只、消毒液1000瓶", [Goods("医用口罩", 50000, "只"), Goods("消毒液", 1000, "瓶")]),
        ("护目镜98个，手套198副", [Goods("护目镜", 98, "个"), Goods("手套", 198, "副")]),
        ("酒精500ml20瓶", [Goods("酒精500ml", 20, "瓶")]),
        ("大米2.5吨", [Goods("大米", 2500, "吨")]),
    ],
)
def test_goods_with_their_quantities(text, goods):
    assert goods_in(text) == goods


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("聚维酮碘消毒液1400瓶60箱", "several-quantities"),
        ("口罩（A型1200盒、B型2万只、C型3.4万只）", "several-goods"),
        ("口罩、手套、防护服等用品", "several-goods"),
        ("口服液", "no-quantity"),
        ("口罩2.5只", "fraction"),
    ],
)
def test_goods_that_cannot_be_told_apart(text, code):
    with pytest.raises(CellError) as caught:
        goods_in(text)
    assert caught.value.reason.code == code


def test_one_recipient_gets_everything():
    assert shares_in("荣军医院", 30000, "个", 0).shares == (Share("荣军医院", 30000),)
    assert shares_in("荣军医院\n", 30000, "个", 0).assumed == ()


def test_recipients_with_shares():
    assert shares_in("甲社区72个\n乙医疗队72", 144, "个", 0).shares == (Share("甲社区", 72), Share("乙医疗队", 72))
    assert shares_in("甲医院1.5吨、乙医院500公斤".replace("500公斤", "0.5"), 2500, "吨", 3).shares == (
        Share("甲医院", 1500),
        Share("乙医院", 500),
    )


def test_a_lent_multiplier_is_told():
    found = shares_in("甲医院1.6\n乙医院1.6万", 36000, "个", 0)
    assert found.shares == (Share("甲医院", 16000), Share("乙医院", 16000))
    assert found.assumed == (("甲医院1.6", "1.6万个"),)


@pytest.mark.parametrize(
    ("text", "count", "code"),
    [
        ("甲站\n乙站\n丙站", 10, "undivided"),
        ("甲站5\n乙站", 10, "undivided"),
        ("甲站6\n乙站6", 10, "over-issued"),
        ("甲站1.6", 10, "fraction"),
        ("甲站5盒\n乙站5盒", 10, "two-measures"),
    ],
)
def test_shares_left_open_are_refused(text, count, code):
    with pytest.raises(CellError) as caught:
        shares_in(text, count, "个", 0)
    assert caught.value.reason.code == code


def test_a_whole_number_is_never_multiplied():
    assert shares_in("甲医院2\n乙医院1万", 36000, "个", 0).shares[0] == Share("甲医院", 2)


def test_measures_with_a_specification():
    assert measure_and_spec("0.5g/支") == ("支", "0.5g/支")
    assert measure_and_spec("箱") == ("箱", "")
    assert measure_and_spec("支/盒") == ("支/盒", "")


def test_unit_codes():
    assert unit_code("Ｎ95 口罩", "个") == unit_code("n95口罩", " 个") == "N95口罩:个"
    assert unit_code("face mask", "box") == "FACE_MASK:BOX"
    assert unit_code("a:b", "c:d") == "A:B:C/D"
    long = unit_code("很长的名字" * 40, "箱")
    assert len(long) <= 100
    assert long.endswith(":箱")
    assert long != unit_code("很长的名字" * 40 + "二", "箱")
