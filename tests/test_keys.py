import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger import keys


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "new" / "a.key"
    key = keys.load_or_create(path)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.load_or_create(path) == key
    assert list(path.parent.iterdir()) == [path]


def test_two_keys_differ(tmp_path):
    assert keys.load_or_create(tmp_path / "a") != keys.load_or_create(tmp_path / "b")


def test_processes_that_start_together_get_one_key(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: keys.load_or_create(tmp_path / "a.key"), range(64)))
    assert len(made) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o666])
def test_a_key_open_to_others_is_refused(tmp_path, mode):
    path = tmp_path / "a.key"
    keys.load_or_create(path)
    path.chmod(mode)
    with pytest.raises(keys.KeyFileError, match=rf"mode {mode:04o}\): run chmod 600"):
        keys.load_or_create(path)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_another_length_is_refused_and_kept(tmp_path, length):
    path = tmp_path / "a.key"
    path.write_bytes(b"k" * length)
    path.chmod(0o600)
    with pytest.raises(keys.KeyFileError, match=f"has {length} bytes, not 32"):
        keys.load_or_create(path)
    assert path.read_bytes() == b"k" * length


def test_a_key_that_must_be_there_is_missed(tmp_path):
    with pytest.raises(keys.KeyFileError, match="cannot be read"):
        keys.load(tmp_path / "a.key")
