"""A workflow's graph written down: for Graphviz, for Mermaid, and as an SVG image that needs neither."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from itertools import pairwise

from toil_core.inspection.graph import CHILD, FOLLOW_ON, SERVICE, Graph, GraphEdge, GraphNode
from toil_core.inspection.graph_layout import Layout, lay_out
from toil_core.inspection.view import State
from toil_core.observe.text import one_line

#: Fill and stroke for each state, told apart also by people who see red and green alike.
COLOURS = {
    State.WAITING: ("#e5e7eb", "#6b7280"),
    State.READY: ("#dbeafe", "#2563eb"),
    State.FAILED: ("#fee2e2", "#b91c1c"),
    State.RAN: ("#ccfbf1", "#0d9488"),
    State.DONE: ("#dcfce7", "#15803d"),
}
#: So that a state shows without colours too.
MARKS = {State.WAITING: "○", State.READY: "▷", State.FAILED: "✕", State.RAN: "◐", State.DONE: "✓"}

#: What comes before a number of jobs.
_TIMES = "\N{MULTIPLICATION SIGN}"

# Sizes in an SVG image, in pixels.
_NODE_HEIGHT, _ROW, _GAP, _MARGIN, _LETTER = 34, 46, 70, 16, 7.1


def to_dot(graph: Graph) -> str:
    """Return the graph in Graphviz's language."""
    lines = [
        "digraph workflow {",
        "  rankdir=LR;",
        '  node [shape=box, style="rounded,filled", fontname="sans-serif"];',
    ]
    for node in graph.nodes:
        fill, stroke = COLOURS[node.state]
        label = _dot_quoted(_title(node))
        lines.append(f'  {_dot_quoted(node.id)} [label={label}, fillcolor="{fill}", color="{stroke}"];')
    styles = {CHILD: "", FOLLOW_ON: "style=dashed", SERVICE: "style=dotted, arrowhead=odot"}
    for edge in graph.edges:
        attributes = ", ".join(filter(None, [styles[edge.kind], f'label="{edge.pairs}"' if edge.pairs > 1 else ""]))
        lines.append(f"  {_dot_quoted(edge.source)} -> {_dot_quoted(edge.target)} [{attributes}];")
    return "\n".join([*lines, "}", ""])


def to_mermaid(graph: Graph) -> str:
    """Return the graph in Mermaid's language."""
    names = {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    for node in graph.nodes:
        lines.append(f'  {names[node.id]}("{_mermaid_escaped(_title(node))}"):::{node.state.value}')
    arrows = {CHILD: "-->", FOLLOW_ON: "-.->", SERVICE: "--o"}
    for edge in graph.edges:
        count = f"|{edge.pairs}|" if edge.pairs > 1 else ""
        lines.append(f"  {names[edge.source]} {arrows[edge.kind]}{count} {names[edge.target]}")
    for state, (fill, stroke) in COLOURS.items():
        lines.append(f"  classDef {state.value} fill:{fill},stroke:{stroke},color:#111827")
    return "\n".join([*lines, ""])


def to_svg(graph: Graph) -> str:
    """Return the graph as an SVG image, which takes on the colours of a page that sets `--ink` and `--paper`."""
    edges = [edge for edge in graph.edges if edge.source != edge.target]
    # Kinds of jobs may come after each other in circles, jobs may not.
    last = [(edge.source, edge.target) for edge in edges if edge.kind == FOLLOW_ON and not graph.by_kind]
    layout = lay_out([node.id for node in graph.nodes], [(edge.source, edge.target) for edge in edges], last)
    canvas = _Canvas(graph, layout)
    width, height = canvas.width, canvas.height
    body = [canvas.edge(edge) for edge in edges] + [canvas.node(node) for node in graph.nodes] + list(canvas.legend())
    summary = escape(f"Graph of {graph.jobs:,} jobs{' by kind' if graph.by_kind else ''}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-label="{summary}" class="graph" font-family="system-ui, sans-serif" '
        f'font-size="12">\n<title>{summary}</title>\n'
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0.8 7 4 0 7.2z" fill="#6b7280"/></marker></defs>\n' + "\n".join(body) + "\n</svg>\n"
    )


#: How to write a graph in each format.
WRITERS: dict[str, Callable[[Graph], str]] = {"dot": to_dot, "mermaid": to_mermaid, "svg": to_svg}


class _Canvas:
    """Turns columns and rows into pixels."""

    def __init__(self, graph: Graph, layout: Layout) -> None:
        self._layout = layout
        self._loops = {edge.source for edge in graph.edges if edge.source == edge.target}
        self._widths = {node.id: self._width_of(node) for node in graph.nodes}
        columns = [0.0] * layout.columns
        for node, (column, _) in layout.places.items():
            columns[column] = max(columns[column], self._widths[node])
        self._lefts = [_MARGIN + sum(columns[:at]) + _GAP * at for at in range(layout.columns)]
        self._columns = columns
        self._graph = graph
        self._legend_top = _MARGIN + layout.rows * _ROW + 14
        self.width = max(_MARGIN * 2 + sum(columns) + _GAP * max(0, layout.columns - 1), 560.0)
        self.height = self._legend_top + 30.0

    def _width_of(self, node: GraphNode) -> float:
        return 26 + _LETTER * len(self._text(node))

    def _text(self, node: GraphNode) -> str:
        count = f" {_TIMES}{node.jobs:,}" if node.jobs > 1 else ""
        return f"{MARKS[node.state]} {node.label}{count}{' ↻' if node.id in self._loops else ''}"

    def _top(self, row: float) -> float:
        return _MARGIN + row * _ROW + (_ROW - _NODE_HEIGHT) / 2

    def node(self, node: GraphNode) -> str:
        """Return a box with the node's name, and a bar that shows how many of its jobs are in which state."""
        column, row = self._layout.places[node.id]
        fill, stroke = COLOURS[node.state]
        left, top, width = self._lefts[column], self._top(row), self._widths[node.id]
        bar = "".join(self._bar(node, left, top + _NODE_HEIGHT - 6, width)) if node.jobs > 1 else ""
        identity = f"{node.label} ({node.id})" if node.jobs == 1 and not self._graph.by_kind else node.label
        return (
            f'<g class="node {node.state.value}"><title>{escape(f"{identity}: {node.describe()}")}</title>'
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{_NODE_HEIGHT}" rx="7" fill="{fill}" '
            f'stroke="{stroke}" stroke-width="1.3"/>{bar}'
            f'<text x="{left + 12:.1f}" y="{top + (19 if bar else 21):.1f}" fill="#111827">'
            f"{escape(self._text(node))}</text></g>"
        )

    @staticmethod
    def _bar(node: GraphNode, left: float, top: float, width: float) -> Iterator[str]:
        at, whole = left + 8, width - 16
        for state in State:
            share = whole * node.states[state] / node.jobs
            if share:
                colour = COLOURS[state][1]
                yield f'<rect x="{at:.1f}" y="{top:.1f}" width="{share:.1f}" height="3" fill="{colour}"/>'
                at += share

    def edge(self, edge: GraphEdge) -> str:
        """Return a curve through the places that the layout keeps free for it."""
        route = self._layout.routes[edge.source, edge.target]
        backwards = route[0][0] > route[-1][0]
        middles = [self._top(row) + _NODE_HEIGHT / 2 for _, row in route]
        start = self._lefts[route[0][0]] + (0 if backwards else self._widths[edge.source])
        end = self._lefts[route[-1][0]] + (self._widths[edge.target] if backwards else 0)
        points = [(start, middles[0])]
        for (column, _), middle in zip(route[1:-1], middles[1:-1], strict=True):
            span = (self._lefts[column], self._lefts[column] + self._columns[column])
            points += [(at, middle) for at in (span[::-1] if backwards else span)]
        points.append((end, middles[-1]))
        path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
        for (x, y), (to_x, to_y) in pairwise(points):
            bend = (to_x - x) / 2
            path += f"C{x + bend:.1f} {y:.1f} {to_x - bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
        dash = {CHILD: "", FOLLOW_ON: ' stroke-dasharray="6 4"', SERVICE: ' stroke-dasharray="2 3"'}[edge.kind]
        head = "" if edge.kind == SERVICE else ' marker-end="url(#arrow)"'
        title = f"{edge.kind}{f' {_TIMES}{edge.pairs:,}' if edge.pairs > 1 else ''}"
        return f'<path class="edge" d="{path}" fill="none" stroke="#6b7280"{dash}{head}><title>{title}</title></path>'

    def legend(self) -> Iterator[str]:
        """Yield what the colours and the lines mean, of those that occur."""
        at, top = float(_MARGIN), self._legend_top
        for state in State:
            if any(node.states[state] for node in self._graph.nodes):
                fill, stroke = COLOURS[state]
                yield (
                    f'<rect x="{at:.1f}" y="{top}" width="16" height="12" rx="3" fill="{fill}" stroke="{stroke}"/>'
                    f'<text x="{at + 22:.1f}" y="{top + 10}" fill="var(--ink, #4b5563)">'
                    f"{MARKS[state]} {state.value}</text>"
                )
                at += 46 + _LETTER * (len(state.value) + 2)
        for kind, dash in ((FOLLOW_ON, "6 4"), (SERVICE, "2 3")):
            if any(edge.kind == kind for edge in self._graph.edges):
                yield (
                    f'<path d="M{at:.1f} {top + 6}h26" stroke="#6b7280" stroke-dasharray="{dash}"/>'
                    f'<text x="{at + 32:.1f}" y="{top + 10}" fill="var(--ink, #4b5563)">{kind}</text>'
                )
                at += 56 + _LETTER * len(kind)


def _title(node: GraphNode) -> str:
    return f"{node.label} {_TIMES}{node.jobs:,}" if node.jobs > 1 else node.label


def _dot_quoted(text: str) -> str:
    return '"' + one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _mermaid_escaped(text: str) -> str:
    """Return text as entity codes where Mermaid, or the page that shows it, would take a character for its own."""
    return "".join(letter if letter.isalnum() or letter in f" ._-{_TIMES}," else f"#{ord(letter)};" for letter in text)
