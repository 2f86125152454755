"""Where a workflow works, what it leaves behind, and whether it is continued."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.options_effects.probing import Probe

STATES = ("always", "onError", "never", "onSuccess")


def applies(state: str, ends: str) -> bool:
    """Return whether something is cleaned up after a run that ended like this."""
    return state == "always" or state == {"well": "onSuccess", "failing": "onError"}.get(ends)


@pytest.mark.parametrize("under_toil", [False, True])
def test_jobs_work_in_the_work_directory(probe: Probe, under_toil: bool) -> None:
    work = probe.directory / "work"
    work.mkdir()
    done = probe.run("where", "well", "--workDir", "work", under_toil=under_toil)
    assert Path(done.result["temporary"]).is_relative_to(work)
    assert list(work.iterdir()) == []


def test_without_a_work_directory_jobs_work_in_the_systems(probe: Probe) -> None:
    assert Path(probe.run("where", "well").result["temporary"]).is_relative_to(probe.temporary)


@pytest.mark.parametrize("option", ["--workDir", "--coordinationDir"])
def test_a_directory_that_is_not_there_is_a_user_error_and_leaves_no_job_store(probe: Probe, option: str) -> None:
    done = probe.run("where", "well", option, "nowhere")
    assert done.status == 2
    assert "nowhere is not a directory" in done.err
    assert not probe.store.exists()


@pytest.mark.parametrize(
    ("options", "variables", "expected"),
    [
        ((), {"TOIL_WORKDIR": "one"}, "one"),
        (("--workDir", "two"), {"TOIL_WORKDIR": "one"}, "two"),
        (("--workDir", "two"), {"TOIL_WORKDIR_OVERRIDE": "one"}, "one"),
    ],
)
def test_variables_name_the_work_directory(
    probe: Probe, options: tuple[str, ...], variables: dict[str, str], expected: str
) -> None:
    for name in ("one", "two"):
        (probe.directory / name).mkdir()
    absolute = {name: str(probe.directory / value) for name, value in variables.items()}
    done = probe.run("where", "well", *options, variables=absolute)
    assert Path(done.result["temporary"]).is_relative_to(probe.directory / expected)


@pytest.mark.parametrize(
    ("options", "variables"),
    [
        (("--coordinationDir", "locks"), {}),
        ((), {"TOIL_COORDINATION_DIR": "locks"}),
        (("--coordinationDir", "elsewhere"), {"TOIL_COORDINATION_DIR_OVERRIDE": "locks"}),
    ],
)
def test_state_and_locks_are_kept_in_the_coordination_directory(
    probe: Probe, options: tuple[str, ...], variables: dict[str, str]
) -> None:
    locks = probe.directory / "locks"
    for name in ("locks", "elsewhere"):
        (probe.directory / name).mkdir()
    absolute = {name: str(probe.directory / value) for name, value in variables.items()}
    assert probe.run("coordination", str(locks), *options, variables=absolute).result != []
    assert list(locks.iterdir()) == []


@pytest.mark.parametrize("ends", ["well", "failing"])
@pytest.mark.parametrize("state", STATES)
def test_clean_decides_whether_the_job_store_is_deleted(probe: Probe, state: str, ends: str) -> None:
    done = probe.run("where", ends, "--clean", state, "--retryCount=0")
    assert done.status == (0 if ends == "well" else 1)
    assert probe.store.exists() is not applies(state, ends)


@pytest.mark.parametrize("ends", ["well", "failing"])
@pytest.mark.parametrize("state", STATES)
def test_stats_keep_the_job_store_whatever_clean_says(probe: Probe, state: str, ends: str) -> None:
    probe.run("where", ends, "--stats", "--clean", state, "--retryCount=0")
    assert probe.store.exists()


@pytest.mark.parametrize("ends", ["well", "failing"])
@pytest.mark.parametrize(("options", "kept"), [((), False), (("--stats",), True)])
def test_without_clean_the_job_store_goes_after_a_success_unless_there_are_stats(
    probe: Probe, options: tuple[str, ...], kept: bool, ends: str
) -> None:
    probe.run("where", ends, *options, "--retryCount=0")
    assert probe.store.exists() is (kept or ends == "failing")


@pytest.mark.parametrize("ends", ["well", "failing"])
@pytest.mark.parametrize("state", STATES)
def test_clean_work_dir_decides_whether_a_jobs_directory_is_deleted(probe: Probe, state: str, ends: str) -> None:
    probe.run("where", ends, "--cleanWorkDir", state, "--retryCount=0")
    assert bool(list(probe.temporary.rglob("left-by-job"))) is not applies(state, ends)


@pytest.mark.parametrize("under_toil", [False, True])
def test_restart_continues_what_failed(probe: Probe, under_toil: bool) -> None:
    assert probe.run("fails", 1, "--retryCount=0", under_toil=under_toil).status == 1
    assert probe.run("fails", 1, "--restart", under_toil=under_toil).result == 2


def test_restart_needs_a_job_store_and_a_start_needs_none(probe: Probe) -> None:
    missing = probe.run("fails", 0, "--restart")
    assert (missing.status, missing.err.count("does not exist")) == (2, 1)
    assert probe.run("fails", 0, "--clean=never").status == 0
    there = probe.run("fails", 0)
    assert (there.status, "--restart" in there.err) == (2, True)


def test_config_sets_what_neither_the_command_line_nor_the_environment_does(probe: Probe) -> None:
    (probe.directory / "some.yaml").write_text("defaultMemory: 300M\ndefaultDisk: 300M\ndefaultCores: 0.3\n")
    done = probe.run(
        "needs", None, "--config", "some.yaml", "--defaultDisk=200M", variables={"TOIL_DEFAULT_CORES": "0.2"}
    )
    assert (done.result["memory"], done.result["disk"], done.result["cores"]) == (300_000_000, 200_000_000, 0.2)
    named = probe.run("needs", None, variables={"TOIL_CONFIG": str(probe.directory / "some.yaml")})
    assert named.result["memory"] == 300_000_000


def test_the_file_that_toil_config_writes_changes_nothing_until_it_is_edited(probe: Probe) -> None:
    plain = probe.run("needs").result
    assert probe.toil("config", "written.yaml").status == 0
    assert probe.run("needs", None, "--config", "written.yaml").result == plain
    written = probe.directory / "written.yaml"
    text = written.read_text()
    assert "\n#defaultMemory:" in text
    lines = ["defaultMemory: 1Gi" if line.startswith("#defaultMemory") else line for line in text.splitlines()]
    written.write_text("\n".join(lines))
    assert probe.run("needs", None, "--config", "written.yaml").result["memory"] == 1 << 30


@pytest.mark.parametrize(
    ("options", "variables", "kept"),
    [((), {}, 1), (("--history", "false"), {}, 0), ((), {"TOIL_HISTORY": "false"}, 0)],
)
def test_a_note_of_the_run_is_kept_for_toil_history_unless_that_is_not_wanted(
    probe: Probe, options: tuple[str, ...], variables: dict[str, str], kept: int
) -> None:
    state = probe.directory / "state"
    assert probe.run("where", "well", *options, variables=variables).status == 0
    assert len([path for path in state.rglob("*") if path.is_file()]) == kept


def test_cluster_stats_are_samples_of_the_run_as_json(probe: Probe) -> None:
    assert probe.run("where", "well", "--clusterStats", "cluster.json").status == 0
    written = json.loads((probe.directory / "cluster.json").read_text())
    last = written["samples"][-1]
    assert (last["completed"], last["failed"], last["issued"]) == (1, 0, 0)
