"""Shared files: found by a name that everyone knows instead of by an ID."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Any, ClassVar

from toil_core.job_stores.errors import NoSuchFileException
from toil_core.job_stores.files_api import FileStore
from toil_core.job_stores.storage import KeyAbsent, KeyStat
from toil_core.job_stores.streams import as_text

_SHARED = "shared/"
_HOUR = 3600


class SharedFileStore(FileStore):
    """Files with names."""

    #: What the name of a shared file has to look like.
    sharedFileNameRegex: ClassVar[re.Pattern[str]] = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")

    @contextmanager
    def write_shared_file_stream(
        self,
        shared_file_name: str,
        encrypted: bool | None = None,
        encoding: str | None = None,
        errors: str | None = None,
    ) -> Iterator[IO[Any]]:
        """Open a stream whose content becomes that of a shared file when the block ends.

        :param shared_file_name: its name, of letters, digits, `.`, `_` and `-`.
        :param encrypted: whether it has to be encrypted; None leaves that to the job store.
        :param encoding: the encoding to write text in; by default the stream is binary.
        :param errors: what to do about characters that the encoding lacks, as for `open`.
        :raises ValueError: if the name cannot be one.
        :raises ConcurrentFileModificationException: if someone else wrote the file meanwhile.
        """
        key = self._shared_key(shared_file_name)
        before = self._shared_stat(key)
        with self.storage.open_write(key) as raw:
            with as_text(raw, encoding, errors) as stream:
                yield stream
            self._see_unchanged(key, before, shared_file_name)

    @contextmanager
    def read_shared_file_stream(
        self, shared_file_name: str, encoding: str | None = None, errors: str | None = None
    ) -> Iterator[IO[Any]]:
        """Open a shared file as a stream.

        :param encoding: the encoding to read text in; by default the stream is binary.
        :param errors: what to do about bytes that do not fit the encoding, as for `open`.
        :raises ValueError: if the name cannot be one.
        :raises NoSuchFileException: if there is no such file.
        """
        with ExitStack() as stack:
            try:
                raw = stack.enter_context(self.storage.open_read(self._shared_key(shared_file_name)))
            except KeyAbsent as error:
                raise NoSuchFileException(shared_file_name) from error
            yield stack.enter_context(as_text(raw, encoding, errors))

    def get_shared_public_url(self, shared_file_name: str) -> str:
        """Return a URL at which a shared file can be fetched for at least an hour.

        :raises ValueError: if the name cannot be one.
        :raises NoSuchFileException: if there is no such file.
        """
        try:
            return self.storage.public_url(self._shared_key(shared_file_name), _HOUR)
        except KeyAbsent as error:
            raise NoSuchFileException(shared_file_name) from error

    def _shared_key(self, name: str) -> str:
        if not self.sharedFileNameRegex.fullmatch(name):
            raise ValueError(
                f"'{name}' cannot be the name of a shared file: up to 200 letters, digits, '.', '_' and '-' can, "
                "the first of them not '.'."
            )
        return _SHARED + name

    def _shared_stat(self, key: str) -> KeyStat | None:
        try:
            return self.storage.stat(key)
        except KeyAbsent:
            return None

    # Small ones, whole

    def put_shared(self, name: str, content: str) -> None:
        """Make a text the content of a shared file, whatever anyone else does."""
        self.storage.put(self._shared_key(name), content.encode("utf-8"))

    def read_shared(self, name: str) -> str:
        """Return a shared file as text.

        :raises NoSuchFileException: if there is no such file.
        """
        try:
            return self.storage.read(self._shared_key(name)).decode("utf-8")
        except KeyAbsent as error:
            raise NoSuchFileException(name) from error
