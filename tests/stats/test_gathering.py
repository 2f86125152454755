"""What is gathered while a workflow runs: by the worker, by the leader, and over time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.inspection.conftest import Script
from toil_core.inspection.statistics import Spread
from toil_core.observe import cluster_stats
from toil_core.observe.bus import MessageBus
from toil_core.observe.errors import OutputError
from toil_core.observe.events import (
    JobCompleted,
    JobFailed,
    JobIssued,
    JobStarted,
    NodeAdded,
    NodeRemoved,
    WorkflowFinished,
    WorkflowStarted,
)
from toil_core.observe.stats import StatsCollector, decode_part
from toil_core.options.config import Config
from toil_core.worker.usage import UsageClock, disk_used

# The worker


def test_disk_is_what_the_files_take_each_once_and_none_elsewhere(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    (inside / "deep" / "er").mkdir(parents=True)
    outside.write_bytes(b"x" * 5_000_000)
    (inside / "deep" / "er" / "file").write_bytes(b"x" * 1_000_000)
    os.link(inside / "deep" / "er" / "file", inside / "same")
    os.symlink(outside, inside / "link")
    assert 1_000_000 <= disk_used(str(inside)) < 1_500_000
    assert disk_used(str(tmp_path / "absent")) == 0


def test_cpu_time_and_memory_of_children_count() -> None:
    clock = UsageClock()
    burn = "import time; data = bytearray(150_000_000)\nwhile time.process_time() < 0.3: 1"
    subprocess.run([sys.executable, "-c", burn], check=True)
    used = clock.usage()
    assert used.cpu >= 0.2
    assert used.memory > 150_000_000
    assert used.wall >= 0.2
    assert used.disk == 0


# The leader


class Parts:
    """Where a collector writes to, and the time it has."""

    def __init__(self) -> None:
        self.parts: dict[str, dict[str, Any]] = {}
        self.now = 100.0

    def write(self, name: str, data: bytes) -> None:
        assert name not in self.parts
        self.parts[name] = decode_part(data)


def issued(job: str, attempt: int = 1) -> JobIssued:
    return JobIssued(job, "name", attempt, 1, 2.0, 300, 400)


def completed(job: str) -> JobCompleted:
    return JobCompleted(job, "name", 1.0, 1.0, 1.0, 1, "here")


def test_each_attempt_is_a_row_and_a_run_has_its_beginning_and_end() -> None:
    kept = Parts()
    collector = StatsCollector(3, kept.write, lambda: kept.now)
    collector.began(WorkflowStarted("id", "file:store", True, 99.0))
    collector.issued(issued("a"))
    kept.now = 101.0
    collector.failed(JobFailed("a", "name", 1, 1, "failed", 1))
    collector.issued(issued("a", 2))
    kept.now = 102.0
    collector.completed(completed("a"))
    collector.completed(completed("chained"))
    collector.ended(WorkflowFinished("id", "file:store", "", 103.0))
    collector.close()
    (part,) = kept.parts.values()
    assert (part["run"], part["started"], part["finished"], part["error"]) == (3, 99.0, 103.0, "")
    assert [tuple(row) for row in part["attempts"]] == [
        ("a", 1, 100.0, 2.0, 300, 400, 101.0, "failed"),
        ("a", 2, 101.0, 2.0, 300, 400, 102.0, ""),
    ]


def test_rows_are_written_down_every_few_seconds_so_that_little_is_lost() -> None:
    kept = Parts()
    collector = StatsCollector(0, kept.write, lambda: kept.now)
    for number in range(3):
        collector.issued(issued(str(number)))
        kept.now += 60
        collector.completed(completed(str(number)))
    assert [len(part["attempts"]) for part in kept.parts.values()] == [1, 1, 1]
    assert list(kept.parts) == sorted(kept.parts)


def test_the_median_of_an_even_number_of_values_lies_between_the_middle_two() -> None:
    assert Spread.of([4.0, 1.0, 2.0, 3.0]) == Spread(1.0, 2.5, 2.5, 4.0, 10.0)
    assert Spread.of([]) is None


# Over time


def sampled(path: Path, *messages: object) -> dict[str, Any]:
    config, bus = Config(), MessageBus()
    config.clusterStats = str(path)
    with closing(cluster_stats.attach(bus, config, interval=3600)):
        for message in messages:
            bus.publish(message)
        (file,) = [path] if path.is_file() else list(path.iterdir())
        assert json.loads(file.read_text())["samples"] == [], "it is valid JSON before the first sample"
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def test_a_sample_counts_jobs_and_nodes_and_tells_of_the_machine(tmp_path: Path) -> None:
    found = sampled(
        tmp_path / "use.json",
        *(issued(job) for job in ("waits", "runs", "done", "failed")),
        JobStarted("runs", 1, 1.0),
        completed("done"),
        JobFailed("failed", "name", 1, 1, "failed", 0),
        NodeAdded("one", "large", 1.0),
        NodeAdded("two", "large", 1.0),
        NodeRemoved("one", "large", 1.0),
    )
    (sample,) = found["samples"]
    assert {name: sample[name] for name in ("issued", "running", "completed", "failed", "nodes")} == {
        "issued": 2,
        "running": 1,
        "completed": 1,
        "failed": 1,
        "nodes": {"large": 1},
    }
    assert 0 < sample["memory_used"] <= sample["memory_total"]
    assert 0 <= sample["cpu"] <= 100
    assert found["batch_system"] == "single_machine"


def test_a_batch_system_that_does_not_tell_what_runs_is_not_said_to_run_nothing(tmp_path: Path) -> None:
    (sample,) = sampled(tmp_path / "use.json", issued("a"))["samples"]
    assert (sample["issued"], sample["running"]) == (1, None)


def test_a_directory_gets_a_file_of_its_own_for_each_run(tmp_path: Path) -> None:
    assert len(sampled(tmp_path)["samples"]) == 1
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def test_a_file_that_cannot_be_written_stops_the_run_at_once(tmp_path: Path) -> None:
    config = Config()
    config.clusterStats = str(tmp_path / "absent" / "use.json")
    with pytest.raises(OutputError, match="--clusterStats"):
        cluster_stats.attach(MessageBus(), config)


def test_the_option_without_a_name_writes_into_the_current_directory_and_says_what_it_cannot_tell(
    script: Script,
) -> None:
    script.write("def root():\n    return Job.wrapJobFn(quick)\ndef quick(job):\n    pass\n")
    done = script.run("--clusterStats", "--logInfo")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("--clusterStats tells of its jobs and of the leader's machine only") == 1
    (file,) = script.directory.glob("cluster-stats-*.json")
    found = json.loads(file.read_text())
    assert found["samples"][-1]["completed"] == 1
