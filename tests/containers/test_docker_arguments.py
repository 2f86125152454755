"""Options of `docker run` as typed."""

from __future__ import annotations

import pytest

from toil_core.containers.docker_arguments import parse_docker_arguments
from toil_core.containers.errors import ContainerArgumentError


def test_options_become_arguments_of_a_call() -> None:
    typed = "--rm -v /a:/b:ro -v c:/d --env A=1 -e B -u 1:2 --net=host --cpus 1.5 -m 2g --log-driver none --name x -it"
    assert parse_docker_arguments(typed.split()) == {
        "remove": True,
        "volumes": ["/a:/b:ro", "c:/d"],
        "environment": ["A=1", "B"],
        "user": "1:2",
        "network_mode": "host",
        "nano_cpus": 1_500_000_000,
        "mem_limit": "2g",
        "log_config": {"type": "none", "config": {}},
        "containerName": "x",
        "stdin_open": True,
        "tty": True,
    }


def test_nothing_typed_asks_for_nothing() -> None:
    assert parse_docker_arguments(()) == {}


@pytest.mark.parametrize("typed", ["--gpus all", "--cpus many", "--rm ubuntu", "-v"])
def test_what_is_not_known_is_refused_and_not_overlooked(typed: str) -> None:
    with pytest.raises(ContainerArgumentError, match="'docker run' cannot be understood"):
        parse_docker_arguments(typed.split())
