"""Sit at the desk in tests: prepare with one client, decide with another."""

import re

from tests.support.actors import sign_in


def sit(app, role, book="b", **more):
    """Return a client signed in with a role."""
    client = app.test_client()
    client.code = sign_in(app, client, role, book=book, **more)
    return client


def send(client, address, **form):
    """Send a form as a browser does: with the token of its page."""
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', client.get(address).text)
    return client.post(address, data={"csrf_token": token[1] if token else "", **form})


def prepared(answer):
    """Return the code of the proposal that an answer leads to."""
    assert answer.status_code == 303, answer.text
    found = re.search(r"/proposals/(\w+)$", answer.location)
    assert found, answer.location
    return found[1]


def decide(client, code, what="approve", book="b", **form):
    """Decide on a proposal; return the answer."""
    return send(client, f"/{book}/desk/proposals/{code}", what=what, **form)
