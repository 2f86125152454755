"""Jobs on a real Slurm that is started for this on the machine: this project beside the original.

    python benchmarks/slurm.py --original ORIGINAL/bin/python -o benchmarks/slurm.md

ORIGINAL is a virtual environment with `pip install toil==9.6.0`. It needs what `tests/services/slurm/start` needs: root
on Debian, with Slurm installed. Each figure is the median of the repetitions; both sides take turns. The original is
given fewer jobs, since it takes seconds for each, and compared by jobs per second. The scheduler's commands are counted
by programs of the same names that come first on PATH.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
WORKLOADS = Path(__file__).parent / "workloads"
SERVICE = ROOT / "tests" / "services" / "slurm"
COMMANDS = ("sbatch", "squeue", "sacct", "scontrol", "scancel", "sinfo", "sacctmgr")


@contextmanager
def slurm() -> Iterator[dict[str, str]]:
    """Start Slurm; yield the environment to use it with, and stop it."""
    run = tempfile.mkdtemp(prefix="toil-bench-", dir="/tmp")
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    environment = {**os.environ, "PATH": path, "SERVICES_RUN": run, "TOIL_HISTORY": "false"}
    try:
        said = subprocess.run([SERVICE / "start"], env=environment, check=True, capture_output=True, text=True).stdout
        variables = [word.split("=", 1) for word in shlex.split(said) if "=" in word]
        yield {**environment, **dict(variables)}
    finally:
        subprocess.run([SERVICE / "stop"], env=environment, check=True)
        shutil.rmtree(run, ignore_errors=True)


def write_counters(directory: Path, path: str) -> None:
    """Write programs that count how often a command is used, and run it."""
    for command in COMMANDS:
        real = shutil.which(command, path=path)
        if real is not None:
            program = directory / command
            program.write_text(f'#!/bin/sh\necho {command} >> {directory}/used\nexec {real} "$@"\n')
            program.chmod(0o755)


def run_workload(python: str, name: str, environment: dict[str, str], *options: str) -> tuple[float, Counter[str]]:
    """Run a workload on Slurm.

    :returns: the seconds of the whole process, and how often each command was used.
    """
    directory = Path(tempfile.mkdtemp(prefix="bench-"))
    (directory / "bin").mkdir()
    write_counters(directory / "bin", environment["PATH"])
    # The original looks its worker up on the path.
    path = os.pathsep.join((str(directory / "bin"), str(Path(python).parent), environment["PATH"]))
    words = (python, str(WORKLOADS / f"{name}.py"), str(directory / "store"), "--batchSystem", "slurm", *options)
    try:
        start = time.perf_counter()
        done = subprocess.run(
            words, cwd=directory, env={**environment, "PATH": path}, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - start
        if done.returncode:
            raise SystemExit(f"{shlex.join(words)} failed:\n{done.stderr[-4000:]}")
        used = directory / "bin" / "used"
        return seconds, Counter(used.read_text().split() if used.exists() else ())
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def bare_latency(environment: dict[str, str]) -> float:
    """Return the seconds from the call of sbatch until its job, which does nothing else, has written a file."""
    directory = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        start = time.perf_counter()
        words = ("sbatch", "--parsable", "--output=/dev/null", f"--wrap=touch {directory}/done")
        subprocess.run(words, env=environment, check=True, capture_output=True, cwd=directory)
        while not (directory / "done").exists():
            time.sleep(0.002)
        return time.perf_counter() - start
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def login_shell() -> float:
    """Return the seconds that a login shell takes: Slurm starts one before each job of the original."""
    start = time.perf_counter()
    subprocess.run(("su", "-", "-c", "true"), check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - start


def fan_out(arguments: argparse.Namespace, environment: dict[str, str]) -> list[str]:
    """Return rows about a fan-out of short jobs."""
    ours: list[float] = []
    theirs: list[float] = []
    our_commands: list[int] = []
    their_commands: list[int] = []
    name, mine = "fan_out_of_sleeps", str(arguments.count)
    used: Counter[str] = Counter()
    for _ in range(arguments.repetitions):
        seconds, used = run_workload(sys.executable, name, environment, "--logError", "--count", mine)
        ours.append(seconds)
        our_commands.append(used.total())
        if arguments.original:
            few = str(arguments.few)
            seconds, their_use = run_workload(arguments.original, name, environment, "--logError", "--count", few)
            theirs.append(seconds)
            their_commands.append(their_use.total())
    here = statistics.median(ours)
    rate = arguments.count / here
    commands = statistics.median(our_commands)
    detail = ", ".join(f"{count} {command}" for command, count in sorted(used.items()))
    title = f"{mine} jobs of 10 ms and their sum (original: {arguments.few}), jobs/s"
    if theirs:
        there = statistics.median(theirs)
        ratio = rate / (arguments.few / there)
        compared = f"{there:.1f} s, {arguments.few / there:.2f}/s | {ratio:.0f} x | 20 x | {verdict(ratio >= 20)}"
    else:
        compared = "not run | | 20 x | "
    rows = [f"| {title} | {here:.1f} s, {rate:.1f}/s | {compared} |"]
    rows.append(
        f"| scheduler commands for them (last: {detail}) | {commands:g} "
        f"| {f'{statistics.median(their_commands):g} for {arguments.few}' if theirs else 'not run'} | "
        f"| under 40 | {verdict(commands < 40)} |"
    )
    return rows


def one_job(arguments: argparse.Namespace, environment: dict[str, str]) -> str:
    """Return the row about a workflow of one job."""
    bare, ours = [], []
    for _ in range(max(3, arguments.repetitions)):
        bare.append(bare_latency(environment))
        ours.append(run_workload(sys.executable, "one_job", environment, "--logError", "--defaultMemory", "256M")[0])
    floor, here = statistics.median(bare), statistics.median(ours)
    return (
        f"| a workflow of one job, whole process; bare sbatch until its job has run | {here:.2f} s | {floor:.2f} s "
        f"| + {here - floor:.2f} s | + 1 s | {verdict(here - floor < 1)} |"
    )


def verdict(reached: bool) -> str:
    """Return the last column of a row."""
    return "reached" if reached else "**missed**"


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--original", default="", help="the Python of an environment with the original; none: only us")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--count", type=int, default=500, help="how many jobs are run here")
    parser.add_argument("--few", type=int, default=50, help="how many of these the original is given")
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()
    # A virtual environment's link to its interpreter stays unresolved: what is installed is found by where it lies.
    arguments.original = arguments.original and os.path.abspath(arguments.original)
    lines = [
        f"{os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}, medians of {arguments.repetitions}.",
        "",
        "| on Slurm | here | other | | to reach | |",
        "|---|---|---|---|---|---|",
    ]
    if arguments.original and (seconds := login_shell()) > 1:
        raise SystemExit(
            f"A login shell takes {seconds:.0f} s here, which would be put down to the original. Mend that."
        )
    with slurm() as environment:
        lines.append(one_job(arguments, environment))
        lines += fan_out(arguments, environment)
    text = "\n".join(lines) + "\n"
    if arguments.output:
        arguments.output.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
