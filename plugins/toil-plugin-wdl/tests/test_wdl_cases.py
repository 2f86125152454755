"""The project's own cases, and the examples of the WDL specification where its text is at hand.

`WDL_SPECIFICATION` names a directory with the specification's `SPEC.md` and its `tests/data`, such as a checkout
of its repository; several may be given with colons between them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from running_wdl import check_example
from wdl_examples import Example, examples_in, write_examples

_HERE = Path(__file__).parent


def own_examples() -> list[Example]:
    return [one for path in sorted((_HERE / "cases").glob("*.md")) for one in examples_in(path.read_text())]


def _of_specifications() -> list[tuple[Path, Example]]:
    places = [Path(one) for one in os.environ.get("WDL_SPECIFICATION", "").split(":") if one]
    return [(place, one) for place in places for one in examples_in((place / "SPEC.md").read_text())]


def _to_run(examples: list[Example]) -> list[Example]:
    return [one for one in examples if not one.is_resource and not one.ignored]


@pytest.mark.parametrize("example", _to_run(own_examples()), ids=lambda example: example.name)
def test_a_case_has_the_outputs_that_it_should_have(example: Example, tmp_path: Path) -> None:
    data = _HERE / "data"
    write_examples(own_examples(), data, tmp_path)
    check_example(example, tmp_path, data)


_ABSENT = pytest.param(None, None, marks=pytest.mark.skip(reason="WDL_SPECIFICATION names no specification"))


@pytest.mark.parametrize(
    ("place", "example"),
    [pytest.param(place, one, id=one.name) for place, one in _of_specifications() if _to_run([one])] or [_ABSENT],
)
def test_an_example_of_the_specification_does_what_it_says(place: Path, example: Example, tmp_path: Path) -> None:
    data = place / "tests" / "data"
    write_examples([one for where, one in _of_specifications() if where == place], data, tmp_path)
    try:
        check_example(example, tmp_path, data)
    except AssertionError as error:
        if example.optional:
            pytest.skip(f"the specification calls it optional: {error}")
        raise


def test_examples_are_found_with_all_that_belongs_to_them() -> None:
    found = {one.name: one for one in own_examples()}
    task = found["statuses_task"]
    assert task.is_task and task.target == "statuses" and not task.fails
    assert task.document.startswith("version 1.1\n\ntask statuses {\n  command <<<\n    echo partial")
    assert task.outputs == {"statuses.said": "partial"}
    assert found["breaks_fail_task"].fails and found["breaks_fail_task"].target == "breaks_fail"
    assert found["tools_resource"].is_resource
    assert found["left_alone_task"].ignored
    assert found["files_out_task"].unchecked >= {"plain", "parts"}
