"""A leader in a process of its own that issues one job, hears of it, and is killed by `doomed_leader`.

The batch system is made there as it is in a run, from its class and a configuration.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toil_core.batch_systems.abstract import AbstractBatchSystem
from toil_core.options.config import Config
from toil_core.plugins import load
from toil_core.testing.playing_leader import LONGEST, PlayedLeader, described

#: The job store's ID of the job that it issues.
DOOMED_JOB = "contract-0"


@contextmanager
def doomed_leader(kind: type[AbstractBatchSystem], config: Config, command: str, directory: Path) -> Iterator[None]:
    """Have a leader run a job; kill it with SIGKILL when the block ends.

    :param kind: the batch system's class, found by its module and name.
    :param config: the configuration that it is made with.
    :param command: the job, a shell command.
    :param directory: where it keeps its notes.
    """
    told = {
        "kind": f"{kind.__module__}:{kind.__qualname__}",
        "config": config.to_dict(),
        "command": command,
        "directory": str(directory),
    }
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(
        [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
    )
    try:
        assert process.stdin is not None
        process.stdin.write(json.dumps(told))
        process.stdin.close()
        yield
        assert process.poll() is None, f"the leader ended by itself with status {process.returncode}"
    finally:
        process.kill()
        process.wait()


def _lead() -> None:
    told = json.load(sys.stdin)
    batch_system: AbstractBatchSystem = load(told["kind"])(Config.from_dict(told["config"]))
    leader = PlayedLeader(batch_system, Path(told["directory"]), LONGEST)
    batch_system.issueBatchJob(described(batch_system, told["command"], DOOMED_JOB))
    leader.listen(LONGEST)


if __name__ == "__main__":
    _lead()
