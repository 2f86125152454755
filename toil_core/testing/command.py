"""`CommandContract`: a subcommand of `toil` that a plugin brings behaves as the others do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from toil_core.testing.commands import toil


class CommandContract:
    """Derive a class whose name starts with `Test` and override `command`; the plugin has to be installed."""

    @pytest.fixture
    def command(self) -> str:
        """Return the name of the command."""
        raise NotImplementedError("override the fixture 'command'")

    def test_it_is_listed_with_what_it_does(self, command: str, tmp_path: Path) -> None:
        outcome = toil(["--help"], _made(tmp_path))
        assert outcome.status == 0, str(outcome)
        assert re.search(rf"^ +{re.escape(command)} +\w+", outcome.stdout, re.MULTILINE), str(outcome)

    @pytest.mark.parametrize("flag", ["--help", "-h"])
    def test_it_explains_itself(self, command: str, flag: str, tmp_path: Path) -> None:
        outcome = toil([command, flag], _made(tmp_path))
        assert outcome.status == 0, str(outcome)
        assert f"Usage: toil {command}" in outcome.stdout, str(outcome)

    def test_an_option_that_it_does_not_know_is_named(self, command: str, tmp_path: Path) -> None:
        outcome = toil([command, "--no-such-option-at-all"], _made(tmp_path))
        assert outcome.status == 2, str(outcome)
        assert "--no-such-option-at-all" in outcome.stderr, str(outcome)
        assert "Traceback" not in outcome.stderr, str(outcome)


def _made(directory: Path) -> Path:
    path = directory / "work"
    path.mkdir()
    return path
