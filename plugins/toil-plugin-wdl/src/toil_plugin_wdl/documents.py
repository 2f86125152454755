"""The documents of a run: read and checked once, found again by the processes that work for it.

The leader loads them before anything runs; workers forked from it find them here. Any other worker reads the sources
that the leader saved in the job store, and parses those.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import WDL
from WDL import Tree

from toil_plugin_wdl.problems import DocumentError, explain_document_error

if TYPE_CHECKING:
    from toil_core.api import AbstractJobStore

#: The name of the shared file that the sources are saved in.
_SAVED = "wdl-documents.json"

#: A task or a workflow.
Target = Tree.Task | Tree.Workflow


class Source(NamedTuple):
    """The text of one document.

    :ivar wanted_by: the place of the document that imports it, empty for the first one.
    :ivar uri: how that names it.
    :ivar place: its absolute path or URL.
    """

    wanted_by: str
    uri: str
    place: str
    text: str


class Program:
    """A document with all that it imports, and what of it is to run.

    :param document: the document, checked.
    :param sources: the texts that it was made of.
    :param target: the name of the task to run; by default its workflow, or its only task.
    """

    def __init__(self, document: Tree.Document, sources: list[Source], target: str = "", strict: bool = False) -> None:
        self.document = document
        self.sources = sources
        self.strict = strict
        self.target = _chosen(document, target)
        self.documents = list(_with_imports(document))
        self._numbers = {id(one): number for number, one in enumerate(self.documents)}

    @property
    def name(self) -> str:
        """The name of what runs, which its inputs and outputs begin with."""
        return str(self.target.name)

    def address(self, target: Target) -> tuple[int, str]:
        """Return the number of a task's or workflow's document, and its name there."""
        return self._numbers[id(target.parent)], target.name

    def at(self, address: tuple[int, str]) -> Any:
        """Return the task or workflow at an address."""
        document = self.documents[address[0]]
        if document.workflow is not None and document.workflow.name == address[1]:
            return document.workflow
        return next(task for task in document.tasks if task.name == address[1])

    def save(self, job_store: AbstractJobStore) -> None:
        """Write the sources where workers find them."""
        content = {"sources": self.sources, "target": self.name, "strict": self.strict}
        with job_store.write_shared_file_stream(_SAVED) as stream:
            stream.write(json.dumps(content).encode())


_current: Program | None = None


def set_program(program: Program) -> None:
    """Have this process, and those forked from it, work on a program."""
    global _current
    _current = program


def program_in(job_store: AbstractJobStore) -> Program:
    """Return the program that a workflow runs, read from its job store where this process does not have it yet."""
    if _current is None:
        with job_store.read_shared_file_stream(_SAVED) as stream:
            saved = json.loads(stream.read())
        sources = [Source(*source) for source in saved["sources"]]
        set_program(_load_saved(sources, saved["target"], saved["strict"]))
    assert _current is not None
    return _current


def load_program(path: str, *, target: str = "", strict: bool = False) -> Program:
    """Read and check a document and all that it imports.

    :param path: its path or URL.
    :param target: the name of the task to run, where that is not the document's workflow or only task.
    :param strict: whether questionable code is an error, too.
    :raises DocumentError: if it cannot be read or is not right.
    """
    sources: list[Source] = []

    async def read(uri: str, path: list[str], importer: Tree.Document | None) -> Tree.ReadSourceResult:
        place, text = _read(uri, importer)
        sources.append(Source(importer.pos.abspath if importer else "", uri, place, text))
        return Tree.ReadSourceResult(text, place)

    document = _load(path, read)
    if strict:
        from toil_plugin_wdl.linting import refuse_questionable_code

        refuse_questionable_code(document)
    return Program(document, sources, target, strict)


def _load_saved(sources: list[Source], target: str, strict: bool) -> Program:
    known = {(source.wanted_by, source.uri): source for source in sources}

    async def read(uri: str, path: list[str], importer: Tree.Document | None) -> Tree.ReadSourceResult:
        source = known[importer.pos.abspath if importer else "", uri]
        return Tree.ReadSourceResult(source.text, source.place)

    return Program(_load(sources[0].uri, read), sources, target, strict)


def _load(uri: str, read: Any) -> Tree.Document:
    try:
        return WDL.load(uri, read_source=read)
    except Exception as error:
        explained = explain_document_error(error)
        if explained is None:
            raise
        raise explained from error


def _read(uri: str, importer: Tree.Document | None) -> tuple[str, str]:
    """Return the absolute path or URL of a document, and its text."""
    place = _place(uri, importer.pos.abspath if importer else "")
    if "://" not in place:
        with open(place, encoding="utf-8") as stream:
            return place, stream.read()
    from io import BytesIO

    from toil_core.api import AbstractJobStore

    content = BytesIO()
    AbstractJobStore.read_from_url(place, content)
    return place, content.getvalue().decode()


def _place(uri: str, base: str) -> str:
    uri = uri.removeprefix("file://")
    if "://" in uri or os.path.isabs(uri):
        return uri
    if "://" in base:
        from urllib.parse import urljoin

        return urljoin(base, uri)
    return os.path.abspath(os.path.join(os.path.dirname(base), uri))


def _with_imports(document: Tree.Document) -> Iterator[Tree.Document]:
    yield document
    for imported in document.imports:
        if imported.doc is not None:
            yield from _with_imports(imported.doc)


def _chosen(document: Tree.Document, name: str) -> Target:
    if name:
        for one in (document.workflow, *document.tasks):
            if one is not None and one.name == name:
                return one
        raise DocumentError(f"{document.pos.uri} has no task or workflow called '{name}'.")
    if document.workflow is not None:
        return document.workflow
    if len(document.tasks) == 1:
        return document.tasks[0]
    if not document.tasks:
        raise DocumentError(f"{document.pos.uri} has neither a workflow nor a task.", "There is nothing in it to run.")
    names = ", ".join(task.name for task in document.tasks)
    raise DocumentError(
        f"{document.pos.uri} has no workflow but several tasks: {names}.", "Name the one to run with --task."
    )
