"""Torque, PBS Pro and whatever else has `qsub`, `qstat -f` and `qdel` of the PBS kind."""

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
from toil_plugin_torque.answers import ShownJob, nodes, shown_jobs
from toil_plugin_torque.flavours import TORQUE, Flavour, flavour_of

_UNKNOWN = r"unknown job|invalid job id|job has finished"


class Torque(SchedulerDialect):
    """Talks to a PBS."""

    name = "torque"
    title = "Torque"
    unreachable = (
        r"cannot connect to (default )?server",
        r"connection (refused|timed out)",
        r"end of file|communication failure|no route to host",
        r"unable to contact slurm controller",
    )
    full = (r"maximum number of jobs", r"exceeds the queue limit", r"would exceed .*(limit|max)", r"max_(queued|run)")

    most_in_one_command = 200

    _flavour: Flavour = TORQUE

    def begin(self) -> None:
        """Find out which PBS this is."""
        try:
            self._flavour = flavour_of(self.run("qstat", "--version"), failed=False)
        except CommandFailed as error:
            self._flavour = flavour_of(error.output, failed=True)
        self.array_index, self.tells_exit = self._flavour.array_index, self._flavour.tells_exit

    def submit_command(self, submission: Submission) -> Command:
        """Return the `qsub` that hands tasks over."""
        own, flavour = shlex.split(self.config.torqueArgs), self._flavour
        arguments = ["qsub", "-V", "-r", "n", "-N", submission.name]
        if submission.is_array:
            arguments += [flavour.array_flag, f"0-{submission.size - 1}"]
        for flag, what in (("-o", "std_output"), ("-e", "std_error")):
            arguments += [flag, submission.output_path(self.name, flavour.file_id, what)]
        arguments += ["-l", ",".join(self._resources(submission))]
        return Command([*arguments, *own, submission.write_script()])

    def _resources(self, submission: Submission) -> list[str]:
        cores, memory = submission.cores, f"{submission.megabytes()}mb"
        count = submission.accelerator_count
        if self._flavour.selects:
            found = [f"select=1:ncpus={cores}:mem={memory}" + (f":ngpus={count}" if count else "")]
        else:
            found = [f"nodes=1:ppn={cores}" + (f":gpus={count}" if count else ""), f"mem={memory}"]
        own = [one for one in self.config.torqueReqs.split(",") if one]
        if submission.wall_time and not any(one.startswith("walltime=") for one in own):
            found.append(f"walltime={submission.wall_clock()}")
        return [*found, *own]

    def error_file(self, submission: Submission, task: str, index: int) -> str:
        """Return where the standard error of a task is."""
        plain = submission.output_path(self.name, task, "std_error")
        return f"{plain}-{index}" if submission.is_array and self._flavour.adds_index else plain

    def submission_id(self, output: str) -> str:
        """Return the ID that `qsub` printed: `NUMBER.SERVER`, `NUMBER[].SERVER` or `NUMBER`."""
        match = re.search(r"^([0-9]+(\[\])?(\.\S+)?)\s*$", output, re.MULTILINE)
        if match is None:
            raise ValueError(output)
        return match[1]

    def task_id(self, submission: str, index: int, size: int) -> str:
        """Return the ID of a job, or `NUMBER[INDEX].SERVER`."""
        return submission if size == 1 else submission.replace("[]", f"[{index}]", 1)

    def poll(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        """Ask `qstat` about many jobs at once."""
        wanted = set(tasks)
        shown = self._shown(_jobs(tasks))
        return {job.task: job.status(self._flavour.ends_with_e) for job in shown if job.task in wanted}

    def _shown(self, jobs: Sequence[str]) -> Iterable[ShownJob]:
        for some in self.portions(jobs):
            yield from shown_jobs(self._qstat(*some))

    def _qstat(self, *jobs: str) -> str:
        try:
            return self.run("qstat", *self._flavour.show, *jobs)
        except CommandFailed as error:
            # Some of the jobs are not known any more; the others are shown all the same.
            if re.search(_UNKNOWN, error.output, re.IGNORECASE) or (jobs and not error.output):
                return error.printed
            raise

    def find(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return the IDs of jobs by their names."""
        found = {}
        for job in shown_jobs(self._qstat()):
            # To the name of an array's task its index is added.
            name = job.facts.get("job_name", "")
            if "[" in job.task:
                name = re.sub(r"-[0-9]+$", "", name)
            if name in names:
                found[name] = re.sub(r"\[[0-9]+\]", "[]", job.task)
        return found

    def cancel_commands(self, tasks: Sequence[str]) -> Iterable[Command]:
        """Return one `qdel` for many."""
        return [Command(["qdel", *some]) for some in self.portions(tasks)]

    def unsatisfiable(self, submission: Submission) -> str:
        """Return why no node can run such a task."""
        needed, largest = submission.allocation, self.largest()
        if largest is None or (submission.cores <= largest.cores and needed.memory <= largest.memory):
            return ""
        return (
            f"it needs {submission.cores} cores and {bytes2human(needed.memory)} of memory on one node, and the most "
            f"that 'pbsnodes' shows are {largest.cores:g} cores, and {bytes2human(largest.memory)} of memory"
        )

    def machines(self) -> Sequence[Machine]:
        """Return what `pbsnodes` shows."""
        return self._nodes

    @cached_property
    def _nodes(self) -> list[Machine]:
        return nodes(self.run_if_allowed("pbsnodes"))


def _jobs(tasks: Sequence[str]) -> list[str]:
    """Return the jobs that tasks belong to."""
    return list(dict.fromkeys(re.sub(r"\[[0-9]+\]", "[]", task) for task in tasks))


class TorqueBatchSystem(CommandLineBatchSystem):
    """Runs jobs through Torque or another PBS."""

    dialect_type = Torque
    capabilities = BatchSystemCapabilities(
        asks_a_scheduler=True, outlives_leader=True, tells_memory=True, tells_time=True, tells_lost=True
    )
