"""What Grid Engine's commands print is understood, also where no cluster can be brought to print it in a test."""

from __future__ import annotations

from datetime import datetime

import pytest
from toil_plugin_gridengine.answers import accounts, largest_memory, queued_tasks

from toil_core.api import BatchJobExitReason, TaskState

_LINE = "=" * 62
_QUEUE = """<?xml version='1.0'?>
<job_info><queue_info>
  <job_list state="running"><JB_job_number>7</JB_job_number><JB_name>toil-one</JB_name><state>r</state>
    <JAT_start_time>2024-05-01T10:00:00</JAT_start_time></job_list>
  <job_list state="running"><JB_job_number>8</JB_job_number><JB_name>toil-many</JB_name><state>r</state>
    <JAT_start_time>2024-05-01T10:00:30.250</JAT_start_time><tasks>2</tasks></job_list>
</queue_info><job_info>
  <job_list state="pending"><JB_job_number>8</JB_job_number><JB_name>toil-many</JB_name><state>qw</state>
    <tasks>3,5-9:2</tasks></job_list>
  <job_list state="pending"><JB_job_number>9</JB_job_number><JB_name>toil-held</JB_name><state>hqw</state></job_list>
  <job_list state="pending"><JB_job_number>10</JB_job_number><JB_name>toil-bad</JB_name><state>Eqw</state></job_list>
</job_info></job_info>
"""


def account(**facts: str) -> str:
    """Return a record of `qacct` in which these facts differ from those of a job that went well."""
    usual = {"jobnumber": "7", "taskid": "undefined", "slots": "1", "failed": "0", "exit_status": "0"}
    usual |= {"ru_wallclock": "1.500s", "maxvmem": "10.000M"}
    return "\n".join([_LINE, *(f"{name:<13}{value}" for name, value in (usual | facts).items()), ""])


def test_tasks_in_the_queue_are_told_one_by_one_with_how_far_they_are() -> None:
    tasks = {task.task: task for task in queued_tasks(_QUEUE)}
    assert list(tasks) == ["7", "8.2", "8.3", "8.5", "8.7", "8.9", "9", "10"]
    states = {name: task.status(datetime(2024, 5, 1, 10, 1)) for name, task in tasks.items()}
    assert {name for name, status in states.items() if status.state is TaskState.RUNNING} == {"7", "8.2"}
    assert (states["7"].seconds, states["8.2"].seconds) == (60.0, 29.75)
    assert (states["9"].detail, states["8.3"].detail) == ("on hold", "")
    assert [name for name, task in tasks.items() if task.is_broken] == ["10"]
    assert tasks["8.9"].name == "toil-many"


def test_the_memory_of_the_largest_host_counts() -> None:
    values = "".join(f"<host><hostvalue name='mem_total'>{size}</hostvalue></host>" for size in ("-", "512.0M", "1.5G"))
    assert largest_memory(f"<qhost>{values}</qhost>") == 3 << 29
    assert largest_memory("<qhost/>") == 0


def test_jobs_and_tasks_of_arrays_are_accounted_for_by_their_ids() -> None:
    found = accounts(account() + account(jobnumber="8", taskid="3", exit_status="3"))
    assert list(found) == ["7", "8.3"]
    assert (found["7"].exit_status, found["7"].reason, found["7"].seconds) == (0, BatchJobExitReason.FINISHED, 1.5)
    assert (found["8.3"].exit_status, found["8.3"].reason) == (3, BatchJobExitReason.FAILED)


@pytest.mark.parametrize(
    ("facts", "status", "reason"),
    [
        (
            {"failed": "37  : qmaster enforced h_rt", "exit_status": "137  (Killed)"},
            -9,
            BatchJobExitReason.TIMELIMIT,
        ),
        (
            {
                "failed": "100 : assumedly after job",
                "exit_status": "137",
                "category": "-l h_rt=60",
                "ru_wallclock": "61s",
            },
            -9,
            BatchJobExitReason.TIMELIMIT,
        ),
        (
            {"exit_status": "1", "category": "-U all -l h_vmem=100M,vf=100M", "slots": "2", "maxvmem": "196.000M"},
            1,
            BatchJobExitReason.MEMLIMIT,
        ),
        (
            {"exit_status": "1", "category": "-l h_vmem=100M", "slots": "2", "maxvmem": "100.000M"},
            1,
            BatchJobExitReason.FAILED,
        ),
        ({"failed": "100 : assumedly after job", "exit_status": "143"}, -15, BatchJobExitReason.KILLED),
        ({"failed": "19  : before writing exit_status"}, 0, BatchJobExitReason.LOST),
        ({"failed": "26  : opening input/output file"}, 0, BatchJobExitReason.ERROR),
    ],
)
def test_why_a_job_ended_is_told(facts: dict[str, str], status: int, reason: BatchJobExitReason) -> None:
    (found,) = accounts(account(**facts)).values()
    assert (found.exit_status, found.reason) == (status, reason)


def test_what_grid_engine_says_of_a_job_that_it_could_not_run_is_quoted() -> None:
    (found,) = accounts(account(failed="26  : opening input/output file")).values()
    assert found.detail == "Grid Engine says: 26  : opening input/output file"
