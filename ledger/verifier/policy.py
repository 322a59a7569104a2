"""Witness policies: which witnesses count, and how many of them a checkpoint needs.

A file of lines: `witness <verifier key>`, and once `quorum <number>`; empty lines and those that begin with # are
passed over.
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

    def met_by(self, cosigned: Iterable[VerifierKey]) -> bool:
        """Tell whether enough of the witnesses cosigned."""
        return len(set(self.witnesses) & set(cosigned)) >= self.quorum


def parse_policy(text: str) -> Policy:
    """Read a policy; raise PolicyError."""
    witnesses: list[VerifierKey] = []
    quorum = 0
    for number, line in enumerate(text.splitlines(), 1):
        word, _, rest = line.strip().partition(" ")
        if not word or word.startswith("#"):
            continue
        if word == "witness":
            witnesses.append(VerifierKey.parse(rest))
        elif word == "quorum" and rest.strip().isdigit():
            quorum = int(rest)
        else:
            raise PolicyError("line %(number)s of the policy says neither `witness KEY` nor `quorum N`", number=number)
    if quorum > len(set(witnesses)):
        raise PolicyError("the policy asks for %(quorum)s witnesses and names fewer", quorum=quorum)
    return Policy(tuple(witnesses), quorum)
