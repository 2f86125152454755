"""`toil stats`: the documented table, JSON, a terminal of any width, and what is missing without `--stats`."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.inspection.conftest import Script

DISCOVER = """
class discoverFiles(Job):
    def __init__(self, size, *args, **kwargs):
        self.size = size
        super().__init__(*args, **kwargs)
    def run(self, fileStore):
        with open(fileStore.getLocalTempFile(), "wb") as stream:
            stream.write(b"x" * self.size)
        end = time.process_time() + 0.02
        while time.process_time() < end:
            pass
def root():
    job1 = discoverFiles(3_000_000, displayName="sysFiles", memory="300M", disk="20M", cores=1)
    job2 = discoverFiles(0, displayName="userFiles", memory="300M", disk="20M")
    job3 = discoverFiles(0, memory="300M", disk="20M")
    job1.addChild(job2)
    job2.addChild(job3)
    return job1
"""
FLAKY = """
def flaky(job):
    assert os.path.exists(FLAG) or open(FLAG, "w").close(), "not yet"
def root():
    return Job.wrapJobFn(flaky)
"""


def raw(script: Script, *options: str) -> dict[str, Any]:
    done = script.toil("stats", script.locator, "--raw", *options)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def kinds(script: Script, *options: str) -> list[str]:
    return [kind["name"] for kind in raw(script, *options)["kinds"]]


@pytest.fixture
def discovered(script: Script) -> Script:
    """A workflow that was run with statistics, and was to delete its job store."""
    script.write(DISCOVER)
    done = script.run("--stats", "--clean=always")
    assert done.returncode == 0, done.stderr
    return script


def test_the_table_is_laid_out_as_documented(discovered: Script) -> None:
    lines = discovered.toil("stats", discovered.locator).stdout.splitlines()
    assert lines[0] == "Batch System: single_machine"
    assert lines[1] == "Default Cores: 1  Default Memory: 2097152K"
    assert lines[2] == "Max Cores: 9.22337e+18"
    assert re.fullmatch(r"Total Clock: \d+\.\d\d  Total Runtime: \d+\.\d\d", lines[3])
    assert lines[4] == "Worker"
    assert re.fullmatch(r"\s+Count \|\s+Time\* \|\s+Clock \|\s+Wait \|\s+Memory", lines[5])
    fields = r"\s+min\s+med\s+ave\s+max\s+total"
    assert re.fullmatch(rf"\s+n \|{fields.replace('med', 'med[*]')} \|{fields} \|{fields} \|{fields}", lines[6])
    assert re.fullmatch(r"\s+1 (\|(\s+-?\d+\.\d\d){5} ){3}\|(\s+\d+K){5}", lines[7])
    assert lines[8] == "Job"
    assert lines[9:11] == [
        " Worker Jobs  |     min     med     ave     max",
        "              |       3       3       3       3",
    ]
    assert {line.strip() for line in lines if re.fullmatch(r" \w+", line)} == {"sysFiles", "userFiles", "discoverFiles"}


def test_the_job_store_is_kept_whatever_clean_says(discovered: Script) -> None:
    assert (discovered.directory / "store").is_dir()


def test_every_kind_has_what_it_used_beside_what_it_asked_for(discovered: Script) -> None:
    found = raw(discovered)
    assert found["gathered"] and found["complete"] and found["missing"] == []
    assert (found["jobs_run"], found["jobs_known"], found["workers"]["count"]) == (3, 3, 1)
    (large,) = [kind for kind in found["kinds"] if kind["name"] == "sysFiles"]
    assert large["count"] == 1
    assert 3_000_000 <= large["disk"]["total"] < 4_000_000
    assert large["clock"]["total"] >= 0.02
    assert large["queue"]["total"] >= 0
    disk, memory, cores = (large["requested"][name] for name in ("disk", "memory", "cores"))
    assert (disk["requested"], disk["used"]) == (20_000_000, large["disk"]["total"])
    assert disk["wasted"] == 20_000_000 - large["disk"]["total"]
    assert memory["requested"] == 300_000_000
    assert memory["wasted"] == 300_000_000 - large["memory"]["total"]
    assert cores["requested"] == pytest.approx(large["time"]["total"])
    assert found["jobs"]["clock"]["total"] == pytest.approx(sum(kind["clock"]["total"] for kind in found["kinds"]))
    assert found["total_runtime"] >= found["jobs"]["time"]["total"]


def test_the_peak_of_one_job_is_not_that_of_the_next_in_the_same_worker(script: Script) -> None:
    script.write(
        """
        def large(job):
            return len(bytearray(os.urandom(1)) * 200_000_000)
        def small(job):
            pass
        def root():
            top = Job.wrapJobFn(large)
            top.addChildJobFn(small)
            return top
        """
    )
    assert script.run("--stats").returncode == 0
    found = {kind["name"]: kind for kind in raw(script)["kinds"]}
    assert raw(script)["workers"]["count"] == 1
    assert found["large"]["memory"]["max"] > 190_000_000
    if sys.platform == "linux":
        assert found["small"]["memory"]["max"] < 190_000_000


def test_kinds_are_ordered_as_asked_for(discovered: Script) -> None:
    assert kinds(discovered, "--sortCategory=alpha") == ["discoverFiles", "sysFiles", "userFiles"]
    assert kinds(discovered, "--sortCategory=alpha", "--sortReverse") == ["userFiles", "sysFiles", "discoverFiles"]
    assert kinds(discovered, "--sortCategory=disk", "--sortField=max", "--sortReverse")[0] == "sysFiles"
    by_memory = raw(discovered, "--sortCategory=memory", "--sortField=total")["kinds"]
    assert by_memory == sorted(by_memory, key=lambda kind: kind["memory"]["total"])


def test_only_the_categories_that_were_named_are_shown(discovered: Script) -> None:
    shown = discovered.toil("stats", discovered.locator, "--categories", "memory, disk").stdout
    assert "Disk" in shown and "Memory" in shown and "Clock |" not in shown and "Wait" not in shown
    wrong = discovered.toil("stats", discovered.locator, "--categories", "memory,colour")
    assert wrong.returncode == 2
    assert "There is no category 'colour'" in wrong.stderr


@pytest.mark.parametrize("flag", ["--pretty", "--human"])
def test_numbers_have_units_when_asked_for(discovered: Script, flag: str) -> None:
    shown = discovered.toil("stats", discovered.locator, flag).stdout
    assert "Default Memory: 2.0 GiB" in shown
    assert re.search(r"\d ms", shown)


@pytest.mark.parametrize("columns", [40, 120])
def test_on_a_terminal_no_line_is_wider_than_it(discovered: Script, columns: int) -> None:
    ours, theirs = pty.openpty()
    environment = {**discovered.environment, "COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "toil_cli", "stats", discovered.locator],
        stdout=theirs,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=discovered.directory,
    )
    os.close(theirs)
    shown = b""
    while part := _read(ours):
        shown += part
    process.communicate(timeout=60)
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;]*m", "", shown.decode())
    assert process.returncode == 0
    assert all(name in text for name in ("sysFiles", "Memory", "Requested and used", "wasted"))
    assert max(len(line.rstrip()) for line in text.splitlines()) <= columns


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:
        return b""


def test_without_stats_it_says_what_is_missing_and_shows_the_rest(script: Script) -> None:
    script.write(DISCOVER)
    assert script.run().returncode == 0
    done = script.toil("stats", script.locator)
    assert done.returncode == 0
    assert "run without --stats" in done.stderr
    assert " sysFiles" in done.stdout
    found = raw(script)
    assert not found["gathered"] and "disk" not in found["jobs"] and "queue" not in found["jobs"]
    assert found["jobs"]["clock"]["total"] > 0
    assert found["jobs"]["requested"]["memory"]["requested"] == 900_000_000
    assert "disk" not in found["jobs"]["requested"]


def test_failed_attempts_and_restarts_are_counted(script: Script) -> None:
    script.write(f"FLAG = {str(script.directory / 'flag')!r}\n{FLAKY}")
    assert script.run("--stats", "--retryCount=0").returncode == 1
    before = script.toil("stats", script.locator)
    assert before.returncode == 0
    assert "None of 1 known jobs has run yet." in before.stderr
    assert script.run("--stats", "--restart").returncode == 0
    found = raw(script)
    assert found["failed_attempts"]["count"] == 1
    assert found["failed_attempts"]["seconds"] > 0
    assert found["jobs_run"] == 1
    assert "Failed Attempts: 1  Time in them:" in script.toil("stats", script.locator).stdout


def test_a_killed_leader_loses_no_job_that_is_done(script: Script) -> None:
    script.write(
        """
        def quick(job):
            pass
        def kills_the_leader(job):
            os.kill(LEADER, 9)
            time.sleep(60)
        def root():
            top = Job.wrapJobFn(quick)
            top.addFollowOnJobFn(kills_the_leader, cores=2)
            return top
        LEADER = int(os.environ.get("LEADER_PID") or os.environ.setdefault("LEADER_PID", str(os.getpid())))
        """
    )
    assert script.run("--stats", "--maxCores=2").returncode == -9
    found = raw(script)
    assert (found["jobs_run"], found["complete"]) == (1, False)
    assert [kind["name"] for kind in found["kinds"]] == ["quick"]


def test_a_store_that_is_not_there_or_has_not_started_is_told_in_a_sentence(script: Script) -> None:
    absent = script.toil("stats", script.locator)
    assert absent.returncode == 2
    assert "Traceback" not in absent.stderr and "toil: error:" in absent.stderr


def test_a_store_without_jobs_has_empty_statistics(script: Script, store: object) -> None:
    done = script.toil("stats", script.locator)
    assert done.returncode == 0, done.stderr
    assert "has not started" in done.stderr


def test_it_can_be_written_to_a_file(discovered: Script) -> None:
    assert discovered.toil("stats", discovered.locator, "--raw", "--outputFile", "stats.json").stdout == ""
    assert json.loads((discovered.directory / "stats.json").read_text())["jobs_run"] == 3
