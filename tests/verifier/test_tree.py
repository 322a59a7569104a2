"""The offline verifier on published trees: whole ones pass, and each forgery is named by the pass that should."""

import copy
import shutil
import subprocess
import sys
from base64 import b64encode

import pytest
import sqlalchemy as sa

from ledger.checkpoints.heads import Heads
from ledger.checkpoints.keys import signer
from ledger.checkpoints.publish import PublishError, publish
from ledger.checkpoints.sign import make_checkpoint
from ledger.config import ROOT
from ledger.core import canonical
from ledger.core.chain import leaf_hash, link
from ledger.core.entry import Draft
from ledger.core.merkle import Frontier
from ledger.core.note import COSIGNATURE, Checkpoint, Note, Signer, parse
from ledger.core.policy import Policy
from ledger.core.tiles import WIDTH, Tile, Tree, bundle, fold, hashes_of, tiles_of, unbundle
from ledger.journal.append import writing
from ledger.journal.engine import configure
from ledger.journal.read import find_book, snapshot
from ledger.verifier.folder import Folder
from ledger.verifier.tree import verify_tree
from tests.conftest import sqlite_template
from tests.support.small import Small

ORIGIN = "shanliu.example/b"
WITNESS = Signer("witness.example", bytes(32), COSIGNATURE)


class Log:
    """A book, its key, and the folder it is published in."""

    def __init__(self, folder):
        self.engine = sa.create_engine(f"sqlite:///{folder / 'ledger.sqlite3'}")
        configure(self.engine)
        self.small = None
        self.instance, self.folder = folder, folder / "log"
        self.signer, self.heads = signer(folder, ORIGIN, "b"), Heads(folder)

    def publish(self, folder=None, *, cosign=False):
        note = make_checkpoint(self.engine, "b", self.signer, self.heads).note
        if cosign:
            found = parse(note)
            note = str(found.plus([WITNESS.sign(found.text, 1_790_000_000)]))
        with snapshot(self.engine) as connection:
            book = find_book(connection, "b")
            return publish(connection, book.id, note, [self.signer.key], [], folder or self.folder)

    def verify(self, **more):
        return verify_tree(Folder(self.folder), self.signer.key, **more)

    def bodies(self):
        size = Checkpoint.parse(parse((self.folder / "checkpoint").read_bytes()).text).size
        return [body for bodies, _ in Folder(self.folder).bundles(size) for body in bodies]

    def forge(self, change):
        """Rewrite the published log as the operator of the server could: everything hashed and signed anew."""
        bodies, prev, made = [canonical.decode(body) for body in self.bodies()], None, []
        change(bodies)
        for seq, body in enumerate(bodies):
            made.append(
                canonical.encode({**body, "_prev": link(prev), "seq": body["seq"] if body.get("keep") else seq})
            )
            prev = leaf_hash(made[-1])
        self.write(made)

    def write(self, made):
        leaves, files = [leaf_hash(body) for body in made], {}
        for tile in tiles_of(len(made)):
            start = tile.number * WIDTH
            if tile.level < 0:
                files[tile.path] = bundle(made[start : start + tile.width])
            elif tile.level == 0:
                files[tile.path] = b"".join(leaves[start : start + tile.width])
            else:
                below = [files[Tile(tile.level - 1, start + n).path] for n in range(tile.width)]
                files[tile.path] = b"".join(fold(hashes_of(data, WIDTH)) for data in below)
        for path, data in files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_bytes(data)
        text = Checkpoint(ORIGIN, len(made), Frontier().extend(leaves).root()).text
        (self.folder / "checkpoint").write_text(str(Note(text, (self.signer.sign(text),))))


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """The folder of a book that has been published, for tests to copy."""
    folder = tmp_path_factory.mktemp("original")
    shutil.copyfile(sqlite_template(), folder / "ledger.sqlite3")
    made = Log(folder)
    made.small = Small(made.engine)
    made.small.give(10_000)
    made.small.grant("G1", 3_000)
    made.small.serve("S1", [("grant:G1", 500, "CNY")], confirm=("worker",))
    made.publish()
    gift = made.small.give(700)
    made.small.refund(gift, 200)
    made.small.reverse(made.small.give(50))
    made.small.give_many(600)
    made.publish()
    made.engine.dispose()
    return folder, made.small


@pytest.fixture
def log(original, tmp_path):
    folder, small = original
    shutil.copytree(folder, tmp_path / "log")
    made = Log(tmp_path / "log")
    made.small = copy.copy(small)
    made.small.engine = made.engine
    yield made
    made.engine.dispose()


def names(report):
    return {finding.name for finding in report.findings}


def test_a_published_tree_holds(log):
    report = log.verify()
    assert report.findings == []
    assert (report.size, report.checkpoints) == (len(log.bodies()), 3)


def test_publishing_again_writes_only_what_is_new(log):
    times = {path: path.stat().st_mtime_ns for path in log.folder.rglob("tile/entries/*") if path.is_file()}
    log.small.give(5)
    log.publish()
    same = {path for path, at in times.items() if path.stat().st_mtime_ns == at}
    assert {path for path in times if path.suffix != ".p"} <= same
    assert log.verify().clean


def test_an_interrupted_publication_is_taken_up(log, tmp_path):
    whole = {path.relative_to(log.folder): path.read_bytes() for path in log.folder.rglob("*") if path.is_file()}
    (log.folder / "checkpoint").unlink()
    (log.folder / "tile/0/000").unlink()
    log.publish()
    again = {path.relative_to(log.folder): path.read_bytes() for path in log.folder.rglob("*") if path.is_file()}
    assert again == whole


def test_a_folder_of_something_else_is_left_alone(log, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    with pytest.raises(PublishError):
        log.publish(other)
    assert [path.name for path in other.iterdir()] == ["notes.txt"]


def test_a_missing_witness_is_named_and_a_cosignature_counts(log):
    policy = Policy((WITNESS.key,), 1)
    assert names(log.verify(policy=policy)) == {"witness"}
    log.publish(cosign=True)
    assert log.verify(policy=policy).clean
    assert log.verify(policy=policy).witnesses == 1


def _amount(bodies):
    gift = next(body for body in bodies if body["kind"] == "donation.received" and body["flows"][0]["amount"] == 700)
    gift["flows"][0]["amount"] = gift["postings"][0]["amount"] = 800


def _memo(bodies):
    bodies[-1]["memo"] = "x"


def _early(bodies):
    bodies[2]["memo"] = "x"


def _drop(bodies):
    del bodies[-5]


def _undated(bodies):
    bodies[-1]["recorded"] = bodies[0]["recorded"].replace("20", "19", 1)


def _other_donation(bodies):
    refund = next(body for body in bodies if body["kind"] == "donation.refunded")
    refund["flows"][0]["of"] = refund["facts"]["donation"] = bodies[-1]["seq"] - 3


def _not_a_mirror(bodies):
    reversal = next(body for body in bodies if body["kind"] == "entry.reversed")
    reversal["facts"]["reverses"] -= 1
    reversal["facts"]["code"] = str(reversal["facts"]["reverses"])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_amount, {"rules"}),
        (_memo, set()),  # new entries that no earlier checkpoint covers may say anything: see the next two tests
        (_drop, {"rules"}),
        (_undated, {"rules"}),
        (_other_donation, {"rules"}),
        (_not_a_mirror, {"rules"}),
        (_early, {"checkpoint"}),
    ],
)
def test_a_log_rewritten_with_its_own_key_is_found_out_by_rules_and_earlier_checkpoints(log, change, expected):
    for path in (log.folder / "checkpoints").iterdir():
        if path.name.isdigit() and int(path.name) == len(log.bodies()):
            path.unlink()
    log.forge(change)
    assert names(log.verify()) == expected


def test_a_rewritten_end_contradicts_the_checkpoint_that_was_published(log):
    log.forge(_memo)
    assert names(log.verify()) == {"checkpoint"}


@pytest.mark.parametrize("name", ["tile/0/000", "tile/entries/001", "tile/1/000.p/2"])
def test_a_changed_file_is_named(log, name):
    path = log.folder / name
    data = bytearray(path.read_bytes())
    data[100 if len(data) > 100 else 5] ^= 1
    path.write_bytes(bytes(data))
    assert names(log.verify())


def test_a_foreign_key_and_a_missing_bundle_are_refused(log):
    stranger = Signer(ORIGIN, bytes(32))
    report = verify_tree(Folder(log.folder), stranger.key)
    assert names(report) >= {"checkpoint"} or names(report) == {"key"}
    assert not report.clean


def test_a_key_named_beside_the_tree_counts_for_nothing_without_a_rotation(log):
    stranger = Signer(ORIGIN, bytes(32))
    text = parse((log.folder / "checkpoint").read_bytes()).text
    (log.folder / "checkpoint").write_text(str(Note(text, (stranger.sign(text),))))
    (log.folder / "vkey").write_text(f"{stranger.key}\n{log.signer.key}\n")
    assert names(log.verify()) == {"key"}


@pytest.mark.parametrize("honest", [True, False])
def test_a_rotated_key_holds_when_the_old_one_endorsed_it(log, honest):
    old, new = log.signer, Signer(ORIGIN, bytes(range(32)))
    signed = f"shanliu/key/v1\n{ORIGIN}\n{new.key}\n"
    by = old if honest else new
    facts = {
        "origin": ORIGIN,
        "old": str(old.key),
        "new": str(new.key),
        "endorsement": b64encode(by.sign(signed).blob).decode(),
    }
    with writing(log.engine, "b") as writer:
        writer.append([Draft("key.rotated", log.small.day, "admin", "rotate", facts=facts)])
    log.signer = new
    note = make_checkpoint(log.engine, "b", new, log.heads).note
    with snapshot(log.engine) as connection:
        publish(connection, 1, note, [new.key, old.key], [], log.folder)
    for key in (old.key, new.key):
        report = verify_tree(Folder(log.folder), key)
        assert names(report) == (set() if honest else {"key"})


def test_the_command_needs_no_framework_and_no_database(log, tmp_path):
    program = (
        "import sys; sys.modules.update(dict.fromkeys(('flask','sqlalchemy','alembic','jinja2','babel','weasyprint')));"
    )
    program += "from ledger.verifier.__main__ import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, str(log.folder), "--key", str(log.signer.key), "--quiet"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hold:" in done.stdout
    done = subprocess.run([*command[:4], "--key", "nonsense"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1


def test_a_proof_comes_from_the_published_tiles(log):
    folder = Folder(log.folder)
    size = len(log.bodies())
    made = Tree(size, folder.hashes)
    found = Checkpoint.parse(parse((log.folder / "checkpoint").read_bytes()).text)
    assert made.root() == found.root
    assert unbundle((log.folder / "tile/entries/000").read_bytes(), WIDTH)[3] == folder.entry(3, size)
