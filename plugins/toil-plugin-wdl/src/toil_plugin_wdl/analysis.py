"""What can be told of a workflow before it runs: what its parts need of each other.

A body is a list of declarations, calls, scatters and conditionals in any order. Here is which of them have to be looked
at first, which values a part takes from outside, and which it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple

from WDL import Tree

from toil_plugin_wdl.evaluating import identifiers


class Product(NamedTuple):
    """A value of a workflow: that of a declaration or scatter variable, or an output of a call.

    :ivar node_id: the node that it is of.
    :ivar output: the output, if that is a call.
    """

    node_id: str
    output: str = ""


class Body:
    """A list of nodes, in the order in which they are best looked at.

    :param nodes: the nodes as they are written.
    """

    def __init__(self, nodes: Iterable[Any]) -> None:
        self.nodes = list(nodes)
        owner = {inner: node.workflow_node_id for node in self.nodes for inner in _ids_in(node)}
        needs = {node.workflow_node_id: _needs(node, owner) for node in self.nodes}
        self._needs = needs
        self.by_id = {node.workflow_node_id: node for node in self.nodes}
        try:
            self.order = [self.by_id[one] for one in TopologicalSorter(needs).static_order()]
        except CycleError:
            # Parts of two sections may need each other; whoever follows the order looks up what it lacks.
            self.order = self.nodes

    def entangled(self, node: Any) -> list[Any]:
        """Return a node with those others that both need something of it and are needed by it."""
        needed = self._reached(node.workflow_node_id)
        return [
            one
            for one in self.nodes
            if one is node
            or (one.workflow_node_id in needed and node.workflow_node_id in self._reached(one.workflow_node_id))
        ]

    def _reached(self, start: str) -> set[str]:
        reached: set[str] = set()
        to_do = [start]
        while to_do:
            for one in self._needs[to_do.pop()] - reached:
                reached.add(one)
                to_do.append(one)
        return reached


def _ids_in(node: Any) -> Iterator[str]:
    yield node.workflow_node_id
    if isinstance(node, Tree.WorkflowSection):
        for inner in (*node.body, *node.gathers.values()):
            yield from _ids_in(inner)


def _needs(node: Any, owner: dict[str, str]) -> set[str]:
    needed = {owner[one] for one in _dependencies(node) if one in owner}
    return needed - {node.workflow_node_id}


def _dependencies(node: Any) -> Iterator[str]:
    yield from node.workflow_node_dependencies
    if isinstance(node, Tree.WorkflowSection):
        for inner in node.body:
            yield from _dependencies(inner)


def expressions_in(node: Any) -> Iterator[tuple[str, Any]]:
    """Return the expressions of a node itself: each input of a call with its name, others without one."""
    if isinstance(node, Tree.Call):
        yield from node.inputs.items()
    elif node.expr is not None:
        yield "", node.expr


class Reference:
    """Stands in for an identifier that refers to a node.

    :param name: the name that it would have.
    """

    def __init__(self, name: str, referee: Any) -> None:
        self.name = name
        self.referee = referee


def product_of(identifier: Any) -> Product:
    """Return the value that an identifier refers to."""
    referee = identifier.referee
    final = referee.final_referee if isinstance(referee, Tree.Gather) else referee
    output = identifier.name[len(final.name) + 1 :] if isinstance(final, Tree.Call) else ""
    return Product(referee.workflow_node_id, output)


def outer_products(nodes: Iterable[Any]) -> dict[Product, Any]:
    """Return the values that nodes take from outside, each with an identifier that refers to it."""
    inside = {one for node in nodes for one in _ids_in(node)}
    found: dict[Product, Any] = {}
    for node in nodes:
        for identifier in _identifiers_in(node):
            if identifier.referee.workflow_node_id not in inside:
                found[product_of(identifier)] = identifier
    return found


def waits_in(nodes: Iterable[Any]) -> set[str]:
    """Return the IDs of nodes outside that calls among these are to come after, though they need no value of them."""
    inside = {one for node in nodes for one in _ids_in(node)}
    return {one for node in nodes for one in _waits(node) if one not in inside}


def _waits(node: Any) -> Iterator[str]:
    if isinstance(node, Tree.Call):
        named = {product_of(one).node_id for _, expression in node.inputs.items() for one in identifiers(expression)}
        yield from node.workflow_node_dependencies - named if node.after else ()
    elif isinstance(node, Tree.WorkflowSection):
        for inner in node.body:
            yield from _waits(inner)


def _identifiers_in(node: Any) -> Iterator[Any]:
    for _, expression in expressions_in(node):
        yield from identifiers(expression)
    if isinstance(node, Tree.WorkflowSection):
        for inner in node.body:
            yield from _identifiers_in(inner)


def returned(workflow: Tree.Workflow, *, all_calls: bool = False) -> list[Any]:
    """Return what a workflow returns, as bindings of names to types.

    :param all_calls: whether that is to include the outputs of all calls.
    """
    found = list(workflow.effective_outputs)
    if all_calls and workflow.outputs is not None:
        for node in workflow.body:
            if isinstance(node, (Tree.Call, Tree.WorkflowSection)):
                found += node.effective_outputs
    return found


def asked_products(workflow: Tree.Workflow, *, all_calls: bool = False) -> dict[str, set[Product]]:
    """Return, for each section and each node, by its ID, which of its values anything in the workflow refers to.

    :param all_calls: whether the outputs of all calls are returned.
    """
    found: dict[str, set[Product]] = {}
    for node in (*(workflow.inputs or ()), *workflow.body, *(workflow.outputs or ())):
        for identifier in _identifiers_in(node):
            _note(identifier.referee, product_of(identifier), found)
    for binding in returned(workflow, all_calls=all_calls):
        node = binding.info
        if not isinstance(node, Tree.Decl):
            _note(node, product_of(Reference(binding.name, node)), found)
    return found


def _note(node: Any, product: Product, found: dict[str, set[Product]]) -> None:
    """Note that a value is asked for, and so are those inside of sections that it is gathered from."""
    while isinstance(node, Tree.Gather):
        found.setdefault(node.section.workflow_node_id, set()).add(product)
        node = node.referee
        product = Product(node.workflow_node_id, product.output)
    if not isinstance(node, Tree.WorkflowSection):
        found.setdefault(node.workflow_node_id, set()).add(product)
