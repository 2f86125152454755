"""Names of images: what people write, in the terms of each engine."""

from __future__ import annotations

import os

_DOCKER = "docker://"
#: The endings of archives of images, and of images in Singularity's own formats.
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".oci")
_SINGULARITY = (".sif", ".simg", ".img")


def without_scheme(image: str) -> str:
    """Return an image's name as Docker's own commands take it."""
    return image.removeprefix(_DOCKER)


def is_archive(image: str) -> bool:
    """Return whether an image is named by the path of an archive that has to be loaded first."""
    return image.endswith(_ARCHIVES) and os.path.isfile(image)


def is_singularity_file(image: str) -> bool:
    """Return whether an image is named by the path of a file, or a directory, that Singularity runs as it is."""
    return (image.endswith(_SINGULARITY) and os.path.isfile(image)) or (os.path.isabs(image) and os.path.isdir(image))


def qualified(image: str) -> str:
    """Return an image's full name, with the registry that a name without one is in.

    :param image: its name, with or without `docker://`.
    """
    name = without_scheme(image)
    first, slash, _ = name.partition("/")
    if not slash:
        return f"docker.io/library/{name}"
    is_host = "." in first or ":" in first or first == "localhost"
    return name if is_host else f"docker.io/{name}"


def with_tag(image: str) -> str:
    """Return an image's name with its tag or digest, `latest` where it has none."""
    last = image.rpartition("/")[2]
    return image if ":" in last or "@" in last else f"{image}:latest"
