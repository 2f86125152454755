"""Locations of files in the job store, as CWL objects carry them between jobs.

A stored file is `toilfile:` and its packed ID. A directory is `toildir:` and the tree of its files, each by its packed
ID, so that it needs no object of its own in the job store; what is in it is named by a path after the tree.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any
from urllib.parse import quote, unquote

from toil_core.api import FileID

FILE = "toilfile:"
DIRECTORY = "toildir:"

#: A directory: by name, packed IDs of files and further directories.
Tree = dict[str, Any]


def is_stored(location: str) -> bool:
    """Return whether a location is in the job store."""
    return location.startswith((FILE, DIRECTORY))


def file_location(file_id: FileID) -> str:
    """Return the location of a stored file."""
    return FILE + file_id.pack()


def directory_location(tree: Tree) -> str:
    """Return the location of a directory of stored files."""
    text = json.dumps(tree, separators=(",", ":"), sort_keys=True).encode()
    return DIRECTORY + base64.urlsafe_b64encode(zlib.compress(text)).decode("ascii")


def entry_location(location: str, name: str) -> str:
    """Return the location of what a stored directory holds under a name."""
    return f"{location}/{quote(name, safe='')}"


def found(location: str) -> FileID | Tree:
    """Return what is at a location in the job store: a file's ID, or a directory's tree.

    :raises FileNotFoundError: if the directory that it names has no such entry.
    """
    if location.startswith(FILE):
        return FileID.unpack(location.removeprefix(FILE))
    packed, *path = location.removeprefix(DIRECTORY).split("/")
    entry: Any = json.loads(zlib.decompress(base64.urlsafe_b64decode(packed)))
    for name in map(unquote, path):
        if not isinstance(entry, dict) or name not in entry:
            raise FileNotFoundError(2, "There is no such entry in the stored directory", "/".join(path))
        entry = entry[name]
    return FileID.unpack(entry) if isinstance(entry, str) else entry
