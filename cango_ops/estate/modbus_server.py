"""Modbus TCP on port 5020: the sites' power meters and batteries, each on its own address.

Holding registers are read (FC 03); a battery's setpoint is written (FC 16), and each writing stands in the journal.
"""

from typing import Final

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadHoldingRegistersResponse,
    WriteMultipleRegistersRequest,
    WriteMultipleRegistersResponse,
)

from cango_ops.estate.batteries import SET_AT, SET_WORDS, Battery
from cango_ops.estate.connection import Connection
from cango_ops.estate.journal import Entry
from cango_ops.estate.meters import Meter
from cango_ops.estate.world import World

ILLEGAL_FUNCTION: Final = 1
ILLEGAL_ADDRESS: Final = 2
ILLEGAL_VALUE: Final = 3
MAX_FRAME: Final = 260


class Meters:
    """The meters and the batteries by address; a meter sees its site's battery."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.by_address: dict[str, Meter | Battery] = {
            site.site.meter.address: Meter(world, site) for site in world.sites if site.site.meter
        }
        for site in world.sites:
            if (plan := site.site.battery) is not None:
                self.by_address[plan.address] = site.battery = Battery(plan, site)

    def connection(self) -> "ModbusConnection":
        return ModbusConnection(self)


class ModbusConnection(Connection):
    """One master's connection to one meter or battery; requests are answered in their order."""

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
        is_gone = isinstance(meter, Meter) and meter.site.is_drilled("meter-gone", t)
        if is_gone or meter.site.is_drilled("link-lost", t):
            self.keep_silent()
            return
        self.buffer += data
        self._answer_all(meter, t)

    def _answer_all(self, meter: Meter | Battery, t: float) -> None:
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
            said = answer(meter, request, t)
            if isinstance(request, WriteMultipleRegistersRequest):
                self._note(request, said, t)
            self.transport.write(self.framer.buildFrame(said))

    def _note(self, request: WriteMultipleRegistersRequest, said: ModbusPDU, t: float) -> None:
        port = self.transport.get_extra_info("sockname")[1]
        words = " ".join(str(word) for word in request.registers)
        code = said.exception_code if isinstance(said, ExceptionResponse) else 0
        self.world.journal.note(Entry(t, self.address, port, "modbus", f"write {request.address}", words, str(code)))


def answer(meter: Meter | Battery, request: ModbusPDU, t: float) -> ModbusPDU:
    """The registers asked for or written, or an exception where there are none or something else was wanted."""

    def no(code: int) -> ModbusPDU:
        return ExceptionResponse(request.function_code, code, request.dev_id, request.transaction_id)

    if isinstance(request, WriteMultipleRegistersRequest) and isinstance(meter, Battery):
        if (request.address, len(request.registers)) != (SET_AT, SET_WORDS):
            return no(ILLEGAL_ADDRESS)
        if not meter.tell(request.registers, t):
            return no(ILLEGAL_VALUE)
        found: ModbusPDU = WriteMultipleRegistersResponse(
            address=request.address, count=SET_WORDS, dev_id=request.dev_id, transaction_id=request.transaction_id
        )
        return found
    if not isinstance(request, ReadHoldingRegistersRequest):
        return no(ILLEGAL_FUNCTION)
    held = meter.registers(t)
    wanted = range(request.address, request.address + request.count)
    if any(register not in held for register in wanted):
        return no(ILLEGAL_ADDRESS)
    values = [held[register] for register in wanted]
    return ReadHoldingRegistersResponse(registers=values, dev_id=request.dev_id, transaction_id=request.transaction_id)
