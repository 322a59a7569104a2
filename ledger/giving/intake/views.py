"""Pages of what comes in: gifts one by one, earmarks, campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ledger.core.errors import NotFoundError
from ledger.desk.forms import At, desk, drafted, looked, page, submit
from ledger.extensions import db
from ledger.giving.intake import actions, choices, commands, forms, queries, search
from ledger.giving.intake import campaigns as calls
from ledger.giving.intake import earmarks as kept
from ledger.journal.engine import write_transaction
from ledger.web import asked as address
from ledger.web import labels, quantities
from ledger.web.access import actor, allow
from ledger.web.actor import Role
from ledger.web.listing import MOST_EXPORTED, SIZE, Asked, Column, Listing, ask, xlsx_response
from ledger.web.locale import voice
from ledger.web.pages import YUAN, Pager, Quantity

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("intake", __name__)

READERS = (Role.ACCOUNTANT, Role.APPROVER, Role.AUDITOR)
GIFTS = (
    Column("dated", _l("Date"), "date", sortable=True),
    Column("amount", _l("Gift"), "amount"),
    Column("fund", _l("Fund and purpose")),
    Column("donor", _l("Donor")),
    Column("channel", _l("Channel")),
    Column("state", _l("State")),
    Column("seq", _l("Entry"), "number", sortable=True),
)
FILED = (
    Column("dated", _l("Date"), "date"),
    Column("kind", _l("Kind")),
    Column("amount", _l("Quantity"), "amount"),
    Column("unit", _l("Unit")),
    Column("value", _l("Fair value (yuan)"), "amount"),
    Column("fund", _l("Fund")),
    Column("purpose", _l("Purpose")),
    Column("donor", _l("Donor")),
    Column("channel", _l("Channel")),
    Column("campaign", _l("Campaign")),
    Column("receipt_code", _l("Receipt code")),
    Column("receipt", _l("Receipt number")),
    Column("state", _l("State")),
    Column("seq", _l("Entry"), "number"),
)
EARMARKS = (
    Column("purpose", _l("Purpose")),
    Column("fund", _l("Fund")),
    Column("received", _l("Received"), "amount", sortable=True),
    Column("left", _l("Left"), "amount", sortable=True),
    Column("gifts", _l("Gifts"), "number", sortable=True),
    Column("opened", _l("Entry"), "number", sortable=True),
)
STATES = {
    "standing": _l("standing"),
    "reversed": _l("reversed"),
    "refunded": _l("refunded"),
    "partly refunded": _l("refunded in part"),
}
KINDS = {"money": _l("Money"), "goods": _l("Goods"), "hours": _l("Hours")}
BATCH = 2_000  # gifts read at once for a workbook
SERIES = ("resource", "taker", "place", "store", "campaign", "channel", "dated", "source")  # kept from gift to gift


@blueprint.get("/<book>/desk/gifts")
@allow(*READERS)
def gifts(book: str) -> ResponseReturnValue:
    """List the gifts of a book, newest first."""
    chosen = _chosen()
    with desk(book) as at:
        if request.args.get("format") == "xlsx":
            return _gifts_file(at, chosen)
        found = search.find_gifts(at.connection, at.row.id, chosen, SIZE)
        rows = queries.gift_rows(at.connection, at.row.id, found.seqs)
        asked = Asked(1, chosen.sort, chosen.descending, chosen.words, xlsx=False)
        if any(row.donor for row in rows):
            looked(at, "names of donors")
        return page(
            "giving/intake/gifts.html",
            at,
            listing=Listing(GIFTS, rows, Pager(1, SIZE, len(rows)), asked),
            found=found,
            chosen=chosen,
            known=choices.known(at.connection, at.row.id),
            channel_choices=[(code, _(words)) for code, words in choices.CHANNELS.items()],
            states=STATES,
            kinds=KINDS,
        )


def _chosen() -> search.Chosen:
    """Read what is asked of the list of gifts."""
    since, until = address.day("since"), address.day("until")
    sort = request.args.get("sort", "-dated")
    key = sort.removeprefix("-") if sort.removeprefix("-") in search.SORTS else "dated"
    return search.Chosen(
        since.isoformat() if since else "",
        until.isoformat() if until else "",
        address.word("fund", 140),
        address.choice("kind", search.KINDS) or "",
        address.word("campaign"),
        address.word("channel"),
        address.choice("receipt", ("yes", "no")) or "",
        address.word("search"),
        key,
        sort.startswith("-"),
        search.Cursor.read(request.args.get("page", "")),
    )


def _gifts_file(at: At, chosen: search.Chosen) -> ResponseReturnValue:
    """Write the gifts that fit as a workbook, at most `MOST_EXPORTED` of them."""
    rows: list[dict[str, Any]] = []
    chosen = chosen._replace(cursor=None)
    while len(rows) < MOST_EXPORTED:
        found = search.find_gifts(at.connection, at.row.id, chosen, BATCH)
        rows += [_cells(row) for row in queries.gift_rows(at.connection, at.row.id, found.seqs)]
        cursor = found.next or found.reached
        if cursor is None:
            break
        chosen = chosen._replace(cursor=cursor)
    looked(at, "names of donors, as a workbook")
    return xlsx_response(FILED, rows[:MOST_EXPORTED], f"{at.code}-gifts")


def _cells(row: queries.GiftRow) -> dict[str, Any]:
    unit, here = row.quantity.unit, voice()
    return {
        "dated": row.dated,
        "kind": str(KINDS[unit.kind]),
        "amount": row.quantity,
        "unit": unit.name if unit.kind == "goods" else unit.measure,
        "value": row.value,
        "fund": labels.name(row.fund, here),
        "purpose": row.taker.name if row.earmarked else "",
        "donor": row.donor or _("unnamed"),
        "channel": channel_name(row.channel),
        "campaign": row.campaign.name if row.campaign else "",
        "receipt_code": row.receipt.code if row.receipt else "",
        "receipt": row.receipt.number if row.receipt else "",
        "state": str(STATES[row.state]),
        "seq": row.seq,
    }


@blueprint.get("/<book>/desk/gifts/<int:seq>")
@allow(*READERS)
def gift(book: str, seq: int) -> ResponseReturnValue:
    """Show everything about one gift; its tracking code to those who hand it to the donor."""
    return _gift(book, seq, forms.ReceiptForm())


def _gift(book: str, seq: int, form: forms.ReceiptForm) -> ResponseReturnValue:
    with desk(book) as at:
        found = queries.gift_page(at.connection, at.row, seq, current_app.config["CODE_KEY"])
        if found.row.receipt and not form.is_submitted():
            form = forms.ReceiptForm(data=found.row.receipt._asdict())
        looked(at, "a gift with its donor and code", f"donation:{seq}")
        hands_over = at.actor.has(book, Role.ACCOUNTANT, Role.APPROVER)
        code = found.code if hands_over and found.row.state != "reversed" else ""
        return page("giving/intake/gift.html", at, it=found, code=code, form=form, states=STATES)


@blueprint.post("/<book>/desk/gifts/<int:seq>/receipt")
@allow(Role.ACCOUNTANT)
def receipt(book: str, seq: int) -> ResponseReturnValue:
    """Keep the code and number of the official receipt, beside the ledger."""
    form = forms.ReceiptForm()
    if not form.validate_on_submit():
        return _gift(book, seq, form)
    with desk(book) as at:
        if not queries.gift_rows(at.connection, at.row.id, [seq]):
            raise NotFoundError("entry %(seq)s of this book is not a gift", seq=seq)
        book_id, by = at.row.id, at.actor.code
    with write_transaction(db.engine) as connection:
        actions.note_receipt(connection, book_id, seq, by, form.code.data, form.number.data, form.check.data)
    looked(at, "noted a receipt", f"donation:{seq}")
    flash(_("The receipt is noted. It stands beside the ledger, not on it."), "done")
    return redirect(url_for("intake.gift", book=book, seq=seq), 303)


@blueprint.get("/<book>/desk/gifts/of/<code>")
@allow(*READERS)
def gift_of(book: str, code: str) -> ResponseReturnValue:
    """Lead from a proposal to the gift that it put on the ledger."""
    with desk(book) as at:
        seq = queries.gift_of_proposal(at.connection, at.row.id, code)
    return redirect(url_for("intake.gift", book=book, seq=seq)) if seq is not None else abort(404)


@blueprint.route("/<book>/desk/gifts/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def new_gift(book: str) -> ResponseReturnValue:
    """Enter a gift of money, goods or hours."""
    with desk(book) as at:
        form = drafted(at, forms.GiftForm, commands.RECEIVE)
        if request.method == "GET" and not request.args.get("draft"):
            form.process(data={name: request.args[name] for name in SERIES if request.args.get(name)} | _kept_day())
        known = choices.known(at.connection, at.row.id)
        forms.offer(form, known)
        form.known = _scales(at, form)
        if form.validate_on_submit():
            payload = form.payload()
            again = request.form.get("again") == "yes"
            series = {name: request.form[name] for name in SERIES if request.form.get(name)} | {"again": "yes"}
            to = f"{url_for('intake.new_gift', book=book)}?{urlencode(series)}" if again else ""
            answer = submit(at, commands.RECEIVE, form, payload, title=_title(payload, known), to=to)
            if answer:
                return answer
        return page(
            "giving/intake/new_gift.html",
            at,
            form=form,
            mine=choices.entered_today(at.connection, at.row.id, at.actor.code, commands.RECEIVE.name),
            goods=choices.goods_known(at.connection, at.row.id),
            purposes=choices.purposes_known(at.connection, at.row.id),
            series=request.args.get("again") == "yes",
        )


def _kept_day() -> dict[str, Any]:
    day = address.day("dated")
    return {"dated": day} if day else {}


def _scales(at: At, form: forms.GiftForm) -> dict[str, int]:
    """Read the scale of the goods on a form that was sent."""
    code = form.unit_code() if form.is_submitted() else ""
    scale = choices.unit_scale(at.connection, at.row.id, code) if code else None
    return {} if scale is None else {code: scale}


def _title(payload: dict[str, Any], known: choices.Known) -> str:
    """Say a gift in a line without personal data: ¥500.00 → 互助基金."""
    funds = dict(known.funds)
    what = quantities.quantity(Quantity(payload["amount"], forms.unit_of_payload(payload)), voice())
    return f"{what} → {payload.get('purpose') or funds.get(payload['taker'], payload['taker'])}"[:120]


# ------------------------------------------------------------------ refunds and redirections


@blueprint.route("/<book>/desk/gifts/refund", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def refund(book: str) -> ResponseReturnValue:
    """Prepare to give a gift back, as far as it still lies in funds."""
    with desk(book) as at:
        form = drafted(at, forms.RefundForm, commands.REFUND)
        it = _gift_asked(at, form)
        known = choices.known(at.connection, at.row.id)
        kind = it.row.quantity.unit.kind
        form.place.choices = {"money": known.places, "goods": known.stores}.get(kind, [("", _("nowhere: hours"))])
        if form.validate_on_submit():
            payload = {"donation": it.row.seq, "amount": form.units, "reason": form.reason.data}
            payload |= {"place": form.place.data or "", "worth": _worth(it, form.units)}
            answer = submit(at, commands.REFUND, form, payload, title=_about(it, form.units, _("refund")))
            if answer:
                return answer
        return page("giving/intake/refund.html", at, form=form, it=it)


@blueprint.route("/<book>/desk/gifts/redirect", methods=["GET", "POST"], endpoint="redirect")
@allow(Role.ACCOUNTANT)
def redirect_gift(book: str) -> ResponseReturnValue:
    """Prepare to redirect an earmarked gift, with the donor's consent."""
    with desk(book) as at:
        form = drafted(at, forms.RedirectForm, commands.REDIRECT)
        it = _gift_asked(at, form, earmarked=True)
        forms.offer(form, choices.known(at.connection, at.row.id))
        purposes = choices.purposes_known(at.connection, at.row.id)
        if form.validate_on_submit():
            payload = {
                "donation": it.row.seq,
                "amount": form.units,
                "taker": form.taker.data,
                "purpose": form.purpose.data,
                "reason": form.reason.data,
                "consent": {"dated": str(form.agreed.data), "how": form.how.data},
                "evidence": form.evidence.data,
                "worth": _worth(it, form.units),
            }
            answer = submit(at, commands.REDIRECT, form, payload, title=_about(it, form.units, _("redirect")))
            if answer:
                return answer
        return page("giving/intake/redirect.html", at, form=form, it=it, purposes=purposes)


def _gift_asked(at: At, form: forms.PartForm, *, earmarked: bool = False) -> queries.GiftPage:
    """Read the gift of a form, and propose all that is left of it."""
    text = form.gift.data or request.args.get("gift", "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):  # noqa: PLR2004  # digits of 2^53
        raise NotFoundError("name the gift by the number of its entry")
    it = queries.gift_page(at.connection, at.row, int(text), current_app.config["CODE_KEY"])
    form.gift.data, form.unit = text, forms.counting(it.row.quantity.unit)
    if not form.amount.data and not form.is_submitted():
        form.fill(it.in_earmark if earmarked else it.left)
    return it


def _worth(it: queries.GiftPage, amount: int) -> int:
    """Return what a part of a gift is worth, in fen: of goods, its share of the fair value."""
    whole = it.row.quantity
    if whole.unit.code == YUAN.code:
        return amount
    return it.row.value.amount * amount // whole.amount if it.row.value else 0


def _about(it: queries.GiftPage, amount: int, what: str) -> str:
    said = quantities.quantity(Quantity(amount, it.row.quantity.unit), voice())
    return f"{said} · #{it.row.seq} · {what}"


# ------------------------------------------------------------------ earmarks and campaigns


@blueprint.get("/<book>/desk/earmarks")
@allow(*READERS)
def earmarks(book: str) -> ResponseReturnValue:
    """List what was given for purposes, and what is left of it."""
    with desk(book) as at:
        asked = ask(EARMARKS, "-left")
        fund, every = address.word("fund").removeprefix("fund:"), address.choice("left", ("all",)) == "all"
        which = kept.which_earmarks(at.connection, at.row.id, fund, left=not every)
        pager = asked.pager(kept.count_earmarks(at.connection, which))
        order = kept.Order(asked.sort, asked.descending, asked.limit, (pager.number - 1) * pager.size)
        rows = kept.earmarks(at.connection, at.row.id, which, order)
        if asked.xlsx:
            return xlsx_response(EARMARKS, [_earmark_cells(row) for row in rows], f"{at.code}-earmarks")
        known = choices.known(at.connection, at.row.id)
        listing = Listing(EARMARKS, rows, pager, asked)
        return page("giving/intake/earmarks.html", at, listing=listing, fund=fund, every=every, known=known)


def _earmark_cells(row: kept.Earmark) -> dict[str, Any]:
    named = {"purpose": row.ref.name, "fund": labels.name(row.fund, voice()), "received": row.received}
    return named | {"left": row.left, "gifts": row.gifts, "opened": row.opened}


@blueprint.get("/<book>/desk/campaigns")
@allow(*READERS)
def campaigns(book: str) -> ResponseReturnValue:
    """List the campaigns with what each received so far."""
    with desk(book) as at:
        lines, sums = calls.campaign_lines(at.connection, at.row)
        calls.keep_sums(db.engine, at.row, sums)
        return page("giving/intake/campaigns.html", at, lines=lines)


@blueprint.route("/<book>/desk/campaigns/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def new_campaign(book: str) -> ResponseReturnValue:
    """Open a campaign."""
    with desk(book) as at:
        form = drafted(at, forms.CampaignForm, commands.OPEN_CAMPAIGN)
        pairs = choices.known(at.connection, at.row.id).funds
        form.fund.choices = [(value.partition(":")[2], name) for value, name in pairs]
        if form.validate_on_submit():
            to = url_for("intake.campaign", book=book, code=form.code.data)
            answer = submit(at, commands.OPEN_CAMPAIGN, form, form.payload(), title=form.name.data, to=to)
            if answer:
                return answer
        return page("giving/intake/new_campaign.html", at, form=form)


@blueprint.route("/<book>/desk/campaigns/<code>", methods=["GET", "POST"])
@allow(*READERS)
def campaign(book: str, code: str) -> ResponseReturnValue:
    """Show a campaign day by day; close it."""
    with desk(book) as at:
        form = forms.CloseForm()
        (line, *_rest), sums = calls.campaign_lines(at.connection, at.row, code=code)
        if request.method == "POST" and not actor().has(book, Role.ACCOUNTANT):
            abort(403)
        if form.validate_on_submit():
            payload, to = {"code": code, "reason": form.reason.data}, url_for("intake.campaigns", book=book)
            answer = submit(at, commands.CLOSE_CAMPAIGN, form, payload, title=line.ref.name, to=to)
            if answer:
                return answer
        days = calls.campaign_days(at.connection, at.row, sums[code])
        calls.keep_sums(db.engine, at.row, sums)
        return page("giving/intake/campaign.html", at, it=line, days=days, form=form)


@blueprint.app_template_global("channel_name")
def channel_name(code: str) -> str:
    """Name a way by which gifts come; what a list called it, when it is none of ours."""
    return str(_(choices.CHANNELS[code])) if code in choices.CHANNELS else code
