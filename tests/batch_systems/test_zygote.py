"""What the zygote promises: output that survives, failures that are told, and no process that outlives its workflow."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.batch_systems.support import ROOT, Machine, eventually, is_alive, kill, read_pid
from toil_core.batch_systems.exits import BatchJobExitReason
from toil_core.worker.processes import session_members

Make = Callable[..., Machine]

#: A job with a subprocess, whose process IDs it writes to files in the directory `DIR`.
FAMILY = """
import os, subprocess
child = subprocess.Popen(["sleep", "600"])
for name, pid in (("parent", os.getpid()), ("child", child.pid)):
    with open(f"DIR/{name}", "w") as file:
        file.write(f"{pid}\\n")
child.wait()
"""


def zygote_pid(machine: Machine) -> int:
    client = machine.system._workers._client
    assert client is not None
    return client.pid


def test_output_of_every_kind_is_captured_byte_by_byte(machine: Machine) -> None:
    code = """
import os, subprocess, sys
print("printed")
os.write(1, b"\\xff\\x00raw\\n")
subprocess.run("echo from a shell >&2", shell=True)
sys.stdout.write("no line end")
assert context.current_log() == b"printed\\n\\xff\\x00raw\\nfrom a shell\\nno line end", context.current_log()
"""
    news = machine.run(code)
    assert (news.exitStatus, news.log) == (0, b"")


def test_what_a_killed_job_had_printed_is_not_lost(machine: Machine) -> None:
    news = machine.run("import os, signal; print('last words'); os.kill(os.getpid(), signal.SIGKILL)")
    assert news.exitStatus == -signal.SIGKILL
    assert news.log == b"last words\n"


def test_logs_are_truncated_as_configured(make_machine: Make) -> None:
    code = "print('0123456789', end=''); assert len(context.current_log()) in (4, 10); status = 1"
    assert make_machine(maxLogFileSize=4).run(code).log == b"6789"
    assert make_machine(maxLogFileSize=-4).run(code).log == b"0123"
    assert make_machine(maxLogFileSize=0).run(code).log == b"0123456789"


def test_one_job_does_not_see_the_log_of_another(machine: Machine) -> None:
    assert machine.run("print('mine'); status = 1").log == b"mine\n"
    assert machine.run("print('yours'); status = 1").log == b"yours\n"


def test_output_can_be_left_uncaptured(make_machine: Make, capfd: pytest.CaptureFixture[str]) -> None:
    machine = make_machine(disableWorkerOutputCapture=True)
    assert machine.run("print('straight through'); assert context.current_log() == b''").exitStatus == 0
    assert "straight through" in capfd.readouterr().out


def test_an_error_outside_the_job_is_a_failure_with_its_traceback(machine: Machine) -> None:
    news = machine.run("1 / 0")
    assert news.exitStatus == 1
    assert b"ZeroDivisionError" in news.log


def test_the_exit_of_a_job_waits_for_threads_and_calls_exit_functions(machine: Machine, tmp_path: Path) -> None:
    code = f"""
import atexit, threading, time, pathlib
here = pathlib.Path({str(tmp_path)!r})
atexit.register((here / "at-exit").touch)
threading.Thread(target=lambda: (time.sleep(0.05), (here / "thread").touch())).start()
"""
    assert machine.run(code).exitStatus == 0
    assert {path.name for path in tmp_path.iterdir()} >= {"at-exit", "thread"}


def test_signals_are_as_in_a_fresh_interpreter(machine: Machine) -> None:
    code = """
import signal
assert signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL
assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
assert signal.set_wakeup_fd(-1) == -1
"""
    assert machine.run(code).log == b""


@pytest.mark.parametrize(("locator", "error"), [("raise", "nowhere"), ("exit", "usage: script.py FILE")])
def test_a_module_that_cannot_be_loaded_fails_each_job_with_the_reason(
    make_machine: Make, locator: str, error: str
) -> None:
    machine = make_machine(locator)
    machine.issue(), machine.issue()
    for _ in range(2):
        news = machine.next()
        assert (news.exitStatus, news.exitReason) == (1, BatchJobExitReason.ERROR)
        assert error in news.detail and b"Traceback" in news.log
    assert error in machine.run().detail
    machine.system.issueBatchJob(machine.description(command="true"))
    assert machine.next().exitStatus == 0


def test_a_module_that_kills_its_interpreter_fails_the_jobs_and_does_not_loop(make_machine: Make) -> None:
    news = make_machine("die").run()
    assert news.exitReason == BatchJobExitReason.ERROR
    assert "SIGSEGV" in news.detail


def test_a_module_that_starts_threads_gets_an_interpreter_per_job(
    make_machine: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    machine = make_machine("thread")
    code = """
import os
from tests.batch_systems import stubs
assert stubs.LOADS == 1 and os.getpgrp() == os.getpid()
assert context.implementation == "some:Class"
print("\\u017elu\\u0165", "'quoted'", context.current_log())
status = 3
"""
    news = machine.run(code)
    assert news.exitStatus == 3
    assert news.log.decode().splitlines()[-1].startswith("žluť 'quoted' b'printed while loading")
    assert "started-by-script" in caplog.text
    killed = machine.run("import os, signal; print('last words', flush=True); os.kill(os.getpid(), signal.SIGKILL)")
    assert killed.exitStatus == -signal.SIGKILL
    assert killed.log.endswith(b"last words\n")


def test_when_the_zygote_is_killed_its_jobs_are_lost_and_the_next_ones_run(machine: Machine, tmp_path: Path) -> None:
    machine.run()
    lost = {
        machine.issue(FAMILY.replace("DIR", str(tmp_path))),
        machine.system.issueBatchJob(machine.description(command="sleep 600")),
    }
    pids = [read_pid(tmp_path / name) for name in ("parent", "child")]
    session = zygote_pid(machine)
    kill(session)
    news = [machine.next() for _ in lost]
    assert {one.jobID for one in news} == lost
    assert {one.exitReason for one in news} == {BatchJobExitReason.LOST}
    assert [pid for pid in pids if is_alive(pid)] == []
    assert session_members(session) == []
    assert machine.run().exitStatus == 0


def test_when_the_zygote_is_killed_before_it_is_ready_nothing_is_lost(make_machine: Make) -> None:
    machine = make_machine()
    kill(zygote_pid(machine))
    assert machine.run().exitStatus == 0


def test_jobs_of_a_dead_zygote_can_be_killed(machine: Machine, tmp_path: Path) -> None:
    machine.run()
    number = machine.issue(FAMILY.replace("DIR", str(tmp_path)))
    pids = [read_pid(tmp_path / name) for name in ("parent", "child")]
    kill(zygote_pid(machine))
    machine.system.killBatchJobs([number])
    assert [pid for pid in pids if is_alive(pid)] == []
    assert machine.system.getIssuedBatchJobIDs() == []
    assert machine.run().exitStatus == 0


def test_shutdown_after_the_zygote_was_killed_leaves_nothing(machine: Machine, tmp_path: Path) -> None:
    machine.run()
    machine.issue(FAMILY.replace("DIR", str(tmp_path)))
    pids = [read_pid(tmp_path / name) for name in ("parent", "child")]
    kill(zygote_pid(machine))
    machine.system.shutdown()
    assert [pid for pid in pids if is_alive(pid)] == []


def test_when_a_job_is_killed_its_subprocesses_are_too(machine: Machine, tmp_path: Path) -> None:
    machine.run()
    machine.issue(FAMILY.replace("DIR", str(tmp_path)))
    parent, child = (read_pid(tmp_path / name) for name in ("parent", "child"))
    kill(parent)
    assert machine.next().exitStatus == -signal.SIGKILL
    eventually(lambda: not is_alive(child), "the subprocess is gone")


LEADER = """
import sys
from tests.batch_systems.support import CONTEXT, RUN_ORDER, Machine
from toil_core.batch_systems.resources import Amount
from toil_core.batch_systems.single_machine import SingleMachineBatchSystem
from toil_core.options.config import Config

config = Config()
config.workflowID, config.workDir, config.implementations = "workflow", sys.argv[1], {}
system = SingleMachineBatchSystem(config, Amount.of(4, 1 << 30, 1 << 30), CONTEXT, RUN_ORDER)
machine = Machine(system, config, "fine")
machine.issue(sys.argv[2])
system.issueBatchJob(machine.description(command=f"echo $$ > {sys.argv[1]}/command; sleep 600"))
print(system._workers._client.pid, flush=True)
system.getUpdatedBatchJob(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_when_the_leader_is_killed_nothing_survives(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-c", LEADER, str(tmp_path), FAMILY.replace("DIR", str(tmp_path))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as leader:
        assert leader.stdout is not None
        session = int(leader.stdout.readline())
        pids = [session, *(read_pid(tmp_path / name) for name in ("parent", "child", "command"))]
        leader.send_signal(how)
        leader.wait()
    eventually(lambda: not any(map(is_alive, pids)), "all processes are gone")
    eventually(lambda: session_members(session) == [], "the session is empty")


def open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def test_five_hundred_jobs_leak_no_file_descriptor(machine: Machine) -> None:
    for _ in range(8):
        machine.issue("print(1); status = 1")
    for _ in range(8):
        machine.next()
    before = open_files(os.getpid()), open_files(zygote_pid(machine))
    for _ in range(500):
        machine.issue("print(1); status = 1")
    assert {machine.next().exitStatus for _ in range(500)} == {1}
    assert (open_files(os.getpid()), open_files(zygote_pid(machine))) == before


def test_a_job_can_neither_read_nor_close_the_connection_to_the_leader(machine: Machine) -> None:
    code = """
import os, stat
for number in range(3, 64):
    try:
        assert not stat.S_ISSOCK(os.fstat(number).st_mode), number
    except OSError:
        pass
"""
    assert machine.run(code).log == b""


def test_loading_for_jobs_happens_once_and_imports_nothing_more_in_each(machine: Machine) -> None:
    code = """
import sys
from tests.batch_systems import stubs
extra = {name for name in ("click", "rich", "pluggy", "asyncio", "dataclasses", "inspect") if name in sys.modules}
assert stubs.LOADS == 1 and not extra, extra
"""
    assert [machine.run(code).log for _ in range(2)] == [b"", b""]
