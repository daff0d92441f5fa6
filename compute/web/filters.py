"""What lists of machines can be narrowed by."""

import django_filters
from django import forms
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field

from compute.models import Backtest, Command, Container, Device, Order, Verb
from compute.models.device import State
from compute.web.device_states import covering, in_state
from sites.models import Site


class AddressFilter(django_filters.CharFilter):
    """An IPv4 address in full."""

    field_class = forms.GenericIPAddressField


class TrueOrFalse(forms.Field):
    """The two words of JSON; anything else is refused, where Django's own field takes it for neither."""

    def to_python(self, value: str | None) -> bool | None:
        if not value:
            return None
        if value not in {"true", "false"}:
            raise forms.ValidationError("expected true or false.")
        return value == "true"


@extend_schema_field(bool)
class FlagFilter(django_filters.Filter):
    """true or false."""

    field_class = TrueOrFalse


class ContainerFilter(django_filters.FilterSet):
    """Codes that you do not know of, or that do not exist, match nothing."""

    site = django_filters.CharFilter(field_name="site__code", help_text="Code of a site.")
    kind = django_filters.ChoiceFilter(choices=Container.Kind.choices)

    class Meta:
        model = Container
        fields: list[str] = []


class ContainerOfSiteFilter(django_filters.FilterSet):
    """What the containers of one site can be narrowed by."""

    kind = django_filters.ChoiceFilter(choices=Container.Kind.choices)

    class Meta:
        model = Container
        fields: list[str] = []


class DeviceFilter(django_filters.FilterSet):
    """Each must hold. Text is compared as a whole; MAC addresses and serial numbers without regard to case."""

    site = django_filters.CharFilter(field_name="site__code", help_text="Code of a site.")
    container = django_filters.CharFilter(field_name="container__code", help_text="Code of a container.")
    state = django_filters.ChoiceFilter(choices=State.choices, method="in_state")
    language = django_filters.CharFilter()
    model = django_filters.CharFilter(help_text="As the site map says.")
    is_gpu = FlagFilter()
    address = AddressFilter(protocol="IPv4")
    mac = django_filters.CharFilter(field_name="now__mac", lookup_expr="iexact")
    serial = django_filters.CharFilter(field_name="now__serial", lookup_expr="iexact")

    class Meta:
        model = Device
        fields: list[str] = []

    def in_state(self, devices: QuerySet[Device], name: str, state: str) -> QuerySet[Device]:
        seen = Site.objects.visible_to(self.request.user).values_list("pk", flat=True)
        return devices.filter(in_state(state, covering(seen)))


class OrderFilter(django_filters.FilterSet):
    """Codes that you do not know of, or that do not exist, match nothing."""

    site = django_filters.CharFilter(field_name="site__code", help_text="Code of a site.")
    state = django_filters.ChoiceFilter(choices=Order.State.choices)
    verb = django_filters.ChoiceFilter(choices=Verb.choices)
    requested_by = django_filters.CharFilter(field_name="requested_by__email", help_text="E-mail of who asked.")
    is_automatic = FlagFilter()

    class Meta:
        model = Order
        fields: list[str] = []


class BacktestFilter(django_filters.FilterSet):
    """Codes that you do not know of, or that do not exist, match nothing."""

    site = django_filters.CharFilter(field_name="site__code", help_text="Code of a site.")
    state = django_filters.ChoiceFilter(choices=Backtest.State.choices)

    class Meta:
        model = Backtest
        fields: list[str] = []


class CommandFilter(django_filters.FilterSet):
    """What the machines of an order can be narrowed by."""

    state = django_filters.ChoiceFilter(choices=Command.State.choices)

    class Meta:
        model = Command
        fields: list[str] = []
