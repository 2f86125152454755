"""How values get from sources to inputs and outputs, and which runs a scattered step has."""

from __future__ import annotations

from typing import Any

import pytest
from toil_plugin_cwl import locations
from toil_plugin_cwl.errors import LinkError
from toil_plugin_cwl.links import Link, Output, ScatteredOutputs, WorkflowOutputs
from toil_plugin_cwl.scatter import scattered

VALUES = {"a": 1, "b": None, "c": [2, None], "s": Output({"out": 3}, "out")}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ({"source": "a"}, 1),
        ({"source": "s"}, 3),
        ({"source": ["a"]}, 1),
        ({"source": ["a"], "linkMerge": "merge_nested"}, [1]),
        ({"source": ["a", "c"]}, [1, [2, None]]),
        ({"source": ["a", "c"], "linkMerge": "merge_flattened"}, [1, 2, None]),
        ({"source": "b", "default": 7}, 7),
        ({"default": 7}, 7),
        ({}, None),
        ({"source": ["b", "a"], "pickValue": "first_non_null"}, 1),
        ({"source": ["b", "a"], "pickValue": "the_only_non_null"}, 1),
        ({"source": ["b", "a", "s"], "pickValue": "all_non_null"}, [1, 3]),
        ({"source": "c", "pickValue": "all_non_null"}, [2]),
        ({"source": ["a", "c"], "linkMerge": "merge_flattened", "pickValue": "all_non_null"}, [1, 2]),
    ],
)
def test_sources_amount_to_a_value(parameter: dict[str, Any], value: Any) -> None:
    assert Link.of({"id": "x.cwl#step/input", **parameter}, "source").value(VALUES) == value


@pytest.mark.parametrize(
    ("sources", "pick", "reason"),
    [(["a", "s"], "the_only_non_null", "2 of its sources"), (["b"], "first_non_null", "all its sources are null")],
)
def test_values_that_cannot_be_picked_are_told(sources: list[str], pick: str, reason: str) -> None:
    parameter = {"id": "#input", "source": sources, "linkMerge": "merge_nested", "pickValue": pick}
    with pytest.raises(LinkError, match=f"'input'.*{reason}"):
        Link.of(parameter, "source").value(VALUES)


def test_outputs_are_put_together_when_they_are_asked_for() -> None:
    rows = ScatteredOutputs(["out"], [[{"out": 1}], [{"out": 2}, {"out": 3}]])
    assert rows["out"] == [[1], [2, 3]]
    outputs = WorkflowOutputs([Link("y", ("a", "r"), "merge_nested")], {"a": 1, "r": Output(rows, "out"), "unused": 0})
    assert outputs.all() == {"y": [1, [[1], [2, 3]]]}


def test_what_is_scattered_has_to_be_arrays_of_one_length() -> None:
    with pytest.raises(LinkError, match="no array"):
        scattered({"x": 1}, ["x"], "dotproduct", dict)
    with pytest.raises(LinkError, match="'x' has 2, 'y' has 1"):
        scattered({"x": [1, 2], "y": [3]}, ["x", "y"], "dotproduct", dict)


def test_a_nested_crossproduct_over_something_and_nothing_keeps_its_shape() -> None:
    assert scattered({"x": [1, 2], "y": []}, ["x", "y"], "nested_crossproduct", dict) == [[], []]
    assert scattered({"x": [1, 2], "y": []}, ["x", "y"], "flat_crossproduct", dict) == []


def test_what_is_in_a_stored_directory_is_found_by_path() -> None:
    location = locations.directory_location({"a b.txt": "5:0:files/x", "deep": {"#.txt": "6:1:files/y"}})
    inside = locations.entry_location(locations.entry_location(location, "deep"), "#.txt")
    found = locations.found(inside)
    assert str(found) == "files/y"
    assert locations.found(locations.entry_location(location, "deep")) == {"#.txt": "6:1:files/y"}
    with pytest.raises(FileNotFoundError):
        locations.found(locations.entry_location(location, "absent"))
