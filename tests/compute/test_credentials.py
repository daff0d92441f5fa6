"""Logins of machines: kept, opened for those who talk to machines, and for nobody else."""

import logging

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from cango_ops.base import audit
from cango_ops.base.models import AuditEvent
from cango_ops.base.sealed import CannotOpen
from compute import credentials
from compute.collector import targets
from compute.credentials import CredentialRefused
from compute.models import Credential, Device
from compute.protocols import ADAPTERS
from compute.protocols.signing import Login
from tests.worlds import make_world

pytestmark = pytest.mark.django_db
CANARY = "canary-7f3a"
ROOT = Login("root", CANARY)


@pytest.fixture
def world():
    return make_world()


def one_of(world) -> Device:
    return world.c1.devices.get(slot=1)


def test_a_site_has_one_login_a_language_and_the_last_one_counts(world):
    credentials.keep(world.bo, world.pecos, "antminer", Login("root", "old"))
    credentials.keep(world.bo, world.pecos, "antminer", ROOT)

    assert Credential.objects.count() == 1
    assert credentials.login_of(one_of(world)) == ROOT
    assert credentials.login_of(world.m1.devices.get(slot=1)) is None


def test_a_machines_own_login_comes_first(world):
    credentials.keep(world.bo, world.pecos, "antminer", ROOT)
    credentials.keep(world.bo, world.pecos, "antminer", Login("own", "x"), one_of(world))

    found = credentials.logins([world.pecos.pk])

    assert credentials.login_of(one_of(world)) == Login("own", "x")
    assert found.of(one_of(world).pk, world.pecos.pk, "antminer") == Login("own", "x")
    assert found.of(world.c1.devices.get(slot=2).pk, world.pecos.pk, "antminer") == ROOT


def test_a_machine_that_was_swapped_for_another_language_is_not_sent_the_old_ones_login(world):
    credentials.keep(world.bo, world.pecos, "antminer", ROOT, one_of(world))
    Device.objects.filter(pk=one_of(world).pk).update(language="braiins")

    assert credentials.login_of(one_of(world)) is None
    assert credentials.logins([world.pecos.pk]).of(one_of(world).pk, world.pecos.pk, "braiins") is None

    credentials.keep(world.bo, world.pecos, "braiins", Login("b", "b"), one_of(world))
    assert credentials.login_of(one_of(world)) == Login("b", "b")


def test_the_collector_signs_in_where_a_login_is_set(world):
    credentials.keep(world.bo, world.pecos, "antminer", ROOT)

    found = targets.read(Device.objects.all()).containers

    adapters = {target.adapter for target in found[world.c1.pk]}
    assert [adapter.login for adapter in adapters] == [ROOT]
    assert {target.adapter for target in found[world.m1.pk]} == {ADAPTERS["antminer"]}


def test_a_login_that_no_key_opens_leaves_its_machines_asked_without(world, settings):
    credentials.keep(world.bo, world.pecos, "antminer", ROOT)
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]

    everybody = targets.read(Device.objects.filter(site=world.pecos))

    assert (len(everybody), everybody.locked) == (4, 1)
    with pytest.raises(CannotOpen):
        credentials.login_of(one_of(world))


@pytest.mark.parametrize("moved", [{"language": "braiins"}, {"site": "MUSCAT"}])
def test_a_cipher_that_is_given_to_others_does_not_open(world, moved):
    credentials.keep(world.bo, world.pecos, "antminer", ROOT)
    change = {"site": world.muscat} if "site" in moved else moved
    Credential.objects.update(**change)

    with pytest.raises(CannotOpen):
        credentials.opened(Credential.objects.get())


@pytest.mark.parametrize(
    ("language", "login", "parameter"),
    [
        ("bitaxe", ROOT, "language"),
        ("nonsense", ROOT, "language"),
        ("antminer", Login("root", ""), "password"),
        ("antminer", Login("root\r\nX: y", CANARY), "user"),
        ("antminer", Login("root", CANARY + "\0"), "password"),
        ("antminer", Login("", "", "t" * 257), "token"),
    ],
)
def test_what_cannot_be_a_login_is_refused_and_not_repeated(world, language, login, parameter):
    with pytest.raises(CredentialRefused) as refused:
        credentials.keep(world.bo, world.pecos, language, login)

    assert refused.value.parameter == parameter
    assert CANARY not in str(refused.value)
    assert not Credential.objects.exists()


def test_every_change_is_on_record_without_the_secret(world):
    kept = credentials.keep(world.bo, world.pecos, "antminer", ROOT, one_of(world))
    assert credentials.remove(world.bo, world.pecos, kept.pk)
    assert not credentials.remove(world.bo, world.pecos, kept.pk)

    events = list(AuditEvent.objects.order_by("sequence").values_list("actor", "verb", "target", "detail"))
    what = {"language": "antminer", "machine": "PECOS/C1/1"}
    assert events == [
        ("bo@example.com", "set_login", "site/PECOS", what),
        ("bo@example.com", "remove_login", "site/PECOS", what),
    ]
    assert audit.verify().wrong is None


def test_the_secret_is_in_no_table_log_or_representation(world, caplog):
    caplog.set_level(logging.DEBUG)
    credential = credentials.keep(world.bo, world.pecos, "antminer", ROOT)
    target = targets.read(Device.objects.filter(site=world.pecos)).containers[world.c1.pk][0]

    said = f"{credential!r} {credential.secret!r} {vars(credential)} {target!r} {target.adapter!r} {ROOT!r}"
    said += caplog.text + serializers.serialize("json", Credential.objects.all())
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT coalesce(string_agg(t::text, chr(10)), $$ $$) FROM "{table}" AS t')
            said += cursor.fetchone()[0]

    assert CANARY not in said
    assert "antminer" in said


def test_rotating_seals_all_under_the_newest_key(world, settings, capsys):
    credentials.keep(world.bo, world.pecos, "antminer", ROOT)
    new = Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [new, *settings.CREDENTIAL_KEYS]

    call_command("rotate_credentials")

    assert capsys.readouterr().out == "1 logins sealed under the newest key\n"
    settings.CREDENTIAL_KEYS = [new]
    assert credentials.login_of(one_of(world)) == ROOT
    assert AuditEvent.objects.last().detail == {"changed": 1, "locked": 0}


def test_rotating_names_those_that_no_key_opens(world, settings):
    credentials.keep(world.bo, world.pecos, "antminer", ROOT)
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(CommandError, match="PECOS antminer: no key of this console opens it"):
        call_command("rotate_credentials")


def test_a_fresh_key_is_printed_on_request(capsys):
    call_command("rotate_credentials", "--new-key")
    assert len(capsys.readouterr().out.strip()) == 44
