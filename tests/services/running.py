"""Real services, started for a session of tests and stopped after it.

A service that cannot be started leaves out the tests that need it, with the reason; with SERVICES_REQUIRED in the
environment it fails them.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    with _used(name, Path(tempfile.mkdtemp(prefix="toil-", dir="/tmp")), settings) as variables:
        yield variables


@contextmanager
def shared_service(name: str, **settings: str) -> Iterator[dict[str, str]]:
    """Start a service, or use the one that another process of this session of tests has started; the last stops it.

    :param settings: variables for its `start`; those who ask for others have a service of their own.
    """
    variant = "-".join([name, *(f"{key}{value}" for key, value in sorted(settings.items()))])
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:8]
    with _used(name, Path("/tmp") / f"toil-{session}-{variant}", settings) as variables:
        yield variables


@contextmanager
def _used(name: str, run: Path, settings: dict[str, str]) -> Iterator[dict[str, str]]:
    # What services are made with is where users' shells need not look.
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    environment = {**os.environ, "PATH": path, "SERVICES_RUN": str(run), **settings}
    # Who uses the service has a share in this lock, which ends with the process; to stop it takes the whole lock.
    lock_file = run.with_name(f"{run.name}.lock")
    lock = _share_of_lock(lock_file)
    try:
        run.mkdir(exist_ok=True)
        variables = started(name, environment)
        with _heir(lock_file, f'"{SERVICES / name / "stop"}"; rm -rf "{run}" "{lock_file}"', environment):
            yield variables
    finally:
        if _is_last(lock):
            subprocess.run([SERVICES / name / "stop"], env=environment, timeout=SECONDS, check=False)
            shutil.rmtree(run, ignore_errors=True)
            lock_file.unlink()
        os.close(lock)


@contextmanager
def _heir(lock_file: Path, command: str, environment: dict[str, str]) -> Iterator[None]:
    """Have the command run as soon as nobody has a share in the lock, should this process be killed."""
    words = ["flock", "--exclusive", str(lock_file), "sh", "-c", command]
    null = subprocess.DEVNULL
    heir = subprocess.Popen(words, env=environment, stdin=null, stdout=null, stderr=null, start_new_session=True)
    try:
        yield
    finally:
        heir.kill()
        heir.wait()


def _share_of_lock(path: Path) -> int:
    while True:
        lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_SH)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock), path.stat()):
                return lock
        # While we waited, the last user has removed it.
        os.close(lock)


def _is_last(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def simulated(scheduler: str, hosts: str = "", **faults: object) -> Iterator[dict[str, str]]:
    """Start a simulated cluster; yield the variables to use its commands, and `simctl`, with.

    :param scheduler: `slurm`, `lsf`, `torque`, `htcondor` or `parasol`.
    :param hosts: what it is made of, as `name:cpus:MiB,…`.
    :param faults: what goes wrong from the start; see `simulated/README.md`.
    """
    words = shlex.join(f"{name}={value}" for name, value in faults.items())
    with service("simulated", SCHEDULER=scheduler, HOSTS=hosts, FAULTS=words, PYTHON=sys.executable) as variables:
        yield variables


def started(name: str, environment: dict[str, str]) -> dict[str, str]:
    """Start a service, or skip or fail the test with the reason; return the variables to use it with.

    :param environment: all that its `start` is given, of which SERVICES_RUN names its directory.
    """
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


@pytest.fixture(scope="session")
def slurm() -> Iterator[dict[str, str]]:
    """The variables to use Slurm with: its nodes, partitions and limits are in `slurm/configuration.sh`."""
    with shared_service("slurm") as variables:
        yield variables


@pytest.fixture(scope="session")
def slurm_without_accounting() -> Iterator[dict[str, str]]:
    """The variables to use a Slurm with in which `sacct` knows nothing."""
    with shared_service("slurm", DBD="0") as variables:
        yield variables


@pytest.fixture(scope="session")
def grid_engine() -> Iterator[dict[str, str]]:
    """The variables to use Grid Engine with: one host, whose queues are in `gridengine/configure`."""
    with shared_service("gridengine") as variables:
        yield variables


@pytest.fixture(scope="session")
def torque() -> Iterator[dict[str, str]]:
    """The variables, PATH among them, to use the commands of Torque with; a Slurm without accounting runs the jobs."""
    with shared_service("torque") as variables:
        yield variables


@pytest.fixture(scope="session")
def htcondor() -> Iterator[dict[str, str]]:
    """The variables, PATH among them, to use HTCondor with; jobs run as the user of the tests, whoever that is."""
    with shared_service("condor") as variables:
        yield variables
