"""Sizes as people write them, under their documented path."""

from toil_core.units import bytes2human, human2bytes

__all__ = ["bytes2human", "human2bytes"]
