"""udocker: containers without any rights, by its command."""

from __future__ import annotations

import os

from toil_core.containers.arguments import udocker_arguments
from toil_core.containers.command_engine import CommandEngine
from toil_core.containers.engine import ContainerSpec
from toil_core.containers.errors import ImageUnavailable
from toil_core.containers.images import with_tag, without_scheme
from toil_core.containers.processes import ProcessesOfThisMachine, run_in_foreground


class Udocker(ProcessesOfThisMachine, CommandEngine):
    """udocker, by its command. Programs have the machine's network, and no limits."""

    name = "udocker"
    program = "udocker"
    hint = "pip install udocker && udocker install"
    variables = ("HOME", "UDOCKER_DIR", "UDOCKER_CONTAINERS", "UDOCKER_REPOS", "UDOCKER_DEFAULT_EXECUTION_MODE")

    def _options(self) -> list[str]:
        return [] if os.getuid() else ["--allow-root"]

    def has_image(self, image: str) -> bool:
        done = self.ask(*self._options(), "images")
        names = {line.split()[0] for line in done.stdout.splitlines() if line.strip()}
        return with_tag(without_scheme(image)) in names

    def fetch(self, image: str) -> None:
        self.fetch_with(image, *self._options(), "pull", without_scheme(image))

    def load(self, archive: str) -> str:
        done = self.ask(*self._options(), "load", "--input", archive)
        if done.returncode:
            raise ImageUnavailable(archive, done.stderr or done.stdout)
        return done.stdout.split()[-1].strip("[]'\",")

    def import_file_system(self, archive: str, image: str) -> None:
        done = self.ask(*self._options(), "import", archive, with_tag(image))
        if done.returncode:
            raise ImageUnavailable(image, done.stderr or done.stdout)

    def run_command(self, spec: ContainerSpec, timeout: float | None) -> int | None:
        self.obtain(spec)
        arguments = udocker_arguments(spec, as_root=not os.getuid())
        return run_in_foreground(arguments, spec, self.environment, timeout, lambda: self.kill(spec.name))

    def remove(self, container: str) -> None:
        super().remove(container)
        self.ask(*self._options(), "rm", container)
