"""Files out: putting the outputs of a workflow where the user wants them, under the names that tasks gave them.

    export_files(store, outputs, destination, *, collisions="append", link=True) -> list[str]

    outputs       (source, name) pairs. A source is a FileID, the path or URL of a file or directory, the content of a
                  new file as bytes, or None for a new directory. A name may have directories before it: "logs/a.txt".
    destination   a directory's path, or a URL of any scheme that is installed, such as s3://bucket/run1.
    returns       where each of them is now: an absolute path, or a URL where the destination is one.

On this machine files change hands by links where that is safe; those that go elsewhere are sent in parallel.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import quote

from toil_core.job_stores import local_files
from toil_core.job_stores.errors import NoSuchFileException
from toil_core.job_stores.file_ids import FileID
from toil_core.job_stores.files_api import is_executable, key_of
from toil_core.job_stores.storage import KeyAbsent
from toil_core.job_stores.urls import normalize_uri, scheme_of, url_scheme_for
from toil_core.languages.importing import walk_directory
from toil_core.languages.output_names import Collisions, OutputNames
from toil_core.languages.parallel import in_threads, is_far

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.job_stores.urls import UrlScheme

#: A file in the job store, a file or directory at a path or URL, the content of a new file, or a new directory.
Source = FileID | str | bytes | None


class _Piece(NamedTuple):
    """One file or directory to make at the destination."""

    source: Source
    name: str
    kind: Literal["file", "directory"]


def export_files(
    store: AbstractJobStore,
    outputs: Sequence[tuple[Source, str]],
    destination: str,
    *,
    collisions: Collisions = "append",
    link: bool = True,
) -> list[str]:
    """Put files and directories into a directory, which is made where it is missing.

    What is there already under one of the names is replaced. A source that is named twice alike is written once.

    :param outputs: what to write, and under which name.
    :param destination: the directory's path or URL.
    :param collisions: what becomes of different files that want one name: the second is called `a.txt_2` (`append`) or
        `a_2.txt` (`stem`), or it is an error (`refuse`).
    :param link: whether a file that only the job store has may be handed over rather than copied: that is for the end
        of a workflow, since whoever then changes the output changes what the job store holds.
    :raises OutputNameError: if a name leads out of the destination, or is wanted twice and `collisions` refuses that.
    :raises NoSuchFileException: if the job store lacks a file.
    :raises InvalidImportExportUrlException: if a source cannot be read, or nothing can be written to the destination.
    :returns: the place of each output, in their order.
    """
    names = OutputNames(collisions).names_for(outputs)
    pieces = dict.fromkeys(
        piece for (source, _), name in zip(outputs, names, strict=True) for piece in _pieces(store, source, name)
    )
    if scheme_of(destination) in ("", "file"):
        target: _LocalTarget | _RemoteTarget = _LocalTarget(store, destination, link)
    else:
        target = _RemoteTarget(store, destination)
    target.write(pieces)
    return [target.place_of(name) for name in names]


def _pieces(store: AbstractJobStore, source: Source, name: str) -> Iterator[_Piece]:
    if source is None:
        yield _Piece(None, name, "directory")
    elif isinstance(source, (FileID, bytes)) or not _is_directory(store, source):
        yield _Piece(source, name, "file")
    else:
        yield _Piece(None, name, "directory")
        for entry in walk_directory(store, source):
            inner = f"{name}/{entry.path}"
            yield _Piece(None, inner, "directory") if entry.is_directory else _Piece(entry.url, inner, "file")


def _is_directory(store: AbstractJobStore, source: str) -> bool:
    if scheme_of(source) == "":
        return os.path.isdir(source)
    return _scheme_for(store, source).is_directory(source)


def _scheme_for(store: AbstractJobStore, url: str) -> UrlScheme:
    return url_scheme_for(url, store.config.implementations.get("url_schemes"))


class _LocalTarget:
    """A directory of this machine."""

    def __init__(self, store: AbstractJobStore, destination: str, link: bool) -> None:
        url = normalize_uri(destination)
        directory = _scheme_for(store, url).local_path(url)
        assert directory is not None
        self._store = store
        self._directory = directory
        self._link = link

    def place_of(self, name: str) -> str:
        return os.path.join(self._directory, name)

    def write(self, pieces: Iterable[_Piece]) -> None:
        files: list[tuple[Source, str]] = []
        made = {self._directory}
        os.makedirs(self._directory, exist_ok=True)
        for source, name, kind in pieces:
            path = self.place_of(name)
            directory = path if kind == "directory" else os.path.dirname(path)
            if directory not in made:
                os.makedirs(directory, exist_ok=True)
                made.add(directory)
            if kind == "file":
                files.append((source, path))
        if is_far(self._store):
            in_threads(self._write_file, files)
        else:
            for file in files:
                self._write_file(file)

    def _write_file(self, file: tuple[Source, str]) -> None:
        source, path = file
        partial = local_files.partial_name(path)
        try:
            if self._make(source, partial):
                os.replace(partial, path)
                return
        finally:
            local_files.remove_if_there(partial)
        assert isinstance(source, FileID)
        self._store.export_file(source, path)

    def _make(self, source: Source, partial: str) -> bool:
        """Write a file's content to a new path; return False for what only the job store knows how to export."""
        if isinstance(source, bytes):
            with open(partial, "xb") as stream:
                stream.write(source)
            return True
        if isinstance(source, FileID):
            return self._link and not self._store.config.moveExports and self._hand_over(source, partial)
        assert source is not None
        url = normalize_uri(source)
        scheme = _scheme_for(self._store, url)
        found = scheme.local_path(url)
        with scheme.open_read(url) as reader:
            if found is None:
                with open(partial, "xb") as stream:
                    local_files.copy_stream(reader, stream)
            else:
                executable = local_files.is_executable(os.fstat(reader.fileno()).st_mode)
                local_files.copy(found, partial, 0o777 if executable else 0o666)
        return True

    def _hand_over(self, file_id: FileID, partial: str) -> bool:
        """Make another name for a file that the job store has as its own and nobody shares."""
        try:
            if not self._store.storage.share(key_of(file_id), partial):
                return False
        except KeyAbsent as error:
            raise NoSuchFileException(file_id) from error
        os.chmod(partial, (0o777 if is_executable(file_id) else 0o666) & ~_umask())
        return True


class _RemoteTarget:
    """A directory at a URL, which need not be made: places there are made by writing to them."""

    def __init__(self, store: AbstractJobStore, destination: str) -> None:
        self._store = store
        self._url = destination.rstrip("/")

    def place_of(self, name: str) -> str:
        return f"{self._url}/{quote(name, errors='surrogateescape')}"

    def write(self, pieces: Iterable[_Piece]) -> None:
        in_threads(self._send, [piece for piece in pieces if piece.kind == "file"])

    def _send(self, piece: _Piece) -> None:
        url = self.place_of(piece.name)
        source = piece.source
        if isinstance(source, FileID):
            self._store.export_file(source, url)
            return
        with _scheme_for(self._store, url).open_write(url) as writer:
            if isinstance(source, bytes):
                writer.write(source)
                return
            assert source is not None
            with _scheme_for(self._store, source).open_read(normalize_uri(source)) as reader:
                local_files.copy_stream(reader, writer)


@cache
def _umask() -> int:
    """Return this process's umask, without changing it on the way where the system can tell it."""
    try:
        with open("/proc/self/status", "rb") as status:
            for line in status:
                if line.startswith(b"Umask:"):
                    return int(line.split()[1], 8)
    except OSError:
        pass
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
