"""Input files on their way into the job store: found, checked, imported once each, and put into the values."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from WDL import Value

from toil_core.api import (
    ImportFiles,
    InputsUnavailable,
    InvalidImportExportUrlException,
    absolute_source,
    import_files,
    import_inputs,
    walk_directory,
)
from toil_plugin_wdl import stored
from toil_plugin_wdl.problems import InputError
from toil_plugin_wdl.values import Packed, pack, paths_in, with_imported, with_paths

if TYPE_CHECKING:
    from toil_core.api import FileID
    from toil_plugin_wdl.contexts import StoreFiles


def import_directory(files: StoreFiles, place: str) -> str:
    """Put a directory into the job store, its files as links where that is possible; return the value of it.

    :param place: its path or URL.
    """
    entries = list(walk_directory(files.job_store, place))
    imported = import_files(files.job_store, [entry.url for entry in entries if not entry.is_directory])
    listing = files.store_listing(
        [stored.Entry(entry.path, None if entry.is_directory else imported[entry.url].pack()) for entry in entries]
    )
    return stored.stored_directory(listing, place)


def sources_in(values: Iterable[Value.Base]) -> tuple[list[str], list[str]]:
    """Return the places of all files, and of all directories, in values, each once."""
    files: dict[str, None] = {}
    directories: dict[str, None] = {}
    for value in values:
        for path in paths_in(value):
            (directories if isinstance(path, Value.Directory) else files)[path.value] = None
    return list(files), list(directories)


class Inputs(NamedTuple):
    """The inputs of a run on their way into the job store.

    :ivar packed: their values, packed, with what is there already.
    :ivar job: the job that imports what is not there yet, or None.
    """

    packed: dict[str, Packed]
    job: ImportFiles | None


def import_values(files: StoreFiles, title: str, values: Mapping[str, Value.Base]) -> Inputs:
    """Put what inputs name into the job store, or have it put there by a job if the user wants that.

    :param title: the name of the task or workflow.
    :raises InputError: if some cannot be had; it tells which inputs name them.
    """
    places, directories = sources_in(values.values())
    try:
        found = import_inputs(files.job_store, places)
        paths = {place: import_directory(files, place) for place in directories}
    except (InputsUnavailable, InvalidImportExportUrlException) as error:
        raise _unavailable(title, values, error) from error
    job = found if isinstance(found, ImportFiles) else None
    if isinstance(found, dict):
        paths.update(_stored(found))
    packed = {name: pack(value) for name, value in values.items()}
    return Inputs({name: with_imported(value, paths) for name, value in packed.items()}, job)


def _stored(imported: Mapping[str, FileID]) -> dict[str, str]:
    return {place: stored.stored_file(file_id, place) for place, file_id in imported.items()}


def filled(given: Mapping[str, Packed], imported: Mapping[str, FileID]) -> dict[str, Packed]:
    """Return packed inputs with files in them that jobs have imported.

    :param imported: the ID of each file, by its place.
    """
    paths = _stored(imported)
    return {name: with_imported(value, paths) for name, value in given.items()}


def _unavailable(title: str, values: Mapping[str, Value.Base], error: Exception) -> InputError:
    problems = error.problems if isinstance(error, InputsUnavailable) else [("", str(error))]
    lines = []
    for place, reason in problems:
        names = [
            name
            for name, value in values.items()
            if any(place in (path.value, absolute_source(path.value)) for path in paths_in(value))
        ]
        lines.append(f"  {title}.{names[0]}: {reason}" if names else f"  {reason}")
    return InputError("\n".join(["Some input files cannot be had:", *lines]))


def absolute_inputs(values: Mapping[str, Value.Base], bases: Iterable[str]) -> dict[str, Value.Base]:
    """Return inputs with absolute paths and URLs in them.

    :param bases: what relative paths may be relative to; the first where there is something is taken.
    """
    candidates = list(bases)

    def absolute(path: Value.File | Value.Directory) -> str:
        places = [_place(path.value, base) for base in candidates]
        return next((place for place in places if "://" not in place and os.path.exists(place)), places[0])

    return {name: with_paths(value, absolute) for name, value in values.items()}


def _place(source: str, base: str) -> str:
    url = absolute_source(source, base)
    return unquote(url.removeprefix("file://"), errors="surrogateescape") if url.startswith("file://") else url
