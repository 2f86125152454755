"""The progress bar on a terminal: jobs done of those known, running and failed ones, and the name of the last one.

It knows of a run what the bus tells. Lines that are logged or printed meanwhile appear above it.
"""

from __future__ import annotations

import sys
import time
from typing import IO, TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from toil_core.observe.events import JobAdded, JobCompleted, JobFailed, JobIssued, WorkflowFinished
from toil_core.observe.text import one_line

if TYPE_CHECKING:
    from toil_core.observe.bus import MessageBus
    from toil_core.observe.closing import Closeable
    from toil_core.options.config import Config

#: How many seconds lie between two updates at least.
_INTERVAL = 0.1
_NAME_LENGTH = 40


def attach(bus: MessageBus, config: Config) -> Closeable:
    """Show a progress bar on standard error."""
    bar = ProgressBar(sys.stderr)
    bus.subscribe(JobAdded, bar.added)
    bus.subscribe(JobIssued, bar.issued)
    bus.subscribe(JobCompleted, bar.completed)
    bus.subscribe(JobFailed, bar.failed)
    bus.subscribe(WorkflowFinished, bar.finished)
    return bar


class ProgressBar:
    """Counts jobs and shows the counts.

    :param stream: the terminal.
    """

    def __init__(self, stream: IO[str]) -> None:
        self.total = 0
        self.done = 0
        self.failures = 0
        self.running: set[str] = set()
        self.last = ""
        self._due = 0.0
        console = Console(file=stream)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            refresh_per_second=4,
            redirect_stdout=sys.stdout.isatty(),
            redirect_stderr=stream is sys.stderr,
        )
        self._task = self._progress.add_task("Starting", total=None, state="")
        self._progress.start()

    def added(self, message: JobAdded) -> None:
        """Count a job that will have to run."""
        self.total += 1
        self._changed()

    def issued(self, message: JobIssued) -> None:
        """Count a job that was handed to the batch system."""
        self.running.add(message.job_id)
        self.last = message.name
        self._changed()

    def completed(self, message: JobCompleted) -> None:
        """Count a job that is done."""
        self.running.discard(message.job_id)
        self.done += 1
        self.last = message.name
        self._changed()

    def failed(self, message: JobFailed) -> None:
        """Count a job that failed, if it will not be tried again."""
        self.running.discard(message.job_id)
        self.failures += not message.tries_left
        self.last = message.name
        self._changed()

    def finished(self, message: WorkflowFinished) -> None:
        """Show the last state, whatever was shown a moment ago."""
        self.last = "Failed" if message.error else "Done"
        self._show()

    def state(self) -> str:
        """Return what is shown beside the bar."""
        failed = f", {self.failures} failed" if self.failures else ""
        return f"{len(self.running)} running{failed}"

    def close(self) -> None:
        """Leave the last state standing and give the terminal back."""
        self._show()
        self._progress.stop()

    def _changed(self) -> None:
        now = time.monotonic()
        if now >= self._due:
            self._due = now + _INTERVAL
            self._show()

    def _show(self) -> None:
        self._progress.update(
            self._task,
            description=one_line(self.last, _NAME_LENGTH) or "Starting",
            completed=self.done,
            total=max(self.total, self.done) or None,
            state=self.state(),
        )
