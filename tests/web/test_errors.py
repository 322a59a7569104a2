import re

import pytest
from flask import Response, abort

from ledger.core.canonical import CanonicalError
from ledger.core.errors import ConflictError, CorruptError, LedgerError, NotFoundError, OverspentError, RuleError, Word
from ledger.core.units import Counted, Unit
from ledger.extensions import db
from ledger.funds.actions import open_unit
from ledger.journal.read import find_book, snapshot
from ledger.web.access import public
from ledger.web.errors import names_of, say
from tests.support.queries import counted
from tests.support.small import Small

JSON = {"Accept": "application/json"}


@pytest.fixture
def client(app):
    def fail(kind):
        errors = {
            "plain": LedgerError("%(amount)s is not an amount; write it like %(example)s", amount="<b>", example="12"),
            "missing": NotFoundError("there is no book '%(code)s' here", code="x"),
            "conflict": ConflictError(
                "ref '%(ref)s' was used by entry %(seq)s for another request; use a new ref", ref="r1", seq=7
            ),
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
        "<b> is not an amount; write it like 12",
        "there is no book 'x' here",
        "ref 'r1' was used by entry 7 for another request; use a new ref",
    }


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("plain", 400, ("&lt;b&gt; 不是数量；请写成 12 这样", "&lt;b&gt; is not an amount; write it like 12")),
        ("missing", 404, ("这里没有账本“x”", "there is no book &#39;x&#39; here")),
        ("conflict", 409, ("已被记录 7 用于另一项请求", "was used by entry 7 for another request")),
    ],
)
def test_people_are_told_a_named_error_in_their_own_language(client, kind, status, words):
    for language, said in zip(("zh-CN", "en"), words, strict=True):
        page = client.get(f"/fail/{kind}", headers={"Accept-Language": language})
        assert (page.status_code, page.mimetype) == (status, "text/html")
        assert said in page.text


OVERSPENT = OverspentError(
    "%(account)s: %(asked)s asked, %(held)s held",
    account="fund:general",
    asked=Counted(1_234_567),
    held=Counted(150, "volunteer-hour"),
)


@pytest.mark.parametrize(
    ("error", "plain", "english", "chinese"),
    [
        (
            OVERSPENT,
            "fund:general: 1234567 fen asked, 150 minutes held",
            "fund:general: ¥12,345.67 asked, 2\N{NO-BREAK SPACE}h 30\N{NO-BREAK SPACE}min held",
            "fund:general 余额不足：要用 ¥12,345.67，只有 2\N{NO-BREAK SPACE}小时 30\N{NO-BREAK SPACE}分",
        ),
        (
            RuleError(
                "%(address)s still holds %(held)s; move it out before closing",
                address="fund:a",
                held=Counted(5, "米:袋"),
            ),
            "fund:a still holds 5 米:袋; move it out before closing",
            "fund:a still holds 5 米:袋; move it out before closing",
            "fund:a 里还有 5 米:袋；请先转出，再关闭",
        ),
        (
            LedgerError(
                "Profile '%(name)s': %(key)s must be %(what)s", name="p", key="year", what=Word("a whole number")
            ),
            "Profile 'p': year must be a whole number",
            "Profile 'p': year must be a whole number",
            "格式“p”：year 必须是整数",
        ),
        (
            CanonicalError("the key %(key)s is there twice", "$.facts", key="'a'"),
            "$.facts: the key 'a' is there twice",
            "$.facts: the key 'a' is there twice",
            "$.facts：键名 'a' 出现了两次",
        ),
        (
            RuleError(
                "%(kind)s never moves units from %(giver)s to %(taker)s", kind="grant.paid", giver="a", taker="b"
            ),
            "grant.paid never moves units from a to b",
            "Grant paid never moves units from a to b",
            "“拨付资助”不会把款物从 a 转到 b",
        ),
        (
            RuleError(
                "%(kind)s %(code)s needs a name; it is kept beside the ledger, not on it", kind="volunteer", code="v1"
            ),
            "volunteer v1 needs a name; it is kept beside the ledger, not on it",
            "Volunteer v1 needs a name; it is kept beside the ledger, not on it",
            "志愿者 v1 需要姓名；姓名另外保存，不写在账本上",
        ),
        (LedgerError("100 % of it"), "100 % of it", "100 % of it", "100 % of it"),
    ],
)
def test_values_are_exact_for_programs_and_plain_for_people(app, error, plain, english, chinese):
    assert str(error) == plain
    for language, said in (("en", english), ("zh", chinese)):
        with app.test_request_context(headers={"Accept-Language": language}):
            assert say(error) == said


def test_with_the_names_of_its_book_an_error_says_names_and_goods_as_counted_there(app):
    wrapped = LedgerError(
        "%(path)s: %(reason)s",
        path="earmark:general/x",
        reason=OverspentError(
            "%(account)s: %(asked)s asked, %(held)s held",
            account="fund:general",
            asked=Counted(1500, "大米:千克"),
            held=Counted(90, "volunteer-hour"),
        ),
    )
    with app.app_context():
        small = Small(db.engine)
        small.do(open_unit, Unit.of("大米:千克", 3), "大米", "千克")
        with snapshot(db.engine) as connection, counted(db.engine) as statements:
            names = names_of(wrapped, connection, find_book(connection, "b").id)
        assert len(statements) == 2
    gap = "\N{NO-BREAK SPACE}"
    with app.test_request_context(headers={"Accept-Language": "zh"}):
        said = f"general/x：互助基金余额不足：要用大米 1.5{gap}千克，只有 1{gap}小时 30{gap}分"
        assert say(wrapped, names) == said
        assert say(RuleError("%(unit)s: %(role)s", unit="大米:千克", role="volunteer"), names) == "大米: 志愿者"
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert say(wrapped, names) == f"general/x: 互助基金: 大米 1.5{gap}千克 asked, 1{gap}h 30{gap}min held"


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
