"""The schemes that come with Toil keep the contract of URL schemes."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from toil_core.job_stores.urls import FileUrlScheme, HttpUrlScheme, UrlScheme
from toil_core.testing import UrlSchemeContract


class TestFile(UrlSchemeContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> tuple[UrlScheme, str]:
        (tmp_path / "place" / "dir" / "below").mkdir(parents=True)
        return FileUrlScheme(), f"{(tmp_path / 'place').as_uri()}/"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        return


class TestHttp(UrlSchemeContract):
    @pytest.fixture(autouse=True)
    def _served(self, tmp_path: Path) -> Iterator[None]:
        self.root = tmp_path / "served"
        self.root.mkdir()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(self.root)))
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield
        server.shutdown()
        thread.join()
        server.server_close()

    @pytest.fixture
    def place(self, _served: None) -> tuple[UrlScheme, str]:
        return HttpUrlScheme(), f"http://127.0.0.1:{self.port}/"

    def put(self, scheme: UrlScheme, url: str, content: bytes) -> None:
        (self.root / unquote(urlsplit(url).path).lstrip("/")).write_bytes(content)
