"""Grants, services and goods: what donations become."""

import pytest

from ledger.core.errors import (
    AlreadyOpenError,
    ClosedObjectError,
    MalformedError,
    OverspentError,
    RepeatedRefError,
    RuleError,
    UnknownObjectError,
)
from ledger.journal.append import writing
from ledger.people.actions import Act
from ledger.programs.actions import (
    Service,
    award_grant,
    confirm_service,
    deliver_service,
    issue_goods,
    pay_grant,
    recipient_code,
    return_grant,
)
from tests.support.looking import balance, bodies, body, check_refused, findings, moved, posted, size
from tests.support.small import DAY, Small

MASKS = "N95口罩:个"
HOURS = "volunteer-hour"
EVIDENCE = {"sha256": "a" * 64, "name": "1.jpg", "size": 7, "media": "image/jpeg"}


@pytest.fixture
def small(engine):
    small = Small(engine)
    small.give(10_000)
    return small


def award(small, code="G1", amount=2_000, **more):
    facts = {"organization": "sunshine", "fund": "general", "amount": amount} | more
    return small.do(award_grant, code, **facts)


def pay(small, *moves, grant="G1", place="bank:main"):
    return small.do(pay_grant, grant, moves, place)


def service(small, code="S1", used=(), residents=12, places=None, evidence=(), **more):
    places = {"CNY": "bank:main", MASKS: "inventory:main"} if places is None else places
    parties = ("heping", "sunshine", more.pop("worker", "w01"))
    made = Service(code, "长者午餐", "meals", *parties, residents, used, places, evidence, more)
    return small.do(deliver_service, made)


def test_an_award_moves_nothing(small):
    entry = body(small.engine, award(small, project="meals"))
    assert (moved(entry), posted(entry)) == ([], [])
    assert entry["facts"] == {
        "code": "G1",
        "organization": "sunshine",
        "fund": "general",
        "amount": 2_000,
        "unit": "CNY",
        "project": "meals",
    }


@pytest.mark.parametrize(
    ("facts", "error", "match"),
    [
        ({"organization": "nobody"}, UnknownObjectError, "organization:nobody"),
        ({"fund": "nobody"}, UnknownObjectError, "fund:nobody"),
        ({"project": "nobody"}, UnknownObjectError, "project:nobody"),
        ({"amount": 0}, MalformedError, "0 is not an amount"),
        ({"amount": -1}, MalformedError, "-1 is not an amount"),
        ({"code": "a b"}, MalformedError, "facts.code"),
    ],
)
def test_awards_refused(small, facts, error, match):
    with check_refused(small.engine, error, match):
        award(small, **facts)
    award(small)
    with check_refused(small.engine, AlreadyOpenError, "grant:G1 was opened by entry"):
        award(small)


def test_a_grant_is_paid_out_of_earmarks_and_funds_in_this_order(small):
    earmark = small.earmark("午餐")
    small.give(300, earmark)
    award(small)
    entry = body(small.engine, pay(small, (earmark, 300), ("fund:general", 700)))
    assert moved(entry) == [(earmark, "grant:G1", 300, "CNY"), ("fund:general", "grant:G1", 700, "CNY")]
    assert posted(entry) == [("bank:main", -1_000, "CNY")]
    assert balance(small.engine, "grant:G1") == 1_000


def test_no_more_is_paid_than_was_awarded(small):
    award(small)
    pay(small, ("fund:general", 1_500))
    with check_refused(
        small.engine, RuleError, "grant G1 was awarded 2000 fen, 1500 fen are paid; 501 fen more is too much"
    ):
        pay(small, ("fund:general", 501))
    pay(small, ("fund:general", 500))
    small.back("G1", 100)
    with check_refused(small.engine, RuleError, "2000 fen are paid; 1 fen more"):
        pay(small, ("fund:general", 1))


def test_a_reversed_payment_can_be_paid_again(small):
    award(small)
    small.reverse(pay(small, ("fund:general", 2_000)))
    pay(small, ("fund:general", 2_000))
    assert balance(small.engine, "grant:G1") == 2_000
    with check_refused(small.engine, RuleError, "2000 fen are paid"):
        pay(small, ("fund:general", 1))


@pytest.mark.parametrize(
    ("moves", "more", "error", "match"),
    [
        ([("fund:general", 10_001)], {}, OverspentError, "fund:general: "),
        ([("fund:general", 1)], {"grant": "G9"}, UnknownObjectError, "grant:G9 is not in book"),
        ([("fund:general", 1)], {"place": "cash:main"}, OverspentError, "cash:main: 1 fen asked, 0 fen held"),
        ([("fund:general", 1)], {"place": "bank:no"}, UnknownObjectError, "bank:no"),
        ([("fund:none", 1)], {}, UnknownObjectError, "fund:none"),
        ([], {}, MalformedError, "0 is not an amount"),
    ],
)
def test_payments_refused(small, moves, more, error, match):
    award(small, amount=50_000)
    with check_refused(small.engine, error, match):
        pay(small, *moves, **more)


def test_a_payment_asked_twice_is_paid_once(small):
    award(small)
    act, made = Act("lin", DAY, "pay-1"), []
    for _ in range(2):
        with writing(small.engine, "b") as w:
            made.append(pay_grant(w, act, "G1", [("fund:general", 2_000)], "bank:main"))
    assert (made[1].seq, made[1].repeated) == (made[0].seq, True)
    assert balance(small.engine, "grant:G1") == 2_000
    with check_refused(small.engine, RepeatedRefError, "pay-1"), writing(small.engine, "b") as w:
        pay_grant(w, act, "G1", [("fund:general", 1_999)], "bank:main")


def test_what_is_unspent_comes_back(small):
    small.grant("G1", 2_000)
    small.serve("S1", [("grant:G1", 1_700, "CNY")])
    entry = body(small.engine, small.back("G1", 300))
    assert moved(entry) == [("grant:G1", "fund:general", 300, "CNY")]
    assert posted(entry) == [("bank:main", 300, "CNY")]
    with check_refused(small.engine, OverspentError, "grant:G1: 1 fen asked"):
        small.back("G1", 1)
    with check_refused(small.engine, UnknownObjectError, "grant:G7"):
        small.do(return_grant, "G7", "fund:general", 1, "bank:main")


def test_a_service_consumes_money_goods_and_hours(small):
    small.grant("G1", 2_000)
    small.give(100, unit=MASKS)
    used = [("grant:G1", 1_200, "CNY"), ("fund:general", 30, MASKS), ("fund:general", 5, "CNY")]
    used.append(("source:volunteer", 90, HOURS))
    seq = service(small, used=used, evidence=[EVIDENCE], grant="G1", project="meals", volunteer=["v01"])
    entry = body(small.engine, seq)
    assert moved(entry) == [(giver, "service:S1", amount, unit) for giver, amount, unit in used]
    assert posted(entry) == [("inventory:main", -30, MASKS), ("bank:main", -5, "CNY")]
    assert entry["facts"] == {
        "code": "S1",
        "title": "长者午餐",
        "kind": "meals",
        "community": "heping",
        "organization": "sunshine",
        "worker": "w01",
        "residents": 12,
        "evidence": [EVIDENCE],
        "grant": "G1",
        "project": "meals",
        "volunteer": ["v01"],
    }
    assert balance(small.engine, "service:S1", HOURS) == 90
    assert findings(small.engine) == []


def test_hours_given_to_a_fund_are_used_without_posting(small):
    small.give(90, source="source:volunteer", unit=HOURS)
    entry = body(small.engine, service(small, used=[("fund:general", 60, HOURS)]))
    assert (posted(entry), balance(small.engine, "fund:general", HOURS)) == ([], 30)


@pytest.mark.parametrize(
    ("parts", "error", "match"),
    [
        ({"residents": -1}, MalformedError, "service S1: -1 residents; write 0 or more"),
        ({"used": [("fund:general", 5, "CNY")], "places": {}}, MalformedError, "say which place it is paid from"),
        ({"used": [("fund:general", 5, MASKS)]}, OverspentError, "fund:general: "),
        ({"used": [("grant:G9", 5, "CNY")]}, UnknownObjectError, "grant:G9"),
        ({"worker": "w99"}, UnknownObjectError, "worker:w99"),
        ({"volunteer": ["v01", "v99"]}, UnknownObjectError, "volunteer:v99"),
        ({"evidence": [{"name": "1.jpg"}]}, MalformedError, "facts.evidence lists files by sha256"),
    ],
)
def test_services_refused(small, parts, error, match):
    with check_refused(small.engine, error, match):
        service(small, **parts)


def test_each_party_confirms_once(small):
    service(small)
    entry = body(small.engine, small.do(confirm_service, "S1", "community", "heping"))
    assert entry["facts"] == {"service": "S1", "role": "community", "community": "heping"}
    with check_refused(small.engine, RuleError, f"service S1 was confirmed by its community in entry {entry['seq']}"):
        small.do(confirm_service, "S1", "community", "heping")
    assert body(small.engine, small.do(confirm_service, "S1", "worker", "w01"))["facts"]["worker"] == "w01"
    with check_refused(small.engine, RuleError, "confirmed by its worker"):
        small.do(confirm_service, "S1", "worker", "w01")


@pytest.mark.parametrize(
    ("args", "error", "match"),
    [
        (("S1", "community", "nanhu"), RuleError, "service S1 names community 'heping'; 'nanhu' cannot confirm it"),
        (("S1", "worker", "heping"), RuleError, "service S1 names worker 'w01'; 'heping' cannot"),
        (("S1", "donor", "x"), MalformedError, "'donor' does not confirm services"),
        (("S9", "worker", "w01"), UnknownObjectError, "service:S9"),
    ],
)
def test_confirmations_refused(small, args, error, match):
    service(small)
    with check_refused(small.engine, error, match):
        small.do(confirm_service, *args)


def test_a_reversed_service_is_not_confirmed(small):
    small.reverse(service(small))
    with check_refused(small.engine, ClosedObjectError, "service:S1 was closed"):
        small.do(confirm_service, "S1", "worker", "w01")


def test_a_confirmation_asked_twice_is_one(small):
    service(small)
    act, made = Act("w01", DAY, "any-ref"), []
    for _ in range(2):
        with writing(small.engine, "b") as w:
            made.append(confirm_service(w, act, "S1", "worker", "w01"))
    assert (made[1].seq, made[1].repeated) == (made[0].seq, True)


def test_goods_are_issued_and_the_recipient_is_opened_once(small):
    small.give(100, unit=MASKS)
    entry = body(small.engine, small.issue("武汉 天佑医院", "fund:general", 30))
    assert moved(entry) == [("fund:general", "outcome:recipient/武汉_天佑医院", 30, MASKS)]
    assert posted(entry) == [("inventory:main", -30, MASKS)]
    assert entry["facts"] == {"recipient": "武汉 天佑医院"}
    entries = size(small.engine)
    small.issue("武汉 天佑医院", "fund:general", 20)
    assert size(small.engine) == entries + 1
    opened = [e for e in bodies(small.engine, "outcome.opened") if e["facts"]["code"].startswith("recipient/")]
    assert [e["facts"]["name"] for e in opened] == ["武汉 天佑医院"]
    assert balance(small.engine, "outcome:recipient/武汉_天佑医院", MASKS) == 50


def test_long_names_of_recipients_get_codes_of_their_own(small):
    small.give(100, unit=MASKS)
    names = ["第" * 150 + end for end in "一二"]
    for name in names:
        small.issue(name, "fund:general", 10)
    assert recipient_code(names[0]) != recipient_code(names[1])
    assert all(len(recipient_code(name)) == 100 for name in names)
    assert balance(small.engine, f"outcome:{recipient_code(names[0])}", MASKS) == 10


@pytest.mark.parametrize(
    ("recipient", "amount", "unit", "error", "match"),
    [
        ("医院", 101, MASKS, OverspentError, "fund:general: "),
        ("医院", 1, "手套:副", UnknownObjectError, "unit:手套:副"),
        (" ", 1, MASKS, MalformedError, "goods need a recipient"),
    ],
)
def test_issues_refused(small, recipient, amount, unit, error, match):
    small.give(100, unit=MASKS)
    with check_refused(small.engine, error, match):
        small.do(issue_goods, recipient, "fund:general", amount, unit, "inventory:main")
