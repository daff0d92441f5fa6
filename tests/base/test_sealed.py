"""Columns that only the console's own keys open, and only in their row."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.base.sealed import CannotOpen, Sealed, SealedField, seal, sealed_anew, unseal

FIRST, SECOND = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def one_key(settings):
    settings.CREDENTIAL_KEYS = [FIRST]


def test_what_was_sealed_is_opened_in_its_row():
    assert unseal(seal("pässword", "credential/1"), "credential/1") == "pässword"


def test_a_cipher_copied_to_another_row_does_not_open_there():
    with pytest.raises(CannotOpen, match="another row"):
        unseal(seal("secret", "credential/1"), "credential/2")


def test_nothing_of_it_is_seen_from_outside():
    sealed = seal("canary", "credential/1")

    assert "canary" not in sealed.cipher
    assert f"{sealed} {sealed!r} {[sealed]}" == "Sealed(...) Sealed(...) [Sealed(...)]"
    assert seal("canary", "credential/1") != sealed


def test_without_its_key_it_does_not_open_and_says_nothing(settings):
    sealed = seal("canary", "credential/1")
    settings.CREDENTIAL_KEYS = [SECOND]

    with pytest.raises(CannotOpen) as refused:
        unseal(sealed, "credential/1")

    assert str(refused.value) == "no key of this console opens it"
    assert refused.value.__cause__ is None
    with pytest.raises(CannotOpen):
        sealed_anew(sealed)


def test_after_a_rotation_the_old_key_is_not_needed_any_more(settings):
    old = seal("secret", "credential/1")
    settings.CREDENTIAL_KEYS = [SECOND, FIRST]
    assert unseal(old, "credential/1") == "secret"

    new = sealed_anew(old)

    settings.CREDENTIAL_KEYS = [SECOND]
    assert unseal(new, "credential/1") == "secret"
    with pytest.raises(CannotOpen):
        unseal(old, "credential/1")


@given(st.text(), st.integers(0), st.integers(0))
def test_any_text_opens_in_its_own_row_alone(text, row, other):
    sealed = seal(text, f"credential/{row}")

    assert unseal(sealed, f"credential/{row}") == text
    if other != row:
        with pytest.raises(CannotOpen):
            unseal(sealed, f"credential/{other}")


@pytest.mark.parametrize("change", [lambda cipher: cipher[:-5] + "AAAA=", lambda cipher: "", lambda cipher: "é"])
def test_a_changed_cipher_does_not_open(change):
    with pytest.raises(CannotOpen):
        unseal(Sealed(change(seal("secret", "a").cipher)), "a")


def test_plain_text_is_not_stored():
    with pytest.raises(TypeError, match="takes what `seal` made"):
        SealedField().get_prep_value("plain")
