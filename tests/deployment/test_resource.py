"""What is packed for other machines, and that it arrives whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from toil_core.deployment import resource
from toil_core.deployment.errors import ResourceError
from toil_core.deployment.resource import Resource, package_files, sibling_files
from toil_core.deployment.user_script import UserScript


class SharedFiles:
    """Shared files in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @contextmanager
    def writeSharedFileStream(self, name: str) -> Iterator[IO[bytes]]:
        """Open a shared file for writing."""
        with (self.directory / name).open("wb") as stream:
            yield stream

    @contextmanager
    def readSharedFileStream(self, name: str) -> Iterator[IO[bytes]]:
        """Open a shared file for reading."""
        with (self.directory / name).open("rb") as stream:
            yield stream


@pytest.fixture
def store(tmp_path: Path) -> Any:
    """Return a place for shared files."""
    (tmp_path / "store").mkdir()
    return SharedFiles(tmp_path / "store")


def tree(root: Path, *names: str) -> Path:
    """Make files, each with its name as a comment."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n")
    return root


def relative(root: Path, paths: list[str]) -> list[str]:
    """Return paths as seen from a directory."""
    return [os.path.relpath(path, root) for path in paths]


def test_siblings_are_the_python_files_of_the_directory_and_the_script(tmp_path: Path) -> None:
    root = tree(tmp_path / "p", "run", "a.py", "b.py", "data.txt", "pkg/__init__.py")
    assert relative(root, sibling_files(str(root / "run"))) == ["a.py", "b.py", "run"]


def test_a_hierarchy_is_all_python_files_that_an_import_could_reach(tmp_path: Path) -> None:
    root = tree(
        tmp_path / "p",
        "top.py",
        "pkg/__init__.py",
        "pkg/sub/mod.py",
        "pkg/data.csv",
        ".git/hook.py",
        "my-store/x.py",
        "__pycache__/y.py",
        "venv/pyvenv.cfg",
        "venv/lib/z.py",
    )
    assert relative(root, package_files(str(root))) == ["pkg/__init__.py", "pkg/sub/mod.py", "top.py"]


def test_native_packages_beside_an_installed_module_are_left_out(tmp_path: Path) -> None:
    root = tree(tmp_path / "site-packages", "flow/main.py", "numpy/__init__.py", "numpy/core/x.so")
    assert relative(root, package_files(str(root))) == ["flow/main.py"]


def test_the_pack_does_not_depend_on_times_or_the_order_of_the_directory(tmp_path: Path, store: Any) -> None:
    one = tree(tmp_path / "one", "a.py", "b.py")
    two = tree(tmp_path / "two", "b.py", "a.py")
    os.utime(two / "a.py", (1, 1))
    first = Resource.create(store, UserScript(str(one / "a.py"), str(one)))
    second = Resource.create(store, UserScript(str(two / "a.py"), str(two)))
    assert first == second
    (two / "b.py").write_text("# edited\n")
    assert Resource.create(store, UserScript(str(two / "a.py"), str(two))).key != first.key


def test_the_key_is_a_name_that_any_job_store_accepts(tmp_path: Path, store: Any) -> None:
    root = tree(tmp_path / "p q", "a b.py")
    key = Resource.create(store, UserScript(str(root / "a b.py"), str(root))).key
    assert all(letter.isalnum() or letter in "-." for letter in key)


def test_files_arrive_with_their_content(tmp_path: Path, store: Any) -> None:
    root = tree(tmp_path / "p", "pkg/__init__.py", "pkg/main.py")
    packed = Resource.create(store, UserScript(str(root / "pkg/main.py"), str(root), "pkg.main"))
    place = packed.localize(store, str(tmp_path / "node"))
    assert (Path(place) / "pkg" / "main.py").read_text() == "# pkg/main.py\n"
    assert packed.localize(store, str(tmp_path / "node")) == place


def test_what_an_interrupted_worker_left_is_not_taken_for_the_whole(tmp_path: Path, store: Any) -> None:
    root = tree(tmp_path / "p", "a.py", "b.py")
    packed = Resource.create(store, UserScript(str(root / "a.py"), str(root)))
    tree(tmp_path / "node" / "code" / f"{packed.digest[:32]}.partial", "a.py", "stale.py")
    place = packed.localize(store, str(tmp_path / "node"))
    assert sorted(os.listdir(place)) == ["a.py", "b.py"]


def test_a_damaged_pack_is_refused(tmp_path: Path, store: Any) -> None:
    root = tree(tmp_path / "p", "a.py")
    packed = Resource.create(store, UserScript(str(root / "a.py"), str(root)))
    (store.directory / packed.key).write_bytes(b"torn")
    with pytest.raises(ResourceError, match="arrived damaged"):
        packed.localize(store, str(tmp_path / "node"))


@pytest.mark.parametrize(
    ("limit", "says"), [("MAX_SIZE", "more than 10 B"), ("MAX_FILES", "more than 10 Python files")]
)
def test_too_much_code_is_refused_with_advice(
    tmp_path: Path, store: Any, monkeypatch: pytest.MonkeyPatch, limit: str, says: str
) -> None:
    root = tree(tmp_path / "p", *(f"m{number}.py" for number in range(11)))
    monkeypatch.setattr(resource, limit, 10)
    with pytest.raises(ResourceError, match=f"{says}.*--disableAutoDeployment"):
        Resource.create(store, UserScript(str(root / "m1.py"), str(root), "m1"))


def test_an_unreadable_file_is_named(tmp_path: Path, store: Any) -> None:
    root = tree(tmp_path / "p", "a.py")
    with pytest.raises(ResourceError, match=r"gone\.py' cannot be read.*No such file"):
        Resource.create(store, UserScript(str(root / "gone.py"), str(root)))


def test_a_resource_survives_its_dictionary() -> None:
    assert Resource.from_dict(Resource("k", "d", "n").to_dict()) == Resource("k", "d", "n")


def test_deployment_imports_nothing_heavy() -> None:
    import subprocess

    code = (
        "import sys; before = set(sys.modules)\n"
        "import toil_core.deployment.user_script, toil_core.deployment.environment, toil_core.worker.node\n"
        "heavy = {'zipfile', 'json', 'inspect', 'dataclasses', 'tempfile', 'subprocess', 'shutil', 'logging'}\n"
        "print(sorted(heavy & (set(sys.modules) - before)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "[]\n"
