"""Services are reported and signed off, given by the foundation itself, confirmed, disputed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from ledger.core.chain import stamp
from ledger.core.errors import ConflictError, MalformedError, NotFoundError, RuleError
from ledger.core.units import HOUR
from ledger.giving.hours.actions import use_shifts
from ledger.giving.hours.queries import closed_shifts
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.append import Appended, Writer, utc_now
from ledger.people.actions import Act
from ledger.programs.actions import CONFIRMERS, Service, confirm_service, deliver_service
from ledger.programs.allocation.checks import facts_of, part, present
from ledger.programs.delivery.tables import deliveries, disputes

VOLUNTEERS = "source:volunteer"
MOST_AT_ONCE = 100  # services confirmed together
MOST_REASON = 1000  # characters


@dataclass(frozen=True, slots=True)
class Report:
    """A service as reported. Amounts in smallest parts; codes without their type.

    `gives` are (account, unit, amount, place): money and goods of a grant (place ''), or of a fund and the place it
    leaves. `lines` divide the money by budget line. `hours` are minutes by volunteer, beside those of closed `shifts`.
    """

    title: str
    kind: str
    community: str
    organization: str
    worker: str
    residents: int
    grant: str = ""
    project: str = ""
    need: str = ""
    description: str = ""
    lead_element: str = ""
    gives: Sequence[tuple[str, str, int, str]] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
    hours: Mapping[str, int] = field(default_factory=dict)
    shifts: Sequence[str] = ()
    evidence: Sequence[dict[str, Any]] = ()

    @property
    def money(self) -> int:
        """Return the money used, in fen."""
        return sum(amount for _, unit, amount, _ in self.gives if unit == "CNY")


def deliver(writer: Writer, act: Act, report: Report) -> Appended:
    """Record a service under the next code of its year, and take up the hours of its shifts."""
    writer.lock()
    _check_parties(writer, report)
    code = next_code(writer, act)
    hours = _hours(writer, report)
    service = Service(
        code,
        report.title,
        report.kind,
        report.community,
        report.organization,
        report.worker,
        report.residents,
        used=_used(report, hours),
        places=_places(report),
        evidence=report.evidence,
        more=_more(report, hours),
    )
    delivered = deliver_service(writer, act, service)
    use_shifts(writer.connection, writer.book_id, report.shifts, code)
    return delivered


def sign_off(writer: Writer, act: Act, report: Report) -> list[Appended]:
    """Record a service of an organization, and its confirmation by the social worker who approves it: both or none.

    The confirmation is the worker's own: prepared by nobody else, approved by nobody else.
    """
    if act.approved_by is None:
        raise MalformedError("a report is signed off by the responsible social worker")
    delivered = deliver(writer, act, report)
    own = replace(part(act, 2), by=act.approved_by, approved_by=None)
    return [delivered, confirm_service(writer, own, delivered.body["facts"]["code"], "worker", report.worker)]


def next_code(writer: Writer, act: Act) -> str:
    """Give the next code of the year, S2026-0042; where counting does not help, one made of the request's ref."""
    first = f"S{act.dated.year}-"
    for low, digits in (("1", 5), ("0", 4)):  # beyond 9999 numbers have five digits, the first of them no zero
        newest = _newest(writer, f"service:{first}", low, digits)
        if newest:
            code = f"{first}{int(newest) + 1:04}" if newest.isascii() and newest.isdigit() else ""
            break
    else:
        code = f"{first}0001"
    free = code and not writer.knows(f"service:{code}")
    return code if free else f"S{act.dated.year}.{act.ref.rpartition('/')[2]}"


def _newest(writer: Writer, first: str, low: str, digits: int) -> str:
    """Return the last part of so many characters among the codes that begin like this; '' when there is none."""
    o = t.objects.c
    query = (
        select(o.address)
        .where(o.book_id == writer.book_id, o.address.between(f"{first}{low}", f"{first}:"))
        .where(func.length(o.address) == len(first) + digits)
        .order_by(o.address.desc())
        .limit(1)
    )
    return str(writer.connection.scalar(query) or "").removeprefix(first)


def _check_parties(writer: Writer, report: Report) -> None:
    """Refuse a grant of another organization or project, a line the project lacks, a need of another community."""
    if report.grant:
        grant = facts_of(writer, f"grant:{report.grant}")
        if grant["organization"] != report.organization:
            raise RuleError("grant %(grant)s is not one of this organization", grant=report.grant)
        if grant.get("project") and grant["project"] != report.project:
            raise RuleError("grant %(grant)s is for project %(project)s", grant=report.grant, project=grant["project"])
    accounts = {account for account, *_ in report.gives if account.startswith("grant:")}
    if not accounts <= {f"grant:{report.grant}"}:
        raise RuleError("a service uses the grant that it names, and no other")
    _check_lines(writer, report)
    if report.need and facts_of(writer, f"need:{report.need}")["community"] != report.community:
        raise RuleError("need %(need)s is one of another community", need=report.need)


def _check_lines(writer: Writer, report: Report) -> None:
    if not report.lines:
        return
    budget = facts_of(writer, f"project:{report.project}").get("budget") or () if report.project else ()
    unknown = sorted(report.lines.keys() - {line["line"] for line in budget})
    if unknown:
        raise RuleError("the budget of this project has no line '%(line)s'", line=unknown[0])
    if sum(report.lines.values()) != report.money:
        raise RuleError("the budget lines add up to something else than the money used")


def _hours(writer: Writer, report: Report) -> Counter[str]:
    """Add up the minutes of volunteers: those of the shifts, and those written down."""
    hours = Counter(dict(report.hours))
    found = closed_shifts(writer.connection, writer.book_id, codes=report.shifts) if report.shifts else []
    for code in sorted(set(report.shifts) - {shift.code for shift in found}):
        raise ConflictError("the hours of shift %(code)s are on the ledger already, or not counted yet", code=code)
    for shift in found:
        if report.organization != shift.organization and report.community != shift.community:
            raise RuleError("shift %(code)s was neither of this organization nor in this community", code=shift.code)
        hours.update({stayed.volunteer: stayed.minutes for stayed in shift.hours})
    return hours


def _used(report: Report, hours: Mapping[str, int]) -> list[tuple[str, int, str]]:
    given = [(account, amount, unit) for account, unit, amount, _ in report.gives]
    return [*given, *([(VOLUNTEERS, sum(hours.values()), HOUR)] if hours else [])]


def _places(report: Report) -> dict[str, str]:
    """Tell the place that each unit of funds leaves; one place a unit."""
    places: dict[str, str] = {}
    for _, unit, _, place in report.gives:
        if place and places.setdefault(unit, place) != place:
            raise RuleError("%(unit)s comes from two places in one service; record two services", unit=unit)
    return places


def _more(report: Report, hours: Mapping[str, int]) -> dict[str, Any]:
    return present(
        {
            "grant": report.grant,
            "project": report.project,
            "need": report.need,
            "description": report.description,
            "lead_element": report.lead_element,
            "lines": [{"line": line, "amount": amount} for line, amount in report.lines.items()],
            "volunteer": sorted(hours),
            "hours": [{"volunteer": code, "minutes": hours[code]} for code in sorted(hours)],
        }
    )


def confirm(writer: Writer, act: Act, role: str, party: str, services: Sequence[str]) -> list[Appended]:
    """Confirm services as their community or their worker, each by an entry of its own; all or none."""
    if not 0 < len(services) <= MOST_AT_ONCE or len(set(services)) != len(services):
        raise MalformedError("confirm 1 to %(most)s services at once, each once", most=MOST_AT_ONCE)
    writer.lock()
    _check_undisputed(writer, role, services)
    for code in services:
        _check_independent(writer, act.by, code)
    acts = [act if n == 1 else part(act, n) for n in range(1, len(services) + 1)]
    return [confirm_service(writer, one, code, role, party) for one, code in zip(acts, services, strict=True)]


def _check_undisputed(writer: Writer, role: str, services: Sequence[str]) -> None:
    s = disputes.c
    query = select(s.service).where(s.book_id == writer.book_id, s.role == role, s.state == "open")
    for code in writer.connection.scalars(query.where(s.service.in_(services)).order_by(s.service)):
        raise RuleError("service %(code)s is disputed by you; withdraw the dispute first", code=code)


def _check_independent(writer: Writer, by: str, code: str) -> None:
    """Refuse whoever reported, approved or confirmed the service before: a second person has to have been there."""
    address = f"service:{code}"
    known = lookup.objects(writer.connection, writer.book_id, {address}).get(address)
    before = lookup.mentioning(writer.connection, writer.book_id, {address}, "service.confirmed").get(address, ())
    bodies = [*([known.body] if known else []), *(body for _, body in before)]
    if any(by in (body["by"], body["approved_by"]) for body in bodies):
        raise RuleError(
            "you reported, signed off or confirmed service %(code)s before; somebody else has to confirm it", code=code
        )


def dispute(connection: Connection, book_id: int, by: str, role: str, party: str, service: str, reason: str) -> None:
    """Say that a service did not take place as reported; moves nothing, and holds up its confirmation."""
    said = _said(reason)
    _check_named(connection, book_id, role, party, service)
    if _open_dispute(connection, book_id, role, service) is not None:
        raise ConflictError("service %(code)s is disputed already", code=service)
    row = {"book_id": book_id, "service": service, "role": role, "party": party, "reason": said}
    connection.execute(insert(disputes).values(**row, by=by, at=stamp(utc_now()), state="open"))


def withdraw_dispute(
    connection: Connection, book_id: int, by: str, role: str, party: str, service: str, remark: str
) -> None:
    """Take a dispute back, saying what cleared it up."""
    said = _said(remark)
    _check_named(connection, book_id, role, party, service)
    found = _open_dispute(connection, book_id, role, service)
    if found is None:
        raise ConflictError("service %(code)s is not disputed any more", code=service)
    values = {"state": "withdrawn", "ended_by": by, "ended_at": stamp(utc_now()), "remark": said}
    connection.execute(update(disputes).where(disputes.c.id == found).values(values))


def _said(text: str) -> str:
    said = " ".join(text.split())
    if not said or len(said) > MOST_REASON:
        raise MalformedError("say why, in 1 to %(most)s characters", most=MOST_REASON)
    return said


def _check_named(connection: Connection, book_id: int, role: str, party: str, service: str) -> None:
    if role not in CONFIRMERS:
        raise MalformedError("'%(role)s' does not confirm services", role=role)
    d = deliveries.c
    query = select(d[role], d.reversed_seq).where(d.book_id == book_id, d.code == service)
    row = connection.execute(query).one_or_none()
    if row is None or row[0] != party:
        raise NotFoundError("there is no service %(code)s of yours", code=service)
    if row.reversed_seq is not None:
        raise ConflictError("service %(code)s was taken back by entry %(seq)s", code=service, seq=row.reversed_seq)


def _open_dispute(connection: Connection, book_id: int, role: str, service: str) -> int | None:
    s = disputes.c
    which = (s.book_id == book_id, s.service == service, s.role == role, s.state == "open")
    return connection.scalar(select(s.id).where(*which))


def minutes_of(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Add up minutes by volunteer."""
    hours: Counter[str] = Counter()
    for volunteer, minutes in rows:
        hours[volunteer] += minutes
    return dict(hours)
