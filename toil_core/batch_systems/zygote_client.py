"""The batch system's end of the connection to its zygote: starting it, talking to it, and clearing up after it."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from typing import Any

from toil_core.worker import capture, prefork
from toil_core.worker.processes import kill_group, kill_session, wait_until_gone
from toil_core.worker.zygote_messages import Decoder, encode

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_BOOT = """import sys
sys.path[:] = [path for path in sys.path if path]
if {root!r} not in sys.path:
    sys.path.append({root!r})
from {module} import main
{call}
"""
#: Seconds to wait at most for processes to vanish after they have been killed.
_VANISHING = 5.0


def python_command(module: str, call: str) -> tuple[str, ...]:
    """Return the command that calls the function `main` of one of Toil's modules in a new interpreter.

    It finds the module where this process found it, and never in the current directory.

    :param call: the call, a line of Python that may use `main` and `sys.argv`.
    """
    return (sys.executable, "-c", _BOOT.format(root=_ROOT, module=module, call=call))


class _Forked:
    """A child that was forked, as far as it is handled like a `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return its exit status.

        :param timeout: how many seconds to wait at most.
        :raises subprocess.TimeoutExpired: if it has not ended by then.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._reap(0 if deadline is None else os.WNOHANG):
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("zygote", timeout or 0.0)
            time.sleep(0.0005)
        assert self.returncode is not None
        return self.returncode

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        if not self._reap(os.WNOHANG):
            os.kill(self.pid, signal.SIGKILL)

    def _reap(self, how: int) -> bool:
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, how)
            except ChildProcessError:  # Someone else has waited for it.
                pid, status = self.pid, 0
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode is not None


class ZygoteClient:
    """A running zygote: a fork of this process if that was asked for, otherwise a fresh interpreter.

    :param context: what opens its context, as `"module:attribute"`.
    :param run_order: what carries out an order.
    :param environment: variables to set for it.
    :param log_dir: where to keep, without a name, what it prints itself.
    :param capture_output: whether to catch what it prints.
    """

    def __init__(
        self, context: str, run_order: str, environment: dict[str, str], log_dir: str, *, capture_output: bool
    ) -> None:
        self._socket, theirs = socket.socketpair()
        self._decoder = Decoder()
        self._log = capture.open_unnamed(log_dir) if capture_output else -1
        with theirs:
            if prefork.take_request():
                pid = prefork.fork_zygote(theirs, context, run_order, environment, self._log)
                self._process: _Forked | subprocess.Popen[bytes] = _Forked(pid)
            else:
                self._process = self._started(theirs, context, run_order, environment)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self.alive = True

    def _started(
        self, theirs: socket.socket, context: str, run_order: str, environment: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        output = self._log if self._log >= 0 else None
        command = python_command("toil_core.worker.zygote", "main(sys.argv[1:])")
        return subprocess.Popen(
            [*command, str(theirs.fileno()), context, run_order],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The zygote's process, which is also the session that all its jobs belong to."""
        return self._process.pid

    def fileno(self) -> int:
        """Return the file descriptor that becomes readable when messages arrive or the zygote is gone."""
        return self._socket.fileno()

    def send(self, message: tuple[Any, ...]) -> None:
        """Send a message; if the zygote is gone, `receive` will tell."""
        try:
            self._socket.sendall(encode(message))
        except ConnectionError:
            self.alive = False

    def receive(self, timeout: float | None) -> list[Any]:
        """Wait until messages arrive or the zygote is gone, which `alive` tells.

        :param timeout: how many seconds to wait at most; None to wait as long as it takes.
        """
        if not self._poll.poll(None if timeout is None else max(0.0, timeout) * 1000):
            return []
        try:
            data = self._socket.recv(1 << 18)
        except ConnectionError:
            data = b""
        if not data:
            self.alive = False
        return list(self._decoder.feed(data))

    def output(self, limit: int) -> bytes:
        """Return what the zygote itself has printed, truncated as `capture.window` says."""
        return capture.read_log(self._log, limit) if self._log >= 0 else b""

    def close(self) -> int:
        """End the zygote and all its jobs, and wait until they are gone.

        :returns: its exit status; a negative number is the signal that killed it.
        """
        self.alive = False
        self._wait_for_end()
        self._socket.close()
        try:
            self._process.wait(_VANISHING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        kill_session(self.pid, _VANISHING)
        self.close_log()
        return self._process.wait()

    def _wait_for_end(self) -> None:
        """Say goodbye and wait for the other end to do so too, which tells sooner than asking for the process."""
        deadline = time.monotonic() + _VANISHING
        try:
            self._socket.shutdown(socket.SHUT_WR)
            while self._poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                if not self._socket.recv(1 << 18):
                    break
        except OSError:
            return

    def clear_up(self, groups: list[int]) -> int:
        """Kill what a zygote that died has left, its session and these process groups, and wait until all are gone.

        :returns: its exit status; a negative number is the signal that killed it.
        """
        self._socket.close()
        self._process.kill()
        status = self._process.wait()
        for group in groups:
            kill_group(group)
        kill_session(self.pid, _VANISHING)
        wait_until_gone(groups, _VANISHING)
        return status

    def close_log(self) -> None:
        """Forget what the zygote has printed."""
        if self._log >= 0:
            os.close(self._log)
            self._log = -1
