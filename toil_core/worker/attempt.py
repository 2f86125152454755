"""One attempt at a job, from its order to its commit, and on to the jobs chained to it.

The order of steps is what makes a run safe to kill anywhere: the job's files are durable first, then one segment with
all new successors, then one record put only if absent. Before that put the attempt never happened, after it it always
did; deletions follow, and are done again after a restart if they were cut off.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from toil_core.errors import ToilError, described
from toil_core.file_stores.abstract import AbstractFileStore
from toil_core.jobs.errors import UnpicklableError
from toil_core.jobs.job import Job, Running
from toil_core.jobs.promises import kept_values, load_with_promises
from toil_core.jobs.records import FailureReport, Record
from toil_core.jobs.requirements import Allocation
from toil_core.jobs.saving import Successors, save_successors
from toil_core.jobs.segments import BodyPlace
from toil_core.worker.chain import Chain
from toil_core.worker.deferred import DeferredFunctions
from toil_core.worker.limits import limited_memory
from toil_core.worker.order import attempt_token
from toil_core.worker.usage import UsageClock

if TYPE_CHECKING:
    from toil_core.jobs.description import JobDescription
    from toil_core.worker.context import WorkerContext
    from toil_core.worker.order import WorkOrder

logger = logging.getLogger(__name__)

#: Return values larger than this, pickled, in bytes, are stored beside the record instead of in it.
INLINE_VALUE_LIMIT = 1 << 16

#: Part of the path of every file of a plugin, whose errors tell users what they need without showing them its code.
_PLUGINS = f"{os.sep}toil_plugin_"
_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Step(NamedTuple):
    """A job to attempt: its ID, where its body lies, the number of the attempt, and what it was given to run with."""

    job: str
    body: BodyPlace
    attempt: int
    allocation: Allocation


def run_order(order: WorkOrder, context: WorkerContext) -> int:
    """Attempt a job and, as long as each is committed, the jobs chained to it.

    :returns: the exit status for the worker: 0 if every attempt was committed, 1 if one failed.
    """
    chain = Chain(context.job_store, order.allocation, enabled=order.chain, local=order.local)
    step: Step | None = Step(order.job, order.body, order.attempt, order.allocation)
    wait_for_previous: Callable[[], Any] = bool
    while step is not None:
        context.begin_log()
        attempt = Attempt(step, context, chain)
        following = attempt.run(wait_for_previous)
        if attempt.failed:
            return 1
        wait_for_previous = attempt.wait_for_commit
        step = None
        if following is not None and following.body is not None:
            step = Step(str(following.jobStoreID), following.body, 1, following.allocation())
    wait_for_previous()
    return 0


class Attempt:
    """One attempt at one job.

    :param step: which job, and which attempt.
    :param context: the workflow.
    :param chain: decides which job comes next in this process.
    """

    def __init__(self, step: Step, context: WorkerContext, chain: Chain) -> None:
        self.step = step
        self.context = context
        self.chain = chain
        self.failed = False
        self.following: JobDescription | None = None
        self.file_store: AbstractFileStore | None = None
        self._clock = UsageClock()

    def run(self, wait_for_previous: Callable[[], Any]) -> JobDescription | None:
        """Run the job and commit what it did.

        :returns: the description of the job to go on with, or None.
        """
        try:
            self._run(wait_for_previous)
        except BaseException as error:
            if self.context.in_leader and not isinstance(error, (Exception, SystemExit)):
                raise
            if self.file_store is not None and self.file_store.committed:
                logger.warning("After the job was done, this went wrong: %s.", described(error))
            else:
                self.failed = True
                self._report(error)
        return self.following

    def wait_for_commit(self) -> bool:
        """Wait until what the job did is committed."""
        return self.file_store.waitForCommit() if self.file_store is not None else True

    def _run(self, wait_for_previous: Callable[[], Any]) -> None:
        context, store = self.context, self.context.job_store
        job: Job = load_with_promises(store, store.read_body(self.step.job, self.step.body))
        description = job.description
        description._config = context.config
        self._settle_requirements(description)
        file_store = AbstractFileStore.createFileStore(
            store, description, context.work_dir, wait_for_previous, context.config.caching
        )
        self.file_store = file_store
        deferred = DeferredFunctions(context.coordination_dir)
        deferred.run_abandoned()  # An attempt that was killed here may hold what this one needs.
        with deferred, file_store.open(job):
            job._toil_running = Running(file_store, deferred.defer, attempt_token(context.config, self.step.attempt))
            with limited_memory(self.step.allocation.memory if context.config.enforceMemory else 0):
                value = self._call(job, file_store)
            successors = save_successors(job, store)
            record, following = self._outcome(job, value, successors)
            file_store.record = record
            file_store.startCommit(jobState=True)
            file_store.waitForCommit()
            if file_store.committed:
                self.following = following
            else:
                logger.warning("Another attempt at %s was committed first; this one does not count.", description)

    def _call(self, job: Job, file_store: AbstractFileStore) -> Any:
        """Run the job's own code."""
        return job.run(file_store)

    def _settle_requirements(self, description: JobDescription) -> None:
        """Let the job see what it was given: other jobs may have determined that, or a failure doubled it."""
        given = self.step.allocation
        description.requirements.update(cores=given.cores, memory=given.memory, disk=given.disk)
        if "accelerators" in description.requirements:
            description.requirements["accelerators"] = given.accelerator_requirements()

    def _outcome(self, job: Job, value: Any, successors: Successors) -> tuple[Record, JobDescription | None]:
        """Return the record of this attempt, and the job to go on with."""
        description, file_store = job.description, self.file_store
        assert file_store is not None
        new = {str(one.jobStoreID): one.description for one in successors.jobs}
        for one in new.values():
            one._config = self.context.config
        following = None
        if not description.serviceTree:
            children = [str(child) for child in description.childIDs]
            follow_ons = [str(follow_on) for follow_on in description.followOnIDs]
            following = self.chain.next_after(children, follow_ons, new)
        config = self.context.config
        record = Record(
            segment=successors.segment,
            children=successors.children,
            follow_ons=successors.follow_ons,
            services=successors.services,
            chained_to=str(following.jobStoreID) if following else "",
            delete_files=tuple(file_store.files_to_delete),
            has_cleanup_files=file_store.has_cleanup_files,
            messages=tuple(file_store.messages),
            log=self.context.current_log() if config.writeLogsFromAllJobs or config.logLevel == "DEBUG" else b"",
            usage=self._clock.usage(file_store.localTempDir if config.stats else ""),
            host=self.context.host,
        )
        if description.value_wanted:
            record = record._replace(**self._kept(job, value))
        return record, following

    def _kept(self, job: Job, value: Any) -> dict[str, Any]:
        try:
            fields = dict(kept_values(value))
        except ToilError:
            raise
        except Exception as error:
            raise UnpicklableError(
                f"The return value of {job} was promised to another job but cannot be pickled: {described(error)}.",
                "Return plain values or file IDs instead of open files, locks, connections or local functions.",
            ) from error
        data = fields.get("value")
        if data is not None and len(data) > INLINE_VALUE_LIMIT:
            return {"value_key": self.context.job_store.put_value(self.step.job, data)}
        return fields

    def _report(self, error: BaseException) -> None:
        """Print what went wrong where the log of the job is kept, and leave a report for the leader."""
        explanation = _explanation(error)
        text = "\n".join([str(error), *explanation, ""]) if explanation else format_user_traceback(error)
        file_store = self.file_store
        report = FailureReport(
            job=self.step.job,
            attempt=self.step.attempt,
            error=str(error) if explanation else described(error),
            log=self._log_with(text),
            accessed=tuple(file_store.accessed) if file_store is not None else (),
            messages=tuple(file_store.messages) if file_store is not None else (),
            usage=self._clock.usage(),
            host=self.context.host,
            run=self.context.config.workflowAttemptNumber,
            explanation=explanation,
        )
        self.context.job_store.write_failure(report)

    def _log_with(self, text: str) -> bytes:
        """Print a text, and return all that was printed; a job may have closed what there was to print to."""
        try:
            sys.stdout.flush()
            sys.stderr.write(text)
            sys.stderr.flush()
            printed = self.context.current_log()
        except (OSError, ValueError, AttributeError):
            printed = b""
        return printed or text.encode("utf-8", "backslashreplace")


def _explanation(error: BaseException) -> tuple[str, ...]:
    """Return the lines with which an error explains itself, if it does."""
    found = getattr(error, "explanation", ())
    return tuple(map(str, found)) if isinstance(found, (list, tuple)) else ()


def format_user_traceback(error: BaseException) -> str:
    """Return the traceback of an error as Python prints it, without our own frames.

    An error of ours is its sentence, after the frames of the user's that led to it, if there are any.
    """
    import traceback

    found = traceback.TracebackException.from_exception(error)
    own = [frame for frame in found.stack if not frame.filename.startswith(_HERE)]
    if isinstance(error, ToilError):
        own = [frame for frame in own if _PLUGINS not in frame.filename]
        where = ["Traceback (most recent call last):\n", *traceback.format_list(own)] if own else []
        return "".join([*where, f"{type(error).__name__}: {error}\n"])
    if not own:
        return "".join(found.format_exception_only())
    found.stack = traceback.StackSummary.from_list(own)
    return "".join(found.format())
