"""The Python front end of `toil run`: a script runs in this process as `__main__`, as `python3 script.py` would run it.

Its own exceptions look as Python shows them, without the frames that led to the script. A script that cannot even be
imported is one sentence.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from types import CodeType, ModuleType, TracebackType

from toil_core.console import current_job_store, report_error, report_interrupt, say
from toil_core.errors import ToilError, UserError


class UnusableScriptError(UserError):
    """A script that cannot be started.

    :param path: the script, as the user named it.
    """

    def __init__(self, path: str, reason: str, hint: str = "") -> None:
        super().__init__(f"The script '{path}' cannot be run: {reason}.", hint)
        self.path = path


def run(path: str, arguments: Sequence[str]) -> int:
    """Run a script as the main program of this process.

    :param path: the script.
    :param arguments: what it finds after its own name in `sys.argv`.
    :raises UnusableScriptError: if it cannot be read, compiled or imported.
    :returns: the exit status that the process should end with.
    """
    code = _compile(path)
    module = _become_main(path, arguments)
    try:
        exec(code, module.__dict__)  # noqa: S102 - running the user's program is the purpose
    except SystemExit as request:
        return _status(request)
    except KeyboardInterrupt as error:
        return report_interrupt(current_job_store(), error)
    except ToilError as error:
        return report_error(error)
    except BaseException as error:
        raised_at = _beyond_us(error.__traceback__)
        if isinstance(error, (ImportError, SyntaxError)) and _is_importing(raised_at):
            raise _unimportable(path, error, raised_at) from error
        sys.excepthook(type(error), error.with_traceback(raised_at), raised_at)
        return 1
    return 0


def _compile(path: str) -> CodeType:
    try:
        with open(path, "rb") as stream:
            source = stream.read()
    except FileNotFoundError:
        raise UnusableScriptError(path, "there is no such file", "Check the path.") from None
    except IsADirectoryError:
        raise UnusableScriptError(path, "it is a directory", "Name the script inside of it.") from None
    except OSError as error:
        raise UnusableScriptError(path, (error.strerror or str(error)).lower()) from None
    loader = SourceFileLoader("__main__", os.path.abspath(path))
    try:
        code: CodeType = loader.source_to_code(source, os.path.abspath(path))
    except (SyntaxError, ValueError) as error:
        raise _unimportable(path, error, None) from error
    return code


def _become_main(path: str, arguments: Sequence[str]) -> ModuleType:
    """Make a new `__main__` of which everything but its code looks as if Python had started the script."""
    absolute = os.path.abspath(path)
    started_from = os.path.dirname(os.path.realpath(sys.argv[0]))
    if sys.path and os.path.realpath(sys.path[0]) == started_from:
        del sys.path[0]
    sys.path.insert(0, os.path.dirname(os.path.realpath(absolute)))
    sys.argv = [path, *arguments]
    module = ModuleType("__main__")
    module.__file__ = absolute
    module.__loader__ = SourceFileLoader("__main__", absolute)
    module.__dict__.update(__builtins__=sys.modules["builtins"], __annotations__={})
    sys.modules["__main__"] = module
    return module


def _status(request: SystemExit) -> int:
    if request.code is None:
        return 0
    if isinstance(request.code, int):
        return request.code
    say(str(request.code))
    return 1


def _beyond_us(raised_at: TracebackType | None) -> TracebackType | None:
    while raised_at is not None and raised_at.tb_frame.f_code.co_filename == __file__:
        raised_at = raised_at.tb_next
    return raised_at


def _is_importing(raised_at: TracebackType | None) -> bool:
    """Return whether an exception came straight from statements at the top of modules, by way of imports only."""
    return all(
        frame.f_code.co_name == "<module>" or frame.f_code.co_filename.startswith("<frozen importlib")
        for frame, _ in traceback.walk_tb(raised_at)
    )


def _unimportable(path: str, error: Exception, raised_at: TracebackType | None) -> UnusableScriptError:
    if isinstance(error, SyntaxError):
        elsewhere = "" if error.filename in (None, os.path.abspath(path)) else f" of {error.filename}"
        where = f" (line {error.lineno}{elsewhere})" if error.lineno else elsewhere
        text = (error.text or "").strip()
        return UnusableScriptError(path, f"{error.msg}{where}", f"The line is: {text}" if text else "")
    where = f" (line {raised_at.tb_lineno})" if raised_at is not None else ""
    hint = ""
    if isinstance(error, ModuleNotFoundError) and error.name:
        hint = f"Install what brings '{error.name.partition('.')[0]}' for {sys.executable}, or correct the import."
    return UnusableScriptError(path, f"{str(error).rstrip('.')}{where}", hint)
