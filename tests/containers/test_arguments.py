"""What is to be run, as command lines; no engine is needed here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from toil_core.containers.arguments import (
    docker_arguments,
    host_arguments,
    podman_arguments,
    singularity_arguments,
    singularity_environment,
    udocker_arguments,
)
from toil_core.containers.engine import ContainerSpec, Mount
from toil_core.containers.errors import ContainerArgumentError

PLAIN = ContainerSpec("image:1", ["a", "b c"])
FULL = ContainerSpec(
    image="docker://registry.example/image:1",
    command=["a", "b c"],
    name="me",
    mounts=(Mount("/here", "/there"), Mount('/a,"b:c', "/d", "ro")),
    working_dir="/there/in",
    user="1000:100",
    environment={"A": "1 2", "B": None},
    network=False,
    cpus=1.5,
    memory=1 << 20,
    read_only=True,
    stdin="/here/in",
)
SHARED = [
    "--name=me",
    "--log-driver=none",
    "--interactive",
    "--mount=type=bind,source=/here,target=/there",
    '--mount=type=bind,"source=/a,""b:c",target=/d,readonly',
    "--workdir=/there/in",
    "--user=1000:100",
    "--network=none",
    "--cpus=1.5",
    "--memory=1048576",
    "--read-only",
    "--env=A=1 2",
]
COMMAND = ["registry.example/image:1", "a", "b c"]


def test_docker_is_told_everything() -> None:
    assert docker_arguments(FULL) == ["docker", "run", "--pull", "never", *SHARED, "--env=B", *COMMAND]


def test_podman_is_told_everything() -> None:
    assert podman_arguments(FULL) == ["podman", "run", "--rm", "--pull", "never", *SHARED, "--unsetenv=B", *COMMAND]


@pytest.mark.parametrize(("runs_as", "kept"), [("1000:100", True), ("1000:1000", False), ("", False)])
def test_podman_keeps_the_user_who_runs_it_where_that_is_who_is_wanted(runs_as: str, kept: bool) -> None:
    assert ("--userns=keep-id" in podman_arguments(FULL, runs_as)) is kept


def test_udocker_is_told_what_it_can_do() -> None:
    spec = replace(FULL, mounts=FULL.mounts[:1])
    assert udocker_arguments(spec) == [
        "udocker",
        "--quiet",
        "run",
        "--nobanner",
        "--rm",
        "--name=me",
        "--volume=/here:/there",
        "--workdir=/there/in",
        "--user=1000",
        "--env=A=1 2",
        *COMMAND,
    ]
    assert udocker_arguments(PLAIN, as_root=True)[:2] == ["udocker", "--allow-root"]
    with pytest.raises(ContainerArgumentError, match="cannot be mounted with udocker"):
        udocker_arguments(FULL)


def test_singularity_is_told_what_it_can_do() -> None:
    assert singularity_arguments(FULL, "/cache/image.sif") == [
        "singularity",
        "--quiet",
        "run",
        "--contain",
        "--ipc",
        "--cleanenv",
        "--net",
        "--network",
        "none",
        "--bind",
        "/here:/there",
        "--mount",
        'type=bind,"source=/a,""b:c",destination=/d,ro',
        "--pwd",
        "/there/in",
        "/cache/image.sif",
        "a",
        "b c",
    ]
    assert "--writable-tmpfs" in singularity_arguments(PLAIN, "x.sif", "apptainer")


@pytest.mark.parametrize("program", ["singularity", "apptainer"])
def test_singularity_gets_the_programs_variables_through_its_own(program: str) -> None:
    prefix = program.upper()
    assert singularity_environment(FULL, program) == {f"{prefix}_NO_EVAL": "1", f"{prefix}ENV_A": "1 2"}


@pytest.mark.parametrize("make", [docker_arguments, podman_arguments, udocker_arguments])
def test_what_is_left_to_the_image_is_left_out(make) -> None:  # type: ignore[no-untyped-def]
    arguments = make(PLAIN)
    assert arguments[-3:] == ["image:1", "a", "b c"]
    assert not [one for one in arguments if one.startswith(("--user", "--workdir", "--mount", "--entry", "--net"))]


@pytest.mark.parametrize(
    ("entrypoint", "expected"),
    [
        ("/bin/sh", ["--entrypoint=/bin/sh", "image:1", "a", "b c"]),
        (["sh", "-c"], ["--entrypoint=sh", "image:1", "-c", "a", "b c"]),
        ([], ["--entrypoint=", "image:1", "a", "b c"]),
    ],
)
def test_another_entry_point_may_have_words_of_its_own(entrypoint: str | list[str], expected: list[str]) -> None:
    for make in (docker_arguments, podman_arguments, udocker_arguments):
        assert make(replace(PLAIN, entrypoint=entrypoint))[-len(expected) :] == expected


def test_singularity_passes_the_images_entry_point_over_for_another() -> None:
    arguments = singularity_arguments(replace(PLAIN, entrypoint=["sh", "-c"]), "x.sif")
    assert arguments[2] == "exec"
    assert arguments[-5:] == ["x.sif", "sh", "-c", "a", "b c"]


@pytest.mark.parametrize(
    ("gpus", "docker", "podman"),
    [
        (0, [], []),
        (-1, ["--gpus=all"], ["--device=nvidia.com/gpu=all"]),
        (2, ["--gpus=2"], ["--device=nvidia.com/gpu=0", "--device=nvidia.com/gpu=1"]),
        (["1", "3"], ['--gpus="device=1,3"'], ["--device=nvidia.com/gpu=1", "--device=nvidia.com/gpu=3"]),
    ],
)
def test_gpus_are_all_some_or_those_that_are_named(gpus: int | list[str], docker: list[str], podman: list[str]) -> None:
    spec = replace(PLAIN, gpus=gpus)
    assert [one for one in docker_arguments(spec) if "gpu" in one] == docker
    assert [one for one in podman_arguments(spec) if "gpu" in one] == podman
    assert ("--nv" in singularity_arguments(spec, "x.sif")) is bool(gpus)


def test_an_engines_own_options_are_passed_on() -> None:
    spec = replace(PLAIN, options={"shm-size": "1g", "cap-add": ["A", "B"], "init": True, "tty": False})
    own = ["--shm-size=1g", "--cap-add=A", "--cap-add=B", "--init"]
    for make in (docker_arguments, podman_arguments, udocker_arguments):
        assert [one for one in make(spec) if one in own] == own
        assert "--tty" not in make(spec)


def test_a_command_in_one_line_becomes_words() -> None:
    assert docker_arguments(replace(PLAIN, command="a 'b c'"))[-3:] == ["image:1", "a", "b c"]


def test_a_volume_of_the_engine_is_none_of_the_machines_directories() -> None:
    assert "--mount=type=volume,source=name,target=/x" in docker_arguments(
        replace(PLAIN, mounts=(Mount("name", "/x"),))
    )


def test_a_way_to_mount_that_is_not_known_is_refused() -> None:
    with pytest.raises(ContainerArgumentError, match="cannot be mounted as 'rz'"):
        docker_arguments(replace(PLAIN, mounts=(Mount("/a", "/b", "rz"),)))


def test_without_a_container_files_are_where_they_are() -> None:
    assert host_arguments(replace(PLAIN, mounts=(Mount("/a", "/a/"),))) == ["a", "b c"]
    with pytest.raises(ContainerArgumentError, match="can see '/a' as '/b'"):
        host_arguments(replace(PLAIN, mounts=(Mount("/a", "/b"),)))
    with pytest.raises(ContainerArgumentError, match="there has to be a command"):
        host_arguments(ContainerSpec("image"))
