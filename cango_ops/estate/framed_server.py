"""Port 4433: Whatsminer v3's frames, four bytes of length and JSON, for the recorded machines that speak it."""

import struct
from typing import Final

from cango_ops.estate.connection import Connection
from cango_ops.estate.recorded import recorded_frame
from cango_ops.estate.recordings import RecordedMachine

MAX_FRAME: Final = 1 << 16


class FramedConnection(Connection):
    """One caller; several frames may follow each other."""

    buffer = b""

    def knows(self) -> bool:
        self.machine = self.world.at(self.address)
        return isinstance(self.machine, RecordedMachine)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while len(self.buffer) >= 4 and isinstance(self.machine, RecordedMachine):
            length = struct.unpack("<I", self.buffer[:4])[0]
            if length > MAX_FRAME:
                self.reset()
                return
            if len(self.buffer) < 4 + length:
                return
            frame, self.buffer = self.buffer[4 : 4 + length], self.buffer[4 + length :]
            self.transport.write(recorded_frame(self.machine, frame))
