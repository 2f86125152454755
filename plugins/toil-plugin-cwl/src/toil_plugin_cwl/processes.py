"""Loaded processes as jobs find them: by the workflow they belong to and the path of steps that leads to each.

The leader loads the documents once. Workers that were forked from it have them already; others take them from the job
store, where they are kept as they were after validation.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from cwltool.process import Process
from cwltool.workflow import Workflow, WorkflowStep
from schema_salad.ref_resolver import NormDict

from toil_plugin_cwl.links import short

if TYPE_CHECKING:
    from toil_core.api import AbstractJobStore

#: The names of the steps that lead from the outermost process to one inside of it.
Where = tuple[str, ...]

_SHARED_FILE = "cwl-document"

#: By workflow ID, what was loaded for it.
_loaded: dict[str, Process] = {}


class _Pickler(pickle.Pickler):
    """Writes processes down; the index of a loader has a function in it that would be in the way."""

    dispatch_table = copyreg.dispatch_table.copy()


def _plain_index(entries: dict[str, Any]) -> NormDict:
    index = NormDict()
    index.update(entries)
    return index


_Pickler.dispatch_table[NormDict] = lambda index: (_plain_index, (dict(index),))


def remember(workflow_id: str, process: Process) -> None:
    """Keep a process for the jobs that will run in this process or are forked from it."""
    _loaded[workflow_id] = process


def save(job_store: AbstractJobStore, process: Process) -> None:
    """Keep a process for all workers of the workflow, wherever they run."""
    buffer = io.BytesIO()
    _Pickler(buffer, protocol=5).dump(process)
    with job_store.write_shared_file_stream(_SHARED_FILE) as stream:
        stream.write(buffer.getvalue())


def of_workflow(job_store: AbstractJobStore) -> Process:
    """Return the outermost process of a workflow."""
    workflow_id = job_store.config.workflowID
    if workflow_id not in _loaded:
        with job_store.read_shared_file_stream(_SHARED_FILE) as stream:
            _loaded[workflow_id] = pickle.loads(stream.read())
    return _loaded[workflow_id]


def step_at(process: Process, where: Where) -> WorkflowStep | None:
    """Return the step at a path, or None at the end of an empty one, which is the outermost process itself."""
    step = None
    for name in where:
        workflow = cast(Workflow, process if step is None else step.embedded_tool)
        step = next(one for one in workflow.steps if short(one.id) == name)
    return step


def all_processes(process: Process, where: Where = ()) -> Iterator[tuple[Where, Process, WorkflowStep | None]]:
    """Yield a process and all those inside of it, each with its path and the step that runs it."""
    yield where, process, None
    if isinstance(process, Workflow):
        for step in process.steps:
            inner = (*where, short(step.id))
            deeper = all_processes(step.embedded_tool, inner)
            next(deeper)
            yield inner, step.embedded_tool, step
            yield from deeper
