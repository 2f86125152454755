"""What a batch system declares that it can do, beyond running jobs: the contract kit tests all that is declared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BatchSystemCapabilities:
    """What a batch system can do.

    :param asks_a_scheduler: what it knows of its jobs is what a scheduler says, which may be down, late or forgetful.
    :param outlives_leader: jobs go on when the leader is killed, and are found again by the next one.
    :param announces_starts: it publishes `JobStarted`.
    :param tells_memory: a job that ended for want of memory is reported as `MEMLIMIT`.
    :param tells_time: a job that was ended since it took longer than it had asked for is reported as `TIMELIMIT`.
    :param tells_lost: a job whose machine has failed is reported as `LOST`.
    """

    asks_a_scheduler: bool = False
    outlives_leader: bool = False
    announces_starts: bool = True
    tells_memory: bool = False
    tells_time: bool = False
    tells_lost: bool = False
