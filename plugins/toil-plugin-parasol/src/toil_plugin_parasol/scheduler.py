"""Parasol: `parasol add job`, `list jobs` and `remove job`, and the files of results that its hub writes.

A job's line in the file of results of its batch is all that Parasol keeps of it once it is over. All jobs of a batch
have to need the same, so there is a file for each set of requirements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from toil_core.api import (
    BatchSystemCapabilities,
    Command,
    CommandLineBatchSystem,
    SchedulerDialect,
    Submission,
    TaskState,
    TaskStatus,
)
from toil_plugin_parasol.answers import ListedJob, ResultsFile, listed_jobs

#: Seconds that a job whose time is up has to end by itself.
_GRACE = 30


class Parasol(SchedulerDialect):
    """Talks to Parasol."""

    name = "parasol"
    title = "Parasol"
    # The hub writes the line of a job when it drops it from its list; it may come late through a network.
    history_delay = 2.0
    unreachable = (r"couldn't (send|connect)", r"\bno response\b", r"timed out", r"connection refused")
    full = (r"sick batch",)

    def submit_command(self, submission: Submission) -> Command:
        """Return the `parasol add job` for a task; its words reach the node without a shell in between."""
        path = self._results_path(submission)
        self._results.setdefault(path, ResultsFile(path))
        run = [submission.write_script()]
        if submission.wall_time:
            # Parasol itself ends nobody.
            run = ["timeout", f"--kill-after={_GRACE}", str(-int(-submission.wall_time // 1)), *run]
        options = [f"-ram={submission.allocation.memory}", f"-cpu={submission.cores}", f"-results={path}"]
        return Command([self._program, "-verbose", *options, "add", "job", *run])

    def submission_id(self, output: str) -> str:
        """Return the number in `your job NUMBER (…) has been submitted`."""
        match = re.search(r"your job ([0-9]+) ", output)
        if match is None:
            raise ValueError(output)
        return match[1]

    def error_file(self, submission: Submission, task: str, index: int) -> str:
        """Return that there is none: Parasol leaves what jobs print on its nodes."""
        return ""

    def poll(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        """List all jobs that wait or run."""
        wanted = set(tasks)
        found = {}
        for job in self._listed():
            if job.task in wanted:
                # After a restart, this is how the files of what an earlier leader has handed over are known.
                self._results.setdefault(job.results, ResultsFile(job.results))
                found[job.task] = TaskStatus(TaskState.RUNNING if job.runs else TaskState.PENDING)
        return found

    def look_back(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        """Read what is new in the files of results."""
        found = {}
        for results in self._results.values():
            results.read()
            found.update({task: results.ends[task] for task in tasks if task in results.ends})
        return found

    def find(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return the numbers of jobs by the names of their scripts."""
        wanted = set(names)
        return {job.script: job.task for job in self._listed() if job.script in wanted}

    def cancel_commands(self, tasks: Sequence[str]) -> Iterable[Command]:
        """Return a `parasol remove job` for each; it takes one number."""
        return [Command([self._program, "remove", "job", task]) for task in tasks]

    def unsatisfiable(self, submission: Submission) -> str:
        """Return what Parasol has no words for, or that there may be no further batch."""
        if re.search(r"\s", submission.directory):
            return f"Parasol takes no path with spaces in it, as '{submission.directory}' is: set another --workDir"
        if submission.accelerators:
            return "it needs accelerators, of which Parasol knows nothing"
        most = self.config.parasolMaxBatches
        if self._results_path(submission) not in self._results and len(self._results) >= most:
            return (
                f"it needs a batch of its own in Parasol, and --parasolMaxBatches allows no more than {most}: raise "
                "that, or let more jobs need the same"
            )
        return ""

    def slots(self, submission: Submission) -> int:
        """Return how many such tasks the cores of all machines could run."""
        return max(1, self._cores // submission.cores)

    def _listed(self) -> Iterable[ListedJob]:
        return listed_jobs(self.run(self._program, "-extended", "list", "jobs"))

    def _results_path(self, submission: Submission) -> str:
        return f"{submission.directory}/parasol-{submission.cores}-{submission.allocation.memory}.results"

    @property
    def _program(self) -> str:
        return str(self.config.parasolCommand)

    @cached_property
    def _results(self) -> dict[str, ResultsFile]:
        """The file of each batch, by its path."""
        return {}

    @cached_property
    def _cores(self) -> int:
        match = re.search(r"CPUs total:\s*([0-9]+)", self.run_if_allowed(self._program, "status"))
        return int(match[1]) if match else 64


class ParasolBatchSystem(CommandLineBatchSystem):
    """Runs jobs through Parasol, which tells nothing of memory and gives the jobs of lost machines to others itself."""

    dialect_type = Parasol
    capabilities = BatchSystemCapabilities(asks_a_scheduler=True, outlives_leader=True)
