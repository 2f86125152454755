"""Every speed claim, measured: this project beside the original and, for the fan-out, luigi and Parsl, in one run.

    python benchmarks/run.py --original ORIGINAL/bin/python --peers PEERS/bin/python -o benchmarks/results.md

ORIGINAL is a virtual environment with `pip install toil==9.6.0`, PEERS one with `pip install luigi parsl`; `make bench`
makes both. Each figure is the median of the repetitions; the commands take turns, so that all of them meet the same
machine. Workloads are whole processes, from start to exit.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

WORKLOADS = Path(__file__).parent / "workloads"
ROOT = Path(__file__).parent.parent


@dataclass
class Figure:
    """What one command took, over its repetitions."""

    seconds: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def memory(self) -> float:
        return statistics.median(self.peak_mb)


@dataclass(frozen=True)
class Comparison:
    """A workload run here and elsewhere, and the ratio to reach."""

    name: str
    ours: Callable[[Path], list[str]]
    theirs: Callable[[Path], list[str]]
    wanted: float
    #: How much more of the work our command does, where the other one could not do as much in reasonable time.
    scale: float = 1.0
    other: str = "original"


def workload(python: str, name: str, *options: str) -> Callable[[Path], list[str]]:
    """Return what makes the command for a workload that needs a job store."""
    return lambda directory: [python, str(WORKLOADS / f"{name}.py"), str(directory / "store"), *options]


def plain(*command: str) -> Callable[[Path], list[str]]:
    """Return what makes a command that needs nothing."""
    return lambda directory: [part.replace("DIRECTORY", str(directory)) for part in command]


def measure(command: Callable[[Path], list[str]], figure: Figure) -> None:
    """Run a command once in a fresh directory, and note what it took."""
    directory = Path(tempfile.mkdtemp(prefix="bench-"))
    # The original looks its worker up on the path.
    path = f"{Path(command(directory)[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "PYTHONDONTWRITEBYTECODE": ""}
    try:
        with open(directory / "output", "wb") as output:
            start = time.perf_counter()
            process = subprocess.Popen(command(directory), cwd=directory, env=environment, stdout=output, stderr=output)
            peak = 0.0
            while process.poll() is None:
                peak = max(peak, _peak_mb(process.pid))
                time.sleep(0.002)
            seconds = time.perf_counter() - start
        if process.returncode != 0:
            raise SystemExit(f"{command(directory)} failed:\n{(directory / 'output').read_text()[-4000:]}")
        figure.seconds.append(seconds)
        figure.peak_mb.append(peak)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _peak_mb(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        return 0.0
    return 0.0


def comparisons(original: str, peers: str) -> list[Comparison]:
    """Return everything that is measured against something else."""
    ours = sys.executable
    quiet = ("--logError",)

    def both(name: str, title: str, wanted: float, *options: str, few: int = 0, many: int = 0) -> Comparison:
        mine, theirs = ("--count", str(many)) if many else (), ("--count", str(few)) if few else ()
        return Comparison(
            title,
            workload(ours, name, *quiet, *options, *mine),
            workload(original, name, *quiet, *_for_original(options), *theirs),
            wanted,
            many / few if few else 1.0,
        )

    fan_out = workload(ours, "fan_out", *quiet, "--count", "1000")
    return [
        both("fan_out", "fan-out of 1,000 and their sum (original: 300), jobs/s", 100, few=300, many=1000),
        Comparison(
            "fan-out of 1,000, whole process, against luigi with 2 workers",
            fan_out,
            plain(peers, str(WORKLOADS / "fan_out_luigi.py"), "1000"),
            3,
            other="luigi",
        ),
        Comparison(
            "fan-out of 1,000, whole process, against Parsl's HighThroughputExecutor with 2 workers",
            fan_out,
            plain(peers, str(WORKLOADS / "fan_out_parsl.py"), "1000", "DIRECTORY"),
            3,
            other="Parsl",
        ),
        both("chain", "chain of 200, chained", 30, few=200, many=200),
        both(
            "chain",
            "chain of 200, `--disableChaining` (original: 20), jobs/s",
            300,
            "--disableChaining",
            few=20,
            many=200,
        ),
        both("files", "50 x 1 MiB written, then read, caching on", 20, "--caching", "true"),
        both("files", "50 x 1 MiB written, then read, caching off", 20, "--caching", "false"),
        Comparison("`toil --help`", plain(_toil(ours), "--help"), plain(_toil(original), "--help"), 3),
        Comparison(
            "`import toil.job`", plain(ours, "-c", "import toil.job"), plain(original, "-c", "import toil.job"), 4
        ),
        both("one_job", "a workflow of one job", 10),
    ]


def _for_original(options: tuple[str, ...]) -> tuple[str, ...]:
    """Return options as the original takes them: there this one has a value."""
    return tuple(part for one in options for part in ((one, "True") if one == "--disableChaining" else (one,)))


def _toil(python: str) -> str:
    return str(Path(python).parent / "toil")


def compared(comparison: Comparison, repetitions: int) -> tuple[str, Figure, Figure]:
    """Measure both sides in turn; return a row of the table and the figures."""
    ours, theirs = Figure(), Figure()
    measure(comparison.ours, Figure())
    for _ in range(repetitions):
        measure(comparison.ours, ours)
        measure(comparison.theirs, theirs)
    ratio = theirs.median * comparison.scale / ours.median
    verdict = "reached" if ratio >= comparison.wanted else "**missed**"
    row = (
        f"| {comparison.name} | {ours.median:.3f} s | {theirs.median:.3f} s ({comparison.other}) "
        f"| {ratio:.1f} x | {comparison.wanted:g} x | {verdict} |"
    )
    return row, ours, theirs


def leader_alone() -> list[str]:
    """Return the rows about the leader without workers."""
    rows = []
    for count in (1_000, 10_000, 100_000):
        command = [sys.executable, str(WORKLOADS / "leader_alone.py"), str(count)]
        found = [json.loads(subprocess.check_output(command, cwd=ROOT)) for _ in range(3)]
        rate = statistics.median(one["jobs_per_second"] for one in found)
        peak = statistics.median(one["peak_mb"] for one in found)
        verdict = "reached" if rate >= 5000 and peak < 500 else "**missed**"
        rows.append(f"| {count:,} | {rate:,.0f} | {1e6 / rate:.0f} µs | {peak:.0f} MB | {verdict} |")
    return rows


def main() -> None:
    """Measure everything and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--original", required=True, help="the Python of an environment with the original")
    parser.add_argument("--peers", required=True, help="the Python of an environment with luigi and Parsl")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--only", default="", help="measure only what has this in its name")
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()
    # Binaries are looked up where virtual environments put them, so links to the base interpreter must stay unresolved.
    original, peers = os.path.abspath(arguments.original), os.path.abspath(arguments.peers)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [
        f"{machine}, {time.strftime('%Y-%m-%d')}, medians of {arguments.repetitions}.",
        "",
        "| workload | here | other | ratio | to reach | |",
        "|---|---|---|---|---|---|",
    ]
    for comparison in comparisons(original, peers):
        if arguments.only not in comparison.name:
            continue
        row, ours, theirs = compared(comparison, arguments.repetitions)
        print(row, flush=True)
        lines.append(row)
        if comparison.name.startswith("fan-out of 1,000 and"):
            memory = (
                f"| peak memory of the leader in it | {ours.memory:.0f} MB | {theirs.memory:.0f} MB (original) "
                f"| {theirs.memory / ours.memory:.1f} x | below 61 MB | "
                f"{'reached' if ours.memory < 61 else '**missed**'} |"
            )
            print(memory, flush=True)
            lines.append(memory)
    if not arguments.only:
        lines += ["", "The leader alone, with a batch system that completes every job at once:", ""]
        lines += ["| jobs | jobs/s | per job | peak memory | 5,000 jobs/s, 500 MB |", "|---|---|---|---|---|"]
        lines += leader_alone()
    text = "\n".join(lines) + "\n"
    if arguments.output:
        arguments.output.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
