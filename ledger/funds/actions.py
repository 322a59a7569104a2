"""Funds are opened, earmarked, moved between and spent."""

from hashlib import sha256

from ledger.core.entry import Draft, Move, Posting, side_of
from ledger.core.errors import MalformedError
from ledger.core.units import Unit
from ledger.journal.append import Appended, Writer
from ledger.people.actions import Act, one

EXPENSES = ("direct", "administration", "fundraising")


def open_fund(
    writer: Writer, act: Act, code: str, name: str, *, restricted: bool = False, purpose: str = ""
) -> Appended:
    """Open a fund. Restricted: its money may only serve its purpose (限定性净资产)."""
    facts = {"code": code, "name": name, "restricted": restricted, "purpose": purpose}
    return one(writer, act.draft("fund.opened", facts=facts))


def open_unit(writer: Writer, act: Act, unit: Unit, name: str, measure: str) -> Appended:
    """Open a unit in which resources are counted."""
    return one(writer, unit_opened(act, unit, name, measure))


def unit_opened(act: Act, unit: Unit, name: str, measure: str, **more: str) -> Draft:
    """Make the draft that opens a unit; `more` are further facts, such as its name in English."""
    facts = {"code": unit.code, "name": name, "measure": measure, "scale": unit.scale, "kind": unit.kind}
    return act.draft("unit.opened", facts={**facts, **more})


def earmark_code(fund: str, purpose: str) -> str:
    """Give the code under which a fund keeps money given for a purpose; the same words give the same code."""
    return f"{fund}/e-{sha256(purpose.encode()).hexdigest()[:8]}"


def open_earmark(writer: Writer, act: Act, fund: str, purpose: str) -> str:
    """Open the earmark of a fund for a purpose, unless it is open; return its address."""
    if not purpose.strip():
        raise MalformedError("an earmark needs a purpose, in the donor's words")
    code = earmark_code(fund, purpose)
    address = f"earmark:{code}"
    if not writer.knows(address):
        one(writer, act.draft("earmark.opened", facts={"code": code, "fund": fund, "purpose": purpose}))
    return address


def spend(
    writer: Writer,
    act: Act,
    fund: str,
    category: str,
    amount: int,
    place: str,
    *,
    unit: str = "CNY",
    **facts: str,
) -> Appended:
    """Spend out of a fund: direct, administration or fundraising. `place` is a bank or, to accrue, a payable."""
    if category not in EXPENSES:
        raise MalformedError(
            "'%(category)s' is not a category of expense; choose one of %(choices)s",
            category=category,
            choices=", ".join(EXPENSES),
        )
    return one(
        writer,
        act.draft(
            "expense.recorded",
            moves=[Move(fund, f"outcome:{category}", amount, unit)],
            postings=[Posting(place, -amount, unit)],
            facts={"category": category, **facts},
        ),
    )


def settle_payable(writer: Writer, act: Act, payable: str, place: str, amount: int) -> Appended:
    """Pay what was accrued; no resource changes hands between funds."""
    postings = [Posting(payable, amount, "CNY"), Posting(place, -amount, "CNY")]
    return one(writer, act.draft("payable.settled", postings=postings))


def transfer(
    writer: Writer, act: Act, giver: str, taker: str, amount: int, reason: str, *, unit: str = "CNY"
) -> Appended:
    """Move resources from one fund to another; not income, and not an expense."""
    facts = {"reason": reason}
    return one(writer, act.draft("fund.transferred", moves=[Move(giver, taker, amount, unit)], facts=facts))


def move_money(writer: Writer, act: Act, giver: str, taker: str, amount: int, *, unit: str = "CNY") -> Appended:
    """Move money between places (bank, cash, wallet); nothing changes in the funds."""
    for place in (giver, taker):
        side_of(place)
    postings = [Posting(giver, -amount, unit), Posting(taker, amount, unit)]
    return one(writer, act.draft("bank.transferred", postings=postings))
