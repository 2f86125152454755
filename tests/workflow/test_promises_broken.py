"""Promises that cannot be kept, and values that cannot travel: the message names the job that is to blame."""

from __future__ import annotations

import pytest

from tests.workflow.conftest import Workflow

BODY = """
class Stubborn:
    def __reduce__(self):
        raise ValueError("no way")
class Fragile:
    def __reduce__(self):
        return (shatter, ())
def shatter():
    raise RuntimeError("in pieces")
def returns(job, what):
    return {"fragile": Fragile(), "dictionary": {"a": 1}, "list": [1], "number": 1}[what]
def adds(job, what):
    job.addChildJobFn(takes, Stubborn())
def takes(job, value):
    pass
def root():
    top = Job()
    first = top.addChildJobFn(FIRST)
    top.addFollowOnJobFn(takes, first.rv(PATH))
    return top
"""

CASES = {
    "a value that cannot be unpickled": ("returns, 'fragile'", "", ["'returns' (", "unpickled", "in pieces"]),
    "a missing key": ("returns, 'dictionary'", "'b'", ["['b']", "'returns' (", "type dict", "KeyError: 'b'"]),
    "an index out of range": ("returns, 'list'", "3", ["[3]", "'returns' (", "type list", "list index out of range"]),
    "a part of what has no parts": ("returns, 'number'", "0", ["[0]", "'returns' (", "type int", "not subscriptable"]),
    "a child that cannot be pickled": ("adds, ''", "", ["'takes'", "cannot be written down", "no way"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_promise_that_cannot_be_kept_names_the_job_that_made_it(workflow: Workflow, case: str) -> None:
    first, path, says = CASES[case]
    workflow.write(BODY.replace("FIRST", first).replace("PATH", path))
    done = workflow.run("--retryCount", "0")
    assert done.returncode == 1
    for part in says:
        assert part in done.stderr


def test_a_job_that_promises_its_own_return_value_is_told_so(workflow: Workflow) -> None:
    workflow.write("""
    def circular(job):
        return job.rv()
    def root():
        return Job.wrapJobFn(circular)
    """)
    done = workflow.run("--retryCount", "0")
    assert done.returncode == 2
    assert "'circular' (" in done.stderr
    assert "its own return value" in done.stderr


def test_a_function_that_an_edit_removed_is_asked_for_by_name(workflow: Workflow) -> None:
    body = """
    def first(job):
        job.addChildJobFn(second)
    def second(job):
        raise ValueError
    def root():
        return Job.wrapJobFn(first)
    """
    workflow.write(body)
    assert workflow.run("--retryCount", "0").returncode == 1
    workflow.write(body.replace("second", "renamed"))
    done = workflow.run("--retryCount", "0", "--restart")
    assert done.returncode == 1
    assert "cannot be found here: AttributeError: Can't get attribute 'second'" in done.stderr
    assert "put it back under its old name and restart" in done.stderr
    workflow.write(body.replace("raise ValueError", "pass"))
    assert workflow.run("--restart").returncode == 0
