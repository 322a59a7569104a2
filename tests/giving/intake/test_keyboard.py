"""Gifts are entered without the mouse: tab from field to field, Enter to save."""

import pytest

from tests.support.actors import sign_in_page
from tests.support.looking import bodies

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def desk(app, book, site, page):
    page.goto(site)
    sign_in_page(app, page, site, "accountant")
    page.goto(f"{site}/b/desk/gifts/new?lang=en")
    return page


def focused(page):
    return page.evaluate("document.activeElement.name")


def test_three_gifts_in_a_row_by_keyboard_alone(book, desk):
    assert focused(desk) == "amount"
    desk.keyboard.type("100")
    for name in ("taker", "purpose", "donor"):
        desk.keyboard.press("Tab")
        assert focused(desk) == name
    desk.keyboard.type("钱多多")
    desk.get_by_role("button", name="Save and enter another").press("Enter")
    desk.wait_for_url("**again=yes*")
    for amount in ("20", "3.50"):
        assert focused(desk) == "amount"
        desk.keyboard.type(amount)
        with desk.expect_navigation():
            desk.keyboard.press("Enter")  # in a series Enter goes on to the next
    assert desk.locator("aside .sums dd").first.inner_text() == "3"
    assert "¥123.50" in desk.locator("aside").inner_text()
    assert bodies(book.engine, "donation.received") == []


def test_the_kind_of_gift_shows_its_own_fields(desk):
    money, goods = desk.get_by_role("radio", name="Money"), desk.get_by_role("radio", name="Goods")
    money.focus()
    desk.keyboard.press("ArrowRight")
    assert goods.is_checked()
    assert focused(desk) == "resource"  # one may go on choosing
    desk.keyboard.press("Tab")
    assert focused(desk) == "item"
    assert desk.locator("[name=amount]").is_hidden()
    assert desk.locator("[name=quantity]").is_visible()
    money.click()
    assert focused(desk) == "amount"
    goods.click()
    assert focused(desk) == "item"
    desk.keyboard.type("N95口罩:个")
    desk.keyboard.press("Tab")
    assert desk.locator("[name=measure]").input_value() in {"", "个"}
    desk.locator("[name=quantity]").fill("20")
    desk.locator("[name=value]").fill("90")
    desk.locator("[name=value]").press("Enter")
    desk.wait_for_url("**/desk/proposals/*")
    assert "N95口罩 20" in desk.locator("h1").inner_text()


def test_what_is_wrong_is_said_and_focused(desk):
    desk.keyboard.type("a lot")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(".problem")
    assert desk.locator("#amount-problem").is_visible()
    assert desk.locator("[name=amount]").get_attribute("aria-invalid") == "true"
