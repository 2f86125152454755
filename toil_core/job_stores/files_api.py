"""The files of jobs, as documented: written and read, by path or as streams, replaced and deleted.

A file's ID is its key in the storage and says all that there is to know of it but its size: whose it is, whether it
goes when its job goes, whether it is executable, and what it was called, so that no backend has to keep that elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Any

from toil_core.job_stores import local_files
from toil_core.job_stores.base import StoreBase
from toil_core.job_stores.engine import place_of
from toil_core.job_stores.errors import ConcurrentFileModificationException, NoSuchFileException
from toil_core.job_stores.file_ids import FileID
from toil_core.job_stores.storage import MAX_PART, KeyAbsent, KeyStat, check_key
from toil_core.job_stores.streams import as_text

FILES = "files/"
#: Stands in for the job in the IDs of files that belong to none.
NOBODY = "common"
_KEEP, _CLEANUP = "k", "c"
_PLAIN, _EXECUTABLE = "f", "x"
_HOUR = 3600
_RANDOM_BYTES = 9
#: What a basename may hold without being quoted, beside letters and digits; `%` quotes.
_SAFE = " !#$&'()+,-.:;=@[]^_{}~"


class FileStore(StoreBase):
    """Files with IDs."""

    # Writing

    def new_file_id(
        self, basename: str | None = None, job_id: str | None = None, cleanup: bool = False, executable: bool = False
    ) -> FileID:
        """Return an ID that no file has yet.

        :param basename: what the file is called elsewhere.
        :param job_id: the job that writes it, if one does.
        :param cleanup: whether to delete the file with that job.
        :param executable: whether copies of it are to be executable.
        :raises NoSuchJobException: if no job can have that ID.
        """
        owner = place_of(job_id).replace("/", "-") if job_id is not None else NOBODY
        keep = _CLEANUP if cleanup and job_id is not None else _KEEP
        name = _quoted(basename) if basename else ""
        flags = keep + (_EXECUTABLE if executable else _PLAIN)
        return FileID(f"{FILES}{owner}/{flags}{os.urandom(_RANDOM_BYTES).hex()}-{name}", None, executable)

    def write_file(self, local_path: str, job_id: str | None = None, cleanup: bool = False) -> FileID:
        """Store a copy of a file.

        :param local_path: its path; its name and whether it is executable are kept.
        :param job_id: the job that writes it. What a job wrote before it failed may go when the workflow restarts.
        :param cleanup: whether to delete it with that job.
        :returns: the ID to read it by.
        :raises NoSuchJobException: if no job can have that ID.
        :raises ConcurrentFileModificationException: if the file changed while it was read.
        """
        executable = local_files.is_executable(os.stat(local_path).st_mode)
        return self.upload(self.new_file_id(os.path.basename(local_path), job_id, cleanup, executable), local_path)

    def upload(self, file_id: str, local_path: str, link: bool = False) -> FileID:
        """Store a file under an ID from `new_file_id`.

        :param local_path: its path.
        :param link: whether a hard link will do, since nobody will change the file.
        :returns: the ID, with the file's size.
        :raises ConcurrentFileModificationException: if the file changed while it was read.
        """
        key = key_of(file_id)
        before = os.stat(local_path)
        if not self.storage.put_file(key, local_path, link=link):
            with open(local_path, "rb") as source, self.storage.open_write(key) as target:
                local_files.copy_stream(source, target)
        after = os.stat(local_path)
        if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
            raise ConcurrentFileModificationException(local_path)
        return FileID(str(file_id), before.st_size, is_executable(file_id))

    @contextmanager
    def write_file_stream(
        self,
        job_id: str | None = None,
        cleanup: bool = False,
        basename: str | None = None,
        encoding: str | None = None,
        errors: str | None = None,
    ) -> Iterator[tuple[IO[Any], FileID]]:
        """Open a stream whose content becomes a file when the block ends; on an exception there is no file.

        :param job_id: the job that writes it.
        :param cleanup: whether to delete it with that job.
        :param basename: what to call it.
        :param encoding: the encoding to write text in; by default the stream is binary.
        :param errors: what to do about characters that the encoding lacks, as for `open`.
        :returns: the stream, and the file's ID, which knows its size after the block.
        :raises NoSuchJobException: if no job can have that ID.
        """
        file_id = self.new_file_id(basename, job_id, cleanup)
        with self.storage.open_write(str(file_id)) as raw, as_text(raw, encoding, errors) as stream:
            yield stream, file_id
        file_id.size = self.storage.stat(str(file_id)).size

    def get_empty_file_store_id(
        self, job_id: str | None = None, cleanup: bool = False, basename: str | None = None
    ) -> FileID:
        """Store an empty file, to be given content later.

        :param job_id: the job that writes it.
        :param cleanup: whether to delete it with that job.
        :param basename: what to call it.
        """
        file_id = self.new_file_id(basename, job_id, cleanup)
        self.storage.put(str(file_id), b"")
        return file_id

    # Replacing

    def update_file(self, file_id: str, local_path: str) -> None:
        """Replace a file's content by that of a local one.

        :param local_path: the path of the new content.
        :raises NoSuchFileException: if there is no such file.
        :raises ConcurrentFileModificationException: if the local file changed while it was read.
        """
        self._stat(file_id)
        self.upload(file_id, local_path)

    @contextmanager
    def update_file_stream(
        self, file_id: str, encoding: str | None = None, errors: str | None = None
    ) -> Iterator[IO[Any]]:
        """Open a stream whose content replaces a file's when the block ends; on an exception nothing changes.

        :param encoding: the encoding to write text in; by default the stream is binary.
        :param errors: what to do about characters that the encoding lacks, as for `open`.
        :raises NoSuchFileException: if there is no such file.
        :raises ConcurrentFileModificationException: if someone else replaced or deleted it meanwhile.
        """
        before = self._stat(file_id)
        with self.storage.open_write(key_of(file_id)) as raw:
            with as_text(raw, encoding, errors) as stream:
                yield stream
            self._see_unchanged(key_of(file_id), before, str(file_id))

    def _see_unchanged(self, key: str, before: KeyStat | None, name: str) -> None:
        try:
            now: KeyStat | None = self.storage.stat(key)
        except KeyAbsent:
            now = None
        if now != before:
            raise ConcurrentFileModificationException(name)

    # Reading

    def read_file(self, file_id: str, local_path: str, symlink: bool = False) -> None:
        """Make a file available at a local path, as a hard link or a copy; it must not be changed there.

        :param local_path: the path; what is there is replaced, in one step.
        :param symlink: whether a symbolic link will do.
        :raises NoSuchFileException: if there is no such file.
        """
        key, executable = key_of(file_id), is_executable(file_id)
        partial = local_files.partial_name(local_path)
        try:
            stored = self.storage.local_path(key)
            if stored is None:
                self._download(key, partial, executable)
            elif symlink and executable == local_files.is_executable(os.stat(stored).st_mode):
                os.symlink(stored, partial)
            else:
                _share_or_copy(stored, partial, executable)
            local_files.move_into_place(partial, local_path)
        except KeyAbsent as error:
            raise NoSuchFileException(file_id) from error
        finally:
            local_files.remove_if_there(partial)

    def _download(self, key: str, path: str, executable: bool) -> None:
        with self.storage.open_read(key) as source:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _mode(executable))
            with open(fd, "wb") as target:
                local_files.copy_stream(source, target)

    @contextmanager
    def read_file_stream(
        self, file_id: str, encoding: str | None = None, errors: str | None = None
    ) -> Iterator[IO[Any]]:
        """Open a file as a stream.

        :param encoding: the encoding to read text in; by default the stream is binary.
        :param errors: what to do about bytes that do not fit the encoding, as for `open`.
        :raises NoSuchFileException: if there is no such file.
        """
        with ExitStack() as stack:
            try:
                raw = stack.enter_context(self.storage.open_read(key_of(file_id)))
            except KeyAbsent as error:
                raise NoSuchFileException(file_id) from error
            yield stack.enter_context(as_text(raw, encoding, errors))

    def file_exists(self, file_id: str) -> bool:
        """Return whether there is a file with this ID."""
        try:
            self._stat(file_id)
        except NoSuchFileException:
            return False
        return True

    def get_file_size(self, file_id: str) -> int:
        """Return a file's size in bytes, or 0 if there is no such file."""
        try:
            return self._stat(file_id).size
        except NoSuchFileException:
            return 0

    def get_public_url(self, file_name: str) -> str:
        """Return a URL at which a file can be fetched for at least an hour.

        :param file_name: its ID.
        :raises NoSuchFileException: if there is no such file.
        """
        try:
            return self.storage.public_url(key_of(file_name), _HOUR)
        except KeyAbsent as error:
            raise NoSuchFileException(file_name) from error

    def _stat(self, file_id: str) -> KeyStat:
        try:
            return self.storage.stat(key_of(file_id))
        except KeyAbsent as error:
            raise NoSuchFileException(file_id) from error

    # Deleting

    def delete_file(self, file_id: str) -> None:
        """Delete a file, unless it is gone already."""
        self.delete_files([file_id])

    def delete_files(self, ids: Iterable[str]) -> None:
        """Delete files; those that are gone already, or never were, are passed over."""
        self.storage.delete([str(file_id) for file_id in ids if _is_file_id(file_id)])

    def delete_cleanup_files(self, job_id: str) -> None:
        """Delete the files that a job wrote to be deleted with it."""
        owner = place_of(job_id).replace("/", "-")
        self.storage.delete([key for key, _ in self.storage.list(f"{FILES}{owner}/{_CLEANUP}")])


def key_of(file_id: str) -> str:
    """Return the key that a file is stored under.

    :raises NoSuchFileException: if no file can have this ID.
    """
    if not _is_file_id(file_id):
        raise NoSuchFileException(file_id)
    return str(file_id)


def owner_of(file_id: str) -> str:
    """Return the ID of the job that wrote a file, or `NOBODY`."""
    return file_id.split("/")[1]


def name_of(file_id: str) -> str:
    """Return what a file was called when it was written, or an empty string if it had no name."""
    from urllib.parse import unquote

    return unquote(file_id.rpartition("/")[2].partition("-")[2], errors="surrogateescape")


def is_executable(file_id: str) -> bool:
    """Return whether copies of a file are to be executable."""
    if isinstance(file_id, FileID) and file_id.executable:
        return True
    return file_id.rpartition("/")[2][1:2] == _EXECUTABLE


def _is_file_id(file_id: str) -> bool:
    if not file_id.startswith(FILES) or file_id.count("/") != 2:
        return False
    try:
        check_key(file_id)
    except ValueError:
        return False
    return True


def _quoted(basename: str) -> str:
    """Return a file's name as a part of a key: what every backend can hold, shortened from the left if too long."""
    from urllib.parse import quote

    name = quote(basename, safe=_SAFE, errors="surrogateescape")
    room = MAX_PART - 3 - 2 * _RANDOM_BYTES
    if len(name) <= room:
        return name
    name = name[-room:]
    # A quoted character that was cut in two would be read as something else.
    cut = name.find("%", 0, 3)
    return name[cut:] if cut > 0 else name


def _mode(executable: bool) -> int:
    return 0o555 if executable else 0o444


def _share_or_copy(stored: str, path: str, executable: bool) -> None:
    same = executable == local_files.is_executable(os.stat(stored).st_mode)
    if not (same and local_files.may_be_shared(stored) and local_files.hard_link(stored, path)):
        local_files.copy(stored, path, _mode(executable))
