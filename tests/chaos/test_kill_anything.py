"""Kill -9 of any process at any moment: a restart gives the same result, repeats no committed job, and leaks nothing.

The number of kill points for each script is CHAOS_POINTS, 12 where it is not set; `make chaos` runs 120.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from toil_core.job_stores.errors import IncompatibleJobStoreException, NoSuchJobStoreException
from toil_core.job_stores.opening import job_store_for

SCRIPTS = ["workflow", "services", "bundles"]
POINTS = int(os.environ.get("CHAOS_POINTS", "12"))
SECONDS_FOR_ONE_RUN = 60
MARK = "TOIL_CHAOS_RUN"


@dataclass
class Run:
    """One workflow in a directory of its own, through all its restarts."""

    directory: Path
    mark: str
    script: str

    @property
    def store(self) -> Path:
        return self.directory / "store"

    @property
    def result(self) -> Path:
        return self.directory / "result.txt"

    def environment(self, session: int) -> dict[str, str]:
        scratch = self.directory / "scratch"
        scratch.mkdir(exist_ok=True)
        return {
            **os.environ,
            MARK: self.mark,
            "RUN_LOG": str(self.log(session)),
            "RESULT": str(self.result),
            "SCRATCH": str(scratch),
        }

    def log(self, session: int) -> Path:
        return self.directory / f"ran-{session}.log"

    def start(self, session: int) -> subprocess.Popen[bytes]:
        (self.directory / "work").mkdir(exist_ok=True)
        script = Path(__file__).with_name(f"{self.script}.py")
        command = [sys.executable, str(script), str(self.store), "--workDir", str(self.directory / "work")]
        command += ["--coordinationDir", str(self.directory / "work"), "--retryCount", "3", "--logWarning"]
        with open(self.directory / f"leader-{session}.log", "wb") as log:
            return subprocess.Popen(
                [*command, "--restart"] if session else command,
                env=self.environment(session),
                stdout=log,
                stderr=log,
                cwd=self.directory,
            )

    def jobs_run_in(self, session: int) -> set[str]:
        log = self.log(session)
        return set(log.read_text().split()) if log.exists() else set()

    def committed(self) -> set[str]:
        """Return the IDs of all jobs that have a record."""
        if not self.store.exists():
            return set()
        store = job_store_for(str(self.store))
        store.resume()
        return set(store.done_jobs())

    def was_started(self) -> bool:
        """Return whether there is anything to restart: the root job is in the store."""
        store = job_store_for(str(self.store))
        try:
            store.resume()
        except (NoSuchJobStoreException, IncompatibleJobStoreException):
            return False
        return store.root_job_id() is not None

    def remove_store(self) -> None:
        """Remove a job store that cannot be restarted."""
        subprocess.run([sys.executable, "-m", "toil_cli", "clean", str(self.store)], check=True, cwd=self.directory)

    def processes(self) -> list[int]:
        """Return all live processes that belong to this run."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    if f"{MARK}={self.mark}".encode() in (entry / "environ").read_bytes():
                        found.append(int(entry.name))
        return found


def undisturbed(directory: Path, script: str) -> tuple[str, float]:
    """Return the result of a run that nobody disturbs, and how many seconds it took."""
    directory.mkdir(parents=True)
    run = Run(directory, directory.name, script)
    start = time.monotonic()
    assert run.start(0).wait(SECONDS_FOR_ONE_RUN) == 0, (directory / "leader-0.log").read_text()
    return run.result.read_text(), time.monotonic() - start


@pytest.fixture(scope="session")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, float]]:
    return {script: undisturbed(tmp_path_factory.mktemp("undisturbed") / script, script) for script in SCRIPTS}


def kill_someone(run: Run, leader: int, dice: random.Random) -> str:
    """Kill one process of the run, each kind as likely as the others; return which kind it was."""
    others = [pid for pid in run.processes() if pid != leader]
    victims = {"leader": [leader]}
    for pid in others:
        with contextlib.suppress(OSError, IndexError):
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            victims.setdefault("zygote" if parent == leader else "worker", []).append(pid)
    kind = dice.choice(sorted(victims))
    with contextlib.suppress(ProcessLookupError):
        os.kill(dice.choice(victims[kind]), signal.SIGKILL)
    return kind


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("seed", range(POINTS))
def test_a_killed_run_restarts_to_the_same_result(
    script: str, seed: int, tmp_path: Path, expected: dict[str, tuple[str, float]]
) -> None:
    text, seconds = expected[script]
    dice = random.Random(seed)
    run = Run(tmp_path, f"chaos-{os.getpid()}-{script}-{seed}", script)
    session, kills = 0, []
    while True:
        before = run.committed() if session else set()
        leader = run.start(session)
        if session < 3:
            with contextlib.suppress(subprocess.TimeoutExpired):
                leader.wait(dice.uniform(0.05, seconds))
            if leader.poll() is None:
                kills.append(kill_someone(run, leader.pid, dice))
        status = leader.wait(SECONDS_FOR_ONE_RUN)
        assert not before & run.jobs_run_in(session), f"committed jobs ran again after {kills}"
        if status == 0:
            break
        assert session < 6, (tmp_path / f"leader-{session}.log").read_text()
        if run.was_started():
            session += 1
        elif run.result.exists():
            # It was killed when all was done and the job store was half deleted.
            run.remove_store()
            break
        else:
            assert not list(tmp_path.glob("ran-*.log")), "a job ran in a workflow that was never started"
            run.remove_store()
            session = 0
    assert run.result.read_text() == text, kills
    assert_nothing_is_left(run)


def assert_nothing_is_left(run: Run) -> None:
    deadline = time.monotonic() + 10
    while run.processes() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert run.processes() == []
    assert not run.store.exists()
    assert list((run.directory / "work").iterdir()) == []
    assert list((run.directory / "scratch").iterdir()) == []
