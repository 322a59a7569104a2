"""Contracts of government purchase: no fen is claimed twice, nor one that gifts or other sources paid."""

from collections import Counter, defaultdict
from datetime import date
from itertools import count

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, example, given, settings

from ledger.core.errors import (
    AlreadyOpenError,
    ClosedObjectError,
    MalformedError,
    OverspentError,
    RuleError,
    UnknownObjectError,
)
from ledger.core.trace import Flow, Provenance
from ledger.journal.append import writing
from ledger.journal.read import find_book, snapshot
from ledger.people.actions import Act, open_party
from ledger.programs.actions import award_grant, pay_grant
from ledger.programs.allocation.contracts.actions import (
    Contract,
    Filing,
    change_contract,
    close_contract,
    file_claim,
    open_contract,
    receive_money,
    receive_to_own_fund,
)
from ledger.programs.allocation.contracts.money import claimable, claimed_by_service, claims_on, money_of
from tests.support.looking import balance, bodies, body, check_refused, findings, moved, posted
from tests.support.small import Small

TERMS = Contract("C1", "社区为老服务购买", "和平街道办事处", 100_000)


@pytest.fixture
def small(engine):
    small = Small(engine)
    small.do(open_contract, TERMS)
    return small


def receive(small, amount, taker="fund:elder", contract="C1", place="bank:main"):
    return small.do(receive_money, contract, amount, taker, place)


def claim(small, code, *parts, contract="C1"):
    return small.do(file_claim, Filing(code, contract, parts))


def left(small, service, contract="C1"):
    with snapshot(small.engine) as connection:
        book = find_book(connection, "b").id
        claims = claims_on(connection, book, [f"contract:{contract}"]).get(f"contract:{contract}", [])
        return claimable(money_of(connection, book, contract), claimed_by_service(claims), service)


def test_a_contract_opens_with_a_source_of_its_own(small):
    opened = [b for b in bodies(small.engine) if b["kind"] in {"contract.opened", "source.opened"}][-2:]
    assert [b["facts"]["code"] for b in opened] == ["C1", "contract/C1"]
    assert opened[0]["facts"] == {
        "code": "C1",
        "name": "社区为老服务购买",
        "buyer": "和平街道办事处",
        "amount": 100_000,
        "unit": "CNY",
    }
    assert opened[1]["facts"]["kind"] == "public"
    with check_refused(small.engine, AlreadyOpenError, "contract:C1"):
        small.do(open_contract, TERMS)


def test_money_comes_into_a_fund(small):
    entry = body(small.engine, receive(small, 30_000))
    assert moved(entry) == [("source:contract/C1", "fund:elder", 30_000, "CNY")]
    assert posted(entry) == [("bank:main", 30_000, "CNY")]
    assert entry["facts"] == {"contract": "C1"}


def test_money_comes_into_a_fund_of_its_own(small):
    for _ in range(2):
        small.do(receive_to_own_fund, "C1", 10_000, "bank:main")
    assert balance(small.engine, "fund:contract-C1") == 20_000
    (opened,) = [b for b in bodies(small.engine, "fund.opened") if b["facts"]["code"] == "contract-C1"]
    assert opened["facts"]["restricted"] is True


def test_money_straight_to_a_grant_is_never_ours(small):
    small.do(award_grant, "G1", organization="sunshine", fund="general", amount=5_000)
    entry = body(small.engine, receive(small, 4_000, "grant:G1", place=""))
    assert (moved(entry), posted(entry)) == ([("source:contract/C1", "grant:G1", 4_000, "CNY")], [])
    assert entry["facts"] == {"contract": "C1", "grant": "G1"}
    with check_refused(small.engine, RuleError, "4000 fen are paid; 1001 fen more is too much"):
        receive(small, 1_001, "grant:G1", place="")
    assert findings(small.engine) == []


def test_no_more_comes_than_was_agreed(small):
    receive(small, 60_000)
    small.reverse(receive(small, 40_000))
    receive(small, 40_000)
    with check_refused(small.engine, RuleError, "is for 100000 fen, 100000 fen came; 1 fen more"):
        receive(small, 1)
    with check_refused(small.engine, RuleError, "cannot be for 99999 fen only"):
        small.do(change_contract, Contract("C1", "x", "y", 99_999))


def test_what_a_contract_paid_for_is_claimed_once(small):
    receive(small, 5_000)
    small.serve("S1", [("fund:elder", 3_000, "CNY")])
    entry = body(small.engine, claim(small, "K1", ("S1", 2_000)))
    assert entry["facts"] == {
        "code": "K1",
        "contract": "C1",
        "service": ["S1"],
        "amount": 2_000,
        "unit": "CNY",
        "claims": [{"service": "S1", "amount": 2_000}],
    }
    with check_refused(small.engine, RuleError, rf"1000 fen can still be claimed \(#{entry['seq']}\)"):
        claim(small, "K2", ("S1", 1_001))
    claim(small, "K2", ("S1", 1_000))
    with check_refused(small.engine, RuleError, "of which 0 fen can still be claimed"):
        claim(small, "K3", ("S1", 1))


def test_what_gifts_paid_for_is_not_claimed(small):
    gift = small.give(1_000, "fund:elder")
    receive(small, 5_000)
    small.serve("S1", [("fund:elder", 3_000, "CNY")])
    match = rf"S1 used 3000 fen: 2000 fen from contract C1.*1000 fen from elsewhere \(#{gift}\); 2001 fen is too much"
    with check_refused(small.engine, RuleError, match):
        claim(small, "K1", ("S1", 2_001))
    claim(small, "K1", ("S1", 2_000))


def test_what_another_contract_paid_for_is_not_claimed(small):
    small.do(open_contract, Contract("C2", "另一份", "区民政局", 50_000))
    other = receive(small, 1_000, contract="C2")
    receive(small, 1_000)
    small.serve("S1", [("fund:elder", 2_000, "CNY")])
    with check_refused(small.engine, RuleError, rf"1000 fen from elsewhere \(#{other}\)"):
        claim(small, "K1", ("S1", 1_001))
    claim(small, "K1", ("S1", 1_000))
    claim(small, "K2", ("S1", 1_000), contract="C2")


def test_a_fen_claimed_in_a_service_taken_back_is_not_claimed_again(small):
    receive(small, 3_000)
    first = small.serve("S1", [("fund:elder", 2_000, "CNY")])
    claimed = claim(small, "K1", ("S1", 1_500))
    small.reverse(first)
    assert balance(small.engine, "fund:elder") == 3_000
    small.serve("S2", [("fund:elder", 3_000, "CNY")])
    assert left(small, "S2") == 1_500
    with check_refused(small.engine, RuleError, rf"1500 fen can still be claimed \(#{claimed}\)"):
        claim(small, "K2", ("S2", 1_501))
    claim(small, "K2", ("S2", 1_500))
    with check_refused(small.engine, ClosedObjectError, "service:S1"):
        claim(small, "K3", ("S1", 500))


@pytest.mark.parametrize(
    ("terms", "match"),
    [
        ({"organization": "other"}, "organization"),
        ({"project": "other"}, "project"),
        ({"starts": date(2026, 3, 2)}, "outside the period"),
        ({"ends": date(2026, 2, 28)}, "outside the period"),
    ],
)
def test_services_outside_the_terms_are_not_claimed(small, terms, match):
    for kind in ("organization", "project"):
        small.do(open_party, kind, "other", name="别的")
    small.do(change_contract, Contract("C1", "社区为老服务购买", "和平街道办事处", 100_000, **terms))
    receive(small, 1_000)
    small.serve("S1", [("fund:elder", 500, "CNY")])
    with check_refused(small.engine, RuleError, match):
        claim(small, "K1", ("S1", 500))


def test_claims_refused(small):
    receive(small, 1_000)
    small.serve("S1", [("fund:elder", 500, "CNY")])
    for parts, error, match in [
        ([], MalformedError, "names at least one service"),
        ([("S1", 100), ("S1", 100)], MalformedError, "stands there twice"),
        ([("S1", 0)], MalformedError, "not an amount"),
        ([("S9", 1)], UnknownObjectError, "service:S9"),
    ]:
        with check_refused(small.engine, error, match):
            claim(small, "K1", *parts)
    small.do(close_contract, "C1", "期满")
    with check_refused(small.engine, ClosedObjectError, "contract:C1"):
        claim(small, "K1", ("S1", 100))


def test_a_claim_asked_twice_is_one(small):
    receive(small, 1_000)
    small.serve("S1", [("fund:elder", 500, "CNY")])
    act, made = Act("lin", small.day, "claim-1", "wu"), []
    for _ in range(2):
        with writing(small.engine, "b") as w:
            made.append(file_claim(w, act, Filing("K1", "C1", [("S1", 500)])))
    assert (made[1].seq, made[1].repeated) == (made[0].seq, True)


def test_money_of_a_contract_that_came_back_and_went_again(small):
    gone = receive(small, 3_000)
    receive(small, 2_000)
    small.reverse(gone)
    small.serve("S1", [("fund:elder", 500, "CNY")])
    small.spend("fund:elder", 300)
    with snapshot(small.engine) as connection:
        money = money_of(connection, find_book(connection, "b").id, "C1")
    assert (money.received, money.used, money.spent_otherwise, money.waiting) == (2_000, 500, 300, 1_200)
    assert money.in_service("S1") == 500


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["gift", "money", "pay", "serve", "serve", "claim", "claim", "reverse", "reverse"]),
        st.sampled_from([50, 100, 200, 333]),
        st.integers(0, 11),
    ),
    min_size=12,
    max_size=40,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(steps=STEPS)
@example(steps=[("serve", 200, 1), ("claim", 0, 2), ("reverse", 0, 0), ("serve", 333, 1), ("claim", 0, 3)])
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_whatever_happens_no_fen_is_claimed_twice(engine, steps):
    small = Small(engine, code=f"r{next(BOOKS)}")
    small.do(open_contract, Contract("C0", "甲", "街道", 10**6))
    small.do(open_contract, Contract("C1", "乙", "街道", 10**6))
    small.do(award_grant, "G1", organization="sunshine", fund="elder", amount=10**6)
    receive(small, 500, "fund:elder", "C0")
    served, claims = [], 0
    for kind, amount, pick in steps:
        contract, service = f"C{pick // 6}", served[pick % len(served)] if served else None
        try:
            if kind == "gift":
                small.give(amount, "fund:elder")
            elif kind == "money":
                receive(small, amount, "fund:elder" if pick % 3 else "grant:G1", contract)
            elif kind == "pay":
                small.do(pay_grant, "G1", [("fund:elder", amount)], "bank:main")
            elif kind == "serve":
                giver = "fund:elder" if pick % 3 else "grant:G1"
                served.append((f"S{len(served)}", small.serve(f"S{len(served)}", [(giver, amount, "CNY")])))
            elif kind == "reverse" and service:
                small.reverse(service[1])
            elif kind == "claim" and service:
                part = amount if pick % 4 == 1 else left_in(small, service[0], contract)
                claim(small, f"K{claims}", (service[0], part), contract=contract)
                claims += 1
        except (OverspentError, RuleError, ClosedObjectError, MalformedError, AlreadyOpenError):
            pass
    check_claims(small)


BOOKS = count(1)


def left_in(small, service, contract):
    with snapshot(small.engine) as connection:
        book = find_book(connection, small.code).id
        claims = claims_on(connection, book, [f"contract:{contract}"]).get(f"contract:{contract}", [])
        return claimable(money_of(connection, book, contract), claimed_by_service(claims), service)


def check_claims(small):
    """Count fen by fen what each contract paid for, with the reference: enough of its own for every claim."""
    log = bodies(small.engine, book=small.code)
    fen = fen_of(log)
    claimed = Counter()
    for b in log:
        for part in b["facts"].get("claims", ()):
            claimed[(b["facts"]["contract"], part["service"])] += part["amount"]
    for contract in ("C0", "C1"):
        demand = {service: n for (of, service), n in claimed.items() if of == contract}
        assert Giving(demand, {service: fen[(contract, service)] for service in demand}).enough()


def fen_of(log):
    """Trace every service back: (contract, service) → positions on the contract's source."""
    flows = [
        Flow(b["seq"], f["from"], f["out"], f["to"], f["in"], f["amount"], f["unit"])
        for b in log
        for f in b["flows"]
        if f["unit"] == "CNY"
    ]
    past, fen, received = Provenance(flows), defaultdict(set), Counter()
    for flow in flows:
        if flow.taker.startswith("service:"):
            received[flow.taker] += flow.amount
    for service, amount in received.items():
        for piece in past.backward(service, 0, amount):
            if piece.account.startswith("source:contract/"):
                fen[(piece.account[16:], service[8:])] |= set(range(piece.lo, piece.hi))
    return fen


class Giving:
    """Give each service as many fen as it claims, each fen to one: augmenting paths over fen with the same owners."""

    def __init__(self, demand, fen):
        owners = defaultdict(list)
        for service, positions in fen.items():
            for position in positions:
                owners[position].append(service)
        self.demand, self.given = demand, Counter()
        self.groups = Counter(tuple(sorted(services)) for services in owners.values())

    def enough(self):
        return all(self.find(service, set()) for service, n in self.demand.items() for _ in range(n))

    def find(self, service, seen):
        """Find one fen more for a service, moving others' fen if need be."""
        for group, size in self.groups.items():
            if service in group and group not in seen:
                seen.add(group)
                if sum(self.given[(group, s)] for s in group) < size or self.moved(group, seen):
                    self.given[(group, service)] += 1
                    return True
        return False

    def moved(self, group, seen):
        for other in group:
            if self.given[(group, other)] and self.find(other, seen):
                self.given[(group, other)] -= 1
                return True
        return False
