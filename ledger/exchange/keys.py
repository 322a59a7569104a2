"""Identities of lines, so that the same list imported again adds nothing.

The key of a line is SHA-256 over its kind and its normalised content (date, parties, goods or amount, remark,
reference), and over its occurrence: equal lines are different gifts, the first, second, third of their kind in the
file. Neither file name, format, title, sheet, row nor serial number enters, so the same list saved as CSV, with a
column moved or another title, keeps its keys, as long as what it says of each gift (and the date it gives) is the same.

Two *different* lists may hold equal lines ("*静 100" on the same day from two accounts). A key tells the lines of one
list apart; who imports several lists into one fund puts `list_key`, or a name for the list's origin, before it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import TypeVar

from ledger.exchange.cells import same_words
from ledger.exchange.lines import GoodsLine, IssueLine, Line, MoneyLine

_VERSION = "shanliu/list-line/v1"

AnyLine = TypeVar("AnyLine", bound=Line)


def content_of(line: Line) -> list[str | int | None]:
    """Return what a line says, normalised, as values for JSON."""
    dated = line.dated.isoformat() if isinstance(line.dated, date) else ""
    match line:
        case MoneyLine():
            words = [line.donor, line.remark, line.reference]
            return ["money", dated, line.amount, *map(same_words, words)]
        case GoodsLine():
            words = [line.donor, line.item, line.spec, line.measure, line.remark]
            shares = [text for share in line.recipients for text in (same_words(share.name), share.quantity)]
            return ["goods", dated, line.quantity, line.value, *map(same_words, words), *shares]
        case IssueLine():
            words = [line.recipient, line.item, line.spec, line.measure, line.donor, line.remark]
            return ["issue", dated, line.quantity, *map(same_words, words)]


class Keys:
    """Give out keys in file order, counting equal lines."""

    __slots__ = ("_seen", "repeated")

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()
        self.repeated = 0

    def sign(self, line: AnyLine) -> AnyLine:
        """Return the line with its key."""
        said = json.dumps([_VERSION, *content_of(line)], ensure_ascii=False, separators=(",", ":"))
        content = hashlib.sha256(said.encode()).digest()
        self._seen[content] += 1
        occurrence = self._seen[content]
        self.repeated += occurrence > 1
        return replace(line, key=hashlib.sha256(content + occurrence.to_bytes(4)).hexdigest())


def list_key(lines: Iterable[Line]) -> str:
    """Return the identity of a list: SHA-256 over its lines' keys, in any order."""
    return hashlib.sha256("\n".join(sorted(line.key for line in lines)).encode()).hexdigest()
