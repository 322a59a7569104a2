"""The page that checks slips, in a real Chromium: good slips, every kind of bad one, without Ed25519, and offline."""

import json

import pytest

from ledger.checkpoints.logs import Logs
from ledger.checkpoints.tables import cosignatures
from ledger.core.note import COSIGNATURE, Signer, parse
from ledger.core.slip import parse_slip
from tests.audit.log.test_pages import small as small  # a fixture
from tests.support.small import KEY

pytestmark = pytest.mark.browser
WITNESS = Signer("witness.example", bytes(32), COSIGNATURE)
NO_ED25519 = """
const whole = crypto.subtle.importKey.bind(crypto.subtle);
crypto.subtle.importKey = (format, key, algorithm, ...rest) =>
  algorithm.name === "Ed25519" ? Promise.reject(new DOMException("", "NotSupportedError"))
                               : whole(format, key, algorithm, ...rest);
"""


@pytest.fixture(params=["sqlite"])
def database_kind(request):
    return request.param


@pytest.fixture
def given(app, engine, settings, small, client):
    """The donor's slip of a gift, cosigned by a witness."""
    app.config["CODE_KEY"] = KEY
    head = Logs(settings.instance, settings.public_url).sign(engine, "b")
    with engine.begin() as connection:
        line = str(WITNESS.sign(parse(head.note).text, 1_790_000_000))
        row = {"book_id": 1, "size": head.checkpoint.size, "witness": str(WITNESS.key), "line": line, "at": ""}
        connection.execute(cosignatures.insert(), row)
    slip = json.loads(client.get(f"/trace/{small.codes[small.gift]}/slip.json").data)
    slip["witnesses"] = [str(WITNESS.key)]
    return slip


def check(page, content, name="slip.json", media="application/json"):
    """Choose a file; return whether the page says that it holds, and its steps."""
    data = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    page.set_input_files("#slip", {"name": name, "mimeType": media, "buffer": data})
    page.wait_for_selector(".verdict-ok, .verdict-no")
    steps = [(item.get_attribute("class"), item.inner_text()) for item in page.query_selector_all(".checks li")]
    return page.query_selector(".verdict-ok") is not None, steps


def test_a_good_slip_holds_and_every_step_is_told(page, site, given):
    page.goto(f"{site}/verify")
    holds, steps = check(page, given)
    assert holds, page.inner_text("main")
    assert [kind for kind, _ in steps] == ["check-ok"] * 5
    assert "赵甲" in steps[-1][1]
    assert "witness.example" in steps[3][1]


def test_it_works_with_the_server_gone_and_without_ed25519_in_the_browser(page, site, given):
    page.add_init_script(NO_ED25519)
    page.goto(f"{site}/verify")
    page.context.set_offline(True)
    holds, steps = check(page, given)
    assert holds, page.inner_text("main")
    assert len(steps) == 5
    bad = json.loads(json.dumps(given))
    bad["entries"][0]["proof"] = bad["entries"][0]["proof"].replace("\u2014 127", "\u2014 128")
    assert not check(page, bad)[0]


def forged(slip, **entry):
    other = json.loads(json.dumps(slip))
    other["entries"][0].update(entry)
    return other


def forgeries(slip):
    """Give (what was done, the slip, how many steps held before it was found out)."""
    entry = slip["entries"][0]
    body, proof = entry["body"], entry["proof"]
    stranger = Signer(slip["origin"], bytes(32))
    note = parse(proof.partition("\n\n")[2])
    hashes = proof.split("\n")
    flipped = "\n".join([*hashes[:2], hashes[3], hashes[2], *hashes[4:]])
    resigned = proof.replace(str(note.signatures[0]), str(stranger.sign(note.text)))
    opening = entry["openings"][0]
    yield "another amount", forged(slip, body=body.replace('"amount":1000', '"amount":9000')), 1
    yield "another spelling", forged(slip, body=body.replace(":", ": ", 1)), 0
    yield "another number", forged(slip, seq=entry["seq"] + 1), 0
    yield "another index", forged(slip, proof=proof.replace(f"index {entry['seq']}", f"index {entry['seq'] + 1}")), 0
    yield "hashes in another order", forged(slip, proof=flipped), 1
    yield "signed by another", forged(slip, proof=resigned), 2
    yield "another log", {**slip, "origin": "other.example/b"}, 2
    yield "another name", forged(slip, openings=[{**opening, "value": "钱乙"}]), 4
    yield "another salt", forged(slip, openings=[{**opening, "salt": "00" * 32}]), 4
    lie = WITNESS.sign(note.text + "more\n", 1_790_000_000)
    yield "a witness's false line", forged(slip, proof=proof.replace(str(note.signatures[1]), str(lie))), 3


def test_every_forgery_is_found_out_at_its_step(page, site, given):
    page.goto(f"{site}/verify")
    for name, slip, before in forgeries(given):
        holds, steps = check(page, slip)
        assert not holds, name
        assert [kind for kind, _ in steps].index("check-no") == before, (name, steps)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"%PDF-1.7 nothing", b'{"format":"shanliu-slip/1"}'])
def test_what_is_no_slip_is_said_to_be_none(page, site, given, content):
    page.goto(f"{site}/verify")
    holds, steps = check(page, content, "x.pdf" if content.startswith(b"%PDF") else "x.json")
    assert (holds, steps) == (False, [])


def test_a_key_known_from_elsewhere_is_believed_first(page, site, given):
    page.goto(f"{site}/verify")
    page.click("summary")
    page.fill("#key", given["key"])
    assert check(page, given)[0]
    page.fill("#key", str(Signer(given["origin"], bytes(32)).key))
    holds, steps = check(page, given)
    assert (holds, [kind for kind, _ in steps]) == (False, ["check-no"])


def test_the_confirmation_carries_the_slip(page, site, client, small, given):
    answer = client.get(f"/trace/{small.codes[small.gift]}/confirmation.pdf")
    page.goto(f"{site}/verify")
    holds, steps = check(page, answer.data, "confirmation.pdf", "application/pdf")
    assert holds, page.inner_text("main")
    assert "赵甲" in steps[-1][1]
    assert client.get(f"/trace/{small.codes[small.gift]}/confirmation.pdf").data == answer.data


def test_from_the_page_of_a_gift_by_one_click(page, site, small, given):
    page.goto(f"{site}/trace/{small.codes[small.gift]}")
    page.click("a[href^='/verify#']")
    page.wait_for_selector(".verdict-ok")
    assert parse_slip(json.dumps(given)).entries[0].seq == small.gift
