"""The outputs of a run: evaluated, their files put where the user wants them, and all written as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from WDL import Value

from toil_core.api import FileID, export_files
from toil_plugin_wdl import stored
from toil_plugin_wdl.values import paths_in, with_paths

if TYPE_CHECKING:
    from toil_core.api import AbstractJobStore
    from toil_plugin_wdl.contexts import StoreFiles


def exported(files: StoreFiles, values: Mapping[str, Value.Base], destination: str) -> dict[str, Value.Base]:
    """Put the files and directories of outputs into a directory, under the names that tasks gave them.

    :param destination: its path or URL.
    :returns: the outputs with the paths or URLs of what was put there.
    """
    sources: dict[str, list[tuple[Any, str]]] = {}
    for value in values.values():
        for path in paths_in(value):
            if path.value not in sources and stored.is_stored(path.value):
                sources[path.value] = list(_pieces(files, stored.stored(path.value)))
    wanted = [piece for pieces in sources.values() for piece in pieces]
    places = iter(export_files(files.job_store, _renamed(sources), destination) if wanted else [])
    found = {path: _first(islice(places, len(pieces))) for path, pieces in sources.items()}
    return {name: with_paths(value, lambda path: found.get(path.value, path.value)) for name, value in values.items()}


def _first(places: Iterator[str]) -> str:
    """Return the first of several places, and pass over the others."""
    first, *_ = places
    return first


def _renamed(sources: Mapping[str, list[tuple[Any, str]]]) -> list[tuple[Any, str]]:
    """Return all that is to be written, with directories of the same name told apart, each with all that is in it."""
    taken: dict[str, int] = {}
    found: list[tuple[Any, str]] = []
    for pieces in sources.values():
        name = pieces[0][1]
        if len(pieces) > 1 or pieces[0][0] is None:
            number = taken[name] = taken.get(name, 0) + 1
            if number > 1:
                found += [(source, f"{name}_{number}{inner[len(name) :]}") for source, inner in pieces]
                continue
        found += pieces
    return found


def _pieces(files: StoreFiles, found: stored.Stored) -> list[tuple[Any, str]]:
    """Return what there is to write for a file or directory: the sources and the names that they are to get."""
    name = os.path.basename(found.inside) if found.inside else found.name
    if not found.is_directory:
        return [(found.file_id, name)]
    entries = files.listing(found)
    if found.inside:
        inside = next((entry for entry in entries if entry.path == found.inside), None)
        if inside is not None and inside.file_id is not None:
            return [(FileID.unpack(inside.file_id), name)]
        begin = f"{found.inside}/"
        entries = [entry._replace(path=entry.path[len(begin) :]) for entry in entries if entry.path.startswith(begin)]
    return [
        (None, name),
        *((None if one.file_id is None else FileID.unpack(one.file_id), f"{name}/{one.path}") for one in entries),
    ]


def report(name: str, values: Mapping[str, Value.Base], destination: str, dialect: str) -> dict[str, Any]:
    """Return the outputs as the JSON object that a dialect has for them.

    :param name: the name of the workflow or task.
    :param destination: where the files are.
    :param dialect: `cromwell` or `miniwdl`.
    """
    found = {f"{name}.{output}": value.json for output, value in values.items()}
    if dialect == "cromwell":
        return found
    return {"dir": destination if "://" in destination else os.path.abspath(destination), "outputs": found}


def write_report(content: Mapping[str, Any], place: str | None, job_store: AbstractJobStore) -> None:
    """Write the output JSON.

    :param place: the path or URL of a file; standard output by default.
    """
    text = json.dumps(content, indent=4, ensure_ascii=False) + "\n"
    if place is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    directory, _, name = place.rpartition("/")
    export_files(job_store, [(text.encode(), name)], directory or ("/" if place.startswith("/") else "."))
