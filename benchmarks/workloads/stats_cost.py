"""What statistics cost: a fan-out with and without `--stats` and notes for `toil history`, in turns, and the time in
which `toil stats` and `toil status` read a large workflow.

    python benchmarks/workloads/stats_cost.py [--count 1000] [--repetitions 5] [--jobs 100000]

Prints lines of JSON. The workflow that is read is made by hand: a fan-out whose jobs all have records.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from toil_core.job_stores.opening import job_store_for
from toil_core.jobs.job import Job
from toil_core.jobs.records import Record, Usage
from toil_core.jobs.segments import segment_of
from toil_core.observe.bus import MessageBus
from toil_core.observe.events import WorkflowFinished, WorkflowStarted
from toil_core.observe.history import attach
from toil_core.options.config import Config

FAN_OUT = """
from toil.common import Toil
from toil.job import Job

def root(job, count):
    for _ in range(count):
        job.addChildJobFn(nothing, memory="64M", cores=1, disk="1M")

def nothing(job):
    pass

if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--count", type=int)
    options = parser.parse_args()
    with Toil(options) as toil:
        toil.start(Job.wrapJobFn(root, options.count))
"""


def nothing() -> None:
    """What each job would do."""


@contextmanager
def directory() -> Iterator[Path]:
    """Give a directory that goes at the end."""
    path = tempfile.mkdtemp(prefix="bench-")
    try:
        yield Path(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Spent(NamedTuple):
    """What a command took, with its children, in seconds; where a machine has other things to do, compare CPU time."""

    wall: float
    cpu: float


def spent(command: list[str], where: Path) -> Spent:
    """Return the time that a command takes."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "XDG_STATE_HOME": str(where / "state")}
    start, cpu = time.perf_counter(), _cpu_of_children()
    subprocess.run(command, cwd=where, env=environment, stdout=subprocess.DEVNULL, check=True)
    return Spent(time.perf_counter() - start, _cpu_of_children() - cpu)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cost_of_gathering(count: int, repetitions: int) -> dict[str, float]:
    """Return the medians of runs with and without statistics; both keep the job store."""
    taken: dict[str, list[Spent]] = {"without": [], "with": []}
    for repetition in range(repetitions + 1):
        for name, options in (("without", ["--clean=never"]), ("with", ["--stats"])):
            with directory() as where:
                (where / "fan_out.py").write_text(FAN_OUT)
                command = [sys.executable, "fan_out.py", "store", "--count", str(count), "--logError", *options]
                one = spent(command, where)
            if repetition:
                taken[name].append(one)
    found: dict[str, float] = {"jobs": count}
    for field in Spent._fields:
        without, with_stats = (statistics.median(getattr(one, field) for one in taken[name]) for name in taken)
        found |= {f"{field}_without": without, f"{field}_with": with_stats}
        found[f"{field}_percent"] = 100 * (with_stats / without - 1)
    return found


def cost_of_a_note() -> dict[str, float]:
    """Return the milliseconds that the note for `toil history` takes of a run."""
    taken = []
    with directory() as where:
        os.environ["XDG_STATE_HOME"] = str(where)
        for number in range(100):
            start = time.perf_counter()
            bus = MessageBus()
            note = attach(bus, Config())
            bus.publish(WorkflowStarted(f"{number}", "file:store", False, float(number)))
            bus.publish(WorkflowFinished(f"{number}", "file:store", "", float(number)))
            note.close()
            taken.append(1000 * (time.perf_counter() - start))
    return {"note_ms": statistics.median(taken)}


def reading(jobs: int) -> dict[str, object]:
    """Return the seconds that commands take to read a workflow of so many jobs."""
    with directory() as where:
        job_store = job_store_for(f"file:{where / 'store'}")
        job_store.initialize(Config())
        root = Job()
        for _ in range(jobs):
            root.addChildFn(nothing)
        root.saveAsRootJob(job_store)
        record = Record(usage=Usage(time.time(), 1.0, 0.5, 10_000_000), host="here")
        for index in range(jobs + 1):
            job_store.commit(f"{segment_of(str(root.jobStoreID))}-{index}", record)
        del root
        toil = [sys.executable, "-m", "toil_cli"]
        return {
            "jobs": jobs,
            "stats": spent([*toil, "stats", job_store.locator, "--raw"], where)._asdict(),
            "status": spent([*toil, "status", job_store.locator], where)._asdict(),
        }


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=100_000)
    arguments = parser.parse_args()
    print(json.dumps(cost_of_gathering(arguments.count, arguments.repetitions)), flush=True)
    print(json.dumps(cost_of_a_note()), flush=True)
    print(json.dumps(reading(arguments.jobs)), flush=True)


if __name__ == "__main__":
    main()
