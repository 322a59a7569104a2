import re

import pytest
from flask import Response, abort

from ledger.core.errors import ConflictError, CorruptError, LedgerError, NotFoundError
from ledger.web.access import public

JSON = {"Accept": "application/json"}


@pytest.fixture
def client(app):
    def fail(kind):
        errors = {
            "plain": LedgerError("The amount <b>is</b> zero."),
            "missing": NotFoundError("There is no fund fund:x."),
            "conflict": ConflictError("The ref r1 is used."),
            "corrupt": CorruptError("Entry 7 does not chain."),
        }
        if kind in errors:
            raise errors[kind]
        return str(1 // 0)

    def stop(status):
        abort(status)

    app.testing = False
    app.add_url_rule("/fail/<kind>", "fail", public(fail))
    app.add_url_rule("/abort/<int:status>", "abort", public(stop))
    return app.test_client()


@pytest.mark.parametrize(("kind", "status"), [("plain", 400), ("missing", 404), ("conflict", 409)])
def test_a_named_error_keeps_its_status_and_tells_programs_exactly(client, kind, status):
    answer = client.get(f"/fail/{kind}", headers=JSON)
    assert answer.status_code == answer.get_json()["status"] == status
    assert answer.get_json()["message"] in {
        "The amount <b>is</b> zero.",
        "There is no fund fund:x.",
        "The ref r1 is used.",
    }


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [("plain", 400, "看不懂这个请求"), ("missing", 404, "没有这个页面"), ("conflict", 409, "与账本不符")],
)
def test_people_are_told_a_named_error_in_their_own_language(client, kind, status, words):
    page = client.get(f"/fail/{kind}", headers={"Accept-Language": "zh-CN"})
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert words in page.text
    english = client.get(f"/fail/{kind}", headers={"Accept-Language": "en"})
    for text in (page.text, english.text):
        assert not re.search(r"fund:x|is used|zero", text)


def test_json_names_the_error(client):
    assert client.get("/fail/missing", headers=JSON).get_json()["error"] == "NotFoundError"


@pytest.mark.parametrize("kind", ["corrupt", "unforeseen"])
def test_what_goes_wrong_on_our_side_is_told_by_reference_only(client, caplog, kind):
    answer = client.get(f"/fail/{kind}")
    assert answer.status_code == 500
    assert "Entry 7" not in answer.text
    assert "ZeroDivisionError" not in answer.text
    logged = [record for record in caplog.records if hasattr(record, "reference")]
    assert len(logged) == 1
    assert logged[0].reference in answer.text
    assert logged[0].exc_info[0].__name__ in {"CorruptError", "ZeroDivisionError"}
    assert logged[0].getMessage() == "/fail/<kind> failed"


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("", "text/html"),
        ("*/*", "text/html"),
        ("text/html,application/json", "text/html"),
        ("application/json", "application/json"),
        ("application/json,text/html;q=0.1", "application/json"),
    ],
)
def test_people_get_a_page_and_programs_json(client, accept, mimetype):
    assert client.get("/no/such/page", headers={"Accept": accept}).mimetype == mimetype


@pytest.mark.parametrize(("accepted", "lang"), [("zh", "zh-Hans"), ("en", "en")])
def test_the_page_is_whole_in_each_language(client, caplog, accepted, lang):
    page = client.get("/no/such/page", headers={"Accept-Language": accepted}).text
    assert f'<html lang="{lang}">' in page
    assert "<main" in page
    assert "the error page itself failed" not in caplog.text


def test_a_refused_method_keeps_allow(client):
    answer = client.delete("/healthz")
    assert answer.status_code == 405
    assert {"GET", "HEAD", "OPTIONS"} == set(re.split(", ?", answer.headers["Allow"]))


def test_head_has_the_status_and_no_body(client):
    answer = client.head("/no/such/page")
    assert (answer.status_code, answer.data) == (404, b"")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 413, 429, 500, 503])
def test_each_status_has_words(client, status):
    answer = client.get(f"/abort/{status}", headers=JSON).get_json()
    assert answer["status"] == status
    assert all(answer[field] for field in ("title", "message", "hint"))


def test_a_view_may_say_it_in_its_own_words(app, client):
    app.add_url_rule("/own", "own", public(lambda: abort(404, "此处没有这笔捐款。")))
    assert client.get("/own", headers=JSON).get_json()["message"] == "此处没有这笔捐款。"


def test_a_view_may_answer_by_itself(app, client):
    app.add_url_rule("/own", "own", public(lambda: abort(Response("mine", 418))))
    answer = client.get("/own")
    assert (answer.status_code, answer.text) == (418, "mine")


def test_errors_are_never_cached(client):
    assert client.get("/no/such/page").headers["Cache-Control"] == "no-store"


def test_an_error_page_that_fails_leaves_the_words(client, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no template")

    monkeypatch.setattr("ledger.web.errors.render_template", fail)
    answer = client.get("/fail/missing")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text
