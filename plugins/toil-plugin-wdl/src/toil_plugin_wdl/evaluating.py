"""Evaluating expressions: finding the names that one refers to, and giving it their values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from WDL import Env, Expr, StdLib, Type, Value

from toil_plugin_wdl.problems import explain_evaluation


@cache
def _identifiers(expression: _ByIdentity) -> tuple[Any, ...]:
    found: dict[str, Any] = {}
    to_do = [expression.node]
    while to_do:
        node = to_do.pop()
        if isinstance(node, Expr.Ident):
            found.setdefault(node.name, node)
        to_do += node.children
    return tuple(found.values())


class _ByIdentity:
    """A part of a syntax tree as a key: those compare by their position, which is slow."""

    __slots__ = ("node",)

    def __init__(self, node: Any) -> None:
        self.node = node

    def __hash__(self) -> int:
        return id(self.node)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and self.node is other.node


def identifiers(expression: Expr.Base | None) -> tuple[Expr.Ident, ...]:
    """Return what an expression refers to, each name once."""
    return _identifiers(_ByIdentity(expression)) if expression is not None else ()


def evaluate(
    expression: Expr.Base,
    values: Mapping[str, Value.Base],
    library: StdLib.Base,
    wanted: Type.Base | None,
    what: str,
) -> Value.Base:
    """Return the value of an expression.

    :param values: what its names stand for.
    :param wanted: the type to turn it into.
    :param what: what it is, for the error.
    :raises EvaluationError: if that fails.
    """
    environment: Env.Bindings[Value.Base] = Env.Bindings()
    for name, value in values.items():
        environment = environment.bind(name, value)
    try:
        value = expression.eval(environment, library)
        return value if wanted is None else value.coerce(wanted)
    except Exception as error:
        raise explain_evaluation(what, error, expression) from error
