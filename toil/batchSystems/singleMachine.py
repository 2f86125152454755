"""`SingleMachineBatchSystem`, under its documented path."""

from toil_core.batch_systems.single_machine import SingleMachineBatchSystem

__all__ = ["SingleMachineBatchSystem"]
