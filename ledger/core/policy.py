"""Witness policies: which witnesses count, and how many of them a checkpoint needs.

A file of lines: `witness <verifier key> [<address>]`, and once `quorum <number>`; empty lines and those that begin
with # are passed over. The address is where the log asks for cosignatures; a verifier needs none.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ledger.core.errors import MalformedError
from ledger.core.note import VerifierKey


class PolicyError(MalformedError):
    """Present a policy that cannot be met or read."""


class Policy(NamedTuple):
    """Witnesses, and how many of them must have cosigned."""

    witnesses: tuple[VerifierKey, ...] = ()
    quorum: int = 0
    addresses: tuple[str, ...] = ()  # one a witness, empty where none is given

    def met_by(self, cosigned: Iterable[VerifierKey]) -> bool:
        """Tell whether enough of the witnesses cosigned."""
        return len(set(self.witnesses) & set(cosigned)) >= self.quorum


def parse_policy(text: str) -> Policy:
    """Read a policy; raise PolicyError."""
    witnesses: list[VerifierKey] = []
    addresses: list[str] = []
    quorum = 0
    for number, line in enumerate(text.splitlines(), 1):
        word, _, rest = line.strip().partition(" ")
        if not word or word.startswith("#"):
            continue
        if word == "witness":
            key, _, address = rest.strip().partition(" ")
            witnesses.append(VerifierKey.parse(key))
            addresses.append(address.strip())
        elif word == "quorum" and rest.strip().isdigit():
            quorum = int(rest)
        else:
            raise PolicyError("line %(number)s of the policy says neither `witness KEY` nor `quorum N`", number=number)
    if quorum > len(set(witnesses)):
        raise PolicyError("the policy asks for %(quorum)s witnesses and names fewer", quorum=quorum)
    return Policy(tuple(witnesses), quorum, tuple(addresses))
