"""Clauses on batch systems that ask a scheduler: what becomes of jobs when it is down, confused, full, or forgets them.

The scheduler is told to fail through the fixture `faults`.
"""

from __future__ import annotations

import shlex
import threading
from pathlib import Path

from toil_core.batch_systems.exits import BatchJobExitReason
from toil_core.testing.batch_fixtures import BatchFixtures
from toil_core.testing.faults import Faults
from toil_core.testing.playing_leader import LONGEST, PlayedLeader

_MANY = 40
#: Seconds for which a scheduler misbehaves: several polls.
_A_WHILE = 3.0


class FaultClauses(BatchFixtures):
    """What a batch system makes of its scheduler's faults."""

    def test_a_scheduler_that_is_down_for_a_while_loses_nothing(
        self, leader: PlayedLeader, faults: Faults | None
    ) -> None:
        told = self.fault(leader, faults, "down", "up")
        before, go = self._issue_that_waits(leader)
        leader.until_running(before)
        told.down()
        meanwhile = leader.issue("true")
        go.write_text("")
        leader.listen(_A_WHILE)
        assert [news for news in leader.news if news.exitStatus != 0] == []
        told.up()
        assert leader.end_of(before).exitStatus == 0
        assert leader.end_of(meanwhile).exitStatus == 0
        leader.listen(1.0)
        assert sorted(leader.ended()) == sorted([before, meanwhile])

    def test_a_job_that_is_killed_while_the_scheduler_is_down_ends_later(
        self, leader: PlayedLeader, faults: Faults | None
    ) -> None:
        told = self.fault(leader, faults, "down", "up")
        number, path = leader.issue_endless()
        leader.until_written(path)
        leader.until_running(number)
        told.down()
        # A batch system may wait for jobs to be gone.
        comes_up = threading.Timer(_A_WHILE, told.up)
        comes_up.start()
        leader.batch_system.killBatchJobs([number])
        assert leader.batch_system.getIssuedBatchJobIDs() == []
        comes_up.join()
        leader.until_still(path)
        assert leader.ended() == []

    def test_a_status_that_flaps_ends_no_job(self, leader: PlayedLeader, faults: Faults | None) -> None:
        told = self.fault(leader, faults, "flap")
        number, go = self._issue_that_waits(leader)
        leader.until_running(number)
        told.flap()
        before = told.calls() if told.can("calls") else 0
        leader.listen(_A_WHILE)
        if told.can("calls"):
            leader.until(lambda: leader.news or told.calls() > before + 1, "the scheduler has been asked some times")
            leader.listen(0.5)  # What it answered may be news that nobody has heard yet.
        assert leader.news == []
        assert leader.batch_system.getIssuedBatchJobIDs() == [number]
        go.write_text("")
        assert leader.end_of(number).exitStatus == 0
        leader.listen(1.0)
        assert leader.ended() == [number]

    def test_a_job_that_the_scheduler_forgets_is_reported_as_missing(
        self, leader: PlayedLeader, faults: Faults | None
    ) -> None:
        told = self.fault(leader, faults, "forget")
        number, path = leader.issue_endless()
        leader.until_written(path)
        leader.until_running(number)
        told.forget()
        news = leader.end_of(number)
        assert news.exitStatus != 0
        assert news.exitReason in (BatchJobExitReason.MISSING, BatchJobExitReason.LOST)
        assert leader.batch_system.getIssuedBatchJobIDs() == []

    def test_a_full_queue_makes_jobs_wait(self, leader: PlayedLeader, faults: Faults | None) -> None:
        told = self.fault(leader, faults, "fill", "make_room")
        told.fill()
        numbers = [leader.issue("true") for _ in range(3)]
        leader.listen(_A_WHILE)
        assert leader.news == []
        told.make_room()
        for number in numbers:
            assert leader.end_of(number).exitStatus == 0

    def test_a_submission_that_is_refused_fails_with_the_schedulers_words(
        self, leader: PlayedLeader, faults: Faults | None
    ) -> None:
        words = self.fault(leader, faults, "refuse").refuse()
        news = leader.end_of(leader.issue("true"))
        assert news.exitStatus != 0
        assert news.exitReason is BatchJobExitReason.ERROR
        assert words in news.detail

    def test_the_scheduler_is_not_asked_about_each_job_alone(self, leader: PlayedLeader, faults: Faults | None) -> None:
        told = self.fault(leader, faults, "calls")
        go = leader.directory / "go"
        numbers = [self._issue_that_waits(leader)[0] for _ in range(_MANY)]
        leader.until(leader.batch_system.getRunningBatchJobIDs, "a job runs")
        before = told.calls()
        leader.listen(_A_WHILE)
        assert told.calls() - before < _MANY
        # However slow the scheduler is, who asks about each job alone asks so often until the end of all is known.
        before = told.calls()
        go.write_text("")
        leader.until(lambda: len(leader.news) == _MANY, "the end of all jobs")
        assert told.calls() - before < _MANY
        assert sorted(leader.ended()) == sorted(numbers)

    @staticmethod
    def _issue_that_waits(leader: PlayedLeader) -> tuple[int, Path]:
        """Issue a job that ends when there is a file; return its number and the file."""
        go = leader.directory / "go"
        quoted = shlex.quote(str(go))
        waits = f"i=0; until [ -e {quoted} ] || [ $i -ge {LONGEST * 10} ]; do i=$((i + 1)); sleep 0.1; done"
        return leader.issue(waits), go
