"""Somebody signed in forges forms: their own token, other people's objects."""

import re
from itertools import count

import pytest
from sqlalchemy import func, select

from ledger.desk.tables import proposals
from ledger.extensions import db
from ledger.giving.donors.accounts import join
from ledger.giving.hours.tables import attendance, shifts
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book
from ledger.people.accounts import tables as people
from ledger.people.accounts import users
from ledger.people.accounts.login import Caller
from ledger.programs.delivery.tables import disputes
from ledger.web import access
from ledger.web.actor import Post, Role
from tests.support.actors import sign_in
from tests.support.desk import decide, prepared, send, sit
from tests.support.looking import bodies, size
from tests.support.objects import ARGUMENTS, World
from tests.support.small import DAY, Small

BODY = {
    "sure": "yes",
    "what": "approve",
    "reason": "因为",
    "memo": "",
    "volunteers": "v02",
    "volunteer": "v02",
    "text": "v02 2:30",
    "outcome": "withdrawn",
    "long_ok": "y",
}
"""Enough for the forms of one page; what is not asked for is ignored."""
HOLDERS = (proposals, attendance, shifts, disputes, people.posts, people.users, people.links)


def token(client):
    """Take the token of a page of one's own: it is the session's, for every form."""
    return re.search(r'name="csrf_token"[^>]* value="([^"]+)"', client.get("/account").text)[1]


def forge(client, address, **form):
    return client.post(address, data={"csrf_token": token(client), **BODY, **form})


def state(app, world):
    """Count and read what a form could change."""
    with app.app_context(), db.engine.connect() as connection:
        kept = [connection.execute(select(table)).all() for table in HOLDERS]
    return size(world.engine), size(world.engine, "other"), kept


def address(app, endpoint, **known):
    with app.test_request_context():
        rules = [rule for rule in app.url_map.iter_rules(endpoint) if "POST" in rule.methods]
        values = {name: known.get(name, ARGUMENTS.get(name)) for name in rules[0].arguments}
        query = {name: value for name, value in known.items() if name not in rules[0].arguments}
        return app.url_map.bind("localhost").build(endpoint, {**values, **query}, method="POST")


def posts(app):
    """List the endpoints that take forms, with who may send them."""
    rules = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    return {endpoint: access.declared(app.view_functions[endpoint]) for endpoint in sorted(rules)}


def test_no_form_changes_the_object_of_somebody_else(place):
    """Every route with an object, with the token of one's own: it is not there, and nothing changed."""
    app, world, clients = place
    own, wrong, tried = world.own(), [], 0
    for endpoint in posts(app):
        for role, _mine, foreign in own.get(endpoint, ()):
            before = state(app, world)
            for body in ({}, {**foreign, "shift": foreign.get("code", ""), "what": "reject"}):
                answer = forge(clients[role], address(app, endpoint, **foreign), **body)
                tried += 1
                if answer.status_code != 404 or state(app, world) != before:
                    wrong.append(f"{role}: POST {endpoint} {foreign}: {answer.status_code}")
    assert wrong == []
    assert tried >= 20


def test_no_form_reaches_another_book(place):
    """Every route of a book, by everybody who may use it in another one."""
    app, world, clients = place
    before, wrong = state(app, world), []
    for endpoint, declared in posts(app).items():
        if declared.who != "roles":
            continue
        for role in declared.roles:
            answer = forge(clients[role], address(app, endpoint, book="other"))
            if answer.status_code != 403:
                wrong.append(f"{role}: POST {endpoint}: {answer.status_code}")
    assert wrong == []
    assert state(app, world) == before


def test_a_proposal_of_another_book_is_not_there_under_the_address_of_ones_own(place):
    app, world, clients = place
    there = app.test_client()
    sign_in(app, there, "accountant", book="other")
    rich(world.engine, "other")
    code = prepared(expense(there, "other"))
    before = state(app, world)
    approver = clients[Role.APPROVER]
    assert forge(approver, f"/b/desk/proposals/{code}").status_code == 404
    assert forge(approver, f"/other/desk/proposals/{code}").status_code == 403
    assert forge(approver, "/b/desk/approve", code=code).status_code == 303
    accountant = clients[Role.ACCOUNTANT]
    assert accountant.get(f"/b/desk/expenses/new?draft={code}").status_code == 404
    assert state(app, world) == before


def rich(engine, book="b"):
    """Give a book ¥1,000.00."""
    small = Small.__new__(Small)
    small.engine, small.code, small.day, small.refs, small.codes = engine, book, DAY, count(1000), {}
    small.give(100_000)
    return small


EXPENSE = {
    "amount": "1.00",
    "fund": "fund:general",
    "category": "administration",
    "place": "bank:main",
    "project": "",
    "dated": "2026-03-02",
}


def expense(client, book="b", **more):
    """Prepare an expense; give the answer."""
    return send(client, f"/{book}/desk/expenses/new", **{**EXPENSE, **more})


@pytest.mark.parametrize(
    "wrong",
    [
        {"fund": "bank:main"},
        {"fund": "source:individual"},
        {"fund": "grant:G-own"},
        {"fund": "fund:elsewhere"},
        {"fund": " fund:general"},
        {"fund": ["bank:main", "fund:general"]},
        {"place": "fund:general"},
        {"place": "inventory:main"},
        {"place": "outcome:administration"},
        {"project": "meals\nmade-up"},
        {"category": "gifts"},
        {"amount": "-1"},
        {"amount": "NaN"},
        {"amount": "1e3"},
        {"amount": "9" * 5000},
        {"amount": ["-1", "1.00"]},
        {"dated": "9999-12-31"},
    ],
)
def test_what_a_form_does_not_offer_is_not_prepared(place, wrong):
    app, world, clients = place
    rich(world.engine)
    before = state(app, world)
    assert expense(clients[Role.ACCOUNTANT], **wrong).status_code == 422
    assert state(app, world) == before


def test_unknown_fields_are_not_kept_as_facts(app, engine):
    rich_small = Small(engine)
    rich_small.give(100_000)
    accountant, approver = sit(app, "accountant"), sit(app, "approver")
    more = {"by": "u-somebody", "approved_by": "x", "worth": "0", "payload": "{}", "kind": "donation.received"}
    code = prepared(expense(accountant, **more, facts="{}", code="x"))
    with engine.connect() as connection:
        (row,) = connection.execute(select(proposals)).all()
    assert (row.by, row.worth, row.command) == (accountant.code, 100, "money.spend")
    decide(approver, code)
    (body,) = bodies(engine, "expense.recorded")
    assert (body["by"], body["approved_by"]) == (accountant.code, approver.code)
    assert set(body["facts"]) == {"category"}


def test_holding_both_roles_in_whatever_order_approves_nothing_of_ones_own(app, engine):
    small = Small(engine)
    small.give(100_000)
    for order in (("accountant", "approver"), ("approver", "accountant")):
        both = sit(app, order[0])
        with app.app_context(), write_transaction(db.engine) as connection:
            users.grant(connection, both.code, find_book(connection, "b").id, Post(Role(order[1])), by="x")
        code = prepared(expense(both))
        decide(both, code)
        send(both, f"/b/desk/proposals/{code}", what="reject", reason="因为")
        answer = both.post("/b/desk/approve", data={"csrf_token": token(both), "code": code, "sure": "yes"})
        assert answer.status_code == 303
    assert bodies(engine, "expense.recorded") == []


def test_volunteers_of_others_cannot_be_signed_up_to_read_their_names(app, engine, tmp_path):
    """Volunteer v02 is one of another community, and the name is nobody's business here."""
    world = World(engine, tmp_path)
    staff = sit(app, "community", party="heping")
    shift = f"/b/desk/shifts/{world.shifts['heping']}"
    answer = staff.post(f"{shift}/volunteers", data={"csrf_token": token(staff), "volunteers": ["v01", "v02"]})
    assert answer.status_code == 303
    html = staff.get(shift).text
    assert "许志" not in html
    assert "said-refused" in html
    send(staff, f"{shift}/times", text="v02 2:30")
    assert "许志" not in staff.get(shift).text
    staff.post(f"{shift}/volunteers", data={"csrf_token": token(staff), "volunteers": ["v01"]})
    assert "王芳" in staff.get(shift).text


def test_hours_that_changed_after_they_were_prepared_are_not_recorded(app, engine, tmp_path):
    """Whoever approves 2:30 does not approve what the shift was made to say afterwards."""
    world = World(engine, tmp_path)
    shift = f"/b/desk/shifts/{world.shifts['heping']}"
    staff, other, approver = (
        sit(app, "community", party="heping"),
        sit(app, "community", party="heping"),
        sit(app, "approver"),
    )
    send(staff, f"{shift}/times", text="v01 2:30")
    close = {"csrf_token": token(staff), "what": "close"}
    staff.post(f"{shift}/close", data=close)
    code = prepared(
        send(
            staff,
            f"/b/desk/shifts/donate?shift={world.shifts['heping']}",
            fund="fund:general",
            shift=world.shifts["heping"],
            dated="2026-03-05",
        )
    )
    staff.post(f"{shift}/close", data={**close, "what": "reopen"})
    send(staff, f"{shift}/times", text="v01 11:30")
    staff.post(f"{shift}/close", data=close)
    before = size(engine)
    for client in (other, approver):
        answer = client.post("/b/desk/approve", data={"csrf_token": token(client), "code": code, "sure": "yes"})
        assert answer.status_code == 303
        assert size(engine) == before
    send(staff, f"/b/desk/proposals/{code}", what="withdraw")
    again = prepared(
        send(
            staff,
            f"/b/desk/shifts/donate?shift={world.shifts['heping']}",
            fund="fund:general",
            shift=world.shifts["heping"],
            dated="2026-03-05",
        )
    )
    decide(other, again)
    assert size(engine) == before + 1


def test_an_admin_of_a_book_does_not_take_over_a_donors_account_by_giving_it_a_post(app, engine):
    """The account made itself and may hold gifts of other foundations: a post in a book makes it nobody's."""
    small = Small(engine)
    gift = small.give(5000)
    with app.app_context():
        join(db.engine, "giver", "a long enough password 7", small.codes[gift], Caller("127.0.0.1", "test"))
    admin = sit(app, "admin")
    send(admin, "/b/desk/users/new", login="giver", name="x", role="auditor", party="")
    with app.app_context(), db.engine.connect() as connection:
        code = users.by_login(connection, "giver")
        assert users.find_user(connection, code).posts
    for deed in ("link", "factor", "suspend", "sessions"):
        admin.post(f"/b/desk/users/{code}/{deed}", data={"csrf_token": token(admin), "sure": "yes"})
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(people.links)) == 0
        assert connection.scalar(select(people.users.c.suspended).where(people.users.c.code == code)) is None
    chief = app.test_client()
    sign_in(app, chief, None, admin=True)
    answer = chief.post(f"/installation/users/{code}/link", data={"csrf_token": token(chief)})
    assert "/account/link/" in answer.text
