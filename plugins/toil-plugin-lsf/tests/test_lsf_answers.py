"""What is asked of bsub, and what is read from the answers of LSF."""

from __future__ import annotations

import pytest
from toil_plugin_lsf.answers import histories, hosts, listed_jobs
from toil_plugin_lsf.plugin import OPTIONS
from toil_plugin_lsf.scheduler import LSF

from toil_core.api import (
    Allocation,
    BatchJobExitReason,
    Command,
    CommandFailed,
    Config,
    Runner,
    Submission,
    TaskState,
    Trouble,
)


class Told(Runner):
    """Answers `bparams -a` as sites do that reserve memory by core, or for the whole job."""

    def __init__(self, by_core: bool) -> None:
        super().__init__("LSF")
        self._said = f"RESOURCE_RESERVE_PER_TASK = {'Y' if by_core else 'N'}\n"

    def run(self, command: Command, *, allowed: object = (0,)) -> str:
        assert list(command.arguments) == ["bparams", "-a"]
        return self._said


def dialect(by_core: bool = False, **settings: object) -> LSF:
    config = Config()
    vars(config).update({option.name: option.default for option in OPTIONS}, **settings)
    return LSF(config, Told(by_core))


def arguments(dialect: LSF, size: int = 1, wall_time: float = 0.0) -> list[str]:
    allocation = Allocation(4, 3 << 30, 0, ((("count", 2), ("kind", "gpu")),))
    submission = Submission("toil-1", "one", size, allocation, wall_time, "script", {}, "job", "/shared", "/shared")
    return list(dialect.submit_command(submission).arguments)


@pytest.mark.parametrize(("by_core", "reserved"), [(False, 3072), (True, 768)])
def test_memory_is_reserved_as_the_site_counts_it_and_limited_for_the_job(by_core: bool, reserved: int) -> None:
    asked = arguments(dialect(by_core))
    assert asked[asked.index("-R") + 1] == f"rusage[mem={reserved}MB] span[hosts=1]"
    assert asked[asked.index("-M") + 1] == "3072MB"
    assert asked[asked.index("-n") + 1] == "4"


def test_arrays_gpus_time_and_the_arguments_of_the_user_are_asked_for() -> None:
    asked = arguments(dialect(lsfArgs="-q medium -P 'my lab'"), size=5, wall_time=61)
    assert asked[asked.index("-J") + 1] == "toil-1[1-5]"
    assert asked[asked.index("-gpu") + 1] == "num=2"
    assert asked[asked.index("-W") + 1] == "2"
    assert asked[asked.index("-o") + 1] == "/shared/toil_job_job_batch_lsf_%J[%I]_std_output.log"
    assert asked[-4:] == ["-q", "medium", "-P", "my lab"]


def test_what_bjobs_lists_is_understood() -> None:
    lines = (
        "7|0|PEND|-|0 second(s)|toil-1|-\n"
        "8|2|RUN|-|12 second(s)|toil-2[2]|-\n"
        "9|0|DONE|-|3 second(s)|toil-3|-\n"
        "10|1|EXIT|137|4 second(s)|toil-4[1]|TERM_MEMLIMIT: job killed after reaching LSF memory usage limit\n"
        "11|0|EXIT|140|60 second(s)|toil-5|TERM_RUNLIMIT: job killed after reaching LSF run time limit\n"
        "12|0|EXIT|3|1 second(s)|toil-6|-\n"
        "13|0|ZOMBI|-|1 second(s)|toil-7|-\n"
    )
    jobs = {job.task: job for job in listed_jobs(lines)}
    assert jobs["7"].status.state is TaskState.PENDING
    assert (jobs["8[2]"].name, jobs["8[2]"].status.seconds) == ("toil-2", 12)
    told = {task: (job.status.exit_status, job.status.reason) for task, job in jobs.items()}
    assert told["9"] == (0, BatchJobExitReason.FINISHED)
    assert told["10[1]"] == (-9, BatchJobExitReason.MEMLIMIT)
    assert told["11"] == (-12, BatchJobExitReason.TIMELIMIT)
    assert told["12"] == (3, BatchJobExitReason.FAILED)
    assert told["13"] == (None, BatchJobExitReason.LOST)


def test_what_bhist_remembers_is_understood() -> None:
    text = (
        "\nJob <7>, Job Name <toil-1>, User <me>\nTue: Done successfully. The CPU time used is 0.0 seconds;\n"
        "\nJob <8[2]>, Job Name <toil-2[2]>\nTue: Exited with exit code 3. The CPU time used is 0.0 seconds;\n"
        "\nJob <9>, Job Name <toil-3>\nTue: Exited by signal 9. The CPU time used is 0.0 seconds;\n"
        "\nJob <10>, Job Name <toil-4>\nTue: Started\n"
    )
    told = {task: (status.exit_status, status.reason) for task, status in histories(text).items()}
    assert told == {
        "7": (0, BatchJobExitReason.FINISHED),
        "8[2]": (3, BatchJobExitReason.FAILED),
        "9": (-9, BatchJobExitReason.KILLED),
    }


def test_what_hosts_have_is_read_whatever_is_not_known_of_others() -> None:
    text = (
        "HOST_NAME      type    model  cpuf ncpus maxmem maxswp server RESOURCES\n"
        "h1             X86_64  PC6000 116.1    8   3.5G      -    Yes (mg)\n"
        "h2             UNKNOWN UNKNOWN  1.0    -      -      -    Yes ()\n"
    )
    assert [(host.cores, host.memory) for host in hosts(text)] == [(8, int(3.5 * (1 << 30)))]


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        ("LSF is down. Please wait ...", Trouble.UNREACHABLE),
        ("Failed in an LSF library call: LIM is down; try later", Trouble.UNREACHABLE),
        ("User <me>: Pending job threshold reached. Retrying in 60 seconds", Trouble.FULL),
        ("nowhere: No such queue. Job not submitted.", Trouble.REFUSED),
    ],
)
def test_an_outage_a_full_queue_and_a_refusal_are_told_apart(said: str, trouble: Trouble) -> None:
    assert dialect().trouble(CommandFailed(Command(["bsub"]), 255, said)) is trouble
