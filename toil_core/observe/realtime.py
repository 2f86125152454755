"""`RealtimeLogger`: lines that a job logs show in the leader's log while the job still runs (`--realTimeLogging`).

Each line is one UDP datagram to the address in the environment, so that a leader that is busy or gone never holds a
job up. Without that variable the lines go to the job's own log. The receiving side is in `realtime_server`.
"""

from __future__ import annotations

import json
import logging
import os
from typing import Any

#: Names the variable with the receiver's address: `host:port:token`. The token keeps strangers' datagrams out.
ADDRESS_VARIABLE = "TOIL_RT_LOGGING_ADDRESS"
#: Names the variable with the number of the least important level to send.
LEVEL_VARIABLE = "TOIL_RT_LOGGING_LEVEL"
#: A datagram holds 65,507 bytes; longer texts are cut to this many, which leaves room for the rest.
MAX_TEXT = 60_000


class _DatagramHandler(logging.Handler):
    """Sends lines to a receiver; what cannot be sent is dropped.

    :param address: the value of the address variable.
    """

    def __init__(self, address: str) -> None:
        import socket

        super().__init__()
        host, port, self._token = address.rsplit(":", 2)
        self._target = (host, int(port))
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def emit(self, record: logging.LogRecord) -> None:
        """Send a line."""
        try:
            self._socket.sendto(encode(self._token, record.levelno, self.format(record)), self._target)
        except OSError:
            return
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
        super().close()


def encode(token: str, level: int, text: str) -> bytes:
    """Return the datagram for a line."""
    short = text.encode("utf-8", errors="replace")[:MAX_TEXT].decode("utf-8", errors="ignore")
    return json.dumps([token, level, short], ensure_ascii=False).encode("utf-8", errors="replace")[:65_507]


class _RealtimeLogger:
    """Has the methods of a `logging.Logger`; where its lines go is looked up anew whenever the environment changes."""

    def __init__(self) -> None:
        self._set_up_for: tuple[str | None, str | None] | None = None
        self._logger = logging.getLogger("toil.realtime")

    def getLogger(self) -> logging.Logger:
        """Return the logger that the lines go through."""
        wanted = (os.environ.get(ADDRESS_VARIABLE), os.environ.get(LEVEL_VARIABLE))
        if wanted != self._set_up_for:
            self._set_up(*wanted)
            self._set_up_for = wanted
        return self._logger

    def _set_up(self, address: str | None, level: str | None) -> None:
        for handler in list(self._logger.handlers):
            if isinstance(handler, _DatagramHandler):
                self._logger.removeHandler(handler)
                handler.close()
        self._logger.propagate = True
        self._logger.setLevel(logging.NOTSET)
        if not address:
            return
        try:
            handler = _DatagramHandler(address)
        except (OSError, ValueError) as error:
            self._logger.warning("Real-time logging to '%s' is not possible: %s", address, error)
            return
        self._logger.addHandler(handler)
        self._logger.propagate = False
        self._logger.setLevel(int(level) if level and level.isdigit() else logging.INFO)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.getLogger(), name)


#: What jobs log through: `RealtimeLogger.info("…")` and the other methods of a logger.
RealtimeLogger = _RealtimeLogger()
