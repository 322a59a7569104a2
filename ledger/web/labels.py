"""Words for the codes on the ledger: kinds of entry, sources, outcomes, types, parts, elements.

`N_` marks a word for translation; it is translated when a page is made. A code that is not known
here (a source or a kind of service that a book made up) is shown by its name as written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.web.pages import Ref, Unit
    from ledger.web.voice import Voice


def N_(text: str) -> str:  # noqa: N802  # the name that extraction looks for
    """Mark a text for translation."""
    return text


TYPES: Mapping[str, str] = {
    "book": N_("Book"),
    "unit": N_("Unit"),
    "source": N_("Source"),
    "outcome": N_("Purpose"),
    "bank": N_("Bank account"),
    "wallet": N_("Wallet"),
    "cash": N_("Cash box"),
    "inventory": N_("Store"),
    "receivable": N_("Receivable"),
    "payable": N_("Payable"),
    "fund": N_("Fund"),
    "earmark": N_("Earmark"),
    "grant": N_("Grant"),
    "organization": N_("Organization"),
    "community": N_("Community"),
    "worker": N_("Social worker"),
    "volunteer": N_("Volunteer"),
    "project": N_("Project"),
    "service": N_("Service"),
    "need": N_("Need"),
    "campaign": N_("Campaign"),
    "contract": N_("Service contract"),
    "decision": N_("Decision"),
    "claim": N_("Claim"),
    "disclosure": N_("Disclosure"),
    "donation": N_("Donation"),
    "reversal": N_("Reversal"),
}

KINDS: Mapping[str, str] = {
    "donation.received": N_("Donation received"),
    "donation.refunded": N_("Donation refunded"),
    "income.received": N_("Income received"),
    "grant.awarded": N_("Grant awarded"),
    "grant.paid": N_("Grant paid"),
    "grant.returned": N_("Grant returned"),
    "service.delivered": N_("Service delivered"),
    "service.confirmed": N_("Service confirmed"),
    "expense.recorded": N_("Expense recorded"),
    "payable.settled": N_("Payable settled"),
    "fund.transferred": N_("Fund transfer"),
    "bank.transferred": N_("Bank transfer"),
    "goods.issued": N_("Goods issued"),
    "loss.recorded": N_("Loss recorded"),
    "entry.reversed": N_("Entry reversed"),
    "import.completed": N_("Import completed"),
    "person.erased": N_("Personal data erased"),
    "key.rotated": N_("Signing key rotated"),
    "decision.recorded": N_("Decision recorded"),
    "claim.filed": N_("Claim filed"),
    "disclosure.published": N_("Disclosure published"),
    "disclosure.corrected": N_("Disclosure corrected"),
}

# Kinds that open, change or close an object: `fund.closed`.
EFFECTS: Mapping[str, str] = {
    "opened": N_("%(object)s opened"),
    "changed": N_("%(object)s changed"),
    "closed": N_("%(object)s closed"),
}

SOURCES: Mapping[str, str] = {
    "individual": N_("Individuals"),
    "company": N_("Companies"),
    "organization": N_("Companies and institutions"),
    "public": N_("The public, in small gifts"),
    "foundation": N_("Other foundations"),
    "platform": N_("Online fundraising"),
    "campaign": N_("Fundraising campaigns"),
    "market": N_("Community markets"),
    "government": N_("Government purchase"),
    "government-purchase": N_("Government purchase"),
    "lottery": N_("Welfare lottery"),
    "volunteer": N_("Volunteers"),
    "anonymous": N_("Unnamed donors"),
    "interest": N_("Interest"),
    "sales": N_("Own income"),
    "opening": N_("Opening balance"),
}

OUTCOMES: Mapping[str, str] = {
    "administration": N_("Administration"),
    "fundraising": N_("Fundraising costs"),
    "program": N_("Programme costs"),
    "direct": N_("Programme costs"),
    "refund": N_("Refunds"),
    "loss": N_("Losses"),
    "relief": N_("Relief issued"),
}

BUCKETS: Mapping[str, str] = {
    "service": N_("Became services"),
    "issued": N_("Handed out"),
    "expense": N_("Costs"),
    "organization": N_("With organizations"),
    "fund": N_("Waiting in funds"),
    "refunded": N_("Refunded"),
    "lost": N_("Written off"),
    "moved": N_("To other funds"),
    "other": N_("Taken back"),
}

ELEMENTS: Mapping[str, str] = {
    "community": N_("Community"),
    "organization": N_("Organization"),
    "worker": N_("Social worker"),
    "volunteer": N_("Volunteers"),
    "resource": N_("Charitable resources"),
}

# Who confirms, by role.
ROLES: Mapping[str, str] = {
    "community": N_("the community"),
    "worker": N_("the social worker"),
    "organization": N_("the organization"),
    "resident": N_("a resident"),
    "volunteer": N_("a volunteer"),
}

SERVICES: Mapping[str, str] = {
    "elderly-care": N_("Care for the elderly"),
    "child-care": N_("Care for children"),
    "disability": N_("Support in disability"),
    "home-visit": N_("Home visit"),
    "meals": N_("Meals"),
    "health": N_("Health"),
    "counselling": N_("Counselling"),
    "education": N_("Learning"),
    "legal-aid": N_("Legal aid"),
    "employment": N_("Work and skills"),
    "hardship-relief": N_("Help in hardship"),
    "emergency-relief": N_("Emergency relief"),
    "environment": N_("Shared places"),
    "culture": N_("Culture and neighbours"),
    "governance": N_("Residents' council"),
    "training": N_("Training"),
}

# Where a proposal stands.
STATES: Mapping[str, str] = {
    "waiting": N_("waits for approval"),
    "returned": N_("sent back"),
    "recorded": N_("on the ledger"),
    "rejected": N_("rejected"),
    "withdrawn": N_("withdrawn"),
}

# First letters of a mark for each element, where there is no room for the word.
MARKS: Mapping[str, str] = {
    "community": N_("C"),
    "organization": N_("O"),
    "worker": N_("W"),
    "volunteer": N_("V"),
    "resource": N_("R"),
}


def word(table: Mapping[str, str], code: str, voice: Voice, default: str | None = None) -> str:
    """Return the word for `code`, else `default`, else the code itself."""
    known = table.get(code)
    if known is None:
        return code if default is None else default
    return voice.gettext(known)


def kind_name(code: str, voice: Voice) -> str:
    """Return the words for a kind of entry: `fund.closed` → 关闭基金."""
    subject, _, effect = code.partition(".")
    if code in KINDS or effect not in EFFECTS or subject not in TYPES:
        return word(KINDS, code, voice)
    return word(EFFECTS, effect, voice) % {"object": word(TYPES, subject, voice)}


def name(ref: Ref, voice: Voice) -> str:
    """Return the name of an object: ours for known sources and purposes, else as written, else its code."""
    table = {"source": SOURCES, "outcome": OUTCOMES}.get(ref.type, {})
    return word(table, ref.code, voice, ref.name or ref.code)


def role(code: str, voice: Voice) -> str:
    """Return who confirmed: the community, the social worker."""
    return word(ROLES, code, voice)


def unit_name(unit: Unit, voice: Voice) -> str:
    """Return the name of a unit: money and hours in our words, goods as written."""
    if unit.kind == "hours":
        return voice.gettext("Volunteer hours")
    if unit.code == "CNY":
        return voice.gettext("Money")
    return unit.name
