"""Tests; mirrors ledger/. `tests.support` holds what several of them need."""
