"""What becomes of jobs that fail, run too long, or get lost."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from tests.options_effects.probing import Done, Probe


@pytest.fixture
def moody(probe: Probe) -> Probe:
    """The script, with the batch system `moody` installed."""
    information = probe.directory / "site" / "moody-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: moody\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[toil.batch_systems]\nmoody = moody\n")
    (probe.directory / "site" / "moody.py").write_text(Path(__file__).with_name("moody.py").read_text())
    return probe


def run_moody(probe: Probe, mood: str, do: str, value: object, *options: str) -> Done:
    """Run a job on the batch system when it has this mood."""
    site = str(probe.directory / "site")
    return probe.run(do, value, "--batchSystem", "moody", *options, variables={"MOODY": mood, "PYTHONPATH": site})


@pytest.mark.parametrize(("options", "tries"), [((), 2), (("--retryCount=0",), 1), (("--retryCount", "3"), 4)])
@pytest.mark.parametrize("under_toil", [False, True])
def test_a_job_is_tried_again_so_many_times(
    probe: Probe, options: tuple[str, ...], tries: int, under_toil: bool
) -> None:
    assert probe.run("fails", 99, *options, under_toil=under_toil).status == 1
    assert probe.attempts == tries


def test_the_last_try_can_be_the_one_that_succeeds(probe: Probe) -> None:
    assert probe.run("fails", 3, "--retryCount=3").result == 4


def test_the_environment_sets_the_number_of_tries_too(probe: Probe) -> None:
    assert probe.run("fails", 99, variables={"TOIL_RETRY_COUNT": "2"}).status == 1
    assert probe.attempts == 3


@pytest.mark.parametrize(
    ("option", "preemptible", "succeeds"),
    [
        ((), True, False),
        (("--enableUnlimitedPreemptibleRetries",), True, True),
        (("--enableUnlimitedPreemptableRetries",), True, True),
        (("--enableUnlimitedPreemptibleRetries",), False, False),
    ],
)
def test_lost_preemptible_jobs_are_tried_again_without_limit_where_that_is_enabled(
    moody: Probe, option: tuple[str, ...], preemptible: bool, succeeds: bool
) -> None:
    done = run_moody(moody, "LOST", "dying", {"times": 4, "preemptible": preemptible}, "--retryCount=1", *option)
    assert (done.status == 0) is succeeds
    assert moody.attempts == (5 if succeeds else 2)


@pytest.mark.parametrize(("option", "given"), [((), [10, 10, 10]), (("--doubleMem",), [10, 20, 40])])
def test_a_job_that_ran_out_of_memory_gets_twice_as_much_where_that_is_asked_for(
    moody: Probe, option: tuple[str, ...], given: list[int]
) -> None:
    options = ("--retryCount=2", "--defaultMemory=1M", "--writeMessages=messages", *option)
    done = run_moody(moody, "MEMLIMIT", "dying", {"times": 2, "memory": "10M"}, *options)
    assert done.result == {"attempt": 3, "memory": given[-1] * 1_000_000}
    messages = [json.loads(line) for line in (moody.directory / "messages").read_text().splitlines()]
    issued = [one["memory"] for one in messages if one["message"] == "JobIssued" and one["name"] == "dies"]
    assert [memory // 1_000_000 for memory in issued] == given


def test_doubled_memory_counts_against_the_tries(moody: Probe) -> None:
    done = run_moody(moody, "MEMLIMIT", "dying", {"times": 2, "memory": "10M"}, "--retryCount=1", "--doubleMem")
    assert (done.status, moody.attempts) == (1, 2)


def test_a_job_that_runs_too_long_is_killed(probe: Probe) -> None:
    done = probe.run("sleeps", 100, "--maxJobDuration=1", "--retryCount=0", "--rescueJobsFrequency=0.2")
    assert done.status == 1
    assert "ran longer than --maxJobDuration allows" in done.err


def test_a_job_that_does_not_run_too_long_is_left_alone(probe: Probe) -> None:
    assert probe.run("sleeps", 1, "--maxJobDuration=60", "--rescueJobsFrequency=0.1").result == 1


def test_a_job_that_the_batch_system_forgot_is_found_at_the_frequency_of_rescues(moody: Probe) -> None:
    done = run_moody(moody, "FORGOTTEN", "variables", [], "--rescueJobsFrequency=0.2")
    assert done.result == {}
    assert "no longer knows the job" in done.err or "no longer known" in done.err


def test_kill_polling_interval_sets_how_soon_toil_kill_is_heard(probe: Probe) -> None:
    process = probe.start("sleeps", 300, "--kill_polling_interval=0.1")
    asleep = probe.directory / "asleep"
    deadline = time.monotonic() + 60
    while not asleep.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    killed = probe.toil("kill", "--wait", str(probe.store))
    _, err = process.communicate(timeout=60)
    assert killed.status == 0
    assert "every 0.1 s" in killed.out
    assert process.returncode == 1
    assert "was stopped by 'toil kill'" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("options", "brought"), [((), True), (("--disableAutoDeployment",), False)])
def test_the_script_is_brought_to_workers_elsewhere_unless_that_is_disabled(
    moody: Probe, options: tuple[str, ...], brought: bool
) -> None:
    assert run_moody(moody, "SOMEWHERE", "variables", ["HOME"], *options).result == {"HOME": os.environ["HOME"]}
    assert (moody.directory / "deployed").exists() is brought


def test_an_unknown_batch_system_is_a_user_error_that_names_those_there_are(probe: Probe) -> None:
    done = probe.run("variables", [], "--batchSystem", "single_machin")
    assert done.status == 2
    assert "single_machine" in done.err
    assert not probe.store.exists()
