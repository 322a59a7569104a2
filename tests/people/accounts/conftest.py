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


@pytest.fixture(autouse=True)
def _fast(monkeypatch, request):
    """Hash passwords with little work; `test_passwords.py` holds the real parameters."""
    from argon2 import PasswordHasher  # noqa: PLC0415

    from ledger.people.accounts import passwords  # noqa: PLC0415

    if request.module.__name__.rpartition(".")[2] != "test_passwords":
        monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
