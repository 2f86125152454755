"""What a workflow means: values flow through promises, and order is what the graph says, chained or not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.workflow.conftest import Workflow

ResultOf = Callable[..., str]

both_ways = pytest.mark.parametrize("options", [(), ("--disableChaining",)], ids=["chained", "unchained"])


@both_ways
def test_a_sum_over_a_fan_out(result_of: ResultOf, options: tuple[str, ...]) -> None:
    body = """
    def square(job, n):
        return n * n
    def fan(job):
        return job.addFollowOnFn(sum, [job.addChildJobFn(square, n).rv() for n in range(20)]).rv()
    def root():
        return Job.wrapJobFn(fan)
    """
    assert result_of(body, *options) == str(sum(n * n for n in range(20)))


@both_ways
def test_promises_select_by_index_key_and_slice(result_of: ResultOf, options: tuple[str, ...]) -> None:
    body = """
    def make(job):
        return {"list": [6, 7, 8, 9], "pair": (1, {"a": 42})}
    def take(*parts):
        return parts
    def root():
        return Job.wrapJobFn(start)
    def start(job):
        made = job.addChildJobFn(make)
        parts = (made.rv("list", 0), made.rv("pair", 1, "a"), made.rv("list", slice(1, 3)))
        return job.addFollowOnFn(take, *parts).rv()
    """
    assert result_of(body, *options) == "(6, 42, [7, 8])"


@both_ways
def test_return_values_are_passed_on_through_many_levels(result_of: ResultOf, options: tuple[str, ...]) -> None:
    body = """
    def down(job, left):
        return job.addChildJobFn(down, left - 1).rv() if left else "bottom"
    def root():
        return Job.wrapJobFn(down, 60)
    """
    assert result_of(body, *options) == "bottom"


def test_a_promise_reaches_thousands_of_levels_down_without_deep_recursion(result_of: ResultOf) -> None:
    body = """
    def down(job, left):
        return job.addChildJobFn(down, left - 1).rv() if left else "bottom"
    def root():
        return Job.wrapJobFn(down, 1500)
    """
    assert result_of(body) == "bottom"


@both_ways
def test_promises_within_returned_containers_are_kept(result_of: ResultOf, options: tuple[str, ...]) -> None:
    body = """
    def leaf(job, n):
        return [n]
    def pair(job):
        return {"left": job.addChildJobFn(leaf, 1).rv(), "right": [job.addChildJobFn(leaf, 2).rv(0)]}
    def root():
        return Job.wrapJobFn(pair)
    """
    assert result_of(body, *options) == "{'left': [1], 'right': [2]}"


@both_ways
def test_follow_ons_wait_for_everything_beneath_the_children(
    workflow: Workflow, result_of: ResultOf, options: tuple[str, ...]
) -> None:
    body = """
    def named(job, name, deeper=0):
        note(name)
        if deeper:
            job.addChildJobFn(named, name + ".", deeper - 1)
            job.addFollowOnJobFn(named, name + "!", 0)
    def root():
        top = Job.wrapJobFn(named, "top")
        top.addChildJobFn(named, "a", 2)
        top.addChildJobFn(named, "b", 1)
        top.addFollowOnJobFn(named, "end")
        return top
    """
    assert result_of(body, *options) == "None"
    order = workflow.noted()
    assert order[0] == "top" and order[-1] == "end"
    assert sorted(order) == sorted(["top", "a", "a.", "a..", "a.!", "a!", "b", "b.", "b!", "end"])
    assert order.index("a!") > order.index("a..") and order.index("a!") > order.index("a.!")


@both_ways
def test_a_job_with_several_parents_runs_once_after_all(
    workflow: Workflow, result_of: ResultOf, options: tuple[str, ...]
) -> None:
    body = """
    def named(job, name):
        note(name)
        return name
    def joined(job, names):
        note("join")
        return "".join(names)
    def root():
        return Job.wrapJobFn(start)
    def start(job):
        a, b, c = (job.addChildJobFn(named, name) for name in "abc")
        join = a.addChildJobFn(joined, [one.rv() for one in (a, b, c)])
        b.addChild(join)
        c.addChild(join)
        return join.rv()
    """
    assert result_of(body, *options) == "abc"
    assert workflow.noted().count("join") == 1 and workflow.noted()[-1] == "join"


def test_promised_requirements_decide_what_a_job_asks_for(result_of: ResultOf) -> None:
    body = """
    def size(job, n):
        return n * 1000
    def report(job):
        return (job.disk, job.memory)
    def start(job):
        sizes = [job.addChildJobFn(size, n) for n in (1, 2)]
        disk = PromisedRequirement(lambda xs: sum(xs), [one.rv() for one in sizes])
        return job.addFollowOnJobFn(report, disk=disk, memory=sizes[1].rv()).rv()
    def root():
        return Job.wrapJobFn(start)
    """
    assert result_of(body) == "(3000, 2000)"


def test_a_promised_requirement_that_cannot_be_determined_fails_its_job_alone(workflow: Workflow) -> None:
    workflow.write("""
    def size(job):
        return "many"
    def never(job):
        note("never")
    def fine(job):
        note("fine")
    def start(job):
        one = job.addChildJobFn(size)
        job.addFollowOnJobFn(never, disk=PromisedRequirement(lambda x: x["bytes"], one.rv()))
        job.addFollowOnJobFn(fine)
    def root():
        return Job.wrapJobFn(start)
    """)
    done = workflow.run()
    assert done.returncode == 1
    assert "disk" in done.stderr and "never" in done.stderr and "Traceback" not in done.stderr
    assert workflow.noted() == ["fine"]


def test_encapsulation_puts_a_job_after_a_whole_subgraph(workflow: Workflow, result_of: ResultOf) -> None:
    body = """
    def named(job, name):
        note(name)
        return name
    def root():
        inner = Job.wrapJobFn(named, "inner")
        inner.addChildJobFn(named, "child")
        inner.addFollowOnJobFn(named, "late")
        outer = inner.encapsulate()
        outer.addChildJobFn(named, "after")
        return outer
    """
    assert result_of(body) == "inner"
    assert workflow.noted() == ["inner", "child", "late", "after"]


def test_the_root_may_have_nothing_to_run(result_of: ResultOf) -> None:
    body = """
    def root():
        return Job()
    """
    assert result_of(body) == "None"


def test_large_return_values_are_kept_whole(result_of: ResultOf) -> None:
    body = """
    def big(job):
        return "x" * 3_000_000
    def start(job):
        return job.addFollowOnFn(len, job.addChildJobFn(big).rv()).rv()
    def root():
        return Job.wrapJobFn(start)
    """
    assert result_of(body) == "3000000"


def test_instances_of_the_scripts_own_classes_travel_both_ways(result_of: ResultOf) -> None:
    body = """
    class Point:
        def __init__(self, x): self.x = x
        def __repr__(self): return f"Point({self.x})"
    def move(job, point):
        return Point(point.x + 1)
    def root():
        return Job.wrapJobFn(move, Point(1))
    """
    assert result_of(body) == "Point(2)"


def test_debug_worker_runs_jobs_in_the_leaders_process(workflow: Workflow, result_of: ResultOf) -> None:
    body = """
    def where(job):
        return job.addChildJobFn(inner).rv()
    def inner(job):
        return os.getpid()
    def root():
        note(str(os.getpid()))
        return Job.wrapJobFn(where)
    """
    assert [result_of(body, "--debugWorker")] == workflow.noted()
