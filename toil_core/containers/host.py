"""Running programs without a container, as if this machine were one: for those who have none, or want none."""

from __future__ import annotations

import os
from collections.abc import Mapping

from toil_core.containers.arguments import host_arguments
from toil_core.containers.engine import ContainerSpec
from toil_core.containers.errors import ContainerNotStarted, ContainerTookTooLong
from toil_core.containers.processes import ProcessesOfThisMachine, end_of, run_in_foreground
from toil_core.containers.streams import reason_of


class NoContainer(ProcessesOfThisMachine):
    """This machine, with its files where they are, its programs and its network.

    The program sees this process's environment, and what is set or, with None, removed for it. Limits are not kept.
    """

    name = "none"
    isolates = False

    @classmethod
    def current_settings(cls) -> dict[str, str]:
        return {}

    def close(self) -> None:
        """Do nothing."""

    def has_image(self, image: str) -> bool:
        return True

    def fetch(self, image: str) -> None:
        """Do nothing: no image is needed."""

    def load(self, archive: str) -> str:
        return archive

    def execute(self, spec: ContainerSpec, timeout: float | None = None) -> int:
        """Run the program from its start to its end."""
        environment: Mapping[str, str | None] = {**os.environ, **spec.environment}
        arguments = host_arguments(spec)
        try:
            status = run_in_foreground(
                arguments,
                spec,
                {name: value for name, value in environment.items() if value is not None},
                timeout,
                lambda: self.kill(spec.name),
                spec.working_dir,
            )
        except OSError as error:
            raise ContainerNotStarted(f"'{arguments[0]}'", reason_of(error)) from error
        if status is None:
            assert timeout is not None
            raise ContainerTookTooLong("this machine", spec.command, timeout, end_of(spec.stderr), spec.name)
        return status
