from ledger.web.access import actor, signed_in
from tests.support.actors import sign_in


def test_a_session_says_who_it_is(app, client, book):
    code = sign_in(app, client, "accountant")
    app.add_url_rule("/who", "who", signed_in(lambda: actor().code))
    assert client.get("/who").text == code
