"""Messages that jobs leave for whoever gathers statistics; each is read once, unless it is asked for again.

A message is marked as read by a mark beside it, put after the reader has dealt with it: a reader that is killed leaves
the message unread.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from typing import Any

from toil_core.job_stores.base import StoreBase

_MESSAGES, _READ = "logs/", "logs-read/"


class LogStore(StoreBase):
    """Messages, and which of them were read."""

    def write_logs(self, msg: str) -> None:
        """Keep a message.

        :param msg: its text.
        """
        # In the order of their names messages are, within the precision of clocks, in the order of their writing.
        self.storage.put(f"{_MESSAGES}{time.time_ns():020d}-{os.urandom(6).hex()}", str(msg).encode("utf-8"))

    def read_logs(self, callback: Callable[..., Any], read_all: bool = False) -> int:
        """Give each message to a function.

        :param callback: the function; it gets a binary stream.
        :param read_all: whether messages that were read before are to be read again.
        :returns: how many messages there were.
        """
        done = {key.removeprefix(_READ) for key, _ in self.storage.list(_READ)}
        names = sorted(key.removeprefix(_MESSAGES) for key, _ in self.storage.list(_MESSAGES))
        wanted = [name for name in names if read_all or name not in done]
        count = 0
        for name, data in zip(wanted, self.storage.read_many([_MESSAGES + name for name in wanted]), strict=True):
            if data is None:
                continue
            with io.BytesIO(data) as stream:
                callback(stream)
            count += 1
            if name not in done:
                self.storage.put(_READ + name, b"")
        return count
