"""Files at URLs: the contract for a scheme, and the schemes that come with Toil, `file:`, `http:` and `https:`."""

from __future__ import annotations

import io
import os
from abc import ABC
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any

from toil_core.job_stores import local_files
from toil_core.job_stores.errors import (
    InvalidImportExportUrlException,
    NoSuchUrlException,
    UrlIsDirectoryException,
)

if TYPE_CHECKING:
    import requests

#: How long to wait for a server to accept a connection, and for its next bytes, in seconds.
_TIMEOUTS = (20, 60)
_TRIES = 4
#: Answers that may be different next time.
_PASSING = (429, 500, 502, 503, 504)


class UrlScheme(ABC):  # noqa: B024 - each method has a sensible default, and a scheme may be for reading only
    """Access to files at URLs of one scheme. A scheme overrides what it can do."""

    def open_read(self, url: str) -> AbstractContextManager[IO[bytes]]:
        """Open the file at a URL as a stream.

        :raises NoSuchUrlException: if there is none.
        :raises UrlIsDirectoryException: if it is a directory.
        """
        raise InvalidImportExportUrlException(url, "nothing can be imported from URLs of its scheme")

    def open_write(self, url: str) -> AbstractContextManager[IO[bytes]]:
        """Open a stream whose content becomes the file at a URL when the block ends; on an exception nothing changes.

        :raises InvalidImportExportUrlException: if nothing can be written there.
        """
        raise InvalidImportExportUrlException(url, "nothing can be exported to URLs of its scheme")

    def size(self, url: str) -> int | None:
        """Return a file's size in bytes, or None if that cannot be told without reading it."""
        return None

    def exists(self, url: str) -> bool:
        """Return whether there is a file or directory at a URL."""
        try:
            with self.open_read(url):
                return True
        except UrlIsDirectoryException:
            return True
        except NoSuchUrlException:
            return False

    def is_directory(self, url: str) -> bool:
        """Return whether there is a directory at a URL."""
        return False

    def list_directory(self, url: str) -> list[str]:
        """Return the names in a directory, quoted as in URLs; those of directories end in `/`.

        :raises NoSuchUrlException: if there is no such directory.
        """
        raise InvalidImportExportUrlException(url, "URLs of its scheme cannot be listed")

    def local_path(self, url: str) -> str | None:
        """Return the path of the file on this machine, whether or not it exists, or None if it lies elsewhere."""
        return None


class FileUrlScheme(UrlScheme):
    """Files of this machine."""

    def local_path(self, url: str) -> str:
        """Return the path that a URL names.

        :raises InvalidImportExportUrlException: if it names another machine.
        """
        from urllib.parse import unquote, urlsplit

        parts = urlsplit(url)
        if parts.netloc not in ("", "localhost"):
            raise InvalidImportExportUrlException(
                url, f"it names a file of the machine '{parts.netloc}'", "Write file:/// and the path."
            )
        # What follows a question mark is not a query where there is no server.
        rest = url.partition(":")[2]
        if rest.startswith("//"):
            rest = rest[2 + len(parts.netloc) :]
        return os.path.abspath(unquote(rest, errors="surrogateescape"))

    def open_read(self, url: str) -> AbstractContextManager[IO[bytes]]:
        """Open a file."""
        try:
            return open(self.local_path(url), "rb")
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NoSuchUrlException(url) from error
        except IsADirectoryError as error:
            raise UrlIsDirectoryException(url) from error
        except PermissionError as error:
            raise InvalidImportExportUrlException(url, "you may not read it") from error

    @contextmanager
    def open_write(self, url: str) -> Iterator[IO[bytes]]:
        """Open a stream that becomes a file."""
        path = self.local_path(url)
        check_target(url, path)
        partial = local_files.partial_name(path)
        try:
            with open(partial, "xb") as stream:
                yield stream
            os.replace(partial, path)
        finally:
            local_files.remove_if_there(partial)

    def size(self, url: str) -> int:
        """Return a file's size in bytes."""
        try:
            return os.stat(self.local_path(url)).st_size
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NoSuchUrlException(url) from error

    def exists(self, url: str) -> bool:
        """Return whether there is a file or directory."""
        return os.path.exists(self.local_path(url))

    def is_directory(self, url: str) -> bool:
        """Return whether there is a directory."""
        return os.path.isdir(self.local_path(url))

    def list_directory(self, url: str) -> list[str]:
        """Return the names in a directory."""
        from urllib.parse import quote

        try:
            with os.scandir(self.local_path(url)) as entries:
                found = [(os.fsencode(entry.name), entry.is_dir()) for entry in entries]
        except FileNotFoundError as error:
            raise NoSuchUrlException(url, "there is no such directory") from error
        except NotADirectoryError as error:
            raise InvalidImportExportUrlException(url, "it is not a directory") from error
        return sorted(quote(name, safe="") + ("/" if directory else "") for name, directory in found)


class HttpUrlScheme(UrlScheme):
    """Files on web servers."""

    @contextmanager
    def open_read(self, url: str) -> Iterator[IO[bytes]]:
        """Open what a server sends as a stream."""
        with self._answer("GET", url) as answer, io.BufferedReader(_Body(answer, url), 1 << 20) as stream:
            yield stream

    def size(self, url: str) -> int | None:
        """Return the size in bytes that the server tells, if it does."""
        with self._answer("HEAD", url) as answer:
            length = answer.headers.get("Content-Length", "")
            # The length of what is compressed on the way says nothing of the file.
            return int(length) if length.isdigit() and not answer.headers.get("Content-Encoding") else None

    def exists(self, url: str) -> bool:
        """Return whether the server has something at a URL."""
        try:
            with self._answer("HEAD", url):
                return True
        except NoSuchUrlException:
            return False

    @contextmanager
    def _answer(self, method: str, url: str) -> Iterator[requests.Response]:
        import requests

        try:
            with requests.Session() as session:
                _try_again(session)
                with session.request(method, url, stream=True, timeout=_TIMEOUTS, allow_redirects=True) as answer:
                    _check_status(answer, url)
                    yield answer
        except requests.exceptions.Timeout as error:
            raise InvalidImportExportUrlException(url, "the server does not answer in time") from error
        except requests.exceptions.ConnectionError as error:
            raise InvalidImportExportUrlException(
                url, f"the server cannot be reached ({_innermost(error)})", "Check the name and your network."
            ) from error
        except requests.exceptions.RequestException as error:
            raise InvalidImportExportUrlException(url, str(error)) from error


class _Body(io.RawIOBase):
    """What a server sends, decoded, as a stream; that it was cut short is an error, not the end."""

    def __init__(self, answer: requests.Response, url: str) -> None:
        super().__init__()
        self._blocks = answer.iter_content(1 << 20)
        self._url = url
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        import requests

        if not self._rest:
            try:
                self._rest = memoryview(next(self._blocks, b""))
            except requests.exceptions.RequestException as error:
                raise InvalidImportExportUrlException(
                    self._url, f"the connection broke off ({_innermost(error)})", "Try again."
                ) from error
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _try_again(session: requests.Session) -> None:
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    retry = Retry(total=_TRIES - 1, connect=1, backoff_factor=0.5, status_forcelist=_PASSING, raise_on_status=False)
    for prefix in ("http://", "https://"):
        session.mount(prefix, HTTPAdapter(max_retries=retry))


def _check_status(answer: requests.Response, url: str) -> None:
    status = f"the server answers {answer.status_code} {answer.reason}"
    if answer.status_code in (404, 410):
        raise NoSuchUrlException(url, status)
    if not answer.ok:
        raise InvalidImportExportUrlException(url, status)


def _innermost(error: BaseException) -> str:
    """Return the system's own words, which libraries wrap in many of theirs."""
    reason = error
    while True:
        inner = reason.__cause__ or reason.__context__
        if inner is None:
            return getattr(reason, "strerror", None) or str(reason)
        reason = inner


def check_target(url: str, path: str) -> None:
    """See that a file can be written at a path.

    :raises InvalidImportExportUrlException: if it cannot.
    """
    directory = os.path.dirname(path)
    if os.path.isdir(path):
        raise UrlIsDirectoryException(url, "Give the URL of a file in it.")
    if not os.path.isdir(directory):
        raise InvalidImportExportUrlException(url, f"there is no directory '{directory}'", "Make it first.")
    if not os.access(directory, os.W_OK | os.X_OK):
        raise InvalidImportExportUrlException(url, f"you may not write to '{directory}'")


def normalize_uri(uri: str) -> str:
    """Return a URI as it is, and a path as a `file:` URL.

    :param uri: the URI, or a path relative to the current directory; of a `file:` URL, too, the path may be relative.
    """
    from urllib.parse import quote

    scheme = scheme_of(uri)
    if scheme == "file":
        return "file://" + quote(FileUrlScheme().local_path(uri), errors="surrogateescape")
    if scheme:
        return uri
    return "file://" + quote(os.path.abspath(uri), errors="surrogateescape")


def scheme_of(uri: str) -> str:
    """Return a URI's scheme in lower case, or nothing for a path."""
    scheme, colon, _ = uri.partition(":")
    known = colon and scheme[:1].isalpha() and scheme.isascii() and all(one.isalnum() or one in "+-." for one in scheme)
    return scheme.lower() if known else ""


def url_scheme_for(url: str, implementations: Mapping[str, str] | None = None) -> UrlScheme:
    """Return what gives access to the file at a URL.

    :param implementations: the class for each scheme, as `"module:Class"`; plugins are asked for others.
    :raises InvalidImportExportUrlException: if nothing that is installed can.
    """
    scheme = scheme_of(url) or "file"
    implementation = (implementations or {}).get(scheme, "")
    if not implementation:
        from toil_core import plugins

        try:
            implementation = plugins.find("url_schemes", scheme).implementation
        except plugins.UnknownPluginError as error:
            raise InvalidImportExportUrlException(
                url, f"nothing that is installed knows URLs that begin with '{scheme}:'", error.hint
            ) from error
    module, _, name = implementation.partition(":")
    found: UrlScheme = getattr(import_module(module), name)()
    return found
