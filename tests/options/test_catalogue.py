"""What the manual promises of each option: it is accepted, has this default, and has this effect on the Config."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from toil_core.options.catalogue import GROUPS, all_options, settings
from toil_core.options.config import Config
from toil_core.options.parsers import default_argument_parser

HERE = os.path.realpath(".")

DOCUMENTED: list[tuple[list[str], str, Any, Any]] = [
    (["--workDir", "/"], "workDir", None, "/"),
    (["--coordinationDir=/"], "coordinationDir", None, "/"),
    (["--noStdOutErr"], "noStdOutErr", False, True),
    (["--stats"], "stats", False, True),
    (["--clean=always"], "clean", "onSuccess", "always"),
    (["--clean", "onError"], "clean", "onSuccess", "onError"),
    (["--clean", "never"], "clean", "onSuccess", "never"),
    (["--clean", "ALWAYS"], "clean", "onSuccess", "always"),
    (["--stats"], "clean", "onSuccess", "never"),
    (["--cleanWorkDir", "onSuccess"], "cleanWorkDir", "always", "onSuccess"),
    (["--clusterStats", "use.json"], "clusterStats", None, f"{HERE}/use.json"),
    (["--clusterStats"], "clusterStats", None, HERE),
    (["--restart"], "restart", False, True),
    (["--logOff"], "logLevel", "INFO", "CRITICAL"),
    (["--logCritical"], "logLevel", "INFO", "CRITICAL"),
    (["--logError"], "logLevel", "INFO", "ERROR"),
    (["--logWarning"], "logLevel", "INFO", "WARNING"),
    (["--logWarn"], "logLevel", "INFO", "WARNING"),
    (["--logOff", "--logInfo"], "logLevel", "INFO", "INFO"),
    (["--logDebug"], "logLevel", "INFO", "DEBUG"),
    (["--logLevel=OFF"], "logLevel", "INFO", "CRITICAL"),
    (["--logLevel=WARN"], "logLevel", "INFO", "WARNING"),
    (["--logLevel=critical"], "logLevel", "INFO", "CRITICAL"),
    (["--logFile", "/a/log"], "logFile", None, "/a/log"),
    (["--rotatingLogging", "--logFile", "/log"], "rotatingLogging", False, True),
    (["--maxLogFileSize", "100K"], "maxLogFileSize", 64000, 100_000),
    (["--maxLogFileSize", "-500"], "maxLogFileSize", 64000, -500),
    (["--maxLogFileSize", "0"], "maxLogFileSize", 64000, 0),
    (["--batchSystem", "slurm"], "batchSystem", "single_machine", "slurm"),
    (["--batchSystem", "singleMachine"], "batchSystem", "single_machine", "single_machine"),
    (["--disableAutoDeployment"], "disableAutoDeployment", False, True),
    (["--bundleSeconds", "0"], "bundleSeconds", None, 0),
    (["--statePollingWait", "5"], "statePollingWait", None, 5),
    (["--checkEnv"], "checkEnv", False, True),
    (["--defaultWallTime", "1:30:00"], "defaultWallTime", 0.0, 5400.0),
    (["--maxLocalJobs", "3"], "maxLocalJobs", None, 3),
    (["--runCwlInternalJobsOnWorkers"], "runCwlInternalJobsOnWorkers", False, True),
    (["--scale", "0.5"], "scale", 1, 0.5),
    (["--linkImports"], "linkImports", None, True),
    (["--noLinkImports"], "linkImports", None, False),
    (["--moveExports"], "moveExports", False, True),
    (["--moveExports", "--noMoveExports"], "moveExports", False, False),
    (["--runImportsOnWorkers"], "runImportsOnWorkers", False, True),
    (["--importWorkersBatchsize", "2Gi"], "importWorkersBatchsize", 1 << 30, 2 << 30),
    (["--importWorkersDisk", "3Mi"], "importWorkersDisk", 1 << 20, 3 << 20),
    (["--disableCaching"], "disableCaching", False, True),
    (["--disableCaching"], "caching", None, False),
    (["--caching", "false"], "caching", None, False),
    (["--caching=True"], "caching", None, True),
    (["--durable"], "durable", False, True),
    (["--defaultMemory", "3G"], "defaultMemory", 2 * 1024**3, 3_000_000_000),
    (["--defaultMemory", "512Mi"], "defaultMemory", 2 * 1024**3, 512 * 1024**2),
    (["--defaultCores", "0.1"], "defaultCores", 1, 0.1),
    (["--defaultDisk", "10Ki"], "defaultDisk", 2 * 1024**3, 10 * 1024),
    (["--defaultAccelerators", "2"], "defaultAccelerators", [], [{"count": 2, "kind": "gpu"}]),
    (
        ["--defaultAccelerators", "nvidia-tesla-k80,rocm:2"],
        "defaultAccelerators",
        [],
        [
            {"count": 1, "kind": "gpu", "model": "nvidia-tesla-k80"},
            {"count": 2, "kind": "gpu", "api": "rocm", "brand": "amd"},
        ],
    ),
    (["--defaultPreemptible", "True"], "defaultPreemptible", False, True),
    (["--defaultPreemptible=false"], "defaultPreemptible", False, False),
    (["--defaultPreemptible"], "defaultPreemptible", False, True),
    (["--defaultPreemptable", "true"], "defaultPreemptible", False, True),
    (["--maxCores", "2K"], "maxCores", sys.maxsize, 2000),
    (["--maxMemory", "1Gi"], "maxMemory", sys.maxsize, 1024**3),
    (["--maxDisk", "1M"], "maxDisk", sys.maxsize, 1_000_000),
    (["--retryCount", "3"], "retryCount", 1, 3),
    (["--enableUnlimitedPreemptibleRetries"], "enableUnlimitedPreemptibleRetries", False, True),
    (["--enableUnlimitedPreemptableRetries"], "enableUnlimitedPreemptibleRetries", False, True),
    (["--doubleMem"], "doubleMem", False, True),
    (["--enforceMemory"], "enforceMemory", False, True),
    (["--maxServiceJobs", "3"], "maxServiceJobs", sys.maxsize, 3),
    (["--maxPreemptibleServiceJobs", "0"], "maxPreemptibleServiceJobs", sys.maxsize, 0),
    (["--deadlockWait", "5"], "deadlockWait", 60, 5),
    (["--deadlockCheckInterval", "2"], "deadlockCheckInterval", 30, 2),
    (["--servicePollingInterval", "0.5"], "servicePollingInterval", 60, 0.5),
    (["--serviceStopTimeout", "7"], "serviceStopTimeout", 300, 7),
    (["--maxJobDuration", "90"], "maxJobDuration", sys.maxsize, 90),
    (["--rescueJobsFrequency", "5"], "rescueJobsFrequency", 60, 5),
    (["--writeLogs", "logs"], "writeLogs", None, f"{HERE}/logs"),
    (["--writeLogs"], "writeLogs", None, HERE),
    (["--writeLogsGzip", "/logs"], "writeLogsGzip", None, "/logs"),
    (["--writeLogsGzip"], "writeLogsGzip", None, HERE),
    (["--writeLogsFromAllJobs"], "writeLogsFromAllJobs", False, True),
    (["--writeMessages", "/bus"], "writeMessages", None, "/bus"),
    (["--realTimeLogging"], "realTimeLogging", False, True),
    (["--disableChaining"], "disableChaining", False, True),
    (["--setEnv", "A=1", "-e", "B=two=2"], "setEnv", [], ["A=1", "B=two=2"]),
    (["-e", "PATH"], "setEnv", [], ["PATH"]),
    (["--statusWait", "10"], "statusWait", 3600, 10),
    (["--history", "false"], "history", True, False),
    (["--disableProgress"], "disableProgress", False, True),
    (["--debugWorker"], "debugWorker", False, True),
    (["--disableWorkerOutputCapture"], "disableWorkerOutputCapture", False, True),
    (["--badWorker", "0.5"], "badWorker", 0.0, 0.5),
    (["--badWorkerFailInterval", "2"], "badWorkerFailInterval", 0.01, 2),
    (["--kill_polling_interval", "0.5"], "kill_polling_interval", 5, 0.5),
    (["--killPollingInterval", "1"], "kill_polling_interval", 5, 1),
]


def configured(*arguments: str) -> Config:
    """Return the Config of a script that is run with these arguments."""
    config = Config()
    config.setOptions(default_argument_parser().parse_args([*arguments, "--", "file:store"]))
    return config


@pytest.mark.parametrize(
    ("arguments", "name", "default", "value"), DOCUMENTED, ids=[f"{' '.join(a)}>{n}" for a, n, _, _ in DOCUMENTED]
)
def test_a_documented_option_has_its_default_and_its_effect(
    arguments: list[str], name: str, default: Any, value: Any
) -> None:
    assert getattr(Config(), name) == default
    assert getattr(configured(), name) == default
    assert getattr(configured(*arguments), name) == value


def test_every_option_is_among_those_checked_here() -> None:
    checked = {name for _, name, _, _ in DOCUMENTED} | {"config"}
    typed = {word.partition("=")[0] for arguments, _, _, _ in DOCUMENTED for word in arguments if word[0] == "-"}
    assert set(settings()) == checked
    assert {option.spellings[0] for option in all_options()} - typed == {"--config"}


def test_names_and_spellings_are_unique() -> None:
    names = [option.name for option in all_options()]
    spellings = [spelling for option in all_options() for spelling in option.spellings]
    variables = [option.variable for option in all_options() if option.variable]
    for words in (names, spellings, variables):
        assert len(words) == len(set(words))


def test_each_option_is_under_a_heading_and_explained() -> None:
    for option in all_options():
        assert option.group in GROUPS
        assert option.help.endswith((".", "--caching=false."))


def test_each_default_is_a_value_that_its_option_can_take() -> None:
    for option in settings().values():
        if option.default is not None:
            assert option.convert(option.default) == option.default


def test_short_ways_set_an_option_that_exists() -> None:
    short = [option for option in all_options() if option.sets]
    assert len(short) == 9
    for option in short:
        assert settings()[option.sets].convert(option.const) == option.const


def test_variables_are_named_after_options() -> None:
    options = settings()
    assert options["retryCount"].variable == "TOIL_RETRY_COUNT"
    assert options["kill_polling_interval"].variable == "TOIL_KILL_POLLING_INTERVAL"
    assert options["workDir"].variable == "TOIL_WORKDIR"
    assert options["coordinationDir"].variable == "TOIL_COORDINATION_DIR"
    assert options["config"].variable == "TOIL_CONFIG"
    assert options["restart"].variable == ""
