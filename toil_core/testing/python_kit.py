"""How `toil plugins check python` finds out whether Python, as a workflow language, keeps the contract of languages."""

from __future__ import annotations

import pytest

from toil_core.testing.workflow_language import Document, Documents, Placed, WorkflowLanguageContract

_SCRIPT = """
import argparse
import os
import sys
from toil.common import Toil
from toil.job import Job

def note(step):
    with open(os.path.join(@HERE_TEXT@, "ran", step), "a") as stream:
        stream.write("ran\\n")

@STEPS@

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    Job.Runner.addToilOptions(parser)
    parser.add_argument("--whom", required=True)
    options = parser.parse_args()
    with Toil(options) as toil:
        if options.restart:
            toil.restart()
        else:
            toil.start(Job.wrapJobFn(first, options.whom))
"""


def _script(steps: str) -> dict[str, str]:
    return {"hello.py": _SCRIPT.replace("@HERE_TEXT@", '"@HERE@"').replace("@STEPS@", steps)}


_HELLO = """
def first(job, whom):
    note("first")
    job.log(f"Hello {whom}")
    with open("@HERE@/greeting.txt", "w") as stream:
        stream.write(f"Hello {whom}")
"""
_FAILS = """
def first(job, whom):
    note("first")
    print("the moon is down")
    job.addChildJobFn(second)
    sys.exit(7)

def second(job):
    note("second")
"""
_RESTARTED = """
def first(job, whom):
    note("first")
    job.addChildJobFn(second)

def second(job):
    note("second")
    if not os.path.exists("@HERE@/repaired"):
        sys.exit(3)
"""
_WHOM = ("--whom", "Ann")


class TestPython(WorkflowLanguageContract):
    """The contract of workflow languages, with scripts."""

    def command(self, placed: Placed, *more: str) -> list[str]:
        """Return what comes after `toil`: a script's job store is behind it, and its own arguments after `--`."""
        arguments = self.arguments(placed)
        after = ["--", *arguments] if arguments else []
        return ["run", placed.document.main, "file:store", *self.options(placed), *more, *after]

    @pytest.fixture
    def documents(self) -> Documents:
        """Return scripts."""
        return Documents(
            success=Document(_script(_HELLO), "hello.py", _WHOM, ran={"first": 1}),
            failing_step=Document(
                _script(_FAILS), "hello.py", _WHOM, ran={"first": 1}, stderr=("first", "the moon is down")
            ),
            missing_input=Document(_script(_HELLO), "hello.py", stderr=("--whom",)),
            invalid=Document({"hello.py": "import os\nif True\n"}, "hello.py", line=2),
            file_output=Document(
                _script(_HELLO), "hello.py", _WHOM, ran={"first": 1}, outputs={"greeting.txt": "Hello Ann"}
            ),
            restarted=Document(_script(_RESTARTED), "hello.py", _WHOM, ran={"first": 1, "second": 2}),
        )
