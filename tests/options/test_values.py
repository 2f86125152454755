"""Single values: what is understood, and what is said about the rest."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from toil_core.options.catalogue import settings
from toil_core.options.errors import InvalidOptionError

BAD: list[tuple[str, Any, str]] = [
    ("retryCount", "many", "'many' is not a whole number"),
    ("retryCount", "-1", "the least is 0"),
    ("retryCount", 1.5, "not a whole number"),
    ("defaultMemory", "2Q", "'Q'"),
    ("defaultMemory", "-2G", "negative"),
    ("defaultMemory", True, "not a size"),
    ("defaultCores", "some", "cores"),
    ("defaultAccelerators", "gpu:lots", "TYPE:COUNT"),
    ("defaultPreemptible", "maybe", "neither true nor false"),
    ("caching", "2", "neither true nor false"),
    ("stats", "perhaps", "neither true nor false"),
    ("clean", "sometimes", "always, onError, never, onSuccess"),
    ("clean", "on-success", "Did you mean onSuccess"),
    ("logLevel", "DEBG", "Did you mean DEBUG"),
    ("scale", "0", "more than 0"),
    ("scale", "inf", "out of range"),
    ("scale", "x", "not a number"),
    ("badWorker", "1.5", "at most 1"),
    ("badWorker", "-0.1", "at least 0"),
    ("badWorkerFailInterval", "-1", "at least 0"),
    ("statusWait", "0", "more than 0"),
    ("maxJobDuration", "-5", "more than 0"),
    ("setEnv", "1A=2", "name of a variable"),
    ("setEnv", "SURELY_NOT_SET_ANYWHERE", "has no value here"),
    ("workDir", "", "empty"),
    ("workDir", 3, "3 is not a path"),
]


@pytest.mark.parametrize(("name", "value", "said"), BAD)
def test_a_value_that_an_option_cannot_take_is_refused_with_the_reason(name: str, value: Any, said: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        settings()[name].convert(value, "here")
    assert said in str(caught.value)
    assert str(caught.value).startswith("here: ")
    assert caught.value.value == value
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("retryCount", 3.0, 3),
        ("defaultMemory", 1e9, 1_000_000_000),
        ("defaultMemory", "1.5 GiB", 1_610_612_736),
        ("maxLogFileSize", "-1Ki", -1024),
        ("logLevel", logging.WARNING, "WARNING"),
        ("caching", 0, False),
        ("defaultAccelerators", ["gpu", 2], [{"count": 1, "kind": "gpu"}, {"count": 2, "kind": "gpu"}]),
        ("setEnv", {"A": 1, "B": ""}, ["A=1", "B="]),
        ("logFile", Path("/a/../b"), "/b"),
        ("retryCount", None, 1),
    ],
)
def test_values_may_be_of_the_types_that_scripts_have_at_hand(name: str, value: Any, meant: Any) -> None:
    assert settings()[name].convert(value) == meant


def test_a_tilde_in_a_path_is_the_home_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert settings()["logFile"].convert("~/log") == "/home/someone/log"


def test_defaults_that_are_lists_are_not_shared() -> None:
    settings()["setEnv"].convert(None).append("A=1")
    assert settings()["setEnv"].convert(None) == []
