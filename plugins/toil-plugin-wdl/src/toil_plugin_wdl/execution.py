"""Running a task's command, in a container or without one."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from toil_plugin_wdl.problems import TaskFailed

if TYPE_CHECKING:
    from toil_core.api import Job
    from toil_plugin_wdl.workspace import Workspace

#: The container of tasks that do not name one, where they have to have one.
DEFAULT_IMAGE = "ubuntu:22.04"
#: What runs a script, its argument 0, in a container: there are some that have no bash.
_BASH_OR_SH = 'if command -v bash > /dev/null; then exec bash "$0"; else exec sh "$0"; fi'
#: What shells add to the number of a signal to make a status.
_BY_SIGNAL = 128


class Settings(NamedTuple):
    """What the user chose for all tasks.

    :ivar container: the engine that runs containers: `docker`, `podman`, `singularity`, `udocker`, `none` or `auto`.
    :ivar cache: the directory or URL of the call cache, or empty.
    """

    container: str = "auto"
    cache: str = ""


class Command(NamedTuple):
    """A command that is ready to run.

    :ivar text: the script.
    :ivar variables: what the task has put into its environment.
    :ivar images: the containers that it can run in, the preferred one first.
    """

    text: str
    variables: Mapping[str, str]
    images: Sequence[str]
    workspace: Workspace


class Outcome(NamedTuple):
    """How a command ended.

    :ivar status: its exit status, as shells count.
    """

    status: int

    @property
    def reason(self) -> str:
        """What ended it, if that was a signal."""
        if self.status <= _BY_SIGNAL:
            return ""
        try:
            return f"killed by {signal.Signals(self.status - _BY_SIGNAL).name}"
        except ValueError:
            return ""

    def accepted(self, codes: Any) -> bool:
        """Return whether that was a success.

        :param codes: the statuses that the task calls one: a number, several, or `*` for all.
        """
        if codes is None:
            return self.status == 0
        if isinstance(codes, list):
            return self.status in [int(code) for code in codes]
        return codes == "*" or self.status == int(codes)


def images_in(attributes: Mapping[str, Any]) -> list[str]:
    """Return the containers that a task can run in, the preferred one first.

    :param attributes: those of its `runtime` or `requirements` section, as plain values.
    """
    found = attributes.get("container", attributes.get("docker"))
    images = [found] if isinstance(found, str) else [str(image) for image in found or ()]
    known = [image for image in images if "://" not in image or image.startswith("docker://")]
    return [image for image in known or images if image != "*"]


def run_command(command: Command, settings: Settings, job: Job) -> Outcome:
    """Run a command to its end.

    :raises TaskFailed: if it cannot be run.
    """
    from toil_core.api import ContainerSpec, Mount, run_container

    workspace = command.workspace
    script = os.path.join(workspace.root, "command")
    with open(script, "w", encoding="utf-8") as stream:
        stream.write(command.text)
    engine, image = _engine_for(command, settings)
    isolated = engine != "none"
    spec = ContainerSpec(
        image=image,
        entrypoint=[] if isolated else None,
        command=["/bin/sh", "-c", _BASH_OR_SH, script] if isolated else ["bash", script],
        mounts=(Mount(workspace.root, workspace.root),) if isolated else (),
        working_dir=workspace.work,
        environment={"TMPDIR": workspace.root, "HOME": workspace.work, **command.variables}
        if isolated
        else {"TMPDIR": workspace.root, **command.variables},
        user=f"{os.getuid()}:{os.getgid()}" if isolated and engine in ("docker", "podman") else None,
        stdout=workspace.stdout,
        stderr=workspace.stderr,
    )
    return Outcome(run_container(spec, engine, job=job if isolated else None))


def _engine_for(command: Command, settings: Settings) -> tuple[str, str]:
    """Return the engine to run a command with, and the image; both say so where no container is used."""
    if settings.container == "none" or (settings.container == "auto" and not command.images):
        return "none", ""
    image = command.images[0] if command.images else DEFAULT_IMAGE
    if settings.container != "auto":
        return settings.container, image
    from toil_core.api import EngineUnavailable, choose_engine

    try:
        return choose_engine(), image
    except EngineUnavailable as error:
        raise TaskFailed(
            f"The task wants the container '{image}', but {error.message[:1].lower()}{error.message[1:]}",
            hint="Run with --container none to do without containers.",
        ) from error
