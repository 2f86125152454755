"""Slurm: its dialect, and the batch system that speaks it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from toil_core.api import (
    Allocation,
    BatchSystemCapabilities,
    Command,
    CommandFailed,
    CommandLineBatchSystem,
    Config,
    Runner,
    SchedulerDialect,
    Submission,
    TaskState,
    TaskStatus,
    Trouble,
)
from toil_plugin_slurm.arguments import read_arguments
from toil_plugin_slurm.nodes import FORMAT, Needs, Nodes, complaint, gres_for, read_nodes
from toil_plugin_slurm.states import from_sacct, from_squeue

#: For how many seconds it is taken for granted what nodes there are.
_NODES_STAY = 60.0


class SlurmDialect(SchedulerDialect):
    """How to talk to Slurm.

    :param config: the workflow's configuration.
    :param runner: runs commands.
    """

    name = "slurm"
    title = "Slurm"
    array_index = "$SLURM_ARRAY_TASK_ID"
    # The controller keeps what has ended for minutes in most places; the accounting knows of it after some seconds.
    history_delay = 5.0
    # Their numbers have to fit in one argument of 128 KiB.
    most_in_one_command = 5000
    unreachable = (
        "unable to contact slurm controller",
        "socket timed out",
        "connection (refused|timed out|reset)|connect failure|communication connection failure",
        "zero bytes were transmitted|transport endpoint is not connected|insane message length",
        "in standby mode",
        "munge|authentication (credential|error)",
        "problem talking to (the database|slurmdbd)|slurm_persist_conn_open",
    )
    full = (
        "(max|grp)submit",
        "temporarily unable to accept job|resource temporarily unavailable",
    )

    def __init__(self, config: Config, runner: Runner) -> None:
        super().__init__(config, runner)
        self._arguments = read_arguments(config.slurmArgs)
        self._settings: Mapping[str, str] | None = None
        self._nodes: list[Nodes] = []
        self._nodes_since: float | None = None

    # Submitting

    def submit_command(self, submission: Submission) -> Command:
        """Return the call of sbatch. What users have said comes after what Toil says, so that it counts."""
        user, needs = self._arguments, self._needs(submission)
        # Users who name jobs by themselves leave the comment to Toil.
        tag = "comment" if user.have("-J", "--job-name") else "job-name"
        words = ["--parsable", "--no-requeue", f"--{tag}={submission.name}", f"--cpus-per-task={needs.cores}"]
        words += self._memory(needs)
        if submission.is_array:
            words.append(f"--array=0-{submission.size - 1}")
        if submission.wall_time:
            words.append(f"--time={submission.wall_clock()}")
        if needs.gres:
            words.append(f"--gres={','.join(map(str, needs.gres))}")
        if not user.have("--export", "--export-file"):
            words.append("--export=ALL")
        words += [*user.words, *self._partition(needs), *self._output(submission)]
        return Command(("sbatch", *words), submission.script)

    def submission_id(self, output: str) -> str:
        """Return the number that sbatch prints, perhaps with the name of a cluster."""
        lines = output.strip().splitlines() or [""]
        number = lines[-1].partition(";")[0].strip()
        if not number.isdigit():
            raise ValueError(output)
        return number

    def array_limit(self) -> int:
        """Return how many tasks Slurm lets an array have."""
        most = self._setting("MaxArraySize")
        return min(self.largest_array, int(most)) if most.isdigit() else self.largest_array

    def trouble(self, error: CommandFailed) -> Trouble:
        """Return what a failed command means; a machine that does not know where Slurm is will not learn it."""
        return Trouble.REFUSED if "configuration source" in error.output else super().trouble(error)

    def _output(self, submission: Submission) -> Iterator[str]:
        # In names of files, sbatch takes a percent sign for the start of something to be replaced.
        there = submission._replace(output_directory=submission.output_directory.replace("%", "%%"))
        task = "%A_%a" if submission.is_array else "%j"
        for what in ("output", "error"):
            if not self._arguments.have(f"--{what}", f"-{what[0]}"):
                yield f"--{what}={there.output_path(self.name, task, f'std_{what}')}"

    def _memory(self, needs: Needs) -> list[str]:
        nodes = self._nodes_now()
        # Where Slurm was not told how much memory nodes have, it refuses all that ask for some.
        is_known = not nodes or any(group.megabytes > 1 for group in nodes)
        return [f"--mem={needs.megabytes}M"] if is_known else []

    # Nodes and partitions

    def unsatisfiable(self, submission: Submission) -> str:
        """Return why no node of the partitions in question can ever run such tasks."""
        needs = self._needs(submission)
        return complaint(needs, self._candidates(needs))

    def slots(self, submission: Submission) -> int:
        """Return how many such tasks the nodes that are there can run, were nobody else to use them."""
        needs = self._needs(submission)
        best = self._choice(needs)
        if best is None:
            return super().slots(submission)
        there = [group for group in self._nodes_now() if group.partition == best.partition and group.are_there]
        return max(1, sum(group.number * group.how_many(needs) for group in there))

    def largest(self) -> Allocation | None:
        """Return the cores of the node that has most of them, and the memory likewise."""
        try:
            nodes = self._nodes_now()
        except CommandFailed:
            return None
        if not nodes:
            return None
        return Allocation(max(one.cores for one in nodes), max(one.megabytes for one in nodes) << 20, 0)

    def _needs(self, submission: Submission) -> Needs:
        gres = gres_for(submission.accelerators, self._nodes_now()) if submission.accelerators else ()
        return Needs(submission.cores, submission.megabytes(), gres, submission.wall_time)

    def _chosen_partitions(self, needs: Needs) -> Sequence[str]:
        """Return the partitions that the user has chosen for such tasks, if any."""
        if self.config.slurmPe and needs.cores > 1:
            return str(self.config.slurmPe).split(",")
        return self._arguments.partitions or [one for one in os.environ.get("SBATCH_PARTITION", "").split(",") if one]

    def _candidates(self, needs: Needs) -> list[Nodes]:
        chosen = self._chosen_partitions(needs)
        return [group for group in self._nodes_now() if not chosen or group.partition in chosen]

    def _choice(self, needs: Needs) -> Nodes | None:
        """Return nodes of the partition to run such tasks in, or None where it is not known which could."""
        fitting = [group for group in self._candidates(needs) if group.how_many(needs)]
        return min(fitting, key=Nodes.cost) if fitting else None

    def _partition(self, needs: Needs) -> list[str]:
        """Return what is to be said of the partition: nothing where users have, or where the default will do."""
        if self.config.slurmPe and needs.cores > 1:
            return [f"--partition={self.config.slurmPe}"]
        best = None if self._chosen_partitions(needs) else self._choice(needs)
        return [] if best is None or best.is_default else [f"--partition={best.partition}"]

    def _nodes_now(self) -> list[Nodes]:
        now = time.monotonic()
        if self._nodes_since is None or now - self._nodes_since > _NODES_STAY:
            self._nodes = read_nodes(self.run_if_allowed("sinfo", "--noheader", "--exact", f"--format={FORMAT}"))
            self._nodes_since = now
        return self._nodes

    # Asking

    def poll(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        """Ask the controller, which also knows what has ended in the last minutes."""
        fields = "--Format=JobArrayID:|,State:|,exit_code:|,TimeUsed:|,Reason:|"
        found: dict[str, TaskStatus] = {}
        for jobs in self.portions(_submissions(tasks)):
            which = f"--jobs={','.join(jobs)}"
            try:
                rows = self.run("squeue", "--noheader", "--all", "--array", "--states=all", which, fields)
            except CommandFailed as error:
                # That is how a single job that is not known is left out.
                if "invalid job id" not in error.output.lower():
                    raise
                continue
            found.update(_read(rows, from_squeue))
        return {task: found[task] for task in tasks if task in found}

    def look_back(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        """Ask the accounting, where there is one, about what the controller has forgotten."""
        if self._setting("AccountingStorageType") in ("", "(null)", "accounting_storage/none"):
            return {}
        found: dict[str, TaskStatus] = {}
        for jobs in self.portions(_submissions(tasks)):
            which, fields = f"--jobs={','.join(jobs)}", "--format=JobID,State,ExitCode,ElapsedRaw"
            try:
                rows = self.run("sacct", "--noheader", "--allocations", "--parsable2", which, fields)
            except CommandFailed:
                # As long as it does not answer, nothing is taken for gone, and the controller's news count.
                return dict.fromkeys(tasks, TaskStatus(TaskState.PENDING, detail="Slurm's accounting does not answer"))
            found.update(_read(rows, from_sacct))
        return {task: found[task] for task in tasks if task in found}

    def find(self, names: Sequence[str]) -> Mapping[str, str]:
        """Look through this user's jobs for names, and for comments where users name jobs by themselves."""
        mine = f"--user={os.getuid()}"
        rows = self.run("squeue", "--noheader", "--all", "--states=all", mine, "--format=%F|%j|%k").splitlines()
        words = [row.strip().split("|", 2) for row in rows]
        return {tag: number for number, *tags in words for tag in tags if tag in names}

    def cancel_commands(self, tasks: Sequence[str]) -> Iterable[Command]:
        """Cancel many at once."""
        return [Command(("scancel", *portion)) for portion in self.portions(tasks)]

    def _setting(self, name: str) -> str:
        """Return how Slurm is configured, or an empty string where it does not tell."""
        if self._settings is None:
            lines = self.run_if_allowed("scontrol", "show", "config").splitlines()
            pairs = (line.partition("=") for line in lines)
            self._settings = {key.strip(): value.strip() for key, _, value in pairs}
        return self._settings.get(name, "")


class SlurmBatchSystem(CommandLineBatchSystem):
    """Runs jobs through Slurm's commands."""

    dialect_type = SlurmDialect
    capabilities = BatchSystemCapabilities(
        asks_a_scheduler=True, outlives_leader=True, tells_memory=True, tells_time=True, tells_lost=True
    )


def _submissions(tasks: Iterable[str]) -> list[str]:
    """Return the numbers of the jobs and arrays that tasks belong to."""
    return list(dict.fromkeys(task.partition("_")[0] for task in tasks))


def _read(rows: str, read: Callable[[str], tuple[str, TaskStatus]]) -> dict[str, TaskStatus]:
    """Return what lines say; those that are incomplete, or about something else, are left out."""
    found = {}
    for row in rows.splitlines():
        try:
            task, status = read(row.strip())
        except (ValueError, IndexError):
            continue
        found[task] = status
    return found
