"""Addresses of the drill-down: site, container, machine."""

from django.urls import path

from compute.web.backtest import views as backtest
from compute.web.container import views as container
from compute.web.credentials import views as credentials
from compute.web.device import views as device
from compute.web.gpu_contracts import views as gpu_contracts
from compute.web.hindsight import views as hindsight
from compute.web.machines import views as machines
from compute.web.map_file import views as map_file
from compute.web.network import views as network
from compute.web.orders import hold_views as hold
from compute.web.orders import policy_views as policy
from compute.web.orders import views as orders
from compute.web.outages import views as outages
from compute.web.protocols import views as protocols
from compute.web.scan import views as scan
from compute.web.settings import views as settings
from compute.web.site import views as site
from compute.web.switching import views as switching

urlpatterns = [
    path("machines/", machines.page, name="machines"),
    path("compute/protocols/", protocols.page, name="protocols"),
    path("compute/protocols/panel/", protocols.panel, name="protocols-panel"),
    path("commands/", orders.queue, name="orders"),
    path("commands/panel/", orders.queue_panel, name="orders-panel"),
    path("commands/new/", orders.new, name="order-new"),
    path("commands/request/", orders.ask, name="order-request"),
    path("commands/policy/<slug:code>/", policy.page, name="order-policy"),
    path("commands/<int:pk>/", orders.order, name="order"),
    path("commands/<int:pk>/panel/", orders.order_panel, name="order-panel"),
    path("commands/<int:pk>/approve/", orders.approve_it, name="order-approve"),
    path("commands/<int:pk>/refuse/", orders.refuse_it, name="order-refuse"),
    path("commands/<int:pk>/stop/", orders.stop_it, name="order-stop"),
    path("commands/<int:pk>/retry/", orders.retry_it, name="order-retry"),
    path("commands/machine/<int:pk>/settle/", orders.settle, name="command-settle"),
    path("hold/", hold.page, name="hold"),
    path("hold/line/", hold.line, name="hold-line"),
    path("hold/press/", hold.press, name="hold-press"),
    path("hold/<int:pk>/lift/", hold.lift, name="hold-lift"),
    path("switching/", switching.company, name="switching"),
    path("switching/panel/", switching.company_panel, name="switching-panel"),
    path("switching/chart/", switching.company_chart, name="switching-chart"),
    path("switching/hindsight/", hindsight.hindsight, name="hindsight"),
    path("switching/<int:pk>/", switching.decision, name="decision"),
    path("switching/<int:pk>/panel/", switching.decision_panel, name="decision-panel"),
    path("switching/<int:pk>/chart/", switching.decision_chart, name="decision-chart"),
    path("switching/<int:pk>/approve/", switching.approve, name="decision-approve"),
    path("switching/<int:pk>/refuse/", switching.refuse, name="decision-refuse"),
    path("switching/<int:pk>/hold/", switching.hold, name="decision-hold"),
    path("switching/backtest/", backtest.backtests, name="backtests"),
    path("switching/backtest/<int:pk>/", backtest.backtest, name="backtest"),
    path("switching/backtest/<int:pk>/panel/", backtest.panel, name="backtest-panel"),
    path("switching/backtest/<int:pk>/stop/", backtest.stop, name="backtest-stop"),
    path("sites/<slug:code>/", site.page, name="site"),
    path("sites/<slug:code>/panel/", site.panel, name="site-panel"),
    # These words are no codes of containers: compute.map_file.plan refuses them.
    path("sites/<slug:code>/credentials/", credentials.page, name="credentials"),
    path("sites/<slug:code>/credentials/<uuid:login>/remove/", credentials.remove, name="credential-remove"),
    path("sites/<slug:code>/network/", network.page, name="network"),
    path("sites/<slug:code>/gpu-contracts/", gpu_contracts.page, name="gpu-contracts"),
    path("sites/<slug:code>/gpu-contracts/spot/", gpu_contracts.spot, name="gpu-spot"),
    path("sites/<slug:code>/outages/", outages.page, name="outages"),
    path("sites/<slug:code>/outages/<int:pk>/<slug:deed>/", outages.change, name="outage-change"),
    path("sites/<slug:code>/settings/", settings.page, name="settings"),
    path("sites/<slug:code>/settings/site/", settings.change_site, name="settings-site"),
    path("sites/<slug:code>/settings/pool/", settings.change_pool, name="settings-pool"),
    path("sites/<slug:code>/settings/meter/", settings.change_meter, name="settings-meter"),
    path("sites/<slug:code>/settings/meter/remove/", settings.remove_meter, name="settings-meter-remove"),
    path("sites/<slug:code>/map/", map_file.page, name="site-map"),
    path("sites/<slug:code>/map/file/", map_file.file, name="site-map-file"),
    path("sites/<slug:code>/map/apply/", map_file.apply, name="site-map-apply"),
    path("sites/<slug:code>/scan/", scan.page, name="scan"),
    path("sites/<slug:code>/scan/panel/", scan.panel, name="scan-panel"),
    path("sites/<slug:code>/scan/begin/", scan.begin, name="scan-begin"),
    path("sites/<slug:code>/scan/stop/", scan.stop, name="scan-stop"),
    path("sites/<slug:code>/scan/apply/", scan.apply, name="scan-apply"),
    path("sites/<slug:code>/switching/", switching.site, name="site-switching"),
    path("sites/<slug:code>/switching/panel/", switching.site_panel, name="site-switching-panel"),
    path("sites/<slug:code>/switching/chart/", switching.site_chart, name="site-switching-chart"),
    path("sites/<slug:code>/switching/what-if/", switching.site_what_if, name="site-switching-what-if"),
    path("sites/<slug:site>/<slug:code>/", container.page, name="container"),
    path("sites/<slug:site>/<slug:code>/panel/", container.panel, name="container-panel"),
    path("sites/<slug:site>/<slug:code>/<int:slot>/", device.page, name="device"),
    path("sites/<slug:site>/<slug:code>/<int:slot>/panel/", device.panel, name="device-panel"),
    path("sites/<slug:site>/<slug:code>/<int:slot>/read/", device.read, name="device-read"),
]
