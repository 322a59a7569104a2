"""A book is opened; an entry is reversed."""

from typing import Any

from sqlalchemy import or_, select

from ledger.core.entry import REVERSIBLE, Body, Draft, Effect, Move, Posting, subject_of
from ledger.core.errors import AlreadyOpenError, NotFreeError, RuleError
from ledger.core.spans import Span
from ledger.journal import tables as t
from ledger.journal.append import Appended, Writer, create_book
from ledger.journal.checks import read_body
from ledger.people.actions import Act, one
from ledger.programs.actions import standing_payments

CHART = "npo-2004"
SOURCES = (
    ("individual", "个人捐赠", "donation"),
    ("organization", "单位捐赠", "donation"),
    ("public", "公众小额捐赠", "donation"),
    ("volunteer", "志愿服务时间", "donation"),
    ("government-purchase", "政府购买服务", "public"),
    ("interest", "利息收入", "income"),
    ("sales", "自营收入", "income"),
    ("opening", "期初余额", "opening"),
)
OUTCOMES = (
    ("direct", "直接业务支出"),
    ("administration", "管理费用"),
    ("fundraising", "筹资费用"),
    ("refund", "退回捐赠人"),
    ("loss", "损耗"),
)
PLACES = (
    ("bank", "main", "银行存款", "1002"),
    ("cash", "main", "现金", "1001"),
    ("wallet", "alipay", "支付宝", "1009"),
    ("wallet", "wechat", "微信支付", "1009"),
    ("inventory", "main", "物资仓库", "1201"),
    ("receivable", "main", "应收款项", "1122"),
    ("payable", "main", "其他应付款", "2209"),
)


def open_book(writer: Writer, act: Act, name: str, *, foundation: str = "", credit_code: str = "") -> Appended:
    """Open a book with the units, sources, outcomes and places that every foundation has."""
    create_book(writer.connection, writer.code)
    facts = {
        "name": name,
        "foundation": foundation or name,
        "credit_code": credit_code,
        "currency": "CNY",
        "chart": CHART,
    }
    return writer.append([act.draft("book.opened", facts=facts), *_standing(act)])[0]


def _standing(act: Act) -> list[Draft]:
    """Make the entries that open what every book has."""
    facts: list[tuple[str, dict[str, Any]]] = [
        ("unit", {"code": "CNY", "name": "人民币", "measure": "元", "scale": 2, "kind": "money"}),
        (
            "unit",
            {
                "code": "volunteer-hour",
                "name": "志愿服务时间",
                "measure": "小时",
                "scale": 0,
                "kind": "hours",
            },
        ),
        *(("source", {"code": code, "name": name, "kind": kind}) for code, name, kind in SOURCES),
        *(("outcome", {"code": code, "name": name}) for code, name in OUTCOMES),
        *((kind, {"code": code, "name": name, "chart": chart}) for kind, code, name, chart in PLACES),
    ]
    return [
        Draft(
            f"{kind}.opened",
            act.dated,
            act.by,
            f"{act.ref}/{kind}/{fact['code']}",
            facts=fact,
            approved_by=act.approved_by,
        )
        for kind, fact in facts
    ]


def reverse(writer: Writer, act: Act, seq: int, reason: str) -> Appended:
    """Take back exactly what an entry moved; refused, with what stands in the way, when that has moved on."""
    writer.lock()
    old = read_body(writer.connection, writer.book_id, seq)
    if old["kind"] not in REVERSIBLE:
        raise RuleError(
            "entry %(seq)s is %(kind)s: it is corrected by a change or a closing, not reversed",
            seq=seq,
            kind=old["kind"],
        )
    _check_standing(writer, act, seq, old)
    facts = {"code": str(seq), "reverses": seq, "reason": reason}
    effect, subject = subject_of(old["kind"], old["facts"])
    if effect is Effect.OPEN and subject:
        facts["object"] = subject
    moves = [
        Move(f["to"], f["from"], f["amount"], f["unit"], of=seq, pieces=(Span(f["in"], f["in"] + f["amount"]),))
        for f in reversed(old["flows"])
    ]
    postings = [Posting(p["account"], -p["amount"], p["unit"]) for p in old["postings"]]
    try:
        return one(writer, act.draft("entry.reversed", moves=moves, postings=postings, facts=facts))
    except NotFreeError as error:
        stand = ", ".join(map(str, _in_the_way(writer, moves)))
        raise NotFreeError(
            "entry %(seq)s cannot be reversed: entries %(stand)s passed its units on (what a reversal of those "
            "brings back are new units); correct it by a refund, a return or a transfer of what is left",
            seq=seq,
            stand=stand,
        ) from error


def _check_standing(writer: Writer, act: Act, seq: int, old: Body) -> None:
    """Refuse a second reversal, and taking back an award on which payments stand."""
    if writer.ref_used(act.ref) is not None:
        return
    if writer.knows(f"reversal:{seq}"):
        raise AlreadyOpenError(
            "entry %(seq)s was reversed already, by entry %(opened)s",
            seq=seq,
            opened=writer.known(f"reversal:{seq}").opened,
        )
    if old["kind"] == "grant.awarded":
        paid = standing_payments(writer, old["facts"]["code"])
        if paid:
            stand = ", ".join(map(str, paid))
            raise RuleError(
                "grant %(code)s was paid by entries %(stand)s; reverse those first",
                code=old["facts"]["code"],
                stand=stand,
            )


def _in_the_way(writer: Writer, moves: list[Move]) -> list[int]:
    """List the entries that took units which a reversal would take back."""
    f, a = t.flows.c, t.axes.c
    crossing = [
        (a.account == m.giver) & (a.unit == m.unit) & (f.out_at < p.hi) & (f.out_at + f.amount > p.lo)
        for m in moves
        for p in m.pieces or ()
    ]
    query = (
        select(f.seq)
        .join(t.axes, (a.book_id == f.book_id) & (a.no == f.giver))
        .where(f.book_id == writer.book_id, or_(*crossing))
        .distinct()
        .order_by(f.seq)
    )
    return list(writer.connection.scalars(query))
