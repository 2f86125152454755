"""The outputs of a run: evaluated, their files put where the user wants them, and all written as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from WDL import Value

from toil_core.api import FileID, export_files
from toil_plugin_wdl import stored
from toil_plugin_wdl.values import paths_in, with_paths

if TYPE_CHECKING:
    from toil_core.api import AbstractJobStore
    from toil_plugin_wdl.contexts import StoreFiles


class _Output(NamedTuple):
    """What there is to write for one file or directory.

    :ivar name: the name that it is to have.
    :ivar pieces: its files, and directories that are empty, with their paths below it; just itself if it is a file.
    """

    name: str
    pieces: list[tuple[Any, str]]

    def place(self, first: str, others: Iterable[str]) -> str:
        """Return where it is.

        :param first: where its first piece is.
        :param others: where its other pieces are, which is passed over.
        """
        for _ in others:
            continue
        inside = self.pieces[0][1]
        return first[: len(first) - len(quote(inside) if "://" in first else inside) - 1] if inside else first


def exported(files: StoreFiles, values: Mapping[str, Value.Base], destination: str) -> dict[str, Value.Base]:
    """Put the files and directories of outputs into a directory, under the names that tasks gave them.

    :param destination: its path or URL.
    :returns: the outputs with the paths or URLs of what was put there.
    """
    outputs: dict[str, _Output] = {}
    for value in values.values():
        for path in paths_in(value):
            if path.value not in outputs and stored.is_stored(path.value):
                outputs[path.value] = _output(files, stored.stored(path.value))
    found = dict(zip(outputs, _written(files, list(outputs.values()), destination), strict=True))
    return {name: with_paths(value, lambda path: found.get(path.value, path.value)) for name, value in values.items()}


def _written(files: StoreFiles, outputs: list[_Output], destination: str) -> list[str]:
    """Write outputs, directories of one name told apart, and return the place of each."""
    if not outputs:
        return []
    wanted: list[tuple[Any, str]] = []
    taken: dict[str, int] = {}
    for output in outputs:
        name = output.name
        if output.pieces[0][1] or output.pieces[0][0] is None:
            number = taken[name] = taken.get(name, 0) + 1
            name = name if number == 1 else f"{name}_{number}"
        wanted += [(source, f"{name}/{inside}" if inside else name) for source, inside in output.pieces]
    places = iter(export_files(files.job_store, wanted, destination))
    return [output.place(next(places), islice(places, len(output.pieces) - 1)) for output in outputs]


def _output(files: StoreFiles, found: stored.Stored) -> _Output:
    """Return what there is to write for a file or directory."""
    name = os.path.basename(found.inside) if found.inside else found.name
    if not found.is_directory:
        return _Output(name, [(found.file_id, "")])
    begin = f"{found.inside}/" if found.inside else ""
    pieces: list[tuple[Any, str]] = []
    entries = files.listing(found)
    full = {os.path.dirname(entry.path) for entry in entries}
    for path, file_id in entries:
        if path == found.inside and file_id is not None:
            return _Output(name, [(FileID.unpack(file_id), "")])
        if path.startswith(begin) and (file_id is not None or path not in full):
            pieces.append((None if file_id is None else FileID.unpack(file_id), path[len(begin) :]))
    return _Output(name, pieces or [(None, "")])


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
