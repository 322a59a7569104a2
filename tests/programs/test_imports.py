"""Import of lists of goods issued: never more than there is, a named donor's own gift first, each list once."""

from datetime import date

import pytest

from ledger.exchange.lists import read_gifts, read_issues
from ledger.funds.actions import open_fund, transfer
from ledger.giving.imports import Terms, TotalsDisagreeError, import_gifts
from ledger.journal import store
from ledger.programs import imports
from ledger.programs.imports import import_issues
from tests.exchange.making import csv_file, xlsx
from tests.support.looking import balance, balances, bodies, body, check_refused, findings, moved, posted, size
from tests.support.small import KEY, Small

DAY = date(2026, 3, 2)
MASKS = "N95口罩:个"
GLOVES = "手套:副"
HEAD = ["日期", "接收单位", "品名", "规格", "数量"]
BOTH = ["捐赠方", "物资", "流向"]


@pytest.fixture
def small(engine):
    small = Small(engine)
    small.do(opened_unit)
    return small


def opened_unit(w, act):
    facts = {"code": GLOVES, "name": "手套", "measure": "副", "scale": 0, "kind": "goods"}
    return w.append([act.draft("unit.opened", facts=facts)])[0]


@pytest.fixture
def issue(small, tmp_path):
    def imported(rows, *, name="list.csv", write=csv_file, progress=lambda _: None, gifts_key=None, **terms):
        reading = read_issues(write(tmp_path / name, rows))
        asked = Terms("", "inventory:main", "importer", DAY, **terms)
        return import_issues(
            small.engine, "b", reading, asked, code_key=KEY, gifts_key=gifts_key, progress=progress
        )  # fmt: skip

    return imported


@pytest.fixture
def both(small, tmp_path, issue):
    """Import a list that says who gave and who got, both ways."""

    def imported(rows, between=lambda: None, **terms):
        reading = read_gifts(csv_file(tmp_path / "both.csv", rows))
        asked = Terms("fund:general", "bank:main", "importer", DAY, origin=terms.get("origin"))
        import_gifts(small.engine, "b", reading, asked, code_key=KEY)
        between()
        return issue(rows, name="both.csv", gifts_key=reading.list_key, **terms)

    return imported


def issued(small):
    return [(f[1].removeprefix("outcome:recipient/"), *f[2:]) for e in issues(small) for f in moved(e)]


def issues(small):
    return bodies(small.engine, "goods.issued")


def test_goods_are_issued_to_recipients_opened_once(small, issue):
    small.give(100, unit=MASKS)
    small.give(50, unit=GLOVES)
    seen = []
    rows = [HEAD, ["2026-02-01", "协和医院", "N95口罩", "L", "30个"], ["", "协和医院", "手套", "", "20副"]]
    done = issue([*rows, ["2026-02-03", "同济 医院", "N95口罩", "", "5个"]], progress=seen.append)
    assert (done.imported, done.short, sum(seen)) == (3, [], 3)
    assert issued(small) == [("协和医院", 30, MASKS), ("协和医院", 20, GLOVES), ("同济_医院", 5, MASKS)]
    first = issues(small)[0]
    assert posted(first) == [("inventory:main", -30, MASKS)]
    assert (first["dated"], first["facts"]) == ("2026-02-01", {"recipient": "协和医院", "spec": "L"})
    recipients = [e for e in bodies(small.engine, "outcome.opened") if e["facts"]["code"].startswith("recipient/")]
    assert [e["facts"]["name"] for e in recipients] == ["协和医院", "同济 医院"]
    assert findings(small.engine) == []


def test_a_shortfall_is_issued_as_far_as_it_goes_and_reported(small, issue):
    small.give(40, unit=MASKS)
    rows = [HEAD, ["", "协和医院", "N95口罩", "", "30个"], ["", "同济医院", "N95口罩", "", "30个"]]
    done = issue([*rows, ["", "中南医院", "N95口罩", "", "30个"]])
    assert done.imported == 2
    assert [(s["row"], s["recipient"], s["asked"], s["issued"], s["short"]) for s in done.short] == [
        (3, "同济医院", 30, 10, 20),
        (4, "中南医院", 30, 0, 30),
    ]
    assert issued(small) == [("协和医院", 30, MASKS), ("同济医院", 10, MASKS)]
    assert balance(small.engine, "inventory:main", MASKS) == balance(small.engine, "fund:general", MASKS) == 0
    assert min(held for (account, _), held in balances(small.engine).items() if account[:4] != "sour") >= 0
    assert body(small.engine, done.seq)["facts"].items() >= {"imported": 2, "short": 2, "refused": 1}.items()


def test_goods_that_the_book_never_had_are_refused(small, issue):
    small.give(40, unit=MASKS)
    done = issue([HEAD, ["", "协和医院", "呼吸机", "", "3台"], ["", "同济医院", "N95口罩", "", "3个"]])
    assert [(s["recipient"], s["unit"], s["issued"]) for s in done.short] == [("协和医院", "呼吸机:台", 0)]
    assert issued(small) == [("同济医院", 3, MASKS)]
    assert "协和医院" not in {e["facts"].get("name") for e in bodies(small.engine, "outcome.opened")}


def test_a_list_of_which_nothing_is_there_may_be_offered_again(small, issue):
    rows = [HEAD, ["", "协和医院", "N95口罩", "", "30个"]]
    before = size(small.engine)
    done = issue(rows)
    assert (done.imported, done.seq, len(done.short)) == (0, None, 1)
    assert size(small.engine) == before
    small.give(40, unit=MASKS)
    assert issue(rows).imported == 1


def test_the_second_import_adds_nothing(small, issue):
    small.give(100, unit=MASKS)
    rows = [HEAD, ["2026-02-01", "协和医院", "N95口罩", "", "30个"], ["2026-02-01", "协和医院", "N95口罩", "", "30个"]]
    first = issue(rows)
    assert first.imported == 2
    before = size(small.engine)
    for name, write in (("list.csv", csv_file), ("saved.xlsx", xlsx)):
        again = issue(rows, name=name, write=write)
        assert (again.imported, again.repeated, again.already) == (0, 2, first.seq)
    assert size(small.engine) == before


def test_a_growing_list_issues_only_its_new_lines(small, issue):
    small.give(100, unit=MASKS)
    rows = [HEAD, ["2026-02-01", "协和医院", "N95口罩", "", "30个"]]
    issue(rows, origin="issues")
    done = issue([*rows, ["2026-02-02", "同济医院", "N95口罩", "", "9个"]], origin="issues")
    assert (done.imported, done.repeated) == (1, 1)
    assert balance(small.engine, "fund:general", MASKS) == 61


def test_a_dry_run_writes_nothing(small, issue):
    small.give(100, unit=MASKS)
    before = size(small.engine)
    done = issue([HEAD, ["", "协和医院", "N95口罩", "", "130个"]], dry_run=True)
    assert (done.imported, done.seq, done.short[0]["short"]) == (1, None, 30)
    assert size(small.engine) == before


def test_a_disagreeing_footer_stops_everything(small, issue):
    small.give(100, unit=MASKS)
    rows = [HEAD, ["2026-02-01", "协和医院", "N95口罩", "", "30个"], ["合计", "", "", "", "31"]]
    with check_refused(small.engine, TotalsDisagreeError, "row 3 states"):
        issue(rows)
    done = issue(rows, accept="one was lost in the post")
    assert body(small.engine, done.seq)["facts"]["reason"] == "one was lost in the post"


def test_an_interrupted_import_leaves_nothing(small, issue, monkeypatch):
    monkeypatch.setattr(imports, "CHUNK", 2)
    small.give(100, unit=MASKS)
    before, calls = size(small.engine), []

    def stop(count):
        calls.append(count)
        if len(calls) == 5:
            raise KeyboardInterrupt

    rows = [HEAD, *(["", f"第{n}医院", "N95口罩", "", "3个"] for n in range(8))]
    with pytest.raises(KeyboardInterrupt):
        issue(rows, progress=stop)
    assert size(small.engine) == before
    assert findings(small.engine) == []
    assert issue(rows).imported == 8


def test_funds_are_drawn_before_earmarks(small, issue):
    earmark = small.earmark("给协和医院")
    small.give(20, earmark, unit=MASKS)
    small.give(20, unit=MASKS)
    issue([HEAD, ["", "同济医院", "N95口罩", "", "30个"]])
    (entry,) = issues(small)
    assert moved(entry) == [
        ("fund:general", "outcome:recipient/同济医院", 20, MASKS),
        (earmark, "outcome:recipient/同济医院", 10, MASKS),
    ]


def test_a_named_donors_own_gift_is_drawn(small, both):
    small.give(500, unit=MASKS)
    done = both([BOTH, ["甲公司", "N95口罩36000个", "武汉仁爱医院1.6万\n武汉天佑医院1.6万"]])
    assert (done.imported, done.short) == (2, [])
    gift = bodies(small.engine, "donation.received")[-1]["seq"]
    flows = [f for e in issues(small) for f in e["flows"]]
    assert [(f["out"], f["amount"], f["of"]) for f in flows] == [(500, 16_000, gift), (16_500, 16_000, gift)]
    assert balance(small.engine, "fund:general", MASKS) == 4_500
    assert findings(small.engine) == []


def test_the_named_gift_is_found_under_an_origin_too(small, both):
    small.give(500, unit=MASKS)
    both([BOTH, ["甲公司", "N95口罩30个", "协和医院"]], origin="spring")
    assert [f["out"] for f in issues(small)[0]["flows"]] == [500]


def test_a_named_gift_that_moved_to_another_fund_is_drawn_there(small, both):
    small.give(500, unit=MASKS)
    rows = [BOTH, ["甲公司", "N95口罩30个", "协和医院"], ["乙公司", "N95口罩40个", "同济医院"]]

    done = both(rows, between=lambda: small.do(transfer_goods, 520))
    assert (done.imported, done.short) == (2, [])
    givers = [(f["from"], f["out"], f["amount"]) for e in issues(small) for f in e["flows"]]
    assert givers == [("fund:elder", 500, 20), ("fund:general", 520, 10), ("fund:general", 530, 40)]


def transfer_goods(w, act, amount, taker="fund:elder"):
    return transfer(w, act, "fund:general", taker, amount, "调剂", unit=MASKS)


def test_what_the_named_gift_no_longer_has_comes_first_in_first_out(small, both):
    def between():
        small.issue("别处", "fund:general", 25)
        small.give(100, unit=MASKS)

    rows = [BOTH, ["甲公司", "N95口罩30个", "协和医院"]]
    done = both(rows, between=between)
    assert done.short == []
    flows = issues(small)[-1]["flows"]
    assert [(f["out"], f["amount"], "of" in f) for f in flows] == [(25, 5, True), (30, 25, False)]


def test_many_lines_take_few_statements(small, issue, monkeypatch):
    small.give(100_000, unit=MASKS)
    writes = []
    for kind in (store.SqliteStore, store.PostgresqlStore):
        monkeypatch.setattr(kind, "write", noting(writes, kind.write))
    rows = [HEAD, *(["", f"第{chr(0x4E00 + n % 50)}医院", "N95口罩", "", "3个"] for n in range(400))]
    assert issue(rows).imported == 400
    assert len(writes) <= 3


def noting(calls, method):
    def noted(*args):
        calls.append(args)
        return method(*args)

    return noted


def test_what_a_named_gift_gave_is_not_given_again(small, both):
    def between():
        small.do(open_fund, "winter", "暖冬基金")
        small.do(transfer_goods, 30, "fund:winter")  # the first gift, now in the fund that is drawn last
        small.issue("别处", "fund:general", 40)  # the second, gone
        small.give(25, unit=MASKS)

    rows = [BOTH, ["甲公司", "N95口罩30个", "协和医院"], ["乙公司", "N95口罩40个", "同济医院"]]
    done = both(rows, between=between)
    assert [moved(e)[0] for e in issues(small)[1:]] == [
        ("fund:winter", "outcome:recipient/协和医院", 30, MASKS),
        ("fund:general", "outcome:recipient/同济医院", 25, MASKS),
    ]
    assert [(s["recipient"], s["issued"], s["short"]) for s in done.short] == [("同济医院", 25, 15)]
