"""The donation confirmation 捐赠确认单: one A5 page that a donor keeps.

It names the gift, where on the ledger it stands and how to follow it. It is not the official receipt
(公益事业捐赠统一票据), does not look like one, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import segno

from ledger.reports.engine import render_pdf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from pathlib import Path

    from ledger.reports.engine import Attached

ROOMY = 90  # letters of names and purposes that leave the page its generous spacing


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Everything on the page. `amount` in smallest parts: fen, parts of a measure (`scale`), minutes."""

    donor: str | None  # as given; None is 爱心人士
    kind: Literal["money", "goods", "hours"]
    amount: int
    fund: str
    dated: date
    recorded: datetime  # aware; also the date of the document
    foundation: str
    tracking_code: str  # 17 symbols, without separators
    address: str  # of the trace page, complete; goes into the square code
    book: str
    entry: int  # seq on the ledger
    leaf: str  # hash of the entry, 64 hex digits
    scale: int = 0  # goods: decimals of the measure
    item: str = ""  # goods: what
    measure: str = ""  # goods: counted in
    value: int | None = None  # goods: fair value in fen
    purpose: str | None = None  # the earmark; None: as the fund says
    credit_code: str | None = None  # 统一社会信用代码 of the foundation
    handler: str | None = None  # 经办人


def confirmation_pdf(
    confirmation: Confirmation, locale: str, fonts: Path | None = None, attached: Sequence[Attached] = ()
) -> bytes:
    """Return the confirmation as PDF/A-3; the same confirmation always gives the same bytes.

    `attached`: the slip with which its holder can check the ledger offline.
    """
    square = segno.make(confirmation.address, error="m", micro=False)
    texts = (confirmation.donor, confirmation.item, confirmation.purpose, confirmation.fund, confirmation.book)
    data = {
        "it": confirmation,
        "dense": sum(len(text or "") for text in texts) > ROOMY,
        "qr": square.svg_data_uri(border=0, dark="#1f2328", omitsize=True),
        "site": confirmation.address.partition("/trace/")[0],
    }
    return render_pdf("confirmation", data, locale, dated=confirmation.recorded, fonts=fonts, attached=attached)
