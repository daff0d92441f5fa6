"""Endpoints of the machines: containers, devices, what they last said, and their history."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path, re_path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Answers
from cango_ops.base.formats import Csv, Json
from cango_ops.base.keyset import Keyset
from compute.models import Container, Device
from compute.telemetry import queries
from compute.telemetry.totals_now import of_fleet
from compute.web import (
    api_backtests,
    api_decisions,
    api_gpu_contracts,
    api_hindsight,
    api_map,
    api_orders,
    api_outages,
    api_settings,
    api_spot,
)
from compute.web.api_records import CellRecord, ContainerRecord, DeviceRecord, LatestRecord, ReadingRecord, TotalsRecord
from compute.web.api_series import History
from compute.web.device_states import covering, with_states
from compute.web.filters import ContainerFilter, ContainerOfSiteFilter, DeviceFilter
from compute.web.reading_fields import reading_of
from sites.models import Site


class Latest(Answers):
    """The totals of now: over all the sites that you may see, and of each."""

    @extend_schema(responses=LatestRecord)
    def get(self, request: Request) -> Response:
        sites = dict(Site.objects.visible_to(request.user).values_list("pk", "code"))
        totals = queries.site_totals(sites)
        answer = {
            "fleet": of_fleet(totals.values()),
            "sites": [{"site": code, "totals": totals[pk]} for pk, code in sites.items()],
        }
        return Response(LatestRecord(answer).data)


class SiteLatest(Answers):
    """The totals of one site now."""

    @extend_schema(responses=TotalsRecord)
    def get(self, request: Request, code: str) -> Response:
        site = generics.get_object_or_404(Site.objects.visible_to(request.user), code=code)
        return Response(TotalsRecord(queries.site_totals([site.pk])[site.pk]).data)


class Containers(Answers, generics.ListAPIView):
    """Every container that you may see, with its totals of now."""

    queryset = Container.objects.none()
    serializer_class = ContainerRecord
    filterset_class: Any = ContainerFilter
    pagination_class = Keyset
    renderer_classes = [Json, Csv]
    orderings = {"id": "pk", "site": "site__code", "code": "code"}

    def get_queryset(self) -> QuerySet[Container]:
        return Container.objects.visible_to(self.request.user).select_related("site")

    def paginate_queryset(self, queryset: Any) -> Any:
        return with_totals(super().paginate_queryset(queryset) or [])


class ContainersOfSite(Containers):
    """The containers of one site, with their totals of now."""

    filterset_class = ContainerOfSiteFilter
    orderings = {"code": "code", "id": "pk"}

    def get_queryset(self) -> QuerySet[Container]:
        sites = Site.objects.visible_to(self.request.user)
        return super().get_queryset().filter(site=generics.get_object_or_404(sites, code=self.kwargs["code"]))


class OneContainer(Answers, generics.RetrieveAPIView):
    """One container by its number, with its totals of now."""

    serializer_class = ContainerRecord

    def get_queryset(self) -> QuerySet[Container]:
        return Container.objects.visible_to(self.request.user).select_related("site")

    def get_object(self) -> Container:
        return with_totals([super().get_object()])[0]


class Cells(Answers):
    """The places of a container with the newest sample of each machine."""

    renderer_classes = [Json, Csv]

    @extend_schema(responses=CellRecord(many=True))
    def get(self, request: Request, pk: str) -> Response:
        container = generics.get_object_or_404(Container.objects.visible_to(request.user), pk=pk)
        return Response(CellRecord(queries.cells(container.pk), many=True).data)


class Devices(Answers, generics.ListAPIView):
    """Every machine that you may see, with its state and what it says it is."""

    serializer_class = DeviceRecord
    filterset_class = DeviceFilter
    pagination_class = Keyset
    renderer_classes = [Json, Csv]
    orderings = {"id": "pk", "address": "address", "model": "model", "language": "language", "slot": "slot"}

    def get_queryset(self) -> QuerySet[Device]:
        return Device.objects.visible_to(self.request.user).select_related("site", "container", "now")

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset) or []
        return with_states(rows, covering({row.site_id for row in rows}))


class OneDevice(Answers, generics.RetrieveAPIView):
    """One machine by its number."""

    serializer_class = DeviceRecord

    def get_queryset(self) -> QuerySet[Device]:
        return Device.objects.visible_to(self.request.user).select_related("site", "container", "now")

    def get_object(self) -> Device:
        device = with_states([super().get_object()], {})[0]
        device.stands = queries.last(device.pk)
        return device


class DeviceReading(Answers):
    """Everything that is known of one machine, field by field: the value, who says so, and how old it is."""

    @extend_schema(responses=ReadingRecord)
    def get(self, request: Request, pk: str) -> Response:
        device = generics.get_object_or_404(Device.objects.visible_to(request.user), pk=pk)
        return Response(ReadingRecord(reading_of(device, queries.last(device.pk), timezone.now())).data)


def with_totals(containers: list[Container]) -> list[Any]:
    """The same containers, each with its totals as `now`; one query for all of them."""
    totals = queries.container_totals([container.pk for container in containers])
    rows: list[Any] = list(containers)
    for row in rows:
        row.now = totals[row.pk]
    return rows


NUMBER = r"(?P<pk>[0-9]{1,18})"
SITE = r"(?P<code>[-\w]{1,16})"

urlpatterns = [
    path("latest/", Latest.as_view(), name="api-latest"),
    re_path(rf"^sites/{SITE}/latest/$", SiteLatest.as_view(), name="api-site-latest"),
    re_path(rf"^sites/{SITE}/containers/$", ContainersOfSite.as_view(), name="api-site-containers"),
    path("containers/", Containers.as_view(), name="api-containers"),
    re_path(rf"^containers/{NUMBER}/$", OneContainer.as_view(), name="api-container"),
    re_path(rf"^containers/{NUMBER}/cells/$", Cells.as_view(), name="api-cells"),
    path("devices/", Devices.as_view(), name="api-devices"),
    re_path(rf"^devices/{NUMBER}/$", OneDevice.as_view(), name="api-device"),
    re_path(rf"^devices/{NUMBER}/reading/$", DeviceReading.as_view(), name="api-reading"),
    *api_map.urlpatterns,
    *api_orders.urlpatterns,
    *api_decisions.urlpatterns,
    *api_hindsight.urlpatterns,
    *api_backtests.urlpatterns,
    *api_gpu_contracts.urlpatterns,
    *api_outages.urlpatterns,
    *api_settings.urlpatterns,
    *api_spot.urlpatterns,
    path("series/", History.as_view(), name="api-series"),
]
