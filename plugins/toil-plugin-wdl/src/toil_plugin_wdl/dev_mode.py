"""`--dev_mode`: what Toil has understood of a document, in two files of the current directory."""

from __future__ import annotations

import json
from typing import Any

from WDL import Tree

from toil_plugin_wdl.documents import Program
from toil_plugin_wdl.inputs import calls_in


def write_descriptions(program: Program) -> None:
    """Write `AST.out`, the syntax tree, and `mappings.out`, the tasks and workflows with all that belongs to them."""
    with open("AST.out", "w", encoding="utf-8") as stream:
        stream.write("\n".join(_tree(program.document, 0)) + "\n")
    with open("mappings.out", "w", encoding="utf-8") as stream:
        json.dump(_mappings(program), stream, indent=4)
        stream.write("\n")


def _tree(node: Any, depth: int) -> list[str]:
    name = getattr(node, "name", None) or getattr(node, "workflow_node_id", None) or _text(node)
    lines = [f"{'  ' * depth}{type(node).__name__} {name} ({node.pos.line}:{node.pos.column})"]
    for child in node.children:
        if not isinstance(child, (Tree.Gather, Tree.StructTypeDef)):
            lines += _tree(child, depth + 1)
    return lines


def _text(node: Any) -> str:
    if isinstance(node, Tree.Document):
        return str(node.pos.uri)
    return json.dumps(str(node))


def _mappings(program: Program) -> dict[str, Any]:
    found: dict[str, Any] = {"tasks": {}, "workflows": {}, "structs": {}}
    for document in program.documents:
        for task in document.tasks:
            found["tasks"][f"{document.pos.uri}#{task.name}"] = {
                **_interface(task),
                "runtime": {name: str(expression) for name, expression in task.runtime.items()},
                "command": str(task.command),
            }
        if document.workflow is not None:
            calls = {
                one.name: {"callee": ".".join(one.callee_id), "inputs": {k: str(v) for k, v in one.inputs.items()}}
                for one in calls_in(document.workflow)
            }
            found["workflows"][f"{document.pos.uri}#{document.workflow.name}"] = {
                **_interface(document.workflow),
                "calls": calls,
            }
        for binding in document.struct_typedefs:
            members = {name: str(kind) for name, kind in binding.value.members.items()}
            found["structs"][f"{document.pos.uri}#{binding.name}"] = members
    return found


def _interface(target: Any) -> dict[str, Any]:
    inputs = {
        one.name: str(one.value) for one in target.available_inputs if not one.name.rpartition(".")[2].startswith("_")
    }
    return {"inputs": inputs, "outputs": {one.name: str(one.value) for one in target.effective_outputs}}
