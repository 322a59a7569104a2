"""Signed notes, byte for byte as others make them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core.note import (
    COSIGNATURE,
    Checkpoint,
    Note,
    NoteError,
    Signer,
    VerifierKey,
    open_checkpoint,
    open_note,
    parse,
)

# From the documentation of Go's golang.org/x/mod/sumdb/note.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = (
    TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
LOG = Signer("example.org/book", bytes(range(32)))
WITNESS = Signer("witness.example.org", bytes(range(1, 33)), COSIGNATURE)
ROOT = bytes(range(32))
CHECKPOINT = Checkpoint("example.org/book", 7, ROOT)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[chr(c) for c in range(32)]), min_size=1)
bodies = st.lists(texts, min_size=1).map(lambda lines: "\n".join(lines) + "\n")


def signed(text=CHECKPOINT.text):
    return Note(text, (LOG.sign(text),))


def test_a_note_that_go_signed_opens():
    key = VerifierKey.parse(NEUMANN)
    note, by = open_note(SIGNED, [key])
    assert (note.text, list(by), str(key), str(note)) == (TEXT, [key], NEUMANN, SIGNED)


@pytest.mark.parametrize("at", range(0, len(SIGNED), 7))
def test_a_changed_note_does_not(at):
    changed = SIGNED[:at] + chr(ord(SIGNED[at]) ^ 1) + SIGNED[at + 1 :]
    with pytest.raises(NoteError):
        open_note(changed, [VerifierKey.parse(NEUMANN)])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        NEUMANN.replace("c74f20a3", "c74f20a4"),
        NEUMANN.replace("Peter", "Paul"),
        NEUMANN[:-4],
        NEUMANN.replace("+ARpc", "+Bhpc"),
        NEUMANN.replace("PeterN", "Peter N"),
    ],
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(NoteError):
        VerifierKey.parse(text)


@given(body=bodies)
def test_what_is_signed_is_read_again_and_holds(body):
    note = Note(body, (LOG.sign(body), WITNESS.sign(body, 1_700_000_000)))
    again, by = open_note(str(note), [LOG.key, WITNESS.key])
    assert again == note
    assert set(by) == {LOG.key, WITNESS.key}
    assert by[WITNESS.key].time == 1_700_000_000


def test_lines_of_strangers_are_passed_over_and_a_false_line_of_a_known_key_refuses():
    note = signed().plus([WITNESS.sign(CHECKPOINT.text, 5)])
    assert list(note.signed_by([LOG.key])) == [LOG.key]
    false = WITNESS.sign(CHECKPOINT.text + "more\n", 5)
    forged = signed().plus([false])
    assert list(forged.signed_by([LOG.key])) == [LOG.key]
    with pytest.raises(NoteError, match="witness"):
        forged.signed_by([LOG.key, WITNESS.key])


def test_a_cosignature_holds_for_its_time_only():
    line = WITNESS.sign(CHECKPOINT.text, 5)
    later = line._replace(blob=(6).to_bytes(8, "big") + line.blob[8:])
    with pytest.raises(NoteError):
        signed().plus([later]).signed_by([WITNESS.key])


def test_a_checkpoint_opens_with_the_key_of_its_origin_only():
    found, note, by = open_checkpoint(str(signed()), LOG.key, [WITNESS.key])
    assert (found, by) == (CHECKPOINT, {})
    assert note.text == "example.org/book\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    with pytest.raises(NoteError, match="did not sign"):
        open_checkpoint(str(signed()), WITNESS.key)
    other = Signer("example.org/other", bytes(32))
    with pytest.raises(NoteError, match="checkpoint is of"):
        open_checkpoint(str(Note(CHECKPOINT.text, (other.sign(CHECKPOINT.text),))), other.key)


@pytest.mark.parametrize(
    "text", ["a\n1\n", "a\n01\nAA==\n", "a\n-1\n" + "A" * 44 + "\n", "\n1\nx\n", "a\nx\nx\n", "a\n1\nAA==\n"]
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


def test_extensions_of_a_checkpoint_are_passed_over():
    assert Checkpoint.parse(CHECKPOINT.text + "ext 1\n") == CHECKPOINT


@pytest.mark.parametrize(
    "data",
    ["", "text\n", "text\n\n", "text\n\n— a AAAA\n", "a\tb\n\n— a AAAAAAAA\n", "text\n\n- a AAAAAAAA\n", b"\xff\n\n"],
)
def test_what_is_no_note_is_refused(data):
    with pytest.raises(NoteError):
        parse(data)
