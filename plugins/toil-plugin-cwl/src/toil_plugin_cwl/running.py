"""One run of a CWL document, from the command line to the output object on standard output."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cwltool.stdfsaccess import StdFsAccess
from cwltool.workflow import Workflow

from toil_core.api import Toil, fork_workers_from_here, run_options
from toil_plugin_cwl import imports, inputs, processes, resources
from toil_plugin_cwl.capture import let_toil_log
from toil_plugin_cwl.contexts import runtime_context
from toil_plugin_cwl.documents import Documents
from toil_plugin_cwl.jobs import CWLJob, CWLProcess, CWLWorkflow, needs_of
from toil_plugin_cwl.links import all_outputs
from toil_plugin_cwl.outputs import exported

if TYPE_CHECKING:
    from cwltool.builder import Builder
    from cwltool.process import Process

    from toil_core.api import Config


def run(document: str, arguments: Sequence[str]) -> int:
    """Run a document.

    :param document: its path or URL, perhaps with `#` and the name of one of its processes.
    :param arguments: what followed it on the command line: an input object, or inputs as options.
    :returns: the exit status.
    """
    options = run_options("cwl")
    let_toil_log(logging.DEBUG if options.logLevel == "DEBUG" else logging.WARNING)
    checked = None if options.restart else _Checked(document, arguments, options)
    if checked is not None and options.validate:
        sys.stdout.write(f"{document} is valid CWL.\n")
        return 0
    with Toil(options) as toil:
        returned = _restart(toil) if checked is None else _start(toil, checked)
        outputs = exported(
            toil.job_store,
            all_outputs(returned),
            toil.config.destBucket or toil.config.outdir or os.getcwd(),
            checksums=toil.config.computeChecksum,
        )
    json.dump(outputs, sys.stdout, indent=4, ensure_ascii=False)
    sys.stdout.write("\n")
    sys.stdout.flush()
    return 0


class _Checked:
    """A document with its inputs, found to fit before anything is started.

    :raises UserError: if they do not.
    """

    def __init__(self, document: str, arguments: Sequence[str], options: Any) -> None:
        given = inputs.InputObject(arguments, options)
        documents = Documents(document, options)
        given.hand_overrides_to(documents)
        self.process: Process = documents.load()
        self.inputs: dict[str, Any] = {}
        self.builder: Builder | None = None
        if options.validate and not arguments:
            return
        values = given.for_process(self.process)
        self.inputs, self.builder = inputs.check(self.process, values, given.source, options, StdFsAccess)


def _start(toil: Toil, checked: _Checked) -> Any:
    """Bring everything into the job store, and run the outermost process."""
    process, config, job_store = checked.process, toil.config, toil.job_store
    needs = _needs(process, checked.builder, config)
    if not config.bypassFileStore:
        imports.import_all(job_store, [checked.inputs], imports.in_documents(process))
    processes.remember(config.workflowID, process)
    processes.save(job_store, process)
    kind: type[CWLProcess] = CWLWorkflow if isinstance(process, Workflow) else CWLJob
    fork_workers_from_here()
    return toil.start(kind((), process, checked.inputs, needs, config))


def _restart(toil: Toil) -> Any:
    """Go on with a run, with the document as it was when it began."""
    processes.of_workflow(toil.job_store)
    fork_workers_from_here()
    return toil.restart()


def _needs(process: Process, builder: Builder | None, config: Config) -> Any:
    if process.tool["class"] == "CommandLineTool" and resources.are_expressions(process):
        return resources.of_process(process, builder, runtime_context(config))
    return needs_of(process, config)
