"""The published lists of the 2020 relief effort, all in one book, by the commands that a foundation would type.

Read where they lie beside the repository; never copied into it. On SQLite only: it is one book of 60,000 entries.
"""

from pathlib import Path

import pytest

from ledger.app import create_app
from ledger.extensions import db
from tests.conftest import dispose, migrate, settings_for
from tests.support.commands import asked, well
from tests.support.looking import balances, size

FOLDER = Path(__file__).parents[1] / ".." / "shared" / "data" / "relief-2020"
ALIPAY, EARMARKED = "cash-alipay-0122-0128.xlsx", "cash-earmarked-0129.xlsx"
RECEIVED, BOTH = "goods-received-0124-0211.xlsx", "goods-donor-to-recipient.csv"
GIFTS = {
    ALIPAY: ("--place", "wallet:alipay", "--year", "2020"),
    EARMARKED: (),
    RECEIVED: (),
    BOTH: ("--date", "2020-02-01"),
}
ISSUES = {BOTH: ("--date", "2020-02-01"), "goods-issued-0130.xlsx": (), "goods-issued-0201.xlsx": ()}
MASKS = "N95口罩:个"
MASK_DONOR = "北京森根比亚生物工程技术有限公司"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the real lists (../shared/data/relief-2020 beside the repository) are not here"
)


def receive(app, name):
    return asked(app, "giving", "import", FOLDER / name, "--book", "relief", "--fund", "general", *GIFTS[name])


def issue(app, name):
    return asked(app, "programs", "import-issues", FOLDER / name, "--book", "relief", *ISSUES[name])


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("relief")
    url = f"sqlite:///{folder / 'ledger.sqlite3'}"
    migrate(url, folder)
    app = create_app(settings_for(url, folder))
    well(app, "books", "open", "relief", "--name", "2020年抗疫捐赠")
    well(app, "funds", "open", "relief", "general", "--name", "抗疫基金")
    received = {name: receive(app, name) for name in GIFTS}
    issued = {name: issue(app, name) for name in ISSUES}
    with app.app_context():
        yield app, received, issued
    dispose(app)


def test_every_gift_of_money_is_in_the_book(book):
    _, received, _ = book
    told = {name: (said["imported"], said["amount"]) for name, said in received.items() if said["kind"] == "money"}
    assert told == {ALIPAY: (48_740, 1_027_281_033), EARMARKED: (6_661, 8_051_659_300)}
    assert all(check["agrees"] for name in told for check in received[name]["report"]["checks"])
    held = balances(db.engine, "relief")
    assert held[("wallet:alipay", "CNY")] == 1_027_281_033
    assert held[("bank:main", "CNY")] == 8_051_659_300
    funds = [amount for (account, unit), amount in held.items() if unit == "CNY" and account[:4] in {"fund", "earm"}]
    assert sum(funds) == 1_027_281_033 + 8_051_659_300


def test_remarks_became_earmarks(book):
    _, received, _ = book
    said = received[EARMARKED]
    assert (said["earmarked"], said["purposes"]) == (35, 30)
    held = balances(db.engine, "relief")
    assert sum(account.startswith("earmark:") for account, _ in held) == 30


def test_every_receipt_of_goods_is_in_the_book(book):
    _, received, _ = book
    assert (received[RECEIVED]["imported"], received[RECEIVED]["report"]["refusals"]) == (2_904, [])
    assert (received[BOTH]["imported"], len(received[BOTH]["report"]["refusals"])) == (10, 7)


def test_issues_never_go_below_nothing(book):
    _, _, issued = book
    told = {name: (said["imported"], len(said["short"])) for name, said in issued.items()}
    lines = {name: said["report"]["lines"] for name, said in issued.items()}
    assert lines == {BOTH: 11, "goods-issued-0130.xlsx": 202, "goods-issued-0201.xlsx": 219}
    assert told[BOTH] == (11, 0)
    for name, said in issued.items():
        partly = sum(1 for s in said["short"] if s["issued"])
        assert said["imported"] + len(said["short"]) - partly == lines[name]
        assert all(s["short"] == s["asked"] - s["issued"] > 0 for s in said["short"])
        assert said["imported"] > 0
    held = balances(db.engine, "relief")
    assert all(amount > 0 for (account, _), amount in held.items() if not account.startswith("source:"))


def test_the_whole_book_verifies(book):
    app, *_ = book
    said = asked(app, "journal", "verify", "--book", "relief")
    assert (said["clean"], said["books"][0]["entries"]) == (True, size(db.engine, "relief"))


def test_where_a_gift_of_money_went(book):
    app, received, _ = book
    said = asked(app, "giving", "trace", received[ALIPAY]["first_code"])
    assert (said["unit"], said["dated"], said["intact"]) == ("CNY", "2020-01-28", True)
    assert said["shares"] == [{"what": "fund", "amount": said["amount"]}]


def test_where_the_36000_masks_went(book):
    app, *_ = book
    (masks,) = asked(app, "programs", "sources", "武汉天佑医院", "--book", "relief")["sources"]
    assert (masks["unit"], masks["amount"]) == (MASKS, 16_000)
    (gift,) = masks["given"]
    assert (gift["donor"], gift["amount"]) == (MASK_DONOR, 16_000)
    code = asked(app, "giving", "code", gift["seq"], "--book", "relief")["code"]
    said = asked(app, "giving", "trace", code)
    assert (said["entry"], said["unit"], said["amount"]) == (gift["seq"], MASKS, 36_000)
    assert {share["what"]: share["amount"] for share in said["shares"]} == {"issued": 32_000, "fund": 4_000}
    assert {(row["where"], row["amount"]) for row in said["rows"]} == {
        ("outcome:recipient/武汉仁爱医院", 16_000),
        ("outcome:recipient/武汉天佑医院", 16_000),
        ("fund:general", 4_000),
    }
    out = well(app, "giving", "trace", code)
    assert "36,000 个" in out
    assert "武汉仁爱医院" in out


def test_whose_goods_reached_a_hospital(book):
    app, *_ = book
    out = well(app, "programs", "sources", "武汉市天佑医院", "--book", "relief")
    assert "拜欧海多汀:支: 1,500 支 out of 1 gifts" in out
    assert "苏州宝集沣生物科技有限公司" in out
    assert "硒茶粉:袋: 25 袋 out of 1 gifts" in out
    assert "*芳菲" in out
    said = asked(app, "programs", "sources", "武汉市金银潭医院", "--book", "relief")
    assert said["sources"]
    assert all(unit["amount"] == sum(g["amount"] for g in unit["given"]) for unit in said["sources"])
    assert all(g["donor"] for unit in said["sources"] for g in unit["given"])


def test_importing_everything_again_adds_nothing(book):
    app, received, issued = book
    before = size(db.engine, "relief")
    for name, first in received.items():
        again = receive(app, name)
        assert (again["imported"], again["duplicates"], again["already"]) == (0, first["imported"], first["entry"])
    for name, first in issued.items():
        assert (issue(app, name)["imported"], issue(app, name)["already"]) == (0, first["entry"])
    assert size(db.engine, "relief") == before
