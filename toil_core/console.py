"""What people see at the end of a run that did not go well, and the exit status that tells it to a shell.

A `ToilError` is shown as its sentence and its hint, without a traceback of ours unless logging is at debug level. That
holds for the `toil` command and, once `install_exit_handling` was called, for a script that is run by Python itself.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from toil_core.errors import ToilError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]

#: Signals, other than that of the keyboard, at which a workflow stops in good order.
_ENDING = (signal.SIGTERM, signal.SIGHUP)


class Terminated(KeyboardInterrupt):
    """Someone asked this process to end: what an interrupt from the keyboard does, at another signal.

    :param number: the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"Stopped by {signal.Signals(number).name}.")
        self.number = number


@contextmanager
def orderly_end() -> Iterator[None]:
    """Have signals that would end this process at once raise `Terminated` instead, for the duration of the block.

    A second one ends the process whatever it is at. Signals that are ignored or handled already are left alone, and so
    are all in threads other than the main one.
    """

    def end(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        raise Terminated(number)

    here = threading.current_thread() is threading.main_thread()
    handled = [one for one in _ENDING if here and signal.getsignal(one) is signal.SIG_DFL]
    for one in handled:
        signal.signal(one, end)
    try:
        yield
    finally:
        for one in handled:
            signal.signal(one, signal.SIG_DFL)


def fill_standard_files() -> None:
    """See that the file descriptors 0 to 2 are open, as they are not in some daemons, so that no other file gets them.

    Whatever is printed to one that was closed would otherwise end up in that file.
    """
    while (file := os.open(os.devnull, os.O_RDWR)) <= 2:
        continue
    os.close(file)
    if sys.stderr is None:
        sys.stderr = open(2, "w", errors="backslashreplace", closefd=False)  # noqa: SIM115 - it stays open


def report_error(error: ToilError) -> int:
    """Say on standard error what went wrong and what to do about it.

    :returns: the exit status that the process should end with.
    """
    if _debugging():
        import traceback

        traceback.print_exception(error)
    say(f"toil: error: {error.message}")
    if error.hint:
        say(error.hint)
    return error.exit_status


def report_interrupt(locator: str = "", cause: BaseException | None = None) -> int:
    """Say on standard error how to continue a run that was interrupted, from the keyboard or by another signal.

    :param locator: the run's job store, empty where it had none yet or has none any more.
    :param cause: what was raised.
    :returns: the exit status that the process should end with: 128 and the number of the signal.
    """
    say(f"toil: {cause if isinstance(cause, Terminated) else 'Interrupted.'}")
    if locator:
        from toil_core.options.invocation import ways_on

        say(ways_on(locator))
    return 128 + (cause.number if isinstance(cause, Terminated) else signal.SIGINT)


def note_job_store(locator: str) -> None:
    """Take note of the job store that a run has just made or opened, for what is said if the run is interrupted.

    Where it is, is said at once if nobody named it and `toil run` chose it for a script.
    """
    from toil_core.options.invocation import current_invocation

    install_exit_handling(locator)
    told = current_invocation()
    if told.locator == locator and not told.locator_is_explicit and not told.language:
        say(f"toil: The job store of this run is {locator}")


def say(text: str) -> None:
    """Print a line on standard error; nothing happens if nobody reads there any more."""
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except (AttributeError, BrokenPipeError, ValueError):
        return


def install_exit_handling(locator: str = "") -> None:
    """Have this process show an uncaught `ToilError` or interrupt as people want to see it, and end with its status.

    The interpreter takes its exit status from a SystemExit that the exception hook raises, and ends as it always does:
    streams are flushed and exit handlers run. In an interactive session nothing is ended.

    :param locator: the job store of the run that begins; that of an earlier call is forgotten.
    """
    hook = sys.excepthook
    if isinstance(hook, _ExceptionHook):
        hook.locator = locator
    else:
        sys.excepthook = _ExceptionHook(hook, locator)


def forget_job_store() -> None:
    """Note that the run's job store is gone, so that an interrupt no longer tells how to continue from it."""
    if isinstance(sys.excepthook, _ExceptionHook):
        sys.excepthook.locator = ""


def current_job_store() -> str:
    """Return the job store to continue from after an interrupt, empty where there is none."""
    return sys.excepthook.locator if isinstance(sys.excepthook, _ExceptionHook) else ""


class _ExceptionHook:
    """Shows our own errors itself, and leaves all others to the hook that it stands before."""

    def __init__(self, other: Hook, locator: str) -> None:
        self.other = other
        self.locator = locator

    def __call__(self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if isinstance(error, ToilError):
            self._end(report_error(error))
        elif isinstance(error, KeyboardInterrupt):
            self._end(report_interrupt(self.locator, error))
        else:
            self.other(kind, error, traceback)

    @staticmethod
    def _end(status: int) -> None:
        if not sys.flags.interactive and not hasattr(sys, "ps1"):
            raise SystemExit(status)


def _debugging() -> bool:
    logging = sys.modules.get("logging")
    return logging is not None and bool(logging.getLogger("toil_core").isEnabledFor(logging.DEBUG))
