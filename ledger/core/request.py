"""What a log sends to a witness (C2SP tlog-witness): the size it last cosigned, a consistency proof, the checkpoint."""

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import NamedTuple

from ledger.core.errors import MalformedError
from ledger.core.merkle import HASH_SIZE

MAX_PROOF = 63  # hashes, as the specification says


class RequestError(MalformedError):
    """Send a witness something that cannot be read."""


class Request(NamedTuple):
    """A request: `old` is the size that the proof begins with."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: str


def write_request(old: int, proof: Sequence[bytes], checkpoint: str) -> bytes:
    """Write a request."""
    return "\n".join([f"old {old}", *(b64encode(each).decode() for each in proof), "", checkpoint]).encode()


def parse_request(data: bytes) -> Request:
    """Read a request; raise RequestError."""
    try:
        head, mark, checkpoint = data.decode().partition("\n\n")
        first, *lines = head.split("\n")
        proof = tuple(b64decode(line, validate=True) for line in lines)
    except ValueError as error:
        raise RequestError("a request is text, and its hashes are base64") from error
    found = re.fullmatch(r"old (0|[1-9]\d{0,15})", first)
    if not mark or not found or len(proof) > MAX_PROOF or any(len(each) != HASH_SIZE for each in proof):
        raise RequestError("a request is `old SIZE`, hashes of 32 bytes, an empty line and the checkpoint")
    return Request(int(found[1]), proof, checkpoint)
