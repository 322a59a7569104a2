"""Finding a gift: the form, the one address of a code, what is said of wrong ones, and what nobody may keep."""

import logging

import pytest

from ledger.app import create_app
from ledger.core.tracking import display
from tests.conftest import dispose
from tests.support.small import Small

NOWHERE = "0000-0000-0000-0000-0"
CHINESE, ENGLISH = {"Accept-Language": "zh-CN"}, {"Accept-Language": "en"}


@pytest.fixture
def small(engine):
    return Small(engine)


@pytest.fixture
def code(small):
    gift = small.give(100_000)
    small.grant("G1", 60_000)
    small.serve("S1", [("grant:G1", 25_000, "CNY")], confirm=("community",))
    return small.codes[gift]


def test_the_page_speaks_both_languages(client, code):
    pages = [client.get(f"/trace/{display(code)}", headers=headers) for headers in (CHINESE, ENGLISH)]
    assert [page.status_code for page in pages] == [200, 200]
    assert ['lang="zh-Hans"' in pages[0].text, 'lang="en"' in pages[1].text] == [True, True]
    assert "Where it is" in pages[1].text
    for page in pages:
        assert all(
            part in page.text for part in ("¥1,000.00", "¥250.00", "¥350.00", "¥400.00", "阳光社工站", "互助基金")
        )


@pytest.mark.parametrize("typed", ["{0}", " {1} ", "{2}", "{3}"])
def test_a_code_typed_in_any_way_leads_to_its_one_address(client, code, typed):
    spoken = display(code).replace("-", " ").replace("0", "o").replace("1", "l").lower()
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in code)
    text = typed.format(code, display(code), spoken, wide)
    for answer in (client.post("/trace", data={"code": text}), client.get("/trace", query_string={"code": text})):
        assert answer.status_code == 303
        assert client.get(answer.location).status_code == 200
        assert client.get(answer.location).request.path == f"/trace/{display(code)}"


def test_a_gift_that_was_reversed_says_so(client, small):
    gift = small.give(1_000)
    small.reverse(gift)
    page = client.get(f"/trace/{display(small.codes[gift])}", headers=ENGLISH)
    assert (page.status_code, "taken back" in page.text) == (200, True)


def test_another_spelling_of_the_address_leads_there_too(client, code):
    answer = client.get(f"/trace/{code.lower()}")
    assert answer.status_code == 303
    assert client.get(answer.location).status_code == 200


def test_each_mistake_has_its_own_words(client, code):
    wrong = display(code)[:-1] + ("0" if code[-1] != "0" else "1")
    said = {text: client.post("/trace", data={"code": text}, headers=ENGLISH) for text in ("", "  ", "hello", wrong)}
    assert {text: answer.status_code for text, answer in said.items()} == dict.fromkeys(said, 400)
    words = ["No code was entered", "No code was entered", "not a tracking code", "typing mistake"]
    assert all(part in answer.text for part, answer in zip(words, said.values(), strict=True))
    assert 'value="hello"' in said["hello"].text


def test_an_unknown_code_is_not_found_and_can_be_typed_again(client, code):
    answer = client.get(f"/trace/{NOWHERE}", headers=ENGLISH)
    assert (answer.status_code, "No gift has this code" in answer.text) == (404, True)
    assert f'value="{NOWHERE}"' in answer.text
    assert client.get("/trace/nonsense").status_code == 404


def test_the_form_of_a_book_names_the_book(client, code):
    assert "和平社区基金" in client.get("/b/trace").text
    assert client.get("/trace").status_code == 200
    assert client.get("/nowhere/trace").status_code == 404


def test_nobody_keeps_or_lists_these_pages(client, code):
    pages = [client.get("/trace"), client.get(f"/trace/{display(code)}"), client.get(f"/trace/{NOWHERE}")]
    assert {page.headers["Cache-Control"] for page in pages} == {"private, no-store"}
    assert all("noindex" in page.headers["X-Robots-Tag"] for page in pages)
    assert pages[1].headers["Referrer-Policy"] == "same-origin"


def test_no_code_reaches_the_log(client, code, caplog):
    caplog.set_level(logging.DEBUG)
    client.post("/trace", data={"code": code})
    client.get(f"/trace/{display(code)}")
    client.get(f"/trace/{code.lower()}")
    logged = "\n".join(str(vars(record)) for record in caplog.records)
    assert code not in logged
    assert display(code) not in logged
    assert display(code).lower() not in logged


@pytest.mark.usefixtures("small")
class TestLimits:
    @pytest.fixture(params=["sqlite"])
    def database_kind(self, request):
        return request.param

    @pytest.fixture
    def client(self, settings):
        app = create_app(settings)
        app.testing = True
        yield app.test_client()
        dispose(app)

    def test_wrong_codes_are_slowed_down(self, client):
        answers = [client.get(f"/trace/{NOWHERE}", headers=ENGLISH) for _ in range(21)]
        assert [answer.status_code for answer in answers] == [404] * 20 + [429]
        last = answers[-1]
        assert 0 < int(last.headers["Retry-After"]) <= 61
        assert ("Too many attempts" in last.text, last.headers["Cache-Control"]) == (True, "private, no-store")
        assert client.post("/trace", data={"code": "hello"}).status_code == 429
        assert client.post("/b/trace", data={"code": "hello"}).status_code == 429

    def test_right_codes_are_not_counted(self, client, code):
        assert {client.get(f"/trace/{display(code)}").status_code for _ in range(30)} == {200}
