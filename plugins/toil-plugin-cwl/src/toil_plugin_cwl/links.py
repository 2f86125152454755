"""How a value gets from its sources to an input or output: merging, picking and defaults; pure functions of values.

What steps return is kept apart from these rules: `Output` names a part of what a step will return, and whoever needs
the value takes it out when the step is done. Workflows and scattered steps return objects that answer for each of
their outputs, so that nothing has to run merely to gather values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from toil_plugin_cwl.errors import LinkError


def short(identifier: str) -> str:
    """Return the last part of an identifier: the name of an input, output or step."""
    return identifier.rpartition("#")[2].rpartition("/")[2]


class Output(NamedTuple):
    """One output of a step.

    :param returned: what the step's job returns, or a promise of it.
    :param name: the output's short name.
    """

    returned: Any
    name: str

    def value(self) -> Any:
        """Return the value, once the promise has been kept."""
        return self.returned[self.name]


class Link(NamedTuple):
    """Where the value of an input or output comes from.

    :param name: its short name.
    :param sources: identifiers of workflow inputs and step outputs.
    :param merge: how several sources become one value: `merge_nested`, `merge_flattened`, or empty to take the one.
    :param pick: which of the values to keep: `first_non_null`, `the_only_non_null`, `all_non_null`, or empty for all.
    :param default: what stands in for null.
    """

    name: str
    sources: tuple[str, ...] = ()
    merge: str = ""
    pick: str = ""
    default: Any = None

    @classmethod
    def of(cls, parameter: Mapping[str, Any], field: str) -> Link:
        """Return the link that a step's input (`source`) or a workflow's output (`outputSource`) describes.

        :param field: the name of the field that lists the sources.
        """
        sources = parameter.get(field, [])
        sources = (sources,) if isinstance(sources, str) else tuple(str(one) for one in sources)
        merge = parameter.get("linkMerge") or ("merge_nested" if len(sources) > 1 else "")
        pick = parameter.get("pickValue") or ""
        return cls(short(parameter["id"]), sources, str(merge), str(pick), parameter.get("default"))

    def value(self, values: Mapping[str, Any]) -> Any:
        """Return the value that the sources amount to.

        :param values: by source, a value or an `Output`.
        :raises LinkError: if they cannot be combined as the document says.
        """
        found = [_taken(values[source]) for source in self.sources]
        if not self.merge:
            value = found[0] if found else None
        elif self.merge == "merge_flattened":
            value = [item for one in found for item in (one if isinstance(one, list) else [one])]
        else:
            value = found
        if self.pick and isinstance(value, list):
            value = self._picked(value)
        return self.default if value is None else value

    def _picked(self, values: list[Any]) -> Any:
        present = [one for one in values if one is not None]
        if self.pick == "all_non_null":
            return present
        if not present:
            raise LinkError(self.name, f"all its sources are null, but {self.pick} wants one")
        if self.pick == "the_only_non_null" and len(present) > 1:
            raise LinkError(self.name, f"{len(present)} of its sources are not null, but the_only_non_null wants one")
        return present[0]


def _taken(value: Any) -> Any:
    return value.value() if isinstance(value, Output) else value


class WorkflowOutputs:
    """What a workflow returns: its outputs, put together when they are asked for.

    :param links: one for each output.
    :param values: the values of the sources, or promises of them.
    """

    def __init__(self, links: Iterable[Link], values: Mapping[str, Any]) -> None:
        self._links = {link.name: link for link in links}
        self._values = {source: values[source] for link in self._links.values() for source in link.sources}

    def __getitem__(self, name: str) -> Any:
        return self._links[name].value(self._values)

    def all(self) -> dict[str, Any]:
        """Return all outputs by name."""
        return {name: self[name] for name in self._links}


class ScatteredOutputs:
    """What a scattered step returns: for each output an array, nested as the step was scattered.

    :param names: the names of the outputs.
    :param rows: what the single runs return, or promises of that, in nested lists.
    """

    def __init__(self, names: Iterable[str], rows: list[Any]) -> None:
        self._names = tuple(names)
        self._rows = rows

    def __getitem__(self, name: str) -> Any:
        return _column(self._rows, name)

    def all(self) -> dict[str, Any]:
        """Return all outputs by name."""
        return {name: self[name] for name in self._names}


def _column(rows: Any, name: str) -> Any:
    return [_column(row, name) for row in rows] if isinstance(rows, list) else rows[name]


def all_outputs(returned: Any) -> dict[str, Any]:
    """Return the outputs, by name, in what any step or process has returned."""
    return dict(returned) if isinstance(returned, dict) else returned.all()
