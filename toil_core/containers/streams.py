"""The files of this machine that a program in a container reads from and writes to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, NamedTuple

from toil_core.containers.engine import ContainerSpec
from toil_core.containers.errors import ContainerNotStarted


class Streams(NamedTuple):
    """Open files, or None where a spec names none."""

    stdin: IO[bytes] | None
    stdout: IO[bytes] | None
    stderr: IO[bytes] | None


@contextmanager
def open_streams(spec: ContainerSpec) -> Iterator[Streams]:
    """Open the files that a spec names; both outputs are one open file if they are one path.

    :raises ContainerNotStarted: if a file cannot be opened.
    """
    with ExitStack() as opened:
        try:
            stdin = None if spec.stdin is None else opened.enter_context(open(spec.stdin, "rb"))
            stdout = None if spec.stdout is None else opened.enter_context(open(spec.stdout, "wb"))
            stderr = stdout
            if spec.stderr != spec.stdout:
                stderr = None if spec.stderr is None else opened.enter_context(open(spec.stderr, "wb"))
        except OSError as error:
            raise ContainerNotStarted(f"A container of '{spec.image}'", reason_of(error)) from error
        yield Streams(stdin, stdout, stderr)


def reason_of(error: OSError) -> str:
    """Return what the system says is wrong, and with which file."""
    said = (error.strerror or str(error)).lower()
    return f"{said}: '{error.filename}'" if error.filename else said
