"""Making a zygote of this process: a fork of the leader that is left with what a fresh interpreter would have, and
with the modules and objects that the leader has loaded.

That is done only on request, `fork_workers_from_here`, and only while this process has one thread. What a run of the
leader has set up, and would do something at the end or at a signal, is taken apart in the fork without being run: exit
functions, finalizers, handlers of signals, log handlers, open files. Nothing that is on the stack of the leader is ever
returned to.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import sys
import time
from types import ModuleType
from typing import Any, NoReturn

from toil_core.worker.forking import obstacle_to_forking

#: Seconds that a thread that has been joined may need to be gone.
_THREADS_END = 0.05
_requested = False
logger = logging.getLogger(__name__)
#: What a fork holds on to, since its end would close files or run the user's code.
_kept: list[Any] = []


def fork_workers_from_here() -> None:
    """Have workers on this machine forked from this process, so that they find loaded what it has loaded by then.

    It is for programs that take long to get ready for their jobs, such as a workflow language that has parsed a
    document. Call it when all is loaded, before `Toil.start` or `Toil.restart`: these fork, once, a process that stands
    by and forks one for each job. What modules hold is then there in every job.

    That cannot be relied on: on other machines, where this process has more than one thread, and after that process was
    killed, workers start as fresh interpreters. So a job must find what it needs in what was pickled with it and in the
    job store; what is found loaded is but a short way to it. A workflow language names in its spec (`preload`) what
    fresh interpreters call before their first job, so that these, too, load things once and not for each job.
    """
    global _requested
    _requested = True


def take_request() -> bool:
    """Return whether workers are to be, and can be, forked from this process; only the first to ask is told so."""
    global _requested
    asked, _requested = _requested, False
    if not asked:
        return False
    why_not = _obstacle()
    if why_not:
        logger.debug("Workers are not forked from the leader, since %s.", why_not)
    return not why_not


def _obstacle() -> str:
    """Return why a zygote cannot be forked from this process, or nothing, once threads that are ending are gone."""
    if not os.path.isdir("/proc/self/task"):
        return "this system does not tell how many threads a process has"
    deadline = time.monotonic() + _THREADS_END
    while (found := obstacle_to_forking()) and time.monotonic() < deadline:
        threading = sys.modules.get("threading")
        if threading is not None and threading.active_count() > 1:
            break
        time.sleep(0.001)
    return found


def fork_zygote(
    connection: socket.socket, context: str, run_order: str, environment: dict[str, str], output: int
) -> int:
    """Fork a process that serves as a zygote at the other end of a connection.

    :param connection: the zygote's end.
    :param context: what opens its context, as `"module:attribute"`.
    :param run_order: what carries out an order.
    :param environment: variables to set for it.
    :param output: the file that its output goes to, or -1 to leave it where it goes.
    :returns: its process.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    pid = os.fork()
    if pid == 0:
        _be_zygote(connection, context, run_order, environment, output)
    return pid


def _be_zygote(
    connection: socket.socket, context: str, run_order: str, environment: dict[str, str], output: int
) -> NoReturn:
    status = 1
    try:
        gc.disable()  # Nothing of the leader's is to be finalized here.
        os.setsid()
        _forget_signals()
        _forget_the_end()
        _leave_files(connection.fileno(), output)
        _forget_main()
        _forget_logging()
        os.environ.update(environment)
        gc.freeze()
        from toil_core.worker.zygote import serve

        serve(connection, context, run_order)
        status = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(status)


def _forget_signals() -> None:
    """Have signals do what they do in a fresh interpreter; what is ignored stays so, as over `exec`."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        if callable(handler):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def _forget_the_end() -> None:
    """Forget what the leader would do at its end, but for what modules of the standard library always do."""
    import atexit

    atexit._clear()
    atexit.register(logging.shutdown)
    logging._handlerList.clear()  # type: ignore[attr-defined]
    weakref = sys.modules.get("weakref")
    if weakref is not None:
        weakref.finalize._registry.clear()
        weakref.finalize._registered_with_atexit = False
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util._finalizer_registry.clear()
        atexit.register(util._exit_function)


def _leave_files(connection: int, output: int) -> None:
    """Have all other open files be none of the leader's.

    Their numbers stay taken, so that objects which still believe to have them can close nothing else.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    kept = {0, 1, 2, connection, nothing}
    os.dup2(nothing, 0)
    if output >= 0:
        os.dup2(output, 1)
        os.dup2(output, 2)
    for name in os.listdir("/proc/self/fd"):
        number = int(name)
        if number in kept:
            continue
        try:
            os.fstat(number)
        except OSError:
            continue  # It was open only to list the directory.
        os.dup2(nothing, number, inheritable=False)
    os.close(nothing)
    _kept.extend((sys.stdin, sys.stdout, sys.stderr))
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - it stays open
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", errors="backslashreplace", closefd=False)  # noqa: SIM115


def _forget_logging() -> None:
    """Have the root logger be as it was before anyone set it up."""
    root = logging.getLogger()
    root.handlers.clear()
    root.filters.clear()
    root.setLevel(logging.WARNING)


def _forget_main() -> None:
    """Have this process know nothing of how the leader was started.

    A script that is the leader's main module is one of which jobs are made, and is found under the name that workers
    know it by. Other programs are nothing to jobs.
    """
    from toil_core.deployment.user_script import UserScript
    from toil_core.options.invocation import clear_invocation, current_invocation

    sys.excepthook = sys.__excepthook__
    sys.argv = ["-c"]
    if current_invocation().language or UserScript.of_main() is None:
        _kept.append(sys.modules["__main__"])
        sys.modules["__main__"] = ModuleType("__main__")
    clear_invocation()
