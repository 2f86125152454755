"""Workflows without a script, and what jobs of a script start that has to find the script again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.workflow.conftest import Workflow

SESSION = """
import steps
from toil.common import Toil
from toil.job import Job
options = Job.Runner.getDefaultOptions("./store")
with Toil(options) as toil:
    print("result:", toil.start(Job.wrapJobFn(steps.double, 21)))
"""


def session(directory: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run Python as an interactive session would: from standard input, without a file."""
    return subprocess.run(
        [sys.executable, "-"], input=text, cwd=directory, env=os.environ, capture_output=True, text=True, timeout=60
    )


def test_a_session_may_run_functions_of_modules_that_lie_in_its_directory(tmp_path: Path) -> None:
    (tmp_path / "steps.py").write_text("def double(job, number):\n    return 2 * number\n")
    done = session(tmp_path, SESSION)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "result: 42\n"


def test_a_function_of_the_session_itself_is_refused_and_nothing_is_left_behind(tmp_path: Path) -> None:
    text = SESSION.replace("import steps", "class steps:\n    def double(job, number): pass\n")
    done = session(tmp_path, text)
    assert done.returncode == 2
    assert "Put its definition into a file" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_job_may_spawn_processes_that_call_functions_of_the_script(result_of: Callable[..., str]) -> None:
    assert (
        result_of("""
        import multiprocessing
        class Box:
            def __init__(self, number): self.number = number
        def square(box):
            return Box(box.number ** 2)
        def spawns(job, method):
            with multiprocessing.get_context(method).Pool(1) as pool:
                return [box.number for box in pool.map(square, [Box(1), Box(2)])]
        def root():
            return Job.wrapJobFn(both)
        def both(job):
            return [job.addChildJobFn(spawns, method).rv() for method in ("spawn", "forkserver", "fork")]
        """)
        == "[[1, 4], [1, 4], [1, 4]]"
    )


def test_a_script_without_a_guard_is_told_so_without_frames_of_ours(workflow: Workflow) -> None:
    workflow.write(
        """
        def works(job):
            pass
        """,
        main="""
options = Job.Runner.getDefaultOptions("./store")
options.retryCount = 0
with Toil(options) as toil:
    toil.start(Job.wrapJobFn(works))
""",
    )
    done = workflow.run()
    assert done.returncode == 1
    assert "starts a workflow when a worker imports it. Put what starts it under" in done.stderr
    assert "with Toil(options) as toil" in done.stderr
    assert "toil_core" not in done.stderr, "no frames of ours"
