"""Running one task: its inputs brought here, its command run, its outputs put away."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from WDL import Tree, Type, Value

from toil_core.api import end_of
from toil_plugin_wdl.evaluating import evaluate, identifiers
from toil_plugin_wdl.execution import Command, Outcome, Settings, images_in, run_command
from toil_plugin_wdl.problems import EvaluationError, TaskFailed, pointed_at, source_of
from toil_plugin_wdl.requirements import OVERRIDES, overrides_in
from toil_plugin_wdl.stdlib import TaskLibrary
from toil_plugin_wdl.task_info import is_volatile, task_information
from toil_plugin_wdl.values import pack, paths_in, with_paths
from toil_plugin_wdl.workspace import OutputMissing, Workspace

if TYPE_CHECKING:
    from toil_core.api import Job
    from toil_plugin_wdl.contexts import Context
    from toil_plugin_wdl.thunks import Thunk
    from toil_plugin_wdl.values import Packed

#: How much of a failed command's standard error is shown, in bytes.
_TAIL = 3000
#: How many lines of a command, and of its standard error, are shown.
_LINES = 30


class TaskRun:
    """One call of a task, in the job that it is run by.

    :param task: the task.
    :param path: the call's path, for people.
    :param given: its inputs, and attributes that are set from outside.
    :param context: evaluates inputs that waited for other jobs.
    :param job: the running job.
    :param settings: what the user chose for all tasks.
    """

    def __init__(
        self,
        task: Tree.Task,
        path: str,
        given: Mapping[str, Thunk],
        context: Context,
        job: Job,
        settings: Settings,
    ) -> None:
        self.task = task
        self.path = path
        self.context = context
        self.job = job
        self.settings = settings
        self.overrides = overrides_in(given)
        self.given = {name: thunk for name, thunk in given.items() if not name.startswith(OVERRIDES)}
        self.values: dict[str, Value.Base] = {}
        self.declarations = {decl.name: decl for decl in (*(task.inputs or ()), *task.postinputs)}
        document: Any = task.parent
        source = str(document.source_dir) or f"{document.pos.abspath.rpartition('/')[0]}/"
        host = settings.container == "none"
        self.workspace = Workspace(context.files, job.fileStore.localTempDir, source, anywhere=host, links=host)
        self.library = TaskLibrary(task.effective_wdl_version, self.workspace)

    def run(self) -> dict[str, Packed]:
        """Run the task.

        :returns: its outputs, packed, by their names.
        :raises TaskFailed: if the command fails, or an output is not there.
        :raises EvaluationError: if an expression of the task cannot be evaluated.
        """
        self.workspace.begin_attempt()
        for name in self.declarations:
            self._value(name)
        attributes = self._attributes()
        if not self.settings.cache or is_volatile(self.task):
            return self._executed(attributes)
        return self._cached(attributes)

    def _cached(self, attributes: Mapping[str, Any]) -> dict[str, Packed]:
        """Take the outputs from the call cache, or run the command and put them there."""
        from toil_plugin_wdl.caching import CallCache, key_of, key_parts

        files = self.context.files
        cache = CallCache(self.settings.cache, files)
        inputs = {name: self._given(self.declarations[name], thunk) for name, thunk in self.given.items()}
        images = ", ".join(images_in(attributes)) if self.settings.container != "none" else ""
        parts = key_parts(self.task, self.path, inputs, images, files)
        key = key_of(parts)
        found = cache.found(key)
        if found is not None:
            self.job.fileStore.log_to_leader(f"The outputs of '{self.path}' are taken from the call cache.")
            return found
        reason = cache.why_not(parts)
        self.job.fileStore.log_to_leader(f"The task '{self.path}' runs, since {reason}.")
        outputs = self._executed(attributes)
        cache.add(key, outputs, parts)
        return outputs

    # Inputs and declarations

    def _value(self, name: str) -> Value.Base:
        """Return the value of a declaration, evaluated when it is first asked for."""
        if name not in self.values:
            self.values[name] = self._declared(self.declarations[name])
        return self.values[name]

    def _declared(self, decl: Tree.Decl) -> Value.Base:
        is_input = self.task.inputs is None or any(one is decl for one in self.task.inputs)
        thunk = self.given.get(decl.name)
        if thunk is not None:
            value = self._given(decl, thunk)
            if not isinstance(value, Value.Null) or decl.expr is None or decl.type.optional:
                return self._localized(decl, value)
        if decl.expr is None:
            return Value.Null()
        value = self._evaluated(decl.expr, decl.type, f"'{decl.name}' of the task '{self.path}'")
        return with_paths(value, lambda path: self._existing(path, decl, is_input)).coerce(decl.type)

    def _localized(self, decl: Tree.Decl, value: Value.Base) -> Value.Base:
        try:
            return with_paths(value, self.workspace.localized)
        except FileNotFoundError as error:
            raise TaskFailed(f"The input '{decl.name}' of the task '{self.path}' cannot be had: {error}.") from error

    def _given(self, decl: Tree.Decl, thunk: Thunk) -> Value.Base:
        try:
            return thunk.value(self.context, decl.type.copy(optional=True) if decl.expr is not None else decl.type)
        except EvaluationError:
            raise
        except Exception as error:
            reason = str(error) or type(error).__name__
            raise EvaluationError(
                f"The input '{decl.name}' of the task '{self.path}' is not usable: {reason}."
            ) from error

    def _existing(self, path: Value.File | Value.Directory, decl: Tree.Decl, is_input: bool) -> str | None:
        found = self.workspace.declared(path, is_input=is_input)
        if (
            is_input
            and decl.type.optional
            and "://" not in found
            and not os.path.exists(self.workspace.resolved(found))
        ):
            return None
        return found

    def _evaluated(self, expression: Any, wanted: Type.Base | None, what: str, **more: Value.Base) -> Value.Base:
        values = dict(more)
        for one in identifiers(expression):
            if one.name not in values:
                values[one.name] = self._value(one.name)
        return evaluate(expression, values, self.library, wanted, what)

    # The command

    def _executed(self, attributes: Mapping[str, Any]) -> dict[str, Packed]:
        retries = int(attributes.get("maxRetries", attributes.get("max_retries", 0)) or 0)
        while True:
            command = self._command(attributes)
            outcome = run_command(command, self.settings, self.job)
            if outcome.accepted(attributes.get("returnCodes", attributes.get("return_codes"))):
                return self._outputs(attributes, outcome)
            failure = self._failure(command, outcome)
            if self.workspace.attempts > retries:
                raise failure
            self.job.fileStore.log_to_leader(f"{failure.message} It is tried again.")
            self.workspace.begin_attempt()

    def _attributes(self) -> dict[str, Any]:
        """Return the attributes of the task's `runtime` or `requirements` section, as plain values."""
        found: dict[str, Any] = {}
        for name, expression in self.task.runtime.items():
            if name not in self.overrides:
                found[name] = self._evaluated(expression, None, f"'{name}' of the task '{self.path}'").json
        for name, thunk in self.overrides.items():
            found[name] = thunk.value(self.context, None).json
        return found

    def _command(self, attributes: Mapping[str, Any]) -> Command:
        information = self._information(attributes, None)
        text = self._evaluated(self.task.command, None, f"the command of the task '{self.path}'", **information).value
        variables = {
            name: str(self._value(name).coerce(Type.String()).value)
            for name, decl in self.declarations.items()
            if decl.decor.get("env") and not isinstance(self._value(name), Value.Null)
        }
        return Command(text, variables, images_in(attributes), self.workspace)

    def _information(self, attributes: Mapping[str, Any], status: int | None) -> dict[str, Value.Base]:
        """Return what the variable `task` stands for, for versions of the language that have it."""
        return task_information(self.task, self.path, self.job, attributes, self.workspace.attempts - 1, status)

    def _failure(self, command: Command, outcome: Outcome) -> TaskFailed:
        reason = f" ({outcome.reason})" if outcome.reason else ""
        explanation = ["Its command:", *(f"    {line}" for line in command.text.strip("\n").split("\n")[:_LINES])]
        tail = [line for line in _end_of(self.workspace.stderr) if line]
        if tail:
            explanation += ["The end of its standard error:", *(f"    {line}" for line in tail)]
        return TaskFailed(
            f"The task '{self.path}' failed: its command ended with the status {outcome.status}{reason}.", explanation
        )

    # Outputs

    def _outputs(self, attributes: Mapping[str, Any], outcome: Outcome) -> dict[str, Packed]:
        workspace = self.workspace
        self.library.command_has_ended(workspace.stdout, workspace.stderr, workspace.glob)
        information = self._information(attributes, outcome.status)
        outputs = {decl.name: decl for decl in self.task.outputs}
        self.declarations.update(outputs)
        for name in outputs:
            self.values.pop(name, None)
        for decl in self.task.outputs:
            self._output(decl, information)
        return {name: pack(self._delivered(decl)) for name, decl in outputs.items()}

    def _output(self, decl: Any, information: dict[str, Value.Base]) -> Value.Base:
        if decl.name in self.values:
            return self.values[decl.name]
        values = dict(information)
        for one in identifiers(decl.expr):
            if one.name not in values:
                other = one.referee if isinstance(one.referee, Tree.Decl) else None
                is_output = any(other is output for output in self.task.outputs)
                values[one.name] = self._output(other, information) if is_output else self._value(one.name)
        what = f"the output '{decl.name}' of the task '{self.path}'"
        value = evaluate(decl.expr, values, self.library, None, what)
        try:
            value = value.coerce(decl.type)
            self.values[decl.name] = self._present(decl, value)
        except (OutputMissing, TaskFailed, EvaluationError):
            raise
        except Exception as error:
            from toil_plugin_wdl.problems import explain_evaluation

            raise explain_evaluation(what, error, decl.expr) from error
        return self.values[decl.name]

    def _present(self, decl: Any, value: Value.Base) -> Value.Base:
        """Return an output's value with None for optional files that are not there."""
        if not any(True for _ in paths_in(value)):
            return value
        missing: list[str] = []

        def checked(path: Value.File | Value.Directory) -> str | None:
            if self.workspace.exists(path):
                return str(path.value)
            missing.append(str(path.value))
            return None

        found = with_paths(value, checked)
        if missing:
            try:
                return found.coerce(decl.type)
            except Exception as error:
                kind = "directory" if "Directory" in str(decl.type) else "file"
                place = pointed_at(decl.expr.pos, source_of(self.task))
                raise TaskFailed(
                    f"The task '{self.path}' did not write the {kind} '{missing[0]}' of its output '{decl.name}'.",
                    f"The output is declared at {place}".splitlines(),
                ) from error
        return found

    def _delivered(self, decl: Tree.Decl) -> Value.Base:
        try:
            return with_paths(self.values[decl.name], self.workspace.delivered)
        except OutputMissing as error:
            raise TaskFailed(f"The output '{decl.name}' of the task '{self.path}' cannot be kept: {error}.") from error


def _end_of(path: str) -> list[str]:
    return end_of(path, _TAIL).decode(errors="replace").strip("\n").split("\n")[-_LINES:]
