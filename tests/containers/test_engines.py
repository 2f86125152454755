"""What is promised of every engine, with real ones: docker's command and API, podman, udocker, and no container at all.

Singularity is a stand-in that checks what it is told and runs programs in place.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.containers.conftest import RunningJob
from tests.services.running import SERVICES, service
from toil_core.containers.engine import ContainerSpec, ContainerState, Mount
from toil_core.containers.errors import (
    ContainerArgumentError,
    ContainerNotStarted,
    ContainerTookTooLong,
    ImageUnavailable,
)
from toil_core.containers.opening import open_engine
from toil_core.containers.running import run_container

SECONDS = 60


@pytest.fixture(scope="session")
def udocker_variables() -> Iterator[dict[str, str]]:
    """The variables to use udocker with."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with service("udocker", PATH=path) as variables:
        yield {**variables, "PATH": path}


@dataclass(frozen=True)
class Case:
    """An engine under test."""

    name: str
    tmp_path: Path

    @property
    def isolates(self) -> bool:
        return self.name != "none"

    def run(self, script: str, timeout: float | None = None, **fields: object) -> tuple[int, str, str]:
        """Run a shell's script; return its status and what it wrote."""
        out, err = str(self.tmp_path / "out"), str(self.tmp_path / "err")
        plain = ContainerSpec("ubuntu", ["sh", "-c", script], stdout=out, stderr=err)
        spec = replace(plain, **fields)  # type: ignore[arg-type]
        status = run_container(spec, self.name, timeout=timeout)
        return status, Path(spec.stdout or "").read_text(), Path(spec.stderr or "").read_text()

    def seen(self, path: Path) -> str:
        """Return where the program sees a mounted path."""
        return f"/seen/{path.name}" if self.isolates and self.name != "singularity" else str(path)

    def mount(self, path: Path, mode: str = "rw") -> Mount:
        return Mount(str(path), self.seen(path), mode)


@pytest.fixture
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    """An engine, with an image called `ubuntu`."""
    name = request.param
    if name == "docker" and shutil.which("docker") is None:
        pytest.skip("there is no command 'docker' on this machine")
    variables: dict[str, str] = {}
    if name in ("docker", "docker-api", "podman"):
        variables = request.getfixturevalue("podman")
    elif name == "udocker":
        variables = request.getfixturevalue("udocker_variables")
    elif name == "singularity":
        variables = {
            "PATH": f"{SERVICES / 'stand_ins'}:{os.environ['PATH']}",
            "SINGULARITY_CACHEDIR": str(tmp_path / "cache"),
        }
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    return Case(name, tmp_path)


ALL = ("docker", "docker-api", "podman", "singularity", "udocker", "none")
every_engine = pytest.mark.parametrize("case", ALL, indirect=True)
commands = pytest.mark.parametrize("case", [name for name in ALL if name != "docker-api"], indirect=True)
real_containers = pytest.mark.parametrize("case", ["docker", "docker-api", "podman"], indirect=True)


@every_engine
def test_the_status_and_both_outputs_are_the_programs(case: Case) -> None:
    assert case.run("echo out; echo err >&2; exit 3") == (3, "out\n", "err\n")


@commands
def test_a_program_reads_a_file_as_its_standard_input_and_otherwise_nothing(case: Case) -> None:
    path = case.tmp_path / "in"
    path.write_text("text")
    assert case.run("cat", stdin=str(path))[1] == "text"
    assert case.run("cat")[1] == ""


@every_engine
def test_both_outputs_may_go_to_one_file(case: Case) -> None:
    both = str(case.tmp_path / "out")
    _, out, err = case.run("echo a; echo b >&2", stderr=both, stdout=both)
    assert sorted(out.split()) == ["a", "b"]
    assert err == out


@every_engine
def test_a_program_starts_where_it_is_told_sees_what_is_mounted_and_writes_there(case: Case) -> None:
    directory = case.tmp_path / "a directory"
    directory.mkdir()
    (directory / "in").write_text("in")
    status, out, _ = case.run(
        "cat in; pwd; echo made > made", mounts=(case.mount(directory),), working_dir=case.seen(directory)
    )
    assert (status, out) == (0, f"in{case.seen(directory)}\n")
    assert (directory / "made").read_text() == "made\n"


@real_containers
def test_what_is_mounted_to_be_read_cannot_be_written(case: Case) -> None:
    directory = case.tmp_path / "shown"
    directory.mkdir()
    status, _, err = case.run("echo > /seen/shown/made", mounts=(case.mount(directory, "ro"),))
    assert status != 0
    assert "ead-only" in err


@real_containers
def test_a_program_may_be_kept_from_changing_the_image(case: Case) -> None:
    assert case.run("echo > /made")[0] == 0
    assert case.run("echo > /made", read_only=True)[0] != 0


@every_engine
def test_variables_are_given_as_they_are(case: Case) -> None:
    assert case.run('echo "$A$B"', environment={"A": "1 $HOME", "B": '"2"= ,'})[1] == '1 $HOME"2"= ,\n'


@real_containers
def test_a_program_runs_as_who_is_named_and_without_a_network_when_told_so(case: Case) -> None:
    status, out, _ = case.run("id -u; id -g; ls /sys/class/net", user="1234:56", network=False)
    assert (status, out) == (0, "1234\n56\nlo\n")


@every_engine
def test_a_program_that_ends_by_a_signal_has_a_status_as_in_shells(case: Case) -> None:
    assert case.run("sh -c 'kill -9 $$'; exit $?")[0] == 137


@every_engine
def test_a_program_is_killed_when_its_time_is_over_with_all_that_it_started(case: Case) -> None:
    # A process of its own session, as daemons have.
    number = f"{os.getpid()}{time.monotonic_ns()}"[-9:]
    with pytest.raises(ContainerTookTooLong, match="killed after 1"):
        case.run(f"setsid sleep 1{number} & echo started; sleep 1{number}", timeout=1.5)
    wait_until(lambda: number not in command_lines(), "the end of its processes")


@pytest.mark.parametrize("case", ["podman", "udocker"], indirect=True)
def test_a_program_that_is_not_in_the_image_is_named_in_standard_error(case: Case) -> None:
    status, _, err = case.run("", command=["nosuchprogram"])
    assert status != 0
    assert "nosuchprogram" in err


@pytest.mark.parametrize("case", ["singularity", "none"], indirect=True)
def test_a_program_that_is_not_there_is_an_error(case: Case) -> None:
    with pytest.raises(ContainerNotStarted, match="nosuchprogram"):
        case.run("", command=["nosuchprogram"])


@pytest.mark.parametrize("case", ["docker", "docker-api", "podman"], indirect=True)
def test_an_image_that_cannot_be_had_is_told_with_the_reason(case: Case) -> None:
    with pytest.raises(ImageUnavailable, match=r"'localhost:9/nosuch:1' could not be fetched: .*refused"):
        case.run("true", image="localhost:9/nosuch:1")


@pytest.mark.parametrize("case", ["docker", "podman"], indirect=True)
def test_an_option_that_the_engine_refuses_is_told(case: Case) -> None:
    with pytest.raises(ContainerNotStarted, match="A container of 'ubuntu' could not be started"):
        case.run("true", options={"memory": "nonsense"})


@every_engine
def test_nothing_is_left_of_a_container(case: Case) -> None:
    name = f"mine-{time.monotonic_ns()}"
    assert case.run("true", name=name)[0] == 0
    with open_engine(case.name) as engine:
        assert engine.state(name) is ContainerState.ABSENT


@every_engine
def test_a_container_is_known_by_its_name_while_it_runs_and_can_be_ended_by_others(case: Case, job: RunningJob) -> None:
    statuses: list[object] = []
    name = f"mine-{time.monotonic_ns()}"

    def run() -> None:
        spec = ContainerSpec("ubuntu", ["sleep", "600"], name=name, stdout=str(case.tmp_path / "out"))
        statuses.append(run_container(spec, case.name, job=job.as_job()))

    thread = threading.Thread(target=run)
    thread.start()
    with open_engine(case.name) as engine:
        wait_until(lambda: engine.state(name) is ContainerState.RUNNING, "the container")
        # As the next process on the machine does after the one that waited was killed.
        job.end()
        thread.join(SECONDS)
        assert not thread.is_alive()
        assert engine.state(name) is ContainerState.ABSENT


@pytest.mark.parametrize("case", ["docker", "podman"], indirect=True)
def test_an_archive_of_an_image_is_loaded_and_run(case: Case) -> None:
    archive = case.tmp_path / "image.tar"
    os.system(f"podman save --quiet --output {archive} docker.io/library/ubuntu:latest > /dev/null")
    assert case.run("echo it runs", image=str(archive))[1] == "it runs\n"


@pytest.mark.parametrize("case", ["podman"], indirect=True)
def test_images_are_made_of_file_systems_and_of_recipes(case: Case) -> None:
    (case.tmp_path / "context").mkdir()
    recipe = case.tmp_path / "context" / "Dockerfile"
    recipe.write_text("FROM ubuntu\nENV MADE=here\n")
    with open_engine(case.name) as engine:
        engine.build(str(recipe), "made:1")
        assert engine.has_image("made:1")
    assert case.run("echo $MADE", image="made:1")[1] == "here\n"


@pytest.mark.parametrize("case", ["docker", "docker-api", "podman", "singularity", "udocker"], indirect=True)
def test_an_image_that_is_not_here_is_not_fetched_when_that_is_not_wanted(case: Case) -> None:
    with pytest.raises(ImageUnavailable, match=r"'localhost:9/other:1' could not be fetched: .*(not|no such)"):
        case.run("true", image="localhost:9/other:1", pull="never")


@pytest.mark.parametrize("case", ["docker", "docker-api", "podman"], indirect=True)
def test_an_image_that_is_here_is_fetched_again_when_that_is_wanted(case: Case) -> None:
    with open_engine("podman") as podman:
        podman.ask("tag", "ubuntu", "localhost:9/here:1")  # type: ignore[attr-defined]
    assert case.run("true", image="localhost:9/here:1")[0] == 0
    with pytest.raises(ImageUnavailable, match="refused"):
        case.run("true", image="localhost:9/here:1", pull="always")


@real_containers
def test_a_container_is_kept_when_that_is_wanted(case: Case) -> None:
    name = f"kept-{time.monotonic_ns()}"
    assert case.run("true", name=name, keep=True)[0] == 0
    with open_engine(case.name) as engine:
        assert engine.state(name) is ContainerState.STOPPED
        engine.remove(name)


@pytest.mark.parametrize("case", ["podman", "udocker"], indirect=True)
def test_an_archive_of_a_file_system_becomes_an_image(case: Case) -> None:
    (case.tmp_path / "root").mkdir()
    (case.tmp_path / "root" / "a").write_text("a")
    archive = shutil.make_archive(str(case.tmp_path / "system"), "tar", case.tmp_path / "root")
    with open_engine(case.name) as engine:
        engine.import_file_system(archive, "system:1")
        assert engine.has_image("system:1")


@pytest.mark.parametrize("case", ["singularity", "none"], indirect=True)
def test_what_makes_no_images_says_so(case: Case) -> None:
    with open_engine(case.name) as engine:
        for make in (engine.build, engine.import_file_system):
            with pytest.raises(ContainerArgumentError, match="Use docker or podman"):
                make("a", "b")


@commands
def test_docker_in_front_of_an_images_name_changes_nothing(case: Case) -> None:
    assert case.run("echo here", image="docker://ubuntu")[1] == "here\n"


def test_without_a_container_a_program_has_the_environment_of_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_WORKER", "1")
    monkeypatch.setenv("NOT_WANTED", "2")
    run = Case("none", tmp_path).run
    assert run("echo $OF_THE_WORKER$NOT_WANTED$A", environment={"A": "3", "NOT_WANTED": None})[1] == "13\n"


def test_through_the_api_nothing_reads_standard_input(engine: object, tmp_path: Path) -> None:
    (tmp_path / "in").touch()
    with pytest.raises(ContainerArgumentError, match="no container can read standard input"):
        Case("docker-api", tmp_path).run("cat", stdin=str(tmp_path / "in"))


def test_a_standard_input_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContainerNotStarted, match=r"no such file or directory: '.*missing'"):
        Case("none", tmp_path).run("cat", stdin=str(tmp_path / "missing"))


def command_lines() -> str:
    lines = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(entry.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(lines)


def wait_until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end, f"waited {SECONDS} s for {what}"
        time.sleep(0.1)
