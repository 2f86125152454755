"""The jobs that a workflow becomes: one for each call of a task, and those that lay the workflow out."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from WDL import Tree

from toil_core.api import Job
from toil_plugin_wdl.contexts import Context, StoreFiles
from toil_plugin_wdl.documents import program_in
from toil_plugin_wdl.execution import Settings
from toil_plugin_wdl.importing import filled
from toil_plugin_wdl.layout import Layout, Scope, whole
from toil_plugin_wdl.problems import TaskFailed
from toil_plugin_wdl.requirements import needs_of
from toil_plugin_wdl.thunks import Known, Thunk

if TYPE_CHECKING:
    from toil_core.api import AbstractFileStore, FileID, ImportFiles
    from toil_plugin_wdl.analysis import Product
    from toil_plugin_wdl.values import Packed


def _context(file_store: AbstractFileStore) -> Context:
    directory = os.path.join(file_store.localTempDir, "expressions")
    job_store = file_store.jobStore
    return Context(program_in(job_store), StoreFiles(job_store, directory, str(file_store.jobDesc.jobStoreID)))


def _layout(context: Context, job: Job) -> Layout:
    all_calls = bool(job.fileStore.jobStore.config.allCallOutputs)
    return Layout(context, job, sys.modules[__name__], all_calls)


class TaskJob(Job):
    """A call of a task.

    :param address: the task.
    :param path: the call's path, for people.
    :param given: the inputs, and attributes that are set from outside.
    :param needs: what the job requires, as keywords of `Job`.
    :param tolerant: whether the workflow goes on without its outputs if the task fails.
    """

    def __init__(
        self,
        address: tuple[int, str],
        path: str,
        given: Mapping[str, Thunk],
        needs: Mapping[str, Any],
        tolerant: bool = False,
    ) -> None:
        self.address = address
        self.path = path
        self.given = dict(given)
        self.tolerant = tolerant
        super().__init__(unitName=path, displayName=address[1], **needs)

    def job_name(self) -> str:
        """Return the name of the task."""
        return self.address[1]

    def run(self, fileStore: AbstractFileStore) -> dict[str, Packed]:
        """Run the task.

        :returns: its outputs, packed, by their names.
        """
        from toil_plugin_wdl.task import TaskRun

        context = _context(fileStore)
        task = context.program.at(self.address)
        try:
            return TaskRun(task, self.path, self.given, context, self, settings_in(fileStore)).run()
        except TaskFailed as error:
            if not self.tolerant:
                raise
            fileStore.log_to_leader(f"{error.message} The workflow goes on without its outputs.", logging.WARNING)
            return dict.fromkeys(output.name for output in task.outputs)


class WorkflowJob(Job):
    """Lays a workflow out.

    :param address: the workflow.
    :param given: the inputs, packed, by their names below it.
    :param imported: the IDs of files among them that jobs have imported, by their places.
    """

    def __init__(
        self, address: tuple[int, str], given: Mapping[str, Packed], imported: Mapping[str, FileID] | None = None
    ) -> None:
        super().__init__(unitName=address[1], local=True)
        self.address = address
        self.given = dict(given)
        self.imported = imported or {}

    def job_name(self) -> str:
        """Return what people call it."""
        return "workflow"

    def run(self, fileStore: AbstractFileStore) -> Any:
        """Make jobs of the workflow's calls.

        :returns: the outputs, by their names.
        """
        context = _context(fileStore)
        packed = filled(self.given, self.imported) if self.imported else self.given
        workflow = context.program.at(self.address)
        if not isinstance(workflow, Tree.Workflow):
            return self.addChild(task_job(context, self.address, packed)).rv()
        layout = _layout(context, self)
        given = {name: Known(value) for name, value in packed.items()}
        scope = whole(layout, workflow, workflow.name, given)
        scope.lay_out_all()
        return scope.outputs(all_calls=layout.all_calls)


class ImportFirst(Job):
    """Has jobs import the inputs, and then lays the workflow out.

    :param imports: the job that imports them.
    :param address: the task or workflow.
    :param given: the inputs, packed, by their names below it.
    """

    def __init__(self, imports: ImportFiles, address: tuple[int, str], given: Mapping[str, Packed]) -> None:
        super().__init__(unitName=address[1], local=True)
        self.imports = imports
        self.address = address
        self.given = dict(given)

    def job_name(self) -> str:
        """Return what people call it."""
        return "imports"

    def run(self, fileStore: AbstractFileStore) -> Any:
        """Add the jobs.

        :returns: the promise of the outputs.
        """
        imports = self.addChild(self.imports)
        return self.addFollowOn(WorkflowJob(self.address, self.given, imports.rv())).rv()


def task_job(context: Context, address: tuple[int, str], given: Mapping[str, Packed]) -> TaskJob:
    """Return the job of a task that is run by itself.

    :param given: its inputs, packed.
    """
    known: dict[str, Thunk] = {name: Known(value) for name, value in given.items()}
    return TaskJob(address, address[1], known, needs_of(context.program.at(address), known, context) or {})


class SectionJob(Job):
    """Lays a part of a workflow out once the values that decide about it are there.

    :param where: the address of the workflow, the path of the scope that the part is in, and which item that is for.
    :param node_ids: the nodes.
    :param values: the values that they take from outside.
    :param given: inputs that were given from outside.
    :param products: the values to return.
    """

    def __init__(
        self,
        where: tuple[tuple[int, str], str, str],
        node_ids: Sequence[str],
        values: Mapping[Product, Thunk],
        given: Mapping[str, Thunk],
        products: Sequence[Product],
    ) -> None:
        super().__init__(unitName=f"{where[1]}{where[2]} {node_ids[0]}", local=True)
        self.where = where
        self.node_ids = list(node_ids)
        self.values = dict(values)
        self.given = dict(given)
        self.products = list(products)

    def job_name(self) -> str:
        """Return what people call it."""
        return "section"

    def run(self, fileStore: AbstractFileStore) -> dict[str, Thunk]:
        """Make jobs of the calls in it.

        :returns: the values that are asked for.
        """
        context = _context(fileStore)
        address, path, item = self.where
        workflow = context.program.at(address)
        layout = _layout(context, self)
        nodes = [workflow.get_node(one) for one in self.node_ids]
        scope = Scope(layout, workflow, path, self.given, nodes, item=item)
        scope.values.update(self.values)
        scope.lay_out_all()
        return {"/".join(product): scope.product(product) for product in self.products}


def settings_in(file_store: AbstractFileStore) -> Settings:
    """Return what the user chose for all tasks."""
    config = file_store.jobStore.config
    return Settings(container=str(config.container), cache=str(config.callCache or ""))
