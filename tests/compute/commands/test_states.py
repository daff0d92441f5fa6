"""The states of a command, walked at random: nothing is sent twice, nothing final ever changes."""

import uuid
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from cango_ops.base import leases
from cango_ops.base.clock import database_now
from cango_ops.base.models import Lease
from compute.commands import approve, claim, confirm, expire, hold, send, sending
from compute.commands.refusal import Refused
from compute.commands.request import Wanted, request
from compute.commands.send import End
from compute.commands.states import FINAL, MOVES, may_move
from compute.models import Command, Hold, Order
from tests.compute.commands.worlds import heard_world, machines

C = Command.State


def test_only_what_was_never_sent_can_come_to_be_sent():
    before_sent = {old for old, news in MOVES.items() if C.SENT in news}
    after_sent = reachable(C.SENT)
    assert before_sent == {C.CLAIMED}
    assert not after_sent & {C.REQUESTED, C.APPROVED, C.CLAIMED, C.SENT}
    assert {C.CONFIRMED, C.FAILED, C.EXPIRED, C.STOPPED} == FINAL
    assert not may_move(C.UNKNOWN, C.APPROVED)


def reachable(state):
    seen, queue = set(), [state]
    while queue:
        for new in MOVES[queue.pop()] - seen:
            seen.add(new)
            queue.append(new)
    return seen


class Life(RuleBasedStateMachine):
    """Two senders that may lose their lease at any moment, people that approve, stop and hold, and a slow world."""

    def __init__(self):
        super().__init__()
        for table in (Command, Order, Hold, Lease):
            table.objects.all().delete()
        self.world = self.cast
        self.leases = [None, None]
        self.claimed = [[], []]
        self.on_the_wire = []
        self.executed = {}
        self.finals = {}
        self.ask()
        self.judge("approve")
        self.take_over(0)

    def order(self):
        return Order.objects.order_by("-pk").first()

    @rule()
    def ask(self):
        devices = tuple(device.pk for device in machines(self.world.c1))
        with suppress(Refused):
            request(Wanted(uuid.uuid4(), self.world.pecos, "sleep", devices, "x", wave_size=2), self.world.ada)

    @rule(word=st.sampled_from(["approve", "approve", "approve", "refuse", "stop"]))
    def judge(self, word):
        order = self.order()
        if order is None:
            return
        with suppress(Refused):
            {
                "approve": lambda: approve.approve(order, self.world.bo),
                "refuse": lambda: approve.refuse(order, self.world.bo, ""),
                "stop": lambda: approve.stop(order, self.world.ada),
            }[word]()

    @rule(now=st.sampled_from([False, False, False, True]))
    def press_or_lift(self, now):
        if not now:
            return
        standing = hold.standing().first()
        if standing:
            hold.lift(standing, self.world.bo)
        else:
            hold.press(uuid.uuid4(), self.world.ada, site=self.world.pecos)

    @rule(who=st.integers(0, 1))
    def take_over(self, who):
        """A sender comes up: the lease of the other has run out, though it may not know."""
        Lease.objects.update(expires_at=database_now())
        self.leases[who] = leases.take(sending.LEASE, 60)
        self.claimed[who] = []
        claim.recover(self.leases[who])

    @rule(who=st.integers(0, 1))
    def claim_some(self, who):
        if self.leases[who]:
            try:
                claim.open_waves(self.leases[who])
                self.claimed[who] += claim.claim(self.leases[who], 3)
            except leases.LeaseLost:
                self.leases[who] = None

    @rule(who=st.integers(0, 1), dies=st.booleans())
    def send_some(self, who, dies):
        """What is on record as sent goes to the wire, unless the sender dies in between."""
        if not self.leases[who]:
            return
        try:
            hit = send.mark_sent(self.claimed[who], self.leases[who])
        except leases.LeaseLost:
            self.leases[who] = None
            return
        if not dies:
            for job in self.claimed[who]:
                if job.pk in hit:
                    self.executed[job.pk] = self.executed.get(job.pk, 0) + 1
                    self.on_the_wire.append((who, self.leases[who], job))
        self.claimed[who] = []

    @rule(who=st.integers(0, 1), dies=st.booleans())
    def claim_and_send(self, who, dies):
        self.claim_some(who)
        self.send_some(who, dies)

    @rule(end=st.sampled_from([C.ACKNOWLEDGED, C.FAILED, C.UNKNOWN]))
    def answer(self, end):
        if self.on_the_wire:
            _, lease, job = self.on_the_wire.pop(0)
            send.write_ends({job: End(end)}, C.SENT, lease)

    @rule(now=st.sampled_from([False, False, False, True]))
    def time_passes(self, now):
        if not now:
            return
        Order.objects.update(not_after=database_now())
        expire.expire()

    @rule(has_worked=st.booleans())
    def settle(self, has_worked):
        command = Command.objects.filter(state=C.UNKNOWN).first()
        if command:
            confirm.settle(command, self.world.ada, has_worked=has_worked, words="")

    @invariant()
    def nothing_was_executed_twice(self):
        assert all(times == 1 for times in self.executed.values())

    @invariant()
    def what_is_final_stays(self):
        now = dict(Command.objects.values_list("pk", "state"))
        for pk, state in self.finals.items():
            assert now.get(pk) == state
        self.finals |= {pk: state for pk, state in now.items() if state in FINAL}

    @invariant()
    def what_was_executed_is_not_said_to_have_stayed_here(self):
        left = set(Command.objects.filter(state__in=(C.EXPIRED, C.STOPPED, C.APPROVED)).values_list("pk", flat=True))
        assert not left & self.executed.keys()


@pytest.mark.django_db
def test_no_way_through_the_states_sends_twice():
    Life.cast = heard_world(3)
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=25, stateful_step_count=20, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
