"""Which state each job is in, by hand-made stores: what is done is what has a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.inspection.conftest import nothing
from toil_core.inspection.reading import read_workflow
from toil_core.inspection.view import State
from toil_core.jobs.functions import FunctionWrappingJob
from toil_core.jobs.job import Job
from toil_core.jobs.records import FailureReport, Record
from toil_core.jobs.service import Service

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore

Save = Callable[[Job], dict[str, str]]
Commit = Callable[[str], None]


def job(name: str) -> FunctionWrappingJob:
    return FunctionWrappingJob(nothing, unitName=name)


def states(store: AbstractJobStore, ids: dict[str, str]) -> dict[str, str]:
    view = read_workflow(store)
    return {name: view[one].state.value for name, one in ids.items()}


def test_children_and_follow_ons_wait_until_their_parent_and_the_children_are_done(
    store: AbstractJobStore, save: Save, commit: Commit
) -> None:
    top, child, below, late = job("top"), job("child"), job("below"), job("late")
    top.addChild(child)
    child.addChild(below)
    top.addFollowOn(late)
    ids = save(top)
    assert states(store, ids) == {"top": "ready", "child": "waiting", "below": "waiting", "late": "waiting"}
    commit(ids["top"])
    assert states(store, ids) == {"top": "ran", "child": "ready", "below": "waiting", "late": "waiting"}
    commit(ids["child"])
    assert states(store, ids) == {"top": "ran", "child": "ran", "below": "ready", "late": "waiting"}
    commit(ids["below"])
    assert states(store, ids) == {"top": "ran", "child": "done", "below": "done", "late": "ready"}
    assert not read_workflow(store).is_complete
    commit(ids["late"])
    assert set(states(store, ids).values()) == {"done"}
    assert read_workflow(store).is_complete


def test_a_job_with_two_parents_waits_for_both_and_keeps_both_from_being_done(
    store: AbstractJobStore, save: Save, commit: Commit
) -> None:
    top, left, right, shared = job("top"), job("left"), job("right"), job("shared")
    for side in (left, right):
        top.addChild(side)
        side.addChild(shared)
    ids = save(top)
    commit(ids["top"])
    commit(ids["left"])
    assert states(store, ids) == {"top": "ran", "left": "ran", "right": "ready", "shared": "waiting"}
    view = read_workflow(store)
    assert [one.id for one in view.blockers(view[ids["shared"]])] == [ids["right"]]
    commit(ids["right"])
    assert states(store, ids)["shared"] == "ready"
    commit(ids["shared"])
    assert set(states(store, ids).values()) == {"done"}


def test_jobs_with_nothing_to_run_are_passed_through(store: AbstractJobStore, save: Save, commit: Commit) -> None:
    top, holder, child, late = Job(unitName="top"), Job(unitName="holder"), job("child"), job("late")
    top.addChild(holder)
    holder.addChild(child)
    top.addFollowOn(late)
    ids = save(top)
    assert states(store, ids) == {"top": "ran", "holder": "ran", "child": "ready", "late": "waiting"}
    view = read_workflow(store)
    assert [one.id for one in view.blockers(view[ids["late"]])] == [ids["holder"]]
    commit(ids["child"])
    assert states(store, ids) == {"top": "ran", "holder": "done", "child": "done", "late": "ready"}


def test_jobs_that_a_job_added_are_found_and_those_of_attempts_that_never_counted_are_not(
    store: AbstractJobStore, save: Save
) -> None:
    from toil_core.jobs.saving import save_successors

    ids = save(job("top"))
    added = []
    for _ in ("counts", "was cut off"):
        host = Job()
        host.description.jobStoreID = ids["top"]
        host.addChild(job("added"))
        added.append(save_successors(host, store))
    kept = added[0]
    assert store.commit(ids["top"], Record(segment=kept.segment, children=kept.children, host="here"))
    view = read_workflow(store)
    assert [one.description.unitName for one in view] == ["top", "added"]
    assert view[f"{kept.segment}-{kept.children[0]}"].parents == [ids["top"]]


def test_a_job_has_failed_once_all_its_tries_left_reports(store: AbstractJobStore, save: Save) -> None:
    ids = save(job("top"))
    tries = int(store.config.retryCount) + 1
    for attempt in range(1, tries + 1):
        assert read_workflow(store)[ids["top"]].state is State.READY
        store.write_failure(FailureReport(ids["top"], attempt, error=f"ValueError: {attempt}"))
    view = read_workflow(store)
    assert view[ids["top"]].state is State.FAILED
    assert view[ids["top"]].failed_attempts == tuple(range(1, tries + 1))
    assert [report.error for report in view.failures(view[ids["top"]])][-1] == f"ValueError: {tries}"


class Nothing(Service):
    """A service that need not be run."""

    def start(self, job: Job) -> None:
        """Nothing to start."""

    def check(self) -> bool:
        """Nothing to check."""
        return True

    def stop(self, job: Job) -> None:
        """Nothing to stop."""


def test_services_begin_when_their_job_has_run_and_end_with_what_comes_after_it(
    store: AbstractJobStore, save: Save, commit: Commit
) -> None:
    top, child = job("top"), job("child")
    top.addService(Nothing(unitName="service"))
    top.addChild(child)
    ids = save(top)
    (host,) = read_workflow(store)[ids["top"]].services

    def seen() -> tuple[str, ...]:
        view = read_workflow(store)
        return tuple(view[one].state.value for one in (ids["top"], host, ids["child"]))

    assert seen() == ("ready", "waiting", "waiting")
    commit(ids["top"])
    assert seen()[:2] == ("ran", "ready")
    commit(ids["child"])
    assert seen() == ("done", "done", "done")
    assert read_workflow(store).is_complete


def test_a_workflow_without_a_root_has_no_jobs_and_is_not_complete(store: AbstractJobStore) -> None:
    view = read_workflow(store)
    assert (view.root, len(view), view.is_complete, view.leader) == (None, 0, False, None)


@pytest.mark.parametrize("depth", [3000])
def test_deep_workflows_are_read_without_recursion(
    store: AbstractJobStore, save: Save, commit: Commit, depth: int
) -> None:
    top = below = job("0")
    for number in range(1, depth):
        below = below.addChild(job(str(number)))
    ids = save(top)
    for one in ids.values():
        commit(one)
    assert read_workflow(store).counts() == {State.DONE: depth}
