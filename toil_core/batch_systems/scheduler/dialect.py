"""`SchedulerDialect`: what a plugin writes to drive its scheduler, and nothing else.

The methods are called in one thread. They build commands and read what these print; when and how often they are
called, what happens when the scheduler does not answer, and what becomes of the jobs is not their concern.
"""

from __future__ import annotations

import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from toil_core.batch_systems.scheduler.commands import Command, CommandFailed, Runner, Trouble
from toil_core.batch_systems.scheduler.tasks import Machine, Submission, TaskStatus
from toil_core.jobs.requirements import Allocation

if TYPE_CHECKING:
    from toil_core.options.config import Config


class SchedulerDialect(ABC):
    """How to talk to one kind of scheduler.

    :param config: the workflow's configuration, with the plugin's own options in it.
    :param runner: runs commands.
    """

    #: The name of the batch system, as in the names of files.
    name: ClassVar[str]
    #: What people call the scheduler.
    title: ClassVar[str]
    #: What in a shell script on a node gives the index of an array's task; empty if there are no arrays.
    array_index: str = ""
    #: The index of an array's first task.
    first_index: int = 0
    #: How many tasks one array may have at most.
    largest_array: int = 1000
    #: How many bytes the script of one submission may have, about.
    largest_script: ClassVar[int] = 2 << 20
    #: Whether the scheduler tells the exit status of a task; otherwise the task itself notes it in a file.
    tells_exit: bool = True
    #: How many seconds after the end of a task `look_back` may not know it yet.
    history_delay: ClassVar[float] = 0.0
    #: How many jobs one command may name, for `portions`.
    most_in_one_command: ClassVar[int] = 500
    #: What a command prints, as regular expressions, when the scheduler does not answer.
    unreachable: ClassVar[tuple[str, ...]] = ()
    #: What a submission prints when there is no room for more jobs at the moment.
    full: ClassVar[tuple[str, ...]] = ()

    def __init__(self, config: Config, runner: Runner) -> None:
        self.config = config
        self._runner = runner

    def run(self, *arguments: str, stdin: str = "", allowed: Sequence[int] = (0,)) -> str:
        """Run one of the scheduler's commands and return what it printed.

        :param allowed: exit statuses that are no failure.
        :raises CommandFailed: if it fails.
        """
        return self._runner.run(Command(arguments, stdin), allowed=allowed)

    def run_if_allowed(self, *arguments: str) -> str:
        """Run a command that not every site lets people use, and return what it printed, or nothing if it is refused.

        :raises CommandFailed: if the scheduler does not answer.
        """
        try:
            return self.run(*arguments)
        except CommandFailed as error:
            if self.trouble(error) is Trouble.UNREACHABLE:
                raise
            return ""

    def portions(self, words: Sequence[str]) -> Iterator[Sequence[str]]:
        """Return the words in portions that one command each can name."""
        for at in range(0, len(words), self.most_in_one_command):
            yield words[at : at + self.most_in_one_command]

    # What every dialect has to say

    @abstractmethod
    def submit_command(self, submission: Submission) -> Command:
        """Return the command that hands tasks over.

        :param submission: what to hand over; its script goes to the scheduler as a whole.
        """

    @abstractmethod
    def submission_id(self, output: str) -> str:
        """Return the scheduler's ID for a submission.

        :param output: what the submit command printed.
        :raises ValueError: if there is none in it.
        """

    @abstractmethod
    def poll(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        """Ask about many tasks with as few commands as possible; those unknown to the scheduler are left out.

        :param tasks: IDs as `task_id` makes them.
        :raises CommandFailed: if the scheduler does not answer.
        """

    @abstractmethod
    def cancel_commands(self, tasks: Sequence[str]) -> Iterable[Command]:
        """Return the commands that cancel tasks, waiting or running.

        :param tasks: IDs as `task_id` makes them.
        """

    # What some can say as well

    def begin(self) -> None:
        """Find out what has to be known before the first submission, such as which arrays the scheduler has."""

    def error_file(self, submission: Submission, task: str, index: int) -> str:
        """Return where the standard error of a task is, where `submit_command` sent it.

        :param task: the ID of the task.
        :param index: which of the submission's tasks it is, from 0.
        """
        return submission.output_path(self.name, task, "std_error")

    def task_id(self, submission: str, index: int, size: int) -> str:
        """Return the ID of one task.

        :param submission: the ID of its submission.
        :param index: which of the tasks it is, from 0.
        :param size: how many tasks there are in the submission.
        """
        return submission if size == 1 else f"{submission}_{index + self.first_index}"

    def look_back(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        """Ask about tasks that `poll` left out, where the scheduler keeps what is over; by default nowhere.

        :param tasks: IDs as `task_id` makes them.
        """
        return {}

    def find(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return the IDs of submissions that the scheduler still has, by their names; by default none is found.

        :param names: names of submissions.
        """
        return {}

    def array_limit(self) -> int:
        """Return how many tasks one array may have, where the scheduler tells; by default `largest_array`."""
        return self.largest_array

    def unsatisfiable(self, submission: Submission) -> str:
        """Return why no node can ever run such tasks, as a sentence, or an empty string where that is not known."""
        return ""

    def machines(self) -> Sequence[Machine] | None:
        """Return the machines that there are; none where the scheduler does not tell, None where it is not asked."""
        return None

    def slots(self, submission: Submission) -> int:
        """Return how many such tasks may run at the same time, about: as many as the cores of `machines` could run."""
        machines = self.machines()
        if machines is None:
            return 64
        return max(1, sum(machine.cores // submission.cores for machine in machines))

    def largest(self) -> Allocation | None:
        """Return the most that one task can be given, or None where that is not known; by default from `machines`."""
        machines = self.machines()
        if not machines:
            return None
        memory = max(machine.memory for machine in machines)
        return Allocation(max(machine.cores for machine in machines), memory or sys.maxsize, sys.maxsize)

    def trouble(self, error: CommandFailed) -> Trouble:
        """Return what a failed command means; by default what `unreachable` and `full` say."""
        # A command that was killed may have come through to the scheduler or not.
        if error.status is None or error.status < 0 or _matches(self.unreachable, error.output):
            return Trouble.UNREACHABLE
        if _matches(self.full, error.output):
            return Trouble.FULL
        return Trouble.REFUSED


def _matches(patterns: Iterable[str], text: str) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
