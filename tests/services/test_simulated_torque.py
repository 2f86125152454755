"""The simulated Torque speaks as its manual has it."""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from os import environ
from pathlib import Path

import pytest

from tests.services.jobs import once, output, run
from tests.services.running import simulated


@pytest.fixture
def torque() -> Iterator[dict[str, str]]:
    """The variables to use the simulated cluster with."""
    with simulated("torque", grace=0.2) as variables:
        yield variables


def qsub(torque: Mapping[str, str], script: str, *words: str, directory: Path | str = "/tmp") -> str:
    """Submit a script from standard input, and return the name of the job."""
    done = subprocess.run(
        ["qsub", *words],
        input=script,
        text=True,
        env={**environ, **torque},
        check=True,
        capture_output=True,
        cwd=directory,
    )
    return done.stdout.strip()


def ended(torque: Mapping[str, str], job: str) -> dict[str, str]:
    """What `qstat -x` has of a job that has ended."""

    def attributes() -> dict[str, str]:
        return {each.tag: each.text or "" for each in ET.fromstring(output(torque, "qstat", "-x", job))[0]}

    return once(attributes, lambda found: found["job_state"] == "C")


def test_a_job_leaves_its_output_beside_where_it_was_submitted(torque: dict[str, str], tmp_path: Path) -> None:
    job = qsub(torque, "echo said; echo complained >&2; exit 3", "-N", "named", directory=tmp_path)
    assert ended(torque, job)["exit_status"] == "3"
    number = job.partition(".")[0]
    assert (tmp_path / f"named.o{number}").read_text() == "said\n"
    assert (tmp_path / f"named.e{number}").read_text() == "complained\n"


def test_only_what_is_asked_for_is_exported(torque: dict[str, str], tmp_path: Path) -> None:
    script = "echo $PBS_JOBID,$A,$B,$SECRET"
    job = qsub({**torque, "SECRET": "x"}, script, "-v", "A='x y,z',B=2", "-o", f"{tmp_path}/out", directory=tmp_path)
    ended(torque, job)
    assert (tmp_path / "out").read_text() == f"{job},x y,z,2,\n"


def test_elements_of_an_array_are_shown_alone_when_asked_for(torque: dict[str, str], tmp_path: Path) -> None:
    job = qsub(torque, "exit $PBS_ARRAYID", "-t", "1-2", "-o", "/dev/null", "-e", "/dev/null", directory=tmp_path)
    assert "[]." in job
    number = job.partition("[")[0]
    assert ended(torque, f"{number}[1]")["exit_status"] == "1"
    assert ended(torque, f"{number}[2]")["exit_status"] == "2"
    assert output(torque, "qstat").splitlines()[-1].split()[0] == job
    assert len(output(torque, "qstat", "-t").splitlines()) == 4


@pytest.mark.parametrize(("how", "status"), [("memory", "-10"), ("time", "-11"), ("cancelled", "271")])
def test_why_a_job_was_killed_is_told_by_its_exit_status(torque: dict[str, str], how: str, status: str) -> None:
    job = qsub(torque, "sleep 60", "-o", "/dev/null", "-e", "/dev/null")
    once(lambda: output(torque, "qstat", "-f", job), lambda shown: "job_state = R" in shown)
    output(torque, "simctl", "end", "all", how)
    assert ended(torque, job)["exit_status"] == status


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["-q", "nope"], 172, "Unknown queue MSG=cannot locate queue"),
        (["-l", "nodes=1:ppn=99"], 188, "cannot locate feasible nodes"),
        (["-l", "bogus=1"], 187, "Unknown resource type"),
        (["-q", "short", "-l", "walltime=1:00:00"], 188, "cannot satisfy queue max walltime requirement"),
    ],
)
def test_a_bad_submission_is_refused(torque: dict[str, str], words: list[str], status: int, message: str) -> None:
    done = run(torque, "qsub", *words, "/dev/null")
    assert done.returncode == status
    assert message in done.stderr


def test_long_values_are_folded_and_lie_on_one_line_when_asked_for(torque: dict[str, str]) -> None:
    job = qsub(torque, "sleep 60", "-v", f"LONG={'x' * 200}", "-o", "/dev/null", "-e", "/dev/null")
    assert any(line.startswith("\t") for line in output(torque, "qstat", "-f", job).splitlines())
    assert f"LONG={'x' * 200}" in output(torque, "qstat", "-f", "-1", job)


def test_a_job_that_nobody_knows_is_told_so(torque: dict[str, str]) -> None:
    for command in ("qstat", "qdel"):
        done = run(torque, command, "99")
        assert done.returncode == 153
        assert done.stderr.startswith(f"{command}: Unknown Job Id Error 99.")
