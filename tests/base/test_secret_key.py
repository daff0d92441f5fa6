"""Keys that a run folder keeps for itself."""

import stat

import pytest

from cango_ops.base.secret_key import credential_keys, new_credential_key, secret_key
from cango_ops.env import WrongSetting, fernet_keys


def test_keys_are_made_once_and_kept_from_other_users(tmp_path):
    keys = credential_keys(tmp_path)

    assert credential_keys(tmp_path) == keys
    assert len(keys[0]) == 44
    assert stat.S_IMODE((tmp_path / "credential_keys").stat().st_mode) == 0o600
    assert secret_key(tmp_path) not in keys


def test_a_second_key_may_be_written_above_the_first(tmp_path):
    old = credential_keys(tmp_path)[0]
    new = new_credential_key()
    (tmp_path / "credential_keys").write_text(f"{new}\n{old}\n")

    assert credential_keys(tmp_path) == [new, old]


def test_the_environment_comes_with_commas_or_a_file(tmp_path, monkeypatch):
    one, two = new_credential_key(), new_credential_key()
    monkeypatch.setenv("CANGO_CREDENTIAL_KEYS", f"{one}, {two}")
    assert fernet_keys("CREDENTIAL_KEYS") == [one, two]

    (tmp_path / "keys").write_text(f"{two}\n{one}\n")
    monkeypatch.setenv("CANGO_CREDENTIAL_KEYS_FILE", str(tmp_path / "keys"))
    assert fernet_keys("CREDENTIAL_KEYS") == [two, one]


@pytest.mark.parametrize("wrong", ["short", "canary" * 8, "é" * 44])
def test_a_wrong_key_stops_the_start_and_is_not_repeated(wrong, monkeypatch):
    monkeypatch.setenv("CANGO_CREDENTIAL_KEYS", wrong)

    with pytest.raises(WrongSetting) as refused:
        fernet_keys("CREDENTIAL_KEYS")

    assert str(refused.value).startswith("CANGO_CREDENTIAL_KEYS='...' is not usable: expected keys of 32 bytes")
    assert wrong not in str(refused.value)
