"""The call cache: what tasks returned, kept for later runs that call the same task with the same inputs.

An entry is found by a digest of the task's code, its inputs with the content of their files, and its container. It is a
directory of a directory or URL: the files that the task wrote, and, written last, `outputs.json`, without which nothing
of it counts. So runs that write one entry at the same time, or are cut off, do no harm: what is found is complete.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from WDL import Tree, Value

from toil_core.api import FileID, InputsUnavailable, export_files, import_files
from toil_plugin_wdl import stored
from toil_plugin_wdl.values import pack, with_imported

if TYPE_CHECKING:
    from toil_plugin_wdl.contexts import StoreFiles
    from toil_plugin_wdl.values import Packed

_OUTPUTS = "outputs.json"
_KEYS = "keys"
_CHUNK = 1 << 20


class CallCache:
    """The entries of a cache.

    :param place: its directory or URL.
    :param files: the files of the job store.
    """

    def __init__(self, place: str, files: StoreFiles) -> None:
        self._place = place.rstrip("/")
        self._files = files

    def found(self, key: str) -> dict[str, Packed] | None:
        """Return the outputs of an entry, with its files put into the job store, or None if it is not there."""
        content = self._read(f"{key}/{_OUTPUTS}")
        if content is None:
            return None
        outputs: dict[str, Packed] = json.loads(content)
        try:
            paths = self._imported(key, dict.fromkeys(path for value in outputs.values() for path in _files_in(value)))
        except InputsUnavailable:
            return None  # Someone has removed files of it.
        return {name: with_imported(value, paths) for name, value in outputs.items()}

    def _imported(self, key: str, paths: Mapping[str, None]) -> dict[str, str]:
        """Return the paths in the job store of what an entry's outputs name by paths below the entry."""
        found = {}
        files = [path for path in paths if not path.startswith("directory:")]
        places = {path: f"{self._place}/{key}/{path}" for path in files}
        imported = import_files(self._files.job_store, places.values())
        for path, place in places.items():
            found[path] = stored.stored_file(imported[place], place)
        for path in paths:
            if path.startswith("directory:"):
                found[path] = self._directory(key, path.removeprefix("directory:"))
        return found

    def _directory(self, key: str, path: str) -> str:
        listing = json.loads(self._read(f"{key}/{path}/listing.json") or b"[]")
        places = {name: f"{self._place}/{key}/{path}/{number}" for number, name in listing if number is not None}
        imported = import_files(self._files.job_store, places.values())
        entries = [
            stored.Entry(name, None if number is None else imported[places[name]].pack()) for number, name in listing
        ]
        return stored.stored_directory(self._files.store_listing(entries), f"{key}/{path}")

    def add(self, key: str, outputs: Mapping[str, Packed], told: Mapping[str, str]) -> None:
        """Write an entry.

        :param outputs: the outputs of the task, packed.
        :param told: the parts of its key, to tell later why another call is not this one.
        """
        paths = dict.fromkeys(path for value in outputs.values() for path in _files_in(value))
        pieces: list[tuple[Any, str]] = []
        names = {}
        # Whoever else writes this entry now has other names for its files.
        writer = os.urandom(6).hex()
        for number, path in enumerate(paths):
            names[path] = self._pieces(stored.stored(path), f"{writer}/{number}", pieces)
        relative = {name: with_imported(value, names) for name, value in outputs.items()}
        job_store = self._files.job_store
        directory = f"{self._place}/{key}"
        if pieces:
            export_files(job_store, pieces, directory, link=False)
        # Last, since an entry counts from here on.
        export_files(job_store, [(json.dumps(relative).encode(), _OUTPUTS)], directory, link=False)
        content = json.dumps({**told, "key": key}).encode()
        export_files(
            job_store, [(content, f"{_digest(told['call'].encode())}.json")], f"{self._place}/{_KEYS}", link=False
        )

    def _pieces(self, found: stored.Stored, number: str, pieces: list[tuple[Any, str]]) -> str:
        """Add what there is to write for a file or directory; return the path that outputs name it by."""
        path = f"{number}/{os.path.basename(found.inside) if found.inside else found.name}"
        if not found.is_directory:
            pieces.append((found.file_id, path))
            return path
        listing: list[tuple[int | None, str]] = []
        begin = f"{found.inside}/" if found.inside else ""
        for at, entry in enumerate(self._files.listing(found)):
            if entry.path == found.inside and entry.file_id is not None:
                pieces.append((FileID.unpack(entry.file_id), path))
                return path
            if not entry.path.startswith(begin):
                continue
            listing.append((None if entry.file_id is None else at, entry.path[len(begin) :]))
            if entry.file_id is not None:
                pieces.append((FileID.unpack(entry.file_id), f"{path}/{at}"))
        pieces.append((json.dumps(listing).encode(), f"{path}/listing.json"))
        return f"directory:{path}"

    def why_not(self, told: Mapping[str, str]) -> str:
        """Return what is different from the last time that a call was run, as a clause.

        :param told: the parts of the call's key.
        """
        content = self._read(f"{_KEYS}/{_digest(told['call'].encode())}.json")
        if content is None:
            return "it was not run with this cache before"
        before = json.loads(content)
        changed = [part for part in told if before.get(part) != told[part]]
        changed += [part for part in before if part not in told and part != "key"]
        return f"{_listed(changed)} changed" if changed else "its outputs are not in the cache any more"

    def _read(self, name: str) -> bytes | None:
        from io import BytesIO

        from toil_core.api import AbstractJobStore, InvalidImportExportUrlException

        content = BytesIO()
        try:
            AbstractJobStore.read_from_url(f"{self._place}/{name}", content)
        except InvalidImportExportUrlException:
            return None
        return content.getvalue()


def key_parts(
    task: Tree.Task, path: str, inputs: Mapping[str, Value.Base], container: str, files: StoreFiles
) -> dict[str, str]:
    """Return what an entry is found by, each part with its digest, and the call's path.

    :param inputs: the task's inputs as they were given, with stored files in them.
    :param container: the container that the task runs in, empty for none.
    """
    parts = {"call": path, "the task's code": str(task.digest), "the container": container}
    for name in sorted(inputs):
        parts[f"the input '{name}'"] = _digest(json.dumps(_with_content(pack(inputs[name]), files)).encode())
    return parts


def key_of(parts: Mapping[str, str]) -> str:
    """Return the name of the entry for the parts of a key."""
    return _digest(json.dumps({name: part for name, part in parts.items() if name != "call"}, sort_keys=True).encode())


def _with_content(packed: Packed, files: StoreFiles) -> Packed:
    """Return a packed value with the digests of files' contents and their names in the place of paths."""
    paths = dict.fromkeys(_files_in(packed))
    return with_imported(packed, {path: _content_digest(stored.stored(path), files) for path in paths})


def _content_digest(found: stored.Stored, files: StoreFiles) -> str:
    name = os.path.basename(found.inside) if found.inside else found.name
    if not found.is_directory:
        return f"{_file_digest(found.file_id, files)} {name}"
    entries = [
        (entry.path, None if entry.file_id is None else _file_digest(FileID.unpack(entry.file_id), files))
        for entry in files.listing(found)
        if not found.inside or entry.path == found.inside or entry.path.startswith(f"{found.inside}/")
    ]
    return f"{_digest(json.dumps(entries).encode())} {name}"


def _file_digest(file_id: FileID, files: StoreFiles) -> str:
    digest = hashlib.sha256()
    with files.job_store.read_file_stream(file_id) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _files_in(packed: Packed) -> list[str]:
    if isinstance(packed, dict):
        return [path for member in packed.values() for path in _files_in(member)]
    if not isinstance(packed, list):
        return []
    if packed[0] in ("F", "D"):
        return [packed[1]]
    return [path for part in packed[1:] for path in _files_in(part)]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:40]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
