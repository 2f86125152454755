"""One command for each workflow language, under all its names, with Toil's options and the language's in any order."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.language_commands.conftest import Run
from toil_cli.main import cli

Write = Callable[..., Path]
#: The ways to run a document, each the first words of a command line.
WAYS = {"toil run": ("run",), "toil moon": ("moon",), "toil moon-runner": ("moon-runner",), "toil-moon-runner": ()}


def shown(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def by_way(toil: Run, way: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = "toil-moon-runner" if way == "toil-moon-runner" else "toil"
    return toil(*WAYS[way], *arguments, program=program, **environment)


@pytest.mark.parametrize("way", WAYS)
def test_a_document_its_inputs_and_options_are_told_apart_in_any_order(way: str, toil: Run, document: Write) -> None:
    document()
    found = shown(
        by_way(toil, way, "--retryCount", "3", "-p", "new", "x.moon", "in.yml", "--outdir=out", "--jobStore", "file:s")
    )
    assert found == {
        "document": "x.moon",
        "arguments": ["in.yml"],
        "phase": "new",
        "outdir": "out",
        "retryCount": 3,
        "jobStore": "file:s",
    }


@pytest.mark.parametrize("way", WAYS)
def test_a_workflow_runs_and_its_temporary_job_store_is_removed(
    way: str, toil: Run, document: Write, tmp_path: Path
) -> None:
    document("land")
    (tmp_path / "work").mkdir()
    found = shown(by_way(toil, way, "x.moon", "--workDir", "work", "softly"))
    assert found == {"value": "landed softly", "phase": "full", "outdir": "moon-out"}
    assert list((tmp_path / "work").iterdir()) == []


def test_what_nobody_knows_is_left_to_the_language_when_it_comes_after_the_document(toil: Run, document: Write) -> None:
    document()
    found = shown(toil("moon", "x.moon", "--message", "hi", "--retryCount", "1", "-n", "-5", "--flag", "--of=tool"))
    assert found["arguments"] == ["--message", "hi", "-n", "-5", "--flag", "--of=tool"]
    assert found["retryCount"] == 1


def test_after_two_dashes_all_is_the_languages_own(toil: Run, document: Write) -> None:
    document()
    assert shown(toil("run", "x.moon", "--", "--retryCount", "3"))["arguments"] == ["--retryCount", "3"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["moon", "--retryCuont", "3", "x.moon"], "There is no option --retryCuont. Did you mean --retryCount"),
        (["mars", "x.mars", "--phase", "new"], "There is no option --phase."),
        (["moon"], "Missing argument 'DOCUMENT'"),
        (["moon", "nowhere.moon"], "The document 'nowhere.moon' does not exist."),
        (["moon", "."], "'.' is a directory, not a workflow."),
        (["moon", "x.moon", "--restart"], "--restart has to know the job store"),
        (["moon", "x.moon", "--maxCores", "many"], "--maxCores"),
        (["run", "--language", "sun", "x.moon"], "There is no workflow language 'sun'."),
        (["run", "x.moon", "--language"], "--language has to be followed by"),
        (["python", "x.py"], "There is no command 'python'."),
    ],
)
def test_what_cannot_be_run_is_told_in_a_sentence(
    arguments: list[str], sentence: str, toil: Run, document: Write
) -> None:
    document(), document(name="x.mars")
    done = toil(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["cwl", "cwl-runner"])
def test_the_command_of_a_language_that_is_not_installed_tells_what_to_install(name: str) -> None:
    assert cli.unknown(name).endswith("is not installed. Install it with: pip install toil-plugin-cwl")


def test_the_exit_status_is_the_languages(toil: Run, document: Write) -> None:
    document()
    assert toil("run", "x.moon", MOON_STATUS="33").returncode == 33


@pytest.mark.parametrize(
    "arguments",
    [
        ["x.moon#crater"],
        ["https://example.org/dir/x.moon"],
        ["https://example.org/x.moon?raw=1#crater"],
        ["packed.json"],
        ["job.yml"],
        ["--language", "moon", "anything"],
        ["anything", "--language=moon"],
    ],
)
def test_toil_run_knows_the_language_of_a_document(arguments: list[str], toil: Run, document: Write) -> None:
    for name, text in {"x.moon": "", "packed.json": '{"moonVersion": 1}', "anything": ""}.items():
        document(text, name)
    document("# a comment\nmoonVersion: 1\n", "job.yml")
    (named,) = (one for one in arguments if not one.startswith("--") and one != "moon")
    assert shown(toil("run", *arguments))["document"] == named


def test_an_options_value_is_not_taken_for_the_document(toil: Run, document: Write) -> None:
    document(), document(name="x.mars")
    assert shown(toil("run", "-o", "x.mars", "x.moon"))["outdir"] == "x.mars"


def test_settings_come_from_the_environment_and_from_a_file_that_serves_other_languages_too(
    toil: Run, document: Write
) -> None:
    document()
    document("phase: new\noutdir: out\ndust: true\nretryCount: 2\n", "config.yml")
    found = shown(toil("moon", "x.moon", "--config", "config.yml", TOIL_PHASE="half"))
    assert (found["phase"], found["outdir"], found["retryCount"]) == ("half", "out", 2)


def test_a_file_with_settings_of_languages_serves_scripts_too(toil: Run, document: Write) -> None:
    document("phase: new\noutdir: out\n", "config.yml")
    document("from toil.job import Job\nprint(Job.Runner.getDefaultOptions('file:s').retryCount)\n", "x.py")
    assert toil("run", "x.py", "--config", "config.yml").stdout == "1\n"


def test_a_failed_run_keeps_its_job_store_and_tells_how_to_continue(toil: Run, document: Write, tmp_path: Path) -> None:
    document("crash")
    failed = toil("moon", "x.moon", "--retryCount", "0")
    assert failed.returncode == 1
    (line,) = (line.strip() for line in failed.stderr.splitlines() if line.strip().startswith("toil moon"))
    document(name="home/pad")
    continued = toil(*line.split()[1:])
    assert shown(continued)["value"] == "landed"


def test_help_lists_languages_and_loads_nothing_of_them(toil: Run, site: Path) -> None:
    (site / "moon_language.py").write_text("raise SystemExit('loaded')")
    done = toil("--help")
    listed = dict(
        line.split(maxsplit=1) for line in done.stdout.splitlines() if line.startswith("  ") and " " in line.strip()
    )
    assert listed["moon"] == "Run a workflow in the language MOON."
    assert "python" not in listed


def test_help_of_a_language_shows_its_options_and_that_of_toil_run_does_not(toil: Run) -> None:
    own, general = toil("moon", "--help").stdout, toil("run", "--help").stdout
    assert "--phase" in own and "--retryCount" in own and "land" in own and "--dust" not in own
    assert "--phase" not in general and "--retryCount" in general
    assert "Usage: toil-moon-runner DOCUMENT" in toil("--help", program="toil-moon-runner").stdout


def test_each_program_tells_its_version(toil: Run) -> None:
    assert toil("--version", program="toil-moon-runner").stdout.startswith("toil-moon-runner 10.")
