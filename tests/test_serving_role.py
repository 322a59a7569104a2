"""The application as a role that owns nothing: people sign in, prepare, approve, and the log is signed and verified."""

import secrets

import pytest
import sqlalchemy as sa

from ledger.checkpoints.logs import Logs
from ledger.extensions import db
from ledger.journal.guards import grants
from tests.books.money.test_pages import expense
from tests.support.desk import decide, prepared, sit
from tests.support.looking import bodies, findings
from tests.support.small import Small


@pytest.fixture(params=["postgresql"])
def database_kind(request):
    return request.param


@pytest.fixture
def role(engine):
    name = f"serving_{secrets.token_hex(4)}"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {name}")
        for statement in grants(name):
            connection.exec_driver_sql(statement)
    yield name
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP OWNED BY {name}")
        connection.exec_driver_sql(f"DROP ROLE {name}")


def test_it_can_do_its_work_and_no_more(app, engine, settings, role):
    Small(engine).give(100_000)
    with app.app_context():
        sa.event.listen(db.engine, "connect", lambda raw, _: raw.execute(f"SET ROLE {role}") and raw.commit())
        db.engine.dispose()
    accountant, approver = sit(app, "accountant"), sit(app, "approver")
    decide(approver, prepared(expense(accountant)))
    assert len(bodies(engine, "expense.recorded")) == 1
    for page in ("", "journal", "services", "linkage", "needs", "disclosure", "gifts"):
        assert approver.get(f"/b/desk/{page}").status_code == 200, page
    with app.app_context():
        Logs(settings.instance, settings.public_url).sign(db.engine, "b")
        with db.engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            connection.exec_driver_sql("UPDATE checkpoints SET note = 'x'")
    assert findings(engine) == []
