"""Bringing the files that an input object and the documents name into the job store, all at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cwltool.utils import path_to_loc
from schema_salad.ref_resolver import uri_file_path

from toil_core.api import InputsUnavailable, import_files, import_inputs, walk_directory
from toil_plugin_cwl import locations
from toil_plugin_cwl.errors import InvalidInputError
from toil_plugin_cwl.processes import all_processes
from toil_plugin_cwl.store import files_in, local_path

if TYPE_CHECKING:
    from cwltool.process import Process

    from toil_core.api import AbstractJobStore, FileID, Job

#: A directory before its files are imported: by name, their URLs and further directories.
_Urls = dict[str, Any]


class Imports:
    """The files of some values, to be imported together.

    :param job_store: where they are to be.
    :param values: what holds File and Directory objects.
    :param name: what that is, for people.
    """

    def __init__(self, job_store: AbstractJobStore, values: Iterable[Any], name: str = "") -> None:
        self._name = name
        self._job_store = job_store
        self._objects = [*_external(values).values()]
        self._directories: dict[str, _Urls] = {}
        self._sources: dict[str, None] = {}
        for one in self._objects:
            location = one["location"]
            if one["class"] == "File":
                self._sources[location] = None
            elif location not in self._directories:
                self._directories[location] = self._listed(location)

    def _listed(self, location: str) -> _Urls:
        tree: _Urls = {}
        for entry in walk_directory(self._job_store, location):
            *parents, name = entry.path.split("/")
            inside = tree
            for parent in parents:
                inside = inside[parent]
            inside[name] = {} if entry.is_directory else entry.url
            if not entry.is_directory:
                self._sources[entry.url] = None
        return tree

    def bring(self) -> Job | None:
        """Import the files, and have the objects say so, in place.

        :raises InvalidInputError: if a file cannot be had.
        :returns: None; or, where jobs are to import some of them, the job that will return what `told` wants.
        """
        try:
            found = import_inputs(self._job_store, self._sources)
        except InputsUnavailable as error:
            lines = [f"{self._where(source)}{reason}" for source, reason in error.problems]
            raise InvalidInputError(self._name, "\n".join(lines)) from error
        if not isinstance(found, dict):
            return found
        self._tell(found)
        return None

    def _where(self, source: str) -> str:
        """Return the file and line that names a source, where that is known."""
        for one in self._objects:
            place: Any = getattr(one, "lc", None)
            name = getattr(place, "filename", "")
            if one["location"] == source and name:
                return f"{os.path.relpath(local_path(name)) if local_path(name) else name}:{place.line + 1}: "
        return ""

    def bring_at_once(self) -> None:
        """Import the files here, whatever the user wants for those of input objects."""
        self._tell(import_files(self._job_store, self._sources))

    def _tell(self, ids: Mapping[str, FileID]) -> None:
        for one in self._objects:
            tell(one, self._directories, ids)

    @property
    def directories(self) -> dict[str, _Urls]:
        """What is in each directory, by its location."""
        return self._directories


def tell(one: dict[str, Any], directories: Mapping[str, _Urls], ids: Mapping[str, FileID]) -> None:
    """Have a File or Directory object say where in the job store it is, if it was imported.

    :param directories: what is in each directory, by its location.
    :param ids: by URL, the file's ID.
    """
    location = one.get("location", "")
    if one["class"] == "File" and location in ids:
        one["location"] = locations.file_location(ids[location])
    elif one["class"] == "Directory" and location in directories:
        one["location"] = locations.directory_location(_stored(directories[location], ids))
        one.pop("listing", None)


def _stored(urls: _Urls, ids: Mapping[str, FileID]) -> locations.Tree:
    return {name: _stored(entry, ids) if isinstance(entry, dict) else ids[entry].pack() for name, entry in urls.items()}


def _external(values: Iterable[Any]) -> dict[int, dict[str, Any]]:
    """Return the objects that name what is not in the job store yet; one may be in several places, and counts once."""
    found: dict[int, dict[str, Any]] = {}
    for value in values:
        for one in files_in(value):
            path_to_loc(one)  # type: ignore[arg-type]
            location = one.get("location", "")
            if location and not location.startswith("_:") and not locations.is_stored(location):
                one.setdefault("basename", os.path.basename(location.rstrip("/")))
                found[id(one)] = one
    return found


def in_documents(process: Process) -> list[Any]:
    """Return the files that a process, and all those inside of it, names in defaults and requirements.

    A local file that is missing does not matter unless a job comes to use it.
    """
    found: list[Any] = []
    for _, inner, step in all_processes(process):
        found += [inner.tool.get("inputs"), inner.requirements, inner.hints]
        if step is not None:
            found += [step.tool.get("inputs"), step.tool.get("in"), step.requirements, step.hints]
    return [one for one in _external(found).values() if _is_there(one["location"])]


def _is_there(location: str) -> bool:
    return not location.startswith("file:") or os.path.exists(uri_file_path(location))
