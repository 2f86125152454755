"""Running one tool in the job that was started for it: its files, its command by way of cwltool, and its outputs."""

from __future__ import annotations

import copy
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from cwltool.errors import UnsupportedRequirement, WorkflowException
from cwltool.job import JobBase
from cwltool.process import fill_in_defaults
from schema_salad.exceptions import ValidationException

from toil_plugin_cwl import contexts
from toil_plugin_cwl.access import StoreAccess
from toil_plugin_cwl.capture import Messages, end_of_error_output, let_toil_log
from toil_plugin_cwl.errors import StepError, ToolFailed, UnsupportedError, told
from toil_plugin_cwl.links import short
from toil_plugin_cwl.reuse import ReusedWork
from toil_plugin_cwl.store import FileReader, LocalFiles, files_in

if TYPE_CHECKING:
    from cwltool.context import RuntimeContext
    from cwltool.process import Process

    from toil_core.api import AbstractFileStore, Config

logger = logging.getLogger(__name__)


def context_of_job(config: Config, file_store: AbstractFileStore, reader: FileReader) -> RuntimeContext:
    """Return how cwltool is to do something in a job.

    :param config: the configuration of the run.
    :param file_store: of the job.
    :param reader: brings stored files here.
    """
    context = contexts.runtime_context(config)
    directory = file_store.localTempDir
    context.basedir = directory
    context.make_fs_access = partial(StoreAccess, reader=reader)  # type: ignore[assignment]
    context.tmpdir_prefix = config.tmpdirPrefix or os.path.join(directory, "tmp")
    context.tmp_outdir_prefix = config.tmpOutdirPrefix or os.path.join(directory, "out")
    if config.bypassFileStore and not config.tmpOutdirPrefix:
        context.tmp_outdir_prefix = os.path.join(contexts.shared_directory(config), "out")
    for prefix in (context.tmpdir_prefix, context.tmp_outdir_prefix):
        os.makedirs(os.path.dirname(prefix), exist_ok=True)
    return context


class ToolRun:
    """One run of a tool.

    :param name: the step's path in the workflow, or the tool, for people.
    :param config: the configuration of the run.
    :param file_store: of the job.
    """

    def __init__(self, name: str, config: Config, file_store: AbstractFileStore) -> None:
        quiet = config.debugWorker and config.logLevel not in ("INFO", "DEBUG")
        let_toil_log(logging.DEBUG if config.logLevel == "DEBUG" else logging.WARNING if quiet else logging.INFO)
        self._name = name
        self._files = LocalFiles(file_store)
        self._context = context_of_job(config, file_store, self._files.reader)
        self._context.name = name.rpartition("/")[2]
        if config.logDir:
            self._context.name += f"_{file_store.jobDesc.jobStoreID}"
        self._stores_files = not config.bypassFileStore
        self._streams = not config.disableStreaming
        self._reuse = ReusedWork(config.cachedir) if config.cachedir else None
        self._result: tuple[dict[str, Any], str] | None = None
        self._status: int | None = None
        self._directories: list[str | None] = []

    def outputs(self, process: Process, inputs: dict[str, Any]) -> dict[str, Any]:
        """Run the tool.

        :param inputs: its input object.
        :raises ToolFailed: if its command, or collecting its outputs, failed.
        :raises StepError: if it could not be set up.
        :returns: its output object, with all files in the job store.
        """
        inputs = copy.deepcopy(inputs)
        with Messages() as messages, ExitStack() as stack:
            if process.tool["class"] == "CommandLineTool":
                self._bring(process, inputs, stack)
                outputs = self._reused_or_run(process, inputs, messages)
            else:
                outputs = self._run(process, inputs, messages)
        if self._stores_files:
            self._files.store(outputs)
        self._clear()
        return outputs

    def _clear(self) -> None:
        """Remove directories that the user wanted elsewhere than among those of the job, which go with it."""
        for path in self._directories:
            if path and not path.startswith(self._context.basedir + os.sep):
                shutil.rmtree(path, ignore_errors=True)

    def _bring(self, process: Process, inputs: dict[str, Any], stack: ExitStack) -> None:
        """Have all files here, or at the end of a pipe."""
        fill_in_defaults(process.tool["inputs"], inputs, self._context.make_fs_access(""))
        if self._streams and self._reuse is None:
            for parameter in process.tool["inputs"]:
                if parameter.get("streamable") and not parameter.get("loadContents"):
                    self._files.stream(inputs[short(parameter["id"])], stack)
        self._files.bring(inputs)
        stack.enter_context(self._requirements_here(process))

    def _reused_or_run(self, process: Process, inputs: dict[str, Any], messages: Messages) -> dict[str, Any]:
        key = self._reuse.key(process, inputs, self._context) if self._reuse else None
        if self._reuse is None or key is None:
            return self._run(process, inputs, messages)
        outputs = self._reuse.found(key)
        if outputs is not None:
            logger.info("%s was run before; its outputs are taken from %s.", self._name, self._reuse.directory)
            return outputs
        outputs = self._run(process, inputs, messages)
        self._reuse.keep(key, outputs)
        return outputs

    @contextmanager
    def _requirements_here(self, process: Process) -> Iterator[None]:
        """Have the requirements of a process name files that are here; other runs of it bring theirs elsewhere."""
        before = process.requirements, process.hints
        process.requirements, process.hints = (
            copy.deepcopy(one) if any(True for _ in files_in(one)) else one for one in before
        )
        try:
            self._files.bring([process.requirements, process.hints])
            yield
        finally:
            process.requirements, process.hints = before

    def _run(self, process: Process, inputs: dict[str, Any], messages: Messages) -> dict[str, Any]:
        job: Any = None
        try:
            for job in process.job(inputs, self._receive, self._context):
                if isinstance(job, JobBase):
                    self._run_command(job, messages)
                else:
                    job.run(self._context)
        except UnsupportedRequirement as error:
            raise UnsupportedError(f"{self._name}: {told(error)}") from error
        except (WorkflowException, ValidationException) as error:
            raise StepError(self._name, told(error)) from error
        if self._result is None or self._result[1] != "success":
            raise StepError(self._name, messages.text() or "it returned nothing.")
        return self._result[0]

    def _run_command(self, job: JobBase, messages: Messages) -> None:
        self._files.own_directories.append(job.outdir)
        self._directories += [job.tmpdir, job.stagedir, *([job.outdir] if self._stores_files else [])]
        collect = job.collect_outputs

        def collect_after_success(outdir: str, status: int) -> Any:
            self._status = status
            failed = status not in job.successCodes and (status != 0 or _is_failure(job, status))
            return {} if failed else collect(outdir, status)

        job.collect_outputs = collect_after_success
        job.run(self._context)
        if self._result is None or self._result[1] != "success":
            failed = self._status is not None and self._status != 0
            reason = "" if failed else messages.text()
            raise ToolFailed(self._name, job.command_line, self._status, reason, end_of_error_output(job))

    def _receive(self, outputs: Any, status: str) -> None:
        self._result = (outputs or {}, status)


def _is_failure(job: JobBase, status: int) -> bool:
    return status in job.temporaryFailCodes or status in job.permanentFailCodes
