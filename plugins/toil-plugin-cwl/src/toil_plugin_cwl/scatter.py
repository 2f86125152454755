"""Scattering: which combinations of its inputs a step runs for, and the shape of what comes out; pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from toil_plugin_cwl.errors import LinkError


def scattered(
    inputs: Mapping[str, Any], names: Sequence[str], method: str, run: Callable[[dict[str, Any]], Any]
) -> list[Any]:
    """Call a function for each combination of a step's inputs.

    :param names: the inputs to scatter over, outermost first; each has to be an array.
    :param method: `dotproduct`, `flat_crossproduct` or `nested_crossproduct`.
    :param run: called with the inputs of one run, in order.
    :returns: what the calls returned; for a nested crossproduct, in lists of lists, as deep as there are names.
    :raises LinkError: if an input is not an array, or arrays that go together differ in length.
    """
    for name in names:
        if not isinstance(inputs[name], list):
            raise LinkError(name, f"it is to be scattered over, but is no array: {inputs[name]!r}")
    if method == "nested_crossproduct":
        return _nested(dict(inputs), names, run)
    if method == "flat_crossproduct":
        found: list[Any] = []
        _nested(dict(inputs), names, lambda one: found.append(run(one)))
        return found
    lengths = {name: len(inputs[name]) for name in names}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"'{name}' has {length}" for name, length in lengths.items())
        raise LinkError(names[0], f"arrays that are scattered over together must be of one length, but {told}")
    rows = zip(*(inputs[name] for name in names), strict=True)
    return [run({**inputs, **dict(zip(names, row, strict=True))}) for row in rows]


def _nested(inputs: dict[str, Any], names: Sequence[str], run: Callable[[dict[str, Any]], Any]) -> list[Any]:
    name, rest = names[0], names[1:]
    variants = ({**inputs, name: item} for item in inputs[name])
    return [_nested(one, rest, run) if rest else run(one) for one in variants]
