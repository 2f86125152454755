"""The leader's graph lets jobs go in an order that keeps every promise of children and follow-ons."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toil_core.jobs.description import JobDescription
from toil_core.jobs.segments import BodyPlace, job_id
from toil_core.leader.job_graph import JobGraph
from toil_core.leader.states import LEGAL, IllegalTransition, JobState

Edges = dict[int, list[int]]


def described(
    count: int, children: Edges, follow_ons: Edges, bodiless: frozenset[int] = frozenset()
) -> list[JobDescription]:
    descriptions = []
    for index in range(count):
        one = JobDescription({}, f"job{index}")
        one.jobStoreID = job_id("seg", index)
        one.body = None if index in bodiless else BodyPlace(0, 1)
        one.childIDs = [job_id("seg", child) for child in children.get(index, [])]
        one.followOnIDs = [job_id("seg", late) for late in follow_ons.get(index, [])]
        descriptions.append(one)
    for index in range(count):
        for late in (*children.get(index, []), *follow_ons.get(index, [])):
            descriptions[late].addPredecessor()
    return descriptions


def run_all(descriptions: list[JobDescription], choose: object = None) -> list[int]:
    """Do jobs one at a time in the order that the graph allows; return the order."""
    graph = JobGraph()
    graph.add(descriptions)
    ready = graph.start("seg-0")
    order = []
    while ready:
        node = ready.pop(choose(len(ready)) if callable(choose) else 0)
        graph.move(node, JobState.ISSUED)
        order.append(int(node.id.split("-")[1]))
        own = node.description
        ready += graph.done(node, [str(c) for c in own.childIDs], [str(f) for f in own.followOnIDs])
    assert not list(graph.nodes()), "every job is done and forgotten"
    assert graph.counts[JobState.DONE] == len(descriptions)
    return order


def test_children_run_after_their_parent_and_follow_ons_after_all_beneath_the_children() -> None:
    order = run_all(described(5, {0: [1, 2], 1: [3]}, {0: [4]}))
    assert order[0] == 0
    assert order.index(3) > order.index(1)
    assert order[-1] == 4


def test_a_job_with_two_parents_runs_once_after_both() -> None:
    order = run_all(described(4, {0: [1, 2], 1: [3], 2: [3]}, {}))
    assert order == [0, 1, 2, 3]


def test_jobs_with_nothing_to_run_are_passed_over_at_once() -> None:
    order = run_all(described(4, {0: [1], 1: [2]}, {0: [3]}, frozenset({0, 1})))
    assert order == [2, 3]


def test_successors_made_at_run_time_join_those_known_beforehand() -> None:
    graph = JobGraph()
    graph.add(described(2, {0: [1]}, {}))
    (root,) = graph.start("seg-0")
    graph.move(root, JobState.ISSUED)
    late = JobDescription({}, "late")
    late.jobStoreID, late.body, late.predecessorNumber = "new-0", BodyPlace(0, 1), 1
    graph.add([late])
    assert [node.id for node in graph.done(root, ["seg-1", "new-0"], [])] == ["seg-1", "new-0"]


def test_only_transitions_in_the_table_are_allowed() -> None:
    graph = JobGraph()
    graph.add(described(1, {}, {}))
    node = graph["seg-0"]
    with pytest.raises(IllegalTransition, match="WAITING to DONE"):
        graph.move(node, JobState.DONE)
    assert set(LEGAL) == set(JobState)


def test_files_to_clean_are_named_when_everything_beneath_a_job_is_done() -> None:
    graph = JobGraph()
    graph.add(described(2, {0: [1]}, {}))
    (root,) = graph.start("seg-0")
    root.has_cleanup_files = True
    graph.move(root, JobState.ISSUED)
    (child,) = graph.done(root, ["seg-1"], [])
    assert graph.to_clean == []
    graph.move(child, JobState.ISSUED)
    graph.done(child, [], [])
    assert graph.to_clean == [root]


@st.composite
def dags(draw: st.DrawFn) -> tuple[int, Edges, Edges, frozenset[int]]:
    """Trees of children and follow-ons with some extra child edges that cannot close a cycle."""
    count = draw(st.integers(1, 14))
    children: Edges = {}
    follow_ons: Edges = {}
    for index in range(1, count):
        parent = draw(st.integers(0, index - 1))
        (children if draw(st.booleans()) else follow_ons).setdefault(parent, []).append(index)
    bodiless = frozenset(draw(st.sets(st.integers(0, count - 1), max_size=3)))
    return count, children, follow_ons, bodiless


def beneath(job: int, children: Edges, follow_ons: Edges) -> set[int]:
    found = {job}
    for late in (*children.get(job, []), *follow_ons.get(job, [])):
        found |= beneath(late, children, follow_ons)
    return found


@settings(max_examples=150, deadline=None)
@given(dags(), st.randoms(use_true_random=False))
def test_any_legal_graph_runs_each_job_once_and_in_order(
    dag: tuple[int, Edges, Edges, frozenset[int]], random: object
) -> None:
    count, children, follow_ons, bodiless = dag
    order = run_all(described(count, children, follow_ons, bodiless), lambda n: random.randrange(n))  # type: ignore[attr-defined]
    at = {job: position for position, job in enumerate(order)}
    assert sorted(order) == [job for job in range(count) if job not in bodiless]
    for parent in range(count):
        below_children = set().union(
            *(beneath(child, children, follow_ons) for child in children.get(parent, [])), set()
        )
        for late in follow_ons.get(parent, []):
            for early in (below_children | {parent}) - bodiless:
                for job in beneath(late, children, follow_ons) - bodiless:
                    assert at[early] < at[job]
