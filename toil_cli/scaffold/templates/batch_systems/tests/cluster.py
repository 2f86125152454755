"""A scheduler small enough to read: a directory is the queue, and each task has a process that looks after it.

The commands in `bin` call this with their name and their arguments. `CLUSTER_HOME` names the directory, `CLUSTER_SLOTS`
how many tasks run at the same time. Files in the directory tell it to fail: `down`, `full`, `refuse`, and `flap`, which
holds how many of the next questions are answered wrongly. `calls` has a byte for each command that was run.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

_PAUSE = 0.05


class Failure(Exception):
    """A command fails, with a message for standard error."""


class Cluster:
    """The queue in a directory, and what can be done with it.

    :param home: the directory.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.jobs = home / "jobs"
        self.jobs.mkdir(parents=True, exist_ok=True)

    # Commands

    def submit(self, arguments: Sequence[str]) -> None:
        """Take a script from standard input, and print the job's number."""
        parser = argparse.ArgumentParser()
        parser.add_argument("--name", required=True)
        parser.add_argument("--tasks", type=int, default=1)
        parser.add_argument("--output", default=os.devnull)
        parser.add_argument("--error", default=os.devnull)
        asked = parser.parse_args(arguments)
        if (self.home / "full").exists():
            raise Failure("the queue is full")
        if (self.home / "refuse").exists():
            raise Failure("no such project: apollo")
        number = self._next_number()
        script = sys.stdin.read()
        for index in range(asked.tasks):
            task = self.jobs / f"{number}.{index}"
            task.mkdir()
            (task / "name").write_text(asked.name)
            (task / "script").write_text(script)
            for kind in ("output", "error"):
                path = getattr(asked, kind).replace("%TASK", task.name)
                (task / kind).write_text(path)
            _start_in_background("run", task.name)
        print(f"Submitted job {number}")

    def status(self, arguments: Sequence[str]) -> None:
        """Print a line for each known task: its name, its state, exit status, reason, and seconds that it ran."""
        for name in arguments:
            task = self.jobs / name
            if task.exists() and not self._flaps():
                print(name, *self._state(task))

    def find(self, arguments: Sequence[str]) -> None:
        """Print a line for each job name that is known, with the job's number."""
        for task in self.jobs.glob("*.0"):
            name = (task / "name").read_text()
            if name in arguments:
                print(name, task.name.partition(".")[0])

    def cancel(self, arguments: Sequence[str]) -> None:
        """End tasks, waiting or running."""
        for name in arguments:
            if (self.jobs / name).exists():
                self.end(self.jobs / name, "CANCELLED")

    def run(self, arguments: Sequence[str]) -> None:
        """Look after one task: wait for a slot, run the script, and write down how it ended."""
        task = self.jobs / arguments[0]
        with self._slot(task):
            if (task / "doom").exists():
                _write(task / "ended", f"-9 {(task / 'doom').read_text()} 0")
                return
            _, _, index = task.name.partition(".")
            started = time.time()
            with open((task / "output").read_text(), "ab") as output, open((task / "error").read_text(), "ab") as error:
                process = subprocess.Popen(
                    ["/bin/sh", str(task / "script")],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=error,
                    start_new_session=True,
                    env={**os.environ, "CLUSTER_INDEX": index},
                )
            _write(task / "process", f"{process.pid} {started}")
            status = process.wait()
            doom = (task / "doom").read_text() if (task / "doom").exists() else "-"
            if task.exists():
                _write(task / "ended", f"{status} {doom} {time.time() - started:.2f}")

    # Faults

    def end(self, task: Path, reason: str) -> None:
        """End a task for a reason."""
        _write(task / "doom", reason)
        if (task / "process").exists() and not (task / "ended").exists():
            pid, _ = (task / "process").read_text().split()
            _kill(int(pid))

    def end_all(self, reason: str) -> None:
        """End all tasks that run for a reason."""
        for task in self.jobs.iterdir():
            if (task / "process").exists():
                self.end(task, reason)

    def forget(self) -> None:
        """End all tasks and remove every trace of them."""
        self.end_all("FORGOTTEN")
        for task in list(self.jobs.iterdir()):
            shutil.rmtree(task, ignore_errors=True)

    # Inside

    def _state(self, task: Path) -> tuple[str, ...]:
        if (task / "ended").exists():
            return ("ENDED", *(task / "ended").read_text().split())
        if (task / "process").exists():
            _, started = (task / "process").read_text().split()
            return ("RUNNING", "-", "-", f"{time.time() - float(started):.2f}")
        return ("WAITING", "-", "-", "0")

    def _flaps(self) -> bool:
        flap = self.home / "flap"
        left = int(flap.read_text() or 0) if flap.exists() else 0
        if left:
            _write(flap, str(left - 1))
        return left > 0

    def _next_number(self) -> int:
        with open(self.home / "number", "a+") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            stream.seek(0)
            number = int(stream.read() or 0) + 1
            stream.truncate(0)
            stream.write(str(number))
            return number

    @contextmanager
    def _slot(self, task: Path) -> Iterator[None]:
        """Hold one of the slots, or none when the task is to end anyway."""
        count = int(os.environ.get("CLUSTER_SLOTS", "4"))
        with ExitStack() as stack:
            slots = [stack.enter_context(open(self.home / f"slot{index}", "w")) for index in range(count)]
            while task.exists() and not (task / "doom").exists():
                if any(_locks(slot.fileno()) for slot in slots):
                    break
                time.sleep(_PAUSE)
            if not task.exists():
                sys.exit()
            yield


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(path: Path, text: str) -> None:
    """Write a file so that nobody sees a half of it; no matter if its directory has gone."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        draft.write_text(text)
        os.replace(draft, path)
    except FileNotFoundError:
        return


def _kill(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _start_in_background(*arguments: str) -> None:
    nothing = subprocess.DEVNULL
    subprocess.Popen(
        [sys.executable, __file__, *arguments], stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
    )


def main(command: str, *arguments: str) -> None:
    """Run a command."""
    cluster = Cluster(Path(os.environ["CLUSTER_HOME"]))
    commands: dict[str, Callable[[Sequence[str]], None]] = {
        "submit": cluster.submit,
        "status": cluster.status,
        "find": cluster.find,
        "cancel": cluster.cancel,
        "run": cluster.run,
    }
    if command != "run":
        with open(cluster.home / "calls", "ab") as stream:
            stream.write(b".")
        if (cluster.home / "down").exists():
            sys.exit("cannot reach the scheduler")
    try:
        commands[command](arguments)
    except Failure as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main(*sys.argv[1:])
