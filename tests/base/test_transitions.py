import pytest
from django.db.models import F

from cango_ops.base.models import User
from cango_ops.base.transitions import HitSeveral, move
from tests.base.threads import in_threads
from tests.worlds import make_user

pytestmark = pytest.mark.django_db


def test_a_row_in_the_old_state_moves_and_shows_it():
    ada = make_user("Ada")

    assert move(ada, "theme", "system", "dark", time_zone="Asia/Muscat")

    assert (ada.theme, ada.time_zone) == ("dark", "Asia/Muscat")
    assert User.objects.get().time_zone == "Asia/Muscat"


def test_a_row_in_another_state_stays():
    ada = make_user("Ada")

    assert not move(ada, "theme", "dark", "light")

    assert User.objects.get().theme == "system"


def test_only_the_named_columns_are_written():
    ada = make_user("Ada")
    User.objects.update(time_zone="Asia/Muscat")

    assert move(ada, "theme", "system", "dark")

    assert User.objects.get().time_zone == "Asia/Muscat"


def test_none_is_a_state_like_others():
    ada = make_user("Ada")

    assert move(ada, "last_login", None, ada.date_joined)


def test_expressions_are_computed_by_the_database():
    ada = make_user("Ada")

    assert move(ada, "theme", "system", "dark", first_name=F("username"))

    assert ada.first_name == "ada"


def test_a_queryset_that_means_several_rows_changes_none():
    make_user("Ada")
    make_user("Bo")

    with pytest.raises(HitSeveral):
        move(User.objects.all(), "theme", "system", "dark")

    assert set(User.objects.values_list("theme", flat=True)) == {"system"}


@pytest.mark.django_db(transaction=True)
def test_of_24_simultaneous_approvals_one_wins():
    ada = make_user("Ada")

    def approve() -> bool:
        return move(User.objects.filter(pk=ada.pk), "theme", "system", "dark")

    assert sum(in_threads(24, approve)) == 1
