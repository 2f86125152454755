"""The progress bar on a terminal: jobs done of those known, running and failed ones, and the name of the last one.

It knows of a run what the bus tells. Lines that are logged or printed meanwhile appear above it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import IO, TYPE_CHECKING, Any

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from toil_core.observe.events import JobAdded, JobCompleted, JobFailed, JobIssued, JobStarted, WorkflowFinished
from toil_core.observe.text import one_line

if TYPE_CHECKING:
    from toil_core.observe.bus import MessageBus
    from toil_core.observe.closing import Closeable
    from toil_core.options.config import Config

_DRAWN_PER_SECOND = 5
_NAME_LENGTH = 40
#: On a terminal of fewer columns, there is a bar but no elapsed time, or not even a bar.
_ROOM_FOR_TIME, _ROOM_FOR_BAR = 80, 60


def attach(bus: MessageBus, config: Config) -> Closeable:
    """Show a progress bar on standard error."""
    bar = ProgressBar(sys.stderr)
    bus.subscribe(JobAdded, bar.added)
    bus.subscribe(JobIssued, bar.issued)
    bus.subscribe(JobStarted, bar.started)
    bus.subscribe(JobCompleted, bar.completed)
    bus.subscribe(JobFailed, bar.failed)
    bus.subscribe(WorkflowFinished, bar.finished)
    return bar


class _Terminal(Console):
    """A console that leaves wrapping lines above the bar to the terminal, so that they can be copied whole."""

    def print(self, *objects: Any, **keywords: Any) -> None:
        """Print as rich does, lines of text without breaks of its own."""
        if objects and all(isinstance(one, (str, Text)) for one in objects):
            keywords.setdefault("soft_wrap", True)
        super().print(*objects, **keywords)


class _Bar(Progress):
    """A progress bar that asks what to show whenever it draws itself, a few times in a second.

    :param ask: brings what is shown up to date.
    """

    def __init__(self, *columns: ProgressColumn, ask: Callable[[], object], **keywords: Any) -> None:
        self._ask = ask
        super().__init__(*columns, **keywords)

    def get_renderables(self) -> Iterable[RenderableType]:
        """Return what to draw."""
        self._ask()
        return super().get_renderables()


class ProgressBar:
    """Counts jobs, and shows the counts from time to time.

    :param stream: the terminal.
    """

    def __init__(self, stream: IO[str]) -> None:
        self.total = 0
        self.done = 0
        self.failures = 0
        self.waiting: set[str] = set()
        self.running: set[str] = set()
        self.last = "Starting"
        self._starts_are_told = False
        self._is_over = False
        self._task: TaskID | None = None
        console = _Terminal(file=stream)
        self._bar = _Bar(
            *_columns(console.width),
            ask=self._update,
            console=console,
            refresh_per_second=_DRAWN_PER_SECOND,
            redirect_stdout=sys.stdout.isatty(),
            redirect_stderr=stream is sys.stderr,
        )
        self._task = self._bar.add_task(self.last, total=None, state="")
        self._bar.start()

    def added(self, message: JobAdded) -> None:
        """Count a job that will have to run."""
        self.total += 1

    def issued(self, message: JobIssued) -> None:
        """Count a job that was handed to the batch system."""
        self.waiting.add(message.job_id)
        self.last = message.name

    def started(self, message: JobStarted) -> None:
        """Count a job that the batch system says has begun to run."""
        self._starts_are_told = True
        self.running.add(message.job_id)

    def completed(self, message: JobCompleted) -> None:
        """Count a job that is done."""
        self._ended(message.job_id, message.name)
        self.done += 1

    def failed(self, message: JobFailed) -> None:
        """Count a job that failed, if it will not be tried again."""
        self._ended(message.job_id, message.name)
        self.failures += not message.tries_left

    def finished(self, message: WorkflowFinished) -> None:
        """Take note of how it ended."""
        self.last = {"": "Done", "KeyboardInterrupt": "Interrupted"}.get(message.error, "Failed")
        self._is_over = True

    def state(self) -> str:
        """Return what is shown beside the bar."""
        failed = [f"{self.failures} failed"] if self.failures else []
        if self._is_over:
            return ", ".join(failed)
        now = f"{len(self.running)} running" if self._starts_are_told else f"{len(self.waiting)} issued"
        return ", ".join([now, *failed])

    def close(self) -> None:
        """Leave the last state standing and give the terminal back."""
        self._bar.stop()

    def _ended(self, job_id: str, name: str) -> None:
        self.waiting.discard(job_id)
        self.running.discard(job_id)
        self.last = name

    def _update(self) -> None:
        if self._task is not None:
            self._bar.update(
                self._task,
                description=one_line(self.last, min(_NAME_LENGTH, self._bar.console.width // 4)),
                completed=self.done,
                total=max(self.total, self.done) or None,
                state=self.state(),
            )


def _columns(width: int) -> list[ProgressColumn]:
    """Return what is shown on a terminal of so many columns: the counts always, the rest where there is room."""
    columns: list[ProgressColumn] = [TextColumn("{task.description}", markup=False)]
    if width >= _ROOM_FOR_BAR:
        columns.append(BarColumn())
    columns += [MofNCompleteColumn(), TextColumn("{task.fields[state]}", markup=False)]
    if width >= _ROOM_FOR_TIME:
        columns.append(TimeElapsedColumn())
    return columns
