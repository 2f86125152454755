"""Capturing output, and the worker command that does it on its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.batch_systems.support import CONTEXT, ROOT, RUN_ORDER
from toil_core.jobs.requirements import Allocation
from toil_core.jobs.segments import BodyPlace
from toil_core.worker import capture
from toil_core.worker.order import WorkOrder


@pytest.mark.parametrize(
    ("size", "limit", "kept"),
    [(10, 0, (0, 10)), (10, 4, (6, 4)), (10, -4, (0, 4)), (10, 10, (0, 10)), (3, -10, (0, 3)), (0, 5, (0, 0))],
)
def test_a_log_keeps_its_end_or_with_a_negative_limit_its_beginning(
    size: int, limit: int, kept: tuple[int, int]
) -> None:
    assert capture.window(size, limit) == kept


def test_a_log_file_leaves_no_name_behind(tmp_path: Path) -> None:
    file = capture.open_unnamed(str(tmp_path))
    try:
        os.write(file, b"\x00\xff" * 10)
        assert list(tmp_path.iterdir()) == []
        assert capture.read_log(file, 3) == b"\xff\x00\xff"
        assert capture.read_log(file, 0, start=18) == b"\x00\xff"
    finally:
        os.close(file)


def worker(code: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run the worker command on an order whose name is code."""
    order = WorkOrder("fine", "segment-7", code, 1, BodyPlace(0, 0), Allocation(1, 0, 0), True, "some:Class")
    start = f"import sys; from toil_core.worker.main import main; sys.exit(main(None, {CONTEXT!r}, {RUN_ORDER!r}))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    command = [sys.executable, "-c", start, "name", order.to_json()]
    return subprocess.run(command, capture_output=True, env=environment, check=False, timeout=60)


def test_the_worker_captures_what_the_job_prints_and_returns_its_status() -> None:
    code = """
import os
os.write(2, b"raw\\xff")
print("printed")
assert context.current_log().endswith(b"raw\\xffprinted\\n")
assert (order.job, context.implementation) == ("segment-7", "some:Class")
status = 5
"""
    done = worker(code)
    assert (done.returncode, done.stdout, done.stderr) == (5, b"", b"")


def test_the_worker_tells_the_scheduler_of_errors_outside_the_job() -> None:
    done = worker("raise RuntimeError('the store is gone')")
    assert done.returncode == 1
    assert b"the store is gone" in done.stderr


def test_a_worker_called_by_hand_explains_itself() -> None:
    command = [sys.executable, "-c", "import sys; from toil_core.worker.main import main; sys.exit(main())"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, env=environment, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith(b"usage: _toil_worker NAME ORDER")


def test_the_worker_imports_nothing_that_takes_long() -> None:
    heavy = ("click", "rich", "pluggy", "requests", "yaml", "psutil", "asyncio", "importlib.metadata", "ctypes")
    code = f"import sys; found = [name for name in {heavy} if name in sys.modules]; assert not found, found"
    assert worker(code).returncode == 0
