"""Deferred functions are called once an attempt has ended, however it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from toil_core.errors import UserError
from toil_core.worker.deferred import DeferralError, DeferredFunctions

_OWNER = """
import sys, time
from pathlib import Path
from toil_core.worker.deferred import DeferredFunctions
with DeferredFunctions(sys.argv[1]) as deferred:
    deferred.defer(Path.write_text, Path(sys.argv[2]), "called")
    print("ready", flush=True)
    time.sleep(600)
"""


def note(path: Path, text: str) -> None:
    """Add a line to a file."""
    with path.open("a") as stream:
        stream.write(text + "\n")


def fail() -> None:
    """Fail."""
    raise RuntimeError("no such container")


def leave() -> None:
    """Try to end the process."""
    sys.exit(3)


def owner(directory: Path, target: Path) -> subprocess.Popen[str]:
    """Start a process that has deferred a function and waits to be killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(directory), str(target)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process as the kernel would, and wait for its end."""
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    assert process.stdout is not None
    process.stdout.close()


def test_functions_are_called_in_order_after_the_attempt(tmp_path: Path) -> None:
    with DeferredFunctions(str(tmp_path)) as deferred:
        deferred.defer(note, tmp_path / "notes", "first")
        deferred.defer(note, tmp_path / "notes", text="second")
        assert not (tmp_path / "notes").exists()
    assert (tmp_path / "notes").read_text() == "first\nsecond\n"


def test_functions_are_called_when_the_attempt_raises(tmp_path: Path) -> None:
    def attempt() -> None:
        with DeferredFunctions(str(tmp_path)) as deferred:
            deferred.defer(note, tmp_path / "notes", "called")
            raise ValueError("the job")

    with pytest.raises(ValueError, match="the job"):
        attempt()
    assert (tmp_path / "notes").read_text() == "called\n"


def test_registering_a_function_twice_calls_it_twice(tmp_path: Path) -> None:
    with DeferredFunctions(str(tmp_path)) as deferred:
        deferred.defer(note, tmp_path / "notes", "same")
        deferred.defer(note, tmp_path / "notes", "same")
    assert (tmp_path / "notes").read_text() == "same\nsame\n"


def test_arguments_are_as_they_were_when_deferred(tmp_path: Path) -> None:
    names = ["before"]
    with DeferredFunctions(str(tmp_path)) as deferred:
        deferred.defer(write_names, tmp_path / "notes", names)
        names.append("after")
    assert (tmp_path / "notes").read_text() == "before"


def write_names(path: Path, names: list[str]) -> None:
    """Write names to a file."""
    path.write_text(" ".join(names))


@pytest.mark.parametrize("bad", [fail, leave])
def test_a_function_that_fails_is_logged_and_the_rest_still_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, bad: object
) -> None:
    with DeferredFunctions(str(tmp_path)) as deferred:
        deferred.defer(bad)  # type: ignore[arg-type]
        deferred.defer(note, tmp_path / "notes", "called")
    assert (tmp_path / "notes").read_text() == "called\n"
    assert f"'{bad.__name__}' failed" in caplog.text  # type: ignore[attr-defined]


def test_an_unpicklable_function_is_refused_at_once(tmp_path: Path) -> None:
    with DeferredFunctions(str(tmp_path)) as deferred, pytest.raises(UserError, match=r"cannot be pickled.*top level"):
        deferred.defer(lambda: None)


def test_nothing_is_written_while_nothing_is_deferred(tmp_path: Path) -> None:
    with DeferredFunctions(str(tmp_path)):
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_after_the_calls(tmp_path: Path) -> None:
    with DeferredFunctions(str(tmp_path)) as deferred:
        deferred.defer(note, tmp_path / "notes", "called")
        assert len(list((tmp_path / "deferred").iterdir())) == 1
    assert list((tmp_path / "deferred").iterdir()) == []


def test_functions_of_a_killed_process_are_called_once_by_the_next(tmp_path: Path) -> None:
    process = owner(tmp_path, tmp_path / "target")
    kill(process)
    assert not (tmp_path / "target").exists()
    DeferredFunctions(str(tmp_path)).run_abandoned()
    assert (tmp_path / "target").read_text() == "called"
    (tmp_path / "target").unlink()
    DeferredFunctions(str(tmp_path)).run_abandoned()
    assert not (tmp_path / "target").exists()


def test_functions_of_a_living_process_are_left_to_it(tmp_path: Path) -> None:
    process = owner(tmp_path, tmp_path / "target")
    try:
        DeferredFunctions(str(tmp_path)).run_abandoned()
        assert not (tmp_path / "target").exists()
    finally:
        kill(process)


def test_an_attempt_leaves_its_own_functions_alone_when_it_runs_those_of_others(tmp_path: Path) -> None:
    with DeferredFunctions(str(tmp_path)) as deferred:
        deferred.defer(note, tmp_path / "notes", "called")
        deferred.run_abandoned()
        assert not (tmp_path / "notes").exists()


def test_a_call_whose_writing_was_cut_off_does_not_spoil_the_others(tmp_path: Path) -> None:
    process = owner(tmp_path, tmp_path / "target")
    kill(process)
    (noted,) = (tmp_path / "deferred").iterdir()
    with noted.open("ab") as stream:
        stream.write(b"\xff\0\0\0\0\0\0\0half a call")
    DeferredFunctions(str(tmp_path)).run_abandoned()
    assert (tmp_path / "target").read_text() == "called"
    assert not noted.exists()


def test_a_function_that_can_no_longer_be_imported_is_logged_and_forgotten(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script = tmp_path / "gone.py"
    script.write_text("def clean_up(): pass\n")
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[1]); import gone\n"
        "from toil_core.worker.deferred import DeferredFunctions\n"
        "deferred = DeferredFunctions(sys.argv[1]); deferred.defer(gone.clean_up); os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    DeferredFunctions(str(tmp_path)).run_abandoned()
    assert "'clean_up' failed" in caplog.text
    assert list((tmp_path / "deferred").iterdir()) == []


def test_a_file_that_was_never_locked_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "deferred").mkdir()
    (tmp_path / "deferred" / "1-ab.new").write_bytes(b"")
    DeferredFunctions(str(tmp_path)).run_abandoned()
    assert list((tmp_path / "deferred").iterdir()) == []


def test_a_full_disk_is_one_clear_error_and_spoils_no_earlier_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def half(file: int, data: bytes) -> int:
        if len(data) < 60:
            raise OSError(28, "No space left on device")
        return write(file, data[:50])

    with DeferredFunctions(str(tmp_path)) as deferred:
        deferred.defer(note, tmp_path / "notes", "first")
        monkeypatch.setattr(os, "write", half)
        with pytest.raises(DeferralError, match="No space left"):
            deferred.defer(note, tmp_path / "notes", "second")
        monkeypatch.undo()
        deferred.defer(note, tmp_path / "notes", "third")
    assert (tmp_path / "notes").read_text() == "first\nthird\n"
