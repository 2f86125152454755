"""One run of a WDL document, from the command line to the output JSON."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from WDL import Tree, Value

from toil_core.api import Toil, fork_workers_from_here, run_options
from toil_plugin_wdl import importing
from toil_plugin_wdl.analysis import returned
from toil_plugin_wdl.contexts import Context, StoreFiles
from toil_plugin_wdl.documents import Program, load_program, program_in, set_program
from toil_plugin_wdl.inputs import checked_inputs, directory_of, read_inputs
from toil_plugin_wdl.jobs import ImportFirst, WorkflowJob, task_job
from toil_plugin_wdl.outputs import exported, report, write_report
from toil_plugin_wdl.preloading import import_what_jobs_use
from toil_plugin_wdl.problems import InputError
from toil_plugin_wdl.thunks import Known, Thunk

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
    checked = None if options.restart else _checked(document, arguments, options)
    with Toil(options) as toil, tempfile.TemporaryDirectory(prefix="toil-wdl-") as directory:
        files = StoreFiles(toil.job_store, directory)
        result = _restart(toil) if checked is None else _start(toil, *checked, files)
        context = Context(program_in(toil.job_store), files)
        destination = toil.config.outdir or os.getcwd()
        outputs = exported(files, _outputs(context, result, all_calls=toil.config.allCallOutputs), destination)
        content = report(context.program.name, outputs, destination, toil.config.outputDialect)
        write_report(content, toil.config.outputFile, toil.job_store)
    return 0


def _checked(document: str, arguments: Sequence[str], options: Any) -> tuple[Program, dict[str, Value.Base]]:
    """Return the program and its inputs, found to fit before anything is started.

    :raises UserError: if they do not.
    """
    program = load_program(document, target=options.wdlTask or "", strict=options.strict)
    if options.devMode:
        from toil_plugin_wdl.dev_mode import write_descriptions

        write_descriptions(program)
    given = read_inputs(arguments[0] if arguments else None)
    values = checked_inputs(program.target, given)
    return program, importing.absolute_inputs(values, [directory_of(given), os.path.join(os.getcwd(), "")])


def _start(toil: Toil, program: Program, values: dict[str, Value.Base], files: StoreFiles) -> Any:
    """Bring all into the job store, and run the program."""
    set_program(program)
    root = _root_job(toil, program, files, values)
    import_what_jobs_use()
    fork_workers_from_here()
    return toil.start(root)


def _restart(toil: Toil) -> Any:
    """Go on with a run, with the documents as they were when it began."""
    program_in(toil.job_store)
    import_what_jobs_use()
    fork_workers_from_here()
    return toil.restart()


def _root_job(toil: Toil, program: Program, files: StoreFiles, values: dict[str, Value.Base]) -> Job:
    """Bring documents and inputs into the job store, and return the job to start with."""
    program.save(toil.job_store)
    inputs = importing.import_values(files, program.name, values)
    address = program.address(program.target)
    if inputs.job is not None:
        return ImportFirst(inputs.job, address, inputs.packed)
    if isinstance(program.target, Tree.Workflow):
        return WorkflowJob(address, inputs.packed)
    return task_job(Context(program, files), address, inputs.packed)


def _outputs(context: Context, result: Any, *, all_calls: bool) -> dict[str, Value.Base]:
    """Return the values of the outputs of what ran.

    :param all_calls: whether these include the outputs of all calls.
    """
    found: dict[str, Value.Base] = {}
    target = context.program.target
    if isinstance(target, Tree.Workflow):
        bindings = returned(target, all_calls=all_calls)
    else:
        bindings = list(target.effective_outputs)
    for binding in bindings:
        thunk = result[binding.name]
        found[binding.name] = (thunk if isinstance(thunk, Thunk) else Known(thunk)).value(context, binding.value)
    return found
