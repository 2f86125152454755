"""Images for the conformance tests that want containers, made here of programs of this machine.

No registry is asked for anything: the images have the names that the tests' documents ask for, and just the programs
that these use.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

_BUSYBOX = "/bin/busybox"
_BASH = "/bin/bash"
_PYTHON = "/usr/bin/python3"


def make_images(variables: Mapping[str, str]) -> None:
    """Make all images.

    :param variables: the environment to use podman with.
    """
    environment = {**os.environ, **variables}
    with tempfile.TemporaryDirectory() as made:
        root = Path(made) / "root"
        _fill(root)
        _import(root, ["docker.io/library/debian:stable-slim", "docker.io/debian:stable-slim"], environment)
        _import(root, ["docker.io/library/bash:4.4", "docker.io/bash:4.4"], environment, 'ENTRYPOINT ["bash"]')
        _add_python(root)
        _import(root, ["docker.io/library/python:3-slim", "docker.io/python:3-slim"], environment)


def _fill(root: Path) -> None:
    for name in ("bin", "etc", "root", "proc", "sys", "dev", "usr/bin", "var/lib", "var/spool"):
        (root / name).mkdir(parents=True)
    (root / "tmp").mkdir(mode=0o1777)
    root.chmod(0o755)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    _copy_program(_BUSYBOX, root, "bin/busybox")
    listed = subprocess.run([_BUSYBOX, "--list"], capture_output=True, text=True, check=True).stdout
    for applet in set(listed.split()) - {"busybox"}:
        (root / "bin" / applet).symlink_to("busybox")
    _copy_program(_BASH, root, "bin/bash")


def _add_python(root: Path) -> None:
    program = os.path.realpath(_PYTHON)
    _copy_program(program, root, "usr/bin/python3")
    (root / "usr/bin/python").symlink_to("python3")
    library = f"usr/lib/{os.path.basename(program)}"
    ignored = shutil.ignore_patterns("__pycache__", "test", "idlelib", "config-*", "dist-packages", "tkinter")
    shutil.copytree(f"/{library}", root / library, ignore=ignored, ignore_dangling_symlinks=True)


def _copy_program(source: str, root: Path, name: str) -> None:
    """Copy a program with the shared libraries that it needs."""
    shutil.copy2(source, root / name)
    needed = subprocess.run(["ldd", source], capture_output=True, text=True, check=False).stdout
    for path in (word for word in needed.split() if word.startswith("/")):
        target = root / path.lstrip("/")
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)


def _import(root: Path, names: list[str], environment: Mapping[str, str], *changes: str) -> None:
    archive = root.with_suffix(".tar")
    with tarfile.open(archive, "w") as tar:
        tar.add(root, ".")
    words = [word for change in ("ENV PATH=/bin:/usr/bin", *changes) for word in ("-c", change)]
    subprocess.run(["podman", "import", "--quiet", *words, str(archive), names[0]], env=environment, check=True)
    for name in names[1:]:
        subprocess.run(["podman", "tag", names[0], name], env=environment, check=True)
