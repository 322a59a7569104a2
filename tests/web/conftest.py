import pytest


@pytest.fixture(params=["sqlite"])
def database_kind(request):
    """Most tests of pages ask nothing of the database; those that do say so."""
    return request.param
