"""A simulated cluster runs jobs, and shows the faults that it is told to show, whichever scheduler it speaks like."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.services.jobs import once, output, run
from tests.services.running import service, simulated

AWKWARD = 'it\'s a "quote"; $HOME `x` \\ \n second line, é 漢\t='


@dataclass(frozen=True)
class Speaker:
    """How to use one scheduler; `submit` writes a script's path into a command, `told` is what lists jobs."""

    scheduler: str
    submit: Callable[[str], list[str]]
    told: list[str]
    exports: tuple[str, ...] = ()
    bogus: tuple[str, ...] = ()


def _condor_file(script: str) -> str:
    path = Path(script).with_suffix(".sub")
    path.write_text(f"executable = {script}\ngetenv = True\nrequest_memory = 200\nqueue\n")
    return str(path)


SPEAKERS = [
    Speaker(
        "slurm",
        lambda script: ["sbatch", "--mem=200M", "--output=/dev/null", script],
        ["squeue", "--noheader", "--states=all", "--format=%T"],
        bogus=("squeue", "--bogus"),
    ),
    Speaker(
        "lsf",
        lambda script: ["bsub", "-M", "200MB", script],
        ["bjobs", "-a", "-noheader", "-o", "stat"],
        bogus=("bjobs", "-bogus"),
    ),
    Speaker(
        "torque",
        lambda script: ["qsub", "-V", "-l", "mem=200mb", "-o", "/dev/null", "-e", "/dev/null", script],
        ["qstat", "-f"],
        bogus=("qstat", "-Y"),
    ),
    Speaker(
        "htcondor",
        lambda script: ["condor_submit", _condor_file(script)],
        ["condor_q", "-af", "JobStatus"],
        bogus=("condor_q", "-bogus"),
    ),
    Speaker("parasol", lambda script: ["parasol", "add", "job", script], ["parasol", "list", "jobs"]),
]


class Cluster:
    """A cluster that a test may spoil."""

    def __init__(self, speaker: Speaker, variables: Mapping[str, str], directory: Path) -> None:
        self.speaker = speaker
        self.variables = variables
        self.directory = directory

    def script(self, text: str) -> str:
        """Write a script, and return its path."""
        path = self.directory / f"script{len(list(self.directory.iterdir()))}"
        path.write_text(f"#!/bin/bash\n{text}\n")
        path.chmod(0o755)
        return str(path)

    def submit(self, text: str, **variables: str) -> None:
        """Submit a script that has to be taken."""
        words = self.speaker.submit(self.script(text))
        output({**self.variables, **variables}, *words, directory=self.directory)

    def jobs(self) -> list[dict[str, Any]]:
        """What is true of the jobs."""
        found: list[dict[str, Any]] = json.loads(output(self.variables, "simctl", "jobs"))
        return found

    def until(self, good: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until something is true of the last job, and return it."""
        return once(lambda: self.jobs()[-1], good)

    def tell(self, *words: str) -> str:
        """Run `simctl`."""
        return output(self.variables, "simctl", *words)

    def shows(self) -> str:
        """What the scheduler's own command lists."""
        return output(self.variables, *self.speaker.told)


@pytest.fixture(params=SPEAKERS, ids=lambda speaker: speaker.scheduler)
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cluster]:
    """Yield a cluster for each scheduler."""
    with simulated(request.param.scheduler, hosts="node1:2:1000,node2:2:1000", grace=0.2) as variables:
        yield Cluster(request.param, variables, tmp_path)


def is_running(job: dict[str, Any]) -> bool:
    return bool(job["state"] == "running")


def has_ended(job: dict[str, Any]) -> bool:
    return bool(job["state"] == "ended")


def test_a_job_runs_and_its_exit_status_is_known(cluster: Cluster) -> None:
    cluster.submit(f"echo ran > {cluster.directory}/mark; exit 7")
    job = cluster.until(has_ended)
    assert (job["end"], job["status"]) == ("exit", 7)
    assert (cluster.directory / "mark").read_text() == "ran\n"


def test_a_job_has_the_environment_of_who_submitted_it_exactly(cluster: Cluster) -> None:
    cluster.submit(f"env -0 > {cluster.directory}/environment", AWKWARD=AWKWARD)
    cluster.until(has_ended)
    pairs = (cluster.directory / "environment").read_bytes().split(b"\0")
    given = os.fsencode(f"AWKWARD={AWKWARD}") in pairs
    # Parasol's jobs have the environment of its nodes.
    assert given == (cluster.speaker.scheduler != "parasol")


def test_no_more_runs_at_once_than_the_hosts_have_room_for(cluster: Cluster) -> None:
    for _ in range(6):
        cluster.submit("sleep 60")
    jobs = once(cluster.jobs, lambda found: sum(map(is_running, found)) == 4)
    assert sorted(job["host"] for job in jobs if job["host"]) == ["node1", "node1", "node2", "node2"]


@pytest.mark.parametrize("how", ["memory", "time", "cancelled"])
def test_a_running_job_can_be_ended_for_any_reason(cluster: Cluster, how: str) -> None:
    cluster.submit("sleep 60")
    cluster.until(is_running)
    cluster.tell("end", "all", how)
    assert cluster.until(has_ended)["end"] == how


def test_a_lost_host_takes_its_jobs_along_and_gets_none_until_it_is_back(cluster: Cluster) -> None:
    cluster.tell("host", "node2", "down")
    cluster.submit("sleep 60")
    assert cluster.until(is_running)["host"] == "node1"
    cluster.tell("host", "node1", "down")
    job = cluster.until(lambda job: not is_running(job))
    assert job["end"] == "node" or job["state"] == "pending"  # as the scheduler starts such jobs again or does not
    cluster.submit("true")
    cluster.tell("host", "node2", "up")
    cluster.until(has_ended)


def test_a_command_fails_as_long_as_the_scheduler_is_down(cluster: Cluster) -> None:
    cluster.tell("set", "down=all")
    done = run(cluster.variables, *cluster.speaker.told)
    assert done.returncode != 0
    assert done.stderr
    cluster.tell("set", "down=")
    cluster.submit("true")
    cluster.until(has_ended)


def test_submissions_are_refused_as_often_as_it_was_told(cluster: Cluster) -> None:
    cluster.tell("set", "refuse=2")
    words = cluster.speaker.submit(cluster.script("true"))
    refused = [run(cluster.variables, *words).returncode != 0 for _ in range(3)]
    assert refused == [True, True, False]
    assert len(cluster.jobs()) == 1


def test_a_full_queue_takes_jobs_again_once_there_is_room(cluster: Cluster) -> None:
    cluster.tell("set", "limit=1")
    cluster.submit("sleep 60")
    words = cluster.speaker.submit(cluster.script("true"))
    assert run(cluster.variables, *words).returncode != 0
    cluster.tell("end", "all", "cancelled")
    cluster.until(has_ended)
    output(cluster.variables, *words)


def test_a_job_that_vanished_is_not_shown_though_it_runs_on(cluster: Cluster) -> None:
    cluster.submit(f"until test -e {cluster.directory}/go; do sleep 0.05; done; echo on > {cluster.directory}/mark")
    cluster.until(is_running)
    assert cluster.shows()
    cluster.tell("vanish", "all")
    assert not [line for line in run(cluster.variables, *cluster.speaker.told).stdout.splitlines() if line.strip()]
    (cluster.directory / "go").touch()
    once(lambda: (cluster.directory / "mark").exists(), bool)


def test_a_flapping_job_is_missing_every_other_time(cluster: Cluster) -> None:
    cluster.submit("sleep 60")
    cluster.until(is_running)
    cluster.tell("set", "flap=missing:4")
    shown = [bool(run(cluster.variables, *cluster.speaker.told).stdout.strip()) for _ in range(5)]
    assert shown == [False, True, False, True, True]


def test_the_next_jobs_to_start_end_as_it_was_told(cluster: Cluster) -> None:
    cluster.tell("set", "ends=memory:1", "end_after=0")
    cluster.submit("sleep 60")
    assert cluster.until(has_ended)["end"] == "memory"
    cluster.submit("exit 3")
    assert cluster.until(has_ended)["end"] == "exit"


def test_calls_are_counted_for_each_command(cluster: Cluster) -> None:
    for _ in range(3):
        run(cluster.variables, *cluster.speaker.told)
    assert json.loads(cluster.tell("calls", "--reset")) == {cluster.speaker.told[0]: 3}
    assert json.loads(cluster.tell("calls")) == {}


def test_an_unknown_option_is_refused(cluster: Cluster) -> None:
    if not cluster.speaker.bogus:
        pytest.skip("Parasol takes options that it does not know")
    done = run(cluster.variables, *cluster.speaker.bogus)
    assert done.returncode != 0
    assert cluster.speaker.bogus[0] in done.stderr or "bogus" in done.stderr


def test_a_job_that_takes_too_much_memory_is_killed(cluster: Cluster) -> None:
    if cluster.speaker.scheduler == "parasol":
        pytest.skip("Parasol kills nobody for memory")
    program = 'x = b"1" * (400 << 20); import time; time.sleep(60)'
    cluster.submit(f"exec python3 -c {shlex.quote(program)}")
    assert cluster.until(has_ended)["end"] == "memory"


def test_when_a_cluster_stops_its_jobs_end(tmp_path: Path) -> None:
    with service("simulated", SCHEDULER="slurm") as variables:
        cluster = Cluster(SPEAKERS[0], variables, tmp_path)
        cluster.submit("sleep 60 & sleep 60")
        pid = cluster.until(is_running)["pid"]
    assert not Path("/proc", str(pid)).exists()


def test_there_is_no_fault_of_a_name_that_nobody_knows(cluster: Cluster) -> None:
    done = run(cluster.variables, "simctl", "set", "bogus=1")
    assert done.returncode == 2
    assert "bogus" in done.stderr
