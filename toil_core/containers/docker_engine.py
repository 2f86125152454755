"""Engines that speak Docker's API (Docker, podman), through Docker's own SDK.

Imported only when a container is to be run: the SDK is an extra, and takes a tenth of a second to load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from toil_core.containers.attached_engine import AttachedEngine
from toil_core.containers.docker_client import connect, docker_settings, explanation, sdk_missing
from toil_core.containers.engine import ContainerSpec, ContainerState, Output
from toil_core.containers.errors import ContainerArgumentError, ContainerFailed, ContainerNotStarted, ImageUnavailable
from toil_core.containers.images import without_scheme

try:
    from docker.errors import APIError, ContainerError, ImageNotFound, NotFound
    from docker.models.containers import Container
    from docker.types import DeviceRequest
    from docker.utils import parse_repository_tag
except ModuleNotFoundError as missing:
    if missing.name and missing.name.partition(".")[0] == "docker":
        raise sdk_missing() from missing
    raise


#: In which states of Docker a container has processes.
_RUNNING = ("paused", "restarting", "running")


# The SDK's classes come first, so that their constructors stay out of it: what is said and known is ours. They declare
# other types for attributes of the same names, such as text for what the program wrote.
class DockerContainerFailed(ContainerError, ContainerFailed):  # type: ignore[misc]
    """The failure of a program in a container, also under the SDK's name for it."""

    def __init__(self, spec: ContainerSpec, container: str, status: int, stderr: bytes) -> None:
        ContainerFailed.__init__(self, spec.image, spec.command, status, stderr, container)


class DockerImageUnavailable(ImageNotFound, ImageUnavailable):
    """An image that cannot be had, also under the SDK's name for it."""

    __str__ = ImageUnavailable.__str__

    def __init__(self, image: str, error: APIError) -> None:
        ImageUnavailable.__init__(self, image, explanation(error))
        self.response, self.explanation = error.response, error.explanation


class DockerContainerNotStarted(APIError, ContainerNotStarted):
    """The engine's refusal to make or start a container, also under the SDK's name for it."""

    __str__ = ContainerNotStarted.__str__

    def __init__(self, what: str, error: APIError) -> None:
        ContainerNotStarted.__init__(self, what, explanation(error))
        self.response, self.explanation = error.response, error.explanation


class DockerEngine(AttachedEngine):
    """An engine that speaks Docker's API.

    :raises EngineUnavailable: if it does not answer.
    """

    name = "docker-api"

    def __init__(self, settings: Mapping[str, str], timeout: float) -> None:
        super().__init__(settings, timeout)
        self.client = connect(settings, timeout)

    @classmethod
    def current_settings(cls) -> dict[str, str]:
        return docker_settings()

    def close(self) -> None:
        self.client.close()

    def has_image(self, image: str) -> bool:
        try:
            self.client.images.get(without_scheme(image))
        except ImageNotFound:
            return False
        return True

    def fetch(self, image: str) -> None:
        self._pull(without_scheme(image), {})

    def load(self, archive: str) -> str:
        try:
            with open(archive, "rb") as stream:
                loaded = self.client.images.load(stream)
        except (OSError, APIError) as error:
            raise ImageUnavailable(archive, str(error)) from error
        return str(loaded[0].tags[0] if loaded[0].tags else loaded[0].id)

    def _pull(self, image: str, options: Mapping[str, Any]) -> None:
        repository, tag = parse_repository_tag(image)
        platform = options.get("platform")
        try:
            # What goes wrong after the engine has begun to answer stands in its answer.
            for line in self.client.api.pull(repository, tag or "latest", stream=True, decode=True, platform=platform):
                if "error" in line:
                    raise NotFound(line["error"], explanation=line["error"])
        except APIError as error:
            raise DockerImageUnavailable(image, error) from error

    def create(self, spec: ContainerSpec) -> str:
        arguments, image = self._arguments(spec), without_scheme(spec.image)
        with _refusal(f"A container of '{spec.image}'"):
            if spec.pull == "always":
                self._pull(image, spec.options)
            try:
                container = self.client.containers.create(image, **arguments)
            except ImageNotFound as missing:
                if spec.pull == "never":
                    raise DockerImageUnavailable(image, missing) from missing
                self._pull(image, spec.options)
                container = self.client.containers.create(image, **arguments)
            except TypeError as error:
                raise ContainerArgumentError(f"Docker's SDK does not take these arguments: {error}.") from error
        return str(container.id)

    @staticmethod
    def _arguments(spec: ContainerSpec) -> dict[str, Any]:
        """Return the arguments of the SDK's `create`; what is left to the image is left out."""
        arguments: dict[str, Any] = {
            "command": spec.command if isinstance(spec.command, str) else list(spec.command),
            "name": spec.name or None,
            "entrypoint": spec.entrypoint,
            "volumes": [f"{mount.source}:{mount.target}:{mount.mode}" for mount in spec.mounts],
            "working_dir": spec.working_dir,
            "user": spec.user,
            "environment": dict(spec.environment),
            "network_mode": "none" if spec.network is False else None,
            "device_requests": _gpus(spec.gpus),
            "nano_cpus": None if spec.cpus is None else round(spec.cpus * 1e9),
            "mem_limit": spec.memory,
            "read_only": spec.read_only,
        }
        return {**{name: value for name, value in arguments.items() if value}, **spec.options}

    def attach(self, container: str) -> Iterator[Output]:
        with _refusal(f"The container '{container[:12]}'"):
            stream = self.client.api.attach(container, stdout=True, stderr=True, stream=True, demux=True)
        return self._pieces(stream)

    @staticmethod
    def _pieces(stream: Any) -> Iterator[Output]:
        try:
            for out, err in stream:
                if out:
                    yield Output("stdout", out)
                if err:
                    yield Output("stderr", err)
        finally:
            # The stream's own close() leaves the socket to the garbage collector.
            stream._response.close()

    def start(self, container: str) -> None:
        with _refusal(f"The container '{container[:12]}'"):
            self.client.api.start(container)

    def wait(self, container: str) -> int:
        return int(self.client.api.wait(container)["StatusCode"])

    def state(self, container: str) -> ContainerState:
        return _state_of(self._find(container))

    def stop(self, container: str, grace: int = 10) -> None:
        self._bring_to(ContainerState.STOPPED, container, lambda found: found.stop(timeout=grace))

    def kill(self, container: str) -> None:
        self._bring_to(ContainerState.STOPPED, container, lambda found: found.kill())

    def remove(self, container: str) -> None:
        self._bring_to(ContainerState.ABSENT, container, lambda found: found.remove(force=True, v=True))

    def _bring_to(self, wanted: ContainerState, container: str, step: Callable[[Container], None]) -> None:
        """Take a step towards a state, unless the container is there, or gets there by itself meanwhile."""
        reached = (ContainerState.ABSENT, wanted)
        found = self._find(container)
        if found is None or _state_of(found) in reached:
            return
        try:
            step(found)
        except APIError:
            if self.state(container) not in reached:
                raise

    def container(self, container: str) -> Container:
        """Return the SDK's own object for a container."""
        return self.client.containers.get(container)

    def _find(self, container: str) -> Container | None:
        try:
            return self.client.containers.get(container)
        except NotFound:
            return None

    def failure(self, spec: ContainerSpec, container: str, status: int, stderr: bytes) -> ContainerFailed:
        return DockerContainerFailed(spec, container, status, stderr)


def _gpus(gpus: int | Sequence[str]) -> list[DeviceRequest]:
    if not gpus:
        return []
    which = {"count": gpus} if isinstance(gpus, int) else {"device_ids": list(gpus)}
    return [DeviceRequest(capabilities=[["gpu"]], **which)]


@contextmanager
def _refusal(what: str) -> Iterator[None]:
    try:
        yield
    except DockerImageUnavailable:
        raise
    except APIError as error:
        raise DockerContainerNotStarted(what, error) from error


def _state_of(found: Container | None) -> ContainerState:
    if found is None:
        return ContainerState.ABSENT
    return ContainerState.RUNNING if found.status in _RUNNING else ContainerState.STOPPED
