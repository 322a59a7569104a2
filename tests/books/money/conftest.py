import pytest


@pytest.fixture(params=["sqlite"])
def database_kind(request):
    """Pages ask nothing of the database; actions are tested on both in tests of their rooms."""
    return request.param
