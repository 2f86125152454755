"""Files and directories of the job store as WDL values see them: paths that look like URLs and end in the name.

`toilfile://ID/GROUP/NAME` is a file, `toildir://ID/GROUP/NAME` a directory, whose ID is that of a list of what is in
it. What came from one directory has the same group, so that it can be put into one directory again. What is inside of a
directory can be named by more path components.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote, unquote

from toil_core.api import FileID

_FILE, _DIRECTORY = "toilfile://", "toildir://"


class Entry(NamedTuple):
    """Something in a stored directory.

    :ivar path: its path below the directory.
    :ivar file_id: the packed ID of its content, or None if it is a directory itself.
    """

    path: str
    file_id: str | None


class Stored(NamedTuple):
    """A file or directory in the job store, or something in such a directory.

    :ivar file_id: the file's ID, or that of the directory's listing.
    :ivar group: what files from one directory have in common.
    :ivar name: the file's or directory's own name.
    :ivar inside: a path below the directory, or empty.
    :ivar is_directory: whether the ID is that of a directory.
    """

    file_id: FileID
    group: str
    name: str
    inside: str
    is_directory: bool

    def path(self) -> str:
        """Return it as the value of a WDL file or directory."""
        scheme = _DIRECTORY if self.is_directory else _FILE
        inside = f"/{self.inside}" if self.inside else ""
        return f"{scheme}{quote(self.file_id.pack(), safe='')}/{self.group}/{self.name}{inside}"


def is_stored(path: str) -> bool:
    """Return whether a path is that of a file or directory in the job store."""
    return path.startswith((_FILE, _DIRECTORY))


def stored(path: str) -> Stored:
    """Return what a path in the job store means."""
    is_directory = path.startswith(_DIRECTORY)
    packed, group, name, *inside = path.partition("://")[2].split("/")
    return Stored(FileID.unpack(unquote(packed)), group, name, "/".join(inside), is_directory)


def stored_file(file_id: FileID, place: str, name: str = "") -> str:
    """Return the WDL value of a file that was put into the job store.

    :param place: where it was, an absolute path or URL.
    :param name: its own name, by default what the place ends with.
    """
    directory, _, last = place.rstrip("/").rpartition("/")
    return Stored(file_id, group_of(directory), name or unquoted(last, place), "", is_directory=False).path()


def stored_directory(listing: FileID, place: str) -> str:
    """Return the WDL value of a directory whose listing was put into the job store.

    :param place: where it was, an absolute path or URL.
    """
    directory, _, last = place.rstrip("/").rpartition("/")
    return Stored(listing, group_of(directory), unquoted(last, place), "", is_directory=True).path()


def unquoted(name: str, place: str) -> str:
    """Return the last part of a place as a file is called: in URLs it is quoted, and may be followed by a query."""
    return unquote(name.partition("?")[0]) if "://" in place else name


def group_of(directory: str) -> str:
    """Return what all files from a directory have in common."""
    return hashlib.blake2b(directory.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()


def encode_listing(entries: Iterable[Entry]) -> bytes:
    """Return what is in a directory as the content of a file."""
    return json.dumps(sorted(entries)).encode()


def decode_listing(content: bytes) -> list[Entry]:
    """Return what `encode_listing` wrote."""
    return [Entry(path, file_id) for path, file_id in json.loads(content)]


def walk(directory: str) -> list[tuple[str, str | None]]:
    """Return what is in a directory of this machine: paths below it, each with its real path unless a directory.

    Links are followed; what is neither a file nor a directory is left out.
    """
    found: list[tuple[str, str | None]] = []
    for root, names, files in os.walk(directory, followlinks=True):
        below = os.path.relpath(root, directory)
        prefix = "" if below == "." else f"{below}/"
        found += [(prefix + name, None) for name in names]
        found += [
            (prefix + name, os.path.join(root, name)) for name in files if os.path.isfile(os.path.join(root, name))
        ]
    return found


def size_of(path: str) -> int:
    """Return the size in bytes of a file, or of all that is in a directory of this machine."""
    if not os.path.isdir(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(real) for _, real in walk(path) if real is not None)
