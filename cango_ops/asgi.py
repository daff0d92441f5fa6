"""The one door of the server: HTTP to Django, the socket at /live to the hub. Wiring; nothing imports it."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cango_ops.settings")

import django
from channels.routing import ProtocolTypeRouter

django.setup(set_prefix=False)

from cango_ops.live import socket, topics
from cango_ops.live.hub import hub
from cango_ops.live.lifespan import Lifespan
from cango_ops.live.listen import Listener
from cango_ops.web.alerts.topics import visible_alerts
from cango_ops.web.pages_handler import PagesHandler
from compute.commands.topics import visible_orders, visible_queue
from compute.decisions.topics import visible as visible_switching
from compute.topics import visible_containers
from sites.topics import visible_fleet, visible_sites

topics.register("fleet", visible_fleet)
topics.register("site", visible_sites)
topics.register("container", visible_containers)
topics.register("orders", visible_queue)
topics.register("hold", visible_queue)
topics.register("order", visible_orders)
topics.register("switching", visible_switching)
topics.register("alerts", visible_alerts)

listener = Listener(hub)
application = ProtocolTypeRouter(
    {"http": PagesHandler(), "websocket": socket.application(hub, listener), "lifespan": Lifespan(listener)}
)
