"""Hours of a closed shift are put on the ledger as a gift of time, an entry a volunteer."""

from sqlalchemy import select, update

from ledger.core import tracking
from ledger.core.entry import Draft
from ledger.core.errors import RuleError
from ledger.core.units import HOUR
from ledger.giving.actions import Donation, donation_draft
from ledger.giving.hours.actions import CLOSED, Shift, find_shift, is_free
from ledger.giving.hours.tables import attendance, shifts
from ledger.journal.append import Appended, Writer
from ledger.people.actions import Act

VOLUNTEERS = "source:volunteer"


def donate_hours(writer: Writer, act: Act, code: str, taker: str, *, code_key: bytes) -> list[Appended]:
    """Receive the hours of a closed shift into a fund, an entry a volunteer, and mark the shift as used up."""
    writer.lock()
    shift = find_shift(writer.connection, writer.book_id, code)
    if shift.state != CLOSED or not is_free(writer.connection, shift):
        raise RuleError("the hours of shift %(code)s are on the ledger already, or not counted yet", code=code)
    a = attendance.c
    query = select(a.volunteer, a.minutes).where(a.shift_id == shift.id, a.minutes > 0).order_by(a.volunteer)
    rows = [(volunteer, minutes) for volunteer, minutes in writer.connection.execute(query)]
    drafts = [
        _draft(
            writer,
            Act(act.by, act.dated, f"{act.ref}/{number}", act.approved_by, act.memo),
            shift,
            taker,
            *row,
            code_key=code_key,
        )
        for number, row in enumerate(rows, 1)
    ]
    made = writer.append(drafts)
    for (volunteer, _minutes), one in zip(rows, made, strict=True):
        writer.connection.execute(
            update(attendance).where(a.shift_id == shift.id, a.volunteer == volunteer).values(seq=one.seq)
        )
    writer.connection.execute(update(shifts).where(shifts.c.id == shift.id).values(used=taker))
    return made


def _draft(
    writer: Writer, act: Act, shift: Shift, taker: str, volunteer: str, minutes: int, *, code_key: bytes
) -> Draft:
    facts = {"volunteer": volunteer, "shift": shift.code, "channel": "shift", "community": shift.community}
    if shift.organization:
        facts["organization"] = shift.organization
    donation = Donation(VOLUNTEERS, taker, minutes, HOUR, place=None, facts=facts)
    return donation_draft(act, donation, tracking.derive(code_key, writer.code, act.ref))
