"""The message bus: whoever decides publishes, whoever wants to know subscribes to a type of message."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

Message = TypeVar("Message")


class MessageBus:
    """Delivers messages to subscribers at once, in the publisher's thread.

    A subscriber that raises is cut off and named in the log: watching a run must not be able to break it.
    """

    def __init__(self) -> None:
        self._subscribers: dict[type[Any], list[Callable[[Any], None]]] = defaultdict(list)

    def subscribe(self, kind: type[Message], handler: Callable[[Message], None]) -> None:
        """Have `handler` called with every message of this type from now on."""
        self._subscribers[kind].append(handler)

    def wants(self, kind: type[Any]) -> bool:
        """Return whether anyone listens to this type, so that a publisher can spare itself the making of it."""
        return bool(self._subscribers.get(kind))

    def publish(self, message: Any) -> None:
        """Deliver a message to all subscribers to its type."""
        subscribers = self._subscribers.get(type(message))
        if not subscribers:
            return
        for handler in list(subscribers):
            try:
                handler(message)
            except Exception as error:
                subscribers.remove(handler)
                logger.warning(
                    "The observer %r failed on %s and was switched off: %s",
                    getattr(handler, "__qualname__", handler),
                    type(message).__name__,
                    error,
                    exc_info=logger.isEnabledFor(logging.DEBUG),
                )
