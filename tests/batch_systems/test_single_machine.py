"""What the single-machine batch system promises about jobs: they run with what they need, and each is told of once."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.batch_systems.support import PATIENCE, Machine, eventually, is_alive, read_pid
from toil_core.batch_systems.errors import InsufficientSystemResources
from toil_core.batch_systems.exits import BatchJobExitReason
from toil_core.batch_systems.resources import Amount

Make = Callable[..., Machine]

SLEEP = "import time; time.sleep(600)"


def test_each_job_is_told_of_exactly_once(machine: Machine) -> None:
    numbers = {machine.issue() for _ in range(20)}
    assert len(numbers) == 20
    assert {machine.next().jobID for _ in range(20)} == numbers
    assert machine.system.getUpdatedBatchJob(0) is None
    assert machine.system.getIssuedBatchJobIDs() == []


def test_exit_status_and_wall_time_are_those_of_the_job(machine: Machine) -> None:
    good, bad = machine.run(), machine.run("status = 7")
    assert (good.exitStatus, good.exitReason) == (0, BatchJobExitReason.FINISHED)
    assert (bad.exitStatus, bad.exitReason) == (7, BatchJobExitReason.FAILED)
    assert good.wallTime is not None and good.wallTime > 0


def test_jobs_run_in_processes_of_their_own(machine: Machine, tmp_path: Path) -> None:
    code = f"""
import os
from tests.batch_systems import stubs
stubs.LOADS += 1
open({str(tmp_path / "seen")!r}, "a").write(f"{{os.getpid()}} {{os.getpgrp()}} {{stubs.LOADS}}\\n")
"""
    for _ in range(3):
        assert machine.run(code).exitStatus == 0
    rows = [line.split() for line in (tmp_path / "seen").read_text().splitlines()]
    assert len({pid for pid, _, _ in rows}) == 3
    assert all(pid == group for pid, group, _ in rows)
    assert {loads for _, _, loads in rows} == {"2"}


def test_a_job_that_never_fits_is_refused_with_what_to_do(make_machine: Make) -> None:
    machine = make_machine()
    with pytest.raises(InsufficientSystemResources) as refused:
        machine.issue(memory="2Gi")
    assert (refused.value.resource, refused.value.available) == ("memory", "1.0 GiB")
    assert "--maxMemory" in str(refused.value)
    with pytest.raises(InsufficientSystemResources, match="only 4"):
        machine.issue(cores=5)
    with pytest.raises(InsufficientSystemResources, match="disk"):
        machine.issue(disk="2Gi")
    assert machine.system.getIssuedBatchJobIDs() == []


def test_the_machine_is_capped_by_the_configuration(make_machine: Make) -> None:
    machine = make_machine()
    machine.config.maxCores, machine.config.maxMemory, machine.config.maxDisk = 1, 1000, 2000
    assert machine.system._capped(Amount.of(8, 1 << 40, 1 << 40)) == Amount(1000, 1000, 2000)


def test_scale_scales_the_cores_that_jobs_ask_for(make_machine: Make) -> None:
    machine = make_machine(scale=0.5)
    assert machine.system.largest_allocation().cores == 8
    assert machine.run("import os; assert os.environ['OMP_NUM_THREADS'] == '4'", cores=8).exitStatus == 0
    with pytest.raises(InsufficientSystemResources):
        machine.issue(cores=9)


def test_no_more_runs_at_a_time_than_fits(make_machine: Make) -> None:
    machine = make_machine(capacity=Amount.of(1, 1 << 30, 1 << 30))
    numbers = [machine.issue(SLEEP, cores=0.4) for _ in range(3)]
    assert set(machine.system.getRunningBatchJobIDs()) == set(numbers[:2])
    assert set(machine.system.getIssuedBatchJobIDs()) == set(numbers)
    message = machine.system.getSchedulingStatusMessage()
    assert message is not None and "cores" in message
    machine.system.killBatchJobs(numbers[:1])
    assert set(machine.system.getRunningBatchJobIDs()) == set(numbers[1:])
    assert machine.system.getSchedulingStatusMessage() is None


def test_threads_of_libraries_follow_the_cores_of_the_job(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.run("import os; assert os.environ['OMP_NUM_THREADS'] == '3'", cores=3).exitStatus == 0
    assert machine.run("import os; assert os.environ['OMP_NUM_THREADS'] == '1'", cores=0.5).exitStatus == 0
    machine.system.setEnv("OMP_NUM_THREADS", "9")
    assert machine.run("import os; assert os.environ['OMP_NUM_THREADS'] == '9'", cores=3).exitStatus == 0


def test_accelerators_are_given_out_one_by_one(
    make_machine: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-a,GPU-b")
    machine = make_machine()
    machine.run()
    code = f"""
import os, time
open({str(tmp_path)!r} + "/gpu-" + os.environ["CUDA_VISIBLE_DEVICES"], "w").close()
while not os.path.exists({str(tmp_path / "go")!r}):
    time.sleep(0.01)
"""
    for _ in range(2):
        machine.issue(code, accelerators=1)
    third = machine.issue("import os; assert len(os.environ['CUDA_VISIBLE_DEVICES'].split(',')) == 2", accelerators=2)
    eventually(lambda: sorted(path.name for path in tmp_path.glob("gpu-*")) == ["gpu-GPU-a", "gpu-GPU-b"], "two GPUs")
    message = machine.system.getSchedulingStatusMessage()
    assert third not in machine.system.getRunningBatchJobIDs() and message is not None and "accelerators" in message
    (tmp_path / "go").touch()
    news = [machine.next() for _ in range(3)]
    assert [one.exitStatus for one in news] == [0, 0, 0] and news[-1].jobID == third
    with pytest.raises(InsufficientSystemResources, match="3 x gpu"):
        machine.issue(accelerators=3)


def test_the_environment_arrives_exactly_as_it_was_set(machine: Machine, tmp_path: Path) -> None:
    values = {
        "QUOTES": "a 'b' \"c\" \\ $HOME `d`",
        "LINES": "one\ntwo\r\n\ttab ",
        "LETTERS": "žluťoučký 🐎",
        "BYTES": os.fsdecode(b"\xff\xfe"),
        "EMPTY": "",
    }
    for name, value in values.items():
        machine.system.setEnv(name, value)
    values["QUOTES"] = "this job's own"
    code = f"import json, os; json.dump(dict(os.environ), open({str(tmp_path / 'seen')!r}, 'w'))"
    machine.issue(code, {"QUOTES": values["QUOTES"]})
    assert machine.next().exitStatus == 0
    seen = json.loads((tmp_path / "seen").read_text())
    assert {name: seen[name] for name in values} == values
    assert seen["PATH"] == os.environ["PATH"]
    command = f"env -0 > {tmp_path}/seen-by-command"
    machine.system.issueBatchJob(machine.description(command=command), {"QUOTES": values["QUOTES"]})
    assert machine.next().exitStatus == 0
    raw = (tmp_path / "seen-by-command").read_bytes().split(b"\0")
    assert {os.fsencode(f"{name}={value}") for name, value in values.items()} <= set(raw)


def test_a_variable_set_later_does_not_reach_jobs_issued_before(make_machine: Make) -> None:
    machine = make_machine(capacity=Amount.of(1, 1 << 30, 1 << 30))
    blocker = machine.issue(SLEEP)
    machine.issue("import os; assert 'LATE' not in os.environ")
    machine.system.setEnv("LATE", "1")
    machine.system.killBatchJobs([blocker])
    assert machine.next().exitStatus == 0


def test_a_plain_command_runs_in_a_shell_with_its_output_in_the_documented_files(
    machine: Machine, tmp_path: Path
) -> None:
    command = "echo out; echo err >&2; exit $((40 + 2))"
    number = machine.system.issueBatchJob(machine.description(command=command))
    assert machine.next().exitStatus == 42
    names = [f"toil_job_segment-7_batch_single_machine_{number}_std_{what}.log" for what in ("output", "error")]
    output, error = (next(tmp_path.rglob(name)) for name in names)
    assert (output.read_text(), error.read_text()) == ("out\n", "err\n")


def test_no_std_out_err_discards_the_output_of_commands(make_machine: Make, tmp_path: Path) -> None:
    machine = make_machine(noStdOutErr=True)
    machine.system.issueBatchJob(machine.description(command="echo out"))
    assert machine.next().exitStatus == 0
    assert list(tmp_path.rglob("*.log")) == []


def test_killed_jobs_are_gone_with_all_their_processes_and_never_told_of(machine: Machine, tmp_path: Path) -> None:
    machine.run()
    pid_file = tmp_path / "pid"
    code = f"import subprocess; subprocess.run('sleep 600 & echo $! > {pid_file}; wait', shell=True)"
    doomed = machine.issue(code)
    grandchild = read_pid(pid_file)
    spared = machine.issue()
    machine.system.killBatchJobs([doomed, 12345])
    assert not is_alive(grandchild)
    assert doomed not in machine.system.getIssuedBatchJobIDs()
    assert machine.next().jobID == spared
    assert machine.system.getUpdatedBatchJob(0) is None


def test_a_job_that_waits_can_be_killed_too(make_machine: Make) -> None:
    machine = make_machine(capacity=Amount.of(1, 1 << 30, 1 << 30))
    running, waiting = machine.issue(SLEEP), machine.issue()
    machine.system.killBatchJobs([waiting])
    assert machine.system.getIssuedBatchJobIDs() == [running]
    machine.system.killBatchJobs([running])
    assert machine.system.getIssuedBatchJobIDs() == []
    assert machine.run().exitStatus == 0


def test_what_a_job_leaves_running_ends_with_it(machine: Machine, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    assert machine.run(f"import os; os.system('sleep 600 & echo $! > {pid_file}')").exitStatus == 0
    pid = read_pid(pid_file)
    eventually(lambda: not is_alive(pid), "the job's leftover process ends")


def test_shutdown_leaves_no_process(make_machine: Make, tmp_path: Path) -> None:
    machine = make_machine()
    machine.run()
    pid_files = [tmp_path / "one", tmp_path / "two"]
    for path in pid_files:
        machine.issue(f"import os; os.system('sleep 600 & echo $! > {path}; wait')")
    machine.system.issueBatchJob(machine.description(command=f"echo $$ > {tmp_path / 'three'}; sleep 600"))
    pids = [read_pid(path) for path in [*pid_files, tmp_path / "three"]]
    client = machine.system._workers._client
    assert client is not None
    machine.system.shutdown()
    assert [pid for pid in [*pids, client.pid] if is_alive(pid)] == []


def test_bad_workers_are_killed_at_random(make_machine: Make) -> None:
    machine = make_machine(badWorker=1.0, badWorkerFailInterval=0.01)
    news = machine.run(SLEEP)
    assert (news.exitStatus, news.exitReason) == (-signal.SIGKILL, BatchJobExitReason.KILLED)


def test_debug_worker_runs_jobs_in_the_leader_itself(make_machine: Make, tmp_path: Path) -> None:
    machine = make_machine(debugWorker=True)
    number = machine.issue(
        f"import os, pathlib; pathlib.Path({str(tmp_path / 'pid')!r}).write_text(f'{{os.getpid()}}\\n')"
    )
    assert machine.system.getRunningBatchJobIDs() == {}
    assert machine.next()[:2] == (number, 0)
    assert read_pid(tmp_path / "pid") == os.getpid()
    assert machine.run("import os; assert os.environ['OMP_NUM_THREADS'] == '2'", cores=2).exitStatus == 0
    assert machine.run("1 / 0").exitStatus == 1
    assert machine.system.getUpdatedBatchJob(PATIENCE) is None


def test_waiting_for_news_ends_when_the_time_is_up(machine: Machine) -> None:
    assert machine.system.getUpdatedBatchJob(0.01) is None
