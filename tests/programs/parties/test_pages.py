"""The pages themselves: they answer everybody, say when they are empty, and their statements do not grow."""

import re

import pytest

from ledger.extensions import db
from tests.programs.parties.test_parties import Larger
from tests.support.queries import counted

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
PAGES = (
    "/b/projects",
    "/b/projects/meals",
    "/b/organizations",
    "/b/organizations/sunshine",
    "/b/communities",
    "/b/communities/heping",
    "/b/campaigns",
    "/b/campaigns/winter",
)


@pytest.fixture
def book(app, engine):
    book = Larger(engine)
    book.campaign()
    return book


def fill(book, number):
    book.give(1000)
    book.gift(50)
    book.need(f"N{number}")
    book.grant(f"G{number}", 400)
    book.serve(f"S{number}", [(f"grant:G{number}", 150, "CNY"), ("fund:general", 30, "CNY")], residents=3)
    book.serve(f"T{number}", [("source:volunteer", 60, "volunteer-hour")], campaign="winter")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_empty_pages_say_so(client, book, lang):
    for address in PAGES:
        page = client.get(address, headers={"Accept-Language": lang})
        assert page.status_code == 200
        assert 'class="empty"' in page.text or "/b/projects" in address or address.count("/") == 2
        assert "None" not in re.sub(r"<[^>]+>", "", page.text)


def test_full_pages_link_to_what_they_name(client, book):
    fill(book, 1)
    page = client.get("/b/projects/meals", headers={"Accept-Language": "en"}).text
    for address in ("/b/organizations/sunshine", "/b/funds/general", "/b/services/S1"):
        assert f'href="{address}"' in page
    assert "&lt;5" in page
    assert "Every figure is cumulative" in page
    assert 'href="/b/projects/meals"' in client.get("/b/communities/heping").text
    assert "¥0.50" in client.get("/b/campaigns/winter").text


def test_unknown_ones_are_not_there(client, book):
    for address in ("/b/projects/x", "/b/organizations/x", "/b/communities/x", "/b/campaigns/x", "/x/projects"):
        assert client.get(address).status_code == 404
    assert client.get("/b/projects?page=x").status_code == 400


def test_statements_do_not_grow(app, client, book):
    for number in range(8):  # so that gifts of the campaign have gone all the way
        fill(book, number)

    def cost():
        found = []
        for address in PAGES:
            with app.app_context():
                served = db.engine
            with counted(served) as sent:
                assert client.get(address).status_code == 200
            found.append(len(sent))
        return found

    cost()
    fill(book, 8)
    before = cost()  # with something new, as below
    for number in range(9, 16):
        fill(book, number)
    assert cost() == before
    assert max(before) <= 32
