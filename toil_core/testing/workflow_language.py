"""`WorkflowLanguageContract`: what people may expect of `toil run`, in whatever language their workflow is written.

The author of a language gives a handful of its own small documents, one for each thing that can happen. The contract
runs each through `toil run` in a process of its own, and looks at exit statuses, messages, outputs, and which steps
ran.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from toil_core.testing.commands import Outcome, toil

#: Stands for the directory that a document lies in, as an absolute path, wherever it appears in files and arguments.
HERE = "@HERE@"
#: The name of a directory, to find out who forgot to quote.
_UNUSUAL = "two words ä"
#: What each run is given, so that the number of times that a step runs is the document's own doing.
_OPTIONS = ("--retryCount", "0")
_OUR_FRAMES = re.compile(r'File "[^"]*/toil_(core|cli)/')


@dataclass(frozen=True)
class Document:
    """One workflow, small, with what is to be expected of it.

    The command of each step should append a line to the file `@HERE@/ran/STEP`, where STEP is its name, before it does
    anything else: by these the contract knows which steps ran, and how often. The directory `ran` is there already; it
    may lie in one with spaces in its name, so quote the path.

    :param files: the text of each file that it consists of, by name; `@HERE@` in it stands for their directory.
    :param main: the name of the file to run.
    :param arguments: what the workflow itself is given; `@HERE@` is replaced here as well.
    :param options: options of Toil that it needs; `@HERE@` is replaced here as well.
    :param ran: how often each step has run in the end.
    :param stdout: texts that its standard output contains.
    :param stderr: texts that its standard error contains; for a failure, what people need to know of it.
    :param outputs: the content of files that it leaves, by path from its directory.
    :param status: its exit status; by default what the contract expects of such a document.
    :param line: the line of `main` that a message has to name, from 1; 0 if it need not.
    """

    files: Mapping[str, str]
    main: str
    arguments: Sequence[str] = ()
    options: Sequence[str] = ()
    ran: Mapping[str, int] = field(default_factory=dict)
    stdout: Sequence[str] = ()
    stderr: Sequence[str] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    line: int = 0


@dataclass(frozen=True)
class Documents:
    """What the author of a language provides.

    :param success: runs a step or two and succeeds.
    :param failing_step: a step ends with a status other than 0 after printing something; `stderr` names the step and
        what it printed. A step that comes after it is not in `ran`.
    :param missing_input: needs an input that its arguments do not give; `stderr` names that input.
    :param invalid: is not valid in the language; `line` is where, or `stderr` says it.
    :param file_output: leaves a file, listed in `outputs`.
    :param restarted: its last step fails unless there is a file `@HERE@/repaired`; `ran` counts both runs, in which the
        steps before it run once.
    """

    success: Document
    failing_step: Document
    missing_input: Document
    invalid: Document
    file_output: Document
    restarted: Document


class Placed:
    """A document in a directory, to be run there.

    :param document: the document.
    :param directory: where to put it; made if it is not there.
    """

    def __init__(self, document: Document, directory: Path) -> None:
        self.document = document
        self.directory = directory
        (directory / "ran").mkdir(parents=True)
        for name, text in document.files.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.fill(text), encoding="utf-8")

    def fill(self, text: str) -> str:
        """Return a text of the document with its directory in it."""
        return text.replace(HERE, str(self.directory))

    def ran(self) -> dict[str, int]:
        """Return how often each step has run so far."""
        return {path.name: len(path.read_text().splitlines()) for path in sorted((self.directory / "ran").iterdir())}


class WorkflowLanguageContract:
    """Derive a class whose name starts with `Test` and override `documents`."""

    @pytest.fixture
    def documents(self) -> Documents:
        """Return the documents that the contract runs."""
        raise NotImplementedError("override the fixture 'documents'")

    def command(self, placed: Placed, *more: str) -> list[str]:
        """Return what comes after `toil` to run a document; override it where that is written in another way.

        :param placed: the document, in its directory, which is the current one.
        :param more: further options of Toil.
        """
        document = placed.document
        return ["run", document.main, *self.arguments(placed), "--jobStore", "file:store", *self.options(placed), *more]

    def arguments(self, placed: Placed) -> list[str]:
        """Return what the workflow itself is given."""
        return [placed.fill(argument) for argument in placed.document.arguments]

    def options(self, placed: Placed) -> list[str]:
        """Return Toil's options for a document."""
        return [*_OPTIONS, *map(placed.fill, placed.document.options)]

    def run(self, placed: Placed, *more: str) -> Outcome:
        """Run a document.

        :param more: further options of Toil.
        """
        return toil(self.command(placed, *more), placed.directory)

    # What goes well

    def test_a_workflow_that_succeeds_ends_with_status_0(self, documents: Documents, tmp_path: Path) -> None:
        self._goes_as_expected(Placed(documents.success, tmp_path / "work"), 0)

    def test_the_current_directory_may_have_any_name(self, documents: Documents, tmp_path: Path) -> None:
        placed = Placed(documents.success, tmp_path / _UNUSUAL)
        self._goes_as_expected(placed, 0)

    def test_a_file_that_a_workflow_returns_is_where_it_should_be(self, documents: Documents, tmp_path: Path) -> None:
        document = documents.file_output
        assert document.outputs, "the document 'file_output' lists no outputs"
        self._goes_as_expected(Placed(document, tmp_path / "work"), 0)

    def test_a_success_leaves_no_job_store(self, documents: Documents, tmp_path: Path) -> None:
        placed = Placed(documents.success, tmp_path / "work")
        outcome = self.run(placed)
        assert outcome.status == 0, str(outcome)
        assert not (placed.directory / "store").exists()

    # What fails while it runs

    def test_a_failing_step_is_named_with_what_it_printed(self, documents: Documents, tmp_path: Path) -> None:
        document = documents.failing_step
        assert document.stderr, "the document 'failing_step' does not tell what is to be said"
        self._goes_as_expected(Placed(document, tmp_path / "work"), 1)

    def test_a_workflow_continues_where_it_failed(self, documents: Documents, tmp_path: Path) -> None:
        document = documents.restarted
        assert 2 in document.ran.values(), "the document 'restarted' has no step that runs twice"
        placed = Placed(document, tmp_path / "work")
        first = self.run(placed)
        assert first.status != 0, f"it succeeded without the file 'repaired'\n{first}"
        assert (placed.directory / "store").exists(), f"the job store is gone, so nothing can be continued\n{first}"
        (placed.directory / "repaired").write_text("")
        again = self.run(placed, "--restart")
        assert again.status == 0, str(again)
        assert placed.ran() == dict(document.ran), str(again)
        self._left_what_it_should(placed, again)

    # What is known to fail beforehand

    def test_a_missing_input_is_named_before_anything_runs(self, documents: Documents, tmp_path: Path) -> None:
        document = documents.missing_input
        assert document.stderr, "the document 'missing_input' does not tell which one is missing"
        self._is_refused(Placed(document, tmp_path / "work"))

    def test_an_invalid_document_is_refused_before_anything_runs(self, documents: Documents, tmp_path: Path) -> None:
        document = documents.invalid
        assert document.line or document.stderr, "the document 'invalid' tells neither a line nor a message"
        self._is_refused(Placed(document, tmp_path / "work"))

    def test_a_document_that_is_not_there_is_refused(self, documents: Documents, tmp_path: Path) -> None:
        placed = Placed(documents.success, tmp_path / "work")
        (placed.directory / documents.success.main).unlink()
        outcome = self.run(placed)
        assert outcome.status not in (0, -6, -11), str(outcome)
        assert documents.success.main in outcome.stderr, str(outcome)
        assert "Traceback" not in outcome.stderr, str(outcome)
        assert placed.ran() == {}

    def _goes_as_expected(self, placed: Placed, status: int) -> None:
        document = placed.document
        outcome = self.run(placed)
        assert outcome.status == (status if document.status is None else document.status), str(outcome)
        assert placed.ran() == dict(document.ran), str(outcome)
        self._left_what_it_should(placed, outcome)

    @staticmethod
    def _left_what_it_should(placed: Placed, outcome: Outcome) -> None:
        document = placed.document
        for text in document.stdout:
            assert placed.fill(text) in outcome.stdout, str(outcome)
        for text in document.stderr:
            assert placed.fill(text) in outcome.stderr, str(outcome)
        assert not _OUR_FRAMES.search(outcome.stderr), f"it shows a traceback of Toil's own\n{outcome}"
        for name, content in document.outputs.items():
            path = placed.directory / name
            assert path.is_file(), f"there is no '{name}'\n{outcome}"
            assert path.read_text(encoding="utf-8") == placed.fill(content), f"'{name}' has another content\n{outcome}"

    def _is_refused(self, placed: Placed) -> None:
        document = placed.document
        outcome = self.run(placed)
        assert outcome.status == (2 if document.status is None else document.status), str(outcome)
        assert placed.ran() == {}, f"steps ran although it could be known beforehand\n{outcome}"
        self._left_what_it_should(placed, outcome)
        assert "Traceback" not in outcome.stderr, str(outcome)
        if document.line:
            name = re.escape(document.main)
            assert re.search(rf"{name}\b.*?(:|\bline ){document.line}\b", outcome.stderr, re.DOTALL), (
                f"the message does not name line {document.line} of {document.main}\n{outcome}"
            )
