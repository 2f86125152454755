"""What only a real pool shows: limits that end jobs, evictions, files, and what it refuses."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from toil_plugin_htcondor.parameters import BadParameters, read_parameters
from toil_plugin_htcondor.scheduler import HTCondorBatchSystem

from tests.services.jobs import once, output
from tests.services.simulated_faults import use
from tests.workflow.conftest import Workflow
from toil_core import plugins
from toil_core.api import BatchJobExitReason, Config
from toil_core.testing.playing_leader import PlayedLeader

_GREEDY = "import time; x = [b'x' * (8 << 20) for _ in range(64)]; time.sleep(60)"
ONE = """
def one():
    note("ran")

def root():
    return Job.wrapFn(one, %s)
"""


class PoolWorkflow(Workflow):
    """A workflow whose jobs HTCondor runs."""

    def start(self, *options: str) -> subprocess.Popen[str]:
        """Start it; its jobs need little."""
        needs = ("--defaultMemory", "100M", "--defaultDisk", "1M", "--workDir", str(self.directory))
        return super().start("--batchSystem", "htcondor", *needs, *options)


@pytest.fixture
def in_pool(htcondor: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PoolWorkflow:
    """Return an empty workflow on the real pool."""
    use(htcondor, monkeypatch)
    return PoolWorkflow(tmp_path)


@pytest.fixture
def leader(htcondor: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PlayedLeader]:
    """Yield what issues jobs to the real pool."""
    use(htcondor, monkeypatch)
    config = Config()
    config.setOptions(SimpleNamespace(), plugins.plugin_options())
    config.workflowID = f"pool-{os.getpid()}-{tmp_path.name[-12:]}"
    config.workDir = str(tmp_path)
    leader = PlayedLeader(HTCondorBatchSystem(config), tmp_path, 60.0)
    yield leader
    leader.shut_down()


def queued(leader: PlayedLeader, attribute: str) -> str:
    """Return an attribute of this test's one job in the queue."""
    mine = f'regexp("{leader.directory}/", Cmd)'
    return output(dict(os.environ), "condor_q", "-constraint", mine, "-af", attribute).strip()


def test_a_job_that_takes_too_much_memory_is_told_from_others(leader: PlayedLeader) -> None:
    news = leader.end_of(leader.issue(f"{shlex.quote(sys.executable)} -c {shlex.quote(_GREEDY)}", memory=100 << 20))
    assert news.exitReason is BatchJobExitReason.MEMLIMIT
    assert "memory usage exceeded request_memory" in news.detail
    assert once(lambda: queued(leader, "JobStatus"), lambda said: said in ("", "3")) in ("", "3")


def test_a_job_that_takes_too_long_is_told_from_others(leader: PlayedLeader) -> None:
    news = leader.end_of(leader.issue("sleep 60", wall_time=1))
    assert news.exitReason is BatchJobExitReason.TIMELIMIT
    assert "exceeded allowed job duration" in news.detail


def test_a_job_that_is_evicted_is_lost_and_does_not_run_again(leader: PlayedLeader) -> None:
    starts = leader.directory / "starts"
    number = leader.issue(f"echo >> {shlex.quote(str(starts))}; sleep 60")
    leader.until_written(starts)
    identifier = f"{queued(leader, 'ClusterId')}.0"
    output(dict(os.environ), "condor_vacate_job", "-fast", identifier)
    assert leader.end_of(number).exitReason is BatchJobExitReason.LOST
    history = ["condor_history", identifier, "-af", "NumShadowStarts"]
    assert once(lambda: output(dict(os.environ), *history), bool).strip() == "1"
    assert starts.read_text() == "\n"


def test_a_job_that_somebody_holds_waits_until_it_is_released(leader: PlayedLeader) -> None:
    vars(leader.batch_system.config)["htcondorParams"] = "hold = True"
    number = leader.issue("exit 3")
    leader.until(lambda: queued(leader, "ClusterId"), "the job is in the queue")
    why = leader.batch_system.getSchedulingStatusMessage
    leader.until(lambda: "submitted on hold at user's request" in (why() or ""), "why it waits is told")
    output(dict(os.environ), "condor_release", f"{queued(leader, 'ClusterId')}.0")
    assert leader.end_of(number).exitStatus == 3


def test_how_long_a_job_ran_is_told(leader: PlayedLeader) -> None:
    assert (leader.end_of(leader.issue("sleep 2")).wallTime or 0) >= 1


def test_files_for_output_and_events_have_the_documented_names(in_pool: PoolWorkflow) -> None:
    in_pool.write(ONE % "")
    kept = in_pool.run("--cleanWorkDir", "never")
    assert kept.returncode == 0, kept.stderr
    names = [re.sub(r"_[0-9]+\.0_", "_ID_", path.name) for path in in_pool.directory.rglob("toil_job_*.log")]
    endings = sorted(name.partition("_batch_")[2] for name in names)
    assert endings == [f"htcondor_ID_{what}.log" for what in ("job_events", "std_error", "std_output")]


def test_without_output_no_files_are_written(in_pool: PoolWorkflow) -> None:
    in_pool.write(ONE % "")
    done = in_pool.run("--noStdOutErr", "--cleanWorkDir", "never")
    assert done.returncode == 0, done.stderr
    assert list(in_pool.directory.rglob("toil_job_*.log")) == []


def test_parameters_are_added_to_what_is_handed_over(leader: PlayedLeader) -> None:
    parameters = 'Requirements = TARGET.Cpus > 100; +Project = "a b"; accounting_group = test'
    vars(leader.batch_system.config)["htcondorParams"] = parameters
    leader.issue("true")
    leader.until(lambda: queued(leader, "ClusterId"), "the job is in the queue")
    assert (queued(leader, "Project"), queued(leader, "AccountingGroup").partition(".")[0]) == ("a b", "test")
    mine = f'regexp("{leader.directory}/", Cmd)'
    description = output(dict(os.environ), "condor_q", "-constraint", mine, "-long")
    assert re.search(r"^Requirements = .*TARGET\.Cpus > 100.*NumJobStarts =!= 1", description, re.MULTILINE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("requirements", "has 'requirements' in it, which sets nothing"),
        ("queue 3", "has 'queue 3' in it, which sets nothing"),
        ("rank = 1; Request_Memory = 4GB", "as 'Request_Memory = 4GB' does"),
        ("arguments = 7", "sets 'arguments', which Toil has to decide"),
    ],
)
def test_parameters_that_are_not_for_users_to_set_are_refused(text: str, message: str) -> None:
    with pytest.raises(BadParameters, match="TOIL_HTCONDOR_PARAMS") as caught:
        read_parameters(text)
    assert message in caught.value.message


def test_parameters_are_read_as_documented() -> None:
    read = read_parameters("requirements = TARGET.has_sse4_2 == true; accounting_group = test;")
    assert read == {"requirements": "TARGET.has_sse4_2 == true", "accounting_group": "test"}


def test_parameters_that_cannot_be_read_end_the_run(in_pool: PoolWorkflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOIL_HTCONDOR_PARAMS", "request_cpus = 4")
    in_pool.write(ONE % "")
    done = in_pool.run()
    assert done.returncode != 0
    assert "TOIL_HTCONDOR_PARAMS (--htcondorParams) must not say" in done.stderr
    assert in_pool.noted() == []


def test_what_htcondor_refuses_is_quoted_once(in_pool: PoolWorkflow) -> None:
    in_pool.write(ONE % "")
    done = in_pool.run("--htcondorParams", "universe = nowhere", "--retryCount", "2")
    assert done.returncode == 1
    report = done.stderr.rpartition("toil: error:")[2]
    assert report.count("I don't know about the 'nowhere' universe.") == 1
    assert "The command was: condor_submit -terse" in report


@pytest.mark.parametrize("needs", ["cores=100", "memory='1T'", "accelerators=9"])
def test_what_no_machine_has_is_refused_with_what_there_is(in_pool: PoolWorkflow, needs: str) -> None:
    in_pool.write(ONE % needs)
    done = in_pool.run("--retryCount", "3")
    assert done.returncode == 1
    assert "no machine of the pool has all of it: the most are 8 cores, 7.8 GiB of memory, and 0 GPUs" in done.stderr
    assert in_pool.noted() == []
