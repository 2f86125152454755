"""A workflow whose workers count what they do to the job store and, at the operation that `KILL_AT` names, before or
after it, kill what `VICTIM` names: themselves, their zygote or the leader. Run by `test_kill_at_every_step`.
"""

from __future__ import annotations

import os
import signal
from typing import Any

from toil.common import Toil
from toil.job import Job
from toil_core.job_stores.file import FileStorage

DIRECTORY = os.environ["STEPWISE"]


def append(name: str, text: str) -> int:
    """Append to a file that all processes share; return its size."""
    file = os.open(os.path.join(DIRECTORY, name), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, text.encode())
    size = os.fstat(file).st_size
    os.close(file)
    return size


def step() -> None:
    if append("steps", ".") != int(os.environ["KILL_AT"]):
        return
    append("killed", "!")
    victims = {"worker": os.getpid(), "zygote": os.getsid(0), "leader": int(os.environ["LEADER"])}
    os.kill(victims[os.environ["VICTIM"]], signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def count_steps(name: str) -> None:
    method = getattr(FileStorage, name)

    def counted(self: FileStorage, *args: Any, **kwargs: Any) -> Any:
        step()
        result = method(self, *args, **kwargs)
        step()
        return result

    setattr(FileStorage, name, counted)


if __name__ != "__main__":
    for operation in ("put", "put_file", "delete"):
        count_steps(operation)


def undo(what: str) -> None:
    append("undone", f"{what}\n")


def start(job: Any) -> Any:
    job.defer(undo, "start")
    path = job.fileStore.getLocalTempFile()
    with open(path, "w") as file:
        file.write("kept")
    kept = job.fileStore.writeGlobalFile(path)
    passing = job.fileStore.writeGlobalFile(path, cleanup=True)
    with job.fileStore.writeGlobalFileStream() as (stream, streamed):
        stream.write(b"streamed")
    values = [job.addChildJobFn(read, kept, name).rv() for name in ("left", "right")]
    return job.addFollowOnJobFn(finish, kept, passing, streamed, values).rv()


def read(job: Any, kept: str, name: str) -> Any:
    job.defer(undo, name)
    with open(job.fileStore.readGlobalFile(kept)) as file:
        return job.addChildJobFn(lengthen, file.read() + name).rv()


def lengthen(job: Any, text: str) -> str:
    path = job.fileStore.getLocalTempFile()
    with open(path, "w") as file:
        file.write(text)
    job.fileStore.writeGlobalFile(path)
    return text + "!" * 70_000  # Too long to be stored beside what else is recorded of the job.


def finish(job: Any, kept: str, passing: str, streamed: str, values: list[str]) -> str:
    with open(job.fileStore.readGlobalFile(passing)) as file:
        text = file.read()
    with job.fileStore.readGlobalFileStream(streamed, encoding="utf-8") as stream:
        text += stream.read()
    job.fileStore.deleteGlobalFile(kept)
    job.fileStore.deleteGlobalFile(streamed)
    return "-".join([text, *(value.rstrip("!") for value in values)])


if __name__ == "__main__":
    os.environ["LEADER"] = str(os.getpid())
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        print("result:", toil.restart() if options.restart else toil.start(Job.wrapJobFn(start)))
