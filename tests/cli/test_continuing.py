"""What to type to go on with a run is worked out from what was typed to start it."""

from __future__ import annotations

import pytest

from toil_cli.commands.run import continuing_command


@pytest.mark.parametrize(
    ("typed", "locator", "expected"),
    [
        ("sort.py", "file:/tmp/a b", "toil run sort.py 'file:/tmp/a b' --restart"),
        ("sort.py file:store", None, "toil run sort.py file:store --restart"),
        ("sort.py file:store --restart", None, "toil run sort.py file:store --restart"),
        ("--maxCores 2 sort.py -- sort.py", "file:s", "toil run --maxCores 2 sort.py file:s --restart -- sort.py"),
        ("--logFile sort.py sort.py", "file:s", "toil run --logFile sort.py sort.py file:s --restart"),
    ],
)
def test_the_command_that_continues_a_run(typed: str, locator: str | None, expected: str) -> None:
    assert continuing_command(typed.split(), "sort.py", locator) == expected
