import pytest
from flask_babel import get_locale

from ledger.web.access import public
from ledger.web.locale import html_lang, lang_links


@pytest.fixture
def client(app):
    app.add_url_rule("/which", "which", public(lambda: f"{get_locale()} {html_lang()}"))
    app.add_url_rule("/links", "links", public(lang_links))
    app.add_url_rule("/at/<path:rest>", "at", public(lambda rest: rest))
    return app.test_client()


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("", "zh_Hans_CN zh-Hans"),
        ("*", "zh_Hans_CN zh-Hans"),
        ("fr,de;q=0.8", "zh_Hans_CN zh-Hans"),
        ("en-GB,zh;q=0.5", "en en"),
        ("zh-TW,en;q=0.9", "zh_Hans_CN zh-Hans"),
        ("fr,en;q=0.3", "en en"),
        ("en;q=0,zh;q=0.1", "zh_Hans_CN zh-Hans"),
        ("%%%,en", "en en"),
        ("zh-Hans-CN", "zh_Hans_CN zh-Hans"),
    ],
)
def test_the_browsers_wish_counts_when_nothing_was_chosen(client, accepted, expected):
    assert client.get("/which", headers={"Accept-Language": accepted}).text == expected


def test_a_choice_is_remembered_and_leaves_the_address(client):
    answer = client.get("/which?a=1&lang=en&a=2&b=%E4%BA%8C")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/which?a=1&a=2&b=%E4%BA%8C")
    assert client.get("/which", headers={"Accept-Language": "zh"}).text == "en en"
    client.get("/which?lang=zh")
    assert client.get("/which", headers={"Accept-Language": "en"}).text == "zh_Hans_CN zh-Hans"


def test_an_unknown_language_changes_nothing(client):
    answer = client.get("/which?lang=fr")
    assert answer.headers["Location"] == "/which"
    assert "Set-Cookie" not in answer.headers


def test_a_forged_cookie_is_ignored(client):
    client.set_cookie("lang", "../../etc")
    assert client.get("/which").text == "zh_Hans_CN zh-Hans"


@pytest.mark.parametrize("path", ["//evil.example/a", "/\\evil.example", "///evil.example", "/%5Cevil.example"])
def test_the_redirect_never_leaves_this_site(client, path):
    answer = client.get(path + "?lang=en", base_url="http://localhost")
    location = answer.headers["Location"]
    assert location.startswith("/")
    assert location[1:2] not in {"/", "\\"}


def test_an_address_in_chinese_survives(client):
    answer = client.get("/at/基金/一?lang=zh")
    assert client.get(answer.headers["Location"]).text == "基金/一"


def test_a_form_is_not_redirected(app, client):
    app.config["WTF_CSRF_ENABLED"] = False
    app.add_url_rule("/form", "form", public(lambda: "done"), methods=["POST"])
    assert client.post("/form?lang=en").text == "done"


def test_links_to_each_language_keep_the_rest(client):
    assert client.get("/links?q=a+b").get_json() == {
        "zh": "/links?q=a+b&lang=zh",
        "en": "/links?q=a+b&lang=en",
    }


def test_caches_are_told_that_pages_differ_by_language(client):
    assert {"Accept-Language", "Cookie"} <= set(client.get("/which").vary)
    assert "Accept-Language" not in client.get("/static/none.css").vary
