"""Whole workflows on the real Slurm."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.batch_systems.scheduler.workloads import FAN, fan_with_a_long_job
from tests.batch_systems.support import ROOT, eventually
from tests.services.jobs import output
from tests.workflow.conftest import Workflow


def test_the_sort_workflow_sorts(on_slurm: Workflow, tmp_path: Path) -> None:
    source, target = tmp_path / "lines", tmp_path / "sorted"
    lines = [f"{number * 7919 % 10007:05}\n" for number in range(10007)]
    source.write_text("".join(lines))
    on_slurm.script = ROOT / "tests" / "examples" / "scripts" / "merge_sort.py"
    done = on_slurm.run("--input", str(source), "--output", str(target), "--piece", "16384")
    assert done.returncode == 0, done.stderr
    assert target.read_text() == "".join(sorted(lines))
    assert "Slurm has taken" in done.stderr


def test_services_run_beside_their_clients(on_slurm: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    on_slurm.script = ROOT / "tests" / "chaos" / "services.py"
    result, log = on_slurm.directory / "result", on_slurm.directory / "log"
    monkeypatch.setenv("RESULT", str(result))
    monkeypatch.setenv("RUN_LOG", str(log))
    done = on_slurm.run()
    assert done.returncode == 0, done.stderr
    assert result.read_text() == "[['cba', 'abc'], ['zyx', 'xyz']]"


def test_a_fan_out_of_short_jobs_becomes_a_few_tasks(on_slurm: Workflow) -> None:
    on_slurm.write(FAN % 60)
    done = on_slurm.run()
    assert "result: 1770" in done.stdout, done.stderr
    assert Counter(on_slurm.noted()) == Counter(f"short {number}" for number in range(60))
    assert "Slurm has taken 8 jobs ('short') as" in done.stderr
    assert re.search(r"Slurm has taken 52 jobs \('short'\) as \d+.*, bundled since such jobs are short\.", done.stderr)


def test_without_bundles_each_job_is_a_task_of_an_array(on_slurm: Workflow) -> None:
    body = (FAN % 12).replace('note(f"short {number}")', 'note(os.environ["SLURM_ARRAY_TASK_ID"])')
    on_slurm.write(body)
    done = on_slurm.run("--bundleSeconds", "0")
    assert "result: 66" in done.stdout, done.stderr
    assert Counter(on_slurm.noted()) == Counter(str(index) for index in range(12))
    assert re.search(r"taken 12 jobs \('short'\) as \d+, an array of 12 tasks\.", done.stderr)


def test_jobs_behind_a_long_one_in_a_bundle_are_given_to_others(on_slurm: Workflow) -> None:
    on_slurm.write(fan_with_a_long_job(30, 12))
    done = on_slurm.run("--bundleSeconds", "1")
    assert "result: 435" in done.stdout, done.stderr
    noted = Counter(on_slurm.noted())
    assert noted.pop("others were done") == 1
    assert set(noted.values()) == {1}


BIG = """
def big(number):
    note(f"began {number}")
    until = time.monotonic() + 60
    while not os.path.exists(os.environ["NOTES"] + ".go") and time.monotonic() < until:
        time.sleep(0.05)
    note(f"did {number}")
    return number

def total(numbers):
    return sum(numbers)

def fan(job):
    numbers = [job.addChildFn(big, number, cores=4, disk="1M").rv() for number in range(8)]
    return job.addFollowOnFn(total, numbers).rv()

def root():
    return Job.wrapJobFn(fan)
"""


def test_nothing_is_lost_or_repeated_when_the_leader_is_killed(alone_on_slurm: Workflow) -> None:
    alone_on_slurm.write(BIG)
    process = alone_on_slurm.start()
    try:
        eventually(lambda: len(alone_on_slurm.noted()) == 4, "four jobs run, and others wait")
    finally:
        process.kill()
        process.communicate()
    Path(f"{alone_on_slurm.notes}.go").write_text("")
    done = alone_on_slurm.run("--restart")
    assert "result: 28" in done.stdout, done.stderr
    assert "Slurm still has" in done.stderr
    noted = Counter(alone_on_slurm.noted())
    assert noted == Counter(f"{what} {number}" for what in ("began", "did") for number in range(8))


def test_memory_is_doubled_after_there_was_too_little(on_slurm: Workflow) -> None:
    if "proctrack/cgroup" not in output(os.environ, "scontrol", "show", "config"):
        pytest.skip("control groups of this machine cannot limit memory, so that Slurm does not tell why it kills")
    on_slurm.write("""
def hungry():
    note(os.environ["SLURM_MEM_PER_NODE"])
    return len(b"x" * (90 << 20))

def root():
    return Job.wrapFn(hungry, memory="80Mi")
""")
    done = on_slurm.run("--retryCount", "1", "--doubleMem", "--defaultMemory", "80Mi")
    assert f"result: {90 << 20}" in done.stdout, done.stderr
    assert on_slurm.noted() == ["80", "160"]
    assert "used more memory than it had asked for" in done.stderr


def test_requirements_reach_slurm(on_slurm: Workflow) -> None:
    on_slurm.write("""
import subprocess

def show():
    asked = ["squeue", "--noheader", "--jobs", os.environ["SLURM_JOB_ID"], "--format", "%C %m %l %P %b"]
    note(" ".join(subprocess.check_output(asked, text=True).split()))
    note(os.environ["CUDA_VISIBLE_DEVICES"])

def root():
    return Job.wrapFn(show, cores=3, memory="200Mi", wall_time="90s", accelerators="A100:2")
""")
    done = on_slurm.run()
    assert done.returncode == 0, done.stderr
    assert on_slurm.noted() == ["3 200M 2:00 main gres:gpu:a100:2", "0,1"]


def test_parallel_jobs_have_a_partition_of_their_own(on_slurm: Workflow) -> None:
    on_slurm.write("""
def show():
    note(os.environ["SLURM_JOB_PARTITION"] + " " + os.environ["SLURM_JOB_NAME"])

def two(job):
    for cores in (1, 2):
        job.addChildFn(show, cores=cores, disk="1M")

def root():
    return Job.wrapJobFn(two)
""")
    done = on_slurm.run("--slurmPe", "gpu", "--slurmArgs", "--partition=short -J mine")
    assert done.returncode == 0, done.stderr
    assert sorted(on_slurm.noted()) == ["gpu mine", "short mine"]


def test_a_full_queue_makes_jobs_wait(on_slurm: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOIL_SLURM_ARGS", "--qos limited")
    on_slurm.write(FAN % 7)
    done = on_slurm.run("--bundleSeconds", "0")
    assert "result: 21" in done.stdout, done.stderr
    assert "Slurm has no room for more jobs at the moment" in done.stderr
    assert Counter(on_slurm.noted()) == Counter(f"short {number}" for number in range(7))


def test_output_files_have_the_documented_names(on_slurm: Workflow) -> None:
    on_slurm.directory = on_slurm.directory / "100%a"
    on_slurm.directory.mkdir()
    on_slurm.write(FAN % 2)
    done = on_slurm.run("--bundleSeconds", "0", "--cleanWorkDir", "never")
    assert "result: 1" in done.stdout, done.stderr
    names = {
        re.sub(r"_job_.*_batch", "_job_ID_batch", path.name) for path in on_slurm.directory.glob("toil-*/**/*.log")
    }
    array = re.search(r"taken 2 jobs \('short'\) as (\d+)", done.stderr)
    assert array is not None
    tasks = [f"{array[1]}_{index}" for index in (0, 1)]
    assert {f"toil_job_ID_batch_slurm_{task}_std_{what}.log" for task in tasks for what in ("output", "error")} <= names
