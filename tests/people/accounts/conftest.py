import pytest

from tests.support.small import Small


@pytest.fixture
def book(engine):
    """Book `b` with its parties."""
    return Small(engine)


@pytest.fixture
def at(monkeypatch):
    """Move the clock: `at(minutes=5)` from where it stands."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415

    from ledger.people.accounts import clock  # noqa: PLC0415

    offset = timedelta()

    def move(**span):
        nonlocal offset
        offset += timedelta(**span)

    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + offset)
    return move
