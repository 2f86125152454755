"""What is said between the batch system and a scheduler: submissions one way, states of tasks the other.

A *task* is what the scheduler runs as one process: a job of its own, or one element of an array. It carries out one
Toil job, or a bundle of short ones. A *submission* is what one command hands over: one task, or an array of tasks that
need the same.
"""

from __future__ import annotations

import enum
import os
from collections.abc import Mapping
from typing import NamedTuple

from toil_core.batch_systems.exits import BatchJobExitReason
from toil_core.batch_systems.output_files import output_file
from toil_core.jobs.requirements import AcceleratorRequirement, Allocation


class TaskState(enum.Enum):
    """How far the scheduler has come with a task."""

    PENDING = "pending"
    RUNNING = "running"
    ENDED = "ended"


class TaskStatus(NamedTuple):
    """What the scheduler says of a task.

    :ivar state: how far it has come.
    :ivar exit_status: that of its process once it has ended; a negative number is a signal; None where the scheduler
        does not tell.
    :ivar reason: why it ended, where that is more than its exit status says.
    :ivar detail: the scheduler's own words about it: why it waits, or how it ended.
    :ivar seconds: how long it has been running, or ran; None where the scheduler does not tell.
    """

    state: TaskState
    exit_status: int | None = None
    reason: BatchJobExitReason | None = None
    detail: str = ""
    seconds: float | None = None


class Machine(NamedTuple):
    """What one machine has for tasks.

    :ivar memory: in bytes; 0 where that is not told.
    """

    cores: int
    memory: int
    gpus: int = 0


class Submission(NamedTuple):
    """What one command hands over to the scheduler.

    :ivar name: a name that no other submission has, made of letters, digits, `-` and `_`.
    :ivar title: what it is, for people.
    :ivar size: how many tasks it has; more than one makes it an array.
    :ivar allocation: what each task needs.
    :ivar wall_time: how many seconds each task may run; 0 for as long as the scheduler lets it.
    :ivar script: the program that each task runs, the text of a `/bin/sh` script.
    :ivar environment: variables that the script sets by itself.
    :ivar first_job: the job store's ID of the first job in it.
    :ivar output_directory: where files for output go; empty if output is not wanted.
    :ivar directory: a directory for other files, which lasts as long as the run.
    """

    name: str
    title: str
    size: int
    allocation: Allocation
    wall_time: float
    script: str
    environment: Mapping[str, str]
    first_job: str
    output_directory: str
    directory: str

    @property
    def is_array(self) -> bool:
        """Whether there are several tasks."""
        return self.size > 1

    @property
    def cores(self) -> int:
        """The number of whole cores that each task needs."""
        return max(1, -int(-self.allocation.cores // 1))

    @property
    def accelerators(self) -> list[AcceleratorRequirement]:
        """The accelerators that each task needs."""
        return self.allocation.accelerator_requirements()

    @property
    def accelerator_count(self) -> int:
        """How many accelerators, of whatever kind, each task needs."""
        return sum(one["count"] for one in self.accelerators)

    def megabytes(self, floor: int = 1) -> int:
        """Return the memory that each task needs in MiB, rounded up.

        :param floor: the least to ask for.
        """
        return max(floor, -(-self.allocation.memory // (1 << 20)))

    def wall_clock(self) -> str:
        """Return the time that each task may run as `HOURS:MM:SS`, rounded up to a second."""
        seconds = -int(-self.wall_time // 1)
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"

    def write_script(self) -> str:
        """Write the script to a file, for schedulers that want one, and return its path."""
        path = os.path.join(self.directory, f"{self.name}.sh")
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write(self.script)
        os.chmod(path, 0o755)
        return path

    def output_path(self, scheduler: str, task: str, what: str) -> str:
        """Return the documented name of a file for a task's output, or `/dev/null` where none is wanted.

        :param scheduler: the name of the batch system.
        :param task: the scheduler's ID for the task, or what the scheduler replaces by it.
        :param what: `std_output`, `std_error`, or what else the scheduler writes.
        """
        if not self.output_directory:
            return "/dev/null"
        return output_file(self.output_directory, self.first_job, scheduler, task, what)
