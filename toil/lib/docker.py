"""Running containers from jobs, under its documented path."""

from toil_core.containers.calls import apiDockerCall, dockerCall
from toil_core.containers.cleanup import (
    FORGO,
    RM,
    STOP,
    containerIsRunning,
    dockerKill,
    dockerStop,
    getContainerName,
)

__all__ = [
    "FORGO",
    "RM",
    "STOP",
    "apiDockerCall",
    "containerIsRunning",
    "dockerCall",
    "dockerKill",
    "dockerStop",
    "getContainerName",
]
