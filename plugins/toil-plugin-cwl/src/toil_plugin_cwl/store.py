"""Files between the job store and a running tool: inputs are brought to where it can read them, outputs are stored.

What a tool passes on unchanged is recognized by its path and keeps its place in the job store.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from cwltool.errors import WorkflowException
from schema_salad.ref_resolver import file_uri, uri_file_path

from toil_core.api import AbstractFileStore, FileID, file_as_pipe
from toil_plugin_cwl import locations

#: What cwltool derives from other fields and from where a file happens to be.
_DERIVED = ("path", "dirname", "nameroot", "nameext")


def files_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield all File and Directory objects in a value, those within others after these."""
    if isinstance(value, dict):
        if value.get("class") in ("File", "Directory"):
            yield value
        for one in list(value.values()):
            yield from files_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from files_in(one)


def local_path(location: str) -> str:
    """Return the path of a location on this machine, or nothing if it is elsewhere."""
    # cwltool writes the location of an input that a tool passes on as a path.
    return location if location.startswith("/") else uri_file_path(location) if location.startswith("file:") else ""


class FileReader:
    """Brings stored files to this machine.

    :param file_store: of the running job.
    """

    def __init__(self, file_store: AbstractFileStore) -> None:
        self._file_store = file_store
        self._paths: dict[str, str] = {}
        self._directory = ""
        self._made = 0

    def path_of(self, file_id: FileID) -> str:
        """Return a path at which a stored file can be read but not changed."""
        if file_id not in self._paths:
            self._paths[file_id] = self._file_store.readGlobalFile(file_id, symlink=True)
        return self._paths[file_id]

    def new_path(self, name: str) -> str:
        """Return a path with this last part, in a directory of its own."""
        if not self._directory:
            self._directory = self._file_store.getLocalTempDir()
        parent = os.path.join(self._directory, str(self._made))
        self._made += 1
        os.mkdir(parent)
        return os.path.join(parent, name)


class LocalFiles:
    """The files of one run of a tool.

    :param file_store: of the running job.
    """

    def __init__(self, file_store: AbstractFileStore) -> None:
        self._file_store = file_store
        self.reader = FileReader(file_store)
        #: By location in the job store and name, the path here.
        self._paths: dict[tuple[str, str], str] = {}
        #: By path here, the location in the job store.
        self._origins: dict[str, str] = {}
        #: Where files are that may be linked to.
        self.own_directories = [file_store.localTempDir]

    def bring(self, inputs: Any) -> None:
        """Make all stored files in an input object available here, and have it name their paths, in place."""
        for one in files_in(inputs):
            location = one.get("location", "")
            if locations.is_stored(location):
                one["location"] = file_uri(self._path(location, one["basename"]))

    def stream(self, value: Any, stack: ExitStack) -> None:
        """Have a File object whose content is not on this machine name a pipe that gives it, in place.

        :param value: the object; anything else is left alone.
        :param stack: what ends when nobody reads any more.
        """
        if not isinstance(value, dict) or value.get("class") != "File" or value.get("secondaryFiles"):
            return
        file_id = locations.found(value["location"]) if locations.is_stored(value["location"]) else None
        if not isinstance(file_id, FileID) or self._file_store.jobStore.storage.local_path(str(file_id)) is not None:
            return
        path = self.reader.new_path(value["basename"])
        stack.enter_context(file_as_pipe(self._file_store, file_id, path))
        value["location"] = file_uri(path)
        value["size"] = self._file_store.getGlobalFileSize(file_id)

    def _path(self, location: str, name: str) -> str:
        path = self._paths.get((location, name))
        if path is None:
            path = self._paths[location, name] = self.reader.new_path(name)
            entry = locations.found(location)
            if isinstance(entry, FileID):
                self._file_store.readGlobalFile(entry, path, symlink=True)
            else:
                self._fill(path, entry, location)
            self._origins[path] = self._origins[os.path.realpath(path)] = location
        return path

    def _fill(self, path: str, tree: locations.Tree, location: str) -> None:
        """Make a stored directory here; of files, not links, which would lead nowhere inside a container."""
        os.mkdir(path)
        for name, entry in tree.items():
            inside, its_location = os.path.join(path, name), locations.entry_location(location, name)
            if isinstance(entry, str):
                self._file_store.readGlobalFile(FileID.unpack(entry), inside)
                self._origins[inside] = locations.FILE + entry
            else:
                self._fill(inside, entry, its_location)
                self._origins[inside] = its_location

    def store(self, outputs: Any) -> None:
        """Put all files of an output object that are only here into the job store, and have it say so, in place."""
        for one in files_in(outputs):
            path = local_path(one.get("location", ""))
            if path:
                one["location"] = self._stored_directory(path) if os.path.isdir(path) else self._stored(path)
                one.setdefault("basename", os.path.basename(path))
                if one["class"] == "Directory":
                    one.pop("listing", None)
            for name in _DERIVED:
                one.pop(name, None)

    def _stored(self, path: str) -> str:
        real = os.path.realpath(path)
        origin = self._origins.get(path) or self._origins.get(real)
        if origin is None and os.path.islink(path) and not self._is_own(real):
            raise WorkflowException(f"The output '{os.path.basename(path)}' is a link to '{real}', which is no output.")
        if origin is None or not isinstance(locations.found(origin), FileID):
            origin = self._origins[path] = locations.file_location(self._file_store.writeGlobalFile(path))
        return origin

    def _is_own(self, real: str) -> bool:
        """Return whether a path without links is one that the tool may have made a file at."""
        return any(real.startswith(os.path.realpath(one) + os.sep) for one in self.own_directories)

    def _stored_directory(self, path: str) -> str:
        origin = self._origins.get(path) or self._origins.get(os.path.realpath(path))
        if origin is None:
            origin = self._origins[path] = locations.directory_location(tree_of(path, self._packed))
        return origin

    def _packed(self, path: str) -> str:
        found = locations.found(self._stored(path))
        assert isinstance(found, FileID)
        return found.pack()


def tree_of(path: str, packed: Callable[[str], str]) -> locations.Tree:
    """Return the tree of a directory on this machine.

    :param packed: stores the file at a path and returns its packed ID.
    """
    with os.scandir(path) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    return {one.name: tree_of(one.path, packed) if one.is_dir() else packed(one.path) for one in found}
