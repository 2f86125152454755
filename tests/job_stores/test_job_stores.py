"""The job stores that come with Toil keep the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.job_stores.file import FileJobStore
from toil_core.job_stores.memory import MemoryJobStore
from toil_core.testing.job_store import JobStoreContract


class TestFileJobStore(JobStoreContract):
    """A job store in a directory."""

    @pytest.fixture
    def job_store(self, tmp_path_factory: pytest.TempPathFactory) -> AbstractJobStore:
        return FileJobStore(f"file:{tmp_path_factory.mktemp('stores') / 'store'}")


class TestMemoryJobStore(JobStoreContract):
    """A job store in memory."""

    @pytest.fixture
    def job_store(self, tmp_path: Path) -> AbstractJobStore:
        return MemoryJobStore(f"memory:{tmp_path}")
