"""The storages that come with Toil keep the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from toil_core.job_stores.file import FileStorage
from toil_core.job_stores.memory import MemoryStorage
from toil_core.job_stores.storage import Storage
from toil_core.testing.storage import StorageContract


class TestFileStorage(StorageContract):
    """Values in a directory."""

    @pytest.fixture
    def storage(self, tmp_path: Path) -> Storage:
        return FileStorage(str(tmp_path / "container"))


class _WithoutUnnamedFiles(FileStorage):
    """As on a file system, such as NFS, that cannot make files without a name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._can_make_unnamed = False


class TestFileStorageOnNfs(StorageContract):
    """Values in a directory of a simpler file system."""

    @pytest.fixture
    def storage(self, tmp_path: Path) -> Storage:
        return _WithoutUnnamedFiles(str(tmp_path / "container"))


class TestMemoryStorage(StorageContract):
    """Values in memory."""

    @pytest.fixture
    def storage(self, tmp_path: Path) -> Storage:
        return MemoryStorage(str(tmp_path))
