"""Addresses of the drill-down: site, container, machine."""

from django.urls import path

from compute.web.container import views as container
from compute.web.device import views as device
from compute.web.protocols import views as protocols
from compute.web.site import views as site

urlpatterns = [
    path("compute/protocols/", protocols.page, name="protocols"),
    path("compute/protocols/panel/", protocols.panel, name="protocols-panel"),
    path("sites/<slug:code>/", site.page, name="site"),
    path("sites/<slug:code>/panel/", site.panel, name="site-panel"),
    path("sites/<slug:site>/<slug:code>/", container.page, name="container"),
    path("sites/<slug:site>/<slug:code>/panel/", container.panel, name="container-panel"),
    path("sites/<slug:site>/<slug:code>/<int:slot>/", device.page, name="device"),
    path("sites/<slug:site>/<slug:code>/<int:slot>/panel/", device.panel, name="device-panel"),
    path("sites/<slug:site>/<slug:code>/<int:slot>/read/", device.read, name="device-read"),
]
