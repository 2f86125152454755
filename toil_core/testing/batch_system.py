"""`BatchSystemContract`: what a batch system has to do for the leader to lose no job and to tell people the truth."""

from __future__ import annotations

from toil_core.testing.fault_clauses import FaultClauses
from toil_core.testing.looking_clauses import LookingClauses
from toil_core.testing.running_clauses import RunningClauses


class BatchSystemContract(RunningClauses, LookingClauses, FaultClauses):
    """Derive a class whose name starts with `Test` and override the fixture `batch_system`.

    Where the batch system's capabilities say `asks_a_scheduler`, override the fixture `faults` as well, with what tells
    its scheduler, or a simulated twin of the scheduler, to fail.
    """
