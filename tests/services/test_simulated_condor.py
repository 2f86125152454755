"""The twin of HTCondor answers as HTCondor does: the same commands on both, and the same answers."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.services.jobs import once, output, run
from tests.services.running import simulated

FILES = {
    "nowhere.sub": "executable = /nowhere\nqueue\n",
    "unqueued.sub": "executable = /bin/true\n",
    "empty.sub": "queue\n",
    "junk.sub": "executable = /bin/true\njunk\nqueue\n",
    "universe.sub": "universe = foo\nexecutable = /bin/true\nqueue\n",
    "held.sub": "executable = /bin/true\nrequest_disk = 1MB\nhold = true\nqueue\n",
    "typo.sub": "executable = /bin/true\nrequest_disk = 1MB\nhold = true\nfoo = bar\nqueue\n",
}
ANSWERED = [
    "condor_submit nofile",
    "condor_submit nowhere.sub",
    "condor_submit unqueued.sub",
    "condor_submit empty.sub",
    "condor_submit junk.sub",
    "condor_submit universe.sub",
    "condor_submit held.sub",
    "condor_submit typo.sub",
    "condor_q 999999 -json",
    "condor_q 999999 -af ClusterId",
    "condor_q 999999 -af:jh ClusterId",
    "condor_q -constraint foo((",
    "condor_history 999999",
    "condor_history 999999 -json",
    "condor_history 999999 -af ClusterId",
    "condor_rm 999999",
    "condor_rm 999999.0",
    "condor_rm nobodyhere",
    "condor_rm -constraint ClusterId==999999",
    "condor_release 999999",
    "condor_hold 999999.0",
]
REFUSED = ["condor_q -bogus", "condor_history -bogus", "condor_submit -bogus", "condor_rm -bogus", "condor_rm"]
ARRAY = """executable = /bin/sh
arguments = "-c 'echo $(Process) ""$FOO""; exit $(Process)'"
environment = "FOO='it''s a ""quote"" é' BAR=1"
output = out.$(Process)
error = err
log = log
request_memory = 100MB
request_disk = 1MB
+MyTag = "x y"
queue 3
"""
ASKED = [
    "condor_history {} -af ClusterId ProcId JobStatus ExitCode ExitBySignal MyTag",
    "condor_history {} -af:jh ExitCode JobStatus",
    "condor_history {}.2 -limit 1 -json -attributes ClusterId,ProcId,ExitCode,RequestMemory,Cmd,Arguments,MyTag",
    "condor_history {}",
    "condor_history -constraint ClusterId=={}&&ExitCode>1 -af ProcId",
    "condor_q {} -json",
    "condor_rm {}",
]


@pytest.fixture(scope="module")
def twin() -> Iterator[dict[str, str]]:
    """The variables to use the simulated cluster with."""
    with simulated("htcondor") as variables:
        yield variables


@pytest.fixture(scope="module")
def directories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A directory for each cluster, with files to submit."""
    found = {}
    for name in ("twin", "original"):
        found[name] = tmp_path_factory.mktemp(name)
        for file, text in FILES.items():
            (found[name] / file).write_text(text)
    return found


def normal(text: str, job: str = "none") -> str:
    """An answer without what differs from one cluster to another."""
    text = re.sub(rf'(?m)^\s*{job}(?=[ .])|(?<=ClusterId": ){job}\b|(?<=cluster ){job}\b', "N", text)
    text = re.sub(r"submitted to cluster \d+", "submitted to cluster N", text)
    text = re.sub(r"\d\d/\d\d \d\d:\d\d", "TIME", text)
    text = re.sub(r"\d\+\d\d:\d\d:\d\d|[ ]{12}(?= C)", "A MOMENT", text)
    return re.sub(r"[ ]+", " ", text).replace("root", "daemon")  # the original's jobs have another owner


@pytest.fixture(scope="module")
def occupied(htcondor: dict[str, str], twin: dict[str, str], directories: dict[str, Path]) -> None:
    """A job that is held in each queue: of an empty one HTCondor says something else."""
    for variables, name in ((twin, "twin"), (htcondor, "original")):
        output(variables, "condor_submit", "held.sub", directory=directories[name])
    # HTCondor counts its jobs from time to time only.
    once(lambda: run(htcondor, "condor_rm", "999999").returncode, bool)


def test_of_an_empty_queue_the_twin_says_that_it_is_empty() -> None:
    with simulated("htcondor") as variables:
        done = run(variables, "condor_rm", "99")
        assert (done.returncode, done.stderr) == (0, "condor_rm:0:There are no jobs in the queue\n")


@pytest.mark.usefixtures("occupied")
@pytest.mark.parametrize("line", ANSWERED)
def test_the_twin_answers_as_htcondor_does(
    htcondor: dict[str, str], twin: dict[str, str], directories: dict[str, Path], line: str
) -> None:
    answers = []
    for variables, name in ((twin, "twin"), (htcondor, "original")):
        done = run(variables, *shlex.split(line), directory=directories[name])
        answers.append((done.returncode, normal(done.stdout), normal(done.stderr)))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("line", REFUSED)
def test_the_twin_refuses_what_htcondor_refuses(
    htcondor: dict[str, str], twin: dict[str, str], directories: dict[str, Path], line: str
) -> None:
    answers = []
    for variables, name in ((twin, "twin"), (htcondor, "original")):
        done = run(variables, *shlex.split(line), directory=directories[name])
        # What follows are the real command's pages of help.
        answers.append((done.returncode, done.stdout[:6], done.stderr.partition("Usage:")[0]))
    assert answers[0] == answers[1]


def submit(variables: Mapping[str, str], directory: Path) -> str:
    """Submit three jobs, wait until they are in the history, and return the number of their cluster."""
    (directory / "array.sub").write_text(ARRAY)
    job = output(variables, "condor_submit", "-terse", "array.sub", directory=directory).partition(".")[0]
    once(lambda: output(variables, "condor_history", job, "-af", "ProcId").split(), lambda found: len(found) == 3)
    return job


@pytest.fixture(scope="module")
def numbers(htcondor: dict[str, str], twin: dict[str, str], directories: dict[str, Path]) -> dict[str, str]:
    """The numbers of the same cluster of jobs in both."""
    return {"twin": submit(twin, directories["twin"]), "original": submit(htcondor, directories["original"])}


@pytest.mark.usefixtures("occupied")
@pytest.mark.parametrize("line", ASKED)
def test_the_twin_shows_jobs_as_htcondor_shows_them(
    htcondor: dict[str, str],
    twin: dict[str, str],
    numbers: dict[str, str],
    directories: dict[str, Path],
    line: str,
) -> None:
    answers = []
    for variables, name in ((twin, "twin"), (htcondor, "original")):
        done = run(variables, *shlex.split(line.format(numbers[name])), directory=directories[name])
        out, err = normal(done.stdout, numbers[name]), normal(done.stderr, numbers[name])
        answers.append((done.returncode, sorted(out.splitlines()), err))
    assert answers[0] == answers[1]


def test_the_jobs_of_both_write_the_same(numbers: dict[str, str], directories: dict[str, Path]) -> None:
    twin, original = ((directories[name] / "out.1").read_text() for name in ("twin", "original"))
    assert numbers
    assert twin == original == '1 it\'s a "quote" é\n'


def test_the_logs_of_both_tell_the_same_events(numbers: dict[str, str], directories: dict[str, Path]) -> None:
    told = []
    for name in ("twin", "original"):
        events = re.findall(r"^(\d{3}) \(\d+\.(\d+)\.\d+\) .*$", (directories[name] / "log").read_text(), re.MULTILINE)
        told.append(sorted(event for event in events if event[0] != "006"))  # 006: the size of the image
    assert numbers
    assert told[0] == told[1]
