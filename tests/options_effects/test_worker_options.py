"""How workers run jobs, what they find in their environment, and what helps to debug them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.options_effects.probing import Probe
from tests.terminals import run_on_terminal
from toil_core.batch_systems.single_machine import SingleMachineBatchSystem
from toil_core.jobs.description import JobDescription
from toil_core.options.config import Config


@pytest.mark.parametrize(
    ("options", "variables", "same"),
    [((), {}, True), (("--disableChaining",), {}, False), ((), {"TOIL_DISABLE_CHAINING": "true"}, False)],
)
def test_a_successor_runs_in_the_same_process_unless_chaining_is_disabled(
    probe: Probe, options: tuple[str, ...], variables: dict[str, str], same: bool
) -> None:
    parent, child = probe.run("chain", None, *options, variables=variables).result
    assert (parent == child) is same


@pytest.mark.parametrize("under_toil", [False, True])
@pytest.mark.parametrize(
    ("options", "variables"),
    [
        (("--setEnv", "ONE=1", "--setEnv", "TWO"), {}),
        (("-e", "ONE=1", "-e", "TWO"), {}),
        ((), {"TOIL_SET_ENV": "ONE=1 TWO"}),
        (("-e", "ONE=1", "-e", "TWO"), {"ONE": "0"}),
    ],
)
def test_variables_are_set_in_workers(
    probe: Probe, options: tuple[str, ...], variables: dict[str, str], under_toil: bool
) -> None:
    found = probe.run(
        "variables", ["ONE", "TWO"], *options, under_toil=under_toil, variables={"TWO": "2", **variables}
    ).result
    assert found == {"ONE": "1", "TWO": "2"}


def test_a_variable_that_has_no_value_is_a_user_error(probe: Probe) -> None:
    done = probe.run("variables", [], "--setEnv", "NOWHERE_SET")
    assert done.status == 2
    assert "NOWHERE_SET has no value here" in done.err


def test_reports_of_running_jobs_come_as_often_as_asked_for(probe: Probe) -> None:
    done = probe.run("sleeps", 1, "--statusWait", "0.2")
    assert done.err.count("1 job is running, 0 waiting to run (1 x sleeps") >= 2
    assert "running" not in probe.run("sleeps", 0.1).err


@pytest.mark.parametrize(
    ("options", "variables", "bar"),
    [((), {}, True), (("--disableProgress",), {}, False), ((), {"TOIL_DISABLE_PROGRESS": "1"}, False)],
)
def test_a_progress_bar_shows_on_a_terminal_unless_it_is_disabled(
    probe: Probe, options: tuple[str, ...], variables: dict[str, str], bar: bool
) -> None:
    command = [sys.executable, str(probe.script), str(probe.store), *options, "--do", "levels"]
    environment = probe.environment({"TERM": "xterm", "COLUMNS": "120", **variables})
    done = run_on_terminal(command, environment, probe.directory)
    assert done.status == 0
    assert bool(re.search(r"Done.*1/1", done.shown)) is bar
    assert "job-INFO" in done.shown


@pytest.mark.parametrize(("options", "same"), [((), False), (("--debugWorker",), True)])
def test_debug_worker_runs_jobs_in_the_leaders_process(probe: Probe, options: tuple[str, ...], same: bool) -> None:
    done = probe.run("where", "well", *options)
    assert (int(done.result["pid"]) == done.leader) is same


@pytest.mark.parametrize(
    ("options", "shown"), [((), False), (("--debugWorker",), True), (("--disableWorkerOutputCapture",), True)]
)
def test_what_jobs_print_shows_only_where_it_is_not_captured(
    probe: Probe, options: tuple[str, ...], shown: bool
) -> None:
    done = probe.run("talks", "well", *options)
    assert done.status == 0
    assert ("line 098" in done.out) is shown
    assert ("line 099" in done.err) is shown


@pytest.mark.parametrize(("proportion", "status"), [("0", 0), ("1", 1)])
def test_bad_worker_kills_the_proportion_that_it_names(probe: Probe, proportion: str, status: int) -> None:
    options = ("--badWorker", proportion, "--badWorkerFailInterval=0.1", "--retryCount=0")
    done = probe.run("sleeps", 1, *options)
    assert done.status == status
    assert ("killed by signal 9" in done.err) is bool(status)


def test_a_worker_that_ends_before_the_fail_interval_is_over_survives(probe: Probe) -> None:
    options = ("--badWorker=1", "--badWorkerFailInterval=1000000", "--retryCount=0")
    assert probe.run("variables", [], *options).status == 0


@pytest.mark.parametrize(("disabled", "files"), [(False, 2), (True, 0)])
def test_output_of_batch_system_jobs_is_kept_in_files_unless_no_std_out_err(
    tmp_path: Path, disabled: bool, files: int
) -> None:
    config = Config()
    config.workflowID, config.workDir, config.noStdOutErr = "w", str(tmp_path), disabled
    machine = SingleMachineBatchSystem(config)
    try:
        requirements = {"memory": 1, "cores": 0.1, "disk": 1, "preemptible": False, "accelerators": []}
        description = JobDescription(requirements, "shell")
        description.command = "echo out; echo err >&2"
        machine.issueBatchJob(description)
        news = machine.getUpdatedBatchJob(60)
        assert news is not None
        assert news.exitStatus == 0
        kept = sorted(path.read_text() for path in tmp_path.rglob("*std_*.log"))
    finally:
        machine.shutdown()
    assert kept == ["err\n", "out\n"][:files]
