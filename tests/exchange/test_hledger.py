"""The hledger journal: balanced entries, the ledger's balances."""

import csv
import io
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.exchange.hledger import journal

HLEDGER = shutil.which("hledger")
needs_hledger = pytest.mark.skipif(HLEDGER is None, reason="hledger is not installed")
MASKS, RICE = 'N95"口罩;(白):个', "大米:吨"


def flow(giver, taker, amount, unit="CNY", **more):
    return {"from": giver, "out": 0, "to": taker, "in": 0, "amount": amount, "unit": unit, **more}


def post(account, amount, unit="CNY"):
    return {"account": account, "amount": amount, "unit": unit}


def entries(*parts):
    """Number the parts (kind, flows, postings, facts, memo) into bodies."""
    bodies = []
    for seq, (kind, flows, postings, facts, memo) in enumerate(parts):
        bodies.append(
            {
                "_prev": "0" * 64, "approved_by": None, "book": "b", "by": "u", "dated": "2026-11-23", "facts": facts,
                "flows": flows, "kind": kind, "memo": memo, "postings": postings,
                "recorded": "2026-11-23T13:00:00.000Z", "ref": str(seq), "seq": seq,
            }
        )  # fmt: skip
    return bodies


BOOK = entries(
    ("book.opened", [], [], {}, "first; of all\n  lines"),
    ("unit.opened", [], [], {"code": MASKS, "scale": 0}, ""),
    ("unit.opened", [], [], {"code": RICE, "scale": 3}, ""),
    ("donation.received", [flow("source:individual", "fund:general", 100050)], [post("bank:main", 100050)], {}, ""),
    (
        "donation.received",
        [flow("source:company", "earmark:general/e-1", 36000, MASKS, value=100)],
        [post("inventory:main", 36000, MASKS)],
        {},
        "",
    ),
    ("donation.received", [flow("source:x", "fund:general", 2500, RICE)], [post("inventory:main", 2500, RICE)], {}, ""),
    ("donation.received", [flow("source:v", "outcome:hours", 150, "volunteer-hour")], [], {}, ""),
    (
        "expense.recorded",
        [flow("fund:general", "outcome:administration", 30), flow("fund:general", "outcome:administration", 20)],
        [post("payable:salary", -50)],
        {},
        "",
    ),
    ("payable.settled", [], [post("payable:salary", 50), post("bank:main", -50)], {}, ""),
    ("bank.transferred", [], [post("bank:main", -1000), post("wallet:alipay", 1000)], {}, ""),
)


def balances(text, *query):
    """Ask hledger for balances: {account: {commodity: amount}}."""
    command = [HLEDGER, "-f", "-", "bal", "--flat", "-E", "-O", "csv", "--layout=bare", *query]
    out = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8", check=True)
    found = {}
    for row in list(csv.reader(io.StringIO(out.stdout)))[1:]:
        if row[0] not in {"total", "Total:"} and row[2] != "0":
            found.setdefault(row[0], {})[row[1].strip('"')] = row[2]
    return found


def test_text():
    text = "".join(journal(BOOK[:5]))
    assert text.startswith("; Written by Shanliu")
    assert "decimal-mark ." in text
    assert "2026-11-23 (0) book.opened  ; first; of all lines\n\n" in text
    assert (
        "2026-11-23 (3) donation.received\n"
        '    assets:bank:main  1000.50 "CNY"\n'
        '    equity:funds  -1000.50 "CNY"\n'
        '    flow:fund:general  1000.50 "CNY"\n'
        '    flow:source:individual  -1000.50 "CNY"\n\n'
    ) in text
    assert '36000 "N95”口罩；(白):个"' in text


def test_it_streams():
    pieces = journal(iter(BOOK))
    next(pieces)
    assert next(pieces).startswith("2026-11-23 (0)")


def test_scales_of_units_opened_before():
    assert '2.500 "大米:吨"' in "".join(journal(BOOK[5:6], {RICE: 3}))


@needs_hledger
def test_hledger_gives_the_ledgers_balances():
    text = "".join(journal(BOOK))
    assert balances(text, "^assets", "^liabilities") == {
        "assets:bank:main": {"CNY": "990.00"},
        "assets:inventory:main": {"N95”口罩；(白):个": "36000", RICE: "2.500"},
        "assets:wallet:alipay": {"CNY": "10.00"},
    }
    assert balances(text, "^flow") == {
        "flow:earmark:general/e-1": {"N95”口罩；(白):个": "36000"},
        "flow:fund:general": {"CNY": "1000.00", RICE: "2.500"},
        "flow:outcome:administration": {"CNY": "0.50"},
        "flow:outcome:hours": {"volunteer-hour": "150"},
        "flow:source:company": {"N95”口罩；(白):个": "-36000"},
        "flow:source:individual": {"CNY": "-1000.50"},
        "flow:source:v": {"volunteer-hour": "-150"},
        "flow:source:x": {RICE: "-2.500"},
    }
    assert balances(text, "^equity")["equity:funds"]["CNY"] == "-1000.00"


accounts = st.sampled_from(
    ["fund:a", "fund:b", "earmark:a/x", "source:s", "outcome:o;p", "grant:G-1", "service:S (1)".replace(" ", "")]
)
words = st.text(st.characters(exclude_categories=["Z", "C"], exclude_characters=":"), min_size=1, max_size=8)


@needs_hledger
@settings(max_examples=10)
@given(
    st.lists(st.tuples(accounts, accounts, st.integers(1, 2**53 - 1), words), min_size=1, max_size=6),
    st.text(max_size=20),
)
def test_hledger_accepts_any_unit_and_memo(moves, memo):
    bodies = []
    for giver, taker, amount, word in moves:
        unit = f"{word}:{word}"
        bodies += [
            ("unit.opened", [], [], {"code": unit, "scale": 3}, memo),
            ("x", [flow(giver, taker, amount, unit)], [], {}, memo),
        ]
    text = "".join(journal(entries(*bodies)))
    command = [HLEDGER, "-f", "-", "check"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr + text
