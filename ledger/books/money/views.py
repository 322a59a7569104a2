"""Pages of the accounts' desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ledger.books.money import commands, forms, queries
from ledger.core.entry import REVERSIBLE
from ledger.core.errors import NotFoundError, RuleError
from ledger.desk.choices import account_choices, code_choices
from ledger.desk.forms import At, desk, drafted, looked, page, submit
from ledger.journal import lookup
from ledger.journal.checks import read_body
from ledger.web import asked as address
from ledger.web import quantities
from ledger.web.access import allow
from ledger.web.actor import FOUNDATION, Role
from ledger.web.labels import SOURCES, kind_name, word
from ledger.web.lines import entry_lines
from ledger.web.listing import Column, Listing, ask, xlsx_response
from ledger.web.locale import voice
from ledger.web.pages import YUAN, Quantity
from ledger.web.sentences import entry_sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from ledger.books.money.queries import Balances
    from ledger.desk.commands import Command
    from ledger.web.pages import EntryLine

blueprint = Blueprint("money", __name__)

READERS = (Role.ACCOUNTANT, Role.APPROVER, Role.AUDITOR)
ENTRIES = (
    Column("dated", _l("Date"), "date", sortable=True),
    Column("what", _l("What is recorded")),
    Column("amount", _l("Amount"), "amount"),
    Column("seq", _l("Entry"), "number", sortable=True),
)
TRANSFERS = ("fund.transferred", "bank.transferred", "payable.settled")
INCOME = ("interest", "sales", "opening")
CHARTS = {
    "bank": "1002",
    "cash": "1001",
    "wallet": "1009",
    "inventory": "1201",
    "receivable": "1122",
    "payable": "2209",
}


@blueprint.get("/<book>/desk/journal")
@allow(*READERS)
def journal(book: str) -> ResponseReturnValue:
    """List all entries."""
    return _entries(book, (), "books/money/journal.html")


@blueprint.get("/<book>/desk/expenses")
@allow(*READERS)
def expenses(book: str) -> ResponseReturnValue:
    """List expenses."""
    return _entries(book, ("expense.recorded",), "books/money/expenses.html")


@blueprint.get("/<book>/desk/transfers")
@allow(*READERS)
def transfers(book: str) -> ResponseReturnValue:
    """List transfers between funds and between places, and other income."""
    return _entries(book, (*TRANSFERS, "income.received"), "books/money/transfers.html")


@blueprint.get("/<book>/desk/balances")
@allow(*READERS)
def balances(book: str) -> ResponseReturnValue:
    """Show what every account received, gave and holds."""
    with desk(book) as at:
        found = queries.balances(at.connection, at.row.id)
        if request.args.get("format") == "xlsx":
            return _balances_file(at, found)
        return page("books/money/balances.html", at, found=found)


@blueprint.get("/<book>/desk/funds")
@allow(*READERS)
def funds(book: str) -> ResponseReturnValue:
    """List funds and places."""
    with desk(book) as at:
        known = lookup.objects_of(at.connection, at.row.id, "fund")
        held = queries.balances(at.connection, at.row.id).held
        return page("books/money/funds.html", at, funds=known.values(), held=held, places=queries.PLACE_TYPES)


@blueprint.get("/<book>/desk/parties")
@allow(*sorted(FOUNDATION))
def parties(book: str) -> ResponseReturnValue:
    """List organizations, communities and social workers."""
    with desk(book) as at:
        found = queries.parties(at.connection, at.row.id, ("organization", "community", "worker"))
        looked(at, "names of social workers")
        return page("books/money/parties.html", at, parties=found)


@blueprint.route("/<book>/desk/funds/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def new_fund(book: str) -> ResponseReturnValue:
    """Open a fund."""
    with desk(book) as at:
        form = drafted(at, forms.FundForm, commands.OPEN_FUND)
        return _answer(at, form, commands.OPEN_FUND, "funds", lambda: (form.payload(), form.name.data))


@blueprint.route("/<book>/desk/funds/<code>/change", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def change_fund(book: str, code: str) -> ResponseReturnValue:
    """Change what is said of a fund."""
    with desk(book) as at:
        facts = _fund(at, code)
        old = {"restricted": "yes" if facts.get("restricted") else "no"}
        form = drafted(at, forms.FundForm, commands.CHANGE_FUND, data={**facts, **old})
        form.code.data = code
        return _answer(at, form, commands.CHANGE_FUND, "funds", lambda: (form.payload(), form.name.data), fixed=code)


@blueprint.route("/<book>/desk/funds/<code>/close", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def close_fund(book: str, code: str) -> ResponseReturnValue:
    """Close a fund that holds nothing."""
    with desk(book) as at:
        name = _fund(at, code)["name"]
        form = drafted(at, forms.ReasonForm, commands.CLOSE_FUND)
        asked = lambda: ({"code": code, "reason": form.said()}, name)  # noqa: E731  # one line, used once
        return _answer(at, form, commands.CLOSE_FUND, "funds", asked, what=name)


@blueprint.route("/<book>/desk/places/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def new_place(book: str) -> ResponseReturnValue:
    """Open a bank account, a wallet, a store."""
    with desk(book) as at:
        form = drafted(at, forms.PlaceForm, commands.OPEN_PLACE)

        def asked() -> tuple[dict[str, Any], str]:
            kind = form.kind.data
            facts = {"kind": kind, "code": form.code.data, "name": form.name.data, "chart": CHARTS[kind]}
            return facts, form.name.data

        return _answer(at, form, commands.OPEN_PLACE, "funds", asked)


@blueprint.route("/<book>/desk/parties/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def new_party(book: str) -> ResponseReturnValue:
    """Enter an organization, a community or a social worker."""
    with desk(book) as at:
        form = drafted(at, forms.PartyForm, commands.OPEN_PARTY)
        form.organization.choices = [("", "—"), *code_choices(at.connection, at.row.id, "organization")]
        return _answer(at, form, commands.OPEN_PARTY, "parties", lambda: (form.payload(), form.code.data))


@blueprint.route("/<book>/desk/expenses/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def new_expense(book: str) -> ResponseReturnValue:
    """Prepare an expense."""
    with desk(book) as at:
        form = drafted(at, forms.ExpenseForm, commands.SPEND)
        form.fund.choices = _accounts(at, "fund", "earmark")
        form.place.choices = _accounts(at, "bank", "wallet", "cash", "payable")
        form.project.choices = [("", "—"), *_budget_lines(at)]
        return _answer(at, form, commands.SPEND, None, lambda: (form.payload(), _yuan(form.amount.data)))


@blueprint.route("/<book>/desk/transfers/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def new_transfer(book: str) -> ResponseReturnValue:
    """Prepare a transfer between funds."""
    with desk(book) as at:
        form = drafted(at, forms.TransferForm, commands.TRANSFER)
        form.giver.choices = form.taker.choices = _accounts(at, "fund")
        return _answer(at, form, commands.TRANSFER, None, lambda: _moving(form, reason=form.reason.data))


@blueprint.route("/<book>/desk/transfers/places", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def new_move(book: str) -> ResponseReturnValue:
    """Prepare a move of money between places."""
    with desk(book) as at:
        form = drafted(at, forms.BetweenForm, commands.MOVE)
        form.giver.choices = form.taker.choices = _accounts(at, "bank", "wallet", "cash", "receivable")
        return _answer(at, form, commands.MOVE, None, lambda: _moving(form))


@blueprint.route("/<book>/desk/transfers/settle", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def settle(book: str) -> ResponseReturnValue:
    """Prepare the payment of what is owed."""
    with desk(book) as at:
        form = drafted(at, forms.BetweenForm, commands.SETTLE)
        form.giver.choices = _accounts(at, "bank", "wallet", "cash")
        form.taker.choices = _accounts(at, "payable")

        def asked() -> tuple[dict[str, Any], str]:
            facts = {"payable": form.taker.data, "place": form.giver.data, "amount": form.amount.data}
            return facts, _yuan(form.amount.data)

        return _answer(at, form, commands.SETTLE, None, asked)


@blueprint.route("/<book>/desk/income/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def new_income(book: str) -> ResponseReturnValue:
    """Prepare income that is no donation: interest, sales, an opening balance."""
    with desk(book) as at:
        form = drafted(at, forms.IncomeForm, commands.INCOME)
        known = dict(code_choices(at.connection, at.row.id, "source"))
        form.source.choices = [(code, word(SOURCES, code, voice(), known[code])) for code in INCOME if code in known]
        form.fund.choices = _accounts(at, "fund")
        form.place.choices = _accounts(at, "bank", "wallet", "cash")

        def asked() -> tuple[dict[str, Any], str]:
            names = ("source", "fund", "amount", "place")
            return {name: form[name].data for name in names}, _yuan(form.amount.data)

        return _answer(at, form, commands.INCOME, None, asked)


@blueprint.route("/<book>/desk/reverse", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def reverse(book: str) -> ResponseReturnValue:
    """Prepare the reversal of an entry, with what it would take back."""
    with desk(book) as at:
        form = drafted(at, forms.ReverseForm, commands.REVERSE)
        seq = _entry_number(form.seq.data or request.args.get("entry", ""))
        body = read_body(at.connection, at.row.id, seq)
        if body["kind"] not in REVERSIBLE:
            raise RuleError(
                "entry %(seq)s is %(kind)s: it is corrected by a change or a closing, not reversed",
                seq=seq,
                kind=body["kind"],
            )
        form.seq.data = str(seq)
        (line,) = entry_lines(at.connection, at.row.id, [seq])

        def asked() -> tuple[dict[str, Any], str]:
            worth = sum(flow["amount"] for flow in body["flows"] if flow["unit"] == "CNY")
            title = f"#{seq} {kind_name(body['kind'], voice())}"
            return {"seq": seq, "reason": form.said(), "worth": worth}, title

        return _answer(at, form, commands.REVERSE, None, asked, line=line)


Asking = tuple[dict[str, Any], str]
"""The payload of a request and its title."""


def _answer(
    at: At, form: Any, command: Command, to: str | None, asked: Callable[[], Asking], **values: Any
) -> ResponseReturnValue:
    """Show a form, or put its request forward; what takes effect at once leads back to its list."""
    if form.validate_on_submit():
        payload, title = asked()
        back = url_for(f"money.{to}", book=at.code) if to else ""
        answer = submit(at, command, form, payload, title=title, to=back)
        if answer:
            return answer
    name = command.name.removeprefix("money.")
    return page(f"books/money/{name}.html", at, form=form, command=command, **values)


def _moving(form: Any, **more: Any) -> Asking:
    payload = {"giver": form.giver.data, "taker": form.taker.data, "amount": form.amount.data, **more}
    names = form.giver.labels | form.taker.labels
    ends = (names[payload[end]].partition(" · ")[0] for end in ("giver", "taker"))
    return payload, f"{_yuan(form.amount.data)} · {' → '.join(ends)}"


def _yuan(fen: int | None) -> str:
    return quantities.amount(Quantity(fen or 0, YUAN), voice())


def _accounts(at: At, *kinds: str) -> list[tuple[str, str]]:
    spoken = voice()
    return account_choices(at.connection, at.row.id, *kinds, amount=lambda held: quantities.amount(held, spoken))


def _budget_lines(at: At) -> list[tuple[str, str]]:
    """List the budget lines of open projects as `project, newline, line`."""
    projects = lookup.objects_of(at.connection, at.row.id, "project").values()
    return [
        (f"{project.facts['code']}\n{line['line']}", f"{project.facts.get('name', '')} · {line['name']}")
        for project in projects
        if project.closed is None
        for line in project.facts.get("budget", ())
    ]


def _fund(at: At, code: str) -> dict[str, Any]:
    found = lookup.objects(at.connection, at.row.id, [f"fund:{code}"]).get(f"fund:{code}")
    if found is None or found.closed is not None:
        raise NotFoundError("there is no open fund '%(code)s' in this book", code=code)
    return found.facts


def _entry_number(text: str) -> int:
    number = str(text).strip().removeprefix("#")
    if not (number.isascii() and number.isdigit()) or len(number) > 15:  # noqa: PLR2004  # digits of an entry's number
        raise NotFoundError("'%(text)s' is not the number of an entry", text=str(text)[:40])
    return int(number)


def _entries(book: str, kinds: tuple[str, ...], template: str) -> ResponseReturnValue:
    """Show a list of entries of some kinds, or of all."""
    with desk(book) as at:
        asked = ask(ENTRIES, "-seq")
        known = kinds or lookup.kinds_of(at.connection, at.row.id)
        kind = address.choice("kind", known)
        since, until = address.day("since"), address.day("until")
        chosen = queries.Chosen((kind,) if kind else kinds, since, until, asked.words)
        pager = asked.pager(queries.count_entries(at.connection, at.row.id, at.row.size, chosen))
        rows = queries.list_entries(
            at.connection,
            at.row.id,
            chosen,
            asked.sort,
            descending=asked.descending,
            limit=asked.limit,
            offset=(pager.number - 1) * pager.size,
        )
        if asked.xlsx:
            return xlsx_response(ENTRIES, map(_cells, rows), f"{at.code}-{template.rsplit('/', maxsplit=1)[-1][:-5]}")
        listing = Listing(ENTRIES, rows, pager, asked)
        return page(
            template,
            at,
            listing=listing,
            kinds=[(one, kind_name(one, voice())) for one in known],
            chosen=chosen,
            kind=kind,
            reversible=REVERSIBLE,
        )


def _cells(line: EntryLine) -> dict[str, Any]:
    spoken = voice()
    return {
        "dated": line.dated,
        "what": f"{kind_name(line.kind, spoken)} {entry_sentence(line, spoken).striptags()}",
        "amount": line.quantities[0] if len(line.quantities) == 1 else None,
        "seq": line.seq,
    }


def _balances_file(at: At, found: Balances) -> ResponseReturnValue:
    columns = (
        Column("account", _("Account")),
        Column("unit", _("Unit")),
        Column("received", _("Received"), "amount"),
        Column("given", _("Given"), "amount"),
        Column("balance", _("Holds"), "amount"),
    )
    rows = (
        {
            "account": f"{held.account.address} {held.account.name}",
            "unit": held.balance.unit.code,
            "received": held.received,
            "given": held.given,
            "balance": held.balance,
        }
        for lines in found.held.values()
        for held in lines
    )
    return xlsx_response(columns, rows, f"{at.code}-balances")
