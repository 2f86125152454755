"""Files in from URLs and out to URLs, and what there is to know of a URL without doing so."""

from __future__ import annotations

import os
import stat
from typing import IO, TYPE_CHECKING, Any

from toil_core.job_stores import local_files
from toil_core.job_stores.errors import (
    InvalidImportExportUrlException,
    NoSuchFileException,
    NoSuchUrlException,
    UrlIsDirectoryException,
)
from toil_core.job_stores.file_ids import FileID
from toil_core.job_stores.files_api import is_executable, key_of
from toil_core.job_stores.shared_files import SharedFileStore
from toil_core.job_stores.storage import KeyAbsent
from toil_core.job_stores.urls import UrlScheme, check_target, normalize_uri, url_scheme_for

if TYPE_CHECKING:
    from urllib.parse import ParseResult, SplitResult


class UrlAccess(SharedFileStore):
    """Imports and exports."""

    def import_file(
        self, src_uri: str, shared_file_name: str | None = None, hardlink: bool = False, symlink: bool = False
    ) -> FileID | None:
        """Bring the file at a URL into the job store.

        A local file that is linked, as `--linkImports` has it for all, must stay as it is while the workflow runs;
        jobs get copies of it unless it is write-protected or they ask for a symbolic link.

        :param src_uri: its URL, or a path.
        :param shared_file_name: the name of a shared file to make of it, instead of a file with an ID.
        :param hardlink: whether a hard link will do, for a local file and where the job store is a directory.
        :param symlink: whether a symbolic link will do, likewise.
        :returns: the file's ID, or None for a shared file.
        :raises NoSuchUrlException: if there is no such file.
        :raises UrlIsDirectoryException: if there is a directory.
        :raises InvalidImportExportUrlException: if it cannot be read for another reason.
        """
        url = normalize_uri(src_uri)
        scheme = self._scheme_for(url)
        path = scheme.local_path(url)
        if path is not None:
            _check_source(url, path)
        elif scheme.is_directory(url):
            raise UrlIsDirectoryException(url)
        if shared_file_name is not None:
            with scheme.open_read(url) as source, self.write_shared_file_stream(shared_file_name) as target:
                local_files.copy_stream(source, target)
            return None
        if path is not None:
            return self._import_local(path, hardlink, self._may_link(symlink))
        file_id = self.new_file_id(_basename(url))
        with scheme.open_read(url) as source, self.storage.open_write(str(file_id)) as target:
            file_id.size = local_files.copy_stream(source, target)
        return file_id

    def _may_link(self, asked: bool) -> bool:
        option: bool | None = self.config.linkImports
        return asked if option is None else option

    def _import_local(self, path: str, hardlink: bool, symlink: bool) -> FileID:
        found = os.stat(path)
        executable = local_files.is_executable(found.st_mode)
        file_id = self.new_file_id(os.path.basename(path), executable=executable)
        if symlink and self.storage.put_link(str(file_id), os.path.realpath(path)):
            file_id.size = found.st_size
            return file_id
        return self.upload(file_id, path, link=hardlink)

    def export_file(self, file_id: FileID | str, dst_uri: str) -> None:
        """Copy a file out of the job store; the copy is executable if what the file was made from was.

        With `--moveExports` a job store in a directory gives the file away and keeps a link to it.

        :param file_id: the file.
        :param dst_uri: the URL to write to, or a path; a file that is there is replaced.
        :raises NoSuchFileException: if there is no such file in the job store.
        :raises InvalidImportExportUrlException: if it cannot be written there.
        """
        if not self.file_exists(file_id):
            raise NoSuchFileException(file_id)
        self._exportFile(file_id, normalize_uri(dst_uri))

    def _exportFile(self, file_id: FileID | str, url: str) -> None:
        """Do what `export_file` does, for a URL with a scheme; for job stores that know a shorter way to override."""
        scheme = self._scheme_for(url)
        path = scheme.local_path(url)
        if path is None:
            with self.read_file_stream(file_id) as source, scheme.open_write(url) as target:
                local_files.copy_stream(source, target)
            return
        check_target(url, path)
        if self.config.moveExports and self._moved_out(file_id, path):
            return
        partial = local_files.partial_name(path)
        try:
            self._copy_out(file_id, partial)
            os.replace(partial, path)
        finally:
            local_files.remove_if_there(partial)

    def _moved_out(self, file_id: FileID | str, path: str) -> bool:
        try:
            return self.storage.move_out(key_of(file_id), path)
        except KeyAbsent as error:
            raise NoSuchFileException(file_id) from error

    def _copy_out(self, file_id: FileID | str, path: str) -> None:
        """Copy a file to a path where there is nothing, as one that its owner may change."""
        mode = 0o777 if is_executable(file_id) else 0o666
        stored = self.storage.local_path(key_of(file_id))
        if stored is not None:
            local_files.copy(stored, path, mode)
            return
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with open(fd, "wb") as target, self.read_file_stream(file_id) as source:
            local_files.copy_stream(source, target)

    def _scheme_for(self, url: str) -> UrlScheme:
        return url_scheme_for(url, self.config.implementations.get("url_schemes"))

    def url_exists(self, src_uri: str) -> bool:
        """Return whether there is a file or directory at a URL."""
        url = normalize_uri(src_uri)
        return self._scheme_for(url).exists(url)

    # Without a job store

    @classmethod
    def get_size(cls, src_uri: ParseResult | SplitResult | str) -> int | None:
        """Return the size in bytes of the file at a URL, or None if it cannot be told."""
        url = normalize_uri(_as_text(src_uri))
        try:
            return url_scheme_for(url).size(url)
        except NoSuchUrlException:
            return None

    @classmethod
    def get_is_directory(cls, src_uri: str) -> bool:
        """Return whether there is a directory at a URL, which may or may not end in `/`."""
        url = normalize_uri(src_uri)
        return url_scheme_for(url).is_directory(url)

    @classmethod
    def list_url(cls, src_uri: str) -> list[str]:
        """Return the names in the directory at a URL, quoted as in URLs; those of directories end in `/`.

        :raises NoSuchUrlException: if there is no such directory.
        """
        url = normalize_uri(src_uri)
        return url_scheme_for(url).list_directory(url)

    @classmethod
    def read_from_url(cls, src_uri: str, writable: IO[bytes]) -> tuple[int, bool]:
        """Write the content of the file at a URL to a stream.

        :returns: its size in bytes, and whether it is executable.
        :raises NoSuchUrlException: if there is no such file.
        """
        url = normalize_uri(src_uri)
        scheme = url_scheme_for(url)
        path = scheme.local_path(url)
        with scheme.open_read(url) as source:
            size = local_files.copy_stream(source, writable)
        return size, path is not None and local_files.is_executable(os.stat(path).st_mode)


def _check_source(url: str, path: str) -> None:
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoSuchUrlException(url) from error
    if stat.S_ISDIR(found.st_mode):
        raise UrlIsDirectoryException(url, "Import the files in it one by one.")
    if not stat.S_ISREG(found.st_mode):
        raise InvalidImportExportUrlException(url, "it is neither a file nor a directory")
    if not os.access(path, os.R_OK):
        raise InvalidImportExportUrlException(url, "you may not read it")


def _basename(url: str) -> str:
    from urllib.parse import unquote, urlsplit

    return unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]


def _as_text(url: Any) -> str:
    return url if isinstance(url, str) else str(url.geturl())
