"""The schemes that come with Toil keep the contract of URL schemes."""

from __future__ import annotations

from pathlib import Path

import pytest

from toil_core.job_stores.urls import FileUrlScheme, UrlScheme
from toil_core.testing import UrlSchemeContract
from toil_core.testing.http_kit import TestHttp

__all__ = ["TestFile", "TestHttp"]


class TestFile(UrlSchemeContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> tuple[UrlScheme, str]:
        (tmp_path / "place" / "dir" / "below").mkdir(parents=True)
        return FileUrlScheme(), f"{(tmp_path / 'place').as_uri()}/"
