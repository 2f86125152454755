"""`AbstractBatchSystem` and its kin, under their documented path."""

from toil_core.batch_systems.abstract import AbstractBatchSystem
from toil_core.batch_systems.errors import InsufficientSystemResources
from toil_core.batch_systems.exits import EXIT_STATUS_UNAVAILABLE_VALUE, BatchJobExitReason, UpdatedBatchJobInfo

__all__ = [
    "EXIT_STATUS_UNAVAILABLE_VALUE",
    "AbstractBatchSystem",
    "BatchJobExitReason",
    "InsufficientSystemResources",
    "UpdatedBatchJobInfo",
]
