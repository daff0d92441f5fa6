"""Addresses of the pages that join the apps."""

from django.urls import include, path

from cango_ops.web import theme
from cango_ops.web.overview import views as overview
from cango_ops.web.search.views import search
from cango_ops.web.system import views as system

urlpatterns = [
    path("", overview.page, name="overview"),
    path("overview/panel/", overview.panel, name="overview-panel"),
    path("search/", search, name="search"),
    path("system/", system.page, name="system"),
    path("system/panel/", system.panel, name="system-panel"),
    path("me/theme/", theme.choose, name="choose-theme"),
    path("alerts/", include("cango_ops.web.alerts.urls")),
    path("events/", include("cango_ops.web.events.urls")),
    path("handovers/", include("cango_ops.web.handover.urls")),
    path("views/", include("cango_ops.web.saved.urls")),
    path("", include("cango_ops.web.phone.urls")),
]
