"""Import a list of gifts, of money or goods: all of it or nothing.

What a list says of itself is checked before anything is written: totals that disagree with the rows stop the import
unless somebody accepts the difference with a reason, and the reason goes on the ledger. Each line has an identity made
from its content and its place among equal lines of its list, so importing the same list again adds nothing. On the
ledger it stands sealed with the installation's key: a plain hash of donor and amount would be found by trying names.
"""

import hmac
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Engine, select

from ledger.core import tracking
from ledger.core.entry import Draft
from ledger.core.errors import ConflictError, MalformedError
from ledger.core.units import Unit
from ledger.exchange.lines import Check, GoodsLine, Line, ListReading, MoneyLine
from ledger.funds.actions import earmark_code, unit_opened
from ledger.giving.actions import Donation, donation_draft
from ledger.journal import tables as t
from ledger.journal.append import CHUNK, Writer, writing
from ledger.people.actions import Act

Progress = Callable[[int], None]

_EARMARK = re.compile("定向|指定|用于|专用|专款|专项|购买|支援|援助|防治|防控|抗击|抗疫|给.+买")
_ORGANIZATION = re.compile(
    "公司|集团|协会|学会|商会|总会|分会|基金|中心|学校|大学|学院|中学|小学|医院|银行|工厂|酒店|商店|药店|超市"
    "|俱乐部|委员会|工会|党委|支部|红十字|慈善|政府|[局厅部委办院所社厂店馆队]$"
)
_LONG_NUMBER = re.compile(r"\d(?:[ .·\-‐-―－]{0,2}\d){6,}[Xx]?|[\w.+-]+@[\w.-]+")  # telephones, papers, mail
_MOST_DIFFERENCES = 100  # an entry has at most 65,535 bytes


class TotalsDisagreeError(ConflictError):
    """Offer a list whose stated totals are not what its rows add up to."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a list is imported.

    `taker` is the fund's address; `origin` names a list that grows, so that its next edition adds only what is new
    (otherwise each list stands for itself). `source` None: told from the donor's name. `undated` is the business date
    of rows without one.
    """

    taker: str
    place: str
    by: str
    undated: date
    source: str | None = None
    origin: str | None = None
    accept: str | None = None
    dry_run: bool = False
    campaign: str | None = None
    approved_by: str | None = None


@dataclass(slots=True)
class Imported:
    """What an import did. `short` are goods issued beyond what was there (see programs)."""

    imported: int = 0
    amount: int = 0
    repeated: int = 0
    earmarked: int = 0
    purposes: int = 0
    new_units: int = 0
    organizations: int = 0
    already: int | None = None  # the entry by which this list was imported before
    seq: int | None = None  # the entry that records the import
    first_code: str | None = None
    short: list[dict[str, Any]] = field(default_factory=list)


class _DryRun(Exception):  # noqa: N818  # not an error: it rolls the transaction back
    pass


@contextmanager
def import_transaction(engine: Engine, book: str, *, dry_run: bool) -> Iterator[Writer]:
    """Open a writing transaction that is rolled back at the end of a dry run."""
    try:
        with writing(engine, book) as writer:
            writer.lock()
            yield writer
            if dry_run:
                raise _DryRun  # noqa: TRY301  # the way to roll back
    except _DryRun:
        return


def check_totals(reading: ListReading, accept: str | None) -> None:
    """Refuse a list whose totals disagree, unless the difference is accepted with a reason."""
    wrong = reading.report.disagreements
    if wrong and not accept:
        said = "; ".join(_disagreement(check) for check in wrong[:5])
        raise TotalsDisagreeError(
            "%(name)s: %(said)s. Nothing was imported. Correct the list, or accept the difference with a reason",
            name=reading.name,
            said=said,
        )
    if accept is not None and not accept.strip():
        raise MalformedError("give the reason for which the difference is accepted; it goes on the ledger")


def _disagreement(check: Check) -> str:
    return f"row {check.row} states {check.what} {check.stated}, the rows give {check.read} (refused: {check.refused})"


def import_gifts(
    engine: Engine,
    book: str,
    reading: ListReading,
    terms: Terms,
    *,
    code_key: bytes,
    progress: Progress = lambda _: None,
) -> Imported:
    """Import the lines of a list as donations, in one transaction."""
    check_totals(reading, terms.accept)  # before the book is locked
    done = Imported()
    with import_transaction(engine, book, dry_run=terms.dry_run) as writer:
        done = bring_gifts(writer, reading, terms, code_key=code_key, progress=progress)
    return done  # noqa: RET504  # the block ends before the value is given: a dry run is taken back there


def bring_gifts(
    writer: Writer,
    reading: ListReading,
    terms: Terms,
    *,
    code_key: bytes,
    progress: Progress = lambda _: None,
) -> Imported:
    """Import the lines of a list in the transaction of `writer`, which commits or takes back."""
    check_totals(reading, terms.accept)
    done = Imported(already=imported_before(writer, reading, terms, code_key))
    if done.already is not None:
        done.repeated = len(reading.lines)
        return done
    writer.known(terms.taker)
    lines, opened = reading.lines, set[str]()
    refs = LineRefs("gift", terms.origin or reading.list_key, code_key)
    for start in range(0, len(lines), CHUNK):
        chunk = lines[start : start + CHUNK]
        writer.append(list(_drafts(writer, chunk, refs, terms, opened, done)))
        progress(len(chunk))
    record_import(writer, reading, terms, done, code_key)
    return done


class LineRefs:
    """Give the `ref` of each line of a list, under what names the list: its origin or its content."""

    def __init__(self, what: str, named: str, code_key: bytes) -> None:
        self.code_key = code_key
        self._prefix = f"{what}/{seal(code_key, named)[:16]}/"

    def of(self, line_key: str) -> str:
        """Return the `ref` of the line with this key."""
        return self._prefix + seal(self.code_key, line_key)


def seal(code_key: bytes, text: str) -> str:
    """Make an identity that tells nothing to those without the key."""
    return hmac.digest(code_key, b"shanliu/line/v1\0" + text.encode(), "sha256").hex()


def _drafts(
    writer: Writer, lines: tuple[Line, ...], refs: LineRefs, terms: Terms, opened: set[str], done: Imported
) -> Iterator[Draft]:
    """Make the drafts of some lines, each after that of what must be open before it; `opened` here so far."""
    used = writer.used([refs.of(line.key) for line in lines])
    writer.preload([address for line in lines if (address := _address(line, terms))])
    for line in lines:
        ref = refs.of(line.key)
        if ref in used:
            done.repeated += 1
            continue
        act = Act(terms.by, line.dated or terms.undated, ref, terms.approved_by)
        address = _address(line, terms)
        if address and address not in opened and not writer.knows(address):
            opening = _open_earmark if isinstance(line, MoneyLine) else _open_unit
            yield opening(Act(act.by, act.dated, f"open/{address}", act.approved_by), line, address, terms)
            opened.add(address)
            done.purposes += isinstance(line, MoneyLine)
            done.new_units += isinstance(line, GoodsLine)
        donation = _donation(line, address, terms)
        code = tracking.derive(refs.code_key, writer.code, ref)
        done.first_code = done.first_code or code
        done.imported += 1
        done.amount += donation.amount if isinstance(line, MoneyLine) else 0
        done.earmarked += donation.taker.startswith("earmark:")
        done.organizations += donation.source == "source:organization"
        yield donation_draft(act, donation, code)


def _address(line: Line, terms: Terms) -> str | None:
    """Give what must be open before the line can be imported: an earmark, or the unit of goods."""
    if isinstance(line, GoodsLine):
        return f"unit:{line.unit}"
    purpose = _purpose(line)
    return f"earmark:{earmark_code(terms.taker.partition(':')[2], purpose)}" if purpose else None


def _purpose(line: Line) -> str:
    """Read a remark as the purpose of the gift; long numbers (telephones, papers) never reach the ledger."""
    remark = " ".join(line.remark.split()) if isinstance(line, MoneyLine) else ""
    return _LONG_NUMBER.sub("…", remark)[:200] if _EARMARK.search(remark) else ""


def _open_earmark(act: Act, line: Line, address: str, terms: Terms) -> Draft:
    fund = terms.taker.partition(":")[2]
    facts = {"code": address.partition(":")[2], "fund": fund, "purpose": _purpose(line)}
    return act.draft("earmark.opened", facts=facts)


def _open_unit(act: Act, line: Line, address: str, _: Terms) -> Draft:
    assert isinstance(line, GoodsLine)  # noqa: S101
    return unit_opened(act, Unit.of(address.partition(":")[2], line.scale), line.item, line.measure)


def _donation(line: Line, address: str | None, terms: Terms) -> Donation:
    source = terms.source or source_of(line.donor)
    if isinstance(line, MoneyLine):
        facts = {"channel": _LONG_NUMBER.sub("…", line.channel)[:100]} if line.channel else {}
        facts |= _campaign(terms)
        return Donation(
            source,
            address or terms.taker,
            line.amount,
            place=terms.place,
            donor=line.donor,
            remark=line.remark,
            facts=facts,
        )
    assert isinstance(line, GoodsLine)  # noqa: S101
    facts = ({"spec": line.spec[:200]} if line.spec else {}) | _campaign(terms)
    return Donation(
        source, terms.taker, line.quantity, line.unit, "inventory:main", line.value, line.donor, line.remark, facts
    )


def _campaign(terms: Terms) -> dict[str, str]:
    return {"campaign": terms.campaign} if terms.campaign else {}


def source_of(donor: str) -> str:
    """Tell the kind of donor from the name: an organization when it says so, else an individual."""
    return "source:organization" if _ORGANIZATION.search(donor) else "source:individual"


def imported_before(writer: Writer, reading: ListReading, terms: Terms, code_key: bytes) -> int | None:
    """Find the entry by which this list was imported, into whatever fund: gifts are received once.

    The same content under the same origin, or the very same file read otherwise.
    """
    seq = writer.ref_used(completed_ref(reading, terms, code_key))
    if seq is not None:
        return seq
    h = t.headers.c
    query = select(h.seq, h.ref).where(h.book_id == writer.book_id, h.subject == f"import:{reading.digest}")
    start = f"import/{reading.kind}/"
    return next((row.seq for row in writer.connection.execute(query) if row.ref.startswith(start)), None)


def completed_ref(reading: ListReading, terms: Terms, code_key: bytes) -> str:
    """Give the `ref` of the entry that records the import of this list."""
    named = f"{terms.origin or ''}\0{reading.list_key}"
    return f"import/{reading.kind}/{seal(code_key, named)}"


def record_import(writer: Writer, reading: ListReading, terms: Terms, done: Imported, code_key: bytes) -> None:
    """Record the import, unless nothing of the list is in the book: then it may be offered again.

    A dry run keeps neither the entry nor the code, since neither will be there.
    """
    if done.imported or done.repeated:
        act = Act(terms.by, terms.undated, completed_ref(reading, terms, code_key), terms.approved_by)
        done.seq = writer.append([completed(reading, terms, done, act)])[0].seq
    if terms.dry_run:
        done.seq = done.first_code = None


def completed(reading: ListReading, terms: Terms, done: Imported, act: Act) -> Draft:
    """Record the import: which file, how much of it, and any difference that was accepted and why."""
    facts: dict[str, Any] = {
        "code": reading.digest,
        "name": reading.name,
        "lines": len(reading.lines),
        "imported": done.imported,
        "repeated": done.repeated,
        "refused": len(reading.report.refusals) + sum(1 for s in done.short if not s["issued"]),
        "short": len(done.short),
        "total": done.amount,
    }
    if reading.report.disagreements:
        facts["reason"] = terms.accept
        facts["differences"] = [
            {"row": c.row, "what": c.what, "stated": c.stated, "read": c.read}
            for c in reading.report.disagreements[:_MOST_DIFFERENCES]
        ]
    return act.draft("import.completed", facts=facts)
