"""Tasks that name a container run in it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from running_wdl import outputs_of

from toil_core.testing.commands import toil

CONTAINED = """
version 1.2
task inside {
  input {
    File f
    Directory d
  }
  command <<<
    ls /etc > etc.txt
    cat ~{f} ~{d}/one.txt
    id -u
    mkdir made && echo made > made/file.txt
  >>>
  output {
    Array[String] etc = read_lines("etc.txt")
    Array[String] said = read_lines(stdout())
    Directory made = "made"
  }
  requirements {
    container: ["@IMAGE@"]
  }
}
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A directory with a task and its inputs."""
    directory = tmp_path / "work"
    (directory / "d").mkdir(parents=True)
    (directory / "d" / "one.txt").write_text("one\n")
    (directory / "f.txt").write_text("content\n")
    (directory / "inside.wdl").write_text(CONTAINED.replace("@IMAGE@", "busybox"))
    return directory


_INPUTS = '{"inside.f": "f.txt", "inside.d": "d"}'


def test_a_task_sees_the_files_of_its_container_and_its_inputs(work: Path, podman: dict[str, str]) -> None:
    outcome = toil(["wdl", "inside.wdl", _INPUTS, "--container", "podman", "--retryCount", "0"], work, podman)
    assert outcome.status == 0, str(outcome)
    outputs = outputs_of(outcome)
    assert "passwd" in outputs["inside.etc"] and "apt" not in outputs["inside.etc"]
    assert outputs["inside.said"][:2] == ["content", "one"]
    assert (Path(outputs["inside.made"]) / "file.txt").read_text() == "made\n"


def test_no_container_is_used_where_the_user_insists(work: Path) -> None:
    outcome = toil(["wdl", "inside.wdl", _INPUTS, "--container", "none", "--retryCount", "0"], work)
    assert outcome.status == 0, str(outcome)
    assert outputs_of(outcome)["inside.etc"] == _listed("/etc")


def _listed(directory: str) -> list[str]:
    done = subprocess.run(["ls", directory], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_an_image_that_is_not_there_is_told(work: Path, podman: dict[str, str]) -> None:
    (work / "inside.wdl").write_text(CONTAINED.replace("@IMAGE@", "localhost/no-such-image:1"))
    outcome = toil(["wdl", "inside.wdl", _INPUTS, "--container", "podman", "--retryCount", "0"], work, podman)
    assert outcome.status == 1, str(outcome)
    assert "localhost/no-such-image:1" in outcome.stderr


def test_a_machine_without_an_engine_is_told_what_to_do(work: Path) -> None:
    (work / "bin").mkdir()
    for program in ("bash", "sh"):
        (work / "bin" / program).symlink_to(f"/usr/bin/{program}")
    outcome = toil(["wdl", "inside.wdl", _INPUTS, "--retryCount", "0"], work, {"PATH": str(work / "bin")})
    assert outcome.status == 1, str(outcome)
    assert "busybox" in outcome.stderr and "--container none" in outcome.stderr
