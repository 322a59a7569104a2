"""Replay accepts what settle wrote, and refuses by name whatever it could not have written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import canonical
from ledger.core.book import Book, check_shape
from ledger.core.chain import leaf_hash
from ledger.core.entry import KINDS, Draft, Move, Posting
from ledger.core.errors import CorruptError, LedgerError
from tests.journal import support as s
from tests.journal.support import MASKS, gift


def fully():
    pure = s.opened_book()
    s.history(pure.say)
    return pure


def spendable():
    pure = s.opened_book()
    pure.say(gift(1000))
    return pure


FULL, SPENDABLE = fully(), spendable()
MEMBERS = canonical.decode(FULL.bodies[0]).keys()


def replayed(bodies):
    """Replay bodies on a second book."""
    book = Book(s.BOOK)
    for data in bodies:
        body = canonical.decode(data)
        check_shape(body)
        book.replay(body)
        book.advance(leaf_hash(data), body["recorded"])
    return book


@pytest.fixture
def paid():
    """Give a book just before a grant is paid, and the body of that entry."""
    bodies = [canonical.decode(data) for data in FULL.bodies]
    at = next(seq for seq, body in enumerate(bodies) if body["kind"] == "grant.paid")
    return replayed(FULL.bodies[:at]), bodies[at]


def test_replay_gives_the_state_that_settle_left():
    assert s.state(replayed(FULL.bodies)) == s.state(FULL.book)
    kinds = {canonical.decode(data)["kind"] for data in FULL.bodies}
    assert {k for k in kinds if KINDS[k] is None or KINDS[k][1] in {"grant", "service", "reversal"}} == {
        k for k, rule in KINDS.items() if rule is None or rule[1] in {"grant", "service", "reversal"}
    }, "history() lacks a kind of entry"


TAMPERED = {
    "another amount": lambda body: body["flows"][0].update(amount=299),
    "other units": lambda body: body["flows"][0].update(out=1),
    "laid elsewhere": lambda body: body["flows"][0].update(**{"in": 5}),
    "units that are not the first": lambda body: body["flows"][0].update(out=400),
    "another fund": lambda body: body["flows"][0].update(**{"from": "fund:elder"}),
    "another unit": lambda body: body["flows"][0].update(unit=MASKS),
    "a flow too many": lambda body: body["flows"].append(dict(body["flows"][0])),
    "no posting": lambda body: body["postings"].clear(),
    "another place": lambda body: body["postings"][0].update(account="cash:main"),
    "another kind": lambda body: body.update(kind="fund.transferred"),
    "an unknown kind": lambda body: body.update(kind="grant.burnt"),
    "an unknown grant": lambda body: body["facts"].update(grant="G2"),
    "a closed fund": lambda body: body["facts"].update(fund="old"),
    "self-approval": lambda body: body.update(approved_by="lin"),
    "no ref": lambda body: body.update(ref=""),
    "nothing as value": lambda body: body["flows"][0].update(value=0),
    "evidence without hash": lambda body: body["facts"].update(evidence=[{}]),
    "evidence outside the folder": lambda body: body["facts"].update(evidence=[{"sha256": "../keys"}]),
}


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED)
def test_replay_refuses_what_settle_could_not_have_written(paid, tamper):
    book, body = paid
    book.objects["fund:old"] = book.objects["fund:old"]._replace(closed=1)
    tamper(body)
    check_shape(body)
    with pytest.raises(LedgerError):
        book.replay(body)


MISSHAPEN = {
    **{f"without {n}": lambda body, n=n: body.pop(n) for n in sorted(MEMBERS)},
    **{
        f"{name} of another type": lambda body, name=name: body.update({name: 5.5})
        for name in sorted(MEMBERS - {"approved_by"})
    },
    "a member too many": lambda body: body.update(extra=1),
    "no day": lambda body: body.update(dated="2026-02-30"),
    "a day in another notation": lambda body: body.update(dated="2026-W01-1"),
    "no moment": lambda body: body.update(recorded="9999"),
    "a flow without unit": lambda body: body["flows"][0].pop("unit"),
    "a flow with more": lambda body: body["flows"][0].update(note="x"),
    "a position of true": lambda body: body["flows"][0].update(out=True),
    "an entry that is no number": lambda body: body["flows"][0].update(of="1"),
    "an account that is no text": lambda body: body["flows"][0].update(to=1),
    "a posting with more": lambda body: body["postings"][0].update(note="x"),
    "a posting without amount": lambda body: body["postings"][0].update(amounts=body["postings"][0].pop("amount")),
    "a posting to a number": lambda body: body["postings"][0].update(account=1),
    "commitments in a list": lambda body: body["facts"].update(private=[]),
    "a commitment that is none": lambda body: body["facts"].update(private={"donor": "Zhao"}),
}


@pytest.mark.parametrize("spoil", MISSHAPEN.values(), ids=MISSHAPEN)
def test_a_body_without_the_members_of_the_format_is_refused(paid, spoil):
    _, body = paid
    check_shape(body)
    spoil(body)
    with pytest.raises(CorruptError):
        check_shape(body)


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.text(max_size=3), st.sampled_from([[], {}, [5], {"a": 1}])
)
FACTS = ["code", "fund", "volunteer", "reverses", "entries", "evidence", "object", "title", "community", "residents"]
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(
            ["fund.opened", "entry.reversed", "person.erased", "expense.recorded", "service.delivered", 5, None]
        ),
        "dated": st.one_of(st.just(s.DAY), JUNK),
        "by": st.one_of(st.just("lin"), JUNK),
        "ref": JUNK,
        "memo": JUNK,
        "approved_by": JUNK,
        "amount": JUNK,
        "posting": JUNK,
        "value": JUNK,
        "facts": st.dictionaries(st.sampled_from(FACTS), JUNK),
    },
)


@given(PARTS)
def test_what_settle_accepts_replay_accepts(parts):
    amount = parts.get("amount", 1)
    wanted = Draft(
        parts.get("kind", "expense.recorded"),
        parts.get("dated", s.DAY),
        parts.get("by", "lin"),
        parts.get("ref", "r"),
        [Move("fund:general", "outcome:direct", amount, "CNY", value=parts.get("value"))],
        [Posting("bank:main", parts.get("posting", -1), "CNY")],
        parts.get("facts", {}),
        memo=parts.get("memo", ""),
        approved_by=parts.get("approved_by"),
    )
    pure = SPENDABLE.fork()
    try:
        pure.say(wanted)
    except LedgerError:
        return
    assert s.state(replayed(pure.bodies)) == s.state(pure.book)


@given(st.data())
def test_replay_never_fails_without_a_name(data):
    """Put junk anywhere in a body: it is refused by name, or it is a body that append could have written."""
    bodies = list(map(canonical.decode, FULL.bodies))
    at = data.draw(st.integers(0, len(bodies) - 1))
    place, key = data.draw(st.sampled_from(list(parts_of(bodies[at]))))
    place[key] = data.draw(JUNK)
    book = replayed(FULL.bodies[:at])
    try:
        check_shape(bodies[at])
        book.replay(bodies[at])
    except LedgerError as error:
        assert str(error)  # noqa: PT017
    else:
        assert canonical.encode(bodies[at])


def parts_of(value):
    """Name every member of a body: the container and the key."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(item, dict | list):
            yield from parts_of(item)
