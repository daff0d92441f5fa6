"""Endpoints of orders to machines. Reading takes the site's sight, by session or token; asking and judging a person."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path, re_path
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, generics, serializers
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Answers, person
from cango_ops.base.formats import Csv, Json
from cango_ops.base.keyset import Keyset
from cango_ops.base.problems import BadParameter, Conflict
from compute.commands import approve, queries
from compute.commands.refusal import Refused
from compute.commands.request import Wanted
from compute.commands.request import request as ask_for
from compute.models import Command, Order
from compute.web import step_up
from compute.web.api_order_records import CommandRecord, OrderRecord, OrderWish, Word
from compute.web.filters import CommandFilter, OrderFilter
from sites.models import ApiToken, Site
from sites.web.token_authentication import ScopeAllows


class ByPerson(BasePermission):
    """Whatever changes something takes a person who has signed in; no token does it, whatever its scopes."""

    message = "Orders are requested and judged by people who have signed in, never by a token."
    code = "person_needed"

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.method in {"GET", "HEAD", "OPTIONS"} or not isinstance(request.auth, ApiToken)


def refused(why: Refused) -> exceptions.APIException:
    words = f"{str(why)[:1].upper()}{str(why)[1:]}."
    return exceptions.PermissionDenied(words) if why.is_right else Conflict(words)


class Seen(Answers):
    permission_classes = [IsAuthenticated, ByPerson, ScopeAllows]

    def orders(self) -> QuerySet[Order]:
        return queries.with_people(Order.objects.visible_to(person(self.request)))

    def one(self, pk: str) -> Order:
        return generics.get_object_or_404(self.orders(), pk=pk)


class Orders(Seen, generics.ListAPIView):
    """Every order at a site that you may see."""

    queryset = Order.objects.none()
    serializer_class = OrderRecord
    filterset_class: Any = OrderFilter
    pagination_class = Keyset
    renderer_classes = [Json, Csv]
    orderings = {"id": "pk"}

    def get_queryset(self) -> QuerySet[Order]:
        return self.orders()

    def paginate_queryset(self, queryset: Any) -> Any:
        return with_counts(super().paginate_queryset(queryset) or [])

    @extend_schema(request=OrderWish, responses={201: OrderRecord, 409: None})
    def post(self, request: Request) -> Response:
        """Asks for an order. Sent again with the same request_id, it is the same order."""
        wish = OrderWish(data=request.data)
        wish.is_valid(raise_exception=True)
        said = dict(wish.validated_data)
        site = Site.objects.visible_to(person(request)).filter(code=said.pop("site")).first()
        if site is None:
            raise BadParameter("site", "is not one that you may see.")
        devices = tuple(said.pop("devices"))
        try:
            made = ask_for(Wanted(site=site, device_ids=devices, source="api", **said), person(request))
        except Refused as why:
            raise refused(why) from why
        return Response(OrderRecord(with_counts([self.one(str(made.pk))])[0]).data, status=201)


class OneOrder(Seen, generics.RetrieveAPIView):
    """One order by its number."""

    serializer_class = OrderRecord

    def get_queryset(self) -> QuerySet[Order]:
        return self.orders()

    def get_object(self) -> Order:
        return with_counts([super().get_object()])[0]


class Commands(Seen, generics.ListAPIView):
    """The machines of one order, each with its command."""

    queryset = Command.objects.none()
    serializer_class = CommandRecord
    filterset_class: Any = CommandFilter
    pagination_class = Keyset
    renderer_classes = [Json, Csv]
    orderings = {"id": "pk"}

    def get_queryset(self) -> QuerySet[Command]:
        return Command.objects.filter(order=self.one(self.kwargs["pk"]))


class Judge(Seen):
    """A person's word about an order."""

    def judge(self, order: Order, request: Request, reason: str) -> None:
        raise NotImplementedError

    @extend_schema(request=Word, responses={200: OrderRecord, 409: None})
    def post(self, request: Request, pk: str) -> Response:
        word = Word(data=request.data)
        word.is_valid(raise_exception=True)
        try:
            self.judge(self.one(pk), request, word.validated_data["reason"])
        except Refused as why:
            raise refused(why) from why
        return Response(OrderRecord(with_counts([self.one(pk)])[0]).data)


class Approve(Judge):
    """Your word for it. Said twice, it counts once. Where two are needed, sign in again not long before."""

    def judge(self, order: Order, request: Request, reason: str) -> None:
        if step_up.is_needed(request._request, order.approvals_needed):
            raise exceptions.PermissionDenied(step_up.WORDS, code="sign_in_again")
        approve.approve(order, person(request))


class Refuse(Judge):
    """Ends an order that waits for approval."""

    def judge(self, order: Order, request: Request, reason: str) -> None:
        approve.refuse(order, person(request), reason)


class Stop(Judge):
    """Nothing more of it leaves."""

    def judge(self, order: Order, request: Request, reason: str) -> None:
        approve.stop(order, person(request), reason)


class Holds(Seen):
    """The holds that stand over a site that you may see."""

    class HoldRecord(serializers.Serializer):
        """Neither site nor operator: every site."""

        id = serializers.IntegerField()
        site: Any = serializers.CharField(source="site.code", allow_null=True, default=None)
        operator = serializers.CharField(source="operator.code", allow_null=True, default=None)
        reason = serializers.CharField(allow_blank=True)
        placed_at = serializers.DateTimeField()

    @extend_schema(responses=HoldRecord(many=True))
    def get(self, request: Request) -> Response:
        return Response(self.HoldRecord(queries.holds(person(request)), many=True).data)


def with_counts(orders: list[Any]) -> list[Any]:
    """The same orders, each with its commands counted; one query for all of them."""
    counted = queries.counts(orders)
    for order in orders:
        order.counts = counted[order.pk]
    return orders


NUMBER = r"(?P<pk>[0-9]{1,18})"

urlpatterns = [
    path("commands/", Orders.as_view(), name="api-orders"),
    re_path(rf"^commands/{NUMBER}/$", OneOrder.as_view(), name="api-order"),
    re_path(rf"^commands/{NUMBER}/machines/$", Commands.as_view(), name="api-order-machines"),
    re_path(rf"^commands/{NUMBER}/approve/$", Approve.as_view(), name="api-order-approve"),
    re_path(rf"^commands/{NUMBER}/refuse/$", Refuse.as_view(), name="api-order-refuse"),
    re_path(rf"^commands/{NUMBER}/stop/$", Stop.as_view(), name="api-order-stop"),
    path("holds/", Holds.as_view(), name="api-holds"),
]
