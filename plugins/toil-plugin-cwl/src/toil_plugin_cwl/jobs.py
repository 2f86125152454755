"""The jobs that a CWL workflow runs as.

Each step of a workflow is one job, which works out its inputs from what other steps returned and then does what the
step says. Only where that can make more jobs (a subworkflow, a scattered step, one with a condition or whose needs
depend on its inputs) does it arrange others, cheap enough to run beside the leader; steps that use its outputs then
wait for a follow-on of it that does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from cwltool.errors import WorkflowException
from cwltool.workflow import Workflow
from schema_salad.exceptions import ValidationException

from toil_core.api import AbstractFileStore, Job
from toil_plugin_cwl import processes, resources
from toil_plugin_cwl.contexts import runtime_context
from toil_plugin_cwl.errors import StepError, told
from toil_plugin_cwl.expressions import StepInputs
from toil_plugin_cwl.imports import tell
from toil_plugin_cwl.links import Link, Output, ScatteredOutputs, WorkflowOutputs, short
from toil_plugin_cwl.processes import Where
from toil_plugin_cwl.scatter import scattered
from toil_plugin_cwl.store import FileReader, files_in
from toil_plugin_cwl.tools import ToolRun, context_of_job

if TYPE_CHECKING:
    from cwltool.process import Process
    from cwltool.workflow import WorkflowStep

    from toil_core.api import Config


class CWLNode(Job):
    """What the jobs of a CWL workflow have in common.

    :param where: the path of the step that it is about; empty for the outermost process.
    :param process: the process that the step runs.
    :param needs: the requirements of the job; None for one that only arranges others.
    :param config: the configuration of the run.
    """

    def __init__(self, where: Where, process: Process, needs: Mapping[str, Any] | None, config: Config) -> None:
        identifier = str(process.tool["id"])
        document = "" if identifier.startswith("_:") else identifier.rpartition("/")[2]
        unit = f"{'/'.join(where)} ({document})" if where and document else "/".join(where) or document
        super().__init__(**(resources.LIGHT if needs is None else needs), unitName=unit, displayName=identifier)
        self.description.housekeeping = needs is None and not config.runCwlInternalJobsOnWorkers
        self.where = where

    def run(self, fileStore: AbstractFileStore) -> Any:
        """Do what the step says.

        :returns: its outputs, or a promise of them.
        """
        outermost = processes.of_workflow(fileStore.jobStore)
        step = processes.step_at(outermost, self.where)
        process = outermost if step is None else step.embedded_tool
        name = "/".join(self.where) or short(process.tool["id"])
        arranging = Arranging(self, self.where, name, fileStore)
        try:
            return self.outputs(step, process, arranging)
        except (WorkflowException, ValidationException) as error:
            raise StepError(name, told(error)) from error

    def outputs(self, step: WorkflowStep | None, process: Process, arranging: Arranging) -> Any:
        """Return the outputs, or a promise of them; for subclasses."""
        raise NotImplementedError


class CWLProcess(CWLNode):
    """Runs a process with inputs that are known beforehand.

    :param inputs: its input object.
    """

    def __init__(
        self, where: Where, process: Process, inputs: dict[str, Any], needs: Mapping[str, Any] | None, config: Config
    ) -> None:
        super().__init__(where, process, needs, config)
        self.inputs = inputs
        #: What is in directories, and the IDs of files, where jobs imported them.
        self.imported: tuple[Mapping[str, Any], Any] | None = None

    def outputs(self, step: WorkflowStep | None, process: Process, arranging: Arranging) -> Any:
        """Run the process."""
        if self.imported is not None:
            for one in files_in(self.inputs):
                tell(one, *self.imported)
        return arranging.run_here(process, self.inputs)


class CWLJob(CWLProcess):
    """Runs a tool."""


class CWLWorkflow(CWLProcess):
    """Makes the jobs of a workflow's steps."""


class CWLImport(Job):
    """Runs a process when jobs have imported its inputs.

    :param root: the job that runs the process.
    :param importing: the job that imports the files, and returns their IDs.
    :param directories: what is in each directory, by its location.
    """

    def __init__(self, root: CWLProcess, importing: Job, directories: Mapping[str, Any]) -> None:
        super().__init__(**resources.LIGHT)
        self.root = root
        self.importing = importing
        self.directories = directories

    def run(self, fileStore: AbstractFileStore) -> Any:
        """Import first, run then."""
        ids = self.addChild(self.importing).rv()
        self.root.imported = (self.directories, ids)
        return self.addFollowOn(self.root).rv()


class CWLStep(CWLNode):
    """Works out the inputs of a step and does what it says.

    :param step: the step.
    """

    def __init__(self, where: Where, step: WorkflowStep, config: Config) -> None:
        process = step.embedded_tool
        if "scatter" in step.tool:
            self._kind = "CWLScatter"
        else:
            self._kind = "CWLWorkflow" if isinstance(process, Workflow) else "CWLJob"
        needs = None if arranges(step) else needs_of(process, config)
        super().__init__(where, process, needs, config)
        #: By source, a value or an `Output`.
        self.values: dict[str, Any] = {}

    def job_name(self) -> str:
        """Return what kind of step it is."""
        return self._kind

    def outputs(self, step: WorkflowStep | None, process: Process, arranging: Arranging) -> Any:
        """Run the step."""
        assert step is not None
        return arranging.step_outputs(step, self.values)


def arranges(step: WorkflowStep) -> bool:
    """Return whether a step may make jobs of its own."""
    process = step.embedded_tool
    if isinstance(process, Workflow) or "scatter" in step.tool:
        return True
    if process.tool["class"] == "ExpressionTool":
        return False
    return "when" in step.tool or resources.are_expressions(process)


def needs_of(process: Process, config: Config) -> Mapping[str, Any] | None:
    """Return what the job of a tool needs, where that does not depend on inputs; None for other processes."""
    if process.tool["class"] != "CommandLineTool":
        return None
    return resources.of_process(process, None, runtime_context(config))


class Arranging:
    """What a running job does for a step: evaluates, runs tools, makes more jobs.

    :param job: the running job.
    :param where: the path of the step.
    :param name: the step, for people.
    :param file_store: of the job.
    """

    def __init__(self, job: Job, where: Where, name: str, file_store: AbstractFileStore) -> None:
        self._job = job
        self._where = where
        self._name = name
        self._file_store = file_store
        self._config = file_store.jobStore.config

    def step_outputs(self, step: WorkflowStep, values: Mapping[str, Any]) -> Any:
        """Run a step.

        :param values: by source of its inputs, a value or an `Output`.
        """
        context = context_of_job(self._config, self._file_store, FileReader(self._file_store))
        inputs = StepInputs(step, context, context.make_fs_access(context.basedir))
        given = inputs.gathered(values)
        names = [short(one["id"]) for one in step.tool["outputs"]]
        nothing = dict.fromkeys(names)
        process = step.embedded_tool

        def run_below(one: dict[str, Any]) -> Any:
            chosen = inputs.evaluated(one)
            return nothing if chosen is None else self._run_below(process, chosen)

        if "scatter" in step.tool:
            over = step.tool["scatter"]
            over = [over] if isinstance(over, str) else over
            method = step.tool.get("scatterMethod") or "dotproduct"
            return ScatteredOutputs(names, scattered(given, [short(one) for one in over], method, run_below))
        if arranges(step) and not isinstance(process, Workflow):
            return run_below(given)
        chosen = inputs.evaluated(given)
        return nothing if chosen is None else self.run_here(process, chosen)

    def run_here(self, process: Process, inputs: dict[str, Any]) -> Any:
        """Run a tool in this job, or make the jobs of a workflow."""
        if isinstance(process, Workflow):
            return self._expand(process, inputs)
        return ToolRun(self._name, self._config, self._file_store).outputs(process, inputs)

    def _run_below(self, process: Process, inputs: dict[str, Any]) -> Any:
        """Run a process in a job of its own, unless it is done at once."""
        if process.tool["class"] == "ExpressionTool":
            return self.run_here(process, inputs)
        if isinstance(process, Workflow):
            child: Job = CWLWorkflow(self._where, process, inputs, None, self._config)
        else:
            child = CWLJob(self._where, process, inputs, self._needs(process, inputs), self._config)
        return self._job.addChild(child).rv()

    def _needs(self, process: Process, inputs: dict[str, Any]) -> Mapping[str, Any] | None:
        if not resources.are_expressions(process):
            return needs_of(process, self._config)
        context = context_of_job(self._config, self._file_store, FileReader(self._file_store))
        return resources.of_process(process, process._init_job(inputs, context), context)

    def _expand(self, workflow: Workflow, inputs: dict[str, Any]) -> WorkflowOutputs:
        """Make a job of each step of a workflow, in the order that their links ask for."""
        context = context_of_job(self._config, self._file_store, FileReader(self._file_store))
        inputs = cast("dict[str, Any]", workflow._init_job(inputs, context).job)
        values: dict[str, Any] = {one["id"]: inputs.get(short(one["id"])) for one in workflow.tool["inputs"]}
        jobs: list[tuple[WorkflowStep, CWLStep]] = []
        #: By output, the job after which it is there.
        last: dict[str, Job] = {}
        for step in workflow.steps:
            job = CWLStep((*self._where, short(step.id)), step, self._config)
            jobs.append((step, job))
            after = job.addFollowOn(Job()) if arranges(step) else job
            returned = job.rv()
            for one in step.tool["outputs"]:
                values[one["id"]] = Output(returned, short(one["id"]))
                last[one["id"]] = after
        for step, job in jobs:
            links = [Link.of(parameter, "source") for parameter in step.tool["inputs"]]
            sources = {source for link in links for source in link.sources}
            job.values = {source: values[source] for source in sources}
            for before in {last[source] for source in sources if source in last} or {self._job}:
                before.addChild(job)
        return WorkflowOutputs((Link.of(one, "outputSource") for one in workflow.tool["outputs"]), values)
