"""How `toil plugins check http` finds out whether `http:` keeps the contract of URL schemes: with a server here."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from toil_core.job_stores.urls import HttpUrlScheme, UrlScheme
from toil_core.testing.url_scheme import UrlSchemeContract


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        return


class TestHttp(UrlSchemeContract):
    """The contract of URL schemes, with files in a directory that is served."""

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
        """Return the scheme and the server's root."""
        return HttpUrlScheme(), f"http://127.0.0.1:{self.port}/"

    def put(self, scheme: UrlScheme, url: str, content: bytes) -> None:
        """Write into the directory that is served."""
        (self.root / unquote(urlsplit(url).path).lstrip("/")).write_bytes(content)
