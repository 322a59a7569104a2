"""A donor's whole story: from an unnamed visitor with a code to a name that is nowhere any more."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from ledger.core import tracking
from ledger.core.errors import RuleError
from ledger.extensions import limiter
from ledger.giving.donors.accounts import check_may_leave
from ledger.giving.donors.tables import claims, consents, erasures
from ledger.journal.engine import write_transaction
from ledger.people.accounts.tables import trail, users
from ledger.people.accounts.trail import note
from ledger.people.accounts.users import add_user
from tests.support.actors import sign_in
from tests.support.desk import send, sit
from tests.support.looking import bodies, findings, private
from tests.support.small import Small

NAME = "欧阳测试名"
PASSWORD = "一句容易记住的长句子"  # of a test


@pytest.fixture
def gift(small):
    """A named gift, most of which has become a service."""
    seq = small.give(100_000, donor=NAME, remark=f"{NAME}祝孩子们好", facts={"consent": False})
    small.grant("G1", 60_000)
    small.serve("S1", [("grant:G1", 25_000, "CNY")], confirm=("community", "worker"))
    return seq


def join(client, code, login="well.wisher", password=PASSWORD):
    return send(client, "/donor/join", code=code, login=login, new=password, again=password)


def count(engine, table):
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table))


def test_from_a_code_to_nothing_left(app, engine, small, gift, tmp_path, monkeypatch):
    app.config["CODE_KEY"] = bytes(32)
    donor, visitor = app.test_client(), app.test_client()
    # Nobody is named, until the donor says so.
    assert NAME not in visitor.get("/b/thanks").text
    answer = join(donor, small.codes[gift])
    assert (answer.status_code, answer.location) == (303, "/donor")
    page = donor.get("/donor").text
    for words in ("¥1,000.00", "¥250.00", "¥350.00", "¥400.00", "长者午餐", "互助基金", "/donor/statement/2026.pdf"):
        assert words in page
    assert f"/trace/{'-'.join(re.findall('.{1,4}', small.codes[gift]))}" in page
    # The name is published, and taken back.
    assert NAME in donor.get("/donor/names").text
    send(donor, "/donor/names", what="all")
    assert NAME in visitor.get("/b/thanks").text
    assert NAME in visitor.get("/b/thanks?search=欧阳").text
    assert NAME in visitor.get(f"/trace/{small.codes[gift]}", follow_redirects=True).text
    send(donor, "/donor/names", what="ticked", shown=[f"b/{gift}"])
    assert NAME not in visitor.get("/b/thanks").text
    assert NAME not in visitor.get("/b/thanks?search=欧阳").text
    assert NAME not in visitor.get(f"/trace/{small.codes[gift]}", follow_redirects=True).text
    # A statement to keep.
    paper = donor.get("/donor/statement/2026.pdf")
    assert (paper.status_code, paper.data[:5], paper.mimetype) == (200, b"%PDF-", "application/pdf")
    # Asked to be erased: nothing happens until an admin does it.
    assert send(donor, "/donor/erase", book="b", reason="搬家了", sure="y").status_code == 303
    assert private(engine)[(gift, "donor")] == NAME
    admin, accountant = sit(app, "admin"), sit(app, "accountant")
    assert "搬家了" in accountant.get("/b/desk/donors").text
    (code,) = re.findall(r"/b/desk/donors/requests/(\w+)", admin.get("/b/desk/donors").text)
    assert accountant.get(f"/b/desk/donors/requests/{code}").status_code == 403
    assert NAME not in admin.get(f"/b/desk/donors/requests/{code}").text
    answer = send(admin, f"/b/desk/donors/requests/{code}", deed="erase")
    assert (answer.status_code, answer.location) == (303, "/b/desk/donors")
    # Gone, and the book still verifies.
    (entry,) = bodies(engine, "person.erased")
    assert (entry["facts"]["entries"], entry["by"]) == ([gift], admin.code)
    assert findings(engine) == []
    assert {seq for seq, _ in private(engine)} & {gift} == set()
    assert (count(engine, claims), count(engine, consents)) == (0, 0)
    told = donor.get("/donor/erase").text
    assert f"#{entry['seq']}" in told
    assert "搬家了" not in told + admin.get(f"/b/desk/donors/requests/{code}").text
    assert visitor.get(f"/trace/{small.codes[gift]}", follow_redirects=True).status_code == 200
    assert NAME.encode() not in whole_database(engine)


def whole_database(engine):
    """Give every byte of the files of a SQLite database, or every row of the tables of a PostgreSQL one."""
    if engine.dialect.name == "sqlite":
        file = Path(engine.url.database)
        return b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
    with engine.connect() as connection:
        tables = connection.scalars(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        rows = [str(connection.exec_driver_sql(f'SELECT t::text FROM "{name}" AS t').all()) for name in tables]
    return "".join(rows).encode()


def test_an_account_needs_a_code_that_is_right(app, engine, small, gift):
    client = app.test_client()
    before = count(engine, users)
    unknown = tracking.display(tracking.encode(7))
    for code, status in (("", 422), ("ABCD", 400), (unknown, 404)):
        assert join(client, code).status_code == status
    assert join(client, small.codes[gift], password="short").status_code == 422
    other = Small.__new__(Small)
    Small.__init__(other, engine, code="other")
    elsewhere = other.give(100)
    assert count(engine, users) == before
    assert join(client, other.codes[elsewhere]).status_code == 303
    assert count(engine, users) == before + 1


def test_an_account_is_deleted_by_its_owner(app, engine, small, gift):
    client = app.test_client()
    join(client, small.codes[gift])
    assert send(client, "/donor/leave", password="not this one").status_code == 422
    assert send(client, "/donor/leave", password=PASSWORD).location == "/login"
    assert (count(engine, users), count(engine, claims)) == (0, 0)
    assert client.get("/donor").status_code == 302
    assert join(app.test_client(), small.codes[gift]).status_code == 303


def test_who_works_or_worked_in_a_book_does_not_delete_the_account(app, engine, small):
    code = sit(app, "accountant").code
    with engine.connect() as connection, pytest.raises(RuleError, match="held a role"):
        check_may_leave(connection, code)
    with write_transaction(engine) as connection:
        plain = add_user(connection, "plain", "plain")
        check_may_leave(connection, plain)
        note(connection, code, "gave a post", object=f"user:{plain}")
        with pytest.raises(RuleError, match="held a role"):
            check_may_leave(connection, plain)


def test_codes_of_further_gifts_are_added_together_and_wrong_ones_asked_again(app, engine, small, gift):
    client = app.test_client()
    join(client, small.codes[gift])
    further = [small.give(100), small.give(200)]
    unknown = tracking.display(tracking.encode(7))
    typed = "\r\n".join(
        [f"https://example.org/trace/{tracking.display(small.codes[further[0]])}", small.codes[further[1]], unknown]
    )
    answer = send(client, "/donor/claim", codes=typed)
    assert answer.status_code == 404
    assert unknown in answer.text
    assert count(engine, claims) == 3
    assert send(client, "/donor/claim", codes="\n".join(f"x{n}" for n in range(21))).status_code == 422
    assert send(client, "/donor/claim", codes=small.codes[further[0]]).location == "/donor"
    assert count(engine, claims) == 3


@pytest.mark.parametrize("address", ["/donor/join", "/donor/claim"])
def test_wrong_codes_are_counted_with_those_of_the_trace_page(app, small, gift, address):
    app.config["RATELIMIT_ENABLED"] = True
    limiter.init_app(app)
    client = app.test_client()
    if address == "/donor/claim":
        sign_in(app, client, None)
    form = (
        {"codes": "ABCD"}
        if address == "/donor/claim"
        else {"code": "ABCD", "login": "a.b", "new": PASSWORD, "again": PASSWORD}
    )
    seen = [send(client, address, **form).status_code for _ in range(10)]
    seen += [client.get("/trace/ABCD").status_code for _ in range(11)]
    assert seen[:10] == [400] * 10
    assert seen[-1] == 429


def test_who_signs_in_without_a_desk_lands_on_their_gifts(app, engine, small, gift):
    client, again = app.test_client(), app.test_client()
    join(client, small.codes[gift])
    answer = send(again, "/login", login="well.wisher", password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/donor")


def test_pages_without_gifts_say_what_to_do_next(app, small):
    client = app.test_client()
    sign_in(app, client, None)
    for page in ("/donor", "/donor/names", "/donor/erase", "/donor/claim", "/donor/leave"):
        assert client.get(page).status_code == 200
    assert "/donor/claim" in client.get("/donor").text
    assert client.get("/donor/statement/2026.pdf").status_code == 404
    assert client.get("/donor?format=xlsx").status_code == 200


def test_the_list_of_donors_is_taken_away_by_admins_only_and_noted(app, engine, small, gift):
    join(app.test_client(), small.codes[gift])
    admin, auditor = sit(app, "admin"), sit(app, "auditor")
    assert auditor.get("/b/desk/donors?format=xlsx").status_code == 403
    assert "format=xlsx" not in auditor.get("/b/desk/donors").text
    assert admin.get("/b/desk/donors?format=xlsx").status_code == 200
    with engine.connect() as connection:
        c = trail.c
        query = sa.select(c.actor, c.detail).where(c.what == "looked at donors").order_by(c.id)
        assert connection.execute(query).all() == [(auditor.code, None), (admin.code, "xlsx")]


def test_an_admin_erases_a_gift_for_a_letter_and_refuses_a_request_with_a_reason(app, engine, small, gift):
    donor, admin = app.test_client(), sit(app, "admin")
    join(donor, small.codes[gift])
    send(donor, "/donor/erase", book="b", reason="", sure="y")
    (code,) = re.findall(r"/b/desk/donors/requests/(\w+)", admin.get("/b/desk/donors").text)
    address = f"/b/desk/donors/requests/{code}"
    assert send(admin, address).status_code == 422  # nothing is erased unless it is chosen
    assert send(admin, address, deed="refuse", answer="").status_code == 422
    assert send(admin, address, deed="refuse", answer="正在调查").status_code == 303
    assert "正在调查" in donor.get("/donor/erase").text
    assert private(engine)[(gift, "donor")] == NAME
    assert admin.get("/b/desk/donors/erase?gift=x").status_code == 422
    assert admin.get("/b/desk/donors/erase?gift=0").status_code == 422
    assert f"#{gift}" in admin.get(f"/b/desk/donors/erase?gift={gift}").text
    assert private(engine)[(gift, "donor")] == NAME
    assert send(admin, f"/b/desk/donors/erase?gift={gift}", gift=str(gift)).status_code == 303
    assert (gift, "donor") not in private(engine)
    assert findings(engine) == []


def test_a_couple_holds_one_gift_and_each_is_told(app, engine, small, gift):
    app.config["CODE_KEY"] = bytes(32)
    one, other = app.test_client(), app.test_client()
    join(one, small.codes[gift])
    assert "另一个账号" not in one.get("/donor").text
    join(other, small.codes[gift], login="another.one")
    assert "另一个账号" in one.get("/donor").text
    assert "另一个账号" in other.get("/donor").text
    assert send(other, f"/donor/release/b/{gift}").status_code == 303
    assert "另一个账号" not in one.get("/donor").text
    assert other.get(f"/donor/release/b/{gift}").status_code == 404
    assert count(engine, erasures) == 0
