"""Reversals: each is the exact mirror of the entry it takes back."""

from ledger.core.entry import REVERSIBLE, Body, Effect, subject_of
from ledger.core.errors import RuleError


def not_mirrored(old: Body, reversal: Body) -> RuleError | None:
    """Say how a reversal differs from the exact mirror of the entry it reverses; None when it does not."""
    if old["kind"] not in REVERSIBLE:
        return RuleError(
            "entry %(seq)s is %(kind)s, which is corrected by a change or a closing, not reversed",
            seq=old["seq"],
            kind=old["kind"],
        )
    if old["seq"] >= reversal["seq"]:
        return RuleError(
            "entry %(seq)s comes before entry %(old)s, which it is to reverse", seq=reversal["seq"], old=old["seq"]
        )
    effect, subject = subject_of(old["kind"], old["facts"])
    opened = subject if effect is Effect.OPEN else None
    closed = reversal["facts"].get("object")
    if closed != opened:
        return RuleError(
            "entry %(seq)s closes %(closed)s; entry %(old)s opened %(opened)s",
            seq=reversal["seq"],
            closed=closed,
            old=old["seq"],
            opened=opened,
        )
    mirrored = [(f["to"], f["in"], f["from"], f["amount"], f["unit"], old["seq"]) for f in reversed(old["flows"])]
    flows = [(f["from"], f["out"], f["to"], f["amount"], f["unit"], f.get("of")) for f in reversal["flows"]]
    postings = [(p["account"], -p["amount"], p["unit"]) for p in old["postings"]]
    if flows != mirrored or [(p["account"], p["amount"], p["unit"]) for p in reversal["postings"]] != postings:
        return RuleError("entry %(seq)s does not mirror entry %(old)s exactly", seq=reversal["seq"], old=old["seq"])
    return None
