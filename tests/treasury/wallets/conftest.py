"""A real node for the tests that have one, and a clock that stands still."""

import pytest
import time_machine

from tests.treasury.wallets.regtest import NOON, regtest


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A node whose own wallet holds coins that can be spent: the source, and a function that calls it."""
    with regtest(tmp_path_factory.mktemp("core")) as (source, call):
        call("createwallet", "miner")
        call("generatetoaddress", 101, call("getnewaddress", wallet="miner"))
        yield source, call
