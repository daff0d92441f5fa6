"""What the machines can be told, language by language. A new one is a class and a line in ORDERS.

What is not here cannot be told anything: the console leaves such machines out and says so.
"""

from typing import Final

from compute.protocols.orders.antminer import AntminerOrders
from compute.protocols.orders.avalon import AvalonOrders
from compute.protocols.orders.braiins import BraiinsOrders
from compute.protocols.orders.firmwares import BitaxeOrders, EpicOrders, ProtoOrders, VnishOrders
from compute.protocols.orders.luxos import LuxosOrders
from compute.protocols.orders.order import POWER_LIMIT, Orders
from compute.protocols.orders.storage import StorageOrders
from compute.protocols.orders.vllm import VllmOrders
from compute.protocols.orders.whatsminer_v2 import WhatsminerOrders
from compute.protocols.orders.whatsminer_v3 import WhatsminerV3Orders
from compute.protocols.vllm import Vllm

ORDERS: Final[dict[str, Orders]] = {
    "antminer": AntminerOrders(),
    "braiins": BraiinsOrders(),
    "luxos": LuxosOrders(),
    "vnish": VnishOrders(),
    "epic": EpicOrders(),
    "whatsminer_v2": WhatsminerOrders(),
    "whatsminer_v3": WhatsminerV3Orders(),
    "avalon": AvalonOrders(),
    "proto": ProtoOrders(),
    "bitaxe": BitaxeOrders(),
    "vllm": VllmOrders(),
    "gpu_node": VllmOrders(Vllm.port),
}
# No machine's language: batteries stand on no slot of the site map.
STORAGE: Final = "sunspec_storage"
OF_BATTERIES: Final[dict[str, Orders]] = {STORAGE: StorageOrders()}


def limited_languages() -> list[str]:
    """Those whose machines can be told how much power they may draw."""
    return sorted(language for language, orders in ORDERS.items() if POWER_LIMIT in orders.verbs)


def verbs_of(language: str) -> frozenset[str]:
    orders = ORDERS.get(language)
    return orders.verbs if orders else frozenset()
