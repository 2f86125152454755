"""What is shown while a workflow runs, what is written to files, and how much of it."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.options_effects.probing import Done, Probe

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def shown(text: str) -> list[set[str]]:
    """Return the levels at which lines of the leader, and those that a job sent, are in a text."""
    return [{level for level in LEVELS if f"{who}-{level}" in text} for who in ("leader", "job")]


@pytest.mark.parametrize(
    ("option", "least"),
    [
        ("--logOff", "CRITICAL"),
        ("--logCritical", "CRITICAL"),
        ("--logError", "ERROR"),
        ("--logWarning", "WARNING"),
        ("--logWarn", "WARNING"),
        ("--logInfo", "INFO"),
        ("--logDebug", "DEBUG"),
        ("--logLevel=OFF", "CRITICAL"),
        ("--logLevel=critical", "CRITICAL"),
        ("--logLevel=Error", "ERROR"),
        ("--logLevel=WARN", "WARNING"),
        ("--loglevel=WARNING", "WARNING"),
        ("--logLevel=INFO", "INFO"),
        ("--logLevel=DEBUG", "DEBUG"),
    ],
)
def test_lines_from_the_level_on_are_shown(probe: Probe, option: str, least: str) -> None:
    expected = set(LEVELS[LEVELS.index(least) :])
    assert shown(probe.run("levels", None, option).err) == [expected, expected]


def test_info_is_the_level_where_none_is_named(probe: Probe) -> None:
    assert shown(probe.run("levels").err) == [set(LEVELS[1:]), set(LEVELS[1:])]


def test_the_last_of_several_levels_counts(probe: Probe) -> None:
    assert shown(probe.run("levels", None, "--logDebug", "--logError").err)[0] == {"ERROR", "CRITICAL"}


def test_toil_run_and_the_environment_set_the_level_too(probe: Probe) -> None:
    assert shown(probe.run("levels", None, "--logError", under_toil=True).err)[1] == {"ERROR", "CRITICAL"}
    assert shown(probe.run("levels", None, variables={"TOIL_LOG_LEVEL": "error"}).err)[1] == {"ERROR", "CRITICAL"}


def test_the_log_file_gets_what_is_shown(probe: Probe) -> None:
    done = probe.run("levels", None, "--logFile", "the.log", "--logWarning")
    written = (probe.directory / "the.log").read_text()
    assert shown(written) == shown(done.err) == [set(LEVELS[2:]), set(LEVELS[2:])]
    assert written in done.err


def test_rotating_logging_starts_new_files_at_the_size(probe: Probe) -> None:
    probe.run("levels", None, "--logFile=the.log", "--rotatingLogging", "--maxLogFileSize=250")
    files = sorted(probe.directory.glob("the.log*"))
    assert len(files) > 1
    assert all(path.stat().st_size <= 250 for path in files)


def test_without_rotating_logging_the_log_file_grows(probe: Probe) -> None:
    probe.run("levels", None, "--logFile=the.log", "--maxLogFileSize=500", "--logDebug")
    (file,) = probe.directory.glob("the.log*")
    assert file.stat().st_size > 500


def logs_in(directory: Path) -> dict[str, str]:
    """Return the logs of jobs in a directory, by a name without the job's ID."""
    paths = [*directory.glob("*.log"), *directory.glob("*.log.gz")]
    read = {path: gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in paths}
    return {re.sub(r"-[a-z0-9]{16}-\d+-", "-", path.name): data.decode() for path, data in read.items()}


@pytest.mark.parametrize(("option", "ending"), [("--writeLogs", "log"), ("--writeLogsGzip", "log.gz")])
@pytest.mark.parametrize("under_toil", [False, True])
def test_logs_of_failed_jobs_are_written(probe: Probe, option: str, ending: str, under_toil: bool) -> None:
    probe.run("talks", "failing", option, "logs", "--retryCount=1", under_toil=under_toil)
    logs = logs_in(probe.directory / "logs")
    assert set(logs) == {f"talks-attempt{number}-failed.{ending}" for number in (1, 2)}
    assert all("line 000" in text and "RuntimeError: as it was told to" in text for text in logs.values())


@pytest.mark.parametrize("option", ["--writeLogs", "--writeLogsGzip"])
def test_logs_go_to_the_current_directory_where_none_is_named(probe: Probe, option: str) -> None:
    probe.run("talks", "failing", "--retryCount=0", option)
    assert len(logs_in(probe.directory)) == 1


@pytest.mark.parametrize(
    ("options", "written"), [((), False), (("--writeLogsFromAllJobs",), True), (("--logDebug",), True)]
)
def test_logs_of_jobs_that_succeed_are_written_only_where_asked_for(
    probe: Probe, options: tuple[str, ...], written: bool
) -> None:
    assert probe.run("talks", "well", "--writeLogs=logs", *options).status == 0
    logs = logs_in(probe.directory / "logs")
    assert list(logs) == (["talks-attempt1.log"] if written else [])
    assert all("line 099" in text for text in logs.values())


def test_logs_of_all_jobs_are_not_shown_below_debug_level(probe: Probe) -> None:
    assert "line 099" not in probe.run("talks", "well", "--writeLogsFromAllJobs").err
    assert "line 099" in probe.run("talks", "well", "--logDebug").err


@pytest.mark.parametrize(("size", "kept"), [("0", (0, 99)), ("90", (90, 99)), ("-90", (0, 9)), ("1Ki", (0, 99))])
def test_the_maximum_size_keeps_the_end_or_the_beginning_of_a_log(
    probe: Probe, size: str, kept: tuple[int, int]
) -> None:
    probe.run("talks", "well", "--writeLogs=logs", "--writeLogsFromAllJobs", f"--maxLogFileSize={size}")
    (text,) = logs_in(probe.directory / "logs").values()
    assert text == "".join(f"line {number:03d}\n" for number in range(kept[0], kept[1] + 1))


@pytest.mark.parametrize(("size", "last"), [("0", True), ("40", True), ("-40", False)])
def test_the_maximum_size_holds_for_the_log_of_a_failure_that_is_shown(probe: Probe, size: str, last: bool) -> None:
    done = probe.run("talks", "failing", "--retryCount=0", f"--maxLogFileSize={size}")
    block = done.err.partition("log:\n")[2]
    assert ("RuntimeError: as it was told to" in block) is last
    assert ("| line 000" in block) is not last


def test_messages_of_the_bus_are_written_as_lines_of_json(probe: Probe) -> None:
    probe.run("fails", 1, "--writeMessages", "messages", "--retryCount=1")
    lines = [json.loads(line) for line in (probe.directory / "messages").read_text().splitlines()]
    kinds = [line["message"] for line in lines]
    assert kinds[0] == "WorkflowStarted"
    assert kinds[-1] == "WorkflowFinished"
    assert [kind for kind in kinds if kind in ("JobIssued", "JobStarted", "JobFailed", "JobCompleted")] == [
        *("JobIssued", "JobStarted", "JobFailed"),
        *("JobIssued", "JobStarted", "JobCompleted"),
    ]


def test_real_time_logging_shows_lines_while_the_job_runs(probe: Probe) -> None:
    go = probe.directory / "go"
    process = probe.start("waits_for", str(go), "--realTimeLogging")
    assert process.stderr is not None
    for line in process.stderr:
        if "a line in real time" in line:
            go.touch()
            break
    out, err = process.communicate(timeout=60)
    assert Done(process.returncode, out, err).result == "met"


def test_without_real_time_logging_lines_stay_in_the_jobs_log(probe: Probe) -> None:
    (probe.directory / "go").touch()
    done = probe.run("waits_for", str(probe.directory / "go"), "--writeLogs=logs", "--writeLogsFromAllJobs")
    assert "a line in real time" not in done.err
    assert "a line in real time" in next(iter(logs_in(probe.directory / "logs").values()))
