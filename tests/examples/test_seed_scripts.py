"""The complete scripts of the user manual run unchanged, directly and with `toil run`, and print what it says.

The text of the manual is no part of this project. Where it is present, beside the repository, the scripts are taken
from it when the tests run.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.examples.running import both_ways, command_for, left_in, run

SHARED = Path(__file__).resolve().parents[3] / "shared"
EXTRACTOR = SHARED / "tools" / "seed_scripts.py"
MANUAL = next(iter(sorted(SHARED.glob("seeds/004*.txt"))), SHARED / "seeds" / "004.txt")

Check = Callable[[str, str, Path], None]


class Expectation(NamedTuple):
    """What a script does.

    :ivar mark: a pattern in its text, by which it is told from others.
    :ivar check: given its standard output, its standard error and the directory it ran in.
    :ivar skip: why it cannot be run; empty where it can.
    :ivar prepare: what has to be there before.
    :ivar service: the fixture of a service that it uses.
    """

    mark: str
    check: Check | None = None
    skip: str = ""
    prepare: Callable[[Path], None] | None = None
    service: str = ""


def prints(text: str) -> Check:
    def check(out: str, err: str, directory: Path) -> None:
        assert out == text

    return check


def logs(*messages: str) -> Check:
    """Expect these messages in the log, in this order, each once, and no more of the first one's kind."""

    def check(out: str, err: str, directory: Path) -> None:
        assert re.findall(r"(?:Hello world, I have a message: |i is: |Binary string: ).*", err) == list(messages)

    return check


def logs_all_of(messages: list[str]) -> Check:
    def check(out: str, err: str, directory: Path) -> None:
        assert sorted(re.findall(r"Binary string: .*", err)) == sorted(messages)

    return check


def succeeds(out: str, err: str, directory: Path) -> None:
    assert out == ""


def lists_directories(out: str, err: str, directory: Path) -> None:
    # What `ls` prints in a job belongs to the job's log; the leader's output is left alone.
    assert "Traceback" not in err


def runs_a_container(out: str, err: str, directory: Path) -> None:
    assert out == ""
    assert "Traceback" not in err


def stage_in(directory: Path) -> None:
    (directory / "stagingExampleFiles").mkdir()
    (directory / "stagingExampleFiles" / "in.txt").write_text("Hello ")


def staged_out(out: str, err: str, directory: Path) -> None:
    assert (directory / "stagingExampleFiles" / "out.txt").read_text() == "Hello World!"


HELLO = "Hello, world!, here's a message: {}\n".format
SAID = "Hello world, I have a message: {}".format
IN_ORDER = [SAID("first"), SAID("second or third"), SAID("second or third"), SAID("last")]
BINARY = [f"Binary string: {number:05b}" for number in range(32)]

EXPECTATIONS = {
    "s01": Expectation("You did it!", prints(HELLO("You did it!"))),
    "s02": Expectation("discoverFiles", lists_directories),
    "s03": Expectation("toil-cwl-runner", skip="calls the program toil-cwl-runner, of the CWL plugin"),
    "s04": Expectation("cromwell", skip="calls Cromwell, from a Java archive that is not part of the manual"),
    "s05": Expectation("tutorial_quickstart", prints(HELLO("Woot"))),
    "s06": Expectation(r'tutorial_invokeworkflow"', prints(HELLO("Woot"))),
    "s07": Expectation("tutorial_invokeworkflow2", prints("Hello, world!, I have a message: Woot!\n")),
    "s08": Expectation(r"class HelloWorld[^$]*getDefaultArgumentParser", prints(HELLO("Woot"))),
    "s09": Expectation("tutorial_quickstart", prints(HELLO("Woot"))),
    "s10": Expectation("tutorial_jobfunctions", logs(SAID("Woot!"))),
    "s11": Expectation(r"addFollowOn\(j4\)", logs(*IN_ORDER)),
    "s12": Expectation("addFollowOnJobFn", logs(*IN_ORDER)),
    "s13": Expectation(r"j3\.addChild\(j4\)", logs(*IN_ORDER)),
    "s14": Expectation("binaryStringFn", logs_all_of(BINARY)),
    "s15": Expectation("tutorial_promises", logs("i is: 1", "i is: 2", "i is: 3")),
    "s16": Expectation("PromisedRequirement", succeeds),
    "s17": Expectation("LocalFileStoreJob", succeeds),
    "s18": Expectation("globalFileStoreJobFn", succeeds),
    "s19": Expectation("stagingExampleFiles", staged_out, prepare=stage_in),
    "s20": Expectation("apiDockerCall", runs_a_container, service="podman"),
    "s21": Expectation(r"Job\.Service", succeeds),
    "s22": Expectation(r"Ap\.addFollowOn\(B\)", prints("None\n")),
    "s23": Expectation(r"A\.encapsulate\(\)", prints("None\n")),
}


@pytest.fixture(scope="session")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All complete scripts of the manual, by number."""
    if not (EXTRACTOR.exists() and MANUAL.exists()):
        pytest.skip(f"The text of the manual is not there: {SHARED} has no tools/seed_scripts.py or no seeds/004*.txt.")
    found = tmp_path_factory.mktemp("manual")
    subprocess.run([sys.executable, EXTRACTOR, MANUAL, found], check=True, stdout=subprocess.DEVNULL)
    return {path.stem: path.read_text() for path in sorted(found.glob("s*.py"))}


def test_every_script_of_the_manual_has_an_expectation(scripts: dict[str, str]) -> None:
    assert sorted(scripts) == sorted(EXPECTATIONS)
    for name, text in scripts.items():
        assert re.search(EXPECTATIONS[name].mark, text), f"{name} is not the script that it was"


@both_ways
@pytest.mark.parametrize("name", EXPECTATIONS)
def test_a_script_of_the_manual_runs_unchanged(
    name: str,
    way: str,
    scripts: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    expected = EXPECTATIONS[name]
    if expected.skip:
        pytest.skip(f"{name} {expected.skip}")
    assert expected.check is not None
    if expected.service:
        for variable, value in request.getfixturevalue(expected.service).items():
            monkeypatch.setenv(variable, value)
    script = tmp_path / f"{name}.py"
    script.write_text(scripts[name])
    if expected.prepare:
        expected.prepare(tmp_path)
    done = run(command_for(way, script, tmp_path / "store"), tmp_path)
    assert done.returncode == 0, done.stderr
    expected.check(done.stdout, done.stderr, tmp_path)
    assert not (tmp_path / "store").exists()
    assert left_in(tmp_path / "tmp") == []
