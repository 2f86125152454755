"""Where a machine's directories lie, and that they go away."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from toil_core.errors import UserError
from toil_core.worker import node

_VARIABLES = ("WORKDIR", "WORKDIR_OVERRIDE", "COORDINATION_DIR", "COORDINATION_DIR_OVERRIDE")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in _VARIABLES:
        monkeypatch.delenv(f"TOIL_{name}", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr(node, "_MEMORY_DIRS", ())
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))


def made(parent: Path, name: str) -> str:
    """Create a directory and return its path."""
    (parent / name).mkdir()
    return str(parent / name)


def test_the_work_directory_is_the_systems_temporary_one_by_default(tmp_path: Path) -> None:
    assert node.work_dir() == str(tmp_path / "tmp")


def test_work_directory_precedence_is_override_option_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOIL_WORKDIR", made(tmp_path, "variable"))
    assert node.work_dir() == str(tmp_path / "variable")
    assert node.work_dir(made(tmp_path, "option")) == str(tmp_path / "option")
    monkeypatch.setenv("TOIL_WORKDIR_OVERRIDE", made(tmp_path, "override"))
    assert node.work_dir(str(tmp_path / "option")) == str(tmp_path / "override")


def test_coordination_directory_precedence_is_override_option_variable_memory_work_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = made(tmp_path, "work")
    assert node.coordination_dir(work, None) == work
    monkeypatch.setattr(node, "_MEMORY_DIRS", (made(tmp_path, "memory"),))
    assert node.coordination_dir(work, None) == str(tmp_path / "memory")
    monkeypatch.setenv("XDG_RUNTIME_DIR", made(tmp_path, "runtime"))
    assert node.coordination_dir(work, None) == str(tmp_path / "runtime")
    monkeypatch.setenv("TOIL_COORDINATION_DIR", made(tmp_path, "variable"))
    assert node.coordination_dir(work, None) == str(tmp_path / "variable")
    assert node.coordination_dir(work, made(tmp_path, "option")) == str(tmp_path / "option")
    monkeypatch.setenv("TOIL_COORDINATION_DIR_OVERRIDE", made(tmp_path, "override"))
    assert node.coordination_dir(work, str(tmp_path / "option")) == str(tmp_path / "override")


def test_a_file_system_that_is_too_small_is_not_used_for_coordination(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = made(tmp_path, "work")
    monkeypatch.setenv("XDG_RUNTIME_DIR", made(tmp_path, "runtime"))
    monkeypatch.setattr(node, "_MEMORY_DIR_SIZE", 1 << 80)
    assert node.coordination_dir(work, None) == work


def test_a_work_directory_that_does_not_exist_is_named_with_what_asked_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match=r"'.*absent' from --workDir does not exist"):
        node.work_dir(str(tmp_path / "absent"))
    monkeypatch.setenv("TOIL_WORKDIR", str(tmp_path / "absent"))
    with pytest.raises(node.NodeDirectoryError) as caught:
        node.workflow_dir("w")
    assert caught.value.source == "TOIL_WORKDIR"
    assert caught.value.path == str(tmp_path / "absent")


def test_a_work_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="is not a directory"):
        node.work_dir(str(tmp_path / "file"))


def test_a_work_directory_that_cannot_be_written_to_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(UserError, match="cannot be written to"):
        node.work_dir(str(tmp_path))


def test_a_workflows_directories_exist_for_its_user_only_and_are_the_same_each_time(tmp_path: Path) -> None:
    temporary = node.workflow_dir("w1", str(tmp_path))
    locks = node.workflow_coordination_dir("w1", str(tmp_path), None)
    assert temporary == node.workflow_dir("w1", str(tmp_path))
    assert locks == node.workflow_coordination_dir("w1", str(tmp_path), None)
    assert os.path.isdir(temporary)
    assert os.path.isdir(locks)
    assert temporary.startswith(str(tmp_path / "toil-w1"))
    assert os.stat(temporary).st_mode & 0o777 == 0o700


def test_machines_that_share_a_file_system_have_different_directories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = node.workflow_dir("w", str(tmp_path)), node.workflow_coordination_dir("w", None, str(tmp_path))
    monkeypatch.setattr(node, "node_id", lambda: "elsewhere")
    there = node.workflow_dir("w", str(tmp_path)), node.workflow_coordination_dir("w", None, str(tmp_path))
    assert not set(here) & set(there)


def test_two_processes_on_one_machine_agree_on_its_name() -> None:
    code = "from toil_core.worker.node import node_id; print(node_id())"
    other = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    assert other.stdout.strip() == node.node_id()
    assert node.node_id()


def test_removal_takes_all_of_this_machine_and_nothing_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, locks = made(tmp_path, "work"), made(tmp_path, "locks")
    here = node.workflow_dir("w", work)
    other_workflow = node.workflow_dir("w2", work)
    Path(here, "leftover").write_text("x")
    node.workflow_coordination_dir("w", work, locks)
    with monkeypatch.context() as patch:
        patch.setattr(node, "node_id", lambda: "elsewhere")
        there = node.workflow_dir("w", work)
    node.remove_workflow_dirs("w", work, locks)
    assert not os.path.exists(here)
    assert os.listdir(locks) == []
    assert os.path.isdir(there)
    node.remove_workflow_dirs("w", work, locks, all_nodes=True)
    assert os.listdir(work) == ["toil-w2"]
    assert os.path.isdir(other_workflow)


def test_removal_of_what_is_not_there_does_nothing(tmp_path: Path) -> None:
    node.remove_workflow_dirs("w", str(tmp_path / "tmp"), None)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_removal_first_calls_deferred_functions_whose_owner_died(tmp_path: Path) -> None:
    locks = node.workflow_coordination_dir("w", str(tmp_path), None)
    code = (
        "import os, sys; from pathlib import Path; from toil_core.worker.deferred import DeferredFunctions\n"
        "DeferredFunctions(sys.argv[1]).defer(Path.touch, Path(sys.argv[2])); os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", code, locks, str(tmp_path / "called")], check=False)
    assert not (tmp_path / "called").exists()
    node.remove_workflow_dirs("w", str(tmp_path), None)
    assert (tmp_path / "called").exists()
    assert not (tmp_path / "toil-w").exists()
