"""The published log over HTTP, proofs and slips, checked as anybody can."""

import pytest
from sqlalchemy import select

from ledger.checkpoints.logs import Logs
from ledger.checkpoints.status import remember
from ledger.core.merkle import verify_consistency
from ledger.core.note import Checkpoint, VerifierKey, open_checkpoint, parse
from ledger.core.slip import check_slip, parse_slip
from ledger.core.tiles import Proof, Tile, Tree, hashes_of, tiles_of
from ledger.journal.tables import private
from tests.support.small import KEY, Small


@pytest.fixture(params=["sqlite"])
def database_kind(request):
    return request.param


@pytest.fixture
def small(engine, app):
    app.config["CODE_KEY"] = KEY
    made = Small(engine)
    made.gift = made.give(1_000, donor="赵甲")
    made.give_many(300)
    return made


@pytest.fixture
def sign(app, engine, settings):
    return lambda: Logs(settings.instance, settings.public_url).sign(engine, "b")


def test_the_log_is_served_as_the_specification_names_it(client, small, sign):
    head = sign()
    answer = client.get("/b/log/checkpoint")
    key = VerifierKey.parse(client.get("/b/log/vkey").text)
    found, _, _ = open_checkpoint(answer.data, key)
    assert found == head.checkpoint
    assert answer.headers["Cache-Control"] == "public, max-age=30"
    for tile in tiles_of(found.size):
        assert client.get(f"/b/log/{tile.path}").status_code == 200
    made = Tree(found.size, lambda tile: hashes_of(client.get(f"/b/log/{tile.path}").data, tile.width))
    assert made.root() == found.root
    assert "immutable" in client.get("/b/log/tile/0/000").headers["Cache-Control"]


def test_what_is_not_signed_is_not_served(client, small, sign):
    assert client.get("/b/log/checkpoint").status_code == 404
    size = sign().checkpoint.size
    small.give(1)
    assert client.get(f"/b/log/{Tile(0, size // 256, size % 256 + 1).path}").status_code == 404
    assert client.get("/b/log/tile/0/nonsense").status_code == 400
    assert client.get("/nobook/log/checkpoint").status_code == 404
    assert client.get(f"/b/ledger/{size}/proof").status_code == 404


def test_a_proof_and_a_slip_of_any_entry(client, small, sign):
    head = sign()
    proof = Proof.parse(client.get(f"/b/ledger/{small.gift}/proof").text)
    assert (proof.entry, Checkpoint.parse(parse(proof.checkpoint).text)) == (small.gift, head.checkpoint)
    answer = client.get(f"/b/ledger/{small.gift}/slip.json")
    assert "赵甲" not in answer.text
    assert all(step.passed for step in check_slip(parse_slip(answer.data)))
    assert f"shanliu-slip-{small.gift}.json" in answer.headers["Content-Disposition"]


def test_the_donors_slip_opens_what_is_theirs_and_is_kept_by_nobody(client, small, sign):
    sign()
    answer = client.get(f"/trace/{small.codes[small.gift]}/slip.json")
    slip = parse_slip(answer.data)
    assert [opening.value for opening in slip.entries[0].openings] == ["赵甲"]
    assert all(step.passed for step in check_slip(slip))
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.get("/trace/0000-0000-0000-0000-0/slip.json").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_growth_is_shown_and_proved(client, small, sign, language):
    first = sign().checkpoint
    small.give_many(30)
    second = sign().checkpoint
    client.set_cookie("lang", language)
    page = client.get("/b/log/consistency").text
    assert first.root.hex() in page
    assert second.root.hex() in page
    data = client.get(f"/b/log/consistency?old={first.size}&new={second.size}&format=json").json
    proof = [bytes.fromhex(each) for each in data["proof"]]
    verify_consistency(first.size, second.size, first.root, second.root, proof)
    assert client.get("/b/log/consistency?old=3").status_code == 404
    assert client.get("/b/log/consistency?old=x").status_code == 400


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_state_of_the_log_is_public(client, engine, small, sign, language, query_count):
    client.set_cookie("lang", language)
    assert client.get("/b/ledger").status_code == 200  # before it was signed
    head = sign()
    with engine.begin() as connection:
        remember(connection, 1, head.checkpoint.size, 0)
    small.give(5)
    with query_count(engine) as sent:
        page = client.get("/b/ledger").text
    assert len(sent) <= 16
    assert f"{head.checkpoint.size:,}" in page
    assert client.get("/b/log/vkey").text.strip() in page
    answer = client.get("/ledger")
    assert (answer.status_code, answer.location) == (303, "/b/ledger")


def test_several_logs_are_listed(client, engine, small, sign):
    Small(engine, code="c", name="槐荫基金")
    sign()
    page = client.get("/ledger").text
    assert "槐荫基金" in page


def test_no_personal_datum_of_the_side_store_is_in_any_published_byte(client, engine, small, sign):
    size = sign().checkpoint.size
    with engine.connect() as connection:
        values = set(connection.scalars(select(private.c.value)))
    assert values >= {"赵甲", "李明", "王芳"}
    published = b"".join(client.get(f"/b/log/{tile.path}").data for tile in tiles_of(size))
    published += b"".join(client.get(f"/b/log/{name}").data for name in ("checkpoint", "vkey", "checkpoints/index"))
    assert [value for value in values if value.encode() in published] == []
