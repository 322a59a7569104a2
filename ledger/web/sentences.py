"""Sentences with the figures in them: what a page says before it shows a table.

Each takes a value and the voice, and returns markup in which figures are marked. A text is
translated whole, never glued from words; clauses are joined by the voice's comma.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from ledger.web import labels
from ledger.web.pages import Quantity
from ledger.web.quantities import HIDDEN_BELOW, amount, day, quantity, residents

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ledger.web.pages import (
        EntryLine,
        FundCard,
        GiftsTogether,
        HomePage,
        Origin,
        Ref,
        ServiceCard,
        Share,
        Totals,
        TraceEvent,
        TracePage,
    )
    from ledger.web.voice import Voice

N_ = labels.N_
MOST = 2  # places named in a clause before the others are counted


def trace_sentence(view: TracePage, voice: Voice) -> Markup:
    """Say what became of a gift (您的 ¥1,000.00 里，¥640.00 已变成 23 次服务，……)."""
    gift = _strong(quantity(view.gift.quantity, voice))
    if len(view.shares) == 1:
        whole = Markup("<b>{}</b>").format(voice.gettext("all of it"))
        clause = _clause(view.shares[0], whole, view.service_count, voice)
        return voice.say(voice.gettext("Of your %(gift)s, %(clause)s."), gift=gift, clause=clause)
    clauses = [
        _clause(share, _strong(amount(share.quantity, voice)), view.service_count, voice) for share in view.shares
    ]
    return voice.say(voice.gettext("Of your %(gift)s: %(clauses)s."), gift=gift, clauses=voice.join(clauses))


def gifts_sentence(view: GiftsTogether, voice: Voice) -> Markup:
    """Say what became of several gifts (您的 3 笔捐赠共 ¥1,000.00，其中 ¥640.00 已变成 23 次服务，……)."""
    sums = _strong(quantity(view.quantity, voice))
    gifts = _counted(voice.ngettext("%(num)s gift", "%(num)s gifts", view.gifts), view.gifts, voice)
    if len(view.shares) == 1:
        whole = Markup("<b>{}</b>").format(voice.gettext("all of it"))
        clause = _clause(view.shares[0], whole, view.service_count, voice)
        return voice.say(
            voice.gettext("Of your %(sum)s in %(gifts)s, %(clause)s."), sum=sums, gifts=gifts, clause=clause
        )
    clauses = [
        _clause(share, _strong(amount(share.quantity, voice)), view.service_count, voice) for share in view.shares
    ]
    text = voice.gettext("Of your %(sum)s in %(gifts)s: %(clauses)s.")
    return voice.say(text, sum=sums, gifts=gifts, clauses=voice.join(clauses))


def _clause(share: Share, what: Markup, services: int, voice: Voice) -> Markup:
    """Say where one part is."""
    where = _places(share, voice)
    if share.bucket == "service":
        text = voice.ngettext(
            "%(amount)s has become %(num)s service", "%(amount)s has become %(num)s services", services
        )
        return voice.say(text, amount=what, num=_strong(f"{services:,}"))
    known = {
        "issued": voice.gettext("%(amount)s was handed to %(where)s"),
        "expense": voice.gettext("%(amount)s was spent on %(where)s"),
        "organization": voice.gettext("%(amount)s waits with %(where)s to be used"),
        "fund": voice.gettext("%(amount)s still waits in %(where)s"),
        "refunded": voice.gettext("%(amount)s was returned to you"),
        "lost": voice.gettext("%(amount)s was written off as lost"),
    }
    text = known.get(share.bucket, voice.gettext("%(amount)s went to other purposes"))
    if share.where and all(place.type == "source" for place in share.where):
        text = voice.gettext("%(amount)s was reversed, because the record of the gift was taken back")
    return voice.say(text, amount=what, where=where)


def _places(share: Share, voice: Voice) -> Markup:
    """Name one or two places; of more, the first and how many others; of none, their kind."""
    names = [_place(place, voice) for place in share.where]
    if not names:
        kinds = {"organization": voice.gettext("organizations"), "fund": voice.gettext("the funds")}
        return Markup("{}").format(kinds.get(share.bucket, voice.gettext("several purposes")))
    if len(names) <= MOST:
        return voice.enumerate(names)
    others = len(names) - 1
    text = voice.ngettext("%(first)s and %(num)s other", "%(first)s and %(num)s others", others)
    return voice.say(text, first=names[0], num=others)


def _place(place: Ref, voice: Voice) -> Markup:
    """Name a place; what is kept for a purpose inside a fund is named by the purpose."""
    name = labels.name(place, voice)
    if place.type != "earmark":
        return Markup("{}").format(name)
    return voice.say(voice.gettext("the part kept for “%(purpose)s”"), purpose=name)


def home_sentence(view: HomePage, voice: Voice) -> Markup:
    """Say what a book received and what it became."""
    money = next((totals for totals in view.totals if totals.unit.kind == "money"), None)
    if not view.gifts or view.since is None:
        return Markup("{}").format(voice.gettext("No gift has been recorded yet."))
    gifts = _counted(voice.ngettext("%(num)s gift", "%(num)s gifts", view.gifts), view.gifts, voice)
    since = day(view.since, voice)
    if money is None or not money.received:
        text = voice.gettext("Since %(since)s, %(gifts)s have been received.")
        return voice.say(text, since=since, gifts=gifts)
    received = _strong(amount(Quantity(money.received, money.unit), voice))
    text = voice.gettext("Since %(since)s, %(gifts)s have been received, %(received)s of it in money:")
    clauses = _home_clauses(money, view.services_count, voice)
    return voice.say(text, since=since, gifts=gifts, received=received) + voice.say(
        voice.gettext(" %(clauses)s."), clauses=voice.join(clauses)
    )


def _home_clauses(money: Totals, services: int, voice: Voice) -> list[Markup]:
    """Say what the money became, what went elsewhere and what waits; nothing of a part that is zero."""
    became = voice.ngettext("%(amount)s has become %(num)s service", "%(amount)s has become %(num)s services", services)
    elsewhere = money.issued + money.expense + money.refunded + money.lost + money.moved
    parts = (
        (money.services, became),
        (elsewhere, voice.gettext("%(amount)s went to costs and other purposes")),
        (money.held + money.passed, voice.gettext("%(amount)s waits to be used")),
    )
    return [
        voice.say(
            text,
            amount=_strong(amount(Quantity(part, money.unit), voice)),
            num=_strong(f"{services:,}"),
        )
        for part, text in parts
        if part
    ]


def fund_sentence(card: FundCard, voice: Voice) -> Markup:
    """Say what came into a fund and where it is."""
    totals = card.totals
    if not totals.received:
        return _no_money(card, voice)
    gifts = _counted(voice.ngettext("%(num)s gift", "%(num)s gifts", card.gifts), card.gifts, voice)
    received = _strong(amount(Quantity(totals.received, totals.unit), voice))
    clauses = voice.join([_fund_clause(card, share, voice) for share in totals.shares])
    if card.given == totals.received:
        text = voice.gettext("%(received)s came into this fund in %(gifts)s:")
        return voice.say(text, received=received, gifts=gifts) + voice.say(
            voice.gettext(" %(clauses)s."), clauses=clauses
        )
    parts = voice.join(_fund_parts(card, gifts, voice))
    text = voice.gettext("%(received)s came into this fund: %(parts)s.")
    return voice.say(text, received=received, parts=parts) + voice.say(
        voice.gettext(" Of all this, %(clauses)s."), clauses=clauses
    )


def _no_money(card: FundCard, voice: Voice) -> Markup:
    """Say that no money came in, and how many kinds of goods did."""
    if not card.kinds:
        return Markup("{}").format(voice.gettext("Nothing has come into this fund yet."))
    text = voice.ngettext(
        "This fund received %(num)s kind of goods, and no money.",
        "This fund received %(num)s kinds of goods, and no money.",
        card.kinds,
    )
    return _counted(text, card.kinds, voice)


def _fund_parts(card: FundCard, gifts: Markup, voice: Voice) -> list[Markup]:
    """Say how much came as gifts, as other income and from other funds."""
    parts = (
        (card.given, voice.gettext("%(sum)s in %(gifts)s")),
        (card.income, voice.gettext("%(sum)s as income other than gifts")),
        (card.transferred, voice.gettext("%(sum)s from other funds")),
    )
    unit = card.totals.unit
    return [
        voice.say(text, sum=_strong(amount(Quantity(part, unit), voice)), gifts=gifts) for part, text in parts if part
    ]


def _fund_clause(card: FundCard, share: Share, voice: Voice) -> Markup:
    """Say where one part of a fund is."""
    what = _strong(amount(share.quantity, voice))
    if share.bucket == "refunded":
        return voice.say(voice.gettext("%(amount)s was returned to donors"), amount=what)
    known = {
        "fund": voice.gettext("%(amount)s still waits in this fund"),
        "expense": voice.gettext("%(amount)s went to costs"),
        "moved": voice.gettext("%(amount)s was given to other funds"),
    }
    if share.bucket in known:
        return voice.say(known[share.bucket], amount=what)
    return _clause(share, what, card.services, voice)


def origin_sentence(origin: Origin, voice: Voice) -> Markup:
    """Say how many gifts made a service and from when to when; never who."""
    unit = origin.quantity.unit
    gifts = _counted(voice.ngettext("%(num)s gift", "%(num)s gifts", origin.gifts), origin.gifts, voice)
    given = Quantity(origin.quantity.amount - origin.otherwise * bool(origin.gifts), unit)
    one = origin.earliest == origin.latest
    said = voice.say(
        voice.gettext(_origin_text(origin, one=one)),
        what=_strong(quantity(given, voice)),
        gifts=gifts,
        date=day(origin.earliest, voice),
        since=day(origin.earliest, voice),
        until=day(origin.latest, voice),
    )
    if not origin.gifts or not origin.otherwise:
        return said
    text = voice.gettext(" %(what)s more is income other than gifts.")
    if unit.kind == "hours":
        text = voice.gettext(" %(what)s more was given by volunteers on the spot.")
    return said + voice.say(text, what=_strong(quantity(Quantity(origin.otherwise, unit), voice)))


def _origin_text(origin: Origin, *, one: bool) -> str:
    """Choose the text for gifts, for hours given on the spot, or for income that is no gift; of one day or several."""
    if origin.gifts and one:
        return N_("%(what)s out of %(gifts)s, received on %(date)s.")
    if origin.gifts:
        return N_("%(what)s out of %(gifts)s, received between %(since)s and %(until)s.")
    if origin.quantity.unit.kind == "hours":
        return N_("%(what)s that volunteers gave on the spot, recorded for this service itself.")
    if one:
        return N_("%(what)s of income other than gifts, received on %(date)s.")
    return N_("%(what)s of income other than gifts, received between %(since)s and %(until)s.")


def service_sentence(card: ServiceCard, voice: Voice) -> Markup:
    """Say what was done, when, where, by whom and for how many."""
    when = day(card.dated, voice)
    where = labels.name(card.community, voice) if card.community else ""
    who = labels.name(card.organization, voice) if card.organization else ""
    texts = {
        (True, True): voice.gettext("On %(date)s, %(who)s delivered it in %(where)s."),
        (True, False): voice.gettext("On %(date)s it took place in %(where)s."),
        (False, True): voice.gettext("On %(date)s, %(who)s delivered it."),
        (False, False): voice.gettext("It took place on %(date)s."),
    }
    text = texts[bool(where), bool(who)]
    said = voice.say(text, date=when, who=Markup("<b>{}</b>").format(who), where=Markup("<b>{}</b>").format(where))
    if card.residents <= 0:
        return said
    if card.residents < HIDDEN_BELOW:
        return said + voice.say(voice.gettext(" Fewer than %(num)s residents took part."), num=HIDDEN_BELOW)
    people = voice.ngettext(" %(num)s resident took part.", " %(num)s residents took part.", card.residents)
    return said + voice.say(people, num=_strong(residents(card.residents)))


def entry_sentence(line: EntryLine, voice: Voice) -> Markup:
    """Say what an entry records, in one clause and without its date."""
    what = voice.enumerate(_strong(quantity(part, voice)) for part in line.quantities)
    values = {
        "what": what,
        "giver": _named(line.giver, voice),
        "receiver": _named(line.receiver, voice),
        "subject": _named(line.subject, voice),
        "number": _strong(str(line.reverses)),
    }
    return voice.say(voice.gettext(_entry_text(line)), **values)


def _entry_text(line: EntryLine) -> str:
    """Choose the text that has what it needs; a kind without one is told by its flow or its subject."""
    if line.kind == "entry.reversed" and line.reverses is not None:
        return N_("Entry %(number)s was reversed; what it moved went back")
    with_flow = line.giver is not None and line.receiver is not None and bool(line.quantities)
    if with_flow:
        return FLOW_TEXTS.get(line.kind, N_("%(what)s went from %(giver)s to %(receiver)s"))
    if line.kind == "grant.awarded" and line.quantities and line.subject is not None:
        return N_("The grant %(subject)s of %(what)s was awarded")
    known = PLAIN_TEXTS.get(line.kind) or EFFECT_TEXTS.get(line.kind.rpartition(".")[2])
    if known is not None and (line.subject is not None or "subject" not in known):
        return known
    return N_("%(what)s was recorded") if line.quantities else N_("A fact was recorded")


def event_sentence(event: TraceEvent, giver: Markup, receiver: Markup, voice: Voice) -> Markup:
    """Say one step of a gift; the two places come with their links."""
    text = EVENT_TEXTS.get(event.kind, N_("%(sum)s went from %(giver)s to %(where)s"))
    return voice.say(voice.gettext(text), sum=amount(event.quantity, voice), giver=giver, where=receiver)


EVENT_TEXTS: Mapping[str, str] = {
    "donation.received": N_("%(sum)s came into %(where)s"),
    "donation.refunded": N_("%(sum)s was returned to the donor"),
    "service.delivered": N_("%(sum)s became the service %(where)s"),
    "goods.issued": N_("%(sum)s was handed to %(where)s"),
    "expense.recorded": N_("%(sum)s was spent on %(where)s"),
    "loss.recorded": N_("%(sum)s was written off as lost"),
    "entry.reversed": N_("A reversal took %(sum)s back to %(where)s"),
}
FLOW_TEXTS: Mapping[str, str] = {
    "donation.received": N_("%(giver)s gave %(what)s to %(receiver)s"),
    "donation.refunded": N_("%(what)s was refunded out of %(giver)s"),
    "income.received": N_("%(what)s of income (%(giver)s) came into %(receiver)s"),
    "grant.paid": N_("%(giver)s paid %(what)s to %(receiver)s"),
    "grant.returned": N_("%(giver)s returned %(what)s to %(receiver)s"),
    "service.delivered": N_("%(what)s of %(giver)s became the service %(receiver)s"),
    "goods.issued": N_("%(what)s of %(giver)s was handed to %(receiver)s"),
    "expense.recorded": N_("%(giver)s spent %(what)s on %(receiver)s"),
    "fund.transferred": N_("%(what)s was moved from %(giver)s to %(receiver)s"),
    "loss.recorded": N_("%(what)s of %(giver)s was lost and written off"),
}
PLAIN_TEXTS: Mapping[str, str] = {
    "book.opened": N_("The book was opened"),
    "grant.awarded": N_("The grant %(subject)s was awarded"),
    "service.delivered": N_("The service %(subject)s was delivered"),
    "service.confirmed": N_("The service %(subject)s was confirmed"),
    "bank.transferred": N_("Money was moved between the foundation’s own accounts"),
    "payable.settled": N_("A payable was settled"),
    "import.completed": N_("A list was imported"),
    "person.erased": N_("A person’s data was erased; the figures stay"),
    "decision.recorded": N_("A decision was recorded with its minutes"),
    "disclosure.published": N_("Figures were published"),
    "disclosure.corrected": N_("Published figures were corrected"),
    "claim.filed": N_("Services were claimed under a contract"),
    "key.rotated": N_("The key that signs the log was replaced"),
}
EFFECT_TEXTS: Mapping[str, str] = {
    "opened": N_("%(subject)s was opened"),
    "changed": N_("%(subject)s was changed"),
    "closed": N_("%(subject)s was closed"),
}


def _strong(text: str) -> Markup:
    return Markup('<b class="num">{}</b>').format(text)


def _named(ref: Ref | None, voice: Voice) -> Markup:
    return Markup("<b>{}</b>").format(labels.name(ref, voice)) if ref else Markup()


def _counted(text: str, number: int, voice: Voice) -> Markup:
    return voice.say(text, num=_strong(f"{number:,}"))


SENTENCES: tuple[Callable[..., Markup], ...] = (
    trace_sentence,
    gifts_sentence,
    home_sentence,
    fund_sentence,
    origin_sentence,
    service_sentence,
    entry_sentence,
    event_sentence,
)
