"""What shells are told when they ask how to complete a command line, in the protocol of click's own scripts."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize(
    ("line", "word", "offered"),
    [
        ("toil ki", 1, ["plain,kill"]),
        ("toil run f", 2, ["file,f"]),
        ("toil run x.py s", 3, ["dir,s"]),
        ("toil status s", 2, ["dir,s"]),
        ("toil run x.py --retry", 3, ["plain,--retryCount"]),
        ("toil run x.py --clean on", 4, ["plain,onError", "plain,onSuccess"]),
        ("toil run x.py --logLevel de", 4, ["plain,DEBUG"]),
        ("toil run x.py --batchSystem si", 4, ["plain,single_machine"]),
        ("toil run x.py --caching t", 4, ["plain,true"]),
        ("toil run x.py --logFile l", 4, ["file,l"]),
        ("toil run x.py --workDir w", 4, ["dir,w"]),
        ("toil completion z", 2, ["plain,zsh"]),
    ],
)
def test_a_shell_is_offered(line: str, word: int, offered: list[str], toil: Run) -> None:
    shown = toil(_TOIL_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(word))
    assert shown.stdout.splitlines() == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_toil(shell: str, toil: Run) -> None:
    assert f"_TOIL_COMPLETE={shell}_complete" in toil("completion", shell).stdout


def test_options_are_offered_with_the_first_sentence_of_their_help(toil: Run) -> None:
    shown = toil(_TOIL_COMPLETE="zsh_complete", COMP_WORDS="toil run x.py --cleanW", COMP_CWORD="3")
    assert shown.stdout.splitlines()[-1] == "When to delete the temporary directory of a job at its end"
