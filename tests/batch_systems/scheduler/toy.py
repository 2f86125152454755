"""A scheduler of a few commands, for tests of what all schedulers share: its queue is a directory, and it runs what it
is given at once.

`toy submit NAME SIZE < SCRIPT`, `toy state ID…`, `toy cancel ID…`. A file called `down` makes each command fail, one
called `full` makes it take no jobs, or as many tasks as it says, `refuse` has it refuse them, and `hold` keeps jobs
waiting.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from toil_core.api import (
    BatchJobExitReason,
    Command,
    CommandLineBatchSystem,
    SchedulerDialect,
    Submission,
    TaskState,
    TaskStatus,
)

DIRECTORY = "TOY_SCHEDULER"


class Toy(SchedulerDialect):
    """Talks to the toy."""

    name = "toy"
    title = "Toy"
    array_index = "$TOY_INDEX"
    largest_array = 100
    unreachable = ("nobody is there",)
    full = ("no room",)

    def submit_command(self, submission: Submission) -> Command:
        """Hand over."""
        arguments = (sys.executable, __file__, "submit", submission.name, str(submission.size))
        return Command(arguments, submission.script)

    def submission_id(self, output: str) -> str:
        """Read the ID."""
        if not output.startswith("job "):
            raise ValueError(output)
        return output.removeprefix("job ").strip()

    def poll(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        """Ask."""
        found = {}
        for line in self.run(sys.executable, __file__, "state", *tasks).splitlines():
            task, state, status = line.split()
            exit_status = int(status) if state == "ended" else None
            reason = BatchJobExitReason.KILLED if exit_status == -signal.SIGKILL else None
            found[task] = TaskStatus(TaskState(state), exit_status, reason)
        return found

    def cancel_commands(self, tasks: Sequence[str]) -> Iterable[Command]:
        """Cancel all at once."""
        return [Command((sys.executable, __file__, "cancel", *tasks))]

    def find(self, names: Sequence[str]) -> Mapping[str, str]:
        """Look for names."""
        pairs = [line.split() for line in self.run(sys.executable, __file__, "names").splitlines()]
        return {name: task for task, name in pairs if name in names}


class ToyBatchSystem(CommandLineBatchSystem):
    """Runs jobs by the toy."""

    dialect_type = Toy


class Absent(Toy):
    """A scheduler that is not installed."""

    def submit_command(self, submission: Submission) -> Command:
        """Name a command that does not exist."""
        return Command(("no-such-command", submission.name), submission.script)


class AbsentBatchSystem(CommandLineBatchSystem):
    """Cannot run anything."""

    dialect_type = Absent


def _submit(queue: Path, name: str, size: str) -> int:
    if (queue / "refuse").exists():
        sys.stderr.write("toy: there is no such queue\n")
        return 1
    full = queue / "full"
    if full.exists() and len(list(queue.glob("*.pid"))) + int(size) > int(full.read_text() or 0):
        sys.stderr.write("toy: no room\n")
        return 1
    number = 1 + len(list(queue.glob("*.name")))
    (queue / f"{number}.name").write_text(name)
    script = queue / f"{number}.sh"
    script.write_text(sys.stdin.read())
    for index in range(int(size)):
        task = str(number) if size == "1" else f"{number}_{index}"
        runner = f"until [ ! -e hold ]; do sleep 0.05; done; TOY_INDEX={index} /bin/sh {script}; echo $? > {task}.new"
        finish = f"mv {task}.new {task}.status"
        with open(queue / f"{task}.out", "w") as output:
            process = subprocess.Popen(
                ["/bin/sh", "-c", f"{runner}; {finish}"],
                cwd=queue,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        (queue / f"{task}.pid").write_text(str(process.pid))
        process.returncode = 0  # It is not waited for.
    sys.stdout.write(f"job {number}\n")
    return 0


def _state(queue: Path, *tasks: str) -> int:
    if (queue / "babbles").exists():
        sys.stdout.write("*** maintenance at noon ***\n")
        return 0
    for task in tasks:
        if (queue / f"{task}.status").exists():
            status = int((queue / f"{task}.status").read_text())
            sys.stdout.write(f"{task} ended {status if status < 128 else 128 - status}\n")
        elif (queue / f"{task}.pid").exists() and not (queue / f"{task}.forgotten").exists():
            state = "pending" if (queue / "hold").exists() else "running"
            sys.stdout.write(f"{task} {state} -\n")
    return 0


def _cancel(queue: Path, *tasks: str) -> int:
    for task in tasks:
        try:
            os.killpg(int((queue / f"{task}.pid").read_text()), signal.SIGKILL)
        except ProcessLookupError:
            pass
        if not (queue / f"{task}.status").exists():
            (queue / f"{task}.status").write_text("137")
    return 0


def _names(queue: Path) -> int:
    for path in queue.glob("*.name"):
        sys.stdout.write(f"{path.stem} {path.read_text()}\n")
    return 0


def main(arguments: list[str]) -> int:
    """Carry out one of the toy's commands."""
    queue = Path(os.environ[DIRECTORY])
    with open(queue / "calls", "a") as calls:
        calls.write(f"{arguments[0]}\n")
    if (queue / "down").exists():
        sys.stderr.write("toy: nobody is there\n")
        return 1
    commands: dict[str, Callable[..., int]] = {"submit": _submit, "state": _state, "cancel": _cancel, "names": _names}
    return commands[arguments[0]](queue, *arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
