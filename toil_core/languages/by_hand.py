"""`StepDirectory`: a step of a workflow laid out for people, so that they can run its command themselves."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from toil_core.file_stores.abstract import AbstractFileStore


class StepDirectory(NamedTuple):
    """A directory with all that a step's command needs.

    :ivar path: the directory to run it in.
    :ivar command: the command, as typed in a shell; that which starts the container where the step runs in one.
    :ivar environment: variables to set for it.
    :ivar notes: lines for people, such as where the step is in its workflow and which image it runs in.
    """

    path: str
    command: str
    environment: Mapping[str, str] = {}
    notes: tuple[str, ...] = ()

    def write_script(self, path: str) -> None:
        """Write an executable script that runs the command in its directory."""
        settings = [f"export {name}={shlex.quote(value)}" for name, value in self.environment.items()]
        with open(path, "w") as script:
            script.write("\n".join(["#!/bin/sh", f"cd {shlex.quote(self.path)} || exit", *settings, self.command, ""]))
        os.chmod(path, 0o755)


@runtime_checkable
class RunsByHand(Protocol):
    """A job that `toil debug-job --prepare` and `--shell` can lay out; any class of jobs with this method is one."""

    def lay_out(self, fileStore: AbstractFileStore) -> StepDirectory:
        """Put the step's inputs where its command finds them, below `fileStore.localTempDir`, and run nothing.

        :raises ExplainedError: if the step has no command, or its inputs cannot be had.
        """
