"""Endpoints of proposals, the address book, the policy and the interest of loans: read by right. What is done takes a
person, and a page for all but what happened at lenders, because no token proposes or approves."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base import clock
from cango_ops.base.answers import Instant, person
from cango_ops.base.problems import BadParameter
from treasury.loans.interest import schedule
from treasury.models import Beneficiary, Loan, Proposal
from treasury.proposals.approve import OPEN
from treasury.proposals.lots import took, would_take
from treasury.proposals.policy import standing
from treasury.proposals.terms import of_proposal
from treasury.web.api import OfTheBooks
from treasury.web.api_records import Dollars, Percent
from treasury.web.proposals import words

MOST = 1000


class ApprovalRecord(serializers.Serializer):
    """One person's yes. words: what was checked."""

    approver = serializers.EmailField(source="approver.email")
    at = Instant()
    words = serializers.CharField()


class EffectRecord(serializers.Serializer):
    """A figure before and after, satoshis where the unit is BTC; null with why where it is not known."""

    code = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)
    why = serializers.CharField()


class ProposalRecord(serializers.Serializer):
    """A proposal. digest: SHA-256 of its kind and terms, which every approval names."""

    id = serializers.IntegerField()
    key = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.CharField()
    title = serializers.SerializerMethodField()
    terms = serializers.JSONField()
    digest = serializers.CharField()
    reason = serializers.CharField()
    maker = serializers.EmailField(source="maker.email")
    proposed_at = Instant()
    not_after = Instant()
    approvals_needed = serializers.IntegerField()
    ruling = serializers.CharField()
    value_usd = Dollars(allow_null=True)
    approvals = ApprovalRecord(many=True)
    approved_at = Instant(allow_null=True)
    booked_at = Instant(allow_null=True)
    evidence = serializers.JSONField(allow_null=True)
    sources = serializers.ListField(child=serializers.CharField())
    ended_at = Instant(allow_null=True)
    end_reason = serializers.CharField()

    def get_title(self, row: Proposal) -> str:
        return words.title(row)


class LotRecord(serializers.Serializer):
    """A part of a lot, with what it cost; lot null: of the pool."""

    lot = serializers.CharField(allow_null=True)
    came_at = Instant(source="lot_at", allow_null=True)
    sat = serializers.IntegerField()
    basis_usd = Dollars()


class WholeProposalRecord(ProposalRecord):
    """The same with the figures before and after, and the lots that it would take now, or that were taken."""

    effect = EffectRecord(many=True)
    lots = serializers.SerializerMethodField()

    @extend_schema_field(LotRecord(many=True))
    def get_lots(self, row: Proposal) -> Any:
        found = would_take(of_proposal(row), clock.now()) if row.state in OPEN else took(row)
        return LotRecord(found, many=True).data


class BeneficiaryRecord(serializers.Serializer):
    """An entry of the address book. It may be paid to from effective_at on, until it is retired."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    address = serializers.CharField()
    network = serializers.CharField()
    script = serializers.CharField()
    purpose = serializers.CharField()
    proposal = serializers.IntegerField(source="proposal_id")
    added_by = serializers.EmailField(source="added_by.email")
    verified_by = serializers.EmailField(source="verified_by.email")
    verified_at = Instant()
    effective_at = Instant()
    retired_at = Instant(allow_null=True)


class CapRecord(serializers.Serializer):
    """How much people of a role may propose."""

    role = serializers.CharField()
    each_usd = Dollars()
    day_usd = Dollars()
    two_above_usd = Dollars()


class PolicyRecord(serializers.Serializer):
    """What holds now; version null: the defaults."""

    version = serializers.IntegerField(allow_null=True)
    stance = serializers.CharField()
    words = serializers.CharField()
    least_free_sat = serializers.IntegerField()
    most_ltv_pct = Percent(allow_null=True)
    cooling_off_h = serializers.IntegerField()
    valid_h = serializers.IntegerField()
    caps = CapRecord(many=True)


class InterestRecord(serializers.Serializer):
    """A month of a loan. posted_usd null: nothing is posted yet."""

    month = serializers.DateField(source="last", format="%Y-%m")
    interest_usd = Dollars()
    posted_usd = Dollars(source="posted.usd", default=None, allow_null=True)
    entries = serializers.ListField(source="posted.sources", child=serializers.CharField(), default=list)
    state = serializers.CharField(source="word")


class Proposals(OfTheBooks):
    """The newest proposals; `state` keeps those in it."""

    parameters = ("state",)

    @extend_schema(responses=ProposalRecord(many=True))
    def get(self, request: Request) -> Response:
        rows = kept(request)
        state = request.query_params.get("state")
        if state is not None and state not in Proposal.State.values:
            raise BadParameter("state", f"is not one of {', '.join(Proposal.State.values)}.")
        found = rows.filter(state=state) if state else rows
        return Response(ProposalRecord(found[:MOST], many=True).data)


class OneProposal(OfTheBooks):
    """One proposal with its effect."""

    @extend_schema(responses=WholeProposalRecord)
    def get(self, request: Request, pk: int) -> Response:
        row = kept(request).filter(pk=pk).first()
        if row is None:
            raise exceptions.NotFound
        return Response(WholeProposalRecord(row).data)


def kept(request: Request) -> Any:
    rows = Proposal.objects.visible_to(person(request)).select_related("maker")
    return rows.prefetch_related("approvals__approver")


class Addresses(OfTheBooks):
    """The address book, retired entries too."""

    @extend_schema(responses=BeneficiaryRecord(many=True))
    def get(self, request: Request) -> Response:
        rows = Beneficiary.objects.visible_to(person(request)).select_related("added_by", "verified_by")
        return Response(BeneficiaryRecord(rows[:MOST], many=True).data)


class PolicyNow(OfTheBooks):
    """What the treasury means to do, its limits and caps."""

    @extend_schema(responses=PolicyRecord)
    def get(self, request: Request) -> Response:
        policy = standing()
        caps = [{"role": role, **vars(cap)} for role, cap in sorted(policy.caps.items())]
        return Response(PolicyRecord({**vars(policy), "caps": caps}).data)


class LoanInterest(OfTheBooks):
    """A loan's interest month by month: by its course, as posted, and six months ahead."""

    @extend_schema(responses=InterestRecord(many=True))
    def get(self, request: Request, code: str) -> Response:
        loan = Loan.objects.visible_to(person(request)).filter(code=code).first()
        if loan is None:
            raise exceptions.NotFound
        return Response(InterestRecord(schedule(loan, clock.now().date()), many=True).data)


urlpatterns = [
    path("treasury/proposals/", Proposals.as_view(), name="api-proposals"),
    path("treasury/proposals/<int:pk>/", OneProposal.as_view(), name="api-proposal"),
    path("treasury/addresses/", Addresses.as_view(), name="api-addresses"),
    path("treasury/policy/", PolicyNow.as_view(), name="api-treasury-policy"),
    path("treasury/loans/<slug:code>/interest/", LoanInterest.as_view(), name="api-loan-interest"),
]
