"""What stands behind the estate's HTTP ports: exporters, inference servers, machines' own pages, and the "
"shared feeds."""

from cango_ops.estate import chain_feed, network_feed, price_feed
from cango_ops.estate.dialects import antminer_web, braiins_web, dcgm, vllm
from cango_ops.estate.gpu_node import Node
from cango_ops.estate.http_server import SILENCE, TEXT, HttpRequest, HttpResponse
from cango_ops.estate.layout import (
    DCGM_PORT,
    FEED_PORT,
    NETWORK_ADDRESS,
    NODE_ADDRESS,
    POOL_ADDRESS,
    PRICE_ADDRESS,
    VLLM_PORT,
    WEB_PORT,
)
from cango_ops.estate.machine import Machine
from cango_ops.estate.payouts import EstateChain
from cango_ops.estate.pool_feed import Pool
from cango_ops.estate.recorded import recorded_page
from cango_ops.estate.recordings import RecordedMachine
from cango_ops.estate.world import Manner, World

FEEDS = frozenset((POOL_ADDRESS, NETWORK_ADDRESS, PRICE_ADDRESS, NODE_ADDRESS))
WITH_PAGES = {"antminer": antminer_web.respond, "braiins": braiins_web.respond}


class WebPorts:
    """One method per port; each answers (request, local address)."""

    def __init__(self, world: World, shift: int) -> None:
        self.world = world
        self.shift = shift
        self.pool = Pool(world)
        company = next((one.code for one in world.layout.operators if one.is_company), "")
        self.chain = EstateChain(self.pool.payouts, company, world.clock)

    def is_node(self, address: str) -> bool:
        return isinstance(self.world.at(address), Node | RecordedMachine)

    def has_page(self, address: str) -> bool:
        machine = self.world.at(address)
        return isinstance(machine, RecordedMachine) or (isinstance(machine, Machine) and machine.language in WITH_PAGES)

    def is_feed(self, address: str) -> bool:
        return address in FEEDS or isinstance(self.world.at(address), RecordedMachine)

    def exporter(self, request: HttpRequest, address: str) -> HttpResponse:
        node = self.world.at(address)
        if isinstance(node, RecordedMachine):
            return _recorded(node, request)
        if not isinstance(node, Node) or not self._answers(node):
            return SILENCE
        if request.path == "/metrics":
            return HttpResponse(200, dcgm.metrics(node, self.world.clock()), TEXT)
        return HttpResponse(200 if request.path == "/health" else 404, b"", "text/plain")

    def inference(self, request: HttpRequest, address: str) -> HttpResponse:
        node = self.world.at(address)
        if isinstance(node, RecordedMachine):
            return _recorded(node, request)
        if not isinstance(node, Node) or not self._answers(node):
            return SILENCE
        return vllm.respond(self.world, node, request, VLLM_PORT + self.shift)

    def pages(self, request: HttpRequest, address: str) -> HttpResponse:
        machine = self.world.at(address)
        if isinstance(machine, RecordedMachine):
            return _recorded(machine, request)
        if not isinstance(machine, Machine) or not self._answers(machine):
            return SILENCE
        return WITH_PAGES[machine.language](self.world, machine, request, WEB_PORT + self.shift)

    def feeds(self, request: HttpRequest, address: str) -> HttpResponse:
        if address == POOL_ADDRESS:
            return self.pool.respond(request)
        if address == NETWORK_ADDRESS:
            return network_feed.respond(request, self.world.clock())
        if address == PRICE_ADDRESS:
            return price_feed.respond(self.world, request)
        if address == NODE_ADDRESS:
            is_call = request.method == "POST"
            return chain_feed.core(request, self.chain) if is_call else chain_feed.esplora(request.path, self.chain)
        machine = self.world.at(address)
        return _recorded(machine, request) if isinstance(machine, RecordedMachine) else SILENCE

    def _answers(self, machine: Machine | Node) -> bool:
        return self.world.manner(machine, self.world.clock()) is Manner.ANSWERS


def _recorded(machine: RecordedMachine, request: HttpRequest) -> HttpResponse:
    page = recorded_page(machine, request.path, request.body)
    if page is None:
        return HttpResponse(404, b"not recorded", "text/plain")
    kind = "application/json" if page[:1] in b"{[" else TEXT
    return HttpResponse(200, page, kind)


PORTS = {DCGM_PORT: "exporter", VLLM_PORT: "inference", WEB_PORT: "pages", FEED_PORT: "feeds"}
