"""`toil debug-job`: a job run again, apart from its workflow."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.understanding.conftest import Run
from toil_core.job_stores.memory import MemoryStorage
from toil_core.job_stores.overlay import OverlayStorage
from toil_core.job_stores.storage import KeyAbsent


def content(directory: Path) -> dict[str, str]:
    """Return what is in a directory: a digest, or the target of a link, for each path."""
    found = {}
    for where, directories, names in os.walk(directory):
        for name in directories + names:
            path = Path(where, name)
            if path.is_symlink():
                found[str(path)] = os.readlink(path)
            elif path.is_file():
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
            else:
                found[str(path)] = "directory"
    return found


def test_a_job_fails_again_with_its_input_kept_and_the_store_untouched(failed_run: Run) -> None:
    store = failed_run.directory / "store"
    before = content(store)
    job = failed_run.job("check", "failed")
    result = failed_run.toil("debug-job", failed_run.locator, job, "--directory", "again")
    assert result.returncode == 1
    assert content(store) == before
    assert "failed: ValueError: part " in result.stdout
    copies = list((failed_run.directory / "again" / f"job-{job}").glob("toil-copy*"))
    assert len(copies) == 1 and copies[0].read_text().startswith("part ")
    assert str(copies[0]) in result.stdout
    log = failed_run.directory / "again" / "log.txt"
    assert b"looked at part" in log.read_bytes() and b"\xff" in log.read_bytes()
    assert str(log) in result.stdout
    assert "looked at part" in result.stderr + result.stdout
    assert "toil_core" not in result.stderr.replace("[toil_core.", "")


def test_a_job_that_is_done_runs_again_and_tells_what_it_would_have_added(failed_run: Run) -> None:
    store = failed_run.directory / "store"
    before = content(store)
    result = failed_run.toil("debug-job", failed_run.locator, "split")
    assert result.returncode == 0, result.stderr
    assert content(store) == before
    assert "went well. It would have added 5 jobs." in result.stdout
    assert (failed_run.directory / f"debug-{failed_run.job('split')}").is_dir()


def test_a_second_run_gets_a_directory_of_its_own(failed_run: Run) -> None:
    job = failed_run.job("work", "ran")
    for _ in range(2):
        assert failed_run.toil("debug-job", failed_run.locator, job).returncode == 0
    names = sorted(one.name for one in failed_run.directory.glob(f"debug-{job}*"))
    assert names == [f"debug-{job}", f"debug-{job}-2"]


def test_the_files_that_a_job_stores_are_shown(failed_run: Run) -> None:
    job = failed_run.job("work", "done")
    result = failed_run.toil("debug-job", failed_run.locator, job, "--directory", "stored")
    paths = [line.strip() for line in result.stdout.splitlines() if "/stored/written/files/" in line]
    assert len(paths) == 1 and Path(paths[0]).read_text().startswith("part ")


def test_the_debugger_stops_in_the_users_code_and_again_where_it_raises(failed_run: Run) -> None:
    job = failed_run.job("check", "failed")
    result = failed_run.toil(
        "debug-job", failed_run.locator, job, "--debugger", stdin="p f'number is {number}'\ncontinue\nwhere\nquit\n"
    )
    assert result.returncode == 1
    shown = result.stdout
    assert shown.index("check()") < shown.index("number is ")
    assert "The job raised ValueError; this is where:" in shown
    assert "-> raise ValueError(" in shown


def test_leaving_the_debugger_is_told_as_that(failed_run: Run) -> None:
    job = failed_run.job("check", "failed")
    result = failed_run.toil("debug-job", failed_run.locator, job, "--debugger", stdin="quit\n")
    assert result.returncode == 1
    assert "LeftDebugger: The debugger was left before the job had ended." in result.stdout
    assert "bdb.BdbQuit" not in result.stdout


def test_a_debugger_without_a_terminal_ends(failed_run: Run) -> None:
    result = failed_run.toil("debug-job", failed_run.locator, failed_run.job("work", "done"), "--debugger", stdin="")
    assert result.returncode == 1


def test_a_waiting_job_is_not_run(failed_run: Run) -> None:
    result = failed_run.toil("debug-job", failed_run.locator, "merge", "--directory", "unused")
    assert result.returncode == 2
    assert "cannot be run alone: it waits for other jobs" in result.stderr
    assert not (failed_run.directory / "unused").exists()


def test_a_directory_with_something_in_it_is_refused(failed_run: Run) -> None:
    (failed_run.directory / "full").mkdir()
    (failed_run.directory / "full" / "mine").touch()
    result = failed_run.toil("debug-job", failed_run.locator, "split", "--directory", "full")
    assert result.returncode == 2
    assert "'full' is not an empty directory." in result.stderr


def test_a_job_without_anything_to_run_is_refused(run: Callable[[str], Run]) -> None:
    workflow = run(
        "from toil.common import Toil\nfrom toil.job import Job\ndef f(): pass\n"
        "if __name__ == '__main__':\n"
        "    options = Job.Runner.getDefaultArgumentParser().parse_args()\n"
        "    root = Job(displayName='holder')\n"
        "    root.addChildFn(f)\n"
        "    with Toil(options) as toil:\n"
        "        toil.start(root)\n"
    )
    assert workflow.run().returncode == 0
    result = workflow.toil("debug-job", workflow.locator, "holder")
    assert result.returncode == 2
    assert "it has nothing to run itself" in result.stderr


def test_a_mended_script_is_what_runs(run: Callable[[str], Run]) -> None:
    broken = (
        "from toil.common import Toil\nfrom toil.job import Job\n"
        "def f(): raise ValueError('broken')\n"
        "if __name__ == '__main__':\n"
        "    options = Job.Runner.getDefaultArgumentParser().parse_args()\n"
        "    with Toil(options) as toil:\n"
        "        toil.start(Job.wrapFn(f))\n"
    )
    workflow = run(broken)
    assert workflow.run().returncode == 1
    script = workflow.directory / "workflow.py"
    script.write_text(broken.replace("raise ValueError('broken')", "print('mended')"))
    result = workflow.toil("debug-job", workflow.locator, "f")
    assert result.returncode == 0, result.stderr
    assert "mended" in result.stdout + result.stderr


@pytest.fixture
def storages(tmp_path: Path) -> tuple[MemoryStorage, OverlayStorage]:
    """A storage with a value, and an overlay that shows it."""
    below, above = MemoryStorage(f"{tmp_path}/below"), MemoryStorage(f"{tmp_path}/above")
    below.create()
    above.create()
    below.put("a/old", b"old")
    return below, OverlayStorage(below, above)


def test_an_overlay_shows_what_is_below_and_writes_above(storages: tuple[MemoryStorage, OverlayStorage]) -> None:
    below, overlay = storages
    assert overlay.read("a/old") == b"old" and overlay.read("a/old", 1, 1) == b"l"
    assert not overlay.put("a/old", b"new", if_absent=True)
    assert overlay.put("a/old", b"new") and overlay.put("a/more", b"more", if_absent=True)
    with overlay.open_write("a/stream") as stream:
        stream.write(b"streamed")
    assert {key: overlay.read(key) for key, _ in overlay.list("a/")} == {
        "a/old": b"new",
        "a/more": b"more",
        "a/stream": b"streamed",
    }
    assert dict(below.list("")).keys() == {"a/old"} and below.read("a/old") == b"old"


def test_what_an_overlay_deletes_stays_below(storages: tuple[MemoryStorage, OverlayStorage]) -> None:
    below, overlay = storages
    overlay.delete(["a/old", "a/absent"])
    assert list(overlay.list("")) == []
    with pytest.raises(KeyAbsent):
        overlay.read("a/old")
    with pytest.raises(KeyAbsent):
        overlay.stat("a/old")
    assert overlay.put("a/old", b"again", if_absent=True) and overlay.read("a/old") == b"again"
    assert below.read("a/old") == b"old"


def test_destroying_an_overlay_destroys_nothing_below(storages: tuple[MemoryStorage, OverlayStorage]) -> None:
    below, overlay = storages
    overlay.destroy()
    assert below.read("a/old") == b"old"
