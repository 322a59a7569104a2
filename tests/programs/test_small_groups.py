"""The number of a small group of residents points at persons: it never enters the log."""

import pytest
import sqlalchemy as sa

from ledger.core.entry import Draft, public_residents
from ledger.core.errors import MalformedError
from ledger.journal import tables as t
from ledger.journal.append import writing
from ledger.journal.read import find_book, read_entry, snapshot
from ledger.journal.verify import verify_book
from tests.support.small import DAY, Small


@pytest.fixture
def small(engine):
    return Small(engine)


def stored(engine, seq):
    with snapshot(engine) as connection:
        row = find_book(connection, "b")
        return read_entry(connection, row.id, seq).body.decode(), verify_book(connection, row)


@pytest.mark.parametrize("count", [1, 4])
def test_a_small_group_is_counted_beside_the_log_only(small, engine, count):
    body, report = stored(engine, small.serve("S1", [], residents=count))
    assert '"residents_below":5' in body
    assert '"residents":' not in body.replace('"private":{"residents":', "")
    assert report.clean, report.findings
    with engine.connect() as connection:
        assert connection.scalars(sa.select(t.private.c.value).where(t.private.c.field == "residents")).all() == [
            str(count)
        ]
        assert connection.scalars(sa.select(t.services.c.residents)).all() == [1]


@pytest.mark.parametrize("count", [0, 5, 60])
def test_other_groups_are_counted_on_the_log(small, engine, count):
    body, report = stored(engine, small.serve("S1", [], residents=count))
    assert f'"residents":{count}' in body
    assert report.clean, report.findings


@pytest.mark.parametrize("facts", [{"residents": 3}, {"residents_below": 9}])
def test_a_service_that_would_tell_is_refused(small, engine, facts):
    draft = Draft("service.delivered", DAY, "a", "r", facts={"code": "S1", "title": "x", "kind": "meals", **facts})
    with pytest.raises(MalformedError, match="residents"), writing(engine, "b") as writer:
        writer.append([draft])


def test_what_is_public_of_a_number():
    assert [public_residents(f) for f in ({}, {"residents": 7}, {"residents_below": 5})] == [0, 7, 1]
