"""A job store in a directory, and a web server that counts what it is asked for."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from toil_core.job_stores.file import FileJobStore
from toil_core.options.config import Config


@pytest.fixture
def store(tmp_path: Path) -> FileJobStore:
    """A job store in a directory of its own."""
    made = FileJobStore(str(tmp_path / "store"))
    made.initialize(Config())
    return made


class Web:
    """A web server's directory, its address, and how often each path was fetched."""

    def __init__(self, directory: Path, port: int) -> None:
        self.directory = directory
        self.url = f"http://127.0.0.1:{port}"
        self.fetched: Counter[str] = Counter()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, web: list[Web], **kwargs: Any) -> None:
        self._web = web[0]
        super().__init__(*args, directory=str(self._web.directory), **kwargs)

    def do_GET(self) -> None:
        self._web.fetched[self.path] += 1
        super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's own name
        """Say nothing."""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """A web server with an empty directory."""
    (tmp_path / "web").mkdir()
    made: list[Web] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, web=made)) as server:
        made.append(Web(tmp_path / "web", server.server_address[1]))
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield made[0]
        server.shutdown()
        thread.join()
