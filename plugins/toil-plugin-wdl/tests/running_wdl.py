"""Running WDL documents as a user does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wdl_examples import Example, differences

from toil_core.testing.commands import Outcome, toil

#: What tests give each run: no containers, which not every machine has, and no second attempts.
OPTIONS = ("--container", "none", "--retryCount", "0")


def run_wdl(
    directory: Path, document: str, inputs: Mapping[str, Any] | str | None = None, *more: str, status: int = 0
) -> Outcome:
    """Run a document, and check how that ends.

    :param directory: the current directory.
    :param document: its path.
    :param inputs: its inputs, or the argument that names them.
    :param more: options.
    :param status: the exit status that is expected.
    """
    given = [] if inputs is None else [inputs if isinstance(inputs, str) else json.dumps(inputs)]
    outcome = toil(["wdl", *OPTIONS, document, *given, *more], directory)
    assert outcome.status == status, str(outcome)
    return outcome


def outputs_of(outcome: Outcome) -> dict[str, Any]:
    """Return the outputs that a run has printed."""
    found: dict[str, Any] = json.loads(outcome.stdout)
    return found


def check_example(example: Example, directory: Path, data: Path, *more: str) -> None:
    """Run an example, and see that it does what it should.

    :param directory: where all examples of its text have been written.
    :param data: the data that its outputs may be compared with.
    :param more: options.
    """
    arguments = [f"{example.name}.wdl", json.dumps(example.inputs), "--outdir", f"outputs-{example.name}"]
    if example.is_task:
        arguments += ["--task", example.target]
    outcome = toil(["wdl", *OPTIONS, *arguments, *more], directory)
    if example.fails:
        assert outcome.status not in (0, -6, -11), str(outcome)
        assert 'File "' not in outcome.stderr, str(outcome)
        return
    assert outcome.status == 0, str(outcome)
    if example.outputs is None:
        return
    unchecked = {f"{example.target}.{name}" for name in example.unchecked} | example.unchecked
    found = {name: value for name, value in json.loads(outcome.stdout).items() if name not in unchecked}
    expected = {name: value for name, value in example.outputs.items() if name not in unchecked}
    assert not list(differences(expected, found, data)), str(outcome)
