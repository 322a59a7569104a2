"""Pause Python's cycle collector where very many short-lived values are made and none of them form cycles.

Imports and verification spend a fifth of their time in collections that find nothing. Reference counting goes on, so
memory does not grow. The collector belongs to the process: it is put back as it was found.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_cycles() -> Iterator[None]:
    """Run the block without the cycle collector."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
