"""Where expressions outside of tasks are evaluated: which program they are of, and how they reach files.

Such expressions see the files of the job store, and what they read is brought to a directory of this machine. A path
that a workflow's own declaration names is that of a file beside the document, or a URL, and is put into the job store.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from WDL import Tree, Type, Value

from toil_core.api import import_files
from toil_plugin_wdl import stored
from toil_plugin_wdl.evaluating import evaluate, identifiers
from toil_plugin_wdl.stdlib import WorkflowLibrary
from toil_plugin_wdl.values import with_paths

if TYPE_CHECKING:
    from WDL import StdLib

    from toil_core.api import AbstractJobStore, FileID
    from toil_plugin_wdl.documents import Program
    from toil_plugin_wdl.thunks import Thunk

#: Where an expression is: its workflow's address, the node there, and the input if that is a call.
Address = tuple[tuple[int, str], str, str]


class StoreFiles:
    """The files of a job store, as expressions outside of tasks see them.

    :param job_store: where they are.
    :param directory: where to put what is read or written; it is made when it is needed.
    :param owner: the ID of the job that writes files, if one does.
    """

    def __init__(self, job_store: AbstractJobStore, directory: str, owner: str | None = None) -> None:
        self.job_store = job_store
        self.write_dir = directory
        self.owner = owner
        self._local: dict[str, str] = {}

    def local_path(self, path: str) -> str:
        """Return the path at which this process can read what an expression has as `path`."""
        if not stored.is_stored(path):
            path = self.imported(path.rstrip("/"), is_directory=path.endswith("/"))
        found = stored.stored(path)
        key = found._replace(inside="").path()
        if key not in self._local:
            place = os.path.join(self.write_dir, f"read-{len(self._local)}", found.name)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            self.put(found, place)
            self._local[key] = place
        return os.path.join(self._local[key], found.inside) if found.inside else self._local[key]

    def size(self, path: str) -> int:
        """Return the size in bytes of a file, or of all that is in a directory."""
        found = stored.stored(path) if stored.is_stored(path) else None
        if found is None or (found.is_directory and found.inside):
            return stored.size_of(self.local_path(path))
        if not found.is_directory:
            return self._size(found.file_id)
        return sum(self._size(unpacked(entry.file_id)) for entry in self.listing(found) if entry.file_id is not None)

    def _size(self, file_id: FileID) -> int:
        return int(self.job_store.get_file_size(file_id)) if file_id.size is None else file_id.size

    def put(self, found: stored.Stored, place: str, *, link: bool = True) -> None:
        """Make a file or directory appear at a path where there is nothing; what is there must not be changed.

        :param link: whether symbolic links will do.
        """
        if not found.is_directory:
            self.job_store.read_file(found.file_id, place, symlink=link)
            return
        os.mkdir(place)
        for entry in self.listing(found):
            inner = os.path.join(place, entry.path)
            if entry.file_id is None:
                os.makedirs(inner, exist_ok=True)
            else:
                os.makedirs(os.path.dirname(inner), exist_ok=True)
                self.job_store.read_file(unpacked(entry.file_id), inner, symlink=link)

    def listing(self, directory: stored.Stored) -> list[stored.Entry]:
        """Return what is in a stored directory."""
        with self.job_store.read_file_stream(directory.file_id) as stream:
            return stored.decode_listing(stream.read())

    def added(self, path: str) -> str:
        """Put a file that was just written into the job store; return the value of it."""
        return stored.stored_file(self.store(path), path)

    def store(self, path: str) -> FileID:
        """Put a file that nobody will change any more into the job store."""
        real = os.path.realpath(path)
        executable = os.access(real, os.X_OK)
        file_id = self.job_store.new_file_id(os.path.basename(path), self.owner, executable=executable)
        return self.job_store.upload(file_id, real, link=True)

    def store_directory(self, path: str, place: str) -> str:
        """Put a directory that nobody will change any more into the job store; return the value of it.

        :param place: where the value is to say that it came from.
        """
        entries = [
            stored.Entry(below, None if real is None else self.store(real).pack()) for below, real in stored.walk(path)
        ]
        return stored.stored_directory(self.store_listing(entries), place)

    def store_listing(self, entries: list[stored.Entry]) -> FileID:
        """Put the list of what is in a directory into the job store."""
        with self.job_store.write_file_stream(self.owner, basename="listing.json") as (stream, file_id):
            stream.write(stored.encode_listing(entries))
        return file_id

    def imported(self, place: str, *, is_directory: bool) -> str:
        """Put what is at a path or URL into the job store; return the value of it."""
        if not is_directory:
            return stored.stored_file(import_files(self.job_store, [place])[place], place)
        from toil_plugin_wdl.importing import import_directory

        return import_directory(self, place)


def unpacked(packed: str) -> FileID:
    """Return the ID that `FileID.pack` made a string of."""
    from toil_core.api import FileID

    return FileID.unpack(packed)


class _DocumentFiles:
    """Files as the expressions of one document see them: relative paths are relative to the document.

    :param files: the files of the job store.
    :param document: the document.
    """

    def __init__(self, files: StoreFiles, document: Tree.Document) -> None:
        self._files = files
        self.write_dir = files.write_dir
        self._document = document

    @property
    def base(self) -> str:
        return str(self._document.source_dir) or os.getcwd()

    def local_path(self, path: str) -> str:
        return self._files.local_path(self.resolved(path))

    def added(self, path: str) -> str:
        return self._files.added(path)

    def size(self, path: str) -> int:
        return self._files.size(self.resolved(path))

    def resolved(self, path: str) -> str:
        if "://" in path or os.path.isabs(path):
            return path
        place = self._document.pos.abspath
        if "://" in place:
            return f"{place.rpartition('/')[0]}/{path}"
        return os.path.join(self.base, path)


class Context:
    """What it takes to evaluate a program's expressions in this process.

    :param program: the program.
    :param files: how expressions reach files.
    """

    def __init__(self, program: Program, files: StoreFiles) -> None:
        self.program = program
        self.files = files
        self._libraries: dict[int, tuple[StdLib.Base, _DocumentFiles]] = {}

    def library(self, number: int) -> StdLib.Base:
        """Return the standard library for the expressions of a document."""
        return self._of_document(number)[0]

    def _of_document(self, number: int) -> tuple[StdLib.Base, _DocumentFiles]:
        if number not in self._libraries:
            document = self.program.documents[number]
            files = _DocumentFiles(self.files, document)
            self._libraries[number] = (WorkflowLibrary(document.effective_wdl_version, files), files)
        return self._libraries[number]

    def computed(self, address: Address, names: Mapping[str, Thunk]) -> Value.Base:
        """Return the value of an expression.

        :param names: the values of what it refers to; none may be pending.
        """
        node, expression, wanted, what = self._expression(address)
        types = {one.name: one.type for one in identifiers(expression)}
        values = {name: thunk.value(self, types[name]) for name, thunk in names.items()}
        library, files = self._of_document(address[0][0])
        value = evaluate(expression, values, library, wanted, what)
        if isinstance(node, Tree.Decl) and wanted is not None and _may_have_paths(wanted):
            # What keys of a map name is not moved, since it could not be looked up under its name any more.
            return with_paths(value, lambda path: self._stored(path, files, wanted)).coerce(wanted)
        return value

    def _stored(self, path: Value.File | Value.Directory, files: _DocumentFiles, wanted: Type.Base) -> str | None:
        """Return the path, in the job store, of a file that an expression may have named otherwise."""
        if stored.is_stored(path.value):
            return str(path.value)
        is_directory = isinstance(path, Value.Directory)
        place = files.resolved(path.value)
        if "://" not in place and not os.path.exists(place):
            # It may never be needed; whoever does need it will miss it.
            return None if wanted.optional else str(path.value)
        return self.files.imported(place, is_directory=is_directory)

    def _expression(self, address: Address) -> tuple[Any, Any, Type.Base | None, str]:
        """Return a node, the expression in it, the type that its value is to have, and what it is for people."""
        workflow, node_id, name = address
        node = self.program.at(workflow).get_node(node_id)
        title = f"of the workflow '{workflow[1]}'"
        if isinstance(node, Tree.Call):
            assert node.callee is not None
            decl = node.callee.available_inputs[name]
            wanted = decl.type.copy(optional=True) if decl.expr is not None else decl.type
            return node, node.inputs[name], wanted, f"the input '{name}' of the call '{node.name}' {title}"
        if isinstance(node, Tree.Decl):
            kind = "output" if node_id.startswith("output-") else "declaration"
            return node, node.expr, node.type, f"the {kind} '{node.name}' {title}"
        if isinstance(node, Tree.Scatter):
            return node, node.expr, None, f"the array of the scatter over '{node.variable}' {title}"
        return node, node.expr, None, f"the condition {title}"


def _may_have_paths(kind: Type.Base) -> bool:
    if isinstance(kind, Type.Map) and isinstance(kind.item_type[0], (Type.File, Type.Directory)):
        return False
    return isinstance(kind, (Type.File, Type.Directory)) or any(map(_may_have_paths, kind.parameters))
