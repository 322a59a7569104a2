"""Import of lists of gifts: all of it or nothing, once, and nothing personal on the ledger."""

import json
from datetime import date
from hashlib import sha256

import pytest
from sqlalchemy import select

from ledger.core import tracking
from ledger.core.errors import MalformedError, OverspentError, UnknownObjectError
from ledger.exchange.lists import read_gifts
from ledger.funds.actions import earmark_code
from ledger.giving import imports
from ledger.giving.imports import Terms, TotalsDisagreeError, import_gifts
from ledger.journal import append, store
from ledger.journal import tables as t
from tests.exchange.making import csv_file, xlsx
from tests.support.looking import balance, bodies, body, check_refused, findings, moved, posted, private, size
from tests.support.small import KEY, Small

DAY = date(2026, 3, 2)
TERMS = {"taker": "fund:general", "place": "bank:main", "by": "importer", "undated": DAY}
HEAD = ["序号", "日期", "捐赠人", "金额", "备注"]
MONEY = [
    HEAD,
    ["1", "2026-02-01", "**明", "100.50", ""],
    ["2", "2026-02-01", "**明", "100.50", ""],
    ["3", "2026-02-02", "某某有限公司", "2000", "定向捐赠协和医院"],
    ["4", "2026-02-03", "张三", "0.01", "加油"],
]
FOOTER = ["合计", "", "", "2201.01", ""]
GOODS = [
    ["日期", "捐赠单位", "品名", "规格", "数量", "价值(元)"],
    ["2026-02-01", "某某有限公司", "N99口罩", "50/盒", "198箱", "1000"],
    ["2026-02-02", "李四", "N99口罩", "", "2箱", ""],
    ["2026-02-02", "李四", "大米", "", "2.5吨", ""],
]


@pytest.fixture
def small(engine):
    return Small(engine)


@pytest.fixture
def bring(small, tmp_path):
    """Import rows, written as CSV unless `write` says otherwise."""

    def imported(rows, *, name="list.csv", write=csv_file, progress=lambda _: None, **terms):
        reading = read_gifts(write(tmp_path / name, rows))
        return import_gifts(small.engine, "b", reading, Terms(**TERMS | terms), code_key=KEY, progress=progress)

    return imported


def gifts(small):
    return bodies(small.engine, "donation.received")


def test_money_with_an_agreeing_footer(small, bring):
    seen = []
    done = bring([*MONEY, FOOTER], progress=seen.append)
    assert (done.imported, done.amount, done.repeated, done.already) == (4, 220_101, 0, None)
    assert (done.earmarked, done.purposes, done.organizations) == (1, 1, 1)
    assert seen == [4]
    assert [(moved(e)[0][0], moved(e)[0][2], e["dated"]) for e in gifts(small)] == [
        ("source:individual", 10_050, "2026-02-01"),
        ("source:individual", 10_050, "2026-02-01"),
        ("source:organization", 200_000, "2026-02-02"),
        ("source:individual", 1, "2026-02-03"),
    ]
    assert balance(small.engine, "bank:main") == 220_101
    record = body(small.engine, done.seq)
    assert record["kind"] == "import.completed"
    assert "reason" not in record["facts"]
    wanted = {"name": "list.csv", "lines": 4, "imported": 4, "repeated": 0, "refused": 0, "total": 220_101}
    assert record["facts"].items() >= wanted.items()
    assert findings(small.engine) == []


def test_the_first_code_finds_the_first_gift(small, bring):
    done = bring(MONEY)
    assert tracking.digest(done.first_code) == gifts(small)[0]["facts"]["code"]
    assert len({e["facts"]["code"] for e in gifts(small)}) == 4


def test_a_disagreeing_footer_stops_everything(small, bring):
    rows = [*MONEY, ["合计", "", "", "2200", ""]]
    with check_refused(
        small.engine, TotalsDisagreeError, "list.csv: row 6 states .*220000, the rows give 220101.*Nothing"
    ):
        bring(rows)
    with check_refused(small.engine, MalformedError, "give the reason"):
        bring(rows, accept=" ")
    done = bring(rows, accept="the paper list was added up wrongly")
    facts = body(small.engine, done.seq)["facts"]
    assert facts["reason"] == "the paper list was added up wrongly"
    assert facts["differences"] == [{"row": 6, "what": "amount", "stated": 220_000, "read": 220_101}]
    assert findings(small.engine) == []


def test_a_dry_run_writes_nothing(small, bring):
    before = size(small.engine)
    done = bring(MONEY, dry_run=True)
    assert (done.imported, done.amount, done.seq, done.first_code) == (4, 220_101, None, None)
    assert size(small.engine) == before
    assert private(small.engine, "donor") == {}
    assert bring(MONEY).imported == 4


def test_the_same_list_again_adds_nothing_in_whatever_format(small, bring):
    first = bring(MONEY)
    before = size(small.engine)
    for name, write in (("list.csv", csv_file), ("renamed.csv", csv_file), ("saved.xlsx", xlsx)):
        again = bring(MONEY, name=name, write=write)
        assert (again.imported, again.repeated, again.already) == (0, 4, first.seq)
    assert size(small.engine) == before


def test_the_very_same_file_read_otherwise_adds_nothing(small, tmp_path):
    path = csv_file(tmp_path / "list.csv", [["日期", "捐赠人", "金额"], ["1月5日", "张三", "5"]])
    terms = Terms(**TERMS)
    first, second = (read_gifts(path, default_year=year) for year in (2025, 2026))
    assert first.list_key != second.list_key
    seq = import_gifts(small.engine, "b", first, terms, code_key=KEY).seq
    assert import_gifts(small.engine, "b", second, terms, code_key=KEY).already == seq


def test_gifts_are_received_once_whatever_the_fund(small, bring):
    first = bring(MONEY)
    assert bring(MONEY, taker="fund:elder").already == first.seq
    assert balance(small.engine, "bank:main") == 220_101


def test_equal_lists_of_different_origins_are_different_lists(small, bring):
    bring(MONEY[:2], origin="alipay")
    assert bring(MONEY[:2], name="other.xlsx", write=xlsx, origin="wechat").imported == 1
    assert bring(MONEY[:2], origin="wechat").already is not None


def test_rows_without_a_date_get_the_one_given(small, bring):
    bring([["捐赠人", "金额"], ["张三", "5"]])
    assert [e["dated"] for e in gifts(small)] == [DAY.isoformat()]


def test_a_growing_list_adds_only_its_new_lines(small, bring):
    bring(MONEY, origin="alipay-2026")
    grown = bring([*MONEY, ["5", "2026-02-03", "**明", "100.50", ""], ["6", *MONEY[1][1:]]], origin="alipay-2026")
    assert (grown.imported, grown.repeated, grown.amount) == (2, 4, 20_100)
    assert balance(small.engine, "bank:main") == 220_101 + 20_100
    other = bring(MONEY[:2], name="other.csv", origin="wechat-2026")
    assert (other.imported, other.repeated) == (1, 0)


def test_without_an_origin_lists_stand_for_themselves(small, bring):
    bring(MONEY)
    assert bring(MONEY[:3], name="other.csv").imported == 2


def test_remarks_open_earmarks(small, bring):
    remark = "定向捐赠  协和医院，电话 138-0013-8000 或13800138000，证 11010119900101123X，a.b@c.cn"
    rows = [HEAD, ["1", "", "张三", "5", remark], ["2", "", "李四", "6", remark], ["3", "", "王五", "7", "祝平安"]]
    done = bring(rows)
    assert (done.earmarked, done.purposes) == (2, 1)
    (opened,) = bodies(small.engine, "earmark.opened")
    purpose = "定向捐赠 协和医院，电话 … 或…，证 …，…"
    assert opened["facts"] == {"code": earmark_code("general", purpose), "fund": "general", "purpose": purpose}
    assert balance(small.engine, f"earmark:{opened['facts']['code']}") == 1_100
    assert balance(small.engine, "fund:general") == 700
    assert "祝平安" in private(small.engine, "remark").values()
    log = json.dumps(bodies(small.engine), ensure_ascii=False)
    assert not [word for word in ("0013-8000", "13800138000", "110101199001", "祝平安", "张三", "a.b@") if word in log]


def test_a_second_list_uses_the_earmarks_of_the_first(small, bring):
    rows = [HEAD, ["1", "", "张三", "5", "用于买口罩"]]
    bring(rows)
    done = bring([HEAD, ["1", "", "李四", "8", "用于买口罩"]], name="second.csv")
    assert (done.earmarked, done.purposes) == (1, 0)
    assert len(bodies(small.engine, "earmark.opened")) == 1


def test_no_plain_hash_of_a_donor_reaches_the_ledger(small, tmp_path):
    reading = read_gifts(csv_file(tmp_path / "one.csv", MONEY[:2]))
    import_gifts(small.engine, "b", reading, Terms(**TERMS), code_key=KEY)
    log = json.dumps(bodies(small.engine), ensure_ascii=False)
    known = [reading.lines[0].key, reading.list_key]
    assert not [each for each in known if each[:16] in log]
    assert not [each for each in known if sha256(each.encode()).hexdigest()[:16] in log]


def test_refused_rows_are_reported_and_counted(small, tmp_path):
    rows = [HEAD, *MONEY[1:], ["5", "2026-02-03", "赵六", "abc", ""], ["6", "2026-02-03", "孙七", "-5", ""]]
    reading = read_gifts(csv_file(tmp_path / "list.csv", rows))
    assert [refusal.row for refusal in reading.report.refusals] == [6, 7]
    done = import_gifts(small.engine, "b", reading, Terms(**TERMS), code_key=KEY)
    assert body(small.engine, done.seq)["facts"].items() >= {"imported": 4, "refused": 2}.items()
    assert done.imported == 4


def test_a_list_of_which_nothing_is_imported_may_be_offered_again(small, tmp_path):
    reading = read_gifts(csv_file(tmp_path / "list.csv", [HEAD, ["1", "", "张三", "abc", ""]]))
    before = size(small.engine)
    done = import_gifts(small.engine, "b", reading, Terms(**TERMS), code_key=KEY)
    assert (done.imported, done.seq, done.already) == (0, None, None)
    assert size(small.engine) == before


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
def test_encodings(small, tmp_path, encoding):
    reading = read_gifts(csv_file(tmp_path / "list.csv", MONEY, encoding=encoding))
    done = import_gifts(small.engine, "b", reading, Terms(**TERMS), code_key=KEY)
    assert done.imported == 4
    assert set(private(small.engine, "donor").values()) >= {"**明", "某某有限公司", "张三"}


def test_goods_open_their_unit_once_with_its_scale(small, bring):
    done = bring(GOODS)
    assert (done.imported, done.new_units, done.amount) == (3, 2, 0)
    units = [e["facts"] for e in bodies(small.engine, "unit.opened") if e["by"] == "importer"]
    assert [(u["code"], u["name"], u["measure"], u["scale"], u["kind"]) for u in units] == [
        ("N99口罩:箱", "N99口罩", "箱", 0, "goods"),
        ("大米:吨", "大米", "吨", 3, "goods"),
    ]
    first, _, rice = gifts(small)
    assert moved(first) == [("source:organization", "fund:general", 198, units[0]["code"])]
    assert posted(first) == [("inventory:main", 198, units[0]["code"])]
    assert (first["flows"][0]["value"], first["facts"]["spec"]) == (100_000, "50/盒")
    assert (moved(rice)[0][2], "value" in rice["flows"][0]) == (2_500, False)
    assert bring([GOODS[0], ["2026-02-05", "王五", "大米", "", "1吨", ""]], name="second.csv").new_units == 0
    assert balance(small.engine, "inventory:main", "大米:吨") == 3_500
    assert findings(small.engine) == []


def test_a_fixed_source_and_place(small, bring):
    bring(MONEY, source="source:public", place="wallet:alipay")
    assert {moved(e)[0][0] for e in gifts(small)} == {"source:public"}
    assert balance(small.engine, "wallet:alipay") == 220_101


def test_the_channel_is_public_and_holds_no_number(small, bring):
    rows = [["捐赠人", "金额", "渠道"], ["张三", "5", "微信 13800138000"], ["李四", "6", "支" * 3_000]]
    bring(rows)
    assert [e["facts"]["channel"] for e in gifts(small)] == ["微信 …", "支" * 100]


@pytest.mark.parametrize(
    ("terms", "match"),
    [
        ({"taker": "fund:none"}, "fund:none is not in book 'b'"),
        ({"place": "bank:none"}, "bank:none"),
        ({"source": "source:none"}, "source:none"),
    ],
)
def test_unknown_objects_stop_everything(small, bring, terms, match):
    with check_refused(small.engine, UnknownObjectError, match):
        bring(MONEY, **terms)
    assert private(small.engine, "donor") == {}


def many(count):
    return [["捐赠人", "金额", "备注"], *([f"人{n}", "1", f"用于项目{n % 7}"] for n in range(count))]


def test_an_interrupted_import_leaves_nothing(small, bring, monkeypatch):
    monkeypatch.setattr(imports, "CHUNK", 20)
    done = []

    def stop(count):
        done.append(count)
        if len(done) == 2:
            raise KeyboardInterrupt

    before = size(small.engine)
    with pytest.raises(KeyboardInterrupt):
        bring(many(50), progress=stop)
    assert done == [20, 20]
    assert size(small.engine) == before
    assert private(small.engine, "donor") == {}
    assert findings(small.engine) == []
    assert bring(many(50)).imported == 50


class Counted:
    """Count the round trips of append."""

    def __init__(self, monkeypatch):
        self.reads = self.writes = 0
        for kind in (store.SqliteStore, store.PostgresqlStore):
            monkeypatch.setattr(kind, "read", self.noting("reads", kind.read))
            monkeypatch.setattr(kind, "write", self.noting("writes", kind.write))

    def noting(self, name, method):
        def noted(*args):
            setattr(self, name, getattr(self, name) + 1)
            return method(*args)

        return noted


def test_five_thousand_lines_cross_the_chunks_in_few_statements(small, bring, monkeypatch):
    counted, seen = Counted(monkeypatch), []
    rows = many(5_000)
    done = bring(rows, progress=seen.append)
    assert (done.imported, done.earmarked, done.purposes) == (5_000, 5_000, 7)
    assert seen == [append.CHUNK, 5_000 - append.CHUNK]
    assert counted.reads <= 12
    assert counted.writes <= 5
    with small.engine.connect() as connection:
        received = connection.scalar(select(t.axes.c.gifts).where(t.axes.c.account.like("earmark:%")).limit(1))
    assert received in {714, 715}
    assert balance(small.engine, "bank:main") == 500_000
    assert findings(small.engine) == []


def test_many_new_units_take_few_statements(small, bring, monkeypatch):
    counted = Counted(monkeypatch)
    rows = [["捐赠人", "品名", "数量"], *(["张三", f"物资{chr(0x4E00 + n)}", "5箱"] for n in range(300))]
    assert bring(rows).new_units == 300
    assert counted.reads <= 8
    assert counted.writes <= 3


def test_what_left_the_fund_since_is_not_imported_back(small, bring):
    bring(MONEY)
    small.spend("fund:general", 20_000)
    assert bring(MONEY).imported == 0
    with check_refused(small.engine, OverspentError, "fund:general: "):
        small.spend("fund:general", 200_000)
