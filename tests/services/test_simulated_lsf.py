"""The simulated LSF speaks as the command reference of IBM Spectrum LSF 10.1 has it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from os import environ
from pathlib import Path

import pytest

from tests.services.jobs import once, output, run
from tests.services.running import simulated


@pytest.fixture
def lsf() -> Iterator[dict[str, str]]:
    """The variables to use the simulated cluster with."""
    with simulated("lsf", grace=0.2) as variables:
        yield variables


def ended(lsf: Mapping[str, str], job: str, fields: str) -> list[str]:
    """These fields of a job that has ended, one line for each element."""
    words = ["bjobs", "-noheader", "-o", f"stat {fields} delimiter='|'", job]
    return once(
        lambda: output(lsf, *words).splitlines(),
        lambda found: all(line.partition("|")[0] in ("DONE", "EXIT") for line in found),
    )


def test_a_submission_tells_number_and_queue(lsf: dict[str, str]) -> None:
    assert output(lsf, "bsub", "true") == "Job <1> is submitted to default queue <normal>."
    assert output(lsf, "bsub", "-q", "short", "true") == "Job <2> is submitted to queue <short>."


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-q", "nope", "true"], "nope: No such queue. Job not submitted."),
        (["-R", "rusage[mem=", "true"], "Bad resource requirement syntax. Job not submitted."),
        (["-q", "short", "-W", "20", "true"], "RUNLIMIT: Cannot exceed queue's hard limit(s). Job not submitted."),
        (["-n", "x", "true"], "x: Bad argument for option -n. Job not submitted."),
    ],
)
def test_a_bad_submission_is_refused(lsf: dict[str, str], words: list[str], message: str) -> None:
    done = run(lsf, "bsub", *words)
    assert (done.returncode, done.stderr.strip()) == (255, message)


def test_a_script_from_standard_input_brings_its_options(lsf: dict[str, str], tmp_path: Path) -> None:
    options = f'#BSUB -J "named[2-3]"\n#BSUB -o {tmp_path}/out.%J.%I\n'
    script = f'#!/bin/bash\n{options}echo "index $LSB_JOBINDEX"; exit $LSB_JOBINDEX\n'
    subprocess.run(["bsub"], input=script, text=True, env={**environ, **lsf}, check=True, stdout=subprocess.DEVNULL)
    assert ended(lsf, "1", "exit_code job_name jobindex") == ["EXIT|2|named[2]|2", "EXIT|3|named[3]|3"]
    written = (tmp_path / "out.1.2").read_text()
    first, second = written.splitlines()[:2]
    assert first == "Sender: LSF System <lsfadmin@node1>"
    assert second == "Subject: Job 1: <named[2]> in cluster <simulated> Exited"
    assert "\nThe output (if any) follows:\n\nindex 2\n" in written


def test_json_has_records_and_what_is_not_found(lsf: dict[str, str]) -> None:
    output(lsf, "bsub", "exit 3")
    ended(lsf, "1", "exit_code")
    answer = json.loads(run(lsf, "bjobs", "-json", "-o", "jobid stat exit_code", "1", "9").stdout)
    assert answer["RECORDS"] == [
        {"JOBID": "1", "STAT": "EXIT", "EXIT_CODE": "3"},
        {"JOBID": "9", "ERROR": "Job <9> is not found"},
    ]


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("memory", "137|TERM_MEMLIMIT: job killed after reaching LSF memory usage limit"),
        ("time", "140|TERM_RUNLIMIT: job killed after reaching LSF run time limit"),
        ("cancelled", "130|TERM_OWNER: job killed by owner"),
    ],
)
def test_why_a_job_was_killed_is_told_everywhere(lsf: dict[str, str], how: str, told: str) -> None:
    output(lsf, "bsub", "sleep 60")
    once(lambda: output(lsf, "bjobs", "-noheader", "-o", "stat", "1"), lambda stat: stat == "RUN")
    output(lsf, "simctl", "end", "1", how)
    assert ended(lsf, "1", "exit_code exit_reason") == [f"EXIT|{told}"]
    reason = told.partition("|")[2]
    for command in ("bjobs", "bhist", "bacct"):
        assert reason in " ".join(output(lsf, command, "-l", "1").split())


def test_a_wall_time_limit_ends_a_job(lsf: dict[str, str]) -> None:
    output(lsf, "simctl", "set", "minute=0.3")
    output(lsf, "bsub", "-W", "1", "sleep 60")
    assert ended(lsf, "1", "exit_code") == ["EXIT|140"]


def test_memory_counts_in_the_unit_of_the_cluster(lsf: dict[str, str]) -> None:
    assert "LSF_UNIT_FOR_LIMITS = KB" in output(lsf, "lsadmin", "showconf", "lim")
    output(lsf, "bsub", "-M", "204800", "-R", "rusage[mem=204800]", "sleep 60")
    assert output(lsf, "bjobs", "-noheader", "-o", "memlimit", "1") == "200 Mbytes"
    assert json.loads(output(lsf, "simctl", "jobs"))[0]["memory"] == 200


def test_a_job_that_bkill_cannot_end_is_told_why(lsf: dict[str, str]) -> None:
    output(lsf, "bsub", "true")
    ended(lsf, "1", "exit_code")
    answers = [run(lsf, "bkill", job) for job in ("1", "9")]
    assert [done.stderr for done in answers] == [
        "Job <1>: Job has already finished\n",
        "Job <9>: No matching job found\n",
    ]
    assert all(done.returncode == 255 for done in answers)


def test_an_unknown_job_is_shown_as_such_for_a_while(lsf: dict[str, str]) -> None:
    output(lsf, "bsub", "sleep 60")
    stat = ["bjobs", "-noheader", "-o", "stat", "1"]
    once(lambda: output(lsf, *stat), lambda shown: shown == "RUN")
    output(lsf, "simctl", "set", "flap=unknown:2")
    assert [output(lsf, *stat) for _ in range(3)] == ["UNKWN", "RUN", "RUN"]


def test_without_history_bhist_and_bacct_know_nothing(lsf: dict[str, str]) -> None:
    output(lsf, "bsub", "true")
    ended(lsf, "1", "exit_code")
    output(lsf, "simctl", "set", "history=off")
    for command in ("bhist", "bacct"):
        assert run(lsf, command, "-l", "1").returncode == 255
