"""Workflows as graphs: in what is written down, and in where things are drawn."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.understanding.conftest import Run
from toil_core.inspection.graph import CHILD, Graph, GraphEdge, GraphNode, workflow_graph
from toil_core.inspection.graph_formats import to_dot, to_mermaid, to_svg
from toil_core.inspection.graph_layout import lay_out
from toil_core.inspection.view import State, WorkflowView
from toil_core.observe.text import one_line

SVG = "{http://www.w3.org/2000/svg}"


def boxes(svg: str) -> list[ET.Element]:
    """Return the elements that are nodes."""
    return [one for one in ET.fromstring(svg).iter(f"{SVG}g") if "node" in one.get("class", "")]


@pytest.mark.parametrize("suffix", ["svg", "dot", "gv", "mmd"])
def test_the_name_of_the_file_says_the_format(failed_run: Run, suffix: str) -> None:
    result = failed_run.toil("graph", failed_run.locator, "-o", f"graph.{suffix}")
    assert result.returncode == 0 and not result.stderr
    text = (failed_run.directory / f"graph.{suffix}").read_text()
    assert text.startswith({"svg": "<svg ", "mmd": "flowchart "}.get(suffix, "digraph "))


def test_a_graph_goes_to_standard_output_as_dot(failed_run: Run) -> None:
    result = failed_run.toil("graph", failed_run.locator)
    assert result.stdout == to_dot(workflow_graph(failed_run.view()))


def test_every_job_and_every_arrow_is_drawn_in_the_colour_of_its_state(failed_run: Run) -> None:
    drawn = boxes(to_svg(workflow_graph(failed_run.view())))
    assert Counter(one.get("class") for one in drawn) == {
        "node failed": 2,
        "node ran": 3,
        "node done": 4,
        "node waiting": 1,
    }
    assert to_svg(workflow_graph(failed_run.view())).count('class="edge"') == 9


def test_by_kind_there_is_one_node_with_a_count_for_each_kind(failed_run: Run) -> None:
    graph = workflow_graph(failed_run.view(), by_kind=True)
    assert {node.label: node.jobs for node in graph.nodes} == {
        "split": 1,
        "work": 4,
        "check <b>it</b>": 4,
        "merge": 1,
    }
    assert {(edge.source, edge.target): edge.pairs for edge in graph.edges}["split", "work"] == 4
    assert next(node for node in graph.nodes if node.label == "work").describe() == "4 jobs: 2 ran, 2 done"


def test_more_than_some_hundred_jobs_are_drawn_by_kind(large: Callable[[int], WorkflowView]) -> None:
    graph = workflow_graph(large(1000))
    assert graph.by_kind and len(graph.nodes) == 4 and graph.jobs == 1000
    assert not workflow_graph(large(1000), by_kind=False).by_kind


def test_that_jobs_are_drawn_by_kind_is_said(run: Callable[[str], Run]) -> None:
    script = (
        "from toil.common import Toil\nfrom toil.job import Job\ndef f(): pass\n"
        "if __name__ == '__main__':\n"
        "    options = Job.Runner.getDefaultArgumentParser().parse_args()\n"
        "    root = Job.wrapFn(f)\n"
        "    for number in range(301):\n"
        "        root.addChild(Job(displayName='leaf'))\n"
        "    with Toil(options) as toil:\n"
        "        toil.start(root)\n"
    )
    workflow = run(script)
    assert workflow.run().returncode == 0
    result = workflow.toil("graph", workflow.locator)
    assert "302 jobs, so they are drawn by kind" in result.stderr
    assert result.stdout.count("[label=") == 2 + 1


@pytest.mark.parametrize(
    "name", ['say "hi"', "back\\slash", "a & <b> --> c", "ünïcödé 名前", "];end", "\x1b[31mred\x07"]
)
def test_no_name_breaks_a_format(name: str) -> None:
    nodes = [GraphNode(one, one_line(one), Counter({State.READY: 1})) for one in (name, "other")]
    graph = Graph(nodes, [GraphEdge(name, "other", CHILD)], by_kind=True)
    drawn = boxes(to_svg(graph))
    assert any(one_line(name) in "".join(one.itertext()) for one in drawn)
    dot = to_dot(graph)
    assert len(dot.splitlines()) == 7 and all(letter == "\n" or letter.isprintable() for letter in dot)
    mermaid = to_mermaid(graph).splitlines()
    assert mermaid[1].count('"') == 2 and mermaid[3] == "  n0 --> n1"


def test_jobs_that_come_back_to_their_own_kind_are_marked() -> None:
    node = GraphNode("sort", "sort", Counter({State.DONE: 7}))
    svg = to_svg(Graph([node], [GraphEdge("sort", "sort", CHILD, 6)], by_kind=True))
    assert "↻" in svg and 'class="edge"' not in svg


def test_an_empty_workflow_is_an_empty_drawing() -> None:
    graph = Graph([], [], by_kind=False)
    assert boxes(to_svg(graph)) == []
    assert to_dot(graph).startswith("digraph") and to_mermaid(graph).startswith("flowchart")


@pytest.mark.parametrize("seed", range(20))
def test_arrows_lead_right_and_nodes_never_lie_on_each_other(seed: int) -> None:
    chance = random.Random(seed)
    nodes = [f"n{number}" for number in range(chance.randint(1, 60))]
    edges = [
        (nodes[first], nodes[second])
        for first in range(len(nodes))
        for second in range(first + 1, len(nodes))
        if chance.random() < 0.08
    ]
    layout = lay_out(nodes, edges)
    assert set(layout.places) == set(nodes)
    assert len(set(layout.places.values())) == len(nodes)
    assert all(layout.places[source][0] < layout.places[target][0] for source, target in edges)
    assert set(layout.routes) == set(edges)
    assert all(0 <= row <= layout.rows and column < layout.columns for column, row in layout.places.values())


def test_a_follow_on_is_to_the_right_of_all_that_it_waits_for() -> None:
    edges = [("root", "child"), ("child", "grandchild"), ("grandchild", "its follow-on"), ("root", "follow-on")]
    nodes = ["root", "child", "grandchild", "its follow-on", "follow-on"]
    layout = lay_out(nodes, edges, [("grandchild", "its follow-on"), ("root", "follow-on")])
    assert {node: column for node, (column, _) in layout.places.items()} == dict(zip(nodes, range(5), strict=True))


def test_circles_are_laid_out_too() -> None:
    layout = lay_out(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a"), ("b", "a")])
    assert layout.places["a"][0] < layout.places["b"][0] < layout.places["c"][0]
    assert layout.routes["c", "a"][0] == layout.places["c"] and layout.routes["c", "a"][-1] == layout.places["a"]


def test_a_chain_of_thousands_of_jobs_is_laid_out() -> None:
    nodes = [str(number) for number in range(5000)]
    layout = lay_out(nodes, list(pairwise(nodes)))
    assert layout.columns == 5000 and layout.rows == 1


def test_a_file_that_cannot_be_written_is_named(failed_run: Run) -> None:
    result = failed_run.toil("graph", failed_run.locator, "-o", "nowhere/graph.svg")
    assert result.returncode == 2
    assert result.stderr.startswith("toil: error: 'nowhere/graph.svg' cannot be written: No such file or directory.")
