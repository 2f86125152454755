"""Workers find the user's code: where it is, where it was deployed to, under the names that pickles use."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from toil_core.deployment.errors import UserScriptError
from toil_core.deployment.user_script import UserScript

_ROOT = str(Path(__file__).resolve().parents[2])

#: A store of shared files in a directory, enough to deploy through.
_STORE = """
from contextlib import contextmanager
from pathlib import Path
class Store:
    def __init__(self, directory): self.directory = Path(directory)
    @contextmanager
    def writeSharedFileStream(self, name):
        with (self.directory / name).open("wb") as stream: yield stream
    @contextmanager
    def readSharedFileStream(self, name):
        with (self.directory / name).open("rb") as stream: yield stream
"""

#: A script whose leader writes a pickle of its own function and class, and later reads what a worker pickled.
_SCRIPT = (
    _STORE
    + """
import json, pickle, sys
from {helper_module} import twice
class Box:
    def __init__(self, content): self.content = content
def work(number): return Box(twice(number))
if __name__ == "__main__":
    from toil_core.deployment.user_script import UserScript
    script = UserScript.of_main()
    script.alias_main()
    directory = Path(sys.argv[1])
    if (directory / "out").exists():
        box = pickle.loads((directory / "out").read_bytes())
        print(type(box) is Box, box.content)
    else:
        if "--deploy" in sys.argv:
            script.deploy(Store(directory))
        (directory / "script.json").write_text(json.dumps(script.to_dict()))
        (directory / "job").write_bytes(pickle.dumps(work))
"""
)

_WORKER = (
    _STORE
    + """
import json, pickle, sys
from toil_core.deployment.user_script import UserScript
directory = Path(sys.argv[1])
script = UserScript.from_dict(json.loads((directory / "script.json").read_text()))
script.here(Store(directory), str(directory / "node")).load()
result = pickle.loads((directory / "job").read_bytes())(21)
(directory / "out").write_bytes(pickle.dumps(result))
"""
)


def python(*arguments: str, cwd: Path, path: str = _ROOT) -> str:
    """Run Python in a directory and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def exchange(tmp_path: Path) -> Path:
    """Return the directory through which leader and worker talk."""
    (tmp_path / "exchange").mkdir()
    (tmp_path / "exchange" / "worker.py").write_text(_WORKER)
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "exchange"


def project(tmp_path: Path) -> Path:
    """Make a script with a sibling module."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "script.py").write_text(_SCRIPT.replace("{helper_module}", "utilities"))
    (tmp_path / "project" / "utilities.py").write_text("def twice(x): return 2 * x\n")
    return tmp_path / "project"


def hierarchy(tmp_path: Path) -> Path:
    """Make a package hierarchy with a main module and a helper in another package."""
    root = tmp_path / "hierarchy"
    for name in ("workflow", "utils", "utils/sort"):
        (root / name).mkdir(parents=True)
        (root / name / "__init__.py").write_text("")
    (root / "workflow" / "main.py").write_text(_SCRIPT.replace("{helper_module}", "utils.sort.quick"))
    (root / "utils" / "sort" / "quick.py").write_text("def twice(x): return 2 * x\n")
    return root


def run_worker(exchange: Path) -> None:
    """Run a worker in a directory that has nothing to do with the script."""
    python(str(exchange / "worker.py"), str(exchange), cwd=exchange.parent / "elsewhere")


def test_a_worker_calls_a_scripts_function_and_the_leader_reads_its_result(tmp_path: Path, exchange: Path) -> None:
    script = project(tmp_path)
    python("script.py", str(exchange), cwd=script)
    run_worker(exchange)
    assert python("script.py", str(exchange), cwd=script) == "True 42\n"


def test_a_script_named_through_a_symbolic_link_finds_its_siblings(tmp_path: Path, exchange: Path) -> None:
    script = project(tmp_path)
    (tmp_path / "elsewhere" / "link.py").symlink_to(script / "script.py")
    python("link.py", str(exchange), cwd=tmp_path / "elsewhere")
    run_worker(exchange)
    assert python("link.py", str(exchange), cwd=tmp_path / "elsewhere") == "True 42\n"


def test_a_module_started_with_m_is_imported_under_its_name(tmp_path: Path, exchange: Path) -> None:
    root = hierarchy(tmp_path)
    python("-m", "workflow.main", str(exchange), cwd=root)
    assert json.loads((exchange / "script.json").read_text())["module"] == "workflow.main"
    run_worker(exchange)
    assert b"workflow.main" in (exchange / "out").read_bytes()
    assert python("-m", "workflow.main", str(exchange), cwd=root) == "True 42\n"


def test_siblings_are_deployed_to_a_machine_that_has_none_of_it(tmp_path: Path, exchange: Path) -> None:
    script = project(tmp_path)
    python("script.py", str(exchange), "--deploy", cwd=script)
    script.rename(tmp_path / "moved")
    run_worker(exchange)
    assert python("script.py", str(exchange), cwd=tmp_path / "moved") == "True 42\n"


def test_a_package_hierarchy_is_deployed_from_outside_its_directory(tmp_path: Path, exchange: Path) -> None:
    root = hierarchy(tmp_path)
    path = os.pathsep.join((_ROOT, str(root)))
    python("-m", "workflow.main", str(exchange), "--deploy", cwd=tmp_path / "elsewhere", path=path)
    root.rename(tmp_path / "moved")
    run_worker(exchange)
    assert python("-m", "workflow.main", str(exchange), cwd=tmp_path / "moved") == "True 42\n"


def test_workers_that_come_together_unpack_once(tmp_path: Path, exchange: Path) -> None:
    python("script.py", str(exchange), "--deploy", cwd=project(tmp_path))
    workers = [
        subprocess.Popen(
            [sys.executable, str(exchange / "worker.py"), str(exchange)], env={**os.environ, "PYTHONPATH": _ROOT}
        )
        for _ in range(3)
    ]
    assert [worker.wait(timeout=120) for worker in workers] == [0, 0, 0]
    names = os.listdir(exchange / "node" / "code")
    assert len([name for name in names if not name.endswith(".lock")]) == 1


def test_an_edited_script_is_deployed_anew_beside_the_old_one(tmp_path: Path, exchange: Path) -> None:
    script = project(tmp_path)
    python("script.py", str(exchange), "--deploy", cwd=script)
    run_worker(exchange)
    (exchange / "out").unlink()
    (script / "utilities.py").write_text("def twice(x): return 2 + x\n")
    python("script.py", str(exchange), "--deploy", cwd=script)
    run_worker(exchange)
    assert python("script.py", str(exchange), cwd=script) == "True 23\n"


def test_a_restarted_worker_sees_an_edit_of_the_same_size_and_second(tmp_path: Path, exchange: Path) -> None:
    script = project(tmp_path) / "script.py"
    python("script.py", str(exchange), cwd=script.parent)
    run_worker(exchange)
    stat = script.stat()
    script.write_text(script.read_text().replace("twice(number)", "twice(1000+1)"))
    os.utime(script, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert script.stat().st_size == stat.st_size
    run_worker(exchange)
    assert python("script.py", str(exchange), cwd=script.parent) == "True 2002\n"


def test_directories_that_the_leader_added_to_the_search_path_are_searched_by_workers(
    tmp_path: Path, exchange: Path
) -> None:
    script = project(tmp_path)
    (tmp_path / "library").mkdir()
    shutil.move(script / "utilities.py", tmp_path / "library" / "utilities.py")
    path = os.pathsep.join((_ROOT, str(tmp_path / "library")))
    python("script.py", str(exchange), cwd=script, path=path)
    run_worker(exchange)
    assert (exchange / "out").exists()


def test_a_prompt_and_python_c_have_no_script(tmp_path: Path) -> None:
    code = "from toil_core.deployment.user_script import UserScript; print(UserScript.of_main())"
    assert python("-c", code, cwd=tmp_path) == "None\n"


def test_a_script_survives_json() -> None:
    script = UserScript("/a/b.py", "/a", "", ("/lib",))
    again = UserScript.from_dict(json.loads(json.dumps(script.to_dict())))
    assert again.to_dict() == script.to_dict()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "does not exist on machine"),
        ("import no_such_module_here\n", "ModuleNotFoundError: No module named 'no_such_module_here'"),
        ("open('/no/such/file')\n", "FileNotFoundError"),
        ("x = = 1\n", "SyntaxError"),
        ("import sys; sys.exit(0)\n", "exits when a worker imports it"),
    ],
)
def test_a_script_that_cannot_be_imported_is_one_clear_user_error(tmp_path: Path, text: str | None, says: str) -> None:
    path = tmp_path / "script.py"
    if text is not None:
        path.write_text(text)
    values = json.dumps(UserScript(str(path), str(tmp_path)).to_dict())
    code = (
        "import json, sys; from toil_core.deployment.user_script import UserScript, is_loading\n"
        "from toil_core.errors import UserError\n"
        "try: UserScript.from_dict(json.loads(sys.argv[1])).load()\n"
        "except UserError as error: print(error, is_loading(), '__toil_main__' in sys.modules)\n"
    )
    printed = python("-c", code, values, cwd=tmp_path)
    assert says in printed
    assert printed.endswith("False False\n")


def test_the_error_of_a_script_reaches_another_process_whole() -> None:
    error = pickle.loads(pickle.dumps(UserScriptError("/a.py", ValueError("no"))))
    assert str(error) == str(UserScriptError("/a.py", ValueError("no")))


def test_a_script_can_tell_that_it_is_only_being_imported_for_a_worker(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text("from toil_core.deployment.user_script import is_loading\nprint(is_loading())\n")
    values = json.dumps(UserScript(str(path), str(tmp_path)).to_dict())
    code = (
        "import json, sys; from toil_core.deployment.user_script import UserScript, is_loading\n"
        "UserScript.from_dict(json.loads(sys.argv[1])).load(); print(is_loading(), sys.modules['__main__'].__name__)\n"
    )
    assert python("-c", code, values, cwd=tmp_path) == "True\nFalse __toil_main__\n"
