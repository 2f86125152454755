"""A container engine to test with, and a job that stands in for a running one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import pytest

from toil_core.jobs.job import Job


class Engine(NamedTuple):
    """The engine that this process's environment points at, seen from outside of Toil."""

    environment: dict[str, str]
    known: frozenset[str] = frozenset()

    def podman(self, *arguments: str) -> str:
        done = subprocess.run(
            ["podman", *arguments], env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        return done.stdout.strip()

    def state_of(self, name: str) -> str:
        """Return the state of a container in podman's words; empty when there is none."""
        return self.podman("container", "inspect", "--format", "{{.State.Status}}", name)

    def names(self) -> set[str]:
        return set(self.podman("ps", "--all", "--format", "{{.Names}}").split())

    def new_names(self) -> set[str]:
        """Return the names of containers that were not there when the test began."""
        return self.names() - self.known


class RunningJob:
    """As much of a running job as a call of a container needs; what it defers is called at its end."""

    def __init__(self) -> None:
        self.description = self
        self.jobName = "a job/of mine"
        self.deferred: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []

    def defer(self, function: Callable[..., Any], *args: Any) -> None:
        self.deferred.append((function, args))

    def end(self) -> None:
        while self.deferred:
            function, args = self.deferred.pop(0)
            function(*args)

    def as_job(self) -> Job:
        return cast("Job", self)


@pytest.fixture
def engine(podman: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A running engine to which this process's environment points."""
    for name, value in podman.items():
        monkeypatch.setenv(name, value)
    running = Engine(dict(os.environ))
    return running._replace(known=frozenset(running.names()))


@pytest.fixture
def job() -> RunningJob:
    """A job, as seen by what it calls."""
    return RunningJob()
