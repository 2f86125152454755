"""`Resource`: the user's code, packed into the job store by the leader and unpacked once on each machine.

A script is packed with all `.py` files beside it, a module started with `python -m` with the whole package hierarchy
that it is part of. The pack is the same, byte for byte, whenever the code is, and is named after its content: a
restart with an edited script never meets the old one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from toil_core.deployment.errors import ResourceError
from toil_core.units import bytes2human

if TYPE_CHECKING:
    from toil_core.deployment.user_script import UserScript
    from toil_core.job_stores.abstract import AbstractJobStore

#: How much code is taken along at most, in bytes and in files, before packing.
MAX_SIZE = 256 << 20
MAX_FILES = 50_000
_NATIVE = (".so", ".pyd", ".dylib")
_NEVER = frozenset({"__pycache__", "node_modules"})


class Resource(NamedTuple):
    """A pack of Python files in a job store.

    :ivar key: the shared file that holds it.
    :ivar digest: the SHA-256 of that file, in hexadecimal.
    :ivar name: the script's or module's name, for people.
    """

    key: str
    digest: str
    name: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values from which `from_dict` restores this, fit for JSON."""
        return self._asdict()

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Resource:
        """Restore what `to_dict` wrote."""
        return cls(**values)

    @classmethod
    def create(cls, job_store: AbstractJobStore, script: UserScript) -> Resource:
        """Pack a script, or the hierarchy that a module is part of, into the job store.

        :raises ResourceError: if a file cannot be read, or there is too much.
        """
        from hashlib import sha256

        files = package_files(script.root) if script.module else sibling_files(script.path)
        data = _packed(script.root, files)
        digest = sha256(data).hexdigest()
        key = f"user-script-{digest[:32]}.zip"
        with job_store.writeSharedFileStream(key) as stream:
            stream.write(data)
        return cls(key, digest, script.module or os.path.basename(script.path))

    def localize(self, job_store: AbstractJobStore, workflow_dir: str) -> str:
        """Return the directory with the unpacked files on this machine; the first worker that asks unpacks them.

        :param workflow_dir: the workflow's directory on this machine.
        :raises ResourceError: if what the job store holds is not what the leader packed.
        """
        import fcntl

        home = os.path.join(workflow_dir, "code")
        place = os.path.join(home, self.digest[:32])
        if os.path.isdir(place):
            return place
        os.makedirs(home, mode=0o700, exist_ok=True)
        with open(f"{place}.lock", "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not os.path.isdir(place):
                with job_store.readSharedFileStream(self.key) as stream:
                    data = stream.read()
                self._unpack(data, place)
        return place

    def _unpack(self, data: bytes, place: str) -> None:
        """Unpack beside the place and rename, so that the place never holds a part."""
        import shutil
        from hashlib import sha256
        from io import BytesIO
        from zipfile import ZipFile

        if sha256(data).hexdigest() != self.digest:
            raise ResourceError(f"The code of '{self.name}' arrived damaged from the job store.", place, "Restart.")
        partial = f"{place}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        with ZipFile(BytesIO(data)) as pack:
            pack.extractall(partial)
        os.rename(partial, place)


def sibling_files(script: str) -> list[str]:
    """Return a script and all `.py` files in its directory."""
    directory = os.path.dirname(script)
    names = {os.path.basename(script)}
    with os.scandir(directory) as entries:
        names.update(entry.name for entry in entries if entry.name.endswith(".py") and entry.is_file())
    return [os.path.join(directory, name) for name in sorted(names)]


def package_files(root: str) -> list[str]:
    """Return all Python files in and below a directory, but for those that no import could reach.

    Left out are virtual environments, directories whose names are no identifiers, and, where packages are installed
    (`site-packages`), all packages with native code, which cannot be brought to another machine.
    """
    installed = os.path.basename(root) in ("site-packages", "dist-packages")
    found: list[str] = []
    for path in _python_files(root, installed):
        found.append(path)
        if len(found) > MAX_FILES:
            raise _too_much(root, f"more than {MAX_FILES} Python files")
    return sorted(found)


def _python_files(root: str, installed: bool) -> Iterator[str]:
    for directory, subdirectories, names in os.walk(root):
        if "pyvenv.cfg" in names and directory != root:
            subdirectories[:] = []
            continue
        subdirectories[:] = sorted(name for name in subdirectories if name.isidentifier() and name not in _NEVER)
        if installed and directory == root:
            subdirectories[:] = [name for name in subdirectories if not _has_native_code(os.path.join(root, name))]
        for name in names:
            path = os.path.join(directory, name)
            if name.endswith(".py") and os.path.isfile(path):
                yield path


def _has_native_code(package: str) -> bool:
    return any(name.endswith(_NATIVE) for _, _, names in os.walk(package) for name in names)


def _packed(root: str, files: list[str]) -> bytes:
    """Return a zip archive of the files; times, owners and the order of the directory leave no trace in it."""
    from io import BytesIO
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    buffer = BytesIO()
    size = 0
    with ZipFile(buffer, "w", ZIP_DEFLATED) as pack:
        for path in files:
            entry = ZipInfo(os.path.relpath(path, root), (1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            try:
                with open(path, "rb") as stream:
                    content = stream.read()
            except OSError as error:
                raise ResourceError(
                    f"'{path}' cannot be read to take it to the workers: {error.strerror}.",
                    path,
                    "Make it readable or move it away; all Python files beside the script are taken along.",
                ) from error
            size += len(content)
            if size > MAX_SIZE:
                raise _too_much(root, f"more than {bytes2human(MAX_SIZE)} of Python files")
            pack.writestr(entry, content)
    return buffer.getvalue()


def _too_much(root: str, what: str) -> ResourceError:
    return ResourceError(
        f"There are {what} in '{root}', too much to take to the workers.",
        root,
        "Run the workflow from a directory that holds only its own code, or install it on all machines and use"
        " --disableAutoDeployment.",
    )
