"""Real services, started for a session of tests and stopped after it.

A service that cannot be started leaves out the tests that need it, with the reason; with SERVICES_REQUIRED in the
environment it fails them.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SERVICES = Path(__file__).parent
SECONDS = 120


@contextmanager
def service(name: str, **settings: str) -> Iterator[dict[str, str]]:
    """Start a service that is this session's own; yield the variables to use it with, and stop it.

    :param settings: variables for its `start`.
    """
    # Under /tmp, and not where the tests keep their files: the path of a socket may have 107 bytes.
    run = tempfile.mkdtemp(prefix="toil-", dir="/tmp")
    # What networks of containers are made with is where users' shells need not look.
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    environment = {**os.environ, "PATH": path, "SERVICES_RUN": run, **settings}
    try:
        yield _started(name, environment)
    finally:
        subprocess.run([SERVICES / name / "stop"], env=environment, timeout=SECONDS, check=False)
        shutil.rmtree(run, ignore_errors=True)


def _started(name: str, environment: dict[str, str]) -> dict[str, str]:
    done = subprocess.run(
        [SERVICES / name / "start"], env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode:
        reason = f"{name} cannot be started: {done.stderr.strip()}"
        if "SERVICES_REQUIRED" in environment:
            pytest.fail(reason)
        pytest.skip(reason)
    words = shlex.split(done.stdout)
    return dict(word.split("=", 1) for word in words if word != "export")


@pytest.fixture(scope="session")
def podman() -> Iterator[dict[str, str]]:
    """The variables to use podman with, also through Docker's API; it has the images `ubuntu` and `busybox`."""
    with service("podman", API="1") as variables:
        yield variables
