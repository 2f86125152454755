"""Workers on other machines get the leader's environment, but for what belongs to a machine or a session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest

from toil_core.deployment import environment
from toil_core.errors import UserError
from toil_core.job_stores.errors import NoSuchFileException


class SharedFiles:
    """The part of a job store that holds shared files."""

    def __init__(self, settings: tuple[str, ...] = ()) -> None:
        self.files: dict[str, bytes] = {}
        self.config = SimpleNamespace(setEnv=list(settings))

    @contextmanager
    def writeSharedFileStream(self, name: str) -> Iterator[BytesIO]:
        """Open a shared file for writing."""
        stream = BytesIO()
        yield stream
        self.files[name] = stream.getvalue()

    @contextmanager
    def readSharedFileStream(self, name: str) -> Iterator[BytesIO]:
        """Open a shared file for reading."""
        if name not in self.files:
            raise NoSuchFileException(name)
        yield BytesIO(self.files[name])


@pytest.fixture
def os_environ(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Stand in for this process's environment."""
    variables: dict[str, str] = {}
    monkeypatch.setattr(environment, "os", SimpleNamespace(environ=variables, pathsep=":"))
    return variables


def replicate(store: Any, variables: dict[str, str], leader: dict[str, str], worker: dict[str, str]) -> dict[str, str]:
    """Return the environment of a worker after that of the leader was brought to it."""
    variables.update(leader)
    environment.save_environment(store)
    variables.clear()
    variables.update(worker)
    environment.apply_environment(store)
    return variables


def test_a_worker_takes_over_the_leaders_variables(os_environ: dict[str, str]) -> None:
    found = replicate(SharedFiles(), os_environ, {"MY_KEY": "ü 1", "LANG": "C.UTF-8"}, {"LANG": "C", "OTHER": "x"})
    assert found == {"MY_KEY": "ü 1", "LANG": "C.UTF-8", "OTHER": "x"}


@pytest.mark.parametrize(
    "name", ["HOME", "HOSTNAME", "TMPDIR", "PWD", "USER", "SLURM_JOB_ID", "XDG_RUNTIME_DIR", "CUDA_VISIBLE_DEVICES"]
)
def test_what_belongs_to_a_machine_or_a_session_stays_there(os_environ: dict[str, str], name: str) -> None:
    assert replicate(SharedFiles(), os_environ, {name: "leader"}, {name: "worker"}) == {name: "worker"}
    os_environ.clear()
    assert replicate(SharedFiles(), os_environ, {name: "leader"}, {}) == {}


def test_the_leaders_directories_are_searched_after_the_workers_own(
    os_environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    search_path = ["/own"]
    monkeypatch.setattr(environment, "sys", SimpleNamespace(path=search_path))
    leader = {"PYTHONPATH": "/shared/project:/own", "PATH": "/shared/bin:/usr/bin"}
    found = replicate(SharedFiles(), os_environ, leader, {"PYTHONPATH": "/own", "PATH": "/usr/bin"})
    assert found == {"PYTHONPATH": "/own:/shared/project", "PATH": "/usr/bin:/shared/bin"}
    assert search_path == ["/own", "/shared/project"]


def test_what_set_env_injected_is_not_overridden(os_environ: dict[str, str]) -> None:
    store = SharedFiles(settings=("MODE=fast",))
    assert replicate(store, os_environ, {"MODE": "slow"}, {"MODE": "fast"}) == {"MODE": "fast"}


def test_a_variable_that_is_no_text_is_left_out(os_environ: dict[str, str]) -> None:
    assert replicate(SharedFiles(), os_environ, {"ODD": "\udcff", "EVEN": "2"}, {}) == {"EVEN": "2"}


def test_a_worker_of_a_workflow_without_a_saved_environment_keeps_its_own(os_environ: dict[str, str]) -> None:
    os_environ["KEPT"] = "1"
    store: Any = SharedFiles()
    environment.apply_environment(store)
    assert os_environ == {"KEPT": "1"}


def test_settings_are_name_and_value_or_a_name_to_look_up(os_environ: dict[str, str]) -> None:
    os_environ["PRESENT"] = "here"
    assert environment.parse_setting("A=b=c") == ("A", "b=c")
    assert environment.parse_setting("A=") == ("A", "")
    assert environment.parse_setting("PRESENT") == ("PRESENT", "here")


@pytest.mark.parametrize(
    ("setting", "says"), [("ABSENT", "Write ABSENT=VALUE"), ("=x", "names no variable"), ("", "''")]
)
def test_a_setting_that_sets_nothing_is_a_user_error(os_environ: dict[str, str], setting: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        environment.parse_setting(setting)
