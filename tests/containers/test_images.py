"""Names of images, and the files that Singularity keeps them in."""

from __future__ import annotations

import pytest

from toil_core.containers.images import qualified, with_tag
from toil_core.containers.singularity import Origin, cache_directory, file_name_of, origins_of


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("ubuntu", "docker.io/library/ubuntu"),
        ("docker://ubuntu:22.04", "docker.io/library/ubuntu:22.04"),
        ("quay/some:1", "docker.io/quay/some:1"),
        ("quay.io/a/b", "quay.io/a/b"),
        ("localhost/a", "localhost/a"),
        ("host:5000/a@sha256:12", "host:5000/a@sha256:12"),
    ],
)
def test_a_name_without_a_registry_is_one_of_docker_hub(image: str, expected: str) -> None:
    assert qualified(image) == expected


@pytest.mark.parametrize(
    ("image", "expected"), [("a", "a:latest"), ("h:5000/a", "h:5000/a:latest"), ("a:1", "a:1"), ("a@b:c", "a@b:c")]
)
def test_a_name_without_a_tag_is_the_latest(image: str, expected: str) -> None:
    assert with_tag(image) == expected


def test_names_of_one_image_share_a_file_and_others_do_not() -> None:
    same = {file_name_of(name) for name in ("ubuntu", "docker://ubuntu:latest", "docker.io/library/ubuntu")}
    assert same == {"docker.io=2f=library=2f=ubuntu=3a=latest.sif"}
    names = ["a/b:c", "a:b_c", "a.b/c", "a_b:c", "library://a/b:c"]
    assert len({file_name_of(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("image", "mirror", "expected"),
    [
        ("ubuntu", "", [Origin("docker://docker.io/library/ubuntu:latest")]),
        (
            "ubuntu:1",
            "http://mirror:5000/",
            [Origin("docker://mirror:5000/library/ubuntu:1", True), Origin("docker://docker.io/library/ubuntu:1")],
        ),
        ("a/b:1", "mirror", [Origin("docker://mirror/a/b:1"), Origin("docker://docker.io/a/b:1")]),
        ("quay.io/a:1", "http://mirror", [Origin("docker://quay.io/a:1")]),
        ("library://a/b", "http://mirror", [Origin("library://a/b")]),
    ],
)
def test_a_mirror_of_docker_hub_is_asked_first_for_what_is_there(
    image: str, mirror: str, expected: list[Origin]
) -> None:
    assert origins_of(image, mirror) == expected


@pytest.mark.parametrize(
    ("environment", "program", "expected"),
    [
        ({"HOME": "/h"}, "singularity", "/h/.singularity/cache"),
        ({"HOME": "/h"}, "apptainer", "/h/.apptainer/cache"),
        ({"HOME": "/h", "SINGULARITY_CACHEDIR": "/c"}, "apptainer", "/c"),
        ({"SINGULARITY_CACHEDIR": "/c", "APPTAINER_CACHEDIR": "/d"}, "apptainer", "/d"),
    ],
)
def test_images_are_kept_where_the_environment_says(environment: dict[str, str], program: str, expected: str) -> None:
    assert cache_directory(environment, program) == expected
