"""Every message of the bus as one line of JSON, for programs that follow a run (`--writeMessages`).

Each line is an object: `message` is the type's name (`JobIssued`, `JobCompleted` …), `written` the time of writing in
seconds since the epoch, and the rest are the fields of that type in `toil_core.observe.events`, under their own names.
Bytes are written as text, with what is not UTF-8 replaced. Lines appear whole and at once; a restart appends.
"""

from __future__ import annotations

import time
from io import FileIO
from typing import TYPE_CHECKING, Any

from toil_core.observe import events
from toil_core.observe.errors import OutputError

if TYPE_CHECKING:
    from toil_core.observe.bus import MessageBus
    from toil_core.observe.closing import Closeable
    from toil_core.options.config import Config


def attach(bus: MessageBus, config: Config) -> Closeable:
    """Write all messages to the file that `--writeMessages` names.

    :raises OutputError: if it cannot be opened for writing.
    """
    path = str(config.writeMessages)
    try:
        stream = FileIO(path, "ab")
    except OSError as error:
        raise OutputError("messages file", path, "--writeMessages", error) from error
    writer = MessageWriter(stream)
    for kind in message_types():
        bus.subscribe(kind, writer.write)
    return writer


def message_types() -> list[type[Any]]:
    """Return all types of messages that there are."""
    return [kind for kind in vars(events).values() if isinstance(kind, type) and hasattr(kind, "_fields")]


class MessageWriter:
    """Writes messages to a file, without a buffer between."""

    def __init__(self, stream: FileIO) -> None:
        self._stream = stream

    def write(self, message: Any) -> None:
        """Write one message."""
        self._stream.write(to_line(message, time.time()))

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def to_line(message: Any, written: float) -> bytes:
    """Return a message as a line of JSON."""
    import json

    fields = {name: _text(value) for name, value in message._asdict().items()}
    line = json.dumps({"message": type(message).__name__, "written": written, **fields}, separators=(",", ":"))
    return line.encode("utf-8") + b"\n"


def _text(value: Any) -> Any:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else value
