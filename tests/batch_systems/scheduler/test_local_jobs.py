"""Local jobs beside a scheduler: they never wait in its queue, and news of both kinds of jobs is heard at once."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.batch_systems.scheduler.conftest import ToyWorkflow
from tests.batch_systems.support import PATIENCE, kill
from toil_core.batch_systems.abstract import AbstractBatchSystem
from toil_core.batch_systems.exits import BatchJobExitReason, UpdatedBatchJobInfo
from toil_core.batch_systems.local_jobs import FIRST_LOCAL_ID, WithLocalJobs, with_local_jobs
from toil_core.jobs.description import JobDescription
from toil_core.options.config import Config

#: Jobs note where they run: beside the leader, or in a task of the scheduler.
WHERE = """
def where(name):
    note(f"{name} {'elsewhere' if 'TOY_INDEX' in os.environ else 'here'} {os.getpid()}")
    return os.getpid()

def until(path):
    deadline = time.monotonic() + 60
    while not os.path.exists(path):
        assert time.monotonic() < deadline, path
        time.sleep(0.01)
"""


def places(toy: ToyWorkflow) -> Counter[str]:
    return Counter(" ".join(line.split()[:2]) for line in toy.noted())


ARRANGED = (
    WHERE
    + """
def arrange(job):
    where("arrange")
    numbers = [job.addChildFn(work, number, cores=2).rv() for number in range(3)]
    return job.addFollowOnFn(gather, numbers, local=True).rv()

def work(number):
    where("work")
    return number

def gather(numbers):
    where("gather")
    return sum(numbers)

def root():
    return Job.wrapJobFn(arrange, local=True)
"""
)


def test_local_jobs_run_beside_the_leader_and_others_on_the_scheduler(toy: ToyWorkflow) -> None:
    toy.write(ARRANGED)
    done = toy.run()
    assert "result: 3" in done.stdout, done.stderr
    assert places(toy) == {"arrange here": 1, "work elsewhere": 3, "gather here": 1}
    assert toy.calls()["submit"] == 1


@pytest.mark.parametrize("option", ["--runCwlInternalJobsOnWorkers", "--maxLocalJobs=0"])
def test_local_jobs_go_where_the_others_go_when_they_are_told_to(option: str, toy: ToyWorkflow) -> None:
    toy.write(ARRANGED)
    done = toy.run(option)
    assert "result: 3" in done.stdout, done.stderr
    assert places(toy) == {"arrange elsewhere": 1, "work elsewhere": 3, "gather elsewhere": 1}


def test_no_more_local_jobs_run_at_a_time_than_allowed(toy: ToyWorkflow) -> None:
    body = """
def one(number):
    note("+")
    time.sleep(0.05)
    note("-")

def fan(job):
    for number in range(12):
        job.addChildFn(one, number, local=True, cores=0.1, memory="1P")

def root():
    return Job.wrapJobFn(fan, local=True)
"""
    toy.write(body)
    done = toy.run("--maxLocalJobs", "2", "--bundleSeconds", "0")
    assert done.returncode == 0, done.stderr
    running = most = 0
    for sign in toy.noted():
        running += 1 if sign == "+" else -1
        most = max(most, running)
    assert most == 2
    assert toy.calls()["submit"] == 0


def test_each_goes_on_while_the_other_kind_runs(toy: ToyWorkflow) -> None:
    body = (
        WHERE
        + """
def root():
    top = Job.wrapFn(where, "top", local=True)
    top.addChildFn(wait, "steps", "served")
    job = top
    for number in range(3):
        job = job.addChildFn(where, f"step{number}", local=True)
    job.addChildFn(finish, "steps", "served", local=True)
    return top

def wait(first, then):
    here = os.path.dirname(os.environ["NOTES"])
    until(f"{here}/{first}")
    open(f"{here}/{then}", "w").close()

def finish(first, then):
    here = os.path.dirname(os.environ["NOTES"])
    open(f"{here}/{first}", "w").close()
    until(f"{here}/{then}")
"""
    )
    toy.write(body)
    done = toy.run()
    assert done.returncode == 0, done.stderr
    assert places(toy) == {"top here": 1, "step0 here": 1, "step1 here": 1, "step2 here": 1}


def test_a_worker_goes_on_with_a_local_job_but_a_local_one_not_with_others(toy: ToyWorkflow) -> None:
    body = (
        WHERE
        + """
def root():
    top = Job.wrapFn(where, "top", local=True)
    light = top.addChildFn(where, "light", local=True)
    heavy = light.addChildFn(where, "heavy", cores=2, memory="500M")
    heavy.addChildFn(where, "gather", local=True, cores=1, memory="1M")
    return top
"""
    )
    toy.write(body)
    done = toy.run("--defaultMemory", "100M")
    assert done.returncode == 0, done.stderr
    found = {line.split()[0]: line.split()[1:] for line in toy.noted()}
    assert found["top"] == found["light"] and found["top"][0] == "here"
    assert found["heavy"] == found["gather"] and found["heavy"][0] == "elsewhere"


def test_a_local_job_that_is_killed_is_tried_again_and_one_that_fails_is_told(toy: ToyWorkflow) -> None:
    body = """
def killed():
    note("killed")
    if open(os.environ["NOTES"]).read().count("killed") < 2:
        os.kill(os.getpid(), 9)

def fails():
    raise RuntimeError("no luck")

def root():
    top = Job.wrapFn(killed, local=True)
    top.addChildFn(fails, local=True)
    return top
"""
    toy.write(body)
    done = toy.run("--retryCount", "1")
    assert done.returncode == 1
    assert toy.noted() == ["killed", "killed"]
    assert "RuntimeError: no luck" in done.stderr
    assert toy.calls()["submit"] == 0


def test_after_a_restart_local_jobs_that_are_done_stay_done(toy: ToyWorkflow) -> None:
    body = (
        WHERE
        + """
def root():
    top = Job.wrapFn(where, "top", local=True)
    top.addFollowOnFn(fragile, local=True).addFollowOnFn(where, "work")
    return top

def fragile():
    if not os.path.exists(os.environ["NOTES"] + ".mended"):
        raise RuntimeError("not yet")
"""
    )
    toy.write(body)
    assert toy.run("--retryCount", "0").returncode == 1
    toy.notes.with_name(toy.notes.name + ".mended").touch()
    done = toy.run("--restart")
    assert done.returncode == 0, done.stderr
    assert places(toy) == {"top here": 1, "work elsewhere": 1}


def test_local_jobs_have_the_variables_that_the_user_sets_for_workers(toy: ToyWorkflow) -> None:
    body = """
def tell():
    return os.environ["MOON"]

def root():
    return Job.wrapFn(tell, local=True)
"""
    toy.write(body)
    done = toy.run("--setEnv", "MOON=full")
    assert "result: full" in done.stdout, done.stderr


class Elsewhere(AbstractBatchSystem):
    """A batch system that has news when the test says so."""

    def __init__(self, config: Config, *, tells: bool) -> None:
        super().__init__(config)
        self.reader, self.writer = os.pipe()
        self.tells = tells
        self.issued: list[int] = []
        self.killed: list[int] = []
        self.ended: list[int] = []
        self.calls = 0

    def issueBatchJob(self, jobDesc: JobDescription, job_environment: dict[str, str] | None = None) -> int:
        self.issued.append(len(self.issued))
        return self.issued[-1]

    def killBatchJobs(self, jobIDs: Any) -> None:
        self.killed += jobIDs

    def getIssuedBatchJobIDs(self) -> list[int]:
        return [one for one in self.issued if one not in self.killed]

    def getRunningBatchJobIDs(self) -> dict[int, float]:
        return dict.fromkeys(self.getIssuedBatchJobIDs(), 1.0)

    def getUpdatedBatchJob(self, maxWait: float) -> UpdatedBatchJobInfo | None:
        self.calls += 1
        if not self.ended:
            return None
        if self.tells:
            os.read(self.reader, 1)
        return UpdatedBatchJobInfo(self.ended.pop(), 0, BatchJobExitReason.FINISHED)

    def news_files(self) -> list[int] | None:
        return [self.reader] if self.tells else None

    def end(self, number: int) -> None:
        self.ended.append(number)
        os.write(self.writer, b"!")

    def shutdown(self) -> None:
        os.close(self.reader)
        os.close(self.writer)


class Both:
    """Both kinds of jobs, as commands of the shell."""

    def __init__(self, tmp_path: Path, *, tells: bool) -> None:
        self.config = Config()
        self.config.workflowID, self.config.workDir = "workflow", str(tmp_path)
        self.elsewhere = Elsewhere(self.config, tells=tells)
        self.system = with_local_jobs(self.elsewhere)

    def issue(self, command: str, *, local: bool = True) -> int:
        description = JobDescription({"cores": 1, "memory": 1, "disk": 1}, "job", command=command)
        description.jobStoreID, description.housekeeping = "segment-0", local
        description.assignConfig(self.config)
        return self.system.issueBatchJob(description)


@pytest.fixture(params=[True, False], ids=["tells of news", "has to be asked"])
def both(tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    made = Both(tmp_path, tells=request.param)
    yield made
    made.system.shutdown()


def test_ids_of_both_kinds_are_never_the_same(both: Both) -> None:
    numbers = [both.issue("sleep 60"), both.issue("", local=False), both.issue("sleep 60"), both.issue("", local=False)]
    assert len(set(numbers)) == 4
    assert [number > FIRST_LOCAL_ID for number in numbers] == [True, False, True, False]
    assert set(both.system.getIssuedBatchJobIDs()) == set(numbers)
    assert set(both.system.getRunningBatchJobIDs()) >= {numbers[0], numbers[1]}


def test_news_from_elsewhere_wakes_who_waits_while_local_jobs_run(both: Both) -> None:
    both.issue("sleep 60")
    number = both.issue("", local=False)
    assert both.system.getUpdatedBatchJob(0.05) is None
    timer = threading.Timer(0.1, both.elsewhere.end, [number])
    timer.start()
    news = both.system.getUpdatedBatchJob(PATIENCE)
    assert news is not None and news.jobID == number
    timer.join()


def test_news_of_local_jobs_wakes_who_waits_while_others_run(both: Both) -> None:
    both.issue("", local=False)
    number = both.issue("sleep 0.1")
    news = both.system.getUpdatedBatchJob(PATIENCE)
    assert news is not None and (news.jobID, news.exitStatus) == (number, 0)
    assert both.system.getUpdatedBatchJob(0) is None


def test_waiting_for_both_is_not_asking_again_and_again(tmp_path: Path) -> None:
    both = Both(tmp_path, tells=True)
    both.issue("sleep 0.5")
    both.issue("", local=False)
    started = time.monotonic()
    assert both.system.getUpdatedBatchJob(PATIENCE) is not None
    # The zygote has a few things to say while it gets ready.
    assert both.elsewhere.calls < 20 and time.monotonic() - started >= 0.5
    both.system.shutdown()


def test_jobs_are_killed_wherever_they_are(both: Both) -> None:
    local, other, spared = both.issue("sleep 60"), both.issue("", local=False), both.issue("sleep 60")
    both.system.killBatchJobs([local, other])
    assert both.elsewhere.killed == [other]
    assert both.system.getIssuedBatchJobIDs() == [spared]
    assert both.system.getUpdatedBatchJob(0.05) is None


def test_a_local_part_that_dies_loses_its_jobs_and_is_replaced(both: Both) -> None:
    first = both.issue("sleep 60")
    both.issue("", local=False)
    assert isinstance(both.system, WithLocalJobs) and both.system._local is not None
    client = both.system._local._workers._client
    assert client is not None
    assert both.system.getUpdatedBatchJob(0.2) is None
    kill(client.pid)
    news = both.system.getUpdatedBatchJob(PATIENCE)
    assert news is not None and (news.jobID, news.exitReason) == (first, BatchJobExitReason.LOST)
    again = both.issue("true")
    news = both.system.getUpdatedBatchJob(PATIENCE)
    assert news is not None and (news.jobID, news.exitStatus) == (again, 0)


def test_without_local_jobs_nothing_is_started_beside(both: Both) -> None:
    number = both.issue("", local=False)
    both.elsewhere.end(number)
    assert both.system.getUpdatedBatchJob(PATIENCE) is not None
    assert isinstance(both.system, WithLocalJobs) and both.system._local is None
