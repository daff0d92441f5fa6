"""Endpoints of loans: their contracts, and what happened to each. A contract is written by a person who signed in not
long before, what happened is proposed by one and approved by another; no token does either."""

from typing import Any, Final

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from django.urls import path
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Instant, person
from cango_ops.base.problems import BadParameter, Conflict
from cango_ops.wire import Garbled
from treasury.closing.close import Refused
from treasury.lending.contract import CURRENCIES
from treasury.lending.terms import DayCount, Interest, Trigger
from treasury.loans import contract
from treasury.loans.contract import Wrong
from treasury.models import Loan
from treasury.proposals.policy import TOLD
from treasury.proposals.propose import Wanted, propose
from treasury.proposals.terms import read
from treasury.web.api import OfTheBooks
from treasury.web.api_records import Dollars
from treasury.web.loan.page import happened
from treasury.web.proposals.api import ProposalRecord

SURE: Final = "Not done: sign in again, and send it within five minutes of that."


class Share(serializers.DecimalField):
    """0.8 is 80 %."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=6, decimal_places=4, allow_null=True, default=None, **options)


class ContractRecord(serializers.Serializer):
    """What a loan's contract says. rate: a year; it and the LTVs are shares, 0.8 is 80 %; null: no such right."""

    code = serializers.CharField(max_length=32)
    lender = serializers.CharField(max_length=100)
    currency = serializers.ChoiceField(CURRENCIES, default="USD")
    rate = serializers.DecimalField(max_digits=8, decimal_places=6)
    day_count = serializers.ChoiceField([one.value for one in DayCount])
    interest = serializers.ChoiceField([one.value for one in Interest])
    initial_ltv = Share()
    margin_ltv = Share()
    liquidation_ltv = Share()
    trigger = serializers.ChoiceField([one.value for one in Trigger], default=Trigger.GT.value)
    call_price_ratio = Share()
    keeps_coins_on_books = serializers.BooleanField(default=False)
    ends_on = serializers.DateField(allow_null=True, default=None)


class NewContract(ContractRecord):
    """The same, with where the contract lies or who confirmed it."""

    evidence = serializers.CharField(max_length=500)


class LoanEventRecord(serializers.Serializer):
    """Something that happened. source_id: also of its entries.   evidence: words by which it was told, where proposal
    is the number of the proposal by which it came into the books; null where none did."""

    source_id = serializers.CharField(source="row.source_id")
    kind = serializers.CharField(source="row.kind")
    on = serializers.DateField(source="row.on")
    sat = serializers.IntegerField(source="row.sat")
    usd = Dollars(source="row.usd")
    price_usd = Dollars(source="row.price_usd", allow_null=True)
    rate = serializers.DecimalField(source="row.rate", max_digits=8, decimal_places=6, allow_null=True)
    actor = serializers.CharField(source="row.actor")
    recorded_at = Instant(source="row.recorded_at")
    proposal = serializers.IntegerField(allow_null=True)
    evidence = serializers.CharField()


class NewEvent(serializers.Serializer):
    """What happened at the lender. key: made by you; sent again it is the same proposal.   sat: of a call and a
    liquidation; usd: of a drawdown; rate: a share a year; reference: the lender's own id of it."""

    key = serializers.UUIDField()
    kind = serializers.ChoiceField([kind.value for kind in TOLD])
    on = serializers.DateField()
    reason = serializers.CharField(max_length=500, help_text="What proves it.")
    sat = serializers.IntegerField(required=False)
    usd = Dollars(required=False)
    price_usd = Dollars(required=False)
    rate = serializers.DecimalField(max_digits=8, decimal_places=6, required=False)
    reference = serializers.CharField(required=False)


class Loans(OfTheBooks):
    """The contracts of all loans."""

    @extend_schema(responses=ContractRecord(many=True))
    def get(self, request: Request) -> Response:
        return Response(ContractRecord(Loan.objects.visible_to(person(request)), many=True).data)

    @extend_schema(
        request=NewContract,
        responses={201: ContractRecord, 200: OpenApiResponse(ContractRecord, "It stood there already."), 409: None},
    )
    def post(self, request: Request) -> Response:
        """Writes a contract down; sent again it is the same loan. Other terms under a known code are refused."""
        if not contract.may_write(person(request)):
            raise exceptions.PermissionDenied("Loans are written down by those who move the treasury.")
        if is_reauthentication_required(request._request, app="account"):
            raise exceptions.PermissionDenied(SURE, code="sign_in_again")
        said = asked(NewContract, request.data)
        try:
            written = contract.write(said, said.pop("evidence"), person(request))
        except Wrong as why:
            if why.is_conflict:
                raise Conflict(str(why)) from why
            raise exceptions.ValidationError({name: [words] for name, words in why.faults.items()}) from why
        return Response(ContractRecord(written.loan).data, status=201 if written.is_new else 200)


def asked(record: type[serializers.Serializer], data: Any) -> dict[str, Any]:
    """What was sent, typed; a misspelt right would be one that the lender has not. Raises ValidationError."""
    form = record(data=data)
    strange = sorted(set(data) - set(form.fields)) if isinstance(data, dict) else []
    if strange:
        raise BadParameter(strange[0], "is not known here.")
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


class LoanEvents(OfTheBooks):
    """What happened to a loan, the newest first."""

    @extend_schema(responses=LoanEventRecord(many=True))
    def get(self, request: Request, code: str) -> Response:
        return Response(LoanEventRecord(happened(named(request, code)), many=True).data)

    @extend_schema(request=NewEvent, responses={201: ProposalRecord, 409: None})
    def post(self, request: Request, code: str) -> Response:
        """Proposes to write it down; it happens to the loan once another person has approved that on its page."""
        loan = named(request, code)
        if not contract.may_write(person(request)):
            raise exceptions.PermissionDenied("What happened is told by those who move the treasury.")
        said = asked(NewEvent, request.data)
        key, kind, reason = said.pop("key"), said.pop("kind"), said.pop("reason")
        if "rate" in said:
            said["rate_pct"] = 100 * said.pop("rate")
        raw = {"loan": loan.code} | said
        try:
            read(kind, raw)
            made = propose(Wanted(key, kind, raw, reason), person(request))
        except Garbled as why:
            raise exceptions.ValidationError([f"{why}."]) from why
        except Refused as why:
            raise Conflict(f"{why}.") from why
        return Response(ProposalRecord(made).data, status=201)


def named(request: Request, code: str) -> Loan:
    loan = Loan.objects.visible_to(person(request)).filter(code=code).first()
    if loan is None:
        raise exceptions.NotFound
    return loan


urlpatterns = [
    path("treasury/loans/", Loans.as_view(), name="api-loans"),
    path("treasury/loans/<slug:code>/events/", LoanEvents.as_view(), name="api-loan-events"),
]
