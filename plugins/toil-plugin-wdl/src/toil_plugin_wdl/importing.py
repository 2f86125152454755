"""Input files on their way into the job store: found, checked, imported once each, and put into the values."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

from WDL import Value

from toil_core.api import (
    InputsUnavailable,
    InvalidImportExportUrlException,
    absolute_source,
    check_sources,
    import_files,
    walk_directory,
)
from toil_plugin_wdl import stored
from toil_plugin_wdl.problems import InputError
from toil_plugin_wdl.values import paths_in, with_paths

if TYPE_CHECKING:
    from toil_core.api import AbstractJobStore
    from toil_plugin_wdl.contexts import StoreFiles

_Found = TypeVar("_Found")


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


def check_inputs(job_store: AbstractJobStore, values: Mapping[str, Value.Base]) -> None:
    """See that all files among the inputs are there.

    :raises InputsUnavailable: if some are not; it tells all of them.
    """
    files, directories = sources_in(values.values())
    check_sources(job_store, files)
    for place in directories:
        list(walk_directory(job_store, place))


def found_inputs(title: str, values: Mapping[str, Value.Base], find: Callable[[], _Found]) -> _Found:
    """Look for input files, and tell which inputs name those that cannot be had.

    :param title: the name of the task or workflow.
    :param find: looks for them.
    :raises InputError: if some cannot be had.
    """
    try:
        return find()
    except (InputsUnavailable, InvalidImportExportUrlException) as error:
        problems = error.problems if isinstance(error, InputsUnavailable) else [("", error.message)]
        lines = []
        for place, reason in problems:
            names = [name for name, value in values.items() if any(path.value == place for path in paths_in(value))]
            lines.append(f"  {title}.{names[0]}: {reason}" if names else f"  {reason}")
        raise InputError("\n".join(["Some input files cannot be had:", *lines])) from error


def import_inputs(files: StoreFiles, values: Mapping[str, Value.Base]) -> dict[str, Value.Base]:
    """Return inputs with what they name put into the job store.

    :raises InputsUnavailable: if some of it cannot be had; it tells all of it.
    """
    places, directories = sources_in(values.values())
    imported = import_files(files.job_store, places)
    paths = {place: stored.stored_file(file_id, place) for place, file_id in imported.items()}
    paths.update({place: import_directory(files, place) for place in directories})
    return {name: with_paths(value, lambda path: paths[path.value]) for name, value in values.items()}


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
