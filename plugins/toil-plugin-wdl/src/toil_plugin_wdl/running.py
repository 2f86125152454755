"""One run of a WDL document, from the command line to the output JSON."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from WDL import Tree, Value

from toil_core.api import Toil, run_options
from toil_plugin_wdl import importing
from toil_plugin_wdl.contexts import Context, StoreFiles
from toil_plugin_wdl.documents import Program, load_program, program_in, set_program
from toil_plugin_wdl.inputs import checked_inputs, directory_of, read_inputs
from toil_plugin_wdl.jobs import TaskJob, WorkflowJob
from toil_plugin_wdl.outputs import exported, report, write_report
from toil_plugin_wdl.problems import InputError
from toil_plugin_wdl.requirements import needs_of
from toil_plugin_wdl.thunks import Known, Thunk
from toil_plugin_wdl.values import pack

if TYPE_CHECKING:
    from toil_core.api import Job


def run(document: str, arguments: Sequence[str]) -> int:
    """Run a document.

    :param document: its path or URL.
    :param arguments: what followed it on the command line: the inputs, if there are any.
    :returns: the exit status.
    """
    if len(arguments) > 1:
        raise InputError(f"'{arguments[1]}' is more than the document and its inputs.")
    options = run_options("wdl")
    program = load_program(document, target=options.wdlTask or "", strict=options.strict)
    if options.devMode:
        from toil_plugin_wdl.dev_mode import write_descriptions

        write_descriptions(program)
    given = read_inputs(arguments[0] if arguments else None)
    values = importing.absolute_inputs(
        checked_inputs(program.target, given), [directory_of(given), os.path.join(os.getcwd(), "")]
    )
    with Toil(options) as toil, tempfile.TemporaryDirectory(prefix="toil-wdl-") as directory:
        files = StoreFiles(toil.job_store, directory)
        if toil.config.restart:
            set_program(program_in(toil.job_store))
            result = toil.restart()
        else:
            set_program(program)
            result = toil.start(_root_job(toil, program, files, values))
        context = Context(program_in(toil.job_store), files)
        destination = toil.config.outdir or os.getcwd()
        outputs = exported(files, _outputs(context, result), destination)
        content = report(context.program.name, outputs, destination, toil.config.outputDialect)
        write_report(content, toil.config.outputFile, toil.job_store)
    return 0


def _root_job(toil: Toil, program: Program, files: StoreFiles, values: dict[str, Value.Base]) -> Job:
    """Bring all into the job store, and return the job to start with."""
    program.save(toil.job_store)
    if toil.config.runImportsOnWorkers:
        importing.check_inputs(toil.job_store, values)
    else:
        values = importing.import_inputs(files, values)
    given = {name: pack(value) for name, value in values.items()}
    address = program.address(program.target)
    if isinstance(program.target, Tree.Workflow):
        return WorkflowJob(address, given)
    known: dict[str, Thunk] = {name: Known(value) for name, value in given.items()}
    needs = needs_of(program.target, known, Context(program, files)) or {}
    return TaskJob(address, program.name, known, needs)


def _outputs(context: Context, result: Any) -> dict[str, Value.Base]:
    """Return the values of the outputs of what ran."""
    found: dict[str, Value.Base] = {}
    for binding in context.program.target.effective_outputs:
        thunk = result[binding.name]
        found[binding.name] = (thunk if isinstance(thunk, Thunk) else Known(thunk)).value(context, binding.value)
    return found
