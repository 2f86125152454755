"""argparse parsers, the default one and those that scripts make themselves."""

from __future__ import annotations

import argparse
import pickle

import pytest

from toil_core.options.option import Option
from toil_core.options.parsers import add_toil_options, default_argument_parser
from toil_core.version import VERSION


def refused(capsys: pytest.CaptureFixture[str], parser: argparse.ArgumentParser, *arguments: str) -> str:
    """Return what a parser says on standard error when it exits with status 2."""
    with pytest.raises(SystemExit) as caught:
        parser.parse_args(list(arguments))
    assert caught.value.code == 2
    return capsys.readouterr().err


def test_the_job_store_is_the_one_required_argument(capsys: pytest.CaptureFixture[str]) -> None:
    assert default_argument_parser().parse_args(["file:store"]).jobStore == "file:store"
    assert "jobStore" in refused(capsys, default_argument_parser())


def test_the_job_store_can_be_a_flag(capsys: pytest.CaptureFixture[str]) -> None:
    parser = default_argument_parser(jobstore_as_flag=True)
    assert parser.parse_args(["--jobStore", "file:store"]).jobStore == "file:store"
    assert "--jobStore" in refused(capsys, parser)


def test_an_unknown_option_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, default_argument_parser(), "store", "--retrycuont=3")
    assert "--retrycuont" in said
    assert "Did you mean --retryCount" in said


def test_a_script_s_own_parser_names_the_nearest_too(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_toil_options(parser)
    assert "Did you mean --defaultMemory" in refused(capsys, parser, "store", "--defaultMemroy=1G")


def test_a_parser_of_the_script_s_own_class_keeps_its_class() -> None:
    class Mine(argparse.ArgumentParser):
        pass

    parser = Mine()
    add_toil_options(parser)
    assert type(parser) is Mine


def test_the_script_s_own_options_are_offered_too(capsys: pytest.CaptureFixture[str]) -> None:
    parser = default_argument_parser()
    parser.add_argument("--genome")
    assert "--genome" in refused(capsys, parser, "store", "--genmoe=x").split("Did you mean")[1]


def test_a_bad_choice_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, default_argument_parser(), "store", "--clean=onSucess")
    assert "argument --clean" in said
    assert "Did you mean onSuccess" in said


def test_a_bad_number_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert "argument --retryCount: 'x' is not a whole number." in refused(
        capsys, default_argument_parser(), "store", "--retryCount", "x"
    )


def test_help_shows_headings_defaults_and_where_the_job_store_goes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        default_argument_parser().parse_args(["--help"])
    assert caught.value.code == 0
    words = " ".join(capsys.readouterr().out.split())
    for said in (
        "file:path",
        "Core Toil Options:",
        "Logging Options:",
        "Batch System Options:",
        "Data Storage Options:",
        "Resource Options:",
        "Options for rescuing/killing/restarting jobs:",
        "Log Management Options:",
        "Miscellaneous Options:",
        "Debug Options:",
        "(default: 2Gi)",
        "(default: never with --stats, onSuccess without it)",
        "TOIL_RETRY_COUNT",
    ):
        assert said in words


def test_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        default_argument_parser().parse_args(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.strip() == VERSION


def test_options_are_added_to_a_script_s_own_parser() -> None:
    parser = argparse.ArgumentParser()
    add_toil_options(parser)
    parser.add_argument("--numLines", type=int, default=10)
    options = parser.parse_args(["store", "--numLines", "3", "--retryCount=2"])
    assert (options.jobStore, options.numLines, options.retryCount) == ("store", 3, 2)


def test_options_are_added_to_a_subcommand() -> None:
    parser = argparse.ArgumentParser()
    add_toil_options(parser.add_subparsers(dest="command").add_parser("go"))
    options = parser.parse_args(["go", "store", "-e", "A=1", "-e", "B=2"])
    assert (options.command, options.jobStore, options.setEnv) == ("go", "store", ["A=1", "B=2"])


def test_an_argument_that_the_script_declared_before_stays_its_own() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default="mine.toml")
    add_toil_options(parser)
    assert parser.parse_args(["store", "--config", "other.toml"]).config == "other.toml"


def test_defaults_of_the_script_are_kept_before_and_after_adding_options() -> None:
    parser = argparse.ArgumentParser()
    parser.set_defaults(logLevel="DEBUG")
    add_toil_options(parser)
    parser.set_defaults(clean="always")
    options = parser.parse_args(["store"])
    assert (options.logLevel, options.clean) == ("DEBUG", "always")
    assert parser.parse_args(["store", "--logOff"]).logLevel == "CRITICAL"


def test_options_of_plugins_are_added_under_their_own_heading(capsys: pytest.CaptureFixture[str]) -> None:
    extra = (Option("fooQueue", "Which queue to use.", "Foo Options", default="main"),)
    parser = argparse.ArgumentParser()
    add_toil_options(parser, extra)
    assert parser.parse_args(["store"]).fooQueue == "main"
    assert parser.parse_args(["store", "--fooQueue", "fast"]).fooQueue == "fast"
    assert "Foo Options:" in parser.format_help()


def test_hidden_options_work_and_are_not_shown() -> None:
    parser = argparse.ArgumentParser()
    add_toil_options(parser, (Option("secret", "Hush.", "Foo Options", hidden=True),))
    assert parser.parse_args(["store", "--secret", "x"]).secret == "x"
    assert "--secret" not in parser.format_help()


def test_a_parser_can_be_used_again() -> None:
    parser = default_argument_parser()
    assert parser.parse_args(["store", "-e", "A=1"]).setEnv == ["A=1"]
    assert parser.parse_args(["store", "-e", "B=1"]).setEnv == ["B=1"]
    assert parser.parse_args(["store"]).setEnv == []


def test_options_can_be_handed_to_jobs() -> None:
    options = default_argument_parser().parse_args(["store", "--retryCount=4"])
    assert pickle.loads(pickle.dumps(options)) == options


def test_the_help_of_a_script_starts_with_what_is_its_own() -> None:
    parser = default_argument_parser()
    parser.add_argument("--input", help="What to sort.")
    parser.add_argument_group("Sorting").add_argument("--reverse", action="store_true")
    usage, _, rest = parser.format_help().partition("\n\n")
    assert "[--input INPUT]" in usage
    assert usage.endswith("[TOIL-OPTIONS]")
    assert "--retryCount" not in usage
    assert (
        rest.index("--input") < rest.index("Sorting:") < rest.index("Core Toil Options:") < rest.index("--retryCount")
    )


def test_a_usage_that_the_script_wrote_itself_stays() -> None:
    parser = argparse.ArgumentParser(usage="%(prog)s 100%% of it")
    add_toil_options(parser)
    assert parser.format_help().startswith(f"usage: {parser.prog} 100% of it\n")
    assert parser.format_usage() == f"usage: {parser.prog} 100% of it\n"
