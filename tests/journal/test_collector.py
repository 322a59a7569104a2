"""The cycle collector is put back as it was found."""

import gc

import pytest

from ledger.journal.collector import no_cycles


@pytest.mark.parametrize("before", [True, False])
def test_the_collector_is_put_back(before):
    was = gc.isenabled()
    try:
        (gc.enable if before else gc.disable)()
        with no_cycles():
            assert not gc.isenabled()
        assert gc.isenabled() is before
        with pytest.raises(ZeroDivisionError), no_cycles():
            int(1 / 0)
        assert gc.isenabled() is before
    finally:
        (gc.enable if was else gc.disable)()
