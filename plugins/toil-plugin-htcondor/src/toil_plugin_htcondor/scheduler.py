"""HTCondor: `condor_submit`, `condor_q`, `condor_history` and `condor_rm`."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from toil_core.api import (
    BatchSystemCapabilities,
    Command,
    CommandLineBatchSystem,
    Machine,
    SchedulerDialect,
    Submission,
    TaskStatus,
    bytes2human,
)
from toil_plugin_htcondor.answers import ATTRIBUTES, SLOT_ATTRIBUTES, Job, jobs, slots
from toil_plugin_htcondor.parameters import read_parameters

#: For how many seconds a job that has ended stays in the queue, where the next poll sees how it ended.
_STAYS = 120


#: No machine runs a job a second time: its jobs would be repeated, and they are issued again anyway.
_RUNS_ONCE = "NumJobStarts =!= 1"


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
        r"you probably saw this error because the condor_schedd is not running",
    )
    full = (r"would exceed MAX_JOBS_(SUBMITTED|PER_OWNER)",)

    def submit_command(self, submission: Submission) -> Command:
        """Return the `condor_submit` that hands tasks over; it reads the description from its standard input."""
        lines = {
            "universe": "vanilla",
            "executable": _literal(submission.write_script()),
            "arguments": "$(Process)",
            "batch_name": submission.name,
            "getenv": "True",
            **self._resources(submission),
            "should_transfer_files": "IF_NEEDED",
            "when_to_transfer_output": "ON_EXIT",
            "leave_in_queue": f"(JobStatus == 4) && ((time() - EnteredCurrentStatus) < {_STAYS})",
            **self._files(submission),
            **self._own,
        }
        own = self._own.get("requirements")
        lines["requirements"] = f"({own}) && ({_RUNS_ONCE})" if own else _RUNS_ONCE
        text = "".join(f"{parameter} = {value}\n" for parameter, value in lines.items())
        return Command(["condor_submit", "-terse"], f"{text}queue {submission.size}\n")

    def _resources(self, submission: Submission) -> dict[str, str]:
        found = {
            "request_cpus": str(submission.cores),
            "request_memory": f"{submission.megabytes()}MB",
            "request_disk": f"{max(1, -(-submission.allocation.disk >> 10))}KB",
        }
        if submission.wall_time:
            found["allowed_job_duration"] = str(-int(-submission.wall_time // 1))
        gpus = submission.accelerator_count
        return {**found, "request_gpus": str(gpus)} if gpus else found

    def _files(self, submission: Submission) -> dict[str, str]:
        if not submission.output_directory:
            return {"output": "/dev/null", "error": "/dev/null"}
        there = submission._replace(output_directory=_literal(submission.output_directory))
        files = (("output", "std_output"), ("error", "std_error"), ("log", "job_events"))
        return {one: there.output_path(self.name, "$(ClusterId).$(Process)", what) for one, what in files}

    @cached_property
    def _own(self) -> Mapping[str, str]:
        return read_parameters(self.config.htcondorParams)

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
            # Where HTCondor does not answer this is tried again, before anybody hears that they have ended.
            self.run_if_allowed("condor_rm", *portion)
        return {task: job.status(now) for task, job in found.items()}

    def _queued(self, clusters: Sequence[str]) -> Iterable[Job]:
        for portion in self.portions(clusters):
            yield from jobs(self.run("condor_q", *portion, "-json", "-attributes", ",".join(ATTRIBUTES)))

    def look_back(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        """Ask `condor_history` about jobs that have left the queue."""
        now = time.time()
        found = {}
        for portion in self.portions(tasks):
            # With the limit it does not go on to read all that has ever been run once it has found these.
            limit = ("-limit", str(len(portion)))
            said = self.run("condor_history", *portion, *limit, "-json", "-attributes", ",".join(ATTRIBUTES))
            found.update({job.task: job.status(now) for job in jobs(said)})
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
        cores, memory, gpus = submission.cores, submission.allocation.memory, submission.accelerator_count
        if not self._slots or any(
            cores <= slot.cores and memory <= slot.memory and gpus <= slot.gpus for slot in self._slots
        ):
            return ""
        most = Machine(*(max(column) for column in zip(*self._slots, strict=True)))
        return (
            f"it needs {cores} cores, {bytes2human(memory)} of memory and {gpus} GPUs, and no machine of the pool has "
            f"all of it: the most are {most.cores} cores, {bytes2human(most.memory)} of memory, and {most.gpus} GPUs"
        )

    def machines(self) -> Sequence[Machine]:
        """Return what `condor_status` shows."""
        return self._slots

    @cached_property
    def _slots(self) -> list[Machine]:
        return slots(self.run_if_allowed("condor_status", "-af", *SLOT_ATTRIBUTES))


def _clusters(tasks: Sequence[str]) -> list[str]:
    """Return the clusters that tasks belong to."""
    return list(dict.fromkeys(task.partition(".")[0] for task in tasks))


def _literal(path: str) -> str:
    """Return a path as it has to be written in a submit description, where dollar signs begin macros."""
    return path.replace("$", "$(DOLLAR)")


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
