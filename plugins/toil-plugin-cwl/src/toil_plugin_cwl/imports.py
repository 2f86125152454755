"""Bringing the files that an input object and the documents name into the job store, all at once."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from cwltool.utils import path_to_loc
from schema_salad.ref_resolver import uri_file_path

from toil_core.api import import_files, walk_directory
from toil_plugin_cwl import locations
from toil_plugin_cwl.processes import all_processes
from toil_plugin_cwl.store import files_in

if TYPE_CHECKING:
    from cwltool.process import Process

    from toil_core.api import AbstractJobStore, FileID


class Entry(Protocol):
    """Something in a directory, as `walk_directory` tells it."""

    @property
    def path(self) -> str:
        """Its path below the directory."""

    @property
    def url(self) -> str:
        """Its own URL."""

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory itself."""


def import_all(job_store: AbstractJobStore, values: Iterable[Any], defaults: Iterable[Any]) -> None:
    """Import all files and directories that File and Directory objects name, and have these say so, in place.

    :param values: what holds the objects.
    :param defaults: more of that, where a local file that is missing does not matter unless a job comes to use it.
    :raises InputsUnavailable: if a file cannot be had.
    """
    wanted = _external(values)
    objects = [*wanted.values()]
    objects += [one for key, one in _external(defaults).items() if key not in wanted and _is_there(one["location"])]
    trees: dict[str, list[Entry]] = {}
    sources: dict[str, None] = {}
    for one in objects:
        location = one["location"]
        if one["class"] == "File":
            sources[location] = None
        elif location not in trees:
            trees[location] = list(walk_directory(job_store, location))
            sources.update((entry.url, None) for entry in trees[location] if not entry.is_directory)
    ids = import_files(job_store, sources)
    for one in objects:
        location = one["location"]
        if one["class"] == "File":
            one["location"] = locations.file_location(ids[location])
        else:
            one["location"] = locations.directory_location(_tree(trees[location], ids))
            one.pop("listing", None)
        one.pop("path", None)


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


def _is_there(location: str) -> bool:
    return not location.startswith("file:") or os.path.exists(uri_file_path(location))


def _tree(entries: list[Entry], ids: dict[str, FileID]) -> locations.Tree:
    tree: locations.Tree = {}
    for entry in entries:
        *parents, name = entry.path.split("/")
        inside = tree
        for parent in parents:
            inside = inside[parent]
        inside[name] = {} if entry.is_directory else ids[entry.url].pack()
    return tree


def in_documents(process: Process) -> list[Any]:
    """Return what of a process, and all those inside of it, may name files: defaults and requirements."""
    found: list[Any] = []
    for _, inner, step in all_processes(process):
        found += [inner.tool.get("inputs"), inner.requirements, inner.hints]
        if step is not None:
            found += [step.tool.get("inputs"), step.tool.get("in"), step.requirements, step.hints]
    return found
