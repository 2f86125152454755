"""Clauses on batch systems: jobs run as they should, and how they ended is told exactly once."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from toil_core.batch_systems.errors import InsufficientSystemResources
from toil_core.batch_systems.exits import BatchJobExitReason, UpdatedBatchJobInfo
from toil_core.testing.batch_fixtures import BatchFixtures
from toil_core.testing.faults import Faults
from toil_core.testing.playing_leader import PlayedLeader, endless

_MANY = 20
_WELL = (None, BatchJobExitReason.FINISHED)
#: Values that get hurt wherever someone builds a command line from them.
_HARD_TO_PASS = {
    "quotes": """it's "quoted" and `ticked`""",
    "newlines": "one\ntwo\n\n",
    "not ASCII": "Grüße, 世界 \N{ROCKET}",
    "for the shell": "$HOME $(id) ${x} \\n \\ & ; | > < * ? ~ #!",
    "separators": "a,b=c:d ' , ' =",
    "spaces": "  two  in front\tand behind  ",
    "nothing": "",
}


class RunningClauses(BatchFixtures):
    """How jobs run and end."""

    # One and many

    def test_a_job_that_succeeds_is_reported_as_finished(self, leader: PlayedLeader) -> None:
        path = leader.directory / "ran"
        number = leader.issue(f"echo ran >> {shlex.quote(str(path))}")
        news = leader.end_of(number)
        assert news.exitStatus == 0
        assert news.exitReason in _WELL
        assert news.wallTime is None or news.wallTime >= 0
        assert path.read_text() == "ran\n"

    def test_each_of_many_jobs_runs_once_and_is_reported_once(self, leader: PlayedLeader) -> None:
        path = leader.directory / "ran"
        numbers = [leader.issue(f"echo {index} >> {shlex.quote(str(path))}") for index in range(_MANY)]
        assert len(set(numbers)) == _MANY
        leader.until(lambda: len(leader.news) >= _MANY, f"the end of {_MANY} jobs")
        leader.listen(1.0)
        assert sorted(leader.ended()) == sorted(numbers)
        assert [news for news in leader.news if news.exitStatus] == []
        assert sorted(int(line) for line in path.read_text().splitlines()) == list(range(_MANY))

    def test_a_job_that_fails_takes_no_other_with_it(self, leader: PlayedLeader) -> None:
        statuses = {leader.issue(f"exit {status}"): status for status in (0, 1, 0, 2, 0)}
        leader.until(lambda: len(leader.news) >= len(statuses), "the end of all jobs")
        assert {news.jobID: news.exitStatus for news in leader.news} == statuses

    # Exit statuses and reasons

    @pytest.mark.parametrize("status", [1, 3, 42, 127])
    def test_the_exit_status_is_told(self, leader: PlayedLeader, status: int) -> None:
        news = leader.end_of(leader.issue(f"exit {status}"))
        assert news.exitStatus == status
        assert news.exitReason in (None, BatchJobExitReason.FAILED)

    def test_a_job_that_a_signal_ends_has_failed(self, leader: PlayedLeader) -> None:
        news = leader.end_of(leader.issue("kill -KILL $$"))
        assert news.exitStatus != 0
        assert news.exitReason is not BatchJobExitReason.FINISHED

    def test_a_job_that_wants_too_much_memory_is_told_from_others(
        self, leader: PlayedLeader, faults: Faults | None
    ) -> None:
        self.needs(leader, "tells_memory")
        if leader.batch_system.capabilities.asks_a_scheduler:
            news = self._ended_by(leader, self.fault(leader, faults, "end_for_memory"), "end_for_memory")
        else:
            hog = f"{shlex.quote(sys.executable)} -c 'b\"x\" * (300 << 20); exit(1)'"
            news = leader.end_of(leader.issue(hog))
        assert news.exitStatus != 0
        assert news.exitReason is BatchJobExitReason.MEMLIMIT
        assert leader.end_of(leader.issue("exit 1")).exitReason is not BatchJobExitReason.MEMLIMIT

    def test_a_job_whose_time_is_up_is_told_from_others(self, leader: PlayedLeader, faults: Faults | None) -> None:
        self.needs(leader, "tells_time")
        if leader.batch_system.capabilities.asks_a_scheduler:
            news = self._ended_by(leader, self.fault(leader, faults, "end_for_time"), "end_for_time")
        else:
            news = leader.end_of(leader.issue(endless(leader.directory / "beat"), wall_time=1))
        assert news.exitStatus != 0
        assert news.exitReason is BatchJobExitReason.TIMELIMIT

    def test_a_job_whose_machine_fails_is_told_from_others(self, leader: PlayedLeader, faults: Faults | None) -> None:
        self.needs(leader, "tells_lost")
        news = self._ended_by(leader, self.fault(leader, faults, "lose_node"), "lose_node")
        assert news.exitStatus != 0
        assert news.exitReason is BatchJobExitReason.LOST

    def _ended_by(self, leader: PlayedLeader, faults: Faults, fault: str) -> UpdatedBatchJobInfo:
        number, path = leader.issue_endless()
        leader.until_written(path)
        leader.until_running(number)
        getattr(faults, fault)()
        return leader.end_of(number)

    # What jobs find

    @pytest.mark.parametrize("what", _HARD_TO_PASS)
    def test_an_environment_variable_is_passed_exactly(self, leader: PlayedLeader, what: str) -> None:
        value = _HARD_TO_PASS[what]
        number, path = self._issue_that_shows(leader, "TOIL_CONTRACT", {"TOIL_CONTRACT": value})
        assert leader.end_of(number).exitStatus == 0
        assert _shown(path) == value

    def test_a_variable_that_is_set_for_all_reaches_jobs_issued_from_then_on(self, leader: PlayedLeader) -> None:
        leader.batch_system.setEnv("TOIL_CONTRACT", "for all")
        number, path = self._issue_that_shows(leader, "TOIL_CONTRACT")
        leader.end_of(number)
        assert _shown(path) == "for all"

    def test_a_variable_of_a_job_goes_before_that_of_all(self, leader: PlayedLeader) -> None:
        leader.batch_system.setEnv("TOIL_CONTRACT", "for all")
        number, path = self._issue_that_shows(leader, "TOIL_CONTRACT", {"TOIL_CONTRACT": "own"})
        leader.end_of(number)
        assert _shown(path) == "own"

    def test_a_variable_without_a_value_has_that_of_this_process(
        self, leader: PlayedLeader, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TOIL_CONTRACT_HERE", "from 'here'")
        leader.batch_system.setEnv("TOIL_CONTRACT_HERE")
        number, path = self._issue_that_shows(leader, "TOIL_CONTRACT_HERE")
        leader.end_of(number)
        assert _shown(path) == "from 'here'"
        with pytest.raises(RuntimeError, match="TOIL_CONTRACT_NOWHERE"):
            leader.batch_system.setEnv("TOIL_CONTRACT_NOWHERE")

    def test_a_command_is_run_exactly(self, leader: PlayedLeader) -> None:
        path = leader.directory / "said"
        text = 'it\'s "here"\n  $HOME `pwd` \\ 世界'
        number = leader.issue(f"printf %s {shlex.quote(text)} > {shlex.quote(str(path))} &&\ntrue\n")
        assert leader.end_of(number).exitStatus == 0
        assert path.read_text(encoding="utf-8") == text

    def test_a_job_may_print_a_lot(self, leader: PlayedLeader) -> None:
        lines = f"{shlex.quote(sys.executable)} -c 'print(\"x\" * 99 * 10_000)'"
        assert leader.end_of(leader.issue(f"{lines}; {lines} >&2")).exitStatus == 0

    @staticmethod
    def _issue_that_shows(
        leader: PlayedLeader, name: str, environment: dict[str, str] | None = None
    ) -> tuple[int, Path]:
        """Issue a job that writes a variable's value into a file, and return its number and the file."""
        path = leader.directory / "shown"
        value = f"list(os.environb.get({name.encode()!r}, b'(not set)'))"
        code = f"import json, os; json.dump({value}, open({str(path)!r}, 'w'))"
        return leader.issue(f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}", environment), path

    # What cannot run

    def test_a_job_that_no_machine_can_run_is_refused(self, leader: PlayedLeader) -> None:
        largest = leader.batch_system.largest_allocation()
        if largest is None:
            pytest.skip("it does not know how much a job can be given ('largest_allocation' returns None)")
        try:
            number = leader.issue("true", cores=int(largest.cores) * 2 + 1000)
        except InsufficientSystemResources as error:
            told = error.resource
        else:
            news = leader.end_of(number)
            assert (news.exitReason, news.exitStatus != 0) == (BatchJobExitReason.ERROR, True)
            told = news.detail
        assert told, "it is not told what there is not enough of"
        assert leader.batch_system.getIssuedBatchJobIDs() == []
        assert leader.end_of(leader.issue("true")).exitStatus == 0


def _shown(path: Path) -> str:
    return bytes(json.loads(path.read_text())).decode("utf-8")
