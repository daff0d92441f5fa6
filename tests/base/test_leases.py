import pytest
from django.db import connection, transaction

from cango_ops.base import leases
from tests.base.threads import in_threads

pytestmark = pytest.mark.django_db


def expire(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE base_lease SET expires_at = clock_timestamp() - interval '1 second' WHERE name = %s", [name]
        )


def test_a_free_lease_is_taken_with_epoch_1():
    lease = leases.take("sweep/1", ttl_s=60)

    assert (lease.name, lease.epoch) == ("sweep/1", 1)
    assert 59 < (lease.expires_at - lease.taken_at).total_seconds() <= 60.1


def test_a_lease_that_somebody_holds_is_not_taken():
    leases.take("sweep/1", ttl_s=60)

    assert leases.take("sweep/1", ttl_s=60) is None


def test_an_expired_lease_is_taken_with_the_next_epoch():
    leases.take("sweep/1", ttl_s=60)
    expire("sweep/1")

    assert leases.take("sweep/1", ttl_s=60).epoch == 2


def test_a_released_lease_is_free_at_once():
    assert leases.release(leases.take("sweep/1", ttl_s=60))

    assert leases.take("sweep/1", ttl_s=60).epoch == 2


def test_releasing_a_lease_that_was_lost_leaves_the_new_holder_alone():
    old = leases.take("sweep/1", ttl_s=60)
    expire("sweep/1")
    new = leases.take("sweep/1", ttl_s=60)

    assert not leases.release(old)
    leases.hold(new)


def test_renewing_moves_the_end_and_keeps_the_epoch():
    lease = leases.take("sweep/1", ttl_s=60)

    renewed = leases.renew(lease)

    assert renewed.epoch == 1
    assert renewed.expires_at > lease.expires_at


def test_an_expired_lease_is_neither_renewed_nor_held():
    lease = leases.take("sweep/1", ttl_s=60)
    expire("sweep/1")

    with pytest.raises(leases.LeaseLost):
        leases.renew(lease)
    with pytest.raises(leases.LeaseLost):
        leases.hold(lease)


def test_held_releases_even_after_an_error():
    with pytest.raises(ZeroDivisionError), leases.held("sweep/1", 60):
        raise ZeroDivisionError

    assert leases.take("sweep/1", ttl_s=60).epoch == 2


@pytest.mark.django_db(transaction=True)
def test_holding_outside_a_transaction_is_an_error():
    lease = leases.take("sweep/1", ttl_s=60)

    with pytest.raises(transaction.TransactionManagementError):
        leases.hold(lease)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", ["nothing", "an expired lease"])
def test_of_24_simultaneous_takes_one_wins(before):
    if before == "an expired lease":
        leases.take("sweep/1", ttl_s=60)
        expire("sweep/1")

    taken = in_threads(24, lambda: leases.take("sweep/1", ttl_s=60))

    assert len([lease for lease in taken if lease]) == 1


@pytest.mark.django_db(transaction=True)
def test_a_holder_that_froze_is_refused_after_another_took_over():
    frozen = leases.take("sweep/1", ttl_s=60)
    expire("sweep/1")
    (taken_over,) = in_threads(1, lambda: leases.take("sweep/1", ttl_s=60))

    with pytest.raises(leases.LeaseLost), transaction.atomic():
        leases.hold(frozen)

    assert taken_over.epoch == frozen.epoch + 1


@pytest.mark.django_db(transaction=True)
def test_nobody_takes_over_while_the_holder_is_writing():
    lease = leases.take("sweep/1", ttl_s=60)

    with transaction.atomic():
        leases.hold(lease)
        (renewed,) = in_threads(1, lambda: leases.renew(lease))
        in_threads(1, lambda: expire("sweep/1"))
        assert in_threads(1, lambda: leases.take("sweep/1", ttl_s=60)) == [None]

    assert renewed.epoch == 1
    assert leases.take("sweep/1", ttl_s=60).epoch == 2
