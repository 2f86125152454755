"""The inputs of a run: read from a file, a URL or the command line, and held against what the document declares."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from WDL import Error, Tree, Type, Value

from toil_plugin_wdl.documents import Target
from toil_plugin_wdl.problems import InputError, nearest
from toil_plugin_wdl.requirements import OVERRIDES


class InputObject(NamedTuple):
    """Inputs as they were given.

    :ivar content: the JSON object.
    :ivar source: where it is from: a path or URL, empty if it was given on the command line.
    """

    content: Mapping[str, Any]
    source: str = ""


def read_inputs(given: str | None) -> InputObject:
    """Return the inputs that a command line names.

    :param given: the path or URL of a file in JSON, an object in JSON, or None for no inputs.
    :raises InputError: if that is none.
    """
    if given is None:
        return InputObject({})
    if given.lstrip().startswith("{"):
        return InputObject(_parsed(given, "the inputs on the command line"))
    return InputObject(_parsed(_text_at(given), f"the inputs in '{given}'"), given)


def _text_at(place: str) -> str:
    if "://" in place:
        from io import BytesIO

        from toil_core.api import AbstractJobStore

        content = BytesIO()
        AbstractJobStore.read_from_url(place, content)
        return content.getvalue().decode()
    try:
        with open(place, encoding="utf-8") as stream:
            return stream.read()
    except OSError as error:
        raise InputError(
            f"The inputs '{place}' cannot be read: {(error.strerror or str(error)).lower()}.",
            "Give the path or URL of a JSON file, or the JSON itself.",
        ) from error


def _parsed(text: str, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InputError(f"{what[0].upper()}{what[1:]} are not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise InputError(f"{what[0].upper()}{what[1:]} are not a JSON object.", 'Write {"workflow.input": value, ...}.')
    return found


def checked_inputs(target: Target, given: InputObject) -> dict[str, Value.Base]:
    """Return the values of inputs, by their names below the task or workflow.

    :raises InputError: if some are missing, not known or of the wrong type; it tells all of them.
    """
    available = {
        binding.name: binding.value
        for binding in target.available_inputs
        if not binding.name.rpartition(".")[2].startswith("_")
    }
    values: dict[str, Value.Base] = {}
    problems: list[str] = []
    begin = f"{target.name}."
    for key, content in given.content.items():
        if key.startswith("#"):
            continue
        name = key.removeprefix(begin)
        kind = _type_of(name, available, target)
        if kind is None:
            problems.append(_unknown(key, name, available, target))
            continue
        try:
            values[name] = Value.from_json(kind, content).coerce(kind)
        except (Error.RuntimeError, AssertionError, ValueError) as error:
            problems.append(f"{begin}{name} is to be of the type {kind}: {str(error).rstrip('.')}.")
    required = {binding.name: binding.value for binding in target.required_inputs}
    missing = [f"{begin}{name} ({decl.type}) is missing." for name, decl in required.items() if name not in values]
    # What was meant for a missing input, but misspelled or of another type, is told already.
    problems += [
        one for one in missing if not any(told.startswith(one.split(" ")[0] + " is to be") for told in problems)
    ]
    if problems:
        kind_of = "workflow" if isinstance(target, Tree.Workflow) else "task"
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise InputError(f"The inputs do not fit the {kind_of} '{target.name}':\n{lines}", _where(given))
    return values


def _where(given: InputObject) -> str:
    if given.source:
        return f"Correct them in '{given.source}'."
    return "Give them in a JSON file after the document." if not given.content else "Correct them on the command line."


def _type_of(name: str, available: Mapping[str, Tree.Decl], target: Target) -> Type.Base | None:
    decl = available.get(name)
    if decl is not None:
        kind: Type.Base = decl.type
        return kind.copy(optional=True) if decl.expr is not None else kind
    return Type.Any() if _is_override(name, target) else None


def _is_override(name: str, target: Target) -> bool:
    """Return whether a name is that of an attribute of a task's requirements, for one call."""
    parts = name.split(".")
    for at, part in enumerate(parts[:-1]):
        if f"{part}." in OVERRIDES and at == len(parts) - 2:
            return _task_at(parts[:at], target)
    return False


def _task_at(calls: list[str], target: Target) -> bool:
    found: Any = target
    for name in calls:
        if not isinstance(found, Tree.Workflow):
            return False
        found = next((call.callee for call in calls_in(found) if call.name == name), None)
    return isinstance(found, Tree.Task)


def calls_in(workflow: Tree.Workflow) -> list[Tree.Call]:
    """Return all calls of a workflow, also those within sections."""
    found: list[Tree.Call] = []
    to_do: list[Any] = list(workflow.body)
    while to_do:
        node = to_do.pop(0)
        if isinstance(node, Tree.Call):
            found.append(node)
        elif isinstance(node, Tree.WorkflowSection):
            to_do[:0] = node.body
    return found


def _unknown(key: str, name: str, available: Mapping[str, Tree.Decl], target: Target) -> str:
    near = nearest(name, available)
    if near:
        return f"{key} is not known; did you mean {target.name}.{near} ({available[near].type})?"
    return f"{key} is not known."


def directory_of(given: InputObject) -> str:
    """Return what relative paths among the inputs are relative to: the place of the file that they are in."""
    if not given.source:
        return os.path.join(os.getcwd(), "")
    return given.source if "://" in given.source else os.path.abspath(given.source)
