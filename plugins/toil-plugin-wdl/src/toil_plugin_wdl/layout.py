"""Laying a workflow out into jobs: all that can be told with the values that are there, at once.

Each task call becomes a job, with its inputs evaluated where that is possible and as thunks where they wait for other
calls; the job is a child of just the jobs that it waits for. Scatters over known arrays, conditionals with known
conditions and subworkflows are laid out on the spot. A section whose array or condition is pending becomes one job that
lays it out later; everything that needs something of it comes after all that it brings about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from WDL import Tree

from toil_plugin_wdl.analysis import (
    Body,
    Product,
    Reference,
    asked_products,
    outer_products,
    product_of,
    returned,
    waits_in,
)
from toil_plugin_wdl.evaluating import identifiers
from toil_plugin_wdl.problems import EvaluationError, pointed_at, source_of
from toil_plugin_wdl.requirements import needs_of
from toil_plugin_wdl.thunks import Computed, Defaulted, Known, Promised, Thunk, gathered, jobs_of
from toil_plugin_wdl.values import pack

if TYPE_CHECKING:
    from toil_core.api import Job
    from toil_plugin_wdl.contexts import Context

#: Inputs that were given from outside, by their names below a workflow or call, packed.
Given = Mapping[str, Any]


class Layout:
    """What one running job lays out.

    :param context: evaluates what can be evaluated.
    :param parent: the job that runs, under which comes what waits for nothing else.
    :param jobs: makes the jobs; the module that defines them.
    :param all_calls: whether the outputs of all calls of the outermost workflow are to be returned.
    """

    def __init__(self, context: Context, parent: Job, jobs: Any, all_calls: bool = False) -> None:
        self.context = context
        self.parent = parent
        self.jobs = jobs
        self.all_calls = all_calls
        self._bodies: dict[int, Body] = {}
        self._asked: dict[int, dict[str, set[Product]]] = {}
        self._wholes: dict[int, list[Any]] = {}
        self._inputs: dict[int, set[str]] = {}

    def attach(self, job: Job, after: Iterable[Job]) -> None:
        """Put a job into the graph, below those that it waits for."""
        waits = list(after)
        for one in waits or [self.parent]:
            one.addChild(job)

    def body(self, nodes: list[Any]) -> Body:
        """Return the analysis of a list of nodes."""
        if id(nodes) not in self._bodies:
            self._bodies[id(nodes)] = Body(nodes)
        return self._bodies[id(nodes)]

    def asked(self, workflow: Tree.Workflow) -> dict[str, set[Product]]:
        """Return which values of a workflow anything in it refers to."""
        if id(workflow) not in self._asked:
            all_calls = self.all_calls and workflow is self.context.program.target
            self._asked[id(workflow)] = asked_products(workflow, all_calls=all_calls)
        return self._asked[id(workflow)]

    def nodes(self, workflow: Tree.Workflow) -> list[Any]:
        """Return all nodes of a workflow that are not inside of a section; always the same list."""
        if id(workflow) not in self._wholes:
            self._wholes[id(workflow)] = [*(workflow.inputs or ()), *workflow.body, *(workflow.outputs or ())]
        return self._wholes[id(workflow)]

    def is_input(self, workflow: Tree.Workflow, node: Any) -> bool:
        """Return whether a declaration is an input of its workflow; before WDL 1.0 they were not kept apart."""
        if id(workflow) not in self._inputs:
            nodes = workflow.body if workflow.inputs is None else workflow.inputs
            self._inputs[id(workflow)] = {one.workflow_node_id for one in nodes if isinstance(one, Tree.Decl)}
        return node.workflow_node_id in self._inputs[id(workflow)]


class Scope:
    """The values of a workflow, or of one item of a section in it.

    :param layout: what is being laid out.
    :param workflow: the workflow.
    :param path: where the scope is, for people: the workflow's name, and the calls and items that lead to it.
    :param given: inputs that were given from outside.
    :param nodes: the nodes of the scope.
    :param outer: the scope that the section is in.
    :param after: jobs that all calls in it have to wait for.
    :param item: which items of scatters it is for, such as `[3]`.
    """

    def __init__(
        self,
        layout: Layout,
        workflow: Tree.Workflow,
        path: str,
        given: Given,
        nodes: list[Any],
        outer: Scope | None = None,
        after: tuple[Job, ...] = (),
        item: str = "",
    ) -> None:
        self.layout = layout
        self.workflow = workflow
        self.path = path
        self.given = given
        self.outer = outer
        self.after = after
        self.item = item
        self.values: dict[Product, Thunk] = {}
        #: The jobs of each node, for calls that come after it without needing a value of it.
        self.waits: dict[str, tuple[Job, ...]] = {}
        self._sections: dict[str, list[Scope]] = {}
        self._workflows: dict[str, Scope] = {}
        self._body = layout.body(nodes)
        self._begun: set[str] = set()
        self._done: set[str] = set()
        self._postponed: set[str] = set()

    # Looking up

    def value(self, product: Product, identifier: Any = None) -> Thunk:
        """Return a value, laying out what it comes from if that was not done.

        :param identifier: an identifier that refers to it, where it may be that of a section.
        """
        found = self.values.get(product)
        if found is None and identifier is not None:
            found = self._found(product, identifier.referee)
        if found is None:
            raise LookupError(f"{product} is not there")
        return found

    def _found(self, product: Product, referee: Any) -> Thunk | None:
        section = referee.section if isinstance(referee, Tree.Gather) else referee
        if section.workflow_node_id in self._body.by_id:
            self.lay_out(section)
            if product not in self.values and isinstance(referee, Tree.Gather):
                self.values[product] = self._gathered(referee, product)
            return self.values.get(product)
        if product in self.values:
            return self.values[product]
        return self.outer._lookup(product, referee) if self.outer is not None else None

    def _lookup(self, product: Product, referee: Any) -> Thunk | None:
        return self.values.get(product) or self._found(product, referee)

    def _gathered(self, gather: Any, product: Product) -> Thunk:
        inner = Product(gather.referee.workflow_node_id, product.output)
        scopes = self._sections[gather.section.workflow_node_id]
        found = [scope._lookup(inner, gather.referee) for scope in scopes]
        items = [one for one in found if one is not None]
        if isinstance(gather.section, Tree.Scatter):
            return gathered(items, self.layout.context)
        return items[0] if items else Known(None)

    def product(self, product: Product) -> Thunk:
        """Return a value of one of the nodes of the scope, as the rest of the workflow knows it."""
        for node in self._body.nodes:
            gathers = node.gathers.values() if isinstance(node, Tree.WorkflowSection) else ()
            for gather in gathers:
                if gather.workflow_node_id == product.node_id:
                    return self.value(product, Reference("", gather))
        return self.value(product)

    def names_in(self, expression: Any) -> dict[str, Thunk]:
        """Return the values of all names in an expression."""
        return {one.name: self.value(product_of(one), one) for one in identifiers(expression)}

    def _evaluated(self, node: Any, expression: Any, field: str = "") -> Thunk:
        names = self.names_in(expression)
        address = (self.layout.context.program.address(self.workflow), node.workflow_node_id, field)
        if any(thunk.pending for thunk in names.values()):
            return Computed(address, names)
        return Known(pack(self.layout.context.computed(address, names)))

    # Laying out

    def lay_out_all(self) -> None:
        """Lay out all nodes of the scope."""
        for node in self._body.order:
            self.lay_out(node)
        for scopes in list(self._sections.values()):
            for scope in scopes:
                scope.lay_out_all()

    def lay_out(self, node: Any) -> None:
        """Lay out one node, if that was not done."""
        if node.workflow_node_id in self._begun:
            return
        self._begun.add(node.workflow_node_id)
        if isinstance(node, Tree.Decl):
            self.values[Product(node.workflow_node_id)] = self._declared(node)
        elif isinstance(node, Tree.Call):
            self._call(node)
        elif isinstance(node, Tree.WorkflowSection):
            self._open(node)
        self._done.add(node.workflow_node_id)

    def _declared(self, node: Any) -> Thunk:
        given: Thunk | None = self.given.get(node.name) if self.layout.is_input(self.workflow, node) else None
        if given is None or (given.is_none and node.expr is not None and not node.type.optional):
            return Known(None) if node.expr is None else self._evaluated(node, node.expr)
        if given.pending and node.expr is not None and not node.type.optional:
            return Defaulted(given, self._evaluated(node, node.expr))
        return given

    def _open(self, node: Any) -> None:
        subject = self._evaluated(node, node.expr)
        if subject.pending:
            self._postpone(self._body.entangled(node))
            return
        value = subject.value(self.layout.context, None)
        section = node.workflow_node_id
        if isinstance(node, Tree.Scatter):
            scopes = []
            for number, item in enumerate(value.value):
                scope = self._inner(node, f"{self.item}[{number}]")
                scope.values[Product(section)] = Known(pack(item))
                scopes.append(scope)
        else:
            scopes = [self._inner(node, self.item)] if value.value else []
        self._sections[section] = scopes

    def _inner(self, section: Any, item: str) -> Scope:
        return Scope(self.layout, self.workflow, self.path, self.given, section.body, self, self.after, item)

    def _call(self, node: Any) -> None:
        inputs = {name: self._evaluated(node, expression, name) for name, expression in node.inputs.items()}
        begin = f"{node.name}."
        given = {name[len(begin) :]: value for name, value in self.given.items() if name.startswith(begin)}
        after = (*self.after, *(job for one in waits_in([node]) for job in self._waited_for(one)))
        if node.workflow_node_id in self._postponed:
            return
        path = f"{self.path}.{node.name}{self.item}"
        if isinstance(node.callee, Tree.Workflow):
            self._call_workflow(node, path, {**given, **inputs}, after)
            return
        values = {**given, **inputs}
        needs = needs_of(node.callee, values, self.layout.context)
        if needs is None:
            self._postpone([node])
            return
        address, tolerant = self.layout.context.program.address(node.callee), isinstance(node, Tree.CallTry)
        job = self.layout.jobs.TaskJob(address, path, values, needs, tolerant)
        self.layout.attach(job, dict.fromkeys((*jobs_of(values.values()), *after)))
        self.waits[node.workflow_node_id] = (job,)
        for binding in node.callee.effective_outputs:
            self.values[Product(node.workflow_node_id, binding.name)] = Promised(job, binding.name)

    def _call_workflow(self, node: Any, path: str, given: Given, after: tuple[Job, ...]) -> None:
        workflow = node.callee
        if isinstance(node, Tree.CallTry):
            reason = "Only calls of tasks can be tried; this is one of a workflow."
            raise EvaluationError(reason, pointed_at(node.pos, source_of(node)).splitlines())
        scope = whole(self.layout, workflow, path, given, after)
        scope.lay_out_all()
        self._workflows[node.workflow_node_id] = scope
        for name, thunk in scope.outputs().items():
            self.values[Product(node.workflow_node_id, name)] = thunk

    def _postpone(self, nodes: list[Any]) -> None:
        """Leave nodes to a job that lays them out when what they need from outside is there."""
        nodes = [node for node in nodes if node.workflow_node_id not in self._done]
        self._postponed.update(node.workflow_node_id for node in nodes)
        needed = {product: self.value(product, one) for product, one in outer_products(nodes).items()}
        after = (*self.after, *(job for one in waits_in(nodes) for job in self._waited_for(one)))
        ids = [node.workflow_node_id for node in nodes]
        asked = self.layout.asked(self.workflow)
        products = set().union(*(asked.get(one, set()) for one in ids))
        address = self.layout.context.program.address(self.workflow)
        where = (address, self.path, self.item)
        given = {name: value for name, value in self.given.items() if "." in name or name in ids}
        job = self.layout.jobs.SectionJob(where, ids, needed, given, sorted(products))
        self.layout.attach(job, dict.fromkeys((*jobs_of(needed.values()), *after)))
        done = job.encapsulate()
        for one in ids:
            self._begun.add(one)
            self.waits[one] = (done,)
        for product in products:
            self.values[product] = Promised(done, "/".join(product))

    def _waited_for(self, node_id: str) -> tuple[Job, ...]:
        """Return the jobs of a node that a call comes after."""
        scope: Scope | None = self
        while scope is not None:
            node = scope._body.by_id.get(node_id) or scope._section_of(node_id)
            if node is not None:
                scope.lay_out(node)
                return scope.jobs_of_node(node.workflow_node_id)
            scope = scope.outer
        return ()

    def _section_of(self, gather_id: str) -> Any:
        for node in self._body.nodes:
            if isinstance(node, Tree.WorkflowSection) and any(
                one.workflow_node_id == gather_id for one in node.gathers.values()
            ):
                return node
        return None

    def jobs_of_node(self, node_id: str) -> tuple[Job, ...]:
        """Return all jobs that were made for a node."""
        found = list(self.waits.get(node_id, ()))
        inner = self._workflows.get(node_id)
        for scope in (*self._sections.get(node_id, ()), *([inner] if inner is not None else [])):
            scope.lay_out_all()
            found += scope.all_jobs()
        return tuple(found)

    def all_jobs(self) -> tuple[Job, ...]:
        """Return all jobs that were made for the scope."""
        return tuple(
            dict.fromkeys(job for node in self._body.nodes for job in self.jobs_of_node(node.workflow_node_id))
        )

    def outputs(self, *, all_calls: bool = False) -> dict[str, Thunk]:
        """Return the outputs of the workflow that the scope is that of.

        :param all_calls: whether these include the outputs of all calls.
        """
        found: dict[str, Thunk] = {}
        for binding in returned(self.workflow, all_calls=all_calls):
            reference = Reference(binding.name, binding.info)
            product = Product(binding.info.workflow_node_id)
            found[binding.name] = (
                self.value(product)
                if isinstance(binding.info, Tree.Decl)
                else self.value(product_of(reference), reference)
            )
        return found


def whole(layout: Layout, workflow: Tree.Workflow, path: str, given: Given, after: tuple[Job, ...] = ()) -> Scope:
    """Return the scope of a whole workflow."""
    return Scope(layout, workflow, path, given, layout.nodes(workflow), after=after)
