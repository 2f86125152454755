"""Where to put the nodes of a graph so that arrows lead from left to right and cross little: the layered layout of
Sugiyama, Tagawa and Toda (1981), in its simplest form. Pure functions on node names; units are rows and columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

#: How often layers are put in order again by their neighbours.
_SWEEPS = 4


class Layout(NamedTuple):
    """Where nodes are, and what edges pass on their way.

    :ivar places: the column, counted from 0, and the row of each node; rows may lie between two.
    :ivar routes: for each edge, the columns and rows from its source to its target.
    :ivar columns: how many columns there are.
    :ivar rows: how many rows the highest column has.
    """

    places: dict[str, tuple[int, float]]
    routes: dict[tuple[str, str], list[tuple[int, float]]]
    columns: int
    rows: int


def lay_out(
    nodes: Sequence[str], edges: Iterable[tuple[str, str]], follow_ons: Collection[tuple[str, str]] = ()
) -> Layout:
    """Return a layout. Edges that would close a circle are drawn against the direction of the others.

    :param nodes: the nodes, those that nothing leads to preferably first.
    :param edges: the pairs of nodes to connect; edges from a node to itself are left out.
    :param follow_ons: those edges whose target is to be to the right of all that its source leads to otherwise.
    """
    every = list(dict.fromkeys((source, target) for source, target in edges if source != target))
    if not nodes:
        return Layout({}, {}, 0, 0)
    forward = _without_circles(nodes, every)
    columns = _columns(nodes, _steps(nodes, forward, set(follow_ons)))
    layers, chains = _layers(nodes, columns, forward)
    _put_in_order(layers, chains.values())
    rows = max(map(len, layers))
    places = {
        node: (column, at + (rows - len(layer)) / 2)
        for column, layer in enumerate(layers)
        for at, node in enumerate(layer)
    }
    routes = {}
    for source, target in every:
        chain = chains.get((source, target)) or chains[target, source][::-1]
        routes[source, target] = [places[one] for one in chain]
    return Layout({node: places[node] for node in nodes}, routes, len(layers), rows)


def _without_circles(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the edges with those turned round that lead back to where a walk came from."""
    after: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        after[source].append(target)
    turned: dict[tuple[str, str], None] = {}
    on_path: set[str] = set()
    seen: set[str] = set()
    for start in nodes:
        if start in seen:
            continue
        seen.add(start)
        on_path.add(start)
        path = [(start, iter(after[start]))]
        while path:
            node, following = path[-1]
            target = next(following, "")
            if not target:
                path.pop()
                on_path.discard(node)
            elif target in on_path:
                turned[target, node] = None
            else:
                turned[node, target] = None
                if target not in seen:
                    seen.add(target)
                    on_path.add(target)
                    path.append((target, iter(after[target])))
    return list(turned)


def _steps(
    nodes: Sequence[str], edges: Sequence[tuple[str, str]], follow_ons: set[tuple[str, str]]
) -> list[tuple[str, str, int]]:
    """Return which node has to be how many columns to the right of which other one.

    For follow-ons, each node gets two that are not drawn: where its children are over, and where all beneath it is.
    """
    steps = [(source, target, 1) for source, target in edges]
    if not follow_ons:
        return steps
    for node in nodes:
        steps += [(node, f"\0children of {node}", 0), (f"\0children of {node}", f"\0all of {node}", 0)]
    for source, target in edges:
        if (source, target) in follow_ons:
            steps += [(f"\0children of {source}", target, 1), (f"\0all of {target}", f"\0all of {source}", 0)]
        else:
            steps.append((f"\0all of {target}", f"\0children of {source}", 0))
    return steps


def _columns(nodes: Sequence[str], steps: Sequence[tuple[str, str, int]]) -> dict[str, int]:
    """Return for each node the number of steps on the longest way to it."""
    after: dict[str, list[tuple[str, int]]] = defaultdict(list)
    before = dict.fromkeys(nodes, 0)
    for source, target, distance in steps:
        after[source].append((target, distance))
        before.setdefault(source, 0)
        before[target] = before.get(target, 0) + 1
    columns = dict.fromkeys(before, 0)
    free = [node for node in before if not before[node]]
    for node in free:
        for target, distance in after[node]:
            columns[target] = max(columns[target], columns[node] + distance)
            before[target] -= 1
            if not before[target]:
                free.append(target)
    return {node: columns[node] for node in nodes}


def _layers(
    nodes: Sequence[str], columns: Mapping[str, int], edges: Sequence[tuple[str, str]]
) -> tuple[list[list[str]], dict[tuple[str, str], list[str]]]:
    """Return the nodes by column, with a place kept free in each column that an edge passes."""
    layers: list[list[str]] = [[] for _ in range(max(columns.values()) + 1)]
    for node in nodes:
        layers[columns[node]].append(node)
    chains = {}
    for number, (source, target) in enumerate(edges):
        between = [f"\0{number}:{column}" for column in range(columns[source] + 1, columns[target])]
        for column, one in enumerate(between, start=columns[source] + 1):
            layers[column].append(one)
        chains[source, target] = [source, *between, target]
    return layers, chains


def _put_in_order(layers: list[list[str]], chains: Iterable[list[str]]) -> None:
    """Sort each layer by where the neighbours of its nodes are, from left to right and back."""
    left: dict[str, list[str]] = defaultdict(list)
    right: dict[str, list[str]] = defaultdict(list)
    for chain in chains:
        for one, following in pairwise(chain):
            left[following].append(one)
            right[one].append(following)
    position = {node: float(at) for layer in layers for at, node in enumerate(layer)}
    for sweep in range(_SWEEPS):
        neighbours, order = (left, layers) if sweep % 2 == 0 else (right, layers[::-1])
        for layer in order:
            wanted = {node: _mean([position[one] for one in neighbours[node]], position[node]) for node in layer}
            layer.sort(key=wanted.__getitem__)
            position.update((node, float(at)) for at, node in enumerate(layer))


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
