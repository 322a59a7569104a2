"""Debian's Chromium, driven by playwright, with the Chinese font that `make setup` brought."""

import os
import shutil
from contextlib import contextmanager

import pytest
from playwright.sync_api import sync_playwright

from ledger.config import ROOT
from tests.support import run

FONTS = """<?xml version="1.0"?>
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


def executable():
    """Return the path of Chromium; skip the test where there is none, but never in CI."""
    path = shutil.which("chromium")
    if path is None:
        report = pytest.fail if os.environ.get("CI") else pytest.skip
        report("Chromium is missing: apt-get install --no-install-recommends chromium")
    return path


@contextmanager
def launched():
    """Yield a running browser."""
    path = executable()
    config = run.folder() / f"fonts-{os.getpid()}.conf"
    config.write_text(FONTS.format(fonts=ROOT / "instance" / "fonts", cache=run.folder() / "font-cache"))
    environment = {**os.environ, "FONTCONFIG_FILE": str(config)}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"], env=environment
        )
        yield browser
        browser.close()


@contextmanager
def new_page(browser, **options):
    """Yield a page of its own profile; fail afterwards if it asked anybody else for anything."""
    context = browser.new_context(locale="zh-CN", **options)
    elsewhere = []
    context.on("request", lambda request: elsewhere.append(request.url) if _leaves(request.url) else None)
    yield context.new_page()
    context.close()
    assert elsewhere == [], "the page asked other hosts"


def _leaves(url):
    return not url.startswith(("http://127.0.0.1:", "data:", "about:", "blob:"))
