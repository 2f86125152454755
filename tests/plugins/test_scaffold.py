"""What `toil plugins new` writes installs, is clean, works, and passes the contract of its kind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from toil_cli.scaffold.rendering import KINDS, new_plugin, write
from toil_core.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 500
_RUFF = (sys.executable, "-m", "ruff")


def call(*command: object, cwd: Path, variables: Mapping[str, str] | None = None) -> str:
    """Run a command that has to succeed, and return what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV", "PYTHON"))}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore", **(variables or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


class Installed:
    """A new plugin, written and installed beside what runs the tests.

    :param kind: its kind, as it is typed.
    :param directory: where to do that.
    """

    def __init__(self, kind: str, directory: Path) -> None:
        self.name = "moon"
        self.source = write(new_plugin(kind, self.name), directory)
        site = directory / "site"
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation")
        call(*pip, "--no-index", "--target", site, self.source, cwd=directory)
        self.variables = {"PYTHONPATH": f"{site}{os.pathsep}{ROOT}"}
        if kind == "batch-system":
            self.variables["PATH"] = f"{self.source / 'tests' / 'bin'}{os.pathsep}{os.environ['PATH']}"
            self.variables["CLUSTER_HOME"] = str(directory / "cluster")

    def run(self, *command: object) -> str:
        """Run a Python program where the plugin is installed."""
        return call(sys.executable, *command, cwd=self.source, variables=self.variables)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_listed_explained_and_checked(kind: str, tmp_path: Path) -> None:
    installed = Installed(kind, tmp_path)
    toil = ("-m", "toil_cli", "plugins")
    info = installed.run(*toil, "info", installed.name)
    assert f"'{installed.name}': ok" in info
    assert "toil-plugin-moon 0.1.0" in info
    assert "cannot be imported" not in info
    # The clauses that are quick show that the kit runs; the plugin's own tests run them all.
    quick = {"batch-system": "succeeds", "job-store": "initialize", "language": "invalid"}.get(kind, "")
    checked = installed.run(*toil, "check", installed.name, *(("-k", quick) if quick else ()))
    assert " passed" in checked


class FreshEnvironment:
    """An environment of its own, in which there is Toil and a new plugin of each kind.

    :ivar programs: where its programs are.
    :ivar sources: the new distributions, by their kinds.
    """

    def __init__(self, directory: Path) -> None:
        self.programs = directory / "venv" / "bin"
        self.sources = {kind: write(new_plugin(kind, f"moon-{kind}"), directory) for kind in KINDS}
        call(sys.executable, "-m", "virtualenv", "--quiet", directory / "venv", cwd=directory)
        sources = [f"{source}[test]" for source in self.sources.values()]
        call(self.programs / "python", "-m", "pip", "install", "--quiet", ROOT, *sources, cwd=directory)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> FreshEnvironment:
    """Return an environment in which nothing of this checkout is."""
    return FreshEnvironment(tmp_path_factory.mktemp("fresh"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_its_own_tests_pass_in_a_fresh_environment(kind: str, fresh: FreshEnvironment, tmp_path: Path) -> None:
    source = fresh.sources[kind]
    path = f"{source / 'tests' / 'bin'}{os.pathsep}{fresh.programs}{os.pathsep}{os.environ['PATH']}"
    variables = {"PATH": path, "CLUSTER_HOME": str(tmp_path / "cluster")}
    pytest_alone = (fresh.programs / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    output = call(*pytest_alone, cwd=source, variables=variables)
    assert " passed" in output
    assert " failed" not in output


@pytest.mark.slow
def test_in_a_fresh_environment_it_is_checked_and_used(fresh: FreshEnvironment, tmp_path: Path) -> None:
    checked = call(fresh.programs / "toil", "plugins", "check", "moon-job-store", "-k", "initialize", cwd=tmp_path)
    assert " passed" in checked
    hello = ROOT / "tests" / "examples" / "scripts" / "hello_world.py"
    output = call(fresh.programs / "toil", "run", hello, "moon_job_store:store", cwd=tmp_path)
    assert output == "Hello, world!\n"


def test_a_workflow_runs_on_the_new_batch_system(tmp_path: Path) -> None:
    installed = Installed("batch-system", tmp_path)
    hello = ROOT / "tests" / "examples" / "scripts" / "hello_world.py"
    options = ("--batchSystem", "moon", "--statePollingWait", "0.2", "--workDir", tmp_path)
    output = installed.run("-m", "toil_cli", "run", hello, f"file:{tmp_path}/store", *options)
    assert output.splitlines()[-1] == "Hello, world!"
    assert (tmp_path / "cluster" / "calls").stat().st_size > 1


def test_what_is_written_is_typed_and_tidy(tmp_path: Path) -> None:
    sources = [write(new_plugin(kind, f"moon{number}"), tmp_path) for number, kind in enumerate(KINDS)]
    alone = ("--isolated", "--no-cache", "--line-length", "120")
    call(*_RUFF, "check", *alone, "--select", "E,F,W,B,UP,SIM", *sources, cwd=tmp_path)
    call(*_RUFF, "format", *alone, "--check", *sources, cwd=tmp_path)
    packages = [next((source / "src").glob("toil_plugin_*")) for source in sources]
    path = os.pathsep.join([str(ROOT), *(str(source / "src") for source in sources)])
    call(
        *(sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--cache-dir", tmp_path / "mypy"),
        *packages,
        cwd=tmp_path,
        variables={"MYPYPATH": path},
    )


def test_a_name_of_several_words_is_spelled_as_each_place_wants_it(tmp_path: Path) -> None:
    source = write(new_plugin("batch_system", "half_moon"), tmp_path)
    assert source.name == "toil-plugin-half-moon"
    assert (source / "src" / "toil_plugin_half_moon" / "scheduler.py").read_text().count("class HalfMoonDialect") == 1
    assert 'half_moon = "toil_plugin_half_moon.plugin"' in (source / "pyproject.toml").read_text()
    assert (source / "tests" / "test_half_moon.py").exists()
    assert os.access(source / "tests" / "bin" / "half_moon-submit", os.X_OK)


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("batch-sytem", "moon", "There is no kind of plugin 'batch-sytem'. Did you mean 'batch-system'?"),
        ("boat", "moon", "There is no kind of plugin 'boat'. There are batch-system, job-store"),
        ("job-store", "Moon", "'Moon' cannot be the name of a plugin. Use lower-case letters"),
        ("job-store", "../moon", "'../moon' cannot be the name of a plugin."),
        ("language", "class", "'class' cannot be the name of a plugin."),
        ("job-store", "file", "There is a job store 'file' already, of toil."),
    ],
)
def test_what_cannot_be_made_is_one_sentence(kind: str, name: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        new_plugin(kind, name)
    assert str(caught.value).startswith(message)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    source = write(new_plugin("observer", "moon"), tmp_path)
    (source / "README.md").write_text("mine")
    with pytest.raises(UserError, match="is there already, and nothing was changed"):
        write(new_plugin("command", "moon"), tmp_path)
    assert (source / "README.md").read_text() == "mine"


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no directory '.*nowhere'"):
        write(new_plugin("observer", "moon"), tmp_path / "nowhere")
