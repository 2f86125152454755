"""The documented methods of `Job`, before any of it is written to a job store."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from toil_core.jobs import graph
from toil_core.jobs.errors import JobGraphDeadlockException
from toil_core.jobs.job import Job
from toil_core.jobs.promises import Promise, PromisedRequirement
from toil_core.options.config import Config


def plain(message: str, memory: str = "2G", cores: int = 2, disk: str = "3G") -> str:
    return message


def job_function(job: Job, number: int) -> int:
    return number


class Sized(Job):
    def __init__(self, payload: str) -> None:
        Job.__init__(self, memory="100M", cores=0.5, disk="1Gi", accelerators="nvidia:2", preemptible="true")
        self.payload = payload

    def run(self, fileStore: Any) -> str:
        return self.payload


def test_requirements_come_from_the_constructor_in_any_notation() -> None:
    job = Sized("x")
    assert (job.memory, job.cores, job.disk, job.preemptible) == (100_000_000, 0.5, 2**30, True)
    assert job.accelerators == [{"count": 2, "kind": "gpu", "brand": "nvidia"}]


def test_requirements_come_from_the_signature_unless_the_call_gives_them() -> None:
    job = Job.wrapFn(plain, "hi")
    assert (job.memory, job.cores, job.disk) == (2_000_000_000, 2, 3_000_000_000)
    assert Job.wrapFn(plain, "hi", memory="1K").memory == 1000


def test_open_requirements_come_from_the_configuration() -> None:
    job = Job.wrapJobFn(job_function, 1)
    with pytest.raises(AttributeError, match="memory"):
        _ = job.memory
    config = Config()
    job.assignConfig(config)
    assert job.memory == 2 * 1024**3
    assert job.cores == 1


@pytest.mark.parametrize(
    ("name", "value"), [("memory", "lots"), ("cores", "-1"), ("disk", True), ("preemptible", "maybe")]
)
def test_a_requirement_that_makes_no_sense_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name):
        Job(**{name: value})


def test_names_default_to_class_or_function() -> None:
    assert Sized("x").description.jobName == "Sized"
    job = Job.wrapJobFn(job_function, 1, displayName="shown", unitName="one")
    assert (job.description.jobName, job.description.displayName, job.description.unitName) == (
        "job_function",
        "shown",
        "one",
    )


def test_children_and_follow_ons_are_known_to_both_sides() -> None:
    parent, child, follow_on = Job(), Job(), Job()
    assert parent.addChild(child) is child
    assert parent.addFollowOn(follow_on) is follow_on
    assert parent.hasChild(child) and parent.hasFollowOn(follow_on)
    assert child.hasPredecessor(parent) and follow_on.hasPredecessor(parent)
    assert not parent.hasChild(follow_on)
    assert parent.getRootJobs() == {parent} == child.getRootJobs()


def test_short_hands_wrap_and_add() -> None:
    parent = Job()
    child = parent.addChildFn(plain, "a")
    other = parent.addChildJobFn(job_function, 1)
    late = parent.addFollowOnFn(plain, "b")
    last = parent.addFollowOnJobFn(job_function, 2)
    assert all(parent.hasChild(one) for one in (child, other))
    assert all(parent.hasFollowOn(one) for one in (late, last))
    assert child.run(None) == "a"  # type: ignore[arg-type]
    assert last.run(None) == 2  # type: ignore[arg-type]


def test_adding_a_child_twice_changes_nothing() -> None:
    parent, child = Job(), Job()
    parent.addChild(child)
    parent.addChild(child)
    assert child.description.predecessorNumber == 1


@pytest.mark.parametrize("edges", [[("a", "b"), ("b", "a")], [("r", "a"), ("a", "b"), ("b", "c"), ("c", "a")]])
def test_a_cycle_is_refused_and_named(edges: list[tuple[str, str]]) -> None:
    jobs = {name: Job(unitName=name) for pair in edges for name in pair}
    for parent, child in edges:
        jobs[parent].addChild(jobs[child])
    with pytest.raises(JobGraphDeadlockException, match=r"a.*b.*a"):
        jobs["a"].checkJobGraphForDeadlocks()


def test_a_follow_on_that_its_own_child_waits_for_is_a_cycle() -> None:
    root, child, follow_on = Job(unitName="root"), Job(unitName="child"), Job(unitName="late")
    root.addChild(child)
    root.addFollowOn(follow_on)
    follow_on.addChild(child)
    with pytest.raises(JobGraphDeadlockException, match="cycle"):
        root.checkJobGraphAcylic()


def test_several_roots_are_refused() -> None:
    one, other, shared = Job(unitName="one"), Job(unitName="other"), Job()
    one.addChild(shared)
    other.addChild(shared)
    with pytest.raises(JobGraphDeadlockException, match=r"one root.*has 2"):
        shared.checkJobGraphConnected()


def test_a_checkpoint_with_successors_is_refused() -> None:
    root, checkpoint = Job(), Job(checkpoint=True)
    root.addChild(checkpoint)
    root.checkJobGraphForDeadlocks()
    checkpoint.addChild(Job())
    with pytest.raises(JobGraphDeadlockException, match="checkpoint"):
        root.checkNewCheckpointsAreLeafVertices()


def test_the_checks_look_at_each_edge_a_constant_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    original = graph._after

    def counting(event: graph.Event) -> Iterator[graph.Event]:
        nonlocal looks
        for after in original(event):
            looks += 1
            yield after

    monkeypatch.setattr(graph, "_after", counting)
    root = previous = Job()
    for _ in range(2000):
        for _ in range(2):
            previous.addChild(Job())
        previous = previous.addFollowOn(Job())
    root.checkJobGraphForDeadlocks()
    edges = 3 * 2000
    assert looks <= 6 * edges


def test_a_deep_chain_is_checked_without_recursion() -> None:
    root = last = Job()
    for _ in range(sys.getrecursionlimit() * 2):
        last = last.addChild(Job())
    root.checkJobGraphForDeadlocks()
    order = root.getTopologicalOrderingOfJobs()
    assert order[0] is root and order[-1] is last


def test_the_topological_order_respects_implied_edges() -> None:
    root = Job(unitName="root")
    child = root.addChild(Job(unitName="child"))
    grandchild = child.addChild(Job(unitName="grandchild"))
    late = root.addFollowOn(Job(unitName="late"))
    order = root.getTopologicalOrderingOfJobs()
    assert [order.index(one) for one in (root, child, grandchild, late)] == [0, 1, 2, 3]


def test_an_encapsulated_job_takes_over_predecessors_and_puts_successors_after_all() -> None:
    parent = Job()
    inner = parent.addChildJobFn(job_function, 1)
    inner.addChild(Job())
    outer = inner.encapsulate()
    after = outer.addChild(Job())
    assert parent.hasChild(outer) and not parent.hasChild(inner)
    order = parent.getTopologicalOrderingOfJobs()
    assert order.index(after) > max(order.index(one) for one in order if one is inner or inner.hasChild(one))
    assert outer.rv().job is inner


def test_a_promise_names_its_job_and_path_and_marks_the_value_as_wanted() -> None:
    job = Job.wrapJobFn(job_function, 1)
    assert not job.description.value_wanted
    promise = job.rv("key", 0)
    assert isinstance(promise, Promise)
    assert promise.path == ("key", 0)
    assert job.description.value_wanted


def test_promises_given_as_requirements_are_promised_requirements() -> None:
    promisor = Job.wrapJobFn(job_function, 1)
    kwargs: dict[str, Any] = {"memory": promisor.rv(), "cores": 1}
    assert PromisedRequirement.convertPromises(kwargs)
    assert isinstance(kwargs["memory"], PromisedRequirement)
    assert not PromisedRequirement.convertPromises({"cores": 1})


def test_a_promised_requirement_applies_its_function_even_a_lambda_after_pickling() -> None:
    requirement = PromisedRequirement(lambda xs: sum(xs), [1, 2, 3])
    assert requirement.getValue() == 6
    assert pickle.loads(pickle.dumps(requirement)).getValue() == 6


def test_arguments_of_a_promised_requirement_need_a_function() -> None:
    with pytest.raises(ValueError, match="function"):
        PromisedRequirement(1, 2)
