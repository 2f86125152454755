"""Python as a workflow language keeps the contract of languages."""

from __future__ import annotations

import pytest

from toil_core.testing import Document, Documents, WorkflowLanguageContract
from toil_core.testing.workflow_language import Placed

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


def script(steps: str) -> dict[str, str]:
    return {"hello.py": _SCRIPT.replace("@HERE_TEXT@", '"@HERE@"').replace("@STEPS@", steps)}


HELLO = """
def first(job, whom):
    note("first")
    job.log(f"Hello {whom}")
    with open("@HERE@/greeting.txt", "w") as stream:
        stream.write(f"Hello {whom}")
"""
FAILS = """
def first(job, whom):
    note("first")
    print("the moon is down")
    job.addChildJobFn(second)
    sys.exit(7)

def second(job):
    note("second")
"""
RESTARTED = """
def first(job, whom):
    note("first")
    job.addChildJobFn(second)

def second(job):
    note("second")
    if not os.path.exists("@HERE@/repaired"):
        sys.exit(3)
"""
WHOM = ("--whom", "Ann")


class TestPython(WorkflowLanguageContract):
    def command(self, placed: Placed, *more: str) -> list[str]:
        arguments = self.arguments(placed)
        after = ["--", *arguments] if arguments else []
        return ["run", placed.document.main, "file:store", *self.options(placed), *more, *after]

    @pytest.fixture
    def documents(self) -> Documents:
        return Documents(
            success=Document(script(HELLO), "hello.py", WHOM, ran={"first": 1}),
            failing_step=Document(
                script(FAILS), "hello.py", WHOM, ran={"first": 1}, stderr=("first", "the moon is down")
            ),
            missing_input=Document(script(HELLO), "hello.py", stderr=("--whom",)),
            invalid=Document({"hello.py": "import os\nif True\n"}, "hello.py", line=2),
            file_output=Document(
                script(HELLO), "hello.py", WHOM, ran={"first": 1}, outputs={"greeting.txt": "Hello Ann"}
            ),
            restarted=Document(script(RESTARTED), "hello.py", WHOM, ran={"first": 1, "second": 2}),
        )
