import pytest

from ledger.people.accounts import passwords
from ledger.people.accounts.passwords import WeakPasswordError, check_new


@pytest.mark.parametrize(
    "password",
    [
        "",
        "kurz",
        "9letters.",
        "aaaaaaaaaaaaaa",
        "ababababab12",
        "Password2026",
        "1234567890",
        "0987654321",
        "9876543210",
        "chenchen-chen1",
        "woaini1314520",
        "x" * 201,
    ],
)
def test_what_is_soon_guessed_is_refused(password):
    with pytest.raises(WeakPasswordError):
        check_new(password, "chen")


@pytest.mark.parametrize("password", ["three small words", "山上有三棵老松树呀呀", "q7!Fk29-zRt4"])
def test_good_ones_pass(password):
    check_new(password, "chen")


def test_a_password_is_kept_as_argon2id_and_verified():
    kept = passwords.hash_password("three small words")
    assert kept.startswith("$argon2id$")
    assert passwords.verify(kept, "three small words")
    assert not passwords.verify(kept, "three small word")
    assert not passwords.verify(None, "three small words")
    assert not passwords.verify("no hash at all", "three small words")
    assert not passwords.outdated(kept)
    assert passwords.outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$WwVkJbFAEVa/dMN4JhzbSA")
