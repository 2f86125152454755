"""Clauses of the contract notice a batch system that is broken in just that clause."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contracts import broken_batch_systems as broken
from tests.contracts.conftest import Sample
from toil_cli.scaffold.templates.batch_systems.tests.cluster import Cluster
from toil_core.batch_systems.abstract import AbstractBatchSystem
from toil_core.batch_systems.single_machine import SingleMachineBatchSystem
from toil_core.options.config import Config
from toil_core.testing import BatchSystemContract, Faults
from toil_core.testing.playing_leader import PlayedLeader

CONTRACT = BatchSystemContract()
PATIENCE = 6.0
Clause = Callable[..., None]
BIN = Path(__file__).parents[2] / "toil_cli" / "scaffold" / "templates" / "batch_systems" / "tests" / "bin"


def _variable(what: str) -> Clause:
    return lambda leader: CONTRACT.test_an_environment_variable_is_passed_exactly(leader, what)


CLAUSES: list[tuple[type[AbstractBatchSystem], Clause]] = [
    (broken.CallsSuccessFailure, CONTRACT.test_a_job_that_succeeds_is_reported_as_finished),
    (broken.RunsTwice, CONTRACT.test_a_job_that_succeeds_is_reported_as_finished),
    (broken.LosesNews, CONTRACT.test_each_of_many_jobs_runs_once_and_is_reported_once),
    (broken.TellsTwice, CONTRACT.test_each_of_many_jobs_runs_once_and_is_reported_once),
    (broken.RunsTwice, CONTRACT.test_each_of_many_jobs_runs_once_and_is_reported_once),
    (broken.SpreadsFailure, CONTRACT.test_a_job_that_fails_takes_no_other_with_it),
    (broken.KnowsOnlyOne, lambda leader: CONTRACT.test_the_exit_status_is_told(leader, 42)),
    (broken.IgnoresSignals, CONTRACT.test_a_job_that_a_signal_ends_has_failed),
    (
        broken.GivesNoReasons,
        lambda leader: CONTRACT.test_a_job_that_wants_too_much_memory_is_told_from_others(leader, None),
    ),
    (
        broken.BlamesMemory,
        lambda leader: CONTRACT.test_a_job_that_wants_too_much_memory_is_told_from_others(leader, None),
    ),
    (broken.BlamesMemory, lambda leader: CONTRACT.test_the_exit_status_is_told(leader, 3)),
    (broken.GivesNoReasons, lambda leader: CONTRACT.test_a_job_whose_time_is_up_is_told_from_others(leader, None)),
    *(
        (broken.MendsVariables, _variable(what))
        for what in ("quotes", "newlines", "not ASCII", "for the shell", "separators", "spaces")
    ),
    (broken.DropsEmptyVariables, _variable("nothing")),
    (broken.SetsNothing, CONTRACT.test_a_variable_that_is_set_for_all_reaches_jobs_issued_from_then_on),
    (broken.PrefersVariablesOfAll, CONTRACT.test_a_variable_of_a_job_goes_before_that_of_all),
    (broken.UnquotesCommands, CONTRACT.test_a_command_is_run_exactly),
    (broken.LimitsOutput, CONTRACT.test_a_job_may_print_a_lot),
    (broken.AdmitsAnything, CONTRACT.test_a_job_that_no_machine_can_run_is_refused),
    (broken.ListsNothing, CONTRACT.test_a_job_that_runs_is_listed_as_issued_and_running),
    (broken.StopsTheClock, CONTRACT.test_a_job_that_runs_is_listed_as_issued_and_running),
    (broken.ListsForever, CONTRACT.test_a_job_that_has_ended_is_listed_no_more),
    (broken.StartsInSilence, CONTRACT.test_a_start_is_announced_once),
    (broken.StartsTwice, CONTRACT.test_a_start_is_announced_once),
    (broken.StartsAnotherJob, CONTRACT.test_a_start_is_announced_once),
    (broken.InventsNews, CONTRACT.test_waiting_ends_when_the_time_is_up),
    (broken.SaysEmptySentences, CONTRACT.test_what_holds_jobs_up_is_a_sentence_or_nothing),
    (broken.KillsNothing, CONTRACT.test_a_job_that_is_killed_ends_and_is_not_heard_of),
    (broken.KillsInName, CONTRACT.test_a_job_that_is_killed_ends_and_is_not_heard_of),
    (broken.TellsOfTheDead, CONTRACT.test_a_job_that_is_killed_ends_and_is_not_heard_of),
    (broken.KillsInName, CONTRACT.test_a_job_that_is_killed_at_once_is_not_heard_of),
    (broken.MissesTheDead, CONTRACT.test_killing_what_has_ended_or_never_was_does_nothing),
    (broken.LeavesJobs, CONTRACT.test_shutting_down_ends_all_jobs),
]


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BatchSystemContract, "patience", PATIENCE)


def _leader(kind: type[AbstractBatchSystem], directory: Path, **settings: Any) -> PlayedLeader:
    config = Config()
    config.workflowID = f"broken-{os.getpid()}-{directory.name[-8:]}"
    config.workDir = str(directory)
    for name, value in settings.items():
        setattr(config, name, value)
    return PlayedLeader(kind(config), directory, PATIENCE)


@pytest.mark.parametrize(
    ("kind", "clause"), CLAUSES, ids=[f"{kind.__name__}-{number}" for number, (kind, _) in enumerate(CLAUSES)]
)
def test_a_broken_clause_is_noticed(kind: type[SingleMachineBatchSystem], clause: Clause, tmp_path: Path) -> None:
    leader = _leader(kind, tmp_path)
    try:
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            clause(leader)
    finally:
        SingleMachineBatchSystem.shutdown(leader.batch_system)  # type: ignore[arg-type]


def test_a_value_that_nobody_set_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leader = _leader(broken.InventsValues, tmp_path)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        CONTRACT.test_a_variable_without_a_value_has_that_of_this_process(leader, monkeypatch)
    leader.shut_down()


# With a scheduler


class _Told(Faults):
    """Tells the sample's scheduler to fail.

    :param cluster: its queue.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    def down(self) -> None:
        (self.cluster.home / "down").touch()

    def up(self) -> None:
        (self.cluster.home / "down").unlink()

    def flap(self) -> None:
        (self.cluster.home / "flap").write_text("20")  # so many that one is heard, however busy the machine

    def forget(self) -> None:
        self.cluster.forget()

    def end_for_memory(self) -> None:
        self.cluster.end_all("MEMORY")

    def end_for_time(self) -> None:
        self.cluster.end_all("TIME")

    def lose_node(self) -> None:
        self.cluster.end_all("NODE")

    def fill(self) -> None:
        (self.cluster.home / "full").touch()

    def make_room(self) -> None:
        (self.cluster.home / "full").unlink()

    def refuse(self) -> str:
        (self.cluster.home / "refuse").touch()
        return "no such project: apollo"

    def calls(self) -> int:
        return (self.cluster.home / "calls").stat().st_size


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """The sample's scheduler, with its commands on the path."""
    home = tmp_path / "cluster"
    monkeypatch.setenv("CLUSTER_HOME", str(home))
    commands = tmp_path / "bin"
    commands.mkdir()
    for template in BIN.iterdir():
        script = template.read_text().replace('$(dirname "$0")/..', str(BIN.parent))
        path = commands / template.name.replace("NAME", "sample-batch-system")
        path.write_text(script)
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(commands), prepend=":")
    cluster = Cluster(home)
    yield cluster
    cluster.forget()


FAULTS: list[tuple[type, Clause]] = [
    (broken.TakesSilenceForRefusal, CONTRACT.test_a_scheduler_that_is_down_for_a_while_loses_nothing),
    (broken.CancelsOnce, CONTRACT.test_a_job_that_is_killed_while_the_scheduler_is_down_ends_later),
    (broken.TrustsEveryAnswer, CONTRACT.test_a_status_that_flaps_ends_no_job),
    (broken.HopesForever, CONTRACT.test_a_job_that_the_scheduler_forgets_is_reported_as_missing),
    (broken.KnowsNoFullQueue, CONTRACT.test_a_full_queue_makes_jobs_wait),
    (broken.SaysNoMore, CONTRACT.test_a_submission_that_is_refused_fails_with_the_schedulers_words),
    (broken.AsksAboutEach, CONTRACT.test_the_scheduler_is_not_asked_about_each_job_alone),
    (broken.SaysNoMore, CONTRACT.test_a_job_that_wants_too_much_memory_is_told_from_others),
    (broken.SaysNoMore, CONTRACT.test_a_job_whose_time_is_up_is_told_from_others),
    (broken.SaysNoMore, CONTRACT.test_a_job_whose_machine_fails_is_told_from_others),
]


def _broken(mixin: type, sample: Sample) -> type[AbstractBatchSystem]:
    """Return the sample's batch system with its system, or its dialect, broken."""
    module = sample("batch-system", "scheduler")
    system, dialect = module.SampleBatchSystemBatchSystem, module.SampleBatchSystemDialect
    if mixin.__name__ in ("CancelsOnce", "SaysNoMore"):
        return type("Broken", (mixin, system), {})
    return type("Broken", (system,), {"dialect_type": type("BrokenDialect", (mixin, dialect), {})})


@pytest.mark.parametrize(
    ("mixin", "clause"), FAULTS, ids=[f"{mixin.__name__}-{number}" for number, (mixin, _) in enumerate(FAULTS)]
)
def test_a_broken_answer_to_a_fault_is_noticed(
    mixin: type, clause: Clause, tmp_path: Path, sample: Sample, cluster: Cluster
) -> None:
    leader = _leader(_broken(mixin, sample), tmp_path, sampleBatchSystemArgs="", statePollingWait=0.3)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        clause(leader, _Told(cluster))
    cluster.forget()


FORGETFUL = """
from dataclasses import replace
from toil_plugin_sample_batch_system.scheduler import SampleBatchSystemBatchSystem

class Forgetful(SampleBatchSystemBatchSystem):
    def set_notebook(self, notebook):
        return

class Unaware(Forgetful):
    capabilities = replace(SampleBatchSystemBatchSystem.capabilities, outlives_leader=False)
"""


@pytest.mark.parametrize("name", ["Forgetful", "Unaware"])
def test_jobs_that_outlive_the_leader_unseen_are_noticed(
    name: str, tmp_path: Path, sample: Sample, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "forgetful_for_test.py").write_text(FORGETFUL)
    monkeypatch.syspath_prepend(str(tmp_path))
    kind = getattr(importlib.import_module("forgetful_for_test"), name)
    leader = _leader(kind, tmp_path, sampleBatchSystemArgs="", statePollingWait=0.3)
    with pytest.raises(AssertionError, match=r"twice at the same time|not found again"):
        CONTRACT.test_a_job_of_a_killed_leader_does_not_run_beside_that_of_the_next(leader, leader.batch_system.config)


def test_what_is_declared_is_not_skipped_for_want_of_faults(tmp_path: Path, sample: Sample, cluster: Cluster) -> None:
    module = sample("batch-system", "scheduler")
    leader = _leader(module.SampleBatchSystemBatchSystem, tmp_path, sampleBatchSystemArgs="")
    with pytest.raises(pytest.fail.Exception, match="override the fixture 'faults'"):
        CONTRACT.test_a_full_queue_makes_jobs_wait(leader, None)
    leader.shut_down()


def test_what_is_not_declared_is_skipped_with_that_reason(tmp_path: Path) -> None:
    leader = _leader(SingleMachineBatchSystem, tmp_path)
    with pytest.raises(pytest.skip.Exception, match="asks no scheduler that could fail"):
        CONTRACT.test_a_full_queue_makes_jobs_wait(leader, None)
    leader.shut_down()
