import pytest

from tests.support.small import Small


@pytest.fixture
def small(engine):
    return Small(engine)
