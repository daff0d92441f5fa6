import json
import stat
from io import StringIO

import pytest
from django.core.management import call_command

from cango_ops.base.models import User
from sites import demo
from sites.models import Membership, Operator, Role, Site
from tests.worlds import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


def by_email(accounts):
    return {account.email: account for account in accounts}


def test_there_is_one_of_each_role_for_every_site(world, tmp_path):
    demo.seed(tmp_path)

    for role in Role:
        (membership,) = Membership.objects.filter(role=role, operator=None, site=None, user__first_name="Demo")
        assert set(Site.objects.visible_to(membership.user)) == {world.pecos, world.muscat, world.ghost}


def test_a_partners_people_see_the_partners_sites_alone(world, tmp_path):
    accounts = by_email(demo.seed(tmp_path))

    operator = User.objects.get(email="operator@partner.example")
    assert list(Site.objects.visible_to(operator)) == [world.ghost]
    assert accounts["operator@partner.example"].sees == "the sites of Partner Mining"


def test_two_partners_at_most_are_taken(world, tmp_path):
    for code in ("ALPHA", "BETA", "GAMMA"):
        Operator.objects.create(code=code, name=code.title())

    emails = by_email(demo.seed(tmp_path))

    assert {email for email in emails if "cango" not in email} == {
        "operator@alpha.example", "viewer@alpha.example", "operator@beta.example", "viewer@beta.example",
    }  # fmt: skip


def test_without_any_operator_the_companys_people_are_made(tmp_path):
    assert len(demo.seed(tmp_path)) == 6


def test_the_written_password_opens_the_account(world, tmp_path):
    demo.seed(tmp_path)

    (line,) = [line for line in json.loads((tmp_path / demo.FILE).read_text()) if line["role"] == "treasurer"]

    assert User.objects.get(email=line["email"]).check_password(line["password"])
    assert len(set(line["password"])) > 5


def test_the_file_is_for_its_owner_alone(world, tmp_path):
    demo.seed(tmp_path)

    assert stat.S_IMODE((tmp_path / demo.FILE).stat().st_mode) == 0o600


def test_the_second_time_changes_nothing(world, tmp_path):
    first = demo.seed(tmp_path)
    hashes = dict(User.objects.values_list("email", "password"))

    assert demo.seed(tmp_path) == first
    assert dict(User.objects.values_list("email", "password")) == hashes


def test_no_two_installations_share_a_password(world, tmp_path):
    first = {account.password for account in demo.seed(tmp_path / "one")}
    second = {account.password for account in demo.seed(tmp_path / "two")}

    assert not first & second


def test_a_new_database_gets_the_passwords_that_were_written_down(world, tmp_path):
    first = by_email(demo.seed(tmp_path))
    User.objects.filter(first_name="Demo").delete()

    again = by_email(demo.seed(tmp_path))

    assert again["viewer@cango.example"].password == first["viewer@cango.example"].password
    assert User.objects.get(email="viewer@cango.example").check_password(first["viewer@cango.example"].password)
    assert demo.CHANGED not in {account.password for account in demo.seed(tmp_path)}


def test_a_password_that_its_owner_changed_is_left_and_no_longer_shown(world, tmp_path):
    demo.seed(tmp_path)
    viewer = User.objects.get(email="viewer@cango.example")
    viewer.set_password("something of my own")
    viewer.save()

    accounts = by_email(demo.seed(tmp_path))

    assert accounts["viewer@cango.example"].password == demo.CHANGED
    viewer.refresh_from_db()
    assert viewer.check_password("something of my own")
    assert by_email(demo.seed(tmp_path))["viewer@cango.example"].password == demo.CHANGED


def test_a_note_that_a_password_was_changed_is_never_a_password(world, tmp_path):
    demo.seed(tmp_path)
    User.objects.filter(first_name="Demo").update(password="!")
    demo.seed(tmp_path)
    User.objects.filter(first_name="Demo").delete()

    accounts = demo.seed(tmp_path)

    assert demo.CHANGED not in {account.password for account in accounts}


def test_a_broken_file_is_written_anew(world, tmp_path):
    demo.seed(tmp_path)
    (tmp_path / demo.FILE).write_text("{")

    accounts = by_email(demo.seed(tmp_path))

    viewer = User.objects.get(email="viewer@cango.example")
    assert viewer.check_password(accounts["viewer@cango.example"].password)


def test_the_command_resets_on_request(world, tmp_path, settings):
    settings.RUN_DIR = tmp_path
    first = by_email(demo.seed(tmp_path))
    out = StringIO()

    call_command("seed_demo", reset=True, stdout=out)

    assert out.getvalue().startswith("8 demo accounts")
    assert demo.read(tmp_path)["viewer@cango.example"].password != first["viewer@cango.example"].password


def test_a_console_of_real_people_gets_no_demo_people(world, tmp_path, settings):
    settings.RUN_DIR = tmp_path
    before = set(User.objects.values_list("email", "password"))

    call_command("seed_demo", if_nobody=True, stdout=StringIO())

    assert set(User.objects.values_list("email", "password")) == before
    User.objects.all().delete()
    call_command("seed_demo", if_nobody=True, stdout=StringIO())
    assert User.objects.count() == 8
