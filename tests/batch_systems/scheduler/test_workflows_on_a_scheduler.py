"""Workflows on a scheduler that is driven by commands, whatever happens to it and to the leader."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.batch_systems.scheduler.conftest import ToyWorkflow
from tests.batch_systems.scheduler.workloads import FAN, fan_in_which, fan_with_a_long_job
from tests.batch_systems.support import eventually


def test_a_fan_out_of_short_jobs_becomes_a_few_tasks(toy: ToyWorkflow) -> None:
    toy.write(FAN % 60)
    done = toy.run()
    assert done.returncode == 0, done.stderr
    assert "result: 1770" in done.stdout
    assert Counter(toy.noted()) == Counter(f"short {number}" for number in range(60))
    assert "52 jobs wait for the first of their kind, to be bundled if these are short." in done.stderr
    assert re.search(r"Toy has taken 52 jobs \('short'\) as 3.*, bundled since such jobs are short\.", done.stderr)
    assert toy.calls()["submit"] == 4


def test_nothing_is_bundled_when_bundle_seconds_is_0(toy: ToyWorkflow) -> None:
    toy.write(FAN % 20)
    done = toy.run("--bundleSeconds", "0")
    assert "result: 190" in done.stdout, done.stderr
    assert "Toy has taken 20 jobs ('short') as 2, an array of 20 tasks." in done.stderr


def test_what_a_job_is_expected_to_take_bundles_it_at_once(toy: ToyWorkflow) -> None:
    body = (FAN % 20).replace("job.addChildFn(short, number)", "job.addChildFn(short, number, expected_duration='1s')")
    toy.write(body)
    done = toy.run()
    assert "result: 190" in done.stdout, done.stderr
    assert "Toy has taken 20 jobs ('short') as 2, an array of 7 tasks, bundled" in done.stderr


def test_a_bundle_that_dies_returns_its_unfinished_jobs_one_by_one(toy: ToyWorkflow) -> None:
    happens = """\
    if number == 20 and open(os.environ["NOTES"]).read().count("short 20\\n") < 3:
        os.kill(os.getpid(), 9)
"""
    toy.write(fan_in_which(30, happens))
    done = toy.run("--retryCount", "1")
    assert "result: 435" in done.stdout, done.stderr
    noted = Counter(toy.noted())
    assert noted.pop("short 20") == 3
    assert set(noted.values()) == {1}


def test_jobs_behind_one_that_turns_out_to_be_long_are_given_to_others(toy: ToyWorkflow) -> None:
    toy.write(fan_with_a_long_job(30, 15))
    done = toy.run("--bundleSeconds", "1")
    assert "result: 435" in done.stdout, done.stderr
    assert "others were done" in toy.noted()
    assert Counter(toy.noted())["short 29"] == 1


def test_a_scheduler_that_is_down_for_a_while_loses_nothing(toy: ToyWorkflow) -> None:
    toy.write(FAN % 3)
    toy.set("hold")
    process = toy.start()
    toy.until_called("state")
    toy.set("down")
    toy.set("hold", on=False)
    seen = toy.calls()["state"]
    toy.until_called("state", seen + 3)
    toy.set("down", on=False)
    out, err = process.communicate(timeout=60)
    assert "result: 3" in out, err
    assert err.count("Toy does not tell how 1 job fares; it goes on.") == 1
    assert "Toy answers again." in err
    assert Counter(toy.noted()) == Counter(f"short {number}" for number in range(3))


def test_a_full_queue_is_waited_for(toy: ToyWorkflow) -> None:
    toy.write(FAN % 3)
    toy.set("full")
    process = toy.start()
    toy.until_called("submit", 2)
    toy.set("full", on=False)
    out, err = process.communicate(timeout=60)
    assert "result: 3" in out, err
    assert err.count("Toy has no room for more jobs at the moment") == 1


def test_a_refusal_is_quoted_once_with_the_command_and_not_tried_again(toy: ToyWorkflow) -> None:
    toy.write(FAN % 3)
    toy.set("refuse")
    done = toy.run("--retryCount", "5")
    assert done.returncode == 1
    assert toy.calls()["submit"] == 1
    assert done.stderr.count("toy: there is no such queue") == 1
    assert done.stderr.count("The command was:") == 1


def test_jobs_that_run_already_are_not_lost_when_others_are_refused(toy: ToyWorkflow) -> None:
    toy.write(
        """
def slow():
    while not os.path.exists(os.environ["NOTES"] + ".go"):
        time.sleep(0.05)
    note("slow")

def after():
    note("after")

def root():
    job = Job()
    job.addChildFn(slow)
    job.addChildFn(note, "quick").addChildFn(after)
    return job
"""
    )
    process = toy.start("--disableChaining", "--bundleSeconds", "0")
    eventually(lambda: "quick" in toy.noted(), "the quick job")
    toy.set("refuse")
    toy.until_called("submit", 2)
    (toy.notes.parent / "notes.txt.go").touch()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "slow" in toy.noted(), err
    toy.set("refuse", on=False)
    assert toy.run("--restart").returncode == 0
    assert Counter(toy.noted()) == Counter(["slow", "quick", "after"])


@pytest.mark.parametrize("held", [True, False], ids=["queued", "running"])
def test_a_restarted_leader_finds_what_the_killed_one_has_handed_over(toy: ToyWorkflow, held: bool) -> None:
    happens = """\
    while not os.path.exists(os.environ["NOTES"] + ".go"):
        time.sleep(0.05)
"""
    toy.write(fan_in_which(12, happens))
    process = toy.start("--bundleSeconds", "0")
    if held:
        toy.until_called("state")
        toy.set("hold")
    toy.until_called("submit", 2)
    if not held:
        eventually(lambda: len(toy.noted()) == 12, "all jobs begun")
    process.kill()
    process.communicate()
    restarted = toy.start("--restart", "--bundleSeconds", "0")
    toy.until_called("state", toy.calls()["state"] + 2)
    if held:
        toy.set("hold", on=False)
    (toy.notes.parent / "notes.txt.go").touch()
    out, err = restarted.communicate(timeout=60)
    assert "result: 66" in out, err
    assert "Toy still has 12 tasks of this workflow; they go on." in err
    assert Counter(toy.noted()) == Counter(f"short {number}" for number in range(12))


def test_ctrl_c_leaves_nothing_with_the_scheduler(toy: ToyWorkflow) -> None:
    toy.write(FAN % 3)
    toy.set("hold")
    process = toy.start()
    toy.until_called("state")
    process.send_signal(2)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert (toy.queue / "1.status").read_text() == "137"


def test_a_job_that_the_scheduler_forgets_is_tried_again(toy: ToyWorkflow) -> None:
    toy.write(
        """
def forgetful():
    note("begun")
    if len(open(os.environ["NOTES"]).readlines()) == 1:
        time.sleep(600)

def root():
    return Job.wrapFn(forgetful)
"""
    )
    process = toy.start("--retryCount", "1")
    eventually(lambda: toy.noted(), "the job")
    (toy.queue / "1.forgotten").touch()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "is no longer known to the batch system" in err
    assert toy.noted() == ["begun", "begun"]


def test_absent_commands_are_named_once(toy: ToyWorkflow) -> None:
    toy.write(FAN % 3)
    (toy.queue.parent / "site" / "toil_plugin_toy" / "plugin.py").write_text(
        (toy.queue.parent / "site" / "toil_plugin_toy" / "plugin.py")
        .read_text()
        .replace("ToyBatchSystem", "AbsentBatchSystem")
    )
    done = toy.run()
    assert done.returncode == 2
    assert done.stderr.count("The command 'no-such-command' of Toy was not found on this machine.") == 1
    assert "Traceback" not in done.stderr


def test_state_polling_wait_is_the_time_between_two_questions(toy: ToyWorkflow) -> None:
    toy.write("def root():\n    return Job.wrapFn(note, 'done')")
    done = toy.run("--statePollingWait", "0.1")
    assert done.returncode == 0, done.stderr
    often = toy.calls()["state"]
    toy.write("def root():\n    return Job.wrapFn(time.sleep, 3)")
    assert toy.run("--statePollingWait", "2", "--clean", "always").returncode == 0
    assert 1 <= toy.calls()["state"] - often <= 3


def test_check_env_insists_on_the_leaders_environment(toy: ToyWorkflow) -> None:
    toy.write("def root():\n    return Job.wrapFn(note, 'done')")
    assert toy.run("--checkEnv").returncode == 0
    script = (toy.queue / "1.sh").read_text()
    assert "command -v _toil_worker" not in script


def test_an_answer_that_cannot_be_understood_is_asked_for_again(toy: ToyWorkflow) -> None:
    toy.write(FAN % 3)
    toy.set("hold")
    process = toy.start()
    toy.until_called("state")
    toy.set("babbles")
    toy.set("hold", on=False)
    toy.until_called("state", toy.calls()["state"] + 2)
    toy.set("babbles", on=False)
    out, err = process.communicate(timeout=60)
    assert "result: 3" in out, err
    assert err.count("what it says cannot be understood") == 1
    assert Counter(toy.noted()) == Counter(f"short {number}" for number in range(3))


def test_a_run_that_goes_on_elsewhere_says_that_jobs_are_still_with_the_scheduler(toy: ToyWorkflow) -> None:
    toy.write(FAN % 3)
    toy.set("hold")
    process = toy.start()
    toy.until_called("state")
    process.kill()
    process.communicate()
    done = toy.run("--restart", "--batchSystem", "single_machine")
    toy.set("hold", on=False)
    assert "result: 3" in done.stdout, done.stderr
    assert "may still have jobs of this workflow with toy" in done.stderr
