"""Running the conformance tests of the standards, and telling how they went.

    python conformance.py SUITE [--podman] [-j N]       prints the table that is in docs/cwl.md

The suite is a directory with `conformance_tests.yaml`. What is run are the tests themselves, by `cwltest`, with this
plugin's runner and with cwltool, so that the two can be compared.
"""

from __future__ import annotations

import argparse
import re
import resource
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

BIN = Path(sys.executable).parent
SUITE = Path(__file__).resolve().parents[4] / "shared" / "conformance" / "cwl-v1.2"

#: Tests that fail, by name, with the reason.
NOT_PASSED = {
    "filename_with_hash_mark": (
        "a file name with a space and '#', which cwltool refuses, too, unless `--relax-path-checks` is given"
    ),
}
#: Tests that cannot pass where there are no containers.
WANT_CONTAINERS = (
    "cwloutput_nolimit",
    "docker_entrypoint",
    "dockeroutputdir",
    "filesarray_secondaryfiles",
    "glob_outside_outputs_fails",
    "initial_workdir_output",
    "iwd-container-entryname1",
    "iwd-passthrough2",
    "iwdr_dir_literal_real_file",
    "networkaccess",
    "networkaccess_disabled",
    "stdin_shorcut",
    "stdout_redirect_mediumcut_docker",
    "stdout_redirect_shortcut_docker",
)

#: Tests that want the internet.
WANT_NETWORK = ("networkaccess",)

_STARTED = re.compile(r"^Test \[(\d+)/\d+\] ([\w.-]+):", re.MULTILINE)
_FAILED = re.compile(r"^Test (\d+) failed:", re.MULTILINE)
_SUMMARY = re.compile(r"(\d+) tests passed(?:, (\d+) failures?)?(?:, (\d+) unsupported features?)?")


@dataclass
class Result:
    """How a run of the suite went.

    :ivar failed: names of tests that failed; those that need what is not supported are not among them.
    :ivar seconds: the processor seconds of everything that ran, which other work on the machine changes little.
    """

    passed: int = 0
    failed: set[str] = field(default_factory=set)
    unsupported: int = 0
    seconds: float = 0.0
    output: str = ""

    @property
    def total(self) -> int:
        """How many tests there are."""
        return self.passed + len(self.failed) + self.unsupported


def run_suite(
    suite: Path, tool: str, options: list[str], *, jobs: int = 2, numbers: str = "", names: str = ""
) -> Result:
    """Run tests of the suite.

    :param tool: the program to test.
    :param options: its options.
    :param jobs: how many tests to run at a time.
    :param numbers: which tests, such as `1-30`; by default all.
    :param names: which tests by name, with commas between them.
    """
    command = [
        str(BIN / "cwltest"),
        "--test",
        "conformance_tests.yaml",
        "--tool",
        tool,
        f"-j{jobs}",
        "--timeout",
        "600",
    ]
    command += ["-n", numbers] if numbers else ["-s", names] if names else []
    command += ["--", *options]
    begun = processor_seconds()
    done = subprocess.run(command, cwd=suite, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return result_of(done.stdout, processor_seconds() - begun)


def processor_seconds() -> float:
    """Return how much processor time the processes took that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def result_of(output: str, seconds: float = 0.0) -> Result:
    """Return the result that the output of `cwltest` tells.

    :raises ValueError: if it does not tell any.
    """
    names = dict(_STARTED.findall(output))
    failed = {names[number] for number in _FAILED.findall(output)}
    if "All tests passed" in output:
        return Result(len(names), set(), 0, seconds, output)
    summary = _SUMMARY.search(output)
    if summary is None:
        raise ValueError(f"cwltest has not told how its tests went:\n{output[-2000:]}")
    passed, _, unsupported = (int(one or 0) for one in summary.groups())
    return Result(passed, failed, unsupported, seconds, output)


def table(rows: dict[str, Result]) -> str:
    """Return the results as a table in Markdown."""
    lines = ["| | passed | failed | not supported | processor seconds |", "|---|---|---|---|---|"]
    lines += [
        f"| {name} | {one.passed} of {one.total} | {len(one.failed)} | {one.unsupported} | {one.seconds:.0f} |"
        for name, one in rows.items()
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("suite", type=Path, nargs="?", default=SUITE)
    parser.add_argument("--podman", action="store_true", help="run containers with podman instead of none")
    parser.add_argument("-j", type=int, default=2, help="how many tests to run at a time")
    given = parser.parse_args()
    options = ["--podman" if given.podman else "--no-container"]
    rows = {
        "`toil-cwl-runner`": run_suite(given.suite, str(BIN / "toil-cwl-runner"), options, jobs=given.j),
        "`cwltool`": run_suite(given.suite, str(BIN / "cwltool"), options, jobs=given.j),
    }
    sys.stdout.write(table(rows) + "\n")
    for name, result in rows.items():
        sys.stdout.write(f"{name}: {', '.join(sorted(result.failed)) or 'none'} failed\n")


if __name__ == "__main__":
    main()
