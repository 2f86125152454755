"""HTCondor: `condor_submit`, `condor_q`, `condor_history` and `condor_rm`."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from toil_core.api import (
    Allocation,
    BatchSystemCapabilities,
    Command,
    CommandLineBatchSystem,
    SchedulerDialect,
    Submission,
    TaskStatus,
    UserError,
    bytes2human,
)
from toil_plugin_htcondor.answers import ATTRIBUTES, Job, Slot, jobs, slots

#: For how many seconds a job that has ended stays in the queue, where the next poll sees how it ended.
_STAYS = 120


class ParameterError(UserError):
    """A part of `TOIL_HTCONDOR_PARAMS` is no line of a submit description."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"'{text}' in TOIL_HTCONDOR_PARAMS sets nothing.",
            "Write parameter = value, and semicolons between those.",
        )


class HTCondor(SchedulerDialect):
    """Talks to HTCondor."""

    name = "htcondor"
    title = "HTCondor"
    #: The number of the process, which the submit description hands to the script.
    array_index = "$1"
    most_in_one_command = 200
    history_delay = 5.0
    unreachable = (
        r"\(null\)|can'?t find address|can'?t connect to|failed to (connect|fetch ads|send)",
        r"unable to (connect|locate|contact)|couldn'?t contact|communication error|timed? ?out",
        r"collector|extra info: you probably saw this error because the condor_schedd is not running",
    )
    full = (r"MAX_JOBS_(SUBMITTED|PER_OWNER|PER_SUBMISSION)", r"number of (jobs|submitted jobs) would exceed")

    def submit_command(self, submission: Submission) -> Command:
        """Return the `condor_submit` that hands tasks over; it reads the description from its standard input."""
        lines = {
            "universe": "vanilla",
            "executable": submission.write_script(),
            "arguments": "$(Process)",
            "batch_name": submission.name,
            "getenv": "True",
            "request_cpus": str(submission.cores),
            "request_memory": f"{submission.megabytes()}MB",
            "request_disk": f"{max(1, submission.allocation.disk >> 10)}KB",
            "should_transfer_files": "IF_NEEDED",
            "when_to_transfer_output": "ON_EXIT",
            "leave_in_queue": f"(JobStatus == 4) && ((time() - EnteredCurrentStatus) < {_STAYS})",
        }
        for parameter, what in (("output", "std_output"), ("error", "std_error"), ("log", "job_events")):
            lines[parameter] = submission.output_path(self.name, "$(ClusterId).$(Process)", what)
        if submission.wall_time:
            lines["allowed_job_duration"] = str(-int(-submission.wall_time // 1))
        count = sum(one["count"] for one in submission.accelerators)
        if count:
            lines["request_gpus"] = str(count)
        lines.update(self._own_parameters)
        if lines["log"] == "/dev/null":
            del lines["log"]
        text = "".join(f"{parameter} = {value}\n" for parameter, value in lines.items())
        return Command(["condor_submit", "-terse"], f"{text}queue {submission.size}\n")

    @cached_property
    def _own_parameters(self) -> dict[str, str]:
        found = {}
        for part in filter(None, (part.strip() for part in str(self.config.htcondorParams).split(";"))):
            parameter, equals, value = part.partition("=")
            if not equals or not parameter.strip():
                raise ParameterError(part)
            found[parameter.strip()] = value.strip()
        return found

    def submission_id(self, output: str) -> str:
        """Return the number of the cluster in `CLUSTER.PROC - CLUSTER.PROC`."""
        match = re.search(r"^([0-9]+)\.[0-9]+", output, re.MULTILINE)
        if match is None:
            raise ValueError(output)
        return match[1]

    def task_id(self, submission: str, index: int, size: int) -> str:
        """Return `CLUSTER.PROC`."""
        return f"{submission}.{index}"

    def poll(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        """Ask `condor_q` about many jobs at once; those that have stopped for good are taken out of the queue."""
        wanted, now = set(tasks), time.time()
        found = {job.task: job for job in self._queued(_clusters(tasks)) if job.task in wanted}
        stopped = [job.task for job in found.values() if job.has_stopped]
        for portion in self.portions(stopped):
            self.run("condor_rm", *portion, allowed=(0, 1))
        return {task: job.status(now) for task, job in found.items()}

    def _queued(self, clusters: Sequence[str]) -> Iterable[Job]:
        for portion in self.portions(clusters):
            yield from jobs(self.run("condor_q", *portion, "-json", "-attributes", ",".join(ATTRIBUTES)))

    def look_back(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        """Ask `condor_history` about jobs that have left the queue."""
        wanted, now = set(tasks), time.time()
        found = {}
        for portion in self.portions(_clusters(tasks)):
            said = self.run("condor_history", *portion, "-json", "-attributes", ",".join(ATTRIBUTES))
            found.update({job.task: job.status(now) for job in jobs(said) if job.task in wanted})
        return found

    def find(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return the clusters of batches by their names."""
        said = self.run("condor_q", "-json", "-attributes", ",".join(ATTRIBUTES))
        return {job.name: job.task.partition(".")[0] for job in jobs(said) if job.name in names}

    def cancel_commands(self, tasks: Sequence[str]) -> Iterable[Command]:
        """Return one `condor_rm` for many."""
        return [Command(["condor_rm", *portion]) for portion in self.portions(tasks)]

    def unsatisfiable(self, submission: Submission) -> str:
        """Return why no machine of the pool can run such a task."""
        needed, largest = submission.allocation, self.largest()
        if any(submission.cores <= slot.cores and needed.memory <= slot.memory for slot in self._slots) or not largest:
            return ""
        return (
            f"it needs {submission.cores} cores and {bytes2human(needed.memory)} of memory, and no machine of the pool "
            f"has both: the most are {largest.cores:g} cores, and {bytes2human(largest.memory)} of memory"
        )

    def largest(self) -> Allocation | None:
        """Return the most cores and the most memory of any machine."""
        if not self._slots:
            return None
        cores, memory = zip(*self._slots, strict=True)
        return Allocation(max(cores), max(memory), sys.maxsize)

    def slots(self, submission: Submission) -> int:
        """Return how many such tasks the cores of all machines could run."""
        return max(1, sum(slot.cores // submission.cores for slot in self._slots))

    @cached_property
    def _slots(self) -> list[Slot]:
        return slots(self.run_if_allowed("condor_status", "-af", "TotalSlotCpus", "TotalSlotMemory"))


def _clusters(tasks: Sequence[str]) -> list[str]:
    """Return the clusters that tasks belong to."""
    return list(dict.fromkeys(task.partition(".")[0] for task in tasks))


class HTCondorBatchSystem(CommandLineBatchSystem):
    """Runs jobs through HTCondor."""

    dialect_type = HTCondor
    capabilities = BatchSystemCapabilities(
        asks_a_scheduler=True,
        outlives_leader=True,
        announces_starts=True,
        tells_memory=True,
        tells_time=True,
        tells_lost=True,
    )
