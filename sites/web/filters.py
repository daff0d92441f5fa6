"""What lists of places can be narrowed by."""

import django_filters

from sites.models import Site


class SiteFilter(django_filters.FilterSet):
    """Codes that you do not know of, or that do not exist, match nothing."""

    region = django_filters.CharFilter(field_name="region__code", help_text="Code of a region.")
    operator = django_filters.CharFilter(field_name="operator__code", help_text="Code of an operator.")
    kind = django_filters.ChoiceFilter(choices=Site.Kind.choices)

    class Meta:
        model = Site
        fields: list[str] = []
