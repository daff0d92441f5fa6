"""The treasury's periodic work: one worker at a time, and each run leaves a row that says how it ended."""

import pytest

from cango_ops.base import leases
from cango_ops.base.models import JobRun
from tests.treasury.chain.test_chain import ZPUB
from treasury import tasks
from treasury.chain.descriptors import parse
from treasury.models import Wallet, WalletReading

pytestmark = pytest.mark.django_db
WORK = {
    "treasury.measure_production": (tasks.measure_production, "treasury.production"),
    "treasury.reconcile": (tasks.reconcile_production, "treasury.reconcile"),
    "treasury.read_wallets": (tasks.read_wallets, "treasury.wallets"),
}


def last(name):
    return JobRun.objects.filter(name=name).order_by("-pk")[0]


@pytest.mark.parametrize("name", WORK)
def test_an_idle_console_has_nothing_to_do(name):
    WORK[name][0]()

    assert last(name).outcome == "done"


@pytest.mark.parametrize("name", WORK)
def test_a_second_worker_leaves_it_to_the_first(name):
    work, lease = WORK[name]
    leases.take(lease, 60, "another")

    work()

    assert (last(name).outcome, last(name).detail["why"]) == ("skipped", "another worker holds the lease")


def test_wallets_without_a_source_are_said_to_be_unread(settings):
    settings.CHAIN_URLS = []
    Wallet.objects.create(name="cold", kind="watched", descriptor=parse(ZPUB).text, added_by="t")

    tasks.read_wallets()

    assert last("treasury.read_wallets").detail["why"] == "CANGO_CHAIN_URLS is not set"
    assert WalletReading.objects.count() == 0


def test_a_source_that_cannot_be_fails_in_words(settings):
    settings.CHAIN_URLS = ["gopher=http://x"]

    tasks.read_wallets()

    assert last("treasury.read_wallets").outcome == "failed"
    assert "gopher" in last("treasury.read_wallets").detail["why"]


def test_no_pool_no_statement(settings):
    settings.POOLS = []
    tasks.read_statements()
    assert last("treasury.read_statements").outcome == "skipped"

    settings.POOLS = [{"name": "Main", "operator": "nobody", "provider": "braiins"}]
    tasks.read_statements()
    assert last("treasury.read_statements").detail["why"] == "Main: refused: no operator 'nobody'"
