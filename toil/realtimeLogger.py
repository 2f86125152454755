"""`RealtimeLogger`, under its documented path."""

from toil_core.observe.realtime import RealtimeLogger

__all__ = ["RealtimeLogger"]
