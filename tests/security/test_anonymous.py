"""Somebody who is not signed in reads everything there is to read: no person, no tracking code is in it."""

import io
import json
import logging
import re
import zipfile
from html import unescape
from urllib.parse import urldefrag, urlsplit

import pytest

from ledger.core import tracking
from ledger.logs import JsonLines
from ledger.reports.figures import group_code
from ledger.web import access
from ledger.web.actor import Role
from tests.support.desk import decide, prepared, send
from tests.support.objects import ARGUMENTS
from tests.support.small import Small

MOST = 250  # pages read
DONOR, REMARK = "欧阳捐赠者", "给我爷爷的邻居"
PERSONS = ("李明", "王芳", "何远", "许志", DONOR, REMARK)
"""Names and remarks in the side store of the world."""


@pytest.fixture(scope="module")
def codes(place):
    """The tracking codes of the world, after a gift with a name and one prepared, returned and rejected."""
    _app, world, clients = place
    seq = Small.give(world, 5000, donor=DONOR, remark=REMARK)
    send(clients[Role.ACCOUNTANT], f"/b/desk/gifts/{seq}/receipt", code="53010", number="0099887766", check="")
    form = {"resource": "money", "amount": "9.00", "taker": "fund:general", "place": "bank:main", "dated": "2026-03-02"}
    form |= {"source": "source:individual", "channel": "cash", "donor": f"{DONOR}乙", "remark": REMARK, "purpose": ""}
    answer = send(clients[Role.ACCOUNTANT], "/b/desk/gifts/new", **form)
    decide(clients[Role.APPROVER], prepared(answer), "reject", reason="重复")
    return {text for code in world.codes.values() for text in (code, group_code(code))}


def addresses(app, world):
    """List public addresses to begin with: every public route, with what the world has in it."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.endpoint != "static"]
    known = {"code": ("general", "S-own", "meals", "heping", "sunshine", "none"), "seq": range(0, world_size(world), 5)}
    for rule in rules:
        if access.declared(app.view_functions[rule.endpoint]) != access.PUBLIC:
            continue
        for n in range(9 if rule.arguments & known.keys() else 1):
            values = {name: ARGUMENTS.get(name) for name in rule.arguments}
            values |= {name: known[name][n % len(known[name])] for name in rule.arguments & known.keys()}
            with app.test_request_context():
                yield app.url_map.bind("localhost").build(rule.endpoint, values)


def world_size(world):
    from tests.support.looking import size  # noqa: PLC0415

    return size(world.engine)


def texts(answer):
    """Give what an answer holds, workbooks unpacked."""
    data = answer.data
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            data = b"\n".join(packed.read(name) for name in packed.namelist())
    return unescape(data.decode("utf-8", "replace")) + " ".join(map(str, answer.headers.values()))


def test_nothing_public_names_a_person_or_a_tracking_code(place, codes, caplog):
    app, world, _clients = place
    client, waiting, seen, wrong = app.test_client(), list(addresses(app, world)), set(), []
    caplog.set_level(logging.DEBUG)
    while waiting and len(seen) < MOST:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        for headers in ({}, {"Accept": "application/json"}):
            with client.get(address, headers=headers) as answer:
                text = texts(answer)
            wrong += [f"{address}: {found}" for found in (*PERSONS, *codes) if found in text]
            assert answer.status_code < 500, address
        links = re.findall(r'(?:href|src|action)="(/[^"]*)"', text if "<html" in text else client.get(address).text)
        links = [urldefrag(unescape(link)).url for link in links]
        waiting += [link for link in links if not urlsplit(link).path.startswith(("/static", "/login", "/donor"))]
    assert wrong == []
    assert len(seen) > 80
    written = "\n".join(JsonLines().format(record) for record in caplog.records)
    assert [found for found in (*PERSONS, *codes) if found in written] == []


def test_logs_and_errors_say_nothing_of_what_was_searched(place, codes, caplog):
    app, _world, clients = place
    code = next(iter(sorted(codes)))
    caplog.set_level(logging.DEBUG)
    anonymous = app.test_client()
    anonymous.get(f"/trace/{code}")
    anonymous.get(f"/trace?code={code}")
    anonymous.post("/trace", data={"code": code})
    anonymous.get(f"/b/services?search={DONOR}")
    anonymous.get(f"/b/thanks?search={DONOR}")
    clients[Role.ACCOUNTANT].get(f"/b/desk/gifts?search={DONOR}")
    clients[Role.ACCOUNTANT].get(f"/b/desk/volunteers?search={PERSONS[1]}")
    written = "\n".join(JsonLines().format(record) for record in caplog.records)
    assert caplog.records
    assert [found for found in (*PERSONS, *codes) if found in written] == []


def test_what_the_page_of_a_gift_tells_only_its_reader(place, codes):
    """The page of a code names no donor, is kept by no cache, and tells no other site its address."""
    app, world, _clients = place
    for code in sorted(world.codes.values()):
        answer = app.test_client().get(f"/trace/{group_code(code)}", environ_base={"REMOTE_ADDR": "192.0.2.1"})
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
        assert [name for name in PERSONS if name in answer.text] == []


def test_whoever_tries_codes_is_stopped_and_then_learns_nothing_of_right_ones_either(place, codes):
    app, _world, _clients = place
    here = {"environ_base": {"REMOTE_ADDR": "192.0.2.2"}}
    tried = [tracking.derive(bytes(32), "nowhere", str(number)) for number in range(22)]
    got = [app.test_client().get(f"/trace/{group_code(code)}", **here).status_code for code in tried]
    assert (got[:20], got[20:]) == ([404] * 20, [429] * 2)
    assert app.test_client().get(f"/trace/{min(codes)}", **here).status_code == 429


def test_a_decided_proposal_keeps_no_person(place, codes):
    _app, world, _clients = place
    with world.engine.connect() as connection:
        kept = connection.exec_driver_sql("select title, payload, form, memo from proposals").all()
    whole = json.dumps([list(row) for row in kept], ensure_ascii=False)
    assert [name for name in (DONOR, REMARK) if name in whole] == []
    assert "900" in whole
