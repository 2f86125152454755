"""Python logging for a leader, as `--logLevel`, `--logFile` and `--rotatingLogging` ask for it."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from toil_core.observe.errors import OutputError

if TYPE_CHECKING:
    from toil_core.options.config import Config

_FORMAT = "%(asctime)s %(levelname)-7s %(message)s"
_DEBUG_FORMAT = "%(asctime)s %(levelname)-7s [%(threadName)s] %(name)s: %(message)s"
_DATE_FORMAT = "%Y-%m-%d %H:%M:%S"
#: How many old log files --rotatingLogging keeps.
KEPT_LOG_FILES = 5
#: Libraries that report each of their requests; of them only warnings are shown.
_TALKATIVE = (
    "asyncio",
    "azure",
    "boto",
    "boto3",
    "botocore",
    "docker",
    "filelock",
    "google",
    "kubernetes",
    "requests",
    "requests_oauthlib",
    "s3transfer",
    "urllib3",
)

_installed: list[logging.Handler] = []
_quietened: set[str] = set()


class _StandardErrorHandler(logging.Handler):
    """Writes to whatever is standard error at the time, so that a progress bar can make room for the lines."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; that nobody reads standard error any more is no error."""
        try:
            line = self.format(record)
        except Exception:
            self.handleError(record)
            return
        try:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
        except (BrokenPipeError, ValueError):
            return


def set_up_logging(config: Config) -> None:
    """Have this process log as configured; calling it again replaces what it set up before.

    A handler for standard output or standard error that the script installed itself is left to show the lines.

    :raises OutputError: if the log file cannot be opened.
    """
    root = logging.getLogger()
    for handler in _installed:
        root.removeHandler(handler)
        handler.close()
    _installed.clear()
    level = level_number(config.logLevel)
    root.setLevel(level)
    _quieten_others(level)
    handlers: list[logging.Handler] = [] if _shows_already(root) else [_StandardErrorHandler()]
    if config.logFile:
        handlers.append(_file_handler(config))
    formatter = logging.Formatter(_DEBUG_FORMAT if level <= logging.DEBUG else _FORMAT, _DATE_FORMAT)
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
        _installed.append(handler)


def level_number(name: str | int) -> int:
    """Return the logging module's number for a level's name; `OFF` shows critical messages only.

    :raises ValueError: if there is no such level.
    """
    if isinstance(name, int):
        return name
    upper = str(name).upper()
    number = logging.CRITICAL if upper == "OFF" else logging.getLevelName(upper)
    if not isinstance(number, int):
        raise ValueError(f"'{name}' is not a log level; use OFF, CRITICAL, ERROR, WARNING, INFO or DEBUG.")
    return number


def _quieten_others(level: int) -> None:
    """Have talkative libraries show warnings only, unless the script itself has set their level."""
    for name in _TALKATIVE:
        other = logging.getLogger(name)
        if other.level == logging.NOTSET or name in _quietened:
            other.setLevel(max(level, logging.WARNING))
            _quietened.add(name)


def _shows_already(root: logging.Logger) -> bool:
    return any(
        type(handler) is logging.StreamHandler and handler.stream in (sys.stderr, sys.stdout)
        for handler in root.handlers
    )


def _file_handler(config: Config) -> logging.Handler:
    path = str(config.logFile)
    limit = abs(int(config.maxLogFileSize))
    try:
        if config.rotatingLogging and limit:
            from logging.handlers import RotatingFileHandler

            return RotatingFileHandler(path, maxBytes=limit, backupCount=KEPT_LOG_FILES, encoding="utf-8")
        return logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        raise OutputError("log file", path, "--logFile", error) from error
