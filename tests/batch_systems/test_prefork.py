"""A zygote that is forked from the leader, on request: jobs find what the leader loaded, and nothing else of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.batch_systems.support import ROOT, eventually, is_alive, read_pid
from tests.batch_systems.test_zygote import FAMILY
from toil_core.worker.processes import session_members

#: A leader that has loaded something, with `machine` to run jobs; what it sets up comes in the place of `SETUP`.
LEADER = """
import os, sys
from tests.batch_systems.support import CONTEXT, RUN_ORDER, Machine
from toil_core.batch_systems.resources import Amount
from toil_core.batch_systems.single_machine import SingleMachineBatchSystem
from toil_core.options.config import Config
from toil_core.worker.prefork import fork_workers_from_here
from tests.batch_systems import stubs

stubs.LOADED = "by the leader"
fork_workers_from_here()
SETUP
config = Config()
config.workflowID, config.workDir, config.implementations = "workflow", sys.argv[1], {}
system = SingleMachineBatchSystem(config, Amount.of(4, 1 << 30, 1 << 30), CONTEXT, RUN_ORDER)
machine = Machine(system, config, "fine")
client = system._workers._client
forked = type(client._process).__name__ == "_Forked"

def check(code, **needs):
    news = machine.run(code, **needs)
    assert news.exitStatus == 0, news.log.decode()

BODY
system.shutdown()
print("well")
"""


def command(tmp_path: Path, body: str, setup: str = "") -> list[str]:
    return [sys.executable, "-c", LEADER.replace("SETUP", setup).replace("BODY", body), str(tmp_path)]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def lead(tmp_path: Path, body: str, setup: str = "") -> str:
    """Run a leader, and return what it printed before it ended well."""
    done = subprocess.run(
        command(tmp_path, body, setup), capture_output=True, text=True, env=ENVIRONMENT, check=False, timeout=60
    )
    assert done.stdout.endswith("well\n"), done.stdout + done.stderr
    return done.stdout.removesuffix("well\n")


def test_jobs_find_what_the_leader_has_loaded(tmp_path: Path) -> None:
    body = """
assert forked
for _ in range(3):
    check("from tests.batch_systems import stubs; assert stubs.LOADED == 'by the leader' and stubs.LOADS == 1")
"""
    lead(tmp_path, body)


def test_without_a_request_the_zygote_is_a_fresh_interpreter(tmp_path: Path) -> None:
    setup = "from toil_core.worker.prefork import take_request; assert take_request()"
    code = "from tests.batch_systems import stubs; assert not hasattr(stubs, 'LOADED')"
    lead(tmp_path, f"assert not forked; check({code!r})", setup)


@pytest.mark.parametrize(
    "setup",
    [
        "import threading, time; threading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
        "import _thread, time; _thread.start_new_thread(time.sleep, (600,))",
    ],
    ids=["of Python", "unknown to Python"],
)
def test_a_leader_with_threads_is_not_forked(setup: str, tmp_path: Path) -> None:
    body = """
assert not forked
check("from tests.batch_systems import stubs; assert not hasattr(stubs, 'LOADED')")
system.shutdown()
print("well", flush=True)
os._exit(0)
"""
    lead(tmp_path, body, setup)


def test_threads_that_have_ended_do_not_matter(tmp_path: Path) -> None:
    setup = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(8) as pool:
    list(pool.map(str, range(100)))
"""
    code = "from concurrent.futures import ThreadPoolExecutor as P; assert [*P(2).map(int, '12')] == [1, 2]"
    lead(tmp_path, f"assert forked; check({code!r})", setup)


def test_nothing_that_the_leader_would_do_at_its_end_is_done_by_others(tmp_path: Path) -> None:
    setup = """
import atexit, tempfile, weakref
class Thing: ...
thing, other = Thing(), tempfile.TemporaryDirectory(dir=sys.argv[1])
def note(what):
    with open(sys.argv[1] + "/notes", "a") as file:
        file.write(f"{what} {os.getpid() == leader}\\n")
leader = os.getpid()
atexit.register(note, "exit")
weakref.finalize(thing, note, "thing")
"""
    body = """
check("import gc; gc.collect()")
check("import sys, gc; sys.modules['__main__'].__dict__.clear(); gc.collect()")
os.kill(client.pid, 9)
machine.run("pass")
check("pass")
system.shutdown()
assert os.path.isdir(other.name)
"""
    lead(tmp_path, body, setup)
    assert sorted((tmp_path / "notes").read_text().splitlines()) == ["exit True", "thing True"]


def test_a_job_calls_its_own_functions_at_its_end(tmp_path: Path) -> None:
    setup = "import atexit, weakref, tempfile; weakref.finalize(lambda: 0, int); atexit.register(int)"
    code = f"""
import atexit, logging, pathlib, tempfile, weakref
here = pathlib.Path({str(tmp_path)!r})
class Thing: ...
thing = context.thing = Thing()
weakref.finalize(thing, (here / "finalized").touch)
atexit.register((here / "at-exit").touch)
context.directory = tempfile.TemporaryDirectory(dir=here, prefix="temporary")
"""
    lead(tmp_path, f"check({code!r})", setup)
    names = {path.name for path in tmp_path.iterdir()}
    assert names >= {"finalized", "at-exit"} and not any(name.startswith("temporary") for name in names)


def test_signals_logging_and_hooks_are_as_in_a_fresh_interpreter(tmp_path: Path) -> None:
    setup = """
import logging, signal
from toil_core.console import install_exit_handling
from toil_core.options.invocation import set_invocation
set_invocation({"retryCount": 3}, "file:x", True)
install_exit_handling("file:x")
logging.basicConfig(level=logging.DEBUG, handlers=[logging.FileHandler(sys.argv[1] + "/log")])
for one in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGINT):
    signal.signal(one, lambda *_: print("the leader's"))
signal.signal(signal.SIGUSR2, signal.SIG_IGN)
reader, writer = os.pipe()
os.set_blocking(writer, False)
signal.set_wakeup_fd(writer)
"""
    code = """
import logging, os, signal, sys
from toil_core.options.invocation import current_invocation
for one in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD):
    assert signal.getsignal(one) == signal.SIG_DFL, one
assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
assert signal.getsignal(signal.SIGUSR2) == signal.SIG_IGN
assert signal.set_wakeup_fd(-1) == -1
assert not logging.root.handlers and logging.root.level == logging.WARNING
assert sys.excepthook is sys.__excepthook__
assert not current_invocation().values
assert not hasattr(sys.modules["__main__"], "machine") and sys.argv == ["-c"]
assert os.getsid(0) == os.getppid() != os.getpid() and os.getpgid(0) == os.getpid()
assert sys.stdin.read() == "" and os.read(0, 1) == b""
"""
    lead(tmp_path, f"check({code!r})", setup)
    assert (tmp_path / "log").read_text() == ""


def test_no_file_of_the_leader_stays_open_in_jobs(tmp_path: Path) -> None:
    setup = """
import socket
held = open(sys.argv[1] + "/held", "w")
held.write("not flushed ")
pair = socket.socketpair()
secret = os.open(sys.argv[1] + "/secret", os.O_RDWR | os.O_CREAT)
os.set_inheritable(secret, True)
"""
    code = """
import os
for name in os.listdir("/proc/self/fd"):
    try:
        where = os.readlink(f"/proc/self/fd/{name}")
    except OSError:
        continue
    assert "held" not in where and "secret" not in where and not where.startswith("socket:"), (name, where)
"""
    body = f"""
check({code!r})
held.write("once")
held.close()
pair[0].close()
assert pair[1].recv(1) == b""
"""
    lead(tmp_path, body, setup)
    assert (tmp_path / "held").read_text() == "not flushed once"


def test_output_of_jobs_is_captured_and_that_of_the_leader_is_not_repeated(tmp_path: Path) -> None:
    setup = "print('said before')\nsys.stdout.write('and this ')"
    body = """
code = "import os, subprocess; print('mine'); os.write(2, b'raw '); subprocess.run(['echo', 'too']); status = 1"
news = machine.run(code)
assert news.log == b"mine\\nraw too\\n", news.log
"""
    assert lead(tmp_path, body, setup) == "said before\nand this "


def test_a_forked_zygote_that_is_killed_is_replaced_by_a_fresh_interpreter(tmp_path: Path) -> None:
    body = """
from toil_core.worker.processes import session_members
machine.run()
session = client.pid
number = machine.issue("import time; time.sleep(600)")
machine.system.issueBatchJob(machine.description(command="sleep 600"))
os.kill(session, 9)
assert {machine.next().exitReason.name for _ in range(2)} == {"LOST"}
assert session_members(session) == []
check("from tests.batch_systems import stubs; assert not hasattr(stubs, 'LOADED')")
assert type(system._workers._client._process).__name__ == "Popen"
"""
    lead(tmp_path, body)


def test_bundles_and_many_jobs_work_and_leak_nothing(tmp_path: Path) -> None:
    body = """
def files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
for _ in range(8):
    machine.issue("import time; time.sleep(0.05)")
assert {machine.next().exitStatus for _ in range(8)} == {0}
before = files(os.getpid()), files(client.pid)
for _ in range(300):
    machine.issue("print(1)")
assert {machine.next().exitStatus for _ in range(300)} == {0}
assert (files(os.getpid()), files(client.pid)) == before
"""
    lead(tmp_path, body)


def test_the_leader_hears_how_its_zygote_ended_and_leaves_no_zombie(tmp_path: Path) -> None:
    body = """
machine.run()
system.shutdown()
assert client._process.returncode == 0
try:
    os.waitpid(-1, os.WNOHANG)
    raise SystemExit("a child is left")
except ChildProcessError:
    pass
"""
    lead(tmp_path, body)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_when_the_leader_is_killed_nothing_survives(how: signal.Signals, tmp_path: Path) -> None:
    body = f"""
machine.issue({FAMILY.replace("DIR", str(tmp_path))!r})
print(client.pid, flush=True)
system.getUpdatedBatchJob(600)
"""
    with subprocess.Popen(command(tmp_path, body), stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as leader:
        assert leader.stdout is not None
        session = int(leader.stdout.readline())
        pids = [session, *(read_pid(tmp_path / name) for name in ("parent", "child"))]
        leader.send_signal(how)
        leader.wait()
    eventually(lambda: not any(map(is_alive, pids)), "all processes are gone")
    eventually(lambda: session_members(session) == [], "the session is empty")
