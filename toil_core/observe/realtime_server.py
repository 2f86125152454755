"""The leader's end of real-time logging: a thread that receives workers' lines and logs them.

The address is put into the leader's environment, from where the batch system takes it to the workers.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
from typing import TYPE_CHECKING

from toil_core.observe.logs import level_number
from toil_core.observe.realtime import ADDRESS_VARIABLE, LEVEL_VARIABLE, encode
from toil_core.observe.text import plain

if TYPE_CHECKING:
    from toil_core.observe.bus import MessageBus
    from toil_core.observe.closing import Closeable
    from toil_core.options.config import Config

logger = logging.getLogger(__name__)

_BUFFER = 8 << 20
_CLOSING_SECONDS = 5.0


def attach(bus: MessageBus, config: Config) -> Closeable:
    """Start to receive what jobs log through `RealtimeLogger`."""
    local = config.batchSystem == "single_machine"
    return RealtimeServer(level_number(config.logLevel), local)


class RealtimeServer:
    """Receives lines until it is closed.

    :param level: the number of the least important level that is wanted.
    :param local: whether all workers run on this machine.
    """

    def __init__(self, level: int, local: bool) -> None:
        self._level = level
        self._token = os.urandom(12).hex()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._socket.bind(("127.0.0.1" if local else "0.0.0.0", 0))
        self._port: int = self._socket.getsockname()[1]
        host = "127.0.0.1" if local else outward_address()
        self._before = {name: os.environ.get(name) for name in (ADDRESS_VARIABLE, LEVEL_VARIABLE)}
        self.environment = {ADDRESS_VARIABLE: f"{host}:{self._port}:{self._token}", LEVEL_VARIABLE: str(level)}
        os.environ.update(self.environment)
        self._thread = threading.Thread(target=self._receive, name="realtime-logging", daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        while True:
            try:
                datagram = self._socket.recv(1 << 16)
            except OSError:
                return
            line = self._decoded(datagram)
            if line is None:
                continue
            level, text = line
            if level < 0:
                return
            if level >= self._level:
                logger.log(level, "%s", plain(text))

    def _decoded(self, datagram: bytes) -> tuple[int, str] | None:
        """Return level and text, or None for what no worker of this run sent."""
        try:
            token, level, text = json.loads(datagram)
        except (ValueError, TypeError):
            return None
        if token != self._token or not isinstance(level, int) or not isinstance(text, str):
            return None
        return level, text

    def close(self) -> None:
        """Log what has arrived, and stop."""
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        deadline = time.monotonic() + _CLOSING_SECONDS
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            while self._thread.is_alive() and time.monotonic() < deadline:
                waker.sendto(encode(self._token, -1, ""), ("127.0.0.1", self._port))
                self._thread.join(0.2)
        self._socket.close()


def outward_address() -> str:
    """Return the address under which other machines most likely reach this one; nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])
