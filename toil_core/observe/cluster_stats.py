"""How busy the run kept what it runs on, over time, as JSON (`--clusterStats`).

The file holds one object: facts of the run, and `samples`, a list with an entry for every interval: `time` (seconds
since the epoch), the numbers of jobs that are `issued` (running ones among them), `running` (None where the batch
system does not tell), `completed` and `failed` attempts so far, `nodes` by type, and of the leader's machine `cpu` (in
percent of all its cores), `memory_used` and `memory_total` (in bytes). It is valid JSON at every moment of the run.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections import Counter
from io import FileIO
from typing import TYPE_CHECKING, Any

from toil_core.observe.errors import OutputError
from toil_core.observe.events import (
    JobCompleted,
    JobFailed,
    JobIssued,
    JobStarted,
    NodeAdded,
    NodeRemoved,
    WorkflowFinished,
)

if TYPE_CHECKING:
    from toil_core.observe.bus import MessageBus
    from toil_core.observe.closing import Closeable
    from toil_core.options.config import Config

logger = logging.getLogger(__name__)

#: Seconds between two samples.
INTERVAL = 10.0
_END = b"\n]}\n"


def attach(bus: MessageBus, config: Config, interval: float = INTERVAL) -> Closeable:
    """Sample the run into the file that `--clusterStats` names, or into a new one in the directory that it names.

    :param interval: seconds between two samples.
    :raises OutputError: if it cannot be opened for writing.
    """
    path = str(config.clusterStats)
    if os.path.isdir(path):
        path = os.path.join(path, f"cluster-stats-{config.workflowID}-{config.workflowAttemptNumber}.json")
    if not getattr(config, "provisioner", None):
        logger.info(
            "No machines come and go with this run: --clusterStats tells of its jobs and of the leader's machine only."
        )
    facts = {"workflow": config.workflowID, "run": config.workflowAttemptNumber, "batch_system": config.batchSystem}
    try:
        sampler = Sampler(path, {**facts, "interval": interval}, interval)
    except OSError as error:
        raise OutputError("statistics file", path, "--clusterStats", error) from error
    for kind in (JobIssued, JobStarted, JobCompleted, JobFailed, NodeAdded, NodeRemoved, WorkflowFinished):
        bus.subscribe(kind, sampler.take)
    return sampler


class Sampler:
    """Counts what the bus tells, and writes a sample now and then, from a thread of its own.

    :param path: the file; replaced if it is there.
    :param facts: what to say of the run.
    :param interval: seconds between two samples.
    """

    def __init__(self, path: str, facts: dict[str, Any], interval: float) -> None:
        import psutil

        self._psutil = psutil
        self._file = FileIO(path, "w")
        self._interval = interval
        self._lock = threading.Lock()
        self._issued: set[str] = set()
        self._running: set[str] = set()
        self._starts_are_told = False
        self._completed = 0
        self._failed = 0
        self._nodes: Counter[str] = Counter()
        self._samples = 0
        self._stop = threading.Event()
        head = json.dumps(facts, separators=(",", ":"))[:-1] + ',"samples":['
        self._file.write(head.encode("utf-8") + _END)
        psutil.cpu_percent()
        self._thread = threading.Thread(target=self._work, name="cluster statistics", daemon=True)
        self._thread.start()

    def take(self, message: Any) -> None:
        """Count a message."""
        with self._lock:
            self._count(message)
        if isinstance(message, WorkflowFinished):
            self.close()

    def close(self) -> None:
        """Write the last sample, and close the file."""
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join()
        if not self._file.closed:
            self._sample()
            self._file.close()

    def _count(self, message: Any) -> None:
        if isinstance(message, JobIssued):
            self._issued.add(message.job_id)
        elif isinstance(message, JobStarted):
            self._starts_are_told = True
            self._running.add(message.job_id)
        elif isinstance(message, (JobCompleted, JobFailed)):
            self._issued.discard(message.job_id)
            self._running.discard(message.job_id)
            self._completed += isinstance(message, JobCompleted)
            self._failed += isinstance(message, JobFailed)
        elif isinstance(message, (NodeAdded, NodeRemoved)):
            self._nodes[message.node_type] += 1 if isinstance(message, NodeAdded) else -1

    def _work(self) -> None:
        while not self._stop.wait(self._interval):
            self._sample()

    def _sample(self) -> None:
        memory = self._psutil.virtual_memory()
        with self._lock:
            sample = {
                "time": time.time(),
                "issued": len(self._issued),
                "running": len(self._running) if self._starts_are_told else None,
                "completed": self._completed,
                "failed": self._failed,
                "nodes": dict(self._nodes),
                "cpu": self._psutil.cpu_percent(),
                "memory_used": memory.total - memory.available,
                "memory_total": memory.total,
            }
        line = (",\n" if self._samples else "\n") + json.dumps(sample, separators=(",", ":"))
        self._samples += 1
        # One write over the end that was there, so that the file is whole before and after it.
        self._file.seek(-len(_END), os.SEEK_END)
        self._file.write(line.encode("utf-8") + _END)
