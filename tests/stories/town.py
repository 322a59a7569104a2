"""A foundation in a browser: an empty installation, and a browser of their own for everybody who works in it.

What people do is written as they do it: `go` clicks through the navigation, `press` clicks a button or a link by its
words, `fill` fills in a form by the names of its fields. `Town.problems` gathers what the browsers complain about.
"""

import re
from contextlib import ExitStack

from ledger.extensions import db
from tests import conftest
from tests.support import chromium, looking, serving

PHONE = {"viewport": {"width": 390, "height": 844}}
COMPLAINTS = ("error", "warning")
REFUSED = ("status of 422", "status of 410")  # a form sent back with what is wrong beside its fields; a used link


class Town:
    """The application, its server, and a page for each person, by name."""

    def __init__(self, app, browser, settings):
        self.app, self.browser, self.settings = app, browser, settings
        self.problems, self.pages, self.kept, self.played = [], {}, {}, set()
        self.stack = ExitStack()
        self.site = self.stack.enter_context(serving.started(app))

    def page(self, who, **options):
        """Return the page of somebody; a new browser profile the first time."""
        if who not in self.pages:
            page = self.stack.enter_context(chromium.new_page(self.browser, **options))
            page.set_default_timeout(15_000)
            watch(page, self.problems, who)
            self.pages[who] = page
        return self.pages[who]

    def run(self, *args):
        """Run a command of the application; return what it printed."""
        answer = self.app.test_cli_runner().invoke(args=list(args))
        assert answer.exit_code == 0, answer.output
        return answer.output

    def engine(self):
        with self.app.app_context():
            return db.engine

    def balance(self, account, unit="CNY"):
        return looking.balance(self.engine(), account, unit, book="heping")

    def close(self):
        self.stack.close()
        conftest.dispose(self.app)


def watch(page, problems, who):
    """Gather what a page complains about, the content policy's refusals among it."""

    def heard(message):
        if message.type in COMPLAINTS and not any(status in message.text for status in REFUSED):
            problems.append(f"{who} {page.url}: {message.text}")

    page.on("console", heard)
    page.on("pageerror", lambda error: problems.append(f"{who} {page.url}: {error}"))


def chapter(*, after=None):
    """Let a function of a town be played once, and what has to happen before it first."""

    def made(play):
        def once(town):
            if after is not None:
                after(town)
            if play.__name__ not in town.played:
                town.played.add(play.__name__)
                play(town)

        once.__doc__ = play.__doc__
        return once

    return made


# ------------------------------------------------------------------ what everybody does


def go(page, *words):
    """Click through the navigation."""
    for each in words:
        page.locator("header nav").get_by_role("link", name=re.compile(rf"^{each}( \d+)?$")).click()


def press(page, words):
    """Click a button or a link of the page's content by its words."""
    here = page.locator("main")
    button, link = (here.get_by_role(role, name=words, exact=True) for role in ("button", "link"))
    button.or_(link).or_(here.locator("summary").get_by_text(words, exact=True)).click()


def fill(page, **values):
    """Fill in fields by their names, as a reader sees them: choose, tick, or type; `__` stands for a dash."""
    for name, value in values.items():
        field = page.locator(f'main [name="{name.replace("__", "-")}"]:not([type=hidden])')
        kind = field.first.evaluate("it => it.tagName === 'INPUT' ? it.type : it.tagName")
        if kind == "SELECT":
            field.select_option(value)
        elif kind in {"radio", "checkbox"}:
            page.locator(f'main [name="{name}"]' + ("" if value is True else f'[value="{value}"]')).check()
        elif kind == "file":
            field.set_input_files(value)
        else:
            field.fill(value)


def said(page, words):
    """Wait until the page says something at its top, or anywhere in its content."""
    page.locator("main").get_by_text(words).first.wait_for()


def heading(page, words):
    """Wait for the heading of a page."""
    page.get_by_role("heading", level=1, name=words).wait_for()
