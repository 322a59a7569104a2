"""Salted commitments: made as the format says, opened by their own value only."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core.commit import CommitError, commit, new_salt, opens

SALT = bytes(range(32))

fields = st.from_regex(r"[a-z0-9_]{1,20}", fullmatch=True)
salts = st.binary(min_size=32, max_size=32)


def test_a_known_commitment():
    made = commit("name", SALT, "张三")
    assert made == sha256(b"shanliu/commit/v1\0" + b"name" + b"\0" + SALT + "张三".encode()).hexdigest()
    assert made == "b139d87eb1adbc173a8e2fcedf976365aabd1e1b7b30cd56b41a0fde7380c968"


@given(fields, salts, st.text(), fields, salts, st.text())
def test_only_the_same_field_salt_and_value_open_it(field, salt, value, field2, salt2, value2):
    digest = commit(field, salt, value)
    assert opens(digest, field, salt, value)
    assert opens(digest, field, salt, value2) == (value == value2)
    assert opens(digest, field, salt2, value) == (salt == salt2)
    assert opens(digest, field2, salt, value) == (field == field2)


@given(st.integers(0, 255))
def test_each_bit_of_the_salt_counts(bit):
    changed = (int.from_bytes(SALT) ^ 1 << bit).to_bytes(32)
    assert not opens(commit("name", SALT, "x"), "name", changed, "x")


@pytest.mark.parametrize("field", ["", "Name", "a\0b", "na me", "name\n", "姓名", "a-b", None, b"name"])
def test_field_names_are_plain(field):
    with pytest.raises(CommitError, match="field name"):
        commit(field, SALT, "x")


@pytest.mark.parametrize("salt", [b"", bytes(31), bytes(33), "0" * 32, None])
def test_a_salt_has_32_bytes(salt):
    with pytest.raises(CommitError, match="salt of name is not 32 bytes"):
        commit("name", salt, "x")
    assert not opens(commit("name", SALT, "x"), "name", salt, "x")


@pytest.mark.parametrize("value", [None, 13800000000, b"x", "13800\ud800"])
def test_a_value_is_text_and_never_shown(value):
    with pytest.raises(CommitError) as refusal:
        commit("phone", SALT, value)
    assert "138" not in str(refusal.value)
    assert not opens(commit("phone", SALT, "x"), "phone", SALT, value)


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        lambda digest: digest[:-1],
        lambda digest: digest + "0",
        lambda _: "",
        lambda _: "é",
        lambda _: "\ud800",
    ],
)
def test_a_malformed_digest_does_not_open(change):
    digest = commit("name", SALT, "x")
    assert not opens(change(digest), "name", SALT, "x")


def test_salts_are_fresh():
    drawn = {new_salt() for _ in range(100)}
    assert len(drawn) == 100
    assert {len(salt) for salt in drawn} == {32}
