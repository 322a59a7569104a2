import pytest


@pytest.fixture(autouse=True)
def _fast(monkeypatch, request):
    """Hash passwords with little work; `test_passwords.py` holds the real parameters."""
    from argon2 import PasswordHasher  # noqa: PLC0415

    from ledger.people.accounts import passwords  # noqa: PLC0415

    if request.module.__name__.rpartition(".")[2] != "test_passwords":
        monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
