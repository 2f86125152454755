"""What is asked of qsub, and what is read from the answers of Torque, PBS Pro and Slurm's imitation."""

from __future__ import annotations

from pathlib import Path

import pytest
from toil_plugin_torque.answers import nodes, shown_jobs
from toil_plugin_torque.flavours import PBS_PRO, SLURM, TORQUE, flavour_of
from toil_plugin_torque.plugin import OPTIONS
from toil_plugin_torque.scheduler import Torque

from toil_core.api import Allocation, BatchJobExitReason, Config, Runner, Submission, TaskState

ENDED = """Job Id: 12[3].server
    Job_Name = toil-1-2-work-3
    job_state = C
    exit_status = {status}
    resources_used.walltime = 00:01:05
    Resource_List.walltime = 00:01:00
    Variable_List = PBS_O_HOME=/home/me,PBS_O_LANG=en,
\tPBS_O_PATH=/usr/bin

"""


def dialect(**settings: object) -> Torque:
    config = Config()
    vars(config).update({option.name: option.default for option in OPTIONS}, **settings)
    return Torque(config, Runner("Torque"))


def submission(directory: Path, size: int = 1, wall_time: float = 0.0) -> Submission:
    allocation = Allocation(4, 3 << 30, 0, ((("count", 2), ("kind", "gpu")),))
    place = str(directory)
    return Submission("toil-1", "one", size, allocation, wall_time, "#!/bin/sh\n", {}, "job", place, place)


def test_resources_are_asked_for_in_one_list_and_those_of_the_user_count_more(tmp_path: Path) -> None:
    asked = list(dialect(torqueReqs="walltime=9:00:00,file=5gb").submit_command(submission(tmp_path, 1, 60)).arguments)
    assert asked[asked.index("-l") + 1] == "nodes=1:ppn=4:gpus=2,mem=3072mb,walltime=9:00:00,file=5gb"


def test_arguments_of_the_user_come_before_the_script(tmp_path: Path) -> None:
    asked = list(dialect(torqueArgs="-q medium -A 'my lab'").submit_command(submission(tmp_path)).arguments)
    assert asked[-5:] == ["-q", "medium", "-A", "my lab", str(tmp_path / "toil-1.sh")]
    assert (tmp_path / "toil-1.sh").read_text() == "#!/bin/sh\n"


def test_pbs_pro_is_asked_in_its_own_words(tmp_path: Path) -> None:
    pbs = dialect()
    pbs._flavour = PBS_PRO
    asked = list(pbs.submit_command(submission(tmp_path, 5, 3661)).arguments)
    assert asked[asked.index("-J") + 1] == "0-4"
    assert asked[asked.index("-l") + 1] == "select=1:ncpus=4:mem=3072mb:ngpus=2,walltime=1:01:01"


@pytest.mark.parametrize(
    ("said", "failed", "flavour"),
    [
        ("Version: 6.1.2", False, TORQUE),
        ("pbs_version = 19.1.3", False, PBS_PRO),
        ("Unknown option: version\nUsage:", True, SLURM),
        ("version: illegal", True, TORQUE),
    ],
)
def test_each_flavour_is_known_by_what_it_says_of_its_version(said: str, failed: bool, flavour: object) -> None:
    assert flavour_of(said, failed) == flavour


@pytest.mark.parametrize(
    ("status", "exit_status", "reason"),
    [
        ("0", 0, BatchJobExitReason.FINISHED),
        ("3", 3, BatchJobExitReason.FAILED),
        ("-10", None, BatchJobExitReason.MEMLIMIT),
        ("-11", None, BatchJobExitReason.TIMELIMIT),
        ("271", -15, BatchJobExitReason.TIMELIMIT),
        ("265", -9, BatchJobExitReason.LOST),
    ],
)
def test_how_a_job_ended_is_read_from_its_exit_status(
    status: str, exit_status: int | None, reason: BatchJobExitReason
) -> None:
    (job,) = shown_jobs(ENDED.format(status=status))
    told = job.status(ends_with_e=False)
    assert (job.task, told.state, told.seconds) == ("12[3].server", TaskState.ENDED, 65)
    assert (told.exit_status, told.reason) == (exit_status, reason)


def test_slurms_e_is_an_end_and_torques_is_not() -> None:
    (job,) = shown_jobs("Job Id:\t7\n\tJob_Name = n\n\tjob_state = E\n")
    assert job.status(ends_with_e=True).state is TaskState.ENDED
    assert job.status(ends_with_e=False).state is TaskState.RUNNING


def test_what_nodes_have_is_read_from_torque_and_from_pbs_pro() -> None:
    torque = "n1\n     state = free\n     np = 8\n     status = ncpus=8,physmem=4096000kb,availmem=1kb\n\n"
    pbs = "n2\n     resources_available.mem = 4gb\n     resources_available.ncpus = 16\n"
    assert [(node.cores, node.memory) for node in nodes(torque + pbs)] == [(8, 4096000 << 10), (16, 4 << 30)]
