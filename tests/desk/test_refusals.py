"""What the ledger refuses is said in the form, in the language of the page, with the names and units of the book."""

from tests.support.desk import send, sit
from tests.support.small import Small

ASKED = {
    "amount": "99999.00",
    "fund": "fund:general",
    "category": "administration",
    "place": "bank:main",
    "project": "",
    "dated": "2026-03-02",
    "memo": "",
}


def test_a_refusal_speaks_of_funds_and_yuan_in_both_languages(app, engine):
    Small(engine).give(100_000)
    accountant = sit(app, "accountant")
    said = send(accountant, "/b/desk/expenses/new", **ASKED)
    assert said.status_code == 422
    assert "互助基金余额不足：要用 ¥99,999.00，只有 ¥1,000.00" in said.text
    assert "fund:general: " not in said.text
    accountant.get("/?lang=en")
    english = send(accountant, "/b/desk/expenses/new", **ASKED)
    assert "互助基金: ¥99,999.00 asked, ¥1,000.00 held" in english.text
