"""Evaluating what a step says about its own inputs: `loadContents`, `valueFrom` and `when`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cwl_utils.expression import do_eval
from cwltool.builder import content_limit_respected_read
from cwltool.errors import WorkflowException
from cwltool.utils import get_listing

from toil_plugin_cwl.links import Link, short
from toil_plugin_cwl.store import files_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cwltool.context import RuntimeContext
    from cwltool.stdfsaccess import StdFsAccess
    from cwltool.workflow import WorkflowStep


class StepInputs:
    """The inputs of a step, from its links to what its process gets.

    :param step: the step.
    :param context: how expressions are evaluated.
    :param access: how files are looked at.
    """

    def __init__(self, step: WorkflowStep, context: RuntimeContext, access: StdFsAccess) -> None:
        self._step = step
        self._context = context
        self._access = access

    def gathered(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the links of the inputs amount to.

        :param values: by source, a value or an `Output`.
        """
        links = (Link.of(parameter, "source") for parameter in self._step.tool["inputs"])
        return {link.name: link.value(values) for link in links}

    def evaluated(self, inputs: dict[str, Any]) -> dict[str, Any] | None:
        """Return the inputs as the process gets them, or None if the step is not to run.

        :param inputs: what the links amount to; for one run of a scattered step, its share of that.
        :raises WorkflowException: if an expression fails, or `when` says neither yes nor no.
        """
        parameters = {short(one["id"]): one for one in self._step.tool["inputs"]}
        for name, parameter in parameters.items():
            if parameter.get("loadContents"):
                self._load_contents(inputs[name])
        changed = {
            name: self._value_from(parameters[name]["valueFrom"], value, inputs)
            if "valueFrom" in parameters.get(name, {})
            else value
            for name, value in inputs.items()
        }
        if "when" in self._step.tool and not self._wanted(changed):
            return None
        return {name: value for name, value in changed.items() if not parameters[name].get("not_connected")}

    def _load_contents(self, value: Any) -> None:
        for one in value if isinstance(value, list) else [value]:
            if one is not None and one.get("contents") is None:
                with self._access.open(one["location"], "rb") as stream:
                    one["contents"] = content_limit_respected_read(stream)

    def _value_from(self, expression: Any, value: Any, inputs: dict[str, Any]) -> Any:
        for one in files_in(value):
            if one["class"] == "Directory":
                get_listing(self._access, one, recursive=True)
        return self._eval(expression, inputs, value)

    def _wanted(self, inputs: dict[str, Any]) -> bool:
        answer = self._eval(self._step.tool["when"], inputs, None)
        if not isinstance(answer, bool):
            raise WorkflowException(f"'when' has to be true or false, but it is {answer!r}.")
        return answer

    def _eval(self, expression: Any, inputs: dict[str, Any], value: Any) -> Any:
        return do_eval(
            expression,
            inputs,
            self._step.requirements,
            None,
            None,
            {},
            context=value,
            debug=self._context.debug,
            js_console=self._context.js_console,
            timeout=self._context.eval_timeout,
            container_engine="podman" if self._context.podman else "docker",
        )
