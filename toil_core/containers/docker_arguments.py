"""Options of the command `docker run`, as people type them, in terms of Docker's SDK."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from toil_core.containers.errors import ContainerArgumentError


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ContainerArgumentError(
            f"The options for 'docker run' cannot be understood: {message}.",
            "Give what they say as keyword arguments of Docker's SDK.",
        )


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    one = [
        (("--entrypoint",), "entrypoint"),
        (("-h", "--hostname"), "hostname"),
        (("--ipc",), "ipc_mode"),
        (("--log-driver",), "log_driver"),
        (("-m", "--memory"), "mem_limit"),
        (("--name",), "containerName"),
        (("--net", "--network"), "network_mode"),
        (("--pid",), "pid_mode"),
        (("--platform",), "platform"),
        (("--runtime",), "runtime"),
        (("--shm-size",), "shm_size"),
        (("-u", "--user"), "user"),
        (("-w", "--workdir"), "working_dir"),
    ]
    many = [
        (("--cap-add",), "cap_add"),
        (("--cap-drop",), "cap_drop"),
        (("--device",), "devices"),
        (("-e", "--env"), "environment"),
        (("--group-add",), "group_add"),
        (("--security-opt",), "security_opt"),
        (("-v", "--volume"), "volumes"),
        (("--volumes-from",), "volumes_from"),
    ]
    flags = [
        (("-d", "--detach"), "detach"),
        (("--init",), "init"),
        (("-i", "--interactive"), "stdin_open"),
        (("--privileged",), "privileged"),
        (("--read-only",), "read_only"),
        (("--rm",), "remove"),
        (("-t", "--tty"), "tty"),
    ]
    for names, keyword in one:
        parser.add_argument(*names, dest=keyword)
    parser.add_argument("--cpus", dest="nano_cpus", type=float)
    for names, keyword in many:
        parser.add_argument(*names, dest=keyword, action="append")
    for names, keyword in flags:
        parser.add_argument(*names, dest=keyword, action="store_true")
    return parser


def parse_docker_arguments(arguments: Sequence[str]) -> dict[str, Any]:
    """Return the keyword arguments of `apiDockerCall` that options of `docker run` stand for.

    :raises ContainerArgumentError: if an option is not known here.
    """
    found = vars(_parser().parse_args(list(arguments)))
    if "nano_cpus" in found:
        found["nano_cpus"] = round(found["nano_cpus"] * 1e9)
    if "log_driver" in found:
        found["log_config"] = {"type": found.pop("log_driver"), "config": {}}
    return found
