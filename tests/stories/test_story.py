"""From an empty installation to the donor's phone, each step by whoever may take it, in real browsers.

The tests share one town, in which each chapter is played once; any of them can be run alone.
"""

import pytest

from tests.stories import chapters
from tests.stories.town import PHONE, heading
from tests.support import axe
from tests.support.looking import bodies, findings

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _nobody_complains(town):
    yield
    assert town.problems == []


def kinds(town):
    return [entry["kind"] for entry in bodies(town.engine(), book=chapters.BOOK)]


def test_an_empty_installation_gets_its_people(town):
    chapters.parties(town)
    people = {"chen", "wang", "li", "zhao", "sun", "zhou", "qian"}
    assert people <= town.pages.keys()
    assert {"fund.opened", "community.opened", "organization.opened", "worker.opened"} <= set(kinds(town))


def test_money_goods_and_hours_come_in(town):
    chapters.mobilise(town)
    assert [town.balance("fund:general", unit) for unit in ("CNY", "大米:袋", "volunteer-hour")] == [100_000, 20, 150]


def test_a_need_is_answered_with_a_grant(town):
    chapters.allocate(town)
    assert [town.balance(account) for account in ("fund:general", "grant:G2026-001")] == [20_000, 80_000]


def test_a_service_is_reported_signed_off_and_confirmed(town):
    chapters.deliver(town)
    assert town.balance("grant:G2026-001") == 50_000
    assert kinds(town).count("service.delivered") == 1
    assert "service.confirmed" in kinds(town)


def test_what_was_done_is_published(town):
    chapters.publish(town)
    assert kinds(town)[-1] == "disclosure.published"


def test_the_donor_sees_it_on_the_phone_and_checks_it(town):
    chapters.hand_over(town)
    page = town.page("donor", **PHONE)
    chapters.follow(town, page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert axe.axe(page) == []
    chapters.verify(town, page)
    assert findings(town.engine(), book=chapters.BOOK) == []


def test_the_donor_holds_the_gift_in_an_account(town):
    chapters.hand_over(town)
    page = town.page("donor", **PHONE)
    chapters.follow(town, page)
    chapters.claim(town, page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_auditor_reads_everything_and_changes_nothing(town):
    chapters.publish(town)
    before = len(kinds(town))
    seen, forms = chapters.read_everything(town.page("zhao"))
    assert len(seen) > 20
    assert forms == []
    assert len(kinds(town)) == before


def test_the_admin_ends_somebodys_sessions(town):
    chapters.parties(town)
    page = town.page("sun")
    chapters.revoke(town, "孙项目")
    page.goto(f"{town.site}/{chapters.BOOK}/desk/")
    heading(page, "登录")
    chapters.sign_in(page, "sun")
    heading(page, "待办")
