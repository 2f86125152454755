"""Clauses on batch systems: what is told of jobs while they wait and run, how they are killed, and how it all ends."""

from __future__ import annotations

import shlex
import sys

from toil_core.options.config import Config
from toil_core.testing.batch_fixtures import BatchFixtures
from toil_core.testing.doomed_leader import DOOMED_JOB, doomed_leader
from toil_core.testing.playing_leader import (
    LONGEST,
    PlayedLeader,
    described,
    endless,
    until_still,
    until_written,
)


class LookingClauses(BatchFixtures):
    """What can be seen of jobs, and how they are ended."""

    # Lists

    def test_a_job_that_runs_is_listed_as_issued_and_running(self, leader: PlayedLeader) -> None:
        number, path = leader.issue_endless()
        assert number in leader.batch_system.getIssuedBatchJobIDs()
        leader.until_written(path)
        leader.until_running(number)
        assert leader.batch_system.getIssuedBatchJobIDs() == [number]
        before = leader.batch_system.getRunningBatchJobIDs()[number]
        assert before >= 0
        leader.until(lambda: leader.batch_system.getRunningBatchJobIDs().get(number, 0.0) > before, "the seconds go on")

    def test_a_job_that_has_ended_is_listed_no_more(self, leader: PlayedLeader) -> None:
        number = leader.issue("true")
        leader.end_of(number)
        assert leader.batch_system.getIssuedBatchJobIDs() == []
        assert leader.batch_system.getRunningBatchJobIDs() == {}

    def test_a_start_is_announced_once(self, leader: PlayedLeader) -> None:
        self.needs(leader, "announces_starts")
        description = leader.describe(endless(leader.directory / "beat"))
        number = leader.batch_system.issueBatchJob(description)
        leader.until(lambda: leader.starts, "the job's start is announced")
        leader.listen(1.0)
        assert [(start.job_id, start.batch_id) for start in leader.starts] == [(str(description.jobStoreID), number)]
        assert all(start.time > 0 for start in leader.starts)

    # Waiting

    def test_waiting_ends_when_the_time_is_up(self, leader: PlayedLeader) -> None:
        assert leader.batch_system.getUpdatedBatchJob(0) is None
        number, path = leader.issue_endless()
        for seconds in (0, 0.2):
            assert leader.batch_system.getUpdatedBatchJob(seconds) is None
        leader.until_written(path)
        assert leader.batch_system.getUpdatedBatchJob(0.2) is None
        assert leader.batch_system.getIssuedBatchJobIDs() == [number]

    def test_what_holds_jobs_up_is_a_sentence_or_nothing(self, leader: PlayedLeader) -> None:
        leader.issue_endless()
        leader.listen(0.5)
        message = leader.batch_system.getSchedulingStatusMessage()
        assert message is None or (message == message.strip() and message)

    # Killing

    def test_a_job_that_is_killed_ends_and_is_not_heard_of(self, leader: PlayedLeader) -> None:
        number, path = leader.issue_endless()
        other = leader.issue("sleep 2")
        leader.until_written(path)
        leader.batch_system.killBatchJobs([number])
        assert number not in leader.batch_system.getIssuedBatchJobIDs()
        assert number not in leader.batch_system.getRunningBatchJobIDs()
        leader.until_still(path)
        assert leader.end_of(other).exitStatus == 0
        assert leader.ended() == [other]

    def test_a_job_that_is_killed_at_once_is_not_heard_of(self, leader: PlayedLeader) -> None:
        number, path = leader.issue_endless()
        leader.batch_system.killBatchJobs([number])
        assert leader.batch_system.getIssuedBatchJobIDs() == []
        leader.until_still(path)
        assert leader.ended() == []

    def test_killing_what_has_ended_or_never_was_does_nothing(self, leader: PlayedLeader) -> None:
        number = leader.issue("true")
        leader.end_of(number)
        leader.batch_system.killBatchJobs([number, 4_000_000_000])
        leader.batch_system.killBatchJobs([])
        assert leader.end_of(leader.issue("true")).exitStatus == 0

    # The end

    def test_shutting_down_ends_all_jobs(self, leader: PlayedLeader) -> None:
        _, path = leader.issue_endless()
        leader.until_written(path)
        leader.shut_down()
        until_still(path, self.patience)
        assert path.stat().st_size > 0

    # Another leader

    def test_a_job_of_a_killed_leader_does_not_run_beside_that_of_the_next(
        self, leader: PlayedLeader, config: Config
    ) -> None:
        kind = type(leader.batch_system)
        leader.shut_down()
        beat, overlaps, starts, alone = (leader.directory / name for name in ("beat", "overlaps", "starts", "alone"))
        command = f"{shlex.quote(sys.executable)} -c {shlex.quote(_NEVER_TWICE)} {shlex.quote(str(leader.directory))}"
        with doomed_leader(kind, config, command, leader.directory):
            until_written(beat, self.patience)
        config.workflowAttemptNumber += 1
        config.restart = True
        next_one = PlayedLeader(kind(config), leader.directory, self.patience)
        try:
            number = next_one.batch_system.issueBatchJob(described(next_one.batch_system, command, DOOMED_JOB))
            if not next_one.batch_system.capabilities.outlives_leader:
                next_one.until(lambda: overlaps.exists() or alone.stat().st_size > 1, "the job is started again")
            next_one.listen(1.0)
            (leader.directory / "done").write_text("")
            assert next_one.end_of(number).exitStatus == 0
        finally:
            next_one.shut_down()
        assert not overlaps.exists(), "the job ran twice at the same time"
        if kind.capabilities.outlives_leader:
            assert starts.read_text() == "started\n", "the job that went on was not found again"


#: Runs until there is a file `done`; complains if another one is still running after some time.
_NEVER_TWICE = f"""
import fcntl, os, sys, time
os.chdir(sys.argv[1])
with open("starts", "a") as stream:
    stream.write("started\\n")
begun = time.monotonic()
with open("lock", "w") as lock:
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() - begun > 3:
                open("overlaps", "w").close()
                break
            time.sleep(0.05)
    with open("alone", "a") as stream:
        stream.write("x")
    while not os.path.exists("done") and time.monotonic() - begun < {LONGEST}:
        with open("beat", "a") as stream:
            stream.write("x")
        time.sleep(0.1)
"""
