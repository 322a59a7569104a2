"""Signing in with a real browser: keyboard only, no script needed, nothing that the policy forbids."""

import pytest

from ledger.extensions import db
from ledger.journal.engine import write_transaction
from ledger.people.accounts import passwords, users
from tests.support.actors import make_user, sign_in_page
from tests.support.small import Small

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]


@pytest.fixture
def problems(page):
    """What the browser complains about; empty at the end."""
    found = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    yield found
    assert found == []


def test_by_keyboard_to_the_desk_and_out(app, engine, page, site, problems):
    Small(engine)
    code = make_user(app, "accountant", login="wang", name="王会计")
    with app.app_context(), write_transaction(db.engine) as connection:
        users.set_password(connection, code, passwords.hash_password("three small words"))
    page.goto(f"{site}/b/desk/")
    page.keyboard.type("wang")
    page.keyboard.press("Tab")
    page.keyboard.type("three small words")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/b/desk/")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url(f"{site}/login")
    assert "已退出登录" in page.inner_text("main")


def test_pages_of_an_admin_in_a_browser(app, engine, page, site, problems):
    Small(engine)
    sign_in_page(app, page, site, "admin", name="陈管理")
    for address in ("/b/desk/users", "/b/desk/users/new", "/b/desk/settings", "/b/desk/trail", "/account"):
        page.goto(site + address)
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide == 0, (address, width)
