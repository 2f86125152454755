"""One run of a CWL document, from the command line to the output object on standard output."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from cwltool.stdfsaccess import StdFsAccess
from cwltool.workflow import Workflow

from toil_core.api import Toil, fork_workers_from_here, run_options
from toil_plugin_cwl import documents, inputs, processes, resources
from toil_plugin_cwl.access import UrlAccess
from toil_plugin_cwl.capture import let_toil_log
from toil_plugin_cwl.contexts import check_dependencies, runtime_context, shared_directory
from toil_plugin_cwl.imports import Imports, in_documents
from toil_plugin_cwl.jobs import CWLImport, CWLJob, CWLProcess, CWLWorkflow, needs_of
from toil_plugin_cwl.links import all_outputs
from toil_plugin_cwl.outputs import exported
from toil_plugin_cwl.printing import print_of

if TYPE_CHECKING:
    from cwltool.process import Process

    from toil_core.api import Config

#: How long a bundle of jobs should take on this machine. A process that has cwltool loaded takes longer to fork than
#: others, so that it is worth to run more jobs in each.
_BUNDLE_SECONDS = 1.0


def run(document: str, arguments: Sequence[str]) -> int:
    """Run a document.

    :param document: its path or URL, perhaps with `#` and the name of one of its processes.
    :param arguments: what followed it on the command line: an input object, or inputs as options.
    :returns: the exit status.
    """
    options = run_options("cwl")
    let_toil_log(logging.DEBUG if options.logLevel == "DEBUG" else logging.WARNING)
    if options.bundleSeconds is None and options.batchSystem == "single_machine":
        options.bundleSeconds = _BUNDLE_SECONDS
    if options.restart:
        _show(_continued(options))
        return 0
    check_dependencies(options)
    loaded = documents.Documents(document, options)
    if print_of(loaded, options):
        return 0
    given = inputs.InputObject(arguments, options)
    given.hand_overrides_to(loaded)
    process = loaded.load()
    if options.validate:
        if arguments:
            inputs.check(process, given.for_process(process), given.source, options, StdFsAccess)
        documents.check_supported(process, document, options)
        sys.stdout.write(f"{document} is valid CWL.\n")
        return 0
    _show(_outputs(process, document, given, options))
    return 0


def _show(outputs: Any) -> None:
    json.dump(outputs, sys.stdout, indent=4, ensure_ascii=False)
    sys.stdout.write("\n")
    sys.stdout.flush()


def _outputs(process: Process, document: str, given: inputs.InputObject, options: Any) -> Any:
    """Return the output object of a process, with its files where the user wants them."""
    values = given.for_process(process)
    if documents.updates_in_place(process) and options.batchSystem == "single_machine":
        options.bypassFileStore = True
    with Toil(options) as toil:
        access = partial(UrlAccess, job_store=toil.job_store)
        order, builder = inputs.check(process, values, given.source, options, access)
        documents.check_supported(process, document, options)
        config = toil.config
        if process.tool["class"] == "CommandLineTool" and resources.are_expressions(process):
            needs: Any = resources.of_process(process, builder, runtime_context(config))
        else:
            needs = needs_of(process, config)
        kind: type[CWLProcess] = CWLWorkflow if isinstance(process, Workflow) else CWLJob
        root: Any = kind((), process, order, needs, config)
        if not config.bypassFileStore:
            Imports(toil.job_store, in_documents(process)).bring_at_once()
            of_inputs = Imports(toil.job_store, [order], given.source)
            importing = of_inputs.bring()
            if importing is not None:
                root = CWLImport(root, importing, of_inputs.directories)
        processes.remember(config.workflowID, process)
        processes.save(toil.job_store, process)
        fork_workers_from_here()
        return _exported(toil, toil.start(root))


def _continued(options: Any) -> Any:
    """Return the output object of a run that was interrupted, with the document as it was when the run began."""
    with Toil(options) as toil:
        config: Any = toil.config
        if documents.updates_in_place(processes.of_workflow(toil.job_store)):
            config.bypassFileStore = True
        fork_workers_from_here()
        return _exported(toil, toil.restart())


def _exported(toil: Toil, returned: Any) -> Any:
    config: Config = toil.config
    destination = config.destBucket or config.outdir or os.getcwd()
    outputs = exported(toil.job_store, all_outputs(returned), destination, checksums=config.computeChecksum)
    if config.bypassFileStore:
        shutil.rmtree(shared_directory(config), ignore_errors=True)
    return outputs
