"""Pages of the store: what lies where, one item, issuing, counting and writing off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ledger.core.errors import NotFoundError
from ledger.desk.forms import At, desk, drafted, looked, page, submit
from ledger.giving.stock import queries, targets
from ledger.giving.stock.commands import COUNT, ISSUE, WRITE_OFF
from ledger.giving.stock.forms import CountStoreForm, HeldForm, IssueForm, WriteOffForm, with_items, with_lots
from ledger.giving.stock.lots import Lot, holdings, lots_in
from ledger.journal import lookup
from ledger.reports import figures
from ledger.web import asked as address
from ledger.web.access import allow
from ledger.web.actor import Role
from ledger.web.convert import Names, name_of, units
from ledger.web.fields import today
from ledger.web.listing import Column, Listing, ask, xlsx_response
from ledger.web.pages import Quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from ledger.giving.stock.queries import Item, LotLine
    from ledger.web.pages import Unit

blueprint = Blueprint("stock", __name__)

FIELDS = 60  # lots that have a field in a form; the others are taken by rule
SEES = (Role.ACCOUNTANT, Role.APPROVER, Role.AUDITOR)
ITEMS = (
    Column("unit", _l("Item"), sortable=True),
    Column("held", _l("In stock"), "amount", sortable=True),
    Column("stores", _l("Where")),
    Column("funds", _l("Of the fund")),
    Column("lots", _l("Lots"), "number"),
    Column("value", _l("Fair value (yuan)"), "amount"),
    Column("expires", _l("First to expire"), "date"),
)
LOTS = (
    Column("unit", _l("Item"), sortable=True),
    Column("left", _l("Left"), "amount", sortable=True),
    Column("expires", _l("Expires"), "date", sortable=True),
    Column("dated", _l("Came in"), "date", sortable=True),
    Column("source", _l("Given by")),
    Column("account", _l("Of the fund")),
    Column("store", _l("Store")),
    Column("value", _l("Fair value (yuan)"), "amount", sortable=True),
)


@blueprint.get("/<book>/desk/stock")
@allow(*SEES)
def items(book: str) -> ResponseReturnValue:
    """List the items in stock."""
    with desk(book) as at:
        asked = ask(ITEMS, "unit")
        found = queries.sums(at.connection, at.row.id)
        account = address.choice("account", {one.account for one in found}) or ""
        grouped = queries.in_stock(found, asked.words, account)
        codes = sorted(grouped, key=lambda unit: _order(grouped, unit, asked.sort), reverse=asked.descending)
        pager = asked.pager(len(codes))
        shown = queries.items(at.connection, at.row.id, {unit: grouped[unit] for unit in pager.cut(codes)}, today())
        if asked.xlsx:
            return xlsx_response(ITEMS, [_item_cells(item) for item in shown], f"{at.code}-stock")
        return page(
            "giving/stock/items.html",
            at,
            listing=Listing(ITEMS, shown, pager, asked),
            accounts=_named(at, {one.account for one in found if one.amount}),
            chosen=account,
            empty=not any(one.amount for one in found),
        )


@blueprint.get("/<book>/desk/stock/lots")
@allow(*SEES)
def lots(book: str) -> ResponseReturnValue:
    """List the lots in stock, those that expire first at the top."""
    with desk(book) as at:
        asked = ask(LOTS, "expires")
        accounts = {one.account for one in holdings(at.connection, at.row.id)}
        stores = queries.places(at.connection, at.row.id)
        chosen = queries.LotFilter(
            asked.words,
            address.choice("account", accounts) or "",
            address.choice("store", stores) or "",
            address.choice("state", queries.STATES) or "",
        )
        found, more = queries.chosen_lots(at.connection, at.row.id, chosen, today(), asked.sort)
        if asked.descending:
            found.reverse()
        pager = asked.pager(len(found))
        lines = queries.described(at.connection, at.row.id, pager.cut(found), today())
        if asked.xlsx:
            return xlsx_response(LOTS, [_lot_cells(line) for line in lines], f"{at.code}-lots")
        return page(
            "giving/stock/lots.html",
            at,
            listing=Listing(LOTS, lines, pager, asked),
            accounts=_named(at, accounts),
            stores=list(stores.items()),
            chosen=chosen,
            more=more,
            expired=sum(queries.state_of(lot.expires, today()) == "expired" for lot in found),
        )


@blueprint.get("/<book>/desk/stock/item/<path:unit>")
@allow(*SEES)
def item(book: str, unit: str) -> ResponseReturnValue:
    """Show one item: its lots, what came in and went out, and that it adds up."""
    with desk(book) as at:
        found = queries.item_page(at.connection, at.row.id, unit, address.page(), today(), address.page("lots"))
        names: dict[int, str] = {}
        if request.args.get("givers"):
            names = queries.givers(at.connection, at.row.id, {line.lot.seq for line in found.lots})
            looked(at, "donors of goods", f"unit:{unit}")
        return page("giving/stock/item.html", at, it=found, names=names, asked=bool(request.args.get("givers")))


@blueprint.get("/<book>/desk/stock/new")
@allow(Role.ACCOUNTANT)
def new_receipt(book: str) -> ResponseReturnValue:
    """Lead to the form of gifts, at goods."""
    return redirect(url_for("intake.new_gift", book=book, resource="goods"))


# ---------------------------------------------------------------------- issuing and writing off


@blueprint.route("/<book>/desk/stock/issue", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def issue(book: str) -> ResponseReturnValue:
    """Issue goods to a grant, a service or a recipient outside."""
    with desk(book) as at:
        probe = drafted(at, HeldForm, ISSUE)
        found = _held(at, probe.held.data or request.args.get("held", ""))
        if not found.lots:
            return page("giving/stock/choose.html", at, choices=_choices(at), endpoint="stock.issue")
        form = drafted(at, with_lots(IssueForm, found.lots, {}), ISSUE)
        _prepare(at, form, found)
        form.grant.choices = [("", _("Choose a grant")), *targets.grants(at.connection, at.row.id)]
        form.service.choices = [("", _("Choose a service")), *targets.services(at.connection, at.row.id)]
        if form.validate_on_submit() and form.check_left():
            payload = _issue_payload(at, form, found)
            title = f"{_amount(found.unit, payload['amount'])} → {payload['called']}" if payload else ""
            if payload and (answer := submit(at, ISSUE, form, payload, title=title)):
                return answer
        return page("giving/stock/issue.html", at, form=form, held=found)


@blueprint.route("/<book>/desk/stock/write-off", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def write_off(book: str) -> ResponseReturnValue:
    """Write goods off, lot by lot."""
    with desk(book) as at:
        probe = drafted(at, HeldForm, WRITE_OFF)
        found = _held(at, probe.held.data or request.args.get("held", ""))
        if not found.lots:
            return page("giving/stock/choose.html", at, choices=_choices(at), endpoint="stock.write_off")
        form = drafted(at, with_lots(WriteOffForm, found.lots, _preset(found)), WRITE_OFF)
        _prepare(at, form, found)
        if form.validate_on_submit() and form.check_left():
            chosen = form.chosen()
            if not chosen:
                form.form_errors.append(_("Write beside at least one lot how many are written off."))
            payload = _lots_payload(form, found, chosen) | {
                "reason": form.reason.data,
                "note": form.note.data,
                "evidence": form.evidence.data,
            }
            title = _("Write off: %(goods)s", goods=_amount(found.unit, payload["amount"]))
            if chosen and (answer := submit(at, WRITE_OFF, form, payload, title=title)):
                return answer
        return page("giving/stock/write_off.html", at, form=form, held=found)


class Chosen:
    """The goods a form is about: an item of a fund, its lots as read, and those that have a field in the form."""

    def __init__(self, account: str, unit: Unit, lots: Sequence[Lot], lines: Sequence[LotLine]) -> None:
        self.account, self.unit, self.raw, self.lots = account, unit, lots, lines

    @property
    def key(self) -> str:
        """Return what names them in a form."""
        return f"{self.account} {self.unit.code}"

    @property
    def name(self) -> str:
        """Return the name of the fund, and of the earmark when they belong to one."""
        account, fund = self.lots[0].account, self.lots[0].fund
        return account.name if account == fund else f"{fund.name} · {account.name}"

    @property
    def left(self) -> Quantity:
        """Return how much there is."""
        return Quantity(sum(lot.left for lot in self.raw), self.unit)


def _held(at: At, key: str) -> Chosen:
    """Read the goods that `fund unit` names; without lots when there are none.

    The lots that the address asks for and those that expire first have a field.
    """
    account, _space, code = key.partition(" ")
    held = holdings(at.connection, at.row.id, {code}, {account}) if code else []
    raw = lots_in(at.connection, at.row.id, held).lots if held else []
    wanted = set(request.args.getlist("lot"))
    shown = sorted(raw, key=lambda lot: (str(lot.seq) not in wanted, *queries.lot_order(lot)))[:FIELDS]
    lines = queries.described(at.connection, at.row.id, shown, today()) if shown else []
    unit = lines[0].unit if lines else units(at.connection, at.row.id, ["CNY"])["CNY"]
    return Chosen(account, unit, raw, lines)


def _choices(at: At) -> list[tuple[str, str, Quantity]]:
    """List what can be taken out: (key, fund, how much) by item."""
    held = holdings(at.connection, at.row.id)
    named = {address for one in held for address in (one.account, f"unit:{one.unit}")}
    names = Names(at.connection, at.row.id, named)
    return [
        (f"{one.account} {one.unit}", names.ref(one.account).name, names.quantity(one.amount, one.unit)) for one in held
    ]


def _prepare(at: At, form: Any, found: Chosen) -> None:
    """Fill in what both forms share; the store of the first lot is proposed."""
    form.held.data = found.key
    form.store.choices = list(queries.places(at.connection, at.row.id).items())
    if request.method == "GET" and not form.store.data:
        form.store.data = found.lots[0].lot.store


def _preset(found: Chosen) -> dict[int, int]:
    """Propose what the address asks for: `lot` by number, or all that have expired."""
    wanted = request.args.getlist("lot")
    return {
        line.lot.seq: line.lot.left
        for line in found.lots
        if str(line.lot.seq) in wanted or (request.args.get("expired") and line.state == "expired")
    }


def _lots_payload(form: Any, found: Chosen, chosen: Sequence[tuple[int, int]]) -> dict[str, Any]:
    return {
        "unit": found.unit.code,
        "giver": found.account,
        "store": form.store.data,
        "amount": sum(amount for _seq, amount in chosen),
        "lots": [list(lot) for lot in chosen],
        "value": queries.worth_of(found.raw, chosen),
    }


def _issue_payload(at: At, form: Any, found: Chosen) -> dict[str, Any] | None:
    """Make the request out of the form; None, with the problem beside its field, when it does not say how many."""
    amount, rule = form.amount.data, form.rule.data
    chosen = _chosen(form, found)
    problem = _not_so_many(found, rule, amount, chosen)
    if problem:
        field = form.rule if rule == "chosen" and not chosen else form.amount
        field.errors = [*field.errors, problem]
        return None
    payload = _lots_payload(form, found, chosen)
    if rule == "first":
        payload["lots"] = []
    to = form.to.data
    called, organization = targets.called(at.connection, at.row.id, to, form.target)
    return payload | {"to": to, "target": form.target, "called": called, "organization": organization}


def _chosen(form: Any, found: Chosen) -> list[tuple[int, int]]:
    """Tell which lots the rule of the form takes, and how much of each."""
    if form.rule.data == "chosen":
        return list(form.chosen())
    if form.rule.data == "first":
        return queries.first_in(found.raw, form.amount.data or 0)
    return queries.first_expired(found.raw, form.amount.data or 0, today())


def _not_so_many(found: Chosen, rule: str, amount: int | None, chosen: Sequence[tuple[int, int]]) -> str:
    """Say what is wrong with the number asked for and the lots taken; '' when nothing is."""
    total = sum(part for _seq, part in chosen)
    expired = {lot.seq for lot in found.raw if queries.state_of(lot.expires, today()) == "expired"}
    if rule == "chosen":
        if not chosen:
            return str(_("Write beside at least one lot how many are issued."))
        return str(_("The lots add up to another number; correct one of them.")) if amount not in {None, total} else ""
    if not amount:
        return str(_("Write how many."))
    if total < amount:
        return str(_("There are not so many that have not expired.") if expired else _("There are not so many."))
    if expired & {seq for seq, _part in chosen}:
        return str(_("What came first has expired. Choose another rule, or write it off."))
    return ""


def _amount(unit: Unit, amount: int) -> str:
    return f"{unit.name} {figures.decimal(amount, unit.scale, strip=True)} {unit.measure}".strip()


# ---------------------------------------------------------------------- counting


@blueprint.route("/<book>/desk/stock/count", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def count(book: str) -> ResponseReturnValue:
    """Enter what was counted in a store; the differences are one proposal."""
    with desk(book) as at:
        stores = queries.places(at.connection, at.row.id)
        store = _store(at, stores)
        if not store:
            return page("giving/stock/stores.html", at, stores=list(stores.items()))
        lying = queries.in_store(at.connection, at.row.id, store)
        form = drafted(at, with_items(lying.lines), COUNT)
        form.store.data = store
        form.other.choices = [
            ("", _("Nothing else")),
            *targets.goods(at.connection, at.row.id, {unit.code for unit, _held in lying.lines}),
        ]
        form.taker.choices = [("", _("The one that holds most of it")), *targets.funds(at.connection, at.row.id)]
        if form.validate_on_submit():
            lines = _counted(at, form, lying.lines)
            if lines is not None:
                payload = _count_payload(at, form, lines)
                title = _("Stock count of %(store)s: %(number)s differences", store=stores[store], number=len(lines))
                if answer := submit(at, COUNT, form, payload, title=title):
                    return answer
        return page("giving/stock/count.html", at, form=form, place=lying)


@blueprint.get("/<book>/desk/stock/sheet")
@allow(*SEES)
def sheet(book: str) -> ResponseReturnValue:
    """Give the sheet on which a store is counted, to be printed."""
    with desk(book) as at:
        stores = queries.places(at.connection, at.row.id)
        store = address.choice("store", stores)
        if store is None:
            raise NotFoundError("there is no store %(store)s in this book", store=request.args.get("store", "")[:100])
        lying = queries.in_store(at.connection, at.row.id, store)
        return page("giving/stock/sheet.html", at, place=lying, blind=request.args.get("blind") == "1", day=today())


def _store(at: At, stores: dict[str, str]) -> str:
    """Tell which store is counted: the one asked for, the one of the draft, or the only one."""
    from_draft = drafted(at, CountStoreForm, COUNT).store.data
    asked = address.choice("store", stores) or (from_draft if from_draft in stores else None)
    return asked or (next(iter(stores)) if len(stores) == 1 else "")


def _counted(at: At, form: Any, lines: Sequence[tuple[Unit, Quantity]]) -> list[list[Any]] | None:
    """List (unit, counted, expected) of what differs; None, with the problems in the form, when it cannot be used."""
    found, fine = [], True
    for number, (unit, held) in enumerate(lines):
        counted, expected = form[f"counted_{number}"], form[f"expected_{number}"]
        if expected.data != f"{held.amount} {unit.code}":
            counted.errors = [*counted.errors, _("This has changed since the sheet was opened; count it again.")]
            expected.data, fine = f"{held.amount} {unit.code}", False
        elif counted.data is not None and counted.data != held.amount:
            found.append([unit.code, counted.data, held.amount])
    if form.other.data and form.other_counted.data:
        unit = units(at.connection, at.row.id, [form.other.data])[form.other.data]
        amount, rest = divmod(form.other_counted.data, 10 ** (3 - unit.scale))
        if rest:
            form.other_counted.errors = [*form.other_counted.errors, _("This is counted in larger parts.")]
        found, fine = [*found, [unit.code, amount, 0]], fine and not rest
    if fine and not found:
        form.form_errors.append(_("What was counted agrees with the ledger; there is nothing to record."))
    return found if fine and found else None


def _count_payload(at: At, form: Any, lines: list[list[Any]]) -> dict[str, Any]:
    """Make the request out of the form; `shown` is the same in words, for whoever approves."""
    named = units(at.connection, at.row.id, [code for code, _counted, _expected in lines])
    shown = [
        [named[code].name, *(figures.decimal(n, named[code].scale, strip=True) for n in (counted, expected))]
        for code, counted, expected in lines
    ]
    return {
        "store": form.store.data,
        "lines": lines,
        "shown": shown,
        "taker": form.taker.data,
        "evidence": form.evidence.data,
        "value": _count_worth(at, lines),
    }


def _count_worth(at: At, lines: Sequence[Sequence[Any]]) -> int:
    """Estimate the fair value of what is missing."""
    worth = 0
    for lot_unit, counted, expected in lines:
        if counted < expected:
            raw = lots_in(at.connection, at.row.id, holdings(at.connection, at.row.id, {lot_unit})).lots
            worth += queries.worth_of(raw, queries.first_in(raw, expected - counted))
    return worth


# ---------------------------------------------------------------------- cells and names


def _order(grouped: dict[str, list[queries.Sum]], unit: str, sort: str) -> tuple[Any, ...]:
    held = sum(row.amount for row in grouped[unit] if row.account.startswith(("fund:", "earmark:")))
    return (held, unit) if sort == "held" else (unit,)


def _named(at: At, accounts: set[str]) -> list[tuple[str, str]]:
    found = lookup.objects(at.connection, at.row.id, accounts)
    return sorted(((key, name_of(known.facts) or key) for key, known in found.items()), key=lambda pair: pair[1])


def _item_cells(item: Item) -> dict[str, Any]:
    return {
        "unit": item.unit.name,
        "held": item.held,
        "stores": ", ".join(ref.name for ref, _amount in item.stores),
        "funds": ", ".join(ref.name for ref, _amount in item.funds),
        "lots": item.lots,
        "value": item.value,
        "expires": item.expires,
    }


def _lot_cells(line: LotLine) -> dict[str, Any]:
    return {
        "unit": line.unit.name,
        "left": line.left,
        "expires": line.lot.expires,
        "dated": line.lot.dated,
        "source": line.source.name,
        "account": line.fund.name,
        "store": line.store.name if line.store else "",
        "value": line.value,
    }
