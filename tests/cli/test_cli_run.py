"""`toil run` starts a script as Python itself would, and tells clearly what cannot be started."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

SHOW = """
import json, sys
from toil_core.options.invocation import current_invocation

told = current_invocation()
print(json.dumps({
    "argv": sys.argv,
    "name": __name__,
    "file": __file__,
    "path0": sys.path[0],
    "is_main": sys.modules["__main__"].__dict__ is globals(),
    "spec": __spec__ is None,
    "doc": __doc__,
    "values": dict(told.values),
    "locator": told.locator,
    "explicit": told.locator_is_explicit,
}))
"""


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., Path]:
    """Write a script into the test's directory."""

    def write(source: str, name: str = "script.py") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        return path

    return write


def shown(result: subprocess.CompletedProcess[str]) -> dict[str, object]:
    assert result.returncode == 0, result.stderr
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_a_script_finds_what_it_would_find_under_python(toil: Run, python: Run, script: Callable[..., Path]) -> None:
    path = script('"""The doc."""\n' + SHOW, "sub/script.py")
    direct = shown(python("sub/script.py", "a", "--b", "--", "c"))
    under_toil = shown(toil("run", "sub/script.py", "--", "a", "--b", "--", "c"))
    for what in ("argv", "name", "file", "path0", "is_main", "spec", "doc"):
        assert under_toil[what] == direct[what]
    assert under_toil["argv"] == ["sub/script.py", "a", "--b", "--", "c"]
    assert under_toil["file"] == str(path)


def test_a_script_imports_the_modules_beside_it(toil: Run, script: Callable[..., Path]) -> None:
    script("VALUE = 42\n", "sub/beside.py")
    script("import beside\nprint(beside.VALUE)\n", "sub/script.py")
    assert toil("run", "sub/script.py").stdout == "42\n"


def test_options_and_the_job_store_reach_the_script_wherever_they_stand(toil: Run, script: Callable[..., Path]) -> None:
    script(SHOW)
    found = shown(toil("run", "--retryCount", "3", "script.py", "--logDebug", "file:store", "--maxCores=2"))
    assert found["values"] == {"retryCount": 3, "logLevel": "DEBUG", "maxCores": 2}
    assert (found["locator"], found["explicit"]) == ("file:store", True)
    assert found["argv"] == ["script.py"]


def test_an_option_may_be_given_more_than_once(toil: Run, script: Callable[..., Path]) -> None:
    script(SHOW)
    found = shown(toil("run", "script.py", "--setEnv", "A=1", "--setEnv", "B=2"))
    assert found["values"] == {"setEnv": ["A=1", "B=2"]}


def test_without_a_job_store_a_fresh_one_is_named_after_the_script(
    toil: Run, script: Callable[..., Path], tmp_path: Path
) -> None:
    script(SHOW)
    locators = {str(shown(toil("run", "script.py"))["locator"]) for _ in range(2)}
    assert len(locators) == 2
    assert all(locator.startswith(f"file:{tmp_path}/toil-script-") for locator in locators)


def test_nothing_is_said_of_a_job_store_that_the_script_does_not_use(toil: Run, script: Callable[..., Path]) -> None:
    script("print('no workflow here')\n")
    result = toil("run", "script.py")
    assert (result.stdout, result.stderr, result.returncode) == ("no workflow here\n", "", 0)


@pytest.mark.parametrize(
    ("source", "status", "said"),
    [
        ("raise SystemExit", 0, ""),
        ("raise SystemExit(0)", 0, ""),
        ("raise SystemExit(7)", 7, ""),
        ("raise SystemExit('so long')", 1, "so long\n"),
        ("import sys; sys.exit(3)", 3, ""),
        ("raise KeyboardInterrupt", 130, "toil: Interrupted.\n"),
    ],
)
def test_the_exit_status_is_the_scripts(
    source: str, status: int, said: str, toil: Run, script: Callable[..., Path]
) -> None:
    script(f"import atexit\natexit.register(print, 'at exit')\nprint('ran')\n{source}\n")
    result = toil("run", "script.py")
    assert (result.returncode, result.stderr) == (status, said)
    assert result.stdout == "ran\nat exit\n"


def test_the_users_own_bug_looks_as_python_shows_it(toil: Run, python: Run, script: Callable[..., Path]) -> None:
    script("def oops():\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        {}['lost']\n\n\noops()\n")
    direct, under_toil = python("script.py"), toil("run", "script.py")
    assert under_toil.stderr == direct.stderr
    assert "KeyError: 'lost'" in under_toil.stderr
    assert under_toil.returncode == direct.returncode == 1


def test_an_import_error_within_a_function_is_a_bug_and_shown_with_its_traceback(
    toil: Run, python: Run, script: Callable[..., Path]
) -> None:
    script("def oops():\n    import not_there_at_all\n\n\noops()\n")
    direct, under_toil = python("script.py"), toil("run", "script.py")
    assert (under_toil.stderr, under_toil.returncode) == (direct.stderr, 1)


def test_an_error_of_ours_is_a_sentence_and_a_hint(toil: Run, script: Callable[..., Path]) -> None:
    script("from toil_core.errors import UserError\nraise UserError('The moon is down.', 'Wait for night.')\n")
    result = toil("run", "script.py")
    assert (result.returncode, result.stderr) == (2, "toil: error: The moon is down.\nWait for night.\n")


CANNOT_RUN = {
    "missing": ("nowhere.py", None, "The script 'nowhere.py' does not exist."),
    "a directory": (".", None, "'.' is a directory, not a workflow."),
    "not in any language": ("script.txt", "hello", "'script.txt' is not a workflow in any installed language."),
    "in a language that is not installed": ("script.cwl", "x", "pip install toil-plugin-cwl"),
    "wrong syntax": ("script.py", "x = 1\ndef f(:\n", "The script 'script.py' cannot be run: invalid syntax (line 2)."),
    "null bytes": ("script.py", "x = '\0'\n", "The script 'script.py' cannot be run: source code"),
    "a missing module": (
        "script.py",
        "import sys\nimport not_there_at_all\n",
        "The script 'script.py' cannot be run: No module named 'not_there_at_all' (line 2).",
    ),
    "a missing name": ("script.py", "from os import moon\n", "cannot be run: cannot import name 'moon' from 'os'"),
}


@pytest.mark.parametrize("case", CANNOT_RUN)
def test_a_script_that_cannot_be_run_is_one_clear_message_and_status_2(
    case: str, toil: Run, script: Callable[..., Path]
) -> None:
    name, source, sentence = CANNOT_RUN[case]
    if source is not None:
        script(source, name)
    result = toil("run", name, TOIL_DISABLE_PLUGINS="cwl")
    assert result.returncode == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) <= 2


def test_wrong_syntax_in_a_module_that_is_imported_names_that_module(toil: Run, script: Callable[..., Path]) -> None:
    script("x = = 1\n", "beside.py")
    script("import beside\n")
    result = toil("run", "script.py")
    assert result.returncode == 2
    assert "beside.py" in result.stderr
    assert "x = = 1" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--retryCuont", "3"], "There is no option --retryCuont. Did you mean --retryCount"),
        (["--moon"], "The script's own arguments go after '--'."),
        (["store", "numbers.txt"], "'numbers.txt' is neither the script nor the job store."),
        (["--retryCount", "many"], "--retryCount"),
        (["--clean", "sometimes"], "'sometimes' is not one of always, onError, never, onSuccess"),
        (["--restart"], "--restart has to know the job store of the run to continue."),
    ],
)
def test_a_wrong_option_is_explained_before_the_script_starts(
    arguments: list[str], sentence: str, toil: Run, script: Callable[..., Path]
) -> None:
    script("print('ran')\n")
    result = toil("run", "script.py", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_a_restart_without_a_job_store_names_the_newest_that_could_be_meant(
    toil: Run, script: Callable[..., Path], tmp_path: Path
) -> None:
    script("")
    (tmp_path / "toil-script-abc123").mkdir()
    assert "toil run script.py file:toil-script-abc123 --restart" in toil("run", "script.py", "--restart").stderr


def test_help_shows_options_in_groups_with_examples(toil: Run) -> None:
    text = toil("run", "--help").stdout
    assert "toil run sort.py file:store --restart" in text
    assert text.index("Core Toil Options:") < text.index("--retryCount RETRYCOUNT") < text.index("Other Options:")


OPTION_PLUGIN = """
from toil_core.api import BatchSystemSpec, Option, hookimpl

@hookimpl
def toil_batch_systems():
    phase = Option(name="moonPhase", help="Which phase to wait for.", group="Moon Options", plugin="moon")
    return [BatchSystemSpec(name="moon", implementation="a:b", options=(phase,))]
"""


def test_options_of_plugins_are_taken_and_shown_under_their_own_heading(
    toil: Run, script: Callable[..., Path], tmp_path: Path
) -> None:
    script("[toil.batch_systems]\nmoon = moon_plugin\n", "site/toil_plugin_moon-1.dist-info/entry_points.txt")
    script(OPTION_PLUGIN, "site/moon_plugin.py")
    script(SHOW)
    site = str(tmp_path / "site")
    found = shown(toil("run", "script.py", "--moonPhase", "full", PYTHONPATH=site))
    assert found["values"] == {"moonPhase": "full"}
    text = toil("run", "--help", PYTHONPATH=site).stdout
    assert text.index("Moon Options:") < text.index("--moonPhase")
