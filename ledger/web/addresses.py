"""The address of every public page, in one place.

Stable, readable, without personal data or database ids. A tracking code is in the address of its
own trace page and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from ledger.reports.figures import group_code

if TYPE_CHECKING:
    from ledger.web.pages import BookRef, Ref

LISTS = {
    "project": "projects",
    "organization": "organizations",
    "community": "communities",
    "campaign": "campaigns",
}
"""Kinds of objects with a public list and a page each, and the word in their address."""


def _part(text: str) -> str:
    return quote(text, safe="~")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses below `root`: the path an installation is mounted at, without a final slash."""

    root: str = ""

    def index(self) -> str:
        """Return the first page: the only book's home or the list of books."""
        return f"{self.root}/"

    def home(self, book: BookRef) -> str:
        """Return a book's home."""
        return f"{self.root}/{_part(book.code)}/"

    def find(self, book: BookRef | None = None) -> str:
        """Return the page that asks for a tracking code."""
        return f"{self.root}/{_part(book.code)}/trace" if book else f"{self.root}/trace"

    def trace(self, code: str) -> str:
        """Return the page of a gift; it finds its book by itself."""
        return f"{self.root}/trace/{_part(group_code(code))}"

    def confirmation(self, code: str) -> str:
        """Return the donation confirmation of a gift."""
        return f"{self.trace(code)}/confirmation.pdf"

    def funds(self, book: BookRef) -> str:
        """Return the list of funds."""
        return f"{self.root}/{_part(book.code)}/funds"

    def fund(self, book: BookRef, code: str) -> str:
        """Return a fund."""
        return f"{self.funds(book)}/{_part(code)}"

    def services(self, book: BookRef) -> str:
        """Return the list of services."""
        return f"{self.root}/{_part(book.code)}/services"

    def service(self, book: BookRef, code: str) -> str:
        """Return a service."""
        return f"{self.services(book)}/{_part(code)}"

    def listed(self, book: BookRef, kind: str) -> str:
        """Return the list of a kind: projects, organizations, communities, campaigns."""
        return f"{self.root}/{_part(book.code)}/{LISTS[kind]}"

    def disclosures(self, book: BookRef) -> str:
        """Return the list of what was published."""
        return f"{self.root}/{_part(book.code)}/disclosures"

    def linkage(self, book: BookRef) -> str:
        """Return how the five parties of a book work together."""
        return f"{self.root}/{_part(book.code)}/linkage"

    def thanks(self, book: BookRef, fund: str = "") -> str:
        """Return the list of thanks, of all gifts or of those to a fund."""
        return f"{self.root}/{_part(book.code)}/thanks" + (f"?fund={_part(fund)}" if fund else "")

    def gifts(self) -> str:
        """Return a donor's own gifts, over all books."""
        return f"{self.root}/donor"

    def ledger(self, book: BookRef) -> str:
        """Return the list of entries, newest first."""
        return f"{self.root}/{_part(book.code)}/ledger"

    def entry(self, book: BookRef, seq: int) -> str:
        """Return an entry."""
        return f"{self.ledger(book)}/{seq}"

    def body(self, book: BookRef, seq: int) -> str:
        """Return the exact bytes of an entry's body."""
        return f"{self.entry(book, seq)}/body"

    def slip(self, code: str) -> str:
        """Return the donor's slip of a gift."""
        return f"{self.trace(code)}/slip.json"

    def entry_slip(self, book: BookRef, seq: int) -> str:
        """Return the slip of an entry."""
        return f"{self.entry(book, seq)}/slip.json"

    def proof(self, book: BookRef, seq: int) -> str:
        """Return the proof file of an entry."""
        return f"{self.entry(book, seq)}/proof"

    def log(self, book: BookRef, path: str = "") -> str:
        """Return where the published files of a book's log lie, or one of them."""
        return f"{self.root}/{_part(book.code)}/log/{path}"

    def growth(self, book: BookRef) -> str:
        """Return the page that shows that the log only grew."""
        return f"{self.root}/{_part(book.code)}/log/consistency"

    def verify(self, slip: str = "") -> str:
        """Return the page that checks slips; what it is to check stands behind the #, so that no request names it."""
        return f"{self.root}/verify" + (f"#{slip}" if slip else "")

    def of(self, book: BookRef, ref: Ref) -> str | None:
        """Return the page of an object, None when its kind has none."""
        if ref.type == "fund":
            return self.fund(book, ref.code)
        if ref.type == "earmark":
            return self.fund(book, ref.code.partition("/")[0])
        if ref.type == "service" and ref.code:
            return self.service(book, ref.code)
        if ref.type in LISTS and ref.code:
            return f"{self.listed(book, ref.type)}/{_part(ref.code)}"
        if ref.type == "disclosure":
            return f"{self.disclosures(book)}/{quote(ref.code, safe='/~')}"
        return None
