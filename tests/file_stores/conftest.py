"""A job store and a machine to run jobs on, in the combinations that file stores have to behave alike in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.file_stores.stores import FarJobStore, Node
from toil_core.job_stores.file import FileJobStore
from toil_core.options.config import Config

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["direct", "caching"])
def caching(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "caching")


@pytest.fixture(params=["near", "far"])
def job_store(request: pytest.FixtureRequest, tmp_path: Path) -> FileJobStore:
    store = (FileJobStore if request.param == "near" else FarJobStore)(str(tmp_path / "store"))
    store.initialize(Config())
    return store


@pytest.fixture
def node(job_store: FileJobStore, tmp_path: Path, caching: bool) -> Node:
    return Node(job_store, tmp_path / "work", caching)


@pytest.fixture
def far(tmp_path: Path) -> Node:
    """A machine with a cache, far from its job store."""
    store = FarJobStore(str(tmp_path / "store"))
    store.initialize(Config())
    return Node(store, tmp_path / "work")


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a process that does one of the things in `stores.py`; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def run(action: str, argument: str, limit: int | None = None) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.file_stores.stores", action),
                *(str(tmp_path / "store"), str(tmp_path / "work"), str(limit or ""), argument),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()
