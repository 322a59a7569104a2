"""Desks for the tests of this room: people signed in, and forms filled in as they are shown."""

import re
from html.parser import HTMLParser

import pytest

from tests.support.actors import sign_in
from tests.support.small import Small


class Forms(HTMLParser):
    """The fields of the desk's form on a page, by name, with what they hold."""

    def __init__(self, html):
        super().__init__()
        self.fields, self.inside, self.select, self.area = {}, False, None, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        if tag == "form":
            self.inside = "form" in (at.get("class") or "").split()
        if not self.inside:
            return
        name = at.get("name")
        if tag == "input" and name and at.get("type") != "file":
            if at.get("type") in {"checkbox", "radio"}:
                if "checked" in at:
                    self.fields.setdefault(name, []).append(at.get("value", "y"))
            else:
                self.fields.setdefault(name, []).append(at.get("value") or "")
        elif tag == "select":
            self.select = name
            self.fields.setdefault(name, [])
        elif tag == "option" and self.select:
            if "selected" in at or not self.fields[self.select]:
                self.fields[self.select] = [at.get("value", "")]
        elif tag == "textarea":
            self.area = name
            self.fields[name] = [""]

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        self.select = None if tag == "select" else self.select
        self.area = None if tag == "textarea" else self.area

    def handle_data(self, data):
        if self.inside and self.area:
            self.fields[self.area] = [data.strip()]


@pytest.fixture
def send():
    """Fill in the form of an address as it is shown, changed by `data`, and send it."""

    def fill(client, address, **data):
        shown = client.get(address)
        assert shown.status_code == 200, (shown.status_code, address)
        fields = {name: values for name, values in Forms(shown.text).fields.items() if values}
        fields |= {
            name.replace("__", "-"): value if isinstance(value, list) else [value] for name, value in data.items()
        }
        return client.post(address, data=fields, content_type="multipart/form-data")

    return fill


@pytest.fixture
def small(engine):
    return Small(engine)


@pytest.fixture
def desk_of(app, small):
    """Give a client signed in with a role."""

    def signed_in(role, party=None):
        client = app.test_client()
        sign_in(app, client, role, party=party)
        return client

    return signed_in


@pytest.fixture
def approve(desk_of):
    """Approve the proposal that an answer leads to, as somebody else."""

    def decide(answer):
        assert answer.status_code == 303, problems(answer.text)
        approver = desk_of("approver")
        where = answer.headers["Location"]
        shown = approver.get(where)
        assert shown.status_code == 200
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', shown.text)[1]
        done = approver.post(where, data={"what": "approve", "csrf_token": token})
        assert done.status_code == 303
        page = approver.get(where).text
        assert "chip-done" in page, page
        return page

    return decide


def problems(html):
    """Give what a form says is wrong."""
    notes = re.findall(r'<div class="note note-bad".*?</div>', html, re.DOTALL)
    return notes + re.findall(r'<(?:p|span) class="problem"[^>]*>(.*?)</', html, re.DOTALL)
