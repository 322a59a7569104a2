"""Every route by every role, in one's own book and in another, with one's own objects and with somebody else's.

What a new route needs here is written in `tests/support/objects.py`; a route without it fails the walk.
"""

import re
from itertools import product

import pytest
from werkzeug.routing import BuildError

from ledger.app import create_app
from ledger.extensions import db
from ledger.web import access
from ledger.web.actor import PARTIES, STAFF, Actor, Post, Role
from tests import conftest
from tests.support.actors import sign_in
from tests.support.objects import ARGUMENTS, OWN_PARTY, SHARED, World

NOBODY, ADMIN = "nobody", "admin of the installation"
PEOPLE = (NOBODY, ADMIN, *Role)
REFUSALS = {401, 403}
TOKENLESS = {"giving.find"}
"""Forms that change nothing and may be sent from anywhere."""


def test_every_route_declares_who_may_use_it(app):
    assert access.undeclared(app) == []


def test_a_route_without_a_declaration_is_found_and_refused(app, client):
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert access.undeclared(app) == ["forgotten"]
    answer = client.get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_a_declaration_it_does_not_know_is_refused(app, client):
    def view():
        return "secret"

    setattr(view, access.ATTRIBUTE, "wizard")
    app.add_url_rule("/strange", "strange", view)
    assert client.get("/strange").status_code == 403


@pytest.mark.parametrize(("method", "address", "status"), [("GET", "/no/such/page", 404), ("POST", "/healthz", 405)])
def test_an_address_that_matches_nothing_says_so(client, method, address, status):
    assert client.open(address, method=method).status_code == status


def test_the_walk_takes_nothing_for_granted_of_what_it_walks():
    """What is expected is written here once more, by hand: roles as words, not as the code under test reads them."""
    who = Actor("u-1", "", {"b": (Post(Role.AUDITOR),)})
    assert access.allows(access.PUBLIC, None, None)
    assert not access.allows(access.SIGNED_IN, None, None)
    assert access.allows(access.SIGNED_IN, who, None)
    assert not access.allows(access.ADMIN, who, "b")
    assert access.allows(access.Access("roles", frozenset({Role.AUDITOR})), who, "b")
    assert not access.allows(access.Access("roles", frozenset({Role.AUDITOR})), who, "other")
    assert not access.allows(access.Access("roles", frozenset({Role.ADMIN})), who, "b")
    chief = Actor("u-2", "", {}, admin=True)
    assert access.allows(access.ADMIN, chief, None)
    assert not access.allows(access.Access("roles", STAFF), chief, "b")
    assert access.allows(access.Access("roles", frozenset({Role.ADMIN}), installation=True), chief, "b")
    assert not access.allows(access.Access("nonsense"), who, "b")


# ------------------------------------------------------------------ the walk


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """An application with a world in it, and a client for each of `PEOPLE`; nothing here changes anything."""
    import shutil  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("access")
    shutil.copyfile(conftest.sqlite_template(), folder / "ledger.sqlite3")
    app = create_app(conftest.settings_for(f"sqlite:///{folder / 'ledger.sqlite3'}", folder))
    app.testing = True
    app.config["RATELIMIT_ENABLED"] = False
    with app.app_context():
        world = World(db.engine, folder)
    clients = {who: app.test_client() for who in PEOPLE}
    for role in Role:
        sign_in(app, clients[role], role, party=OWN_PARTY.get(role))
    sign_in(app, clients[ADMIN], None, admin=True)
    yield app, world, clients
    conftest.dispose(app)


def routes(app):
    """List (endpoint, rule, method) of everything but the routes for which nothing is asked."""
    return [
        (rule.endpoint, rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


def build(app, endpoint, rule, **known):
    """Make the address of a rule, its arguments as known, else from the samples."""
    missing = rule.arguments - known.keys() - ARGUMENTS.keys()
    assert not missing, (
        f"{endpoint} ({rule.rule}) takes {', '.join(sorted(missing))}, unknown to tests/support/objects.py: "
        "add a value to ARGUMENTS, and if it names something of one party, a row to World.own()"
    )
    values = {name: known.get(name, ARGUMENTS.get(name)) for name in rule.arguments}
    query = {name: value for name, value in known.items() if name not in rule.arguments}
    with app.test_request_context():
        try:
            path = app.url_map.bind("localhost").build(endpoint, {**values, **query}, method=None)
        except BuildError as error:
            raise AssertionError(f"{endpoint}: {error}") from error
    return path


def expected(declared, who, book):
    """Say by hand whether somebody may use a route, from its declaration."""
    if declared.who == "public":
        return True
    if who == NOBODY:
        return False
    if declared.who == "signed in":
        return True
    if who == ADMIN:
        return declared.who == "admin" or declared.installation
    return declared.who == "roles" and who in declared.roles and book == "b"


def refused(answer):
    login = answer.status_code == 302 and re.match(r"/login\?next=/", answer.headers.get("Location", ""))
    return bool(login) or answer.status_code in REFUSALS


@pytest.mark.parametrize("book", ["b", "other"])
def test_everybody_gets_where_the_declarations_let_them_and_nowhere_else(walked, book):
    app, _, clients = walked
    wrong = []
    for (endpoint, rule, method), who in product(routes(app), PEOPLE):
        if book != "b" and "book" not in rule.arguments:
            continue
        declared = access.declared(app.view_functions[endpoint])
        if method == "POST" and expected(declared, who, book) and endpoint == "accounts.logout":
            continue  # it would sign the walker out; without its token it answers 400 like every other form
        with clients[who].open(build(app, endpoint, rule, book=book), method=method) as answer:
            assert answer.status_code  # a file that is sent is closed again
        if refused(answer) is expected(declared, who, book):
            wrong.append(f"{who}: {method} {rule.rule} in book {book}: {answer.status_code}")
        if answer.status_code >= 500 and answer.status_code != 503:
            wrong.append(f"{who}: {method} {rule.rule} in book {book}: {answer.status_code}")
    assert wrong == []


def test_nobody_is_led_to_the_login_and_back_and_forms_are_refused(walked):
    app, _, clients = walked
    for endpoint, rule, method in routes(app):
        if access.declared(app.view_functions[endpoint]).who == "public":
            continue
        address = build(app, endpoint, rule)
        answer = clients[NOBODY].open(address, method=method)
        if method == "GET":
            assert answer.status_code == 302, address
            assert answer.location.startswith("/login?next=/"), address
        else:
            assert answer.status_code == 401, address


def test_forms_without_their_token_are_refused_wherever_one_may_send_them(walked):
    app, _, clients = walked
    for (endpoint, rule, method), who in product(routes(app), PEOPLE):
        if method != "POST" or not expected(access.declared(app.view_functions[endpoint]), who, "b"):
            continue
        if endpoint in TOKENLESS:
            continue
        answer = clients[who].post(build(app, endpoint, rule), data={"sure": "yes"})
        assert answer.status_code == 400, f"{endpoint} takes a form without its CSRF token from {who}"


def test_the_objects_of_one_party_are_not_there_for_another(walked):
    app, world, clients = walked
    own, wrong = world.own(), []
    for endpoint, rule, method in routes(app):
        for role, mine, foreign in own.get(endpoint, ()):
            if method == "POST":
                continue  # a token is missing; the page tests of each room send whole forms
            for known, there in ((mine, True), (foreign, False)):
                if known is None:
                    continue
                answer = clients[role].get(build(app, endpoint, rule, **known))
                if (answer.status_code == 200) is not there or (not there and answer.status_code != 404):
                    wrong.append(f"{role}: GET {endpoint} {known}: {answer.status_code}")
    assert wrong == []


def test_every_page_of_an_object_says_whose_it_is(walked):
    """A page that staff of a party may open by a code has a row in World.own(), or a reason in SHARED."""
    app, world, _ = walked
    known = world.own().keys() | SHARED.keys()
    unknown = {
        endpoint
        for endpoint, rule, _ in routes(app)
        if access.declared(app.view_functions[endpoint]).roles & PARTIES.keys() and rule.arguments - {"book"}
    } - known
    assert unknown == set(), (
        "tests/support/objects.py does not say whose objects these pages show: add own and foreign samples to "
        "World.own(), or the reason why everybody sees all to SHARED"
    )


def test_what_the_samples_name_is_there(walked):
    app, world, _ = walked
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert (world.own().keys() | SHARED.keys()) - endpoints == set()
    assert ARGUMENTS.keys() - {name for rule in app.url_map.iter_rules() for name in rule.arguments} == set()


def test_signed_in_pages_are_kept_by_no_cache(walked):
    _, _, clients = walked
    for address in ("/b/desk/", "/b/", "/account"):
        assert "no-store" in clients[Role.ACCOUNTANT].get(address).headers["Cache-Control"]
    assert "no-store" not in clients[NOBODY].get("/b/").headers.get("Cache-Control", "")


def test_templates_ask_the_same_declarations(walked):
    _, _, clients = walked
    with clients[Role.AUDITOR] as client:
        client.get("/b/desk/")
        assert access._may("desk.queue", "b")
        assert not access._may("desk.queue", "other")
        assert not access._may("accounts.users", "b")
        assert not access._may("no.such", "b")
