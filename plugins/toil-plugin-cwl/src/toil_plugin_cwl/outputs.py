"""What a run leaves: output files where the user wants them, and the output object that names them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from schema_salad.ref_resolver import file_uri, uri_file_path

from toil_core.api import FileID, export_files
from toil_plugin_cwl import locations
from toil_plugin_cwl.store import local_path, tree_of

if TYPE_CHECKING:
    from toil_core.api import AbstractJobStore

_Source = FileID | str | bytes | None

#: What only matters while a workflow runs.
_INTERNAL = ("contents", "nameroot", "nameext", "dirname", "path", "listing")


def exported(job_store: AbstractJobStore, outputs: Any, destination: str, *, checksums: bool) -> Any:
    """Write all files of an output object to a directory.

    :param outputs: the output object, with files in the job store.
    :param destination: the directory's path, or a URL.
    :param checksums: whether to compute those that are missing.
    :returns: the output object with all files at the destination.
    """
    plan = _Plan()
    result = plan.placed(outputs)
    places = export_files(job_store, plan.pieces, destination)
    for one, index, depth in plan.placed_objects:
        place = places[index]
        for _ in range(depth):
            place = place.rpartition("/")[0]
        if os.path.isabs(place):
            one["location"], one["path"] = file_uri(place), place
            if one["class"] == "File":
                _measure(one, place, checksums)
        else:
            one["location"] = place
    return result


def _measure(one: dict[str, Any], path: str, checksums: bool) -> None:
    one.setdefault("size", os.path.getsize(path))
    if checksums and "checksum" not in one:
        digest = hashlib.sha1(usedforsecurity=False)
        with open(path, "rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
        one["checksum"] = f"sha1${digest.hexdigest()}"


class _Plan:
    """What is to be written, and which object tells of which part of that."""

    def __init__(self) -> None:
        self.pieces: list[tuple[_Source, str]] = []
        #: Objects, each with the index of a piece and how many directories above that it is.
        self.placed_objects: list[tuple[dict[str, Any], int, int]] = []
        #: By name, what was placed there.
        self._names: dict[str, Any] = {}

    def placed(self, value: Any) -> Any:
        """Return a copy of a value in which all files and directories will be told where they are."""
        if isinstance(value, list):
            return [self.placed(one) for one in value]
        if not isinstance(value, dict):
            return value
        if value.get("class") in ("File", "Directory"):
            return self._object(value, "")
        return {key: self.placed(one) for key, one in value.items()}

    def _object(self, value: dict[str, Any], directory: str) -> dict[str, Any]:
        path = local_path(value.get("location", ""))
        if path:
            # One file may have several paths where jobs share files.
            value = {**value, "location": file_uri(os.path.realpath(path))}
        result = {key: one for key, one in value.items() if key not in _INTERNAL}
        name = self._free(directory + value["basename"], value)
        result["basename"] = name.rpartition("/")[2]
        if value["class"] == "File":
            self._place(result, _source(value), name)
        else:
            self._place_directory(result, name, lambda: self._entries(value, f"{name}/"))
        if "secondaryFiles" in value:
            result["secondaryFiles"] = [self._object(one, directory) for one in value["secondaryFiles"]]
        return result

    def _entries(self, value: dict[str, Any], directory: str) -> list[dict[str, Any]]:
        location = value.get("location", "_:")
        if locations.is_stored(location):
            tree = locations.found(location)
        elif location.startswith("file:"):
            tree = tree_of(uri_file_path(location), file_uri)
        else:
            return [self._object(one, directory) for one in value.get("listing", [])]
        assert isinstance(tree, dict)
        return self._tree(tree, directory)

    def _tree(self, tree: locations.Tree, directory: str) -> list[dict[str, Any]]:
        found = []
        for name, entry in tree.items():
            one: dict[str, Any] = {"class": "File" if isinstance(entry, str) else "Directory", "basename": name}
            if isinstance(entry, str):
                self._place(one, entry if entry.startswith("file:") else FileID.unpack(entry), directory + name)
            else:
                self._place_directory(one, directory + name, partial(self._tree, entry, f"{directory}{name}/"))
            found.append(one)
        return found

    def _place(self, one: dict[str, Any], source: _Source, name: str) -> None:
        self.placed_objects.append((one, len(self.pieces), 0))
        self.pieces.append((source, name))

    def _place_directory(self, one: dict[str, Any], name: str, entries: Callable[[], list[dict[str, Any]]]) -> None:
        """Place a directory with what is in it; only an empty one has to be made."""
        first = len(self.pieces)
        one["listing"] = entries()
        if len(self.pieces) == first:
            self.pieces.append((None, name))
        depth = self.pieces[first][1].count("/") - name.count("/")
        self.placed_objects.append((one, first, depth))

    def _free(self, wanted: str, value: dict[str, Any]) -> str:
        """Return the name that something wants, or one like it if something else has that."""
        name, number = wanted, 1
        key = value.get("location", id(value))
        while self._names.setdefault(name, key) != key:
            number += 1
            name = f"{wanted}_{number}"
        return name


def _source(value: dict[str, Any]) -> _Source:
    location = value.get("location", "_:")
    if locations.is_stored(location):
        found = locations.found(location)
        assert isinstance(found, FileID)
        return found
    if location.startswith("_:"):
        return str(value["contents"]).encode()
    return str(location)
