"""Batch systems, under their documented path."""

from toil_core.leader.errors import DeadlockException

__all__ = ["DeadlockException"]
