"""IBM Spectrum LSF: `bsub`, `bjobs`, `bhist` and `bkill`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from toil_core.api import (
    BatchSystemCapabilities,
    Command,
    CommandFailed,
    CommandLineBatchSystem,
    Machine,
    SchedulerDialect,
    Submission,
    TaskStatus,
    bytes2human,
)
from toil_plugin_lsf.answers import FIELDS, ListedJob, histories, hosts, listed_jobs


class LSF(SchedulerDialect):
    """Talks to LSF."""

    name = "lsf"
    title = "LSF"
    array_index = "$LSB_JOBINDEX"
    first_index = 1
    unreachable = (r"(LSF|LIM) is down", r"cannot connect to LSF", r"batch daemon|LSF library call|not responding")
    full = (r"pending job threshold reached", r"(pending|running) job slot limit", r"too many (pending )?jobs")

    def submit_command(self, submission: Submission) -> Command:
        """Return the `bsub` that hands tasks over; it reads the script from its standard input."""
        name, task = submission.name, "%J"
        if submission.is_array:
            name, task = f"{name}[1-{submission.size}]", "%J[%I]"
        arguments = ["bsub", "-J", name]
        for flag, what in (("-o", "std_output"), ("-e", "std_error")):
            arguments += [flag, submission.output_path(self.name, task, what)]
        arguments += self._resources(submission)
        if submission.wall_time:
            arguments += ["-W", str(-int(-submission.wall_time // 60))]
        count = submission.accelerator_count
        if count:
            arguments += ["-gpu", f"num={count}"]
        return Command([*arguments, *shlex.split(self.config.lsfArgs)], submission.script)

    def _resources(self, submission: Submission) -> list[str]:
        memory, cores = submission.megabytes(), submission.cores
        # Some sites set memory aside for each core, others for the job. The limit is always that of the job.
        reserved = -(-memory // cores) if self._reserves_by_core else memory
        needs = f"rusage[mem={reserved}MB]"
        if cores > 1:
            needs += " span[hosts=1]"
        return ["-n", str(cores), "-R", needs, "-M", f"{memory}MB"]

    @cached_property
    def _reserves_by_core(self) -> bool:
        said = self.run_if_allowed("bparams", "-a")
        return re.search(r"RESOURCE_RESERVE_PER_(TASK|SLOT)\s*=\s*Y", said, re.IGNORECASE) is not None

    def submission_id(self, output: str) -> str:
        """Return the number in `Job <NUMBER> is submitted to …`."""
        match = re.search(r"Job <([0-9]+)> is submitted", output)
        if match is None:
            raise ValueError(output)
        return match[1]

    def task_id(self, submission: str, index: int, size: int) -> str:
        """Return `JOB` or `JOB[INDEX]`."""
        return submission if size == 1 else f"{submission}[{index + 1}]"

    def poll(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        """Ask `bjobs` about many jobs at once: all of the user's, or those whose IDs are given."""
        wanted = set(tasks)
        return {job.task: job.status for job in self._listed(tasks) if job.task in wanted}

    def _listed(self, tasks: Sequence[str]) -> Iterable[ListedJob]:
        if self.config.coalesceStatusCalls:
            yield from listed_jobs(self._bjobs())
            return
        for jobs in self.portions(_jobs(tasks)):
            yield from listed_jobs(self._bjobs(*jobs))

    def _bjobs(self, *jobs: str) -> str:
        # The status is 255 where none of the jobs is known, which is an answer too.
        return self._answer("bjobs", "-a", "-noheader", "-o", FIELDS, *jobs)

    def look_back(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        """Ask `bhist`, which reads the log of events that LSF keeps."""
        found: dict[str, TaskStatus] = {}
        for jobs in self.portions(_jobs(tasks)):
            found.update(histories(self._answer("bhist", "-a", "-UF", *jobs)))
        return {task: found[task] for task in tasks if task in found}

    def find(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return the numbers of jobs by their names."""
        wanted = set(names)
        return {job.name: job.task.partition("[")[0] for job in listed_jobs(self._bjobs()) if job.name in wanted}

    def _answer(self, *arguments: str) -> str:
        try:
            return self.run(*arguments)
        except CommandFailed as error:
            if re.search(r"(job )?(is )?not found|no (\w+ )*job found|no matching job", error.output, re.IGNORECASE):
                return error.printed
            raise

    def cancel_commands(self, tasks: Sequence[str]) -> Iterable[Command]:
        """Return one `bkill` for many."""
        return [Command(["bkill", *some]) for some in self.portions(tasks)]

    def unsatisfiable(self, submission: Submission) -> str:
        """Return why no host can run such a task."""
        allocation = submission.allocation
        if any(submission.cores <= host.cores and allocation.memory <= host.memory for host in self._hosts):
            return ""
        largest = self.largest()
        if largest is None:
            return ""
        needed, there = bytes2human(allocation.memory), bytes2human(largest.memory)
        return (
            f"it needs {submission.cores} cores and {needed} of memory on one host, and no host of LSF has both: the "
            f"most are {largest.cores:g} cores, and {there} of memory"
        )

    def machines(self) -> Sequence[Machine]:
        """Return what `lshosts` shows."""
        return self._hosts

    @cached_property
    def _hosts(self) -> list[Machine]:
        return hosts(self.run_if_allowed("lshosts", "-w"))


def _jobs(tasks: Sequence[str]) -> list[str]:
    """Return the jobs that tasks belong to."""
    return list(dict.fromkeys(task.partition("[")[0] for task in tasks))


class LSFBatchSystem(CommandLineBatchSystem):
    """Runs jobs through LSF."""

    dialect_type = LSF
    capabilities = BatchSystemCapabilities(
        asks_a_scheduler=True, outlives_leader=True, tells_memory=True, tells_time=True, tells_lost=True
    )
