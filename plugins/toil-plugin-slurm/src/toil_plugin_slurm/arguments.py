"""The arguments that users have for sbatch: read, and refused where only jobs or Toil can say what they say."""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple

from toil_core.api import UserError

_OF_JOBS = (
    *("-c", "--cpus-per-task", "-n", "--ntasks", "-B", "--extra-node-info", "--mincpus", "--cpus-per-gpu"),
    *("--ntasks-per-node", "--ntasks-per-core", "--ntasks-per-socket", "--ntasks-per-gpu"),
    *("--sockets-per-node", "--cores-per-socket", "--threads-per-core"),
    *("--mem", "--mem-per-cpu", "--mem-per-gpu"),
)
_OF_TOIL = ("-a", "--array", "--wrap", "-W", "--wait", "--test-only", "-i", "--input", "-h", "--help", "--usage")
_OTHER_CLUSTERS = ("-M", "--clusters", "--cluster")


class BadSlurmArguments(UserError):
    """Arguments for sbatch that cannot be passed on.

    :param reason: what is wrong with them, the end of a sentence.
    :param hint: what to do instead.
    """

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(f"TOIL_SLURM_ARGS (--slurmArgs) {reason}.", hint)


class UserArguments(NamedTuple):
    """Arguments for sbatch.

    :ivar words: the arguments, as sbatch takes them.
    :ivar partitions: the partitions that they ask for.
    """

    words: tuple[str, ...] = ()
    partitions: tuple[str, ...] = ()

    def have(self, *options: str) -> bool:
        """Return whether one of these options is among them."""
        return any(_option(word) in options for word in self.words)


def read_arguments(text: str) -> UserArguments:
    """Return arguments as they are written in a shell.

    :raises BadSlurmArguments: if they say what is not for them to say, or cannot be read.
    """
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise BadSlurmArguments(f"cannot be read: {error}", f"They are: {text}") from None
    for word in words:
        option = _option(word)
        if option in _OF_JOBS:
            hint = "Take it out and give jobs requirements (cores, memory), or set --defaultCores and --defaultMemory."
            raise BadSlurmArguments(f"must not say how many cores or how much memory jobs get, as '{word}' does", hint)
        if option in _OF_TOIL:
            raise BadSlurmArguments(f"has '{word}' in it, which Toil has to decide by itself", "Take it out.")
        if option in _OTHER_CLUSTERS:
            hint = "Set the variable SLURM_CLUSTERS, which all of Slurm's commands heed."
            raise BadSlurmArguments(f"sends jobs to another cluster by '{word}', where Toil would not find them", hint)
    chosen = [_value(words, at) for at, word in enumerate(words) if _option(word) in ("-p", "--partition")]
    return UserArguments(words, tuple(chosen[-1].split(",")) if chosen else ())


def _option(word: str) -> str:
    """Return the option that a word names, without its value."""
    return word.partition("=")[0] if word.startswith("--") else word[:2]


def _value(words: tuple[str, ...], at: int) -> str:
    word = words[at]
    attached = re.sub(r"^(--[^=]*=?|-.=?)", "", word)
    return attached or (words[at + 1] if at + 1 < len(words) else "")
