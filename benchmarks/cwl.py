"""CWL documents, whole processes: this project beside cwltool and, where it is named, the original.

    python benchmarks/cwl.py [--original ORIGINAL/bin/toil-cwl-runner] [--repeat 3]

Each figure is the median of the repetitions; the runners take turns, so that all of them meet the same machine. The
memory is that of the process that was started, which for this project is the leader.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

BIN = Path(sys.executable).parent
ECHO = {
    "cwlVersion": "v1.2",
    "class": "CommandLineTool",
    "baseCommand": "echo",
    "stdout": "output.txt",
    "inputs": {"message": {"type": "string", "inputBinding": {"position": 1}}},
    "outputs": {"output": {"type": "stdout"}},
}
SCATTER = {
    "cwlVersion": "v1.2",
    "class": "Workflow",
    "requirements": {"ScatterFeatureRequirement": {}},
    "inputs": {"messages": "string[]"},
    "outputs": {"outputs": {"type": "File[]", "outputSource": "say/output"}},
    "steps": {"say": {"run": "echo.cwl", "scatter": "message", "in": {"message": "messages"}, "out": ["output"]}},
}


def measured(command: list[str], directory: str) -> tuple[float, float, float]:
    """Run a command.

    :returns: the seconds that it took, the processor seconds of it and what it started, its peak memory in MB.
    """
    begun = time.perf_counter()
    nothing = os.open(os.devnull, os.O_WRONLY)
    actions = [(os.POSIX_SPAWN_DUP2, nothing, 1), (os.POSIX_SPAWN_DUP2, nothing, 2)]
    here = os.getcwd()
    os.chdir(directory)
    try:
        pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    finally:
        os.chdir(here)
        os.close(nothing)
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(command)} failed with status {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def commands(original: str | None) -> dict[str, list[str]]:
    """Return how each runner is called, without the document."""
    found = {
        "this project": [str(BIN / "toil-cwl-runner"), "--quiet"],
        "cwltool --parallel": [str(BIN / "cwltool"), "--quiet", "--parallel"],
    }
    if original:
        found["the original"] = [original, "--logError"]
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--original", help="the runner of the original")
    parser.add_argument("--repeat", type=int, default=3, help="how often to run each")
    parser.add_argument("--sizes", type=int, nargs="*", default=[50, 1000], help="how wide to scatter")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        workloads = write_workloads(Path(directory), given.sizes)
        sys.stdout.write("| | runner | seconds | processor seconds | MB |\n|---|---|---|---|---|\n")
        for name, arguments in workloads.items():
            figures: dict[str, list[tuple[float, float, float]]] = {}
            for _ in range(given.repeat):
                for runner, command in commands(given.original).items():
                    whole = [*command, "--outdir", f"{directory}/out", *arguments]
                    figures.setdefault(runner, []).append(measured(whole, directory))
            for runner, all_of_it in figures.items():
                seconds, processor, memory = (statistics.median(one) for one in zip(*all_of_it, strict=True))
                sys.stdout.write(f"| {name} | {runner} | {seconds:.2f} | {processor:.2f} | {memory:.0f} |\n")
                sys.stdout.flush()


def write_workloads(directory: Path, sizes: list[int]) -> dict[str, list[str]]:
    """Write the documents and their inputs, and return the arguments of each workload by name."""
    (directory / "echo.cwl").write_text(json.dumps(ECHO))
    (directory / "scatter.cwl").write_text(json.dumps(SCATTER))
    (directory / "one.json").write_text(json.dumps({"message": "hello"}))
    workloads = {"one tool": ["echo.cwl", "one.json"]}
    for size in sizes:
        (directory / f"{size}.json").write_text(json.dumps({"messages": [f"hello {number}" for number in range(size)]}))
        workloads[f"scatter of {size}"] = ["scatter.cwl", f"{size}.json"]
    return workloads


if __name__ == "__main__":
    main()
