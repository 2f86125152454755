"""Grid Engine in all its forks: `qsub`, `qstat`, `qacct` and `qdel`."""

from __future__ import annotations

import getpass
import re
import shlex
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from xml.etree import ElementTree as ET

from toil_core.api import (
    Allocation,
    BatchJobExitReason,
    BatchSystemCapabilities,
    Command,
    CommandLineBatchSystem,
    SchedulerDialect,
    Submission,
    TaskState,
    TaskStatus,
    UserError,
    bytes2human,
)
from toil_plugin_gridengine.answers import QueuedTask, accounts, largest_memory, queued_tasks

_GPU_COMPLEXES = ("gpu", "gpus", "ngpus")
#: How long ago, in days, jobs may have started that were handed over before a restart.
_DAYS = "30"


class ManualMemoryError(UserError):
    """`--manualMemArgs` was given, but nothing says what to ask for instead."""

    def __init__(self) -> None:
        super().__init__(
            "With --manualMemArgs, TOIL_GRIDENGINE_ARGS has to say how memory is asked for, and it is empty.",
            "Set it, for example to '-l mem_free=4G'.",
        )


class GridEngine(SchedulerDialect):
    """Talks to Grid Engine."""

    name = "grid_engine"
    title = "Grid Engine"
    array_index = "$SGE_TASK_ID"
    first_index = 1
    history_delay = 20.0
    unreachable = (
        r"unable to (contact|send message to) qmaster",
        r"(commlib|communication) error",
        r"failed receiving gdi request",
        r"can't get response from qmaster",
    )
    full = (r"already .* jobs", r"max_u_jobs|max_jobs|maxujobs", r"exceed.* (job|limit)", r"job limit")

    def submit_command(self, submission: Submission) -> Command:
        """Return the `qsub` that hands tasks over."""
        own = shlex.split(self.config.gridengineArgs)
        if self.config.manualMemArgs and not own:
            raise ManualMemoryError
        arguments = ["qsub", "-terse", "-V", "-S", "/bin/sh", "-N", submission.name]
        if submission.is_array:
            arguments += ["-t", f"1-{submission.size}"]
        task = "$JOB_ID.$TASK_ID" if submission.is_array else "$JOB_ID"
        for flag, what in (("-o", "std_output"), ("-e", "std_error")):
            arguments += [flag, submission.output_path(self.name, task, what)]
        if submission.cores > 1:
            arguments += ["-pe", self._parallel_environment, str(submission.cores)]
        resources = self._resources(submission)
        if resources:
            arguments += ["-l", ",".join(resources)]
        return Command([*arguments, *own], submission.script)

    def _resources(self, submission: Submission) -> list[str]:
        found = []
        if not self.config.manualMemArgs:
            # Grid Engine multiplies what it sets aside by the number of slots.
            each = -(-submission.megabytes() // submission.cores)
            found += [f"vf={each}M", f"h_vmem={each}M"]
        if submission.wall_time:
            found.append(f"h_rt={submission.wall_clock()}")
        count = submission.accelerator_count
        if count:
            found.append(f"{self._gpu_complex}={count}")
        return found

    def submission_id(self, output: str) -> str:
        """Return the number that `qsub -terse` printed, without the tasks after it."""
        match = re.search(r"^([0-9]+)", output.strip().splitlines()[-1] if output.strip() else "")
        if match is None:
            raise ValueError(output)
        return match[1]

    def task_id(self, submission: str, index: int, size: int) -> str:
        """Return `JOB` or `JOB.TASK`."""
        return submission if size == 1 else f"{submission}.{index + 1}"

    def poll(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        """Ask `qstat` about all jobs of the user at once."""
        wanted, now = set(tasks), datetime.now()
        found = {}
        for task in self._queued():
            if task.task in wanted:
                found[task.task] = self._give_up(task) if task.is_broken else task.status(now)
        return found

    def _give_up(self, task: QueuedTask) -> TaskStatus:
        """Remove a task that Grid Engine cannot start, and return why."""
        said = self.run("qstat", "-j", task.task.partition(".")[0], allowed=(0, 1))
        self.run("qdel", task.task, allowed=(0, 1))
        reasons = re.findall(r"^error reason\s+[0-9]*:?\s*(.*)$", said, re.MULTILINE)
        detail = reasons[0] if reasons else f"its state was {task.code}"
        return TaskStatus(TaskState.ENDED, None, BatchJobExitReason.ERROR, detail)

    def _queued(self) -> Iterable[QueuedTask]:
        return queued_tasks(self.run("qstat", "-u", getpass.getuser(), "-xml"))

    def look_back(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        """Ask `qacct` about all jobs of the user that have begun since this leader did."""
        since = ("-d", _DAYS) if self.config.restart else ("-b", self._begin)
        found = accounts(self.run("qacct", "-j", "-o", getpass.getuser(), *since, allowed=(0, 1)))
        return {task: found[task] for task in tasks if task in found}

    @cached_property
    def _begin(self) -> str:
        # A day earlier, since the clocks of hosts differ, and their time zones may.
        return time.strftime("%Y%m%d%H%M", time.localtime(time.time() - 86400))

    def find(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return the numbers of jobs in the queue by their names."""
        return {task.name: task.task.partition(".")[0] for task in self._queued() if task.name in names}

    def cancel_commands(self, tasks: Sequence[str]) -> Iterable[Command]:
        """Return one `qdel` for many."""
        return [Command(["qdel", *some]) for some in self.portions(tasks)]

    def unsatisfiable(self, submission: Submission) -> str:
        """Return what a submission lacks that `qsub` cannot be asked for."""
        if submission.cores > 1 and not self._parallel_environment:
            listed = ", ".join(self._environments) or "none"
            return (
                f"it needs {submission.cores} cores, and it is not clear in which parallel environment: set "
                f"TOIL_GRIDENGINE_PE to one of those that 'qconf -spl' lists ({listed})"
            )
        if submission.accelerators and not self._gpu_complex:
            return f"it needs accelerators, and 'qconf -sc' lists none of {', '.join(_GPU_COMPLEXES)}"
        cores, memory = self._largest
        if submission.cores > cores:
            return f"it needs {submission.cores} cores, and no queue has more than {cores} slots on one host"
        if submission.allocation.memory > memory and not self.config.manualMemArgs:
            needed, there = bytes2human(submission.allocation.memory), bytes2human(memory)
            return f"it needs {needed} of memory, and no host has more than {there}"
        return ""

    @cached_property
    def _largest(self) -> tuple[int, int]:
        """The most slots of any queue on one host, and the most memory of any host in bytes."""
        slots = ET.fromstring(self.run("qstat", "-f", "-xml")).iter("slots_total")
        return max((int(one.text or 0) for one in slots), default=0), largest_memory(self.run("qhost", "-xml"))

    def largest(self) -> Allocation:
        """Return the most slots of any queue on one host, and the most memory of any host."""
        return Allocation(*self._largest, sys.maxsize)

    def slots(self, submission: Submission) -> int:
        """Return how many such tasks the slots of all queues could hold."""
        return max(1, self._all_slots // submission.cores)

    @cached_property
    def _all_slots(self) -> int:
        queues = ET.fromstring(self.run("qstat", "-g", "c", "-xml")).iter("total")
        return sum(int(total.text or 0) for total in queues)

    @cached_property
    def _environments(self) -> list[str]:
        return self.run("qconf", "-spl", allowed=(0, 1)).split()

    @cached_property
    def _parallel_environment(self) -> str:
        if self.config.gridenginePe:
            return str(self.config.gridenginePe)
        on_one_host = [
            one
            for one in self._environments
            if re.search(r"^allocation_rule\s+\$pe_slots\s*$", self.run("qconf", "-sp", one), re.MULTILINE)
        ]
        return on_one_host[0] if len(on_one_host) == 1 else ""

    @cached_property
    def _gpu_complex(self) -> str:
        lines = self.run("qconf", "-sc").splitlines()
        known = {line.split()[0] for line in lines if line and not line.startswith("#")}
        return next((one for one in _GPU_COMPLEXES if one in known), "")


class GridEngineBatchSystem(CommandLineBatchSystem):
    """Runs jobs through Grid Engine."""

    dialect_type = GridEngine
    capabilities = BatchSystemCapabilities(
        asks_a_scheduler=True, outlives_leader=True, tells_memory=True, tells_time=True
    )
