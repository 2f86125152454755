"""Who wins: command line over environment over file over default, and where `toil run` stands among them."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

import pytest

from toil_core.options.errors import InvalidOptionError
from toil_core.options.invocation import clear_invocation, current_invocation, set_invocation
from toil_core.options.layers import resolve
from toil_core.options.parsers import add_toil_options, default_argument_parser, default_options


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration file that sets three options."""
    path = tmp_path / "toil.yaml"
    path.write_text("retryCount: 10\nstatusWait: 10\nscale: 10\nsetEnv: [A=file]\n")
    return path


def test_each_layer_wins_over_those_below_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOIL_RETRY_COUNT", "20")
    monkeypatch.setenv("TOIL_STATUS_WAIT", "20")
    options = default_argument_parser().parse_args(["store", "--retryCount=30", "--config", str(file)])
    assert (options.retryCount, options.statusWait, options.scale, options.rescueJobsFrequency) == (30, 20, 10, 60)


def test_what_is_typed_wins_over_the_file_even_where_it_is_the_default(file: Path) -> None:
    for arguments in (["--retryCount=1", f"--config={file}"], [f"--config={file}", "--retryCount=1"]):
        assert default_argument_parser().parse_args(["store", *arguments]).retryCount == 1


def test_a_list_that_is_typed_replaces_the_file_s(file: Path) -> None:
    for arguments in (["-eB=1", f"--config={file}", "-eC=2"], [f"--config={file}", "-eB=1", "-eC=2"]):
        assert default_argument_parser().parse_args(["store", *arguments]).setEnv == ["B=1", "C=2"]
    assert default_argument_parser().parse_args(["store", f"--config={file}"]).setEnv == ["A=file"]


def test_the_file_can_be_named_in_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOIL_CONFIG", str(file))
    assert default_argument_parser().parse_args(["store"]).retryCount == 10
    assert default_options("store").retryCount == 10
    assert default_argument_parser().parse_args(["store", "--retryCount=2"]).retryCount == 2


def test_the_file_wins_over_a_default_that_the_script_gave_its_parser(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOIL_CONFIG", str(file))
    parser = ArgumentParser()
    parser.set_defaults(retryCount=3, rescueJobsFrequency=3)
    add_toil_options(parser)
    options = parser.parse_args(["store"])
    assert (options.retryCount, options.rescueJobsFrequency) == (10, 3)


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("TOIL_CLEAN", "ALWAYS", "clean", "always"),
        ("TOIL_STATS", "true", "stats", True),
        ("TOIL_STATS", "0", "stats", False),
        ("TOIL_SET_ENV", "A=1 'B=two words'", "setEnv", ["A=1", "B=two words"]),
        ("TOIL_LINK_IMPORTS", "false", "linkImports", False),
        ("TOIL_DEFAULT_MEMORY", "1Gi", "defaultMemory", 1024**3),
        ("TOIL_RETRY_COUNT", "", "retryCount", 1),
        ("TOIL_RESTART", "true", "restart", False),
    ],
)
def test_the_environment_sets_options(
    variable: str, text: str, name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, text)
    assert getattr(default_argument_parser().parse_args(["store"]), name) == value
    assert getattr(default_options("store"), name) == value


def test_a_mistake_in_the_environment_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOIL_RETRY_COUNT", "often")
    with pytest.raises(InvalidOptionError, match="environment variable TOIL_RETRY_COUNT"):
        default_options("store")
    with pytest.raises(SystemExit) as caught:
        default_argument_parser()
    assert caught.value.code == 2
    assert "TOIL_RETRY_COUNT" in capsys.readouterr().err


def test_a_directory_that_each_machine_has_of_its_own_is_left_to_each_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "toil.yaml"
    file.write_text("workDir: /from/file\n")
    monkeypatch.setenv("TOIL_CONFIG", str(file))
    assert default_options("store").workDir == "/from/file"
    monkeypatch.setenv("TOIL_WORKDIR", "/from/environment")
    assert default_options("store").workDir is None
    assert default_argument_parser().parse_args(["store", "--workDir=/typed"]).workDir == "/typed"


def test_layers_serve_any_front_end(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOIL_STATUS_WAIT", "20")
    values = resolve({"config": str(file), "scale": "2"})
    assert (values["retryCount"], values["statusWait"], values["scale"]) == (10, 20, 2)


# Under `toil run`


def test_options_of_toil_run_are_the_defaults_of_parsers_and_of_default_options(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOIL_RETRY_COUNT", "20")
    set_invocation({"retryCount": "40", "config": str(file)}, None, False)
    assert (default_options("s").retryCount, default_options("s").statusWait) == (40, 10)
    parser = default_argument_parser()
    assert parser.parse_args(["s"]).retryCount == 40
    assert parser.parse_args(["s", "--retryCount=50"]).retryCount == 50


def test_a_file_that_the_script_is_given_does_not_undo_options_of_toil_run(file: Path) -> None:
    set_invocation({"retryCount": 1}, None, False)
    options = default_argument_parser().parse_args(["s", f"--config={file}"])
    assert (options.retryCount, options.statusWait) == (1, 10)


def test_a_job_store_that_the_user_named_beats_the_script_s() -> None:
    set_invocation({}, "file:users", True)
    assert default_options("file:scripts").jobStore == "file:users"
    assert default_options().jobStore == "file:users"
    assert default_argument_parser().parse_args([]).jobStore == "file:users"
    assert default_argument_parser(jobstore_as_flag=True).parse_args([]).jobStore == "file:users"


def test_a_job_store_that_the_user_named_leaves_the_arguments_to_the_script() -> None:
    set_invocation({}, "file:users", True)
    parser = default_argument_parser()
    parser.add_argument("inputs", nargs="*")
    options = parser.parse_args(["a", "b"])
    assert (options.jobStore, options.inputs) == ("file:users", ["a", "b"])


def test_a_job_store_that_toil_run_made_up_gives_way_to_the_script_s() -> None:
    set_invocation({}, "file:made", False)
    assert default_options("file:scripts").jobStore == "file:scripts"
    assert default_options().jobStore == "file:made"
    assert default_argument_parser().parse_args([]).jobStore == "file:made"
    assert default_argument_parser().parse_args(["file:typed"]).jobStore == "file:typed"


def test_a_script_run_directly_finds_nothing_of_an_earlier_run() -> None:
    set_invocation({"retryCount": 4}, "file:made", True)
    clear_invocation()
    assert current_invocation().locator is None
    assert default_options().jobStore is None
    assert default_options().retryCount == 1
