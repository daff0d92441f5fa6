"""The simulated estate's map in the database, with what belongs to it."""

import pytest
from django.core.management import call_command

from compute import credentials
from compute.models import Credential, Device
from compute.protocols.signing import Login

pytestmark = pytest.mark.django_db


def test_the_estate_comes_with_the_logins_of_its_factory_and_keeps_those_that_people_set():
    call_command("seed_estate", devices=620)
    mine = Device.objects.filter(language="antminer").select_related("site").first()
    assert credentials.login_of(mine) == Login("root", "root")
    assert set(Credential.objects.values_list("language", flat=True)) == {"antminer", "braiins", "whatsminer_v2"}

    credentials.keep("test", mine.site, "antminer", Login("root", "changed"))
    call_command("seed_estate", devices=620)

    assert credentials.login_of(mine) == Login("root", "changed")
