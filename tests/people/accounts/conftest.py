import pytest

from tests.support.small import Small


@pytest.fixture
def book(engine):
    """Book `b` with its parties."""
    return Small(engine)
