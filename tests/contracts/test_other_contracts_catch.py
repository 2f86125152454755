"""Clauses on URL schemes, observers, commands and languages notice what is broken in just that clause."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

import pytest

from toil_core import testing
from toil_core.hookspecs import hookimpl
from toil_core.job_stores.urls import FileUrlScheme, UrlScheme
from toil_core.observe import events
from toil_core.testing import (
    CommandContract,
    Document,
    ObserverContract,
    UrlSchemeContract,
    WorkflowLanguageContract,
)
from toil_core.testing.commands import Outcome
from toil_core.testing.observer import MESSAGES
from toil_core.testing.workflow_language import Placed

ROOT = Path(__file__).resolve().parents[2]
NOTICED = (AssertionError, pytest.fail.Exception)

# URL schemes


class _Files(FileUrlScheme):
    """Files of this machine, read and written as streams only."""

    def open_read(self, url: str) -> Any:
        return super().open_read(url)


class CutsShort(_Files):
    """Loses what does not fit into a block."""

    @contextmanager
    def open_read(self, url: str) -> Iterator[IO[bytes]]:
        with super().open_read(url) as stream, open(Path(self.local_path(url)).with_suffix(".cut"), "w+b") as cut:
            cut.write(stream.read(1 << 16))
            cut.seek(0)
            yield cut


class Unquotes(_Files):
    """Unquotes names twice."""

    def local_path(self, url: str) -> str:
        return super().local_path(unquote(url))


class InventsFiles(_Files):
    """Finds nothing where nothing is, and says so without a word."""

    def open_read(self, url: str) -> Any:
        Path(self.local_path(url)).touch()
        return super().open_read(url)


class Appends(_Files):
    """Adds to what is there."""

    @contextmanager
    def open_write(self, url: str) -> Iterator[IO[bytes]]:
        with open(self.local_path(url), "ab") as stream:
            yield stream


class WritesInPlace(_Files):
    """Keeps a half when the rest does not come."""

    @contextmanager
    def open_write(self, url: str) -> Iterator[IO[bytes]]:
        with open(self.local_path(url), "wb") as stream:
            yield stream


class ListsWithoutQuoting(_Files):
    """Lists names as they are."""

    def list_directory(self, url: str) -> list[str]:
        return [unquote(name) for name in super().list_directory(url)]


class ReadsDirectories(_Files):
    """Takes a directory for an empty file."""

    def open_read(self, url: str) -> Any:
        return super().open_read(url if not self.is_directory(url) else "file:///dev/null")


class WrongSize(_Files):
    """Tells a size that is not the file's."""

    def size(self, url: str) -> int:
        return super().size(url) + 1


class ReadsAllAtOnce(_Files):
    """Gives all there is, however little was asked for."""

    def open_read(self, url: str) -> Any:
        with super().open_read(url) as stream:
            content = stream.read()

        class Greedy(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                return super().read()

        return Greedy(content)


class ByStreams(UrlScheme):
    """Files of this machine, none of which has a path."""

    def open_read(self, url: str) -> Any:
        return FileUrlScheme().open_read(url)

    def open_write(self, url: str) -> Any:
        return FileUrlScheme().open_write(url)


class LosesImports(ByStreams):
    """Reads nothing."""

    def open_read(self, url: str) -> Any:
        return io.BytesIO()


class LosesExports(ByStreams):
    """Writes nothing."""

    def open_write(self, url: str) -> Any:
        FileUrlScheme().open_write(url).__enter__().close()
        Path(FileUrlScheme().local_path(url)).touch()
        return io.BytesIO()


SCHEMES = UrlSchemeContract()
SCHEME_CLAUSES: list[tuple[type[UrlScheme], Callable[[Any], None]]] = [
    (CutsShort, lambda place: SCHEMES.test_a_file_is_read_as_it_is(place, "large")),
    (WrongSize, lambda place: SCHEMES.test_a_file_is_read_as_it_is(place, "text")),
    (Unquotes, SCHEMES.test_names_are_told_apart_whatever_is_in_them),
    (InventsFiles, SCHEMES.test_a_file_that_is_not_there_is_an_error_that_names_it),
    (Appends, SCHEMES.test_what_is_written_replaces_what_was_there),
    (WritesInPlace, SCHEMES.test_a_block_that_fails_changes_nothing),
    (ListsWithoutQuoting, SCHEMES.test_a_directory_lists_the_names_in_it),
    (ReadsDirectories, SCHEMES.test_a_directory_is_no_file),
    (ReadsAllAtOnce, SCHEMES.test_a_stream_can_be_read_in_parts),
    (LosesImports, lambda place: SCHEMES.test_a_job_store_imports_from_it(place, _directory_of(place))),
    (LosesExports, lambda place: SCHEMES.test_a_job_store_exports_to_it(place, _directory_of(place))),
]


def _directory_of(place: tuple[UrlScheme, str]) -> Path:
    return Path(FileUrlScheme().local_path(place[1]))


@pytest.mark.parametrize(
    ("kind", "clause"), SCHEME_CLAUSES, ids=[f"{kind.__name__}-{at}" for at, (kind, _) in enumerate(SCHEME_CLAUSES)]
)
def test_a_broken_url_scheme_is_noticed(kind: type[UrlScheme], clause: Callable[[Any], None], tmp_path: Path) -> None:
    (tmp_path / "dir" / "below").mkdir(parents=True)
    with pytest.raises(NOTICED):
        clause((kind(), f"{tmp_path.as_uri()}/"))


# Observers


class _Deaf:
    """Hears nothing."""


class _Fails:
    """Wants each log to be text."""

    @hookimpl
    def toil_job_log(self, message: Any) -> None:
        message.text.decode("ascii")


OBSERVERS = ObserverContract()


def test_an_observer_that_hears_nothing_is_noticed() -> None:
    with pytest.raises(NOTICED, match="@hookimpl"):
        OBSERVERS.test_it_hears_something(_Deaf())


def test_an_observer_that_fails_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    with pytest.raises(NOTICED):
        OBSERVERS.test_no_message_makes_it_fail(_Fails(), caplog)


# Commands: what they would say

COMMANDS = CommandContract()
COMMAND_CLAUSES: dict[str, tuple[Outcome, Callable[[Path], None]]] = {
    "is not listed": (
        Outcome(0, "Commands:\n  run  Run.\n", ""),
        lambda path: COMMANDS.test_it_is_listed_with_what_it_does("moon", path),
    ),
    "has no summary": (
        Outcome(0, "Commands:\n  moon\n  run  Run.\n", ""),
        lambda path: COMMANDS.test_it_is_listed_with_what_it_does("moon", path),
    ),
    "takes -h for another option": (
        Outcome(2, "", "no such option: -h"),
        lambda path: COMMANDS.test_it_explains_itself("moon", "-h", path),
    ),
    "ignores options": (
        Outcome(0, "", ""),
        lambda path: COMMANDS.test_an_option_that_it_does_not_know_is_named("moon", path),
    ),
    "raises": (
        Outcome(2, "", "Traceback: --no-such-option-at-all"),
        lambda path: COMMANDS.test_an_option_that_it_does_not_know_is_named("moon", path),
    ),
}


@pytest.mark.parametrize("what", COMMAND_CLAUSES)
def test_a_broken_command_is_noticed(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, clause = COMMAND_CLAUSES[what]
    monkeypatch.setattr("toil_core.testing.command.toil", lambda *_: outcome)
    with pytest.raises(NOTICED):
        clause(tmp_path)


# Languages: what a run of a document would leave and say


class Played(WorkflowLanguageContract):
    """Plays the runs of a language, the first one and the next, from what each would do.

    :param runs: for each run, its status, what it says, the steps that it runs, and the files that it leaves.
    """

    def __init__(self, *runs: tuple[int, str, Sequence[str], Mapping[str, str]]) -> None:
        self._runs = list(runs)

    def run(self, placed: Placed, *more: str) -> Outcome:
        status, said, steps, files = self._runs.pop(0)
        for step in steps:
            with open(placed.directory / "ran" / step, "a") as stream:
                stream.write("ran\n")
        for name, content in files.items():
            path = placed.directory / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
        return Outcome(status, "", said)


class Same:
    """Stands for `Documents` with the same document in all places."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def __getattr__(self, name: str) -> Document:
        return self._document


DOCUMENT = Document(
    {"a.moon": "one\ntwo\n"},
    "a.moon",
    ran={"one": 1, "two": 2},
    stderr=("'dock'",),
    outputs={"out.txt": "content"},
    line=2,
)
STORE = {"store/config": ""}
OUT = {"out.txt": "content"}
BOTH = ("one", "two", "two")
SAID = "a.moon, line 2: 'dock' is unknown"
TRACEBACK = 'Traceback (most recent call last):\n  File "/x/toil_core/leader/leader.py", line 1\n' + SAID
LANGUAGE_CLAUSES: dict[str, tuple[str, Played]] = {
    "fails": ("test_a_workflow_that_succeeds_ends_with_status_0", Played((1, SAID, BOTH, OUT))),
    "leaves steps out": ("test_a_workflow_that_succeeds_ends_with_status_0", Played((0, SAID, ("one",), OUT))),
    "cannot stand spaces": ("test_the_current_directory_may_have_any_name", Played((1, SAID, BOTH, OUT))),
    "loses outputs": ("test_a_file_that_a_workflow_returns_is_where_it_should_be", Played((0, SAID, BOTH, {}))),
    "mixes outputs up": (
        "test_a_file_that_a_workflow_returns_is_where_it_should_be",
        Played((0, SAID, BOTH, {"out.txt": "another"})),
    ),
    "leaves its store": ("test_a_success_leaves_no_job_store", Played((0, SAID, BOTH, STORE))),
    "hides failures": ("test_a_failing_step_is_named_with_what_it_printed", Played((0, SAID, BOTH, OUT))),
    "names no step": ("test_a_failing_step_is_named_with_what_it_printed", Played((1, "It failed.", BOTH, OUT))),
    "shows our traceback": ("test_a_failing_step_is_named_with_what_it_printed", Played((1, TRACEBACK, BOTH, OUT))),
    "removes the store": ("test_a_workflow_continues_where_it_failed", Played((1, SAID, ("one", "two"), {}))),
    "repeats steps": (
        "test_a_workflow_continues_where_it_failed",
        Played((1, SAID, ("one", "two"), STORE), (0, SAID, ("one", "two"), OUT)),
    ),
    "fails again": (
        "test_a_workflow_continues_where_it_failed",
        Played((1, SAID, ("one", "two"), STORE), (1, SAID, ("two",), OUT)),
    ),
    "runs before it looks": ("test_a_missing_input_is_named_before_anything_runs", Played((2, SAID, ("one",), OUT))),
    "names no input": ("test_a_missing_input_is_named_before_anything_runs", Played((2, "a.moon, line 2", (), OUT))),
    "names no line": (
        "test_an_invalid_document_is_refused_before_anything_runs",
        Played((2, "a.moon: 'dock'", (), OUT)),
    ),
    "says it has succeeded": ("test_an_invalid_document_is_refused_before_anything_runs", Played((0, SAID, (), OUT))),
    "takes anything": ("test_a_document_that_is_not_there_is_refused", Played((0, "", (), {}))),
    "names no document": (
        "test_a_document_that_is_not_there_is_refused",
        Played((2, "There is no such file.", (), {})),
    ),
}


@pytest.mark.parametrize("what", LANGUAGE_CLAUSES)
def test_a_broken_language_is_noticed(what: str, tmp_path: Path) -> None:
    clause, language = LANGUAGE_CLAUSES[what]
    with pytest.raises(NOTICED):
        getattr(language, clause)(Same(DOCUMENT), tmp_path)


def test_a_language_that_does_all_this_right_passes(tmp_path: Path) -> None:
    right = Played((1, SAID, ("one", "two"), STORE), (0, SAID, ("two",), OUT))
    right.test_a_workflow_continues_where_it_failed(Same(DOCUMENT), tmp_path)  # type: ignore[arg-type]
    refused = Played((2, SAID, (), OUT))
    refused.test_an_invalid_document_is_refused_before_anything_runs(Same(DOCUMENT), tmp_path / "other")  # type: ignore[arg-type]


def test_the_messages_for_observers_are_of_every_type() -> None:
    kinds = {
        value for value in vars(events).values() if isinstance(value, type) and value.__module__ == events.__name__
    }
    assert {type(message) for message in MESSAGES} == kinds


def test_every_clause_is_proved() -> None:
    proofs = [*Path(__file__).parent.glob("test_*catch*.py"), *ROOT.glob("tests/job_stores/test_contract_catches.py")]
    text = "".join(path.read_text() for path in proofs)
    contracts = [getattr(testing, name) for name in testing.__all__ if name.endswith("Contract")]
    clauses = [name for contract in contracts for name in dir(contract) if name.startswith("test_")]
    assert len(clauses) > 100
    assert [name for name in clauses if name.removeprefix("test_") not in text] == []
