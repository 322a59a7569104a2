"""The gifts that the demo shows: their references, and a word on what each shows. The first is the chief one."""

from typing import NamedTuple

from ledger.core import tracking
from ledger.demo.teller import BOOK


class Star(NamedTuple):
    """A gift worth following."""

    ref: str
    shows: str


CHIEF = Star(
    "demo/star/chief", "¥1,000 in some twenty-five services; part waits with an organization, part in the fund"
)
ONE_YUAN = Star("demo/star/one-yuan", "one yuan out of a pool of some 1,300, in a lunch for the elderly")
CHAIRS = Star("demo/star/wheelchairs", "ten wheelchairs: fitted at home, handed to a nursing home, some still in store")
HOURS = Star("demo/star/hours", "twenty volunteer hours, used in visit after visit")
EARMARK = Star(
    "demo/star/earmark", "a gift earmarked for handrails on one staircase: spent on it, the rest kept for it"
)
RELIEF = Star("demo/star/relief", "¥100,000 for a flood: purchases, services, and what an organization gave back")
REFUND = Star("demo/star/refund", "a payment made twice by mistake, refunded in full")
REVERSED = Star("demo/star/reversed", "a gift entered with a wrong amount, reversed the next day")
STARS = (CHIEF, ONE_YUAN, CHAIRS, HOURS, EARMARK, RELIEF, REFUND, REVERSED)


class Code(NamedTuple):
    """A tracking code for the reader."""

    code: str
    shows: str


def codes(code_key: bytes) -> list[Code]:
    """Give the demo's tracking codes; the same key gives the same codes."""
    return [Code(tracking.display(tracking.derive(code_key, BOOK, star.ref)), star.shows) for star in STARS]
