"""optparse parsers, as older scripts make them."""

from __future__ import annotations

from optparse import OptionParser, Values
from pathlib import Path

import pytest

from toil_core.options.config import Config
from toil_core.options.invocation import set_invocation
from toil_core.options.parsers import add_toil_options


def parsed(*arguments: str) -> tuple[Values, list[str]]:
    """Return what an optparse script gets from these arguments."""
    parser = OptionParser()
    add_toil_options(parser)
    return parser.parse_args(list(arguments))


def test_values_defaults_and_arguments_are_those_of_the_script() -> None:
    options, rest = parsed(
        "--jobStore", "file:store", "--retryCount", "3", "--logDebug", "-e", "A=1", "-eB=2", "in.txt"
    )
    assert rest == ["in.txt"]
    assert (options.jobStore, options.retryCount, options.logLevel) == ("file:store", 3, "DEBUG")
    assert options.setEnv == ["A=1", "B=2"]
    assert options.statusWait == 3600


def test_values_configure_a_workflow() -> None:
    options, _ = parsed("--jobStore=store", "--defaultMemory=1G", "--clean", "ALWAYS", "--defaultPreemptible=true")
    config = Config()
    config.setOptions(options)
    assert (config.jobStore, config.defaultMemory, config.clean) == ("store", 10**9, "always")
    assert config.defaultPreemptible is True


@pytest.mark.parametrize(
    ("argument", "said"),
    [("--clean=onSucess", "onSuccess"), ("--retryCount=x", "whole number"), ("--nothing", "--nothing")],
)
def test_mistakes_end_with_status_2(argument: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parsed(argument)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_help_shows_headings_and_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("--help")
    words = " ".join(capsys.readouterr().out.split())
    assert "Resource Options:" in words
    assert "(default: 2Gi)" in words


def test_the_script_s_own_options_and_defaults_are_kept() -> None:
    parser = OptionParser()
    parser.add_option("--config", default="mine")
    parser.set_defaults(logLevel="ERROR")
    add_toil_options(parser)
    options, _ = parser.parse_args(["--config", "other"])
    assert (options.config, options.logLevel) == ("other", "ERROR")


def test_the_command_line_wins_over_a_file(tmp_path: Path) -> None:
    file = tmp_path / "toil.yaml"
    file.write_text("retryCount: 7\nstatusWait: 7\n")
    options, _ = parsed("--retryCount=1", f"--config={file}")
    assert (options.retryCount, options.statusWait) == (1, 7)


def test_a_broken_file_ends_with_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parsed(f"--config={tmp_path}/none.yaml")
    assert caught.value.code == 2
    assert "none.yaml" in capsys.readouterr().err


def test_the_job_store_of_toil_run_is_the_default() -> None:
    set_invocation({"retryCount": 5}, "file:made", False)
    options, _ = parsed()
    assert (options.jobStore, options.retryCount) == ("file:made", 5)
