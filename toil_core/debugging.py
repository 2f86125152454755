"""Running one job of a workflow again, here and now, apart from its workflow: `DebugRun`.

The job finds its input files and what was promised to it in the job store, as it did in the workflow, but what it
writes goes to the directory of the run, and so does everything else that it leaves.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from toil_core.errors import ToilError, UserError
from toil_core.inspection.explain import name_of
from toil_core.inspection.view import State
from toil_core.worker.attempt import Attempt, Step
from toil_core.worker.chain import Chain
from toil_core.worker.context import WorkerContext

if TYPE_CHECKING:
    from toil_core.file_stores.abstract import AbstractFileStore
    from toil_core.inspection.view import WorkflowJob, WorkflowView
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.jobs.job import Job
    from toil_core.jobs.records import Record
    from toil_core.languages.by_hand import StepDirectory

LOG, WRITTEN, SCRIPT = "log.txt", "written", "command.sh"
#: The debugger does not stop in these modules, so that it shows the user's code.
_OURS = ("toil_core", "toil_core.*", "toil_cli", "toil_cli.*", "contextlib")


class CannotDebugError(UserError):
    """A job that cannot be run alone.

    :param job: the job.
    :param reason: why, a sentence.
    """

    def __init__(self, job: WorkflowJob, reason: str, hint: str) -> None:
        super().__init__(f"The job {name_of(job)} cannot be run alone: {reason}", hint)
        self.job = job


class LeftDebugger(ToilError):
    """The debugger was left before the job had ended."""

    def __init__(self) -> None:
        super().__init__("The debugger was left before the job had ended.")


class DebugOutcome(NamedTuple):
    """How a job went when it was run alone.

    :ivar error: the exception that it raised, or None if it went well.
    :ivar directory: where its temporary files are, as it left them.
    :ivar log: where its output is, or empty if it went to the terminal only.
    :ivar read: the files that it read: (ID, where the copy is, or empty for a stream).
    :ivar written: the files that it stored, as paths.
    :ivar new_jobs: how many jobs it added.
    """

    error: BaseException | None
    directory: str
    log: str
    read: list[tuple[str, str]]
    written: list[str]
    new_jobs: int


class DebugRun:
    """One job, to be run alone.

    :param view: its workflow.
    :param job: the job.
    :param directory: where to put all that comes of it; made if it is not there.
    :raises CannotDebugError: if the job cannot be run without others.
    """

    def __init__(self, view: WorkflowView, job: WorkflowJob, directory: str) -> None:
        _check(view, job)
        self._view = view
        self._job = job
        self.directory = os.path.abspath(directory)

    def run(self, *, debugger: bool = False) -> DebugOutcome:
        """Run the job.

        :param debugger: whether to run it under `pdb`, on this terminal, and to go on there if it raises an exception.
        """
        os.makedirs(self.directory, exist_ok=True)
        store = self._copy_on_write()
        log = "" if debugger else os.path.join(self.directory, LOG)
        with _output_also_to(log):
            context = WorkerContext(store, self.directory)
            if log:
                context.current_log = lambda: _content(log)
            context.preload()
            attempt = _OneAttempt(self._step(store), context, debugger=debugger)
            attempt.run(bool)
        record = store.read_record(self._job.id)
        return DebugOutcome(
            attempt.error, attempt.directory, log, attempt.files_read(), list(self._written()), _added(store, record)
        )

    def prepare(self) -> StepDirectory:
        """Lay the job out, with its inputs and without running it, for people to run its command themselves.

        :raises CannotDebugError: if the job has no command that could be run by hand.
        :raises ToilError: if that fails.
        """
        os.makedirs(self.directory, exist_ok=True)
        store = self._copy_on_write()
        context = WorkerContext(store, self.directory)
        context.preload()
        attempt = _Preparation(self._step(store), context, self._job)
        attempt.run(bool)
        if attempt.error is not None or attempt.found is None:
            raise attempt.error or ToilError(f"The job {name_of(self._job)} was not laid out.")
        attempt.found.write_script(os.path.join(self.directory, SCRIPT))
        return attempt.found

    def _copy_on_write(self) -> AbstractJobStore:
        """Return the workflow's job store, with all that is written to it going to the directory of this run."""
        from toil_core.job_stores.engine import record_key
        from toil_core.job_stores.file import FileStorage
        from toil_core.job_stores.overlay import OverlayStorage

        store = type(self._view.job_store)(self._view.locator)
        store.resume()
        above = FileStorage(os.path.join(self.directory, WRITTEN))
        above.create()
        store.storage = OverlayStorage(store.storage, above)
        # A job that is done has a record, and would not be committed again.
        store.storage.delete([record_key(self._job.id)])
        store.config.cleanWorkDir = "never"
        store.config.caching = False
        return store

    def _step(self, store: AbstractJobStore) -> Step:
        description = self._job.description
        assert description.body is not None
        for name, value in description.requirements.items():
            if hasattr(value, "resolve"):
                description.requirements[name] = value.resolve(store)
        attempts = [report.attempt for report in self._view.failures(self._job)]
        return Step(self._job.id, description.body, max(attempts, default=0) + 1, description.allocation())

    def _written(self) -> Iterator[str]:
        from toil_core.job_stores.files_api import FILES

        base = os.path.join(self.directory, WRITTEN)
        for where, _, names in os.walk(os.path.join(base, FILES)):
            yield from (os.path.join(where, name) for name in sorted(names))


class _OneAttempt(Attempt):
    """An attempt that no other job follows, that keeps what went wrong, and that a debugger may watch."""

    def __init__(self, step: Step, context: WorkerContext, *, debugger: bool) -> None:
        super().__init__(step, context, Chain(context.job_store, step.allocation, enabled=False))
        self.error: BaseException | None = None
        self.directory = context.work_dir
        self._debugger = debugger

    def files_read(self) -> list[tuple[str, str]]:
        """Return the files that the job has read."""
        return list(dict.fromkeys(self.file_store.accessed)) if self.file_store is not None else []

    def _call(self, job: Job, file_store: AbstractFileStore) -> Any:
        self.directory = file_store.localTempDir
        return _under_debugger(job, file_store) if self._debugger else super()._call(job, file_store)

    def _report(self, error: BaseException) -> None:
        self.error = error
        super()._report(error)


class _Preparation(_OneAttempt):
    """An attempt that lays a job out in the place of running it."""

    def __init__(self, step: Step, context: WorkerContext, job: WorkflowJob) -> None:
        super().__init__(step, context, debugger=False)
        self.found: StepDirectory | None = None
        self._of = job

    def _call(self, job: Job, file_store: AbstractFileStore) -> Any:
        from toil_core.languages.by_hand import RunsByHand

        if not isinstance(job, RunsByHand):
            raise CannotDebugError(
                self._of, "it has no command to be run by hand.", "Run it as it is, without --prepare or --shell."
            )
        self.found = job.lay_out(file_store)

    def _report(self, error: BaseException) -> None:
        self.error = error


def _under_debugger(job: Job, file_store: AbstractFileStore) -> Any:
    import pdb  # noqa: T100 - this is what it is for

    returned = []
    debugger = pdb.Pdb(skip=list(_OURS))
    try:
        debugger.runcall(lambda: returned.append(job.run(file_store)))
    except Exception as error:
        debugger.message(f"The job raised {type(error).__name__}; this is where:")
        debugger.reset()
        debugger.interaction(None, error.__traceback__)
        raise
    if not returned:
        raise LeftDebugger()
    return returned[0]


def _check(view: WorkflowView, job: WorkflowJob) -> None:
    why = f"'toil why {view.locator} {job.id}' tells more."
    if job.state is State.WAITING:
        raise CannotDebugError(job, "it waits for other jobs, and what they were to give it is not there yet.", why)
    owners = [one for one in job.parents if job.id in view[one].services]
    if owners:
        name = name_of(view[owners[0]])
        hint = f"Run a job that it serves, which comes after {name}."
        raise CannotDebugError(job, "it is a service, which runs for others.", hint)
    if job.description.body is None:
        command = job.description.command
        reason = "it is a command of the shell." if command else "it has nothing to run itself."
        raise CannotDebugError(job, reason, f"Run it by hand: {command}" if command else why)


def _added(store: AbstractJobStore, record: Record | None) -> int:
    """Return how many jobs a record added."""
    return len(store.read_descriptions(record.segment)) if record is not None and record.segment else 0


def _content(path: str) -> bytes:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    with open(path, "rb") as file:
        return file.read()


@contextmanager
def _output_also_to(path: str) -> Iterator[None]:
    """Copy what this process and its children print, to either stream, to a file; nothing is copied without a path."""
    if not path:
        yield
        return
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    source, sink = os.pipe()
    before = [os.dup(1), os.dup(2)]
    with open(path, "wb", buffering=0) as log:
        copier = threading.Thread(target=_copy, args=(source, [before[1], log.fileno()]), daemon=True)
        copier.start()
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        os.close(sink)
        try:
            yield
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            for number, kept in zip((1, 2), before, strict=True):
                os.dup2(kept, number)
            # A process that the job left behind may hold the pipe open for ever.
            copier.join(timeout=2)
    for kept in before:
        os.close(kept)


def _copy(source: int, sinks: list[int]) -> None:
    while piece := os.read(source, 1 << 16):
        for sink in sinks:
            os.write(sink, piece)
    os.close(source)
