"""The leader's logging: levels, the log file, and being set up several times."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from toil_core.errors import UserError
from toil_core.observe import logs
from toil_core.options.config import Config


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in list(root.handlers):
        if handler not in handlers:
            root.removeHandler(handler)
            handler.close()
    logs._installed.clear()
    root.setLevel(level)


def config(**settings: object) -> Config:
    """Return a configuration with some settings."""
    made = Config()
    for name, value in settings.items():
        setattr(made, name, value)
    return made


def test_lines_have_a_time_and_a_level_and_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up_logging(config(logLevel="INFO"))
    logging.getLogger("my.script").info("here I am")
    captured = capsys.readouterr()
    assert captured.out == ""
    date, time, level, text = captured.err.rstrip("\n").split(maxsplit=3)
    assert (len(date), len(time), level, text) == (10, 8, "INFO", "here I am")


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        ("OFF", ["critical"]),
        ("CRITICAL", ["critical"]),
        ("ERROR", ["error", "critical"]),
        ("WARNING", ["warning", "error", "critical"]),
        ("INFO", ["info", "warning", "error", "critical"]),
        ("DEBUG", ["debug", "info", "warning", "error", "critical"]),
    ],
)
def test_only_lines_of_the_level_and_above_are_shown(
    capsys: pytest.CaptureFixture[str], level: str, shown: list[str]
) -> None:
    logs.set_up_logging(config(logLevel=level))
    for name in ("debug", "info", "warning", "error", "critical"):
        getattr(logging.getLogger("toil_core.some"), name)("at %s", name)
    assert [line.rsplit(" ", 1)[1] for line in capsys.readouterr().err.splitlines()] == shown


def test_setting_up_twice_shows_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up_logging(config())
    logs.set_up_logging(config())
    logging.getLogger("a").warning("once")
    assert capsys.readouterr().err.count("once") == 1


def test_a_handler_of_the_script_itself_is_left_to_show_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    own = logging.StreamHandler(sys.stderr)
    own.setFormatter(logging.Formatter("mine: %(message)s"))
    logging.getLogger().addHandler(own)
    logs.set_up_logging(config())
    logging.getLogger("a").warning("once")
    logging.getLogger().removeHandler(own)
    assert capsys.readouterr().err == "mine: once\n"


def test_the_log_file_gets_the_same_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.log"
    logs.set_up_logging(config(logFile=str(path)))
    logging.getLogger("a").warning("both ü")
    assert path.read_text(encoding="utf-8") == capsys.readouterr().err


def test_a_rotating_log_file_stays_small_and_keeps_a_few_old_ones(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    logs.set_up_logging(config(logFile=str(path), rotatingLogging=True, maxLogFileSize=500))
    for number in range(100):
        logging.getLogger("a").warning("line %d", number)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 1 + logs.KEPT_LOG_FILES
    assert all(file.stat().st_size <= 500 for file in files)
    assert "line 99" in path.read_text()


def test_a_log_file_that_cannot_be_written_is_one_clear_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no/run\.log' cannot be written: No such file or directory.*--logFile"):
        logs.set_up_logging(config(logFile=str(tmp_path / "no" / "run.log")))


def test_talkative_libraries_show_warnings_only(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up_logging(config(logLevel="DEBUG"))
    logging.getLogger("botocore.auth").debug("secret headers")
    logging.getLogger("urllib3.connectionpool").warning("pool is full")
    assert "secret" not in (shown := capsys.readouterr().err)
    assert "pool is full" in shown


def test_a_level_that_the_script_set_for_a_library_stays(capsys: pytest.CaptureFixture[str]) -> None:
    filelock = logging.getLogger("filelock")
    before = filelock.level
    logs._quietened.discard("filelock")
    filelock.setLevel(logging.DEBUG)
    logs.set_up_logging(config(logLevel="DEBUG"))
    filelock.debug("asked for")
    filelock.setLevel(before)
    assert "asked for" in capsys.readouterr().err


def test_a_standard_error_that_nobody_reads_is_no_error() -> None:
    code = (
        "import os, sys, logging; from toil_core.observe.logs import set_up_logging\n"
        "from toil_core.options.config import Config\n"
        "read, write = os.pipe(); os.dup2(write, 2); os.close(read); os.close(write)\n"
        "set_up_logging(Config())\n"
        "for _ in range(10): logging.getLogger('a').warning('nobody hears this')\n"
        "print('went on'); sys.stdout.flush(); os._exit(0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "went on\n"


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="'LOUD' is not a log level"):
        logs.level_number("LOUD")


def test_rotation_is_imported_only_when_it_is_asked_for() -> None:
    code = (
        "import sys; from toil_core.observe.logs import set_up_logging; from toil_core.options.config import Config\n"
        "set_up_logging(Config()); print({'logging.handlers', 'logging.config', 'rich'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "set()\n"
