"""What Slurm cannot do, or does not let users do, is said once and clearly."""

from __future__ import annotations

import pytest
from toil_plugin_slurm.arguments import BadSlurmArguments, read_arguments

from tests.workflow.conftest import Workflow

ONE = """
def one():
    note("ran")

def root():
    return Job.wrapFn(one, %s)
"""


@pytest.mark.parametrize(
    "arguments",
    ["-c 4", "-c4", "--cpus-per-task=4", "-n 2", "--mem 4G", "--mem-per-cpu=1G", "-q fast --ntasks=2"],
)
def test_requirements_of_jobs_are_not_for_arguments_to_say(arguments: str) -> None:
    with pytest.raises(BadSlurmArguments, match="must not say how many cores or how much memory") as caught:
        read_arguments(arguments)
    assert "--defaultCores" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--array=0-3", "has '--array=0-3' in it, which Toil has to decide"),
        ("--wrap hostname", "has '--wrap' in it"),
        ("--clusters=other", "sends jobs to another cluster"),
        ("--comment 'half", "cannot be read: No closing quotation"),
    ],
)
def test_what_toil_has_to_decide_is_not_for_arguments_to_say(arguments: str, message: str) -> None:
    with pytest.raises(BadSlurmArguments, match=message):
        read_arguments(arguments)


def test_other_arguments_are_passed_on() -> None:
    read = read_arguments("-t 1:00:00 -q 'fat q' -pshort --partition=a,b --nodes=1 --no-kill")
    assert read.words == ("-t", "1:00:00", "-q", "fat q", "-pshort", "--partition=a,b", "--nodes=1", "--no-kill")
    assert read.partitions == ("a", "b")
    assert read_arguments("--partition short -J name").partitions == ("short",)
    assert read_arguments("").partitions == ()


def test_arguments_about_memory_end_the_run_with_one_sentence(
    on_slurm: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOIL_SLURM_ARGS", "--mem=4G")
    on_slurm.write(ONE % "")
    done = on_slurm.run()
    assert done.returncode != 0
    assert "TOIL_SLURM_ARGS (--slurmArgs) must not say" in done.stderr.splitlines()[-2]
    assert on_slurm.noted() == []


def test_arguments_that_are_refused_are_quoted_with_what_slurm_says(on_slurm: Workflow) -> None:
    on_slurm.write(ONE % "")
    done = on_slurm.run("--slurmArgs", "--qos nosuch", "--retryCount", "2")
    assert done.returncode == 1
    said = "sbatch: error: Batch job submission failed: Invalid qos specification"
    report = done.stderr.rpartition("toil: error:")[2]
    assert report.count(said) == 1
    assert "The command was: sbatch --parsable" in report
    assert "--qos nosuch" in report


def test_a_partition_that_does_not_exist_is_named(on_slurm: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOIL_SLURM_ARGS", "-p nowhere")
    on_slurm.write(ONE % "")
    done = on_slurm.run()
    assert done.returncode == 1
    assert "invalid partition specified: nowhere" in done.stderr


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        ("cores=100", "No node of Slurm has what it needs: 100 cores, "),
        ("memory='1T'", "The largest one has 8 cores, 3.9 GiB of memory"),
        ("accelerators='h100:1'", "gpu:h100:1. The largest one has 8 cores, 3.9 GiB of memory, gpu:a100:2 (partition"),
        ("accelerators=9", "gpu:9. The largest one has"),
    ],
)
def test_what_no_node_has_is_refused_with_what_the_largest_has(on_slurm: Workflow, needs: str, message: str) -> None:
    on_slurm.write(ONE % needs)
    done = on_slurm.run("--retryCount", "3")
    assert done.returncode == 1
    assert message in done.stderr
    assert on_slurm.noted() == []


def test_a_time_that_no_partition_gives_is_refused(on_slurm: Workflow) -> None:
    on_slurm.write(ONE % "wall_time='20m'")
    done = on_slurm.run("--slurmArgs", "-p short")
    assert "Slurm lets no such job run for 1200 seconds; the most is 600 (partition 'short')." in done.stderr


def test_commands_that_are_not_there_are_named(on_slurm: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    on_slurm.write(ONE % "")
    monkeypatch.setenv("PATH", str(on_slurm.directory))
    done = on_slurm.run()
    assert done.returncode != 0
    last = done.stderr.rpartition("toil: error:")[2]
    assert "of Slurm was not found on this machine." in last
    assert "with their directory on PATH" in last
