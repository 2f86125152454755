"""A workflow whose jobs tell what they see and do: `--do` names what, `--with` gives it a value as JSON."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from toil.common import Toil
from toil.job import Job
from toil.realtimeLogger import RealtimeLogger

SYNCED = Path(__file__).with_name("synced")
_fsync = os.fsync


def noting_fsync(fd: Any) -> None:
    """Leave a trace of everything that is forced to disk."""
    with SYNCED.open("a") as stream:
        stream.write("x")
    _fsync(fd)


os.fsync = noting_fsync


def attempts(path: Path) -> int:
    """Count this attempt, and return how many there have been."""
    with path.open("a") as stream:
        stream.write("x")
    return path.stat().st_size


def where(job: Job, ends: str) -> dict[str, str]:
    """Leave a file in the temporary directory, and end well or not."""
    temporary = job.fileStore.getLocalTempDir()
    Path(temporary, "left-by-job").touch()
    if ends == "failing":
        raise RuntimeError("as it was told to")
    return {"temporary": temporary, "pid": str(os.getpid())}


def coordination(job: Job, directory: str) -> list[str]:
    """Return the files in a directory while something is deferred."""
    job.defer(print, "deferred")
    return [str(path) for path in Path(directory).rglob("*") if path.is_file()]


def variables(job: Job, names: list[str]) -> dict[str, str | None]:
    """Return variables of the environment."""
    return {name: os.environ.get(name) for name in names}


def needs(job: Job, _: Any) -> dict[str, Any]:
    """Return what this job was given."""
    names = ("memory", "cores", "disk", "accelerators", "preemptible")
    return {name: getattr(job, name) for name in names}


def asks(job: Job, requirements: dict[str, Any]) -> Any:
    """Run a job with these requirements."""
    return job.addChildJobFn(needs, None, **requirements).rv()


def fails(job: Job, times: int) -> int:
    """Fail so many times, then return the number of the attempt."""
    count = attempts(Path(__file__).with_name("attempts"))
    print("this is attempt", count)
    if count <= times:
        raise RuntimeError(f"failure {count}")
    return count


def dies(job: Job, times: int) -> dict[str, Any]:
    """Be killed so many times, then return the number of the attempt and the memory."""
    count = attempts(Path(__file__).with_name("attempts"))
    if count <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"attempt": count, "memory": job.memory}


def dying(job: Job, how: dict[str, Any]) -> Any:
    """Run `dies` with requirements."""
    return job.addChildJobFn(dies, how.pop("times"), **how).rv()


def talks(job: Job, ends: str) -> None:
    """Print a hundred numbered lines, on both streams, and end well or not."""
    for number in range(50):
        print(f"line {2 * number:03d}", flush=True)
        print(f"line {2 * number + 1:03d}", file=sys.stderr, flush=True)
    if ends == "failing":
        raise RuntimeError("as it was told to")


def levels(job: Job, _: Any) -> None:
    """Send a line at each level to the leader."""
    for name in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        job.log(f"job-{name}", level=getattr(logging, name))


def waits_for(job: Job, path: str) -> str:
    """Log in real time, and end when a file appears."""
    RealtimeLogger.info("a line in real time")
    for _ in range(600):
        if os.path.exists(path):
            return "met"
        time.sleep(0.05)
    return "alone"


def sleeps(job: Job, seconds: float) -> float:
    """Sleep."""
    Path(__file__).with_name("asleep").touch()
    time.sleep(seconds)
    return seconds


def presence(number: int, count: int, directory: str) -> bool:
    """Return whether so many of these jobs are running at one time."""
    Path(directory, str(number)).touch()
    deadline = time.monotonic() + 20
    try:
        while time.monotonic() < deadline:
            here = len(os.listdir(directory))
            if here >= count or Path(directory, "met").exists():
                Path(directory, "met").touch()
                return True
            if any(name.startswith("left") for name in os.listdir(directory)):
                return False
            time.sleep(0.02)
            if os.environ.get("GIVE_UP") and time.monotonic() > deadline - 20 + float(os.environ["GIVE_UP"]):
                return False
        return False
    finally:
        Path(directory, str(number)).unlink()


def meets(job: Job, how: dict[str, Any]) -> Any:
    """Run jobs that have requirements; tell which of them met all others."""
    directory = Path(__file__).with_name("meeting")
    directory.mkdir()
    count = how.pop("count")
    children = [job.addChildFn(presence, number, count, str(directory), **how) for number in range(count)]
    return [child.rv() for child in children]


def process(_: Any) -> int:
    """Return which process this is."""
    return os.getpid()


def chain(job: Job, _: Any) -> list[Any]:
    """Return the processes of this job and of its successor."""
    return [os.getpid(), job.addChildFn(process, None).rv()]


def store_kind(job: Job, _: Any) -> str:
    """Return the class of the file store."""
    return type(job.fileStore).__name__


def reads(job: Job, file_id: Any) -> dict[str, Any]:
    """Return the content of a file and write it to another."""
    with open(job.fileStore.readGlobalFile(file_id)) as stream:
        text = stream.read()
    with job.fileStore.writeGlobalFileStream() as (stream, written):
        stream.write(text.upper().encode())
    return {"text": text, "file": written}


class Server(Job.Service):
    """A service that does nothing but run."""

    def __init__(self, preemptible: bool) -> None:
        super().__init__(cores=0.01, memory="1M", disk="1M", preemptible=preemptible)

    def start(self, job: Job) -> str:
        """Return an address."""
        return "here"

    def check(self) -> bool:
        """Be well."""
        return True

    def stop(self, job: Job) -> None:
        """End."""


def served(job: Job, how: dict[str, Any]) -> Any:
    """Run a job beside so many services."""
    promises = [job.addService(Server(how["preemptible"])) for _ in range(how["count"])]
    return job.addChildFn(list, promises).rv()


JOBS = {
    one.__name__: one
    for one in (
        *(where, coordination, variables, needs, asks, fails, dies, dying, talks, levels, waits_for, sleeps, meets),
        *(chain, store_kind, reads, served),
    )
}


def main() -> None:
    """Run the workflow and print what it returned."""
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--do", choices=sorted(JOBS), required=True)
    parser.add_argument("--with", dest="value", type=json.loads, default=None)
    parser.add_argument("--read", help="A file to import.")
    parser.add_argument("--write", help="Where to export to.")
    options = parser.parse_args()
    with Toil(options) as toil:
        for name in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
            logging.getLogger("probe").log(getattr(logging, name), "leader-%s", name)
        value = options.value
        if options.read and not options.restart:
            value = toil.importFile(options.read)
        result = toil.restart() if options.restart else toil.start(Job.wrapJobFn(JOBS[options.do], value))
        if options.write:
            toil.exportFile(result.pop("file"), options.write)
        print("result:", json.dumps({"leader": os.getpid(), "is": result}))


if __name__ == "__main__":
    main()
