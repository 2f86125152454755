"""Commands as workflow scripts give them: one, as a list of words, or several whose output runs through pipes."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any, NamedTuple

from toil_core.containers.errors import ContainerArgumentError

# A pipe fails when any of its commands does. Not every `sh` can do that; where bash is there it is asked instead, and
# a shell that cannot ends with an error rather than overlooking failures.
_SHELL = 'if command -v bash > /dev/null 2>&1; then exec bash -e -o pipefail -c "$0"; fi; set -e -o pipefail; eval "$0"'


class Invocation(NamedTuple):
    """What to run in a container, as its entry point and the arguments of that."""

    entrypoint: Sequence[str] | str | None
    command: Sequence[str] | str


def invocation(parameters: Sequence[Any] | str | None, entrypoint: Sequence[str] | str | None) -> Invocation:
    """Return what to run.

    :param parameters: the words of one command, or a list of such lists, each of which writes to the next.
    :param entrypoint: what takes the place of the image's entry point. For pipes it has to run a command line of a
        shell; without one, the image's own shell does.
    :raises ContainerArgumentError: if lists and words are mixed.
    """
    if not parameters or isinstance(parameters, str):
        return Invocation(entrypoint, parameters or ())
    are_lists = {isinstance(part, (list, tuple)) for part in parameters}
    if are_lists == {False}:
        return Invocation(entrypoint, [str(word) for word in parameters])
    if are_lists != {True} or not all(parameters):
        raise ContainerArgumentError(
            "The parameters of a container are neither the words of one command nor a list of such lists.",
            "Give ['sort', '/data/in'], or [['cat', '/data/in'], ['sort']] for a pipe.",
        )
    line = " | ".join(shlex.join(str(word) for word in command) for command in parameters)
    if entrypoint is None:
        return Invocation(["/bin/sh", "-c", _SHELL], [line])
    return Invocation(entrypoint, [f"set -e -o pipefail && {line}"])
