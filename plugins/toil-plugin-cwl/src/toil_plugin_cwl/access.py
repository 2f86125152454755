"""What cwltool may ask about files: those on this machine, and those that are still in the job store."""

from __future__ import annotations

import io
import os
from typing import IO, TYPE_CHECKING, Any

from cwltool.stdfsaccess import StdFsAccess

from toil_core.api import FileID, InputsUnavailable, check_sources, import_files
from toil_plugin_cwl import locations

if TYPE_CHECKING:
    from toil_core.api import AbstractJobStore
    from toil_plugin_cwl.store import FileReader


class StoreAccess(StdFsAccess):
    """Access to local files, and to stored ones, which are brought here only when their content is asked for.

    :param basedir: what relative paths are relative to.
    :param reader: brings stored files here.
    """

    def __init__(self, basedir: str, reader: FileReader) -> None:
        super().__init__(basedir)
        self._reader = reader

    def open(self, fn: str, mode: str) -> IO[Any]:
        """Open a file."""
        if not locations.is_stored(fn):
            return super().open(fn, mode)
        file_id = locations.found(fn)
        if not isinstance(file_id, FileID):
            raise IsADirectoryError(21, "It is a directory", fn)
        return open(self._reader.path_of(file_id), mode)

    def exists(self, fn: str) -> bool:
        """Return whether there is a file or directory."""
        return self._is(fn, (FileID, dict)) if locations.is_stored(fn) else super().exists(fn)

    def isfile(self, fn: str) -> bool:
        """Return whether there is a file."""
        return self._is(fn, FileID) if locations.is_stored(fn) else super().isfile(fn)

    def isdir(self, fn: str) -> bool:
        """Return whether there is a directory."""
        return self._is(fn, dict) if locations.is_stored(fn) else super().isdir(fn)

    def size(self, fn: str) -> int:
        """Return a file's size in bytes."""
        if not locations.is_stored(fn):
            return super().size(fn)
        file_id = locations.found(fn)
        if isinstance(file_id, FileID):
            return file_id.size if file_id.size is not None else os.path.getsize(self._reader.path_of(file_id))
        return 0

    def listdir(self, fn: str) -> list[str]:
        """Return the locations of what is in a directory."""
        if not locations.is_stored(fn):
            return super().listdir(fn)
        tree = locations.found(fn)
        return [locations.entry_location(fn, name) for name in tree] if isinstance(tree, dict) else []

    def realpath(self, path: str) -> str:
        """Return a path without symbolic links in it; a stored file is where it is."""
        return path if locations.is_stored(path) else super().realpath(path)

    @staticmethod
    def _is(location: str, kinds: type | tuple[type, ...]) -> bool:
        try:
            return isinstance(locations.found(location), kinds)
        except FileNotFoundError:
            return False


class UrlAccess(StdFsAccess):
    """Access to files before they are imported: local ones, and those at URLs of any scheme that is installed.

    :param basedir: what relative paths are relative to.
    :param job_store: of the run.
    """

    def __init__(self, basedir: str, job_store: AbstractJobStore) -> None:
        super().__init__(basedir)
        self._job_store = job_store

    def open(self, fn: str, mode: str) -> IO[Any]:
        """Open a file; one that is elsewhere is brought here."""
        if not _is_elsewhere(fn):
            return super().open(fn, mode)
        (file_id,) = import_files(self._job_store, [fn]).values()
        with self._job_store.read_file_stream(file_id) as stream:
            return io.BytesIO(stream.read())

    def exists(self, fn: str) -> bool:
        """Return whether there is a file or directory."""
        return self.isfile(fn) if _is_elsewhere(fn) else super().exists(fn)

    def isfile(self, fn: str) -> bool:
        """Return whether there is a file."""
        if not _is_elsewhere(fn):
            return super().isfile(fn)
        try:
            check_sources(self._job_store, [fn])
        except InputsUnavailable:
            return False
        return True

    def size(self, fn: str) -> int:
        """Return a file's size in bytes.

        :raises OSError: if it cannot be told.
        """
        if not _is_elsewhere(fn):
            return super().size(fn)
        try:
            size = check_sources(self._job_store, [fn])[fn]
        except InputsUnavailable as error:
            raise FileNotFoundError(2, error.message, fn) from error
        if size is None:
            raise OSError(0, "Nobody tells its size", fn)
        return size


def _is_elsewhere(location: str) -> bool:
    return "://" in location and not location.startswith("file:")
