"""Recipients of goods outside the book (a hospital, a school): each has an account of its own."""

from hashlib import sha256

from ledger.core.entry import Draft
from ledger.core.errors import MalformedError
from ledger.people.actions import Act

_LONGEST_NAME = 90  # characters of a recipient's name in its code


def recipient_code(recipient: str) -> str:
    """Give the code of a recipient's account; a name too long for it keeps its beginning and a hash of the whole."""
    name = "_".join(recipient.split())
    if not name:
        raise MalformedError("goods need a recipient: write who got them")
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME - 13]}~{sha256(name.encode()).hexdigest()[:12]}"
    return f"recipient/{name}"


def recipient_opened(act: Act, recipient: str) -> Draft:
    """Make the draft that opens the account of a recipient of goods."""
    code = recipient_code(recipient)
    opening = Act(act.by, act.dated, f"open/outcome:{code}", act.approved_by)
    return opening.draft("outcome.opened", facts={"code": code, "name": recipient})
