"""What commands in lists become; run here by this machine's shells."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from toil_core.containers.errors import ContainerArgumentError
from toil_core.containers.pipelines import invocation


def run(parameters: list[Any], path: str | None = None) -> subprocess.CompletedProcess[str]:
    entrypoint, command = invocation(parameters, None)
    assert isinstance(entrypoint, list)
    environment = None if path is None else {"PATH": path}
    return subprocess.run([*entrypoint, *command], env=environment, capture_output=True, text=True, check=False)


def directory_of(tmp_path: Path, *programs: str) -> str:
    """Return a PATH with only these programs."""
    for program in programs:
        found = shutil.which(program)
        assert found is not None
        (tmp_path / program).symlink_to(found)
    return str(tmp_path)


def test_a_pipe_runs_in_bash_where_there_is_one() -> None:
    done = run([["printf", "%s\n", "$HOME b", "a 'c'"], ["sort"]])
    assert (done.returncode, sorted(done.stdout.splitlines())) == (0, ["$HOME b", "a 'c'"])
    assert run([["sh", "-c", "exit 3"], ["cat"]]).returncode == 3


def test_without_bash_the_failure_of_any_command_is_a_failure(tmp_path: Path) -> None:
    path = directory_of(tmp_path, "sh", "cat")
    assert run([["sh", "-c", "exit 3"], ["cat"]], path).returncode != 0


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (None, (None, ())),
        ([], (None, ())),
        ("echo 'a b'", (None, "echo 'a b'")),
        (["head", "-n", 3, Path("/x")], (None, ["head", "-n", "3", "/x"])),
    ],
)
def test_a_single_command_is_left_to_the_image(parameters: Any, expected: tuple[Any, Any]) -> None:
    assert invocation(parameters, None) == expected


def test_an_entry_point_that_was_given_is_kept() -> None:
    assert invocation(["a"], ["/wrapper"]) == (["/wrapper"], ["a"])
    assert invocation([["a", "b c"], ["d"]], ["/bin/bash", "-c"]) == (
        ["/bin/bash", "-c"],
        ["set -e -o pipefail && a 'b c' | d"],
    )


@pytest.mark.parametrize("parameters", [["a", ["b"]], [["a"], "b"], [["a"], []]])
def test_words_and_lists_are_not_mixed(parameters: list[Any]) -> None:
    with pytest.raises(ContainerArgumentError, match="neither the words"):
        invocation(parameters, None)
