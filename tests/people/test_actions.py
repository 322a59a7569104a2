"""Parties are opened; personal data stays beside the ledger and can leave it."""

import json

import pytest

from ledger.core import canonical
from ledger.core.errors import (
    AlreadyOpenError,
    MalformedError,
    NotFoundError,
    RepeatedRefError,
    UnknownObjectError,
)
from ledger.journal.append import writing
from ledger.people.actions import Act, erase, open_party, open_person
from tests.support.looking import bodies, body, check_refused, findings, private, size
from tests.support.small import DAY, Small


@pytest.fixture
def small(engine):
    return Small(engine)


def test_a_party_is_opened_with_its_public_facts(small):
    entry = body(small.engine, small.do(open_party, "community", "nanhu", name="南湖社区", street=None))
    assert (entry["kind"], entry["facts"]) == ("community.opened", {"code": "nanhu", "name": "南湖社区"})
    assert (entry["by"], entry["approved_by"], entry["dated"]) == ("accountant", "approver", DAY.isoformat())
    assert (entry["flows"], entry["postings"]) == ([], [])


def test_a_person_is_a_commitment_and_a_name_beside_the_ledger(small):
    seq = small.do(open_person, "worker", "w02", "赵倩", organization="sunshine")
    entry = body(small.engine, seq)
    assert entry["facts"]["organization"] == "sunshine"
    assert set(entry["facts"]) == {"code", "organization", "private"}
    assert len(entry["facts"]["private"]["name"]) == 64
    assert private(small.engine)[(seq, "name")] == "赵倩"
    assert "赵倩".encode() not in canonical.encode(entry)


@pytest.mark.parametrize("name", ["", "  ", "\u3000"])
def test_a_person_needs_a_name(small, name):
    with check_refused(small.engine, MalformedError, "volunteer v02 needs a name"):
        small.do(open_person, "volunteer", "v02", name, community="heping")


@pytest.mark.parametrize(
    ("args", "facts", "error", "match"),
    [
        (("community", "heping"), {"name": "x"}, AlreadyOpenError, "community:heping was opened by entry"),
        (("project", "p1"), {"organization": "nobody"}, UnknownObjectError, "organization:nobody is not in book 'b'"),
        (("community", "a b"), {}, MalformedError, "facts.code"),
        (("castle", "c"), {}, MalformedError, "'castle.opened' is not a kind of entry"),
    ],
)
def test_refusals(small, args, facts, error, match):
    with check_refused(small.engine, error, match):
        small.do(open_party, *args, **facts)


def test_the_same_ref_is_the_same_request(small):
    act = Act("accountant", DAY, "open-nanhu")
    with writing(small.engine, "b") as w:
        first = open_person(w, act, "volunteer", "v02", "李雷", community="heping")
        again = open_person(w, act, "volunteer", "v02", "李雷", community="heping")
    assert (first.seq, first.leaf, first.repeated) == (again.seq, again.leaf, False)
    assert again.repeated
    with check_refused(small.engine, RepeatedRefError, "open-nanhu"), writing(small.engine, "b") as w:
        open_person(w, act, "volunteer", "v02", "韩梅", community="heping")


def test_nobody_approves_what_they_prepared(small):
    with check_refused(small.engine, MalformedError, "nobody approves"), writing(small.engine, "b") as w:
        open_party(w, Act("lin", DAY, "x", "lin"), "community", "c2", name="x")


def test_erasing_removes_the_names_and_verification_stays_clean(small):
    worker = small.do(open_person, "worker", "w02", "赵倩", organization="sunshine")
    gift = small.give(1000, donor="钱多多", remark="给孩子们")
    kept = small.give(2000, donor="孙丽")
    before = {seq: canonical.encode(body(small.engine, seq)) for seq in (worker, gift)}
    seq = small.do(erase, [gift, worker, gift])
    assert body(small.engine, seq)["facts"] == {"entries": [worker, gift]}
    left = private(small.engine)
    assert {at for at, _ in left} & {worker, gift} == set()
    assert left[(kept, "donor")] == "孙丽"
    assert {at: canonical.encode(body(small.engine, at)) for at in before} == before
    assert findings(small.engine) == []
    assert "钱多多" not in json.dumps(bodies(small.engine), ensure_ascii=False)


def test_names_gone_without_erasure_are_noticed(small):
    gift = small.give(1000, donor="钱多多")
    with small.engine.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM private WHERE seq = {gift}")
    assert [f for f in findings(small.engine) if f"entry {gift}" in f and "[private]" in f]


@pytest.mark.parametrize(
    ("entries", "error", "match"),
    [
        ([], MalformedError, "at least one entry"),
        ([999], NotFoundError, "no entry 999"),
        ([0], MalformedError, "entry 0 .book.opened. holds no personal data"),
    ],
)
def test_erasing_refuses_what_holds_nothing_personal(small, entries, error, match):
    with check_refused(small.engine, error, match):
        small.do(erase, entries)


def test_erasing_twice_under_one_ref(small):
    gift = small.give(1000, donor="钱多多")
    act = Act("officer", DAY, "erase-1")
    for _ in range(2):
        with writing(small.engine, "b") as w:
            erased = erase(w, act, [gift])
    assert erased.repeated
    assert size(small.engine) == erased.seq + 1
