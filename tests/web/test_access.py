import pytest

from ledger.web import access


def test_every_route_declares_who_may_use_it(app):
    assert access.undeclared(app) == []


def test_a_route_without_a_declaration_is_found_and_refused(app, client):
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert access.undeclared(app) == ["forgotten"]
    answer = client.get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_a_declaration_it_does_not_know_is_refused(app, client):
    def view():
        return "secret"

    setattr(view, access.ATTRIBUTE, "wizard")
    app.add_url_rule("/strange", "strange", view)
    assert client.get("/strange").status_code == 403


@pytest.mark.parametrize(("method", "address", "status"), [("GET", "/no/such/page", 404), ("POST", "/healthz", 405)])
def test_an_address_that_matches_nothing_says_so(client, method, address, status):
    assert client.open(address, method=method).status_code == status
