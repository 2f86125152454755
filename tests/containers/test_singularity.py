"""How images get into Singularity's cache, with a stand-in that makes files of the URLs that it is given."""

from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path

import pytest

from tests.services.running import SERVICES
from toil_core.containers.engine import ContainerSpec
from toil_core.containers.errors import ContainerNotStarted, ImageUnavailable
from toil_core.containers.opening import open_engine
from toil_core.containers.running import run_container


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory that images are kept in."""
    monkeypatch.setenv("PATH", f"{SERVICES / 'stand_ins'}:{os.environ['PATH']}")
    monkeypatch.setenv("STAND_IN_LOG", str(tmp_path / "log"))
    monkeypatch.setenv("SINGULARITY_CACHEDIR", str(tmp_path / "cache"))
    monkeypatch.setattr("toil_core.containers.command_engine._PAUSES", (0, 0, 0))
    return tmp_path / "cache" / "toil"


def builds(tmp_path: Path) -> list[list[str]]:
    lines = (tmp_path / "log").read_text().splitlines()
    return [words for words in map(json.loads, lines) if "build" in words]


def images(cache: Path) -> list[str]:
    return [name for name in os.listdir(cache) if name.endswith(".sif")]


def run(image: str) -> int:
    return run_container(ContainerSpec(image, ["true"]), "singularity")


def test_an_image_is_made_once_for_all_its_names(tmp_path: Path, cache: Path) -> None:
    assert [run(image) for image in ("ubuntu", "docker://ubuntu:latest", "ubuntu")] == [0, 0, 0]
    assert images(cache) == ["docker.io=2f=library=2f=ubuntu=3a=latest.sif"]
    assert len(builds(tmp_path)) == 1


def test_an_image_is_made_anew_when_that_is_wanted(tmp_path: Path) -> None:
    for _ in range(2):
        run_container(ContainerSpec("ubuntu", ["true"], pull="always"), "singularity")
    assert len(builds(tmp_path)) == 2


def test_jobs_that_want_one_image_at_once_have_one_of_them_make_it(tmp_path: Path) -> None:
    # Each child is a process of its own, as workers are.
    with multiprocessing.get_context("fork").Pool(4) as pool:
        assert pool.map(run, ["ubuntu"] * 8) == [0] * 8
    assert len(builds(tmp_path)) == 1


def test_what_may_pass_is_tried_again_and_what_stays_is_told(tmp_path: Path, cache: Path) -> None:
    assert run("flaky") == 0
    assert len(builds(tmp_path)) == 2
    with pytest.raises(ImageUnavailable, match=r"'nosuch' could not be fetched: .*manifest unknown"):
        run("nosuch")
    assert len(builds(tmp_path)) == 3
    assert images(cache) == ["docker.io=2f=library=2f=flaky=3a=latest.sif"]


def test_a_mirror_is_asked_first_and_docker_hub_after_it(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SINGULARITY_DOCKER_HUB_MIRROR", "http://mirror:5000")
    assert run("ubuntu:1") == 0
    assert (cache / images(cache)[0]).read_text() == "docker://mirror:5000/library/ubuntu:1"
    assert "--no-https" in builds(tmp_path)[0]
    monkeypatch.setenv("SINGULARITY_DOCKER_HUB_MIRROR", "https://nosuch-mirror")
    assert run("ubuntu:2") == 0
    assert [words[-1] for words in builds(tmp_path)[1:]] == [
        "docker://nosuch-mirror/library/ubuntu:2",
        "docker://docker.io/library/ubuntu:2",
    ]


def test_image_files_and_directories_are_run_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "mine.sif").touch()
    (tmp_path / "sandbox").mkdir()
    assert run(str(tmp_path / "mine.sif")) == run(str(tmp_path / "sandbox")) == 0
    assert builds(tmp_path) == []


def test_an_archive_is_made_an_image_of_anew_when_it_changes(tmp_path: Path, cache: Path) -> None:
    archive = tmp_path / "saved.tar"
    for content in ("one", "one", "another"):
        if not archive.exists() or archive.read_text() != content:
            archive.write_text(content)
        assert run(str(archive)) == 0
    assert [words[-1] for words in builds(tmp_path)] == [f"docker-archive://{archive}"] * 2
    assert len(images(cache)) == 2


def test_what_the_command_gives_up_on_is_told(tmp_path: Path) -> None:
    spec = ContainerSpec("ubuntu", ["true"], working_dir="/no/such", stderr=str(tmp_path / "err"))
    with pytest.raises(ContainerNotStarted, match="No such file or directory"):
        run_container(spec, "singularity")


def test_a_command_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Exception, match="There is no command 'singularity'"), open_engine("singularity"):
        pass
