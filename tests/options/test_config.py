"""Config: defaults, what scripts may set and how, checks between options, and the way to workers and back."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from toil_core.options.catalogue import settings
from toil_core.options.config import Config
from toil_core.options.errors import ContradictingOptionsError, InvalidOptionError, MissingDirectoryError, OptionError
from toil_core.options.option import Option
from toil_core.options.parsers import default_options
from toil_core.options.settling import MissingJobStoreError

FACTS = {"jobStore", "workflowID", "workflowAttemptNumber", "implementations", "userScript", "replicateEnvironment"}


def with_options(**values: Any) -> Config:
    """Return the Config of default options on which a script sets these attributes."""
    options = default_options("file:store")
    vars(options).update(values)
    config = Config()
    config.setOptions(options)
    return config


def test_there_is_one_attribute_for_each_option_and_each_fact_of_a_run() -> None:
    assert set(Config().to_dict()) == set(settings()) | FACTS
    assert set(Config.__annotations__) == set(settings()) | FACTS


def test_default_options_make_the_default_configuration() -> None:
    config = Config()
    config.jobStore = "file:store"
    assert with_options() == config


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("logLevel", "OFF", "CRITICAL"),
        ("logLevel", "info", "INFO"),
        ("clean", "ALWAYS", "always"),
        ("clean", "always", "always"),
        ("defaultMemory", "2G", 2_000_000_000),
        ("defaultMemory", 2 * 1024**3, 2 * 1024**3),
        ("retryCount", "3", 3),
        ("retryCount", None, 1),
        ("caching", "false", False),
        ("setEnv", {"A": "1"}, ["A=1"]),
        ("setEnv", ["A=1", "B=2"], ["A=1", "B=2"]),
        ("defaultAccelerators", "gpu:2", [{"count": 2, "kind": "gpu"}]),
    ],
)
def test_a_script_may_set_an_option_as_a_user_would_type_it(name: str, value: Any, meant: Any) -> None:
    assert getattr(with_options(**{name: value}), name) == meant


def test_attributes_that_are_no_options_are_the_script_s_own() -> None:
    config = with_options(numLines=10, sortMemory=None)
    assert "numLines" not in config.to_dict()


def test_other_names_of_an_option_are_understood_and_readable() -> None:
    config = with_options(defaultPreemptable=True, killPollingInterval=1, loglevel="OFF")
    assert (config.defaultPreemptible, config.kill_polling_interval, config.logLevel) == (True, 1, "CRITICAL")
    assert config.defaultPreemptable is True
    assert config.killPollingInterval == 1


def test_a_bad_value_names_the_attribute_that_the_script_set() -> None:
    with pytest.raises(InvalidOptionError, match=r"options\.retryCount: 'often' is not a whole number"):
        with_options(retryCount="often")


def test_options_that_the_namespace_lacks_keep_their_value() -> None:
    config = Config()
    config.setOptions(Namespace(retryCount=5))
    config.setOptions(Namespace(statusWait=5))
    assert (config.retryCount, config.statusWait, config.jobStore) == (5, 5, "")


def test_a_workflow_needs_a_job_store() -> None:
    with pytest.raises(MissingJobStoreError, match="No job store"):
        Config().setOptions(default_options())


def test_a_job_store_may_be_a_path_object(tmp_path: Path) -> None:
    assert with_options(jobStore=tmp_path).jobStore == str(tmp_path)


def test_the_job_store_is_kept_with_stats_and_otherwise_cleaned_on_success() -> None:
    assert with_options(stats=True).clean == "never"
    assert with_options(stats=False).clean == "onSuccess"


@pytest.mark.parametrize("state", ["always", "onError", "never", "onSuccess"])
def test_the_job_store_is_kept_with_stats_whatever_else_is_asked_for(state: str) -> None:
    assert with_options(stats=True, clean=state).clean == "never"


@pytest.mark.parametrize(
    "values",
    [
        {"disableCaching": True, "caching": True},
        {"debugWorker": True, "batchSystem": "slurm"},
        {"writeLogs": "a", "writeLogsGzip": "b"},
    ],
)
def test_options_that_contradict_each_other_are_refused_by_name(values: dict[str, Any]) -> None:
    with pytest.raises(ContradictingOptionsError) as caught:
        with_options(**values)
    for name in values:
        assert f"--{name}" in str(caught.value)


def test_options_that_agree_are_not_refused() -> None:
    assert with_options(disableCaching=True, caching=False).caching is False
    assert with_options(debugWorker=True, batchSystem="singleMachine").debugWorker is True


def test_rotating_logs_need_a_log_file() -> None:
    with pytest.raises(OptionError, match="--logFile"):
        with_options(rotatingLogging=True)


@pytest.mark.parametrize("name", ["workDir", "coordinationDir"])
def test_a_directory_to_work_in_must_be_there(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingDirectoryError, match=f"--{name}.*missing"):
        with_options(**{name: "missing"})
    (tmp_path / "missing").mkdir()
    assert getattr(with_options(**{name: "missing"}), name) == str(tmp_path / "missing")


def test_options_of_plugins_are_taken_over_and_reach_workers() -> None:
    extra = (Option("fooQueue", "Which queue.", "Foo Options", default="main"),)
    config = Config()
    config.setOptions(Namespace(jobStore="s"), extra)
    assert config.fooQueue == "main"
    config.setOptions(Namespace(fooQueue="fast"), extra)
    assert Config.from_dict(config.to_dict()).fooQueue == "fast"


def test_a_configuration_survives_the_way_to_workers() -> None:
    config = with_options(setEnv=["A=1"], defaultAccelerators="gpu:2", maxMemory="1Gi", scale="0.25")
    config.workflowID, config.workflowAttemptNumber = "abc", 2
    config.implementations = {"job_store": "a:B"}
    config.userScript = {"path": "/a"}
    assert Config.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert pickle.loads(pickle.dumps(config)) == config
    assert copy.deepcopy(config) == config


def test_a_configuration_of_another_version_is_tolerated() -> None:
    config = Config.from_dict({"fromTheFuture": 1, "retryCount": 4})
    assert config.retryCount == 4
    assert config.statusWait == 3600
    assert config.workflowID == ""


def test_an_attribute_that_nothing_defines_is_an_error() -> None:
    with pytest.raises(AttributeError, match="noSuchThing"):
        _ = Config().noSuchThing


def test_configurations_do_not_share_lists() -> None:
    Config().setEnv.append("A=1")
    assert Config().setEnv == []


def _imported(statement: str) -> set[str]:
    code = f"import sys; before = set(sys.modules); {statement}; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_worker_restores_a_configuration_without_the_catalogue() -> None:
    imported = _imported("from toil_core.options.config import Config; Config.from_dict({'retryCount': 1}).retryCount")
    assert "toil_core.options.config" in imported
    assert not {name for name in imported if name.startswith("toil_core.options.") and not name.endswith(".config")}
    assert not imported & {"argparse", "yaml", "dataclasses", "inspect"}


def test_default_options_need_neither_yaml_nor_dataclasses() -> None:
    imported = _imported("from toil_core.options.parsers import default_options; default_options('store')")
    assert "toil_core.options.catalogue" in imported
    assert not imported & {"yaml", "dataclasses", "inspect", "optparse", "difflib"}


def test_jobs_can_be_defined_without_any_parser() -> None:
    imported = _imported("import toil_core.jobs.job")
    assert "toil_core.jobs.job" in imported
    assert not imported & {"argparse", "optparse", "toil_core.options.catalogue"}
