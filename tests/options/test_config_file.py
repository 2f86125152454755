"""The configuration file: what it may say, what is said about mistakes in it, and the template."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from toil_core.options.catalogue import settings
from toil_core.options.config_file import load, template, write_template
from toil_core.options.errors import ConfigFileError, InvalidOptionError, UnknownOptionError
from toil_core.options.option import Option
from toil_core.options.parsers import default_argument_parser


def loaded(directory: Path, text: str) -> dict[str, Any]:
    """Return what a file with this text sets."""
    path = directory / "toil.yaml"
    path.write_text(text)
    return load(str(path))


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("retryCount: 3", "retryCount", 3),
        ("defaultMemory: 2Gi", "defaultMemory", 2 * 1024**3),
        ("logLevel: OFF", "logLevel", "CRITICAL"),
        ("clean: never", "clean", "never"),
        ("stats: yes", "stats", True),
        ("linkImports: false", "linkImports", False),
        ("caching: null", "caching", None),
        ("workDir: ~", "workDir", None),
        ("maxLogFileSize: -10", "maxLogFileSize", -10),
        ("setEnv: [A=1, B=2]", "setEnv", ["A=1", "B=2"]),
        ("setEnv: {A: 1, B: 2}", "setEnv", ["A=1", "B=2"]),
        ("setEnv: A=1", "setEnv", ["A=1"]),
        ("defaultAccelerators: []", "defaultAccelerators", []),
        ("defaultAccelerators: ['gpu:2']", "defaultAccelerators", [{"count": 2, "kind": "gpu"}]),
        ("defaultPreemptable: true", "defaultPreemptible", True),
    ],
)
def test_a_line_sets_an_option(line: str, name: str, value: Any, tmp_path: Path) -> None:
    assert loaded(tmp_path, f"# a comment\n{line}\n") == {name: value}


@pytest.mark.parametrize("text", ["", "# only a comment\n"])
def test_a_file_may_set_nothing(text: str, tmp_path: Path) -> None:
    assert loaded(tmp_path, text) == {}


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("\nretryCuont: 3\n", UnknownOptionError, "line 2: there is no option retryCuont. Did you mean retryCount"),
        ("\n\nretryCount: lots\n", InvalidOptionError, "line 3, retryCount: 'lots' is not a whole number"),
        ("retryCount: 1\nretryCount: 2\n", ConfigFileError, "line 2: retryCount is set twice"),
        ("retryCount: [1, 2]\n", InvalidOptionError, "line 1, retryCount"),
        ("retryCount: {a: 1}\n", InvalidOptionError, "line 1, retryCount"),
        ("restart: true\n", ConfigFileError, "line 1: restart is about one run"),
        ("- retryCount\n", ConfigFileError, "line 1: the file must consist of lines like"),
        ("a: [\n", ConfigFileError, "line 2: this is not YAML"),
        ("a\x01: b\n", ConfigFileError, "this is not YAML"),
        ("logDebug: true\n", UnknownOptionError, "there is no option logDebug"),
    ],
)
def test_a_mistake_is_reported_with_its_line(text: str, error: type[Exception], said: str, tmp_path: Path) -> None:
    with pytest.raises(error) as caught:
        loaded(tmp_path, text)
    assert said in str(caught.value)
    assert str(tmp_path / "toil.yaml") in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigFileError, match=r"none\.yaml.*No such file"):
        load(str(tmp_path / "none.yaml"))
    (tmp_path / "latin").write_bytes(b"# \xe9\n")
    with pytest.raises(ConfigFileError, match="UTF-8"):
        load(str(tmp_path / "latin"))


def test_a_mistake_in_the_file_ends_a_script_with_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "toil.yaml"
    path.write_text("retryCuont: 3\n")
    with pytest.raises(SystemExit) as caught:
        default_argument_parser().parse_args(["store", "--config", str(path)])
    assert caught.value.code == 2
    assert "Did you mean retryCount" in capsys.readouterr().err


def test_the_template_sets_nothing_and_its_settings_are_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "toil.yaml"
    write_template(str(path))
    assert load(str(path)) == {}
    switched_on = re.sub(r"^#(\w+:)", r"\1", path.read_text(), flags=re.MULTILINE)
    expected = {name: option.convert(None) for name, option in settings().items() if not option.per_run}
    assert loaded(tmp_path, switched_on) == expected


def test_the_template_does_not_overwrite(tmp_path: Path) -> None:
    path = tmp_path / "toil.yaml"
    path.write_text("mine")
    with pytest.raises(ConfigFileError, match="exists"):
        write_template(str(path))
    assert path.read_text() == "mine"
    with pytest.raises(ConfigFileError, match="cannot be written"):
        write_template(str(tmp_path / "none" / "toil.yaml"))


def test_options_of_plugins_can_be_set_and_are_in_the_template(tmp_path: Path) -> None:
    extra = (Option("fooQueue", "Which queue.", "Foo Options", default="main"),)
    assert "#fooQueue: main" in template(extra)
    path = tmp_path / "toil.yaml"
    path.write_text("fooQueue: fast\n")
    assert load(str(path), extra) == {"fooQueue": "fast"}
    with pytest.raises(UnknownOptionError):
        load(str(path))
