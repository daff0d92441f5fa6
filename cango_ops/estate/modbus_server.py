"""Modbus TCP on port 5020: the sites' power meters, each on its own address. Only reading holding registers (FC 03)."""

from typing import Final

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadHoldingRegistersResponse

from cango_ops.estate.connection import Connection
from cango_ops.estate.meters import Meter
from cango_ops.estate.world import World

ILLEGAL_FUNCTION: Final = 1
ILLEGAL_ADDRESS: Final = 2
MAX_FRAME: Final = 260


class Meters:
    """The meters by address."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.by_address = {site.site.meter.address: Meter(world, site) for site in world.sites if site.site.meter}

    def connection(self) -> "ModbusConnection":
        return ModbusConnection(self)


class ModbusConnection(Connection):
    """One master's connection to one meter; requests are answered in their order."""

    def __init__(self, meters: Meters) -> None:
        super().__init__(meters.world)
        self.meters = meters
        self.framer = FramerSocket(DecodePDU(is_server=True))
        self.buffer = b""

    def knows(self) -> bool:
        return self.address in self.meters.by_address

    def data_received(self, data: bytes) -> None:
        if self.is_deaf:
            return
        meter = self.meters.by_address[self.address]
        t = self.world.clock()
        if meter.site.is_drilled("meter-gone", t) or meter.site.is_drilled("link-lost", t):
            self.keep_silent()
            return
        self.buffer += data
        self._answer_all(meter, t)

    def _answer_all(self, meter: Meter, t: float) -> None:
        while self.buffer:
            try:
                used, request = self.framer.handleFrame(self.buffer, 0, 0)
            except ModbusException:
                self.reset()
                return
            if request is None:
                if len(self.buffer) > MAX_FRAME:
                    self.reset()
                return
            self.buffer = self.buffer[used:]
            self.transport.write(self.framer.buildFrame(answer(meter, request, t)))


def answer(meter: Meter, request: ModbusPDU, t: float) -> ModbusPDU:
    """The registers asked for, or an exception where there are none or something else was wanted."""
    if not isinstance(request, ReadHoldingRegistersRequest):
        return ExceptionResponse(request.function_code, ILLEGAL_FUNCTION, request.dev_id, request.transaction_id)
    held = meter.registers(t)
    wanted = range(request.address, request.address + request.count)
    if any(register not in held for register in wanted):
        return ExceptionResponse(request.function_code, ILLEGAL_ADDRESS, request.dev_id, request.transaction_id)
    values = [held[register] for register in wanted]
    return ReadHoldingRegistersResponse(registers=values, dev_id=request.dev_id, transaction_id=request.transaction_id)
