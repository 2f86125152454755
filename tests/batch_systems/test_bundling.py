"""Bundles: short jobs share a process, and nothing else than that."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.batch_systems.support import Machine, eventually, kill, read_pid
from toil_core.batch_systems.bundling import Bundling, Durations
from toil_core.batch_systems.exits import BatchJobExitReason, UpdatedBatchJobInfo
from toil_core.batch_systems.resources import Admission, Amount, Shape

Make = Callable[..., Machine]

#: Each job appends its process ID to a file; `TURN` is then how many jobs have begun, this one included.
COUNTED = """
import os, signal, subprocess, sys, threading, time
with open("DIR/pids", "a") as file:
    file.write(f"{os.getpid()}\\n")
with open("DIR/pids") as file:
    TURN = len(file.readlines())
"""


@pytest.fixture
def one_core(make_machine: Make) -> Machine:
    """A machine on which one job runs at a time, with bundles as large as there are jobs."""
    return make_machine(capacity=Amount.of(1, 1 << 30, 1 << 30), bundleSeconds=60)


def issue_short(machine: Machine, code: str, directory: Path, count: int) -> list[int]:
    """Issue jobs, all at once, that are taken to be short; the first of them only waits until all are issued."""
    code = COUNTED.replace("DIR", str(directory)) + code.replace("DIR", str(directory))
    for _ in range(8):
        machine.system._bundling.durations.learn(code, 0.01)
    gate = directory / "gate"
    head = machine.issue(f"import os, time\nwhile not os.path.exists('{gate}'): time.sleep(0.01)")
    numbers = [machine.issue(code) for _ in range(count)]
    gate.touch()
    assert machine.next().jobID == head
    return numbers


def ends(machine: Machine, count: int) -> dict[int, UpdatedBatchJobInfo]:
    news = [machine.next() for _ in range(count)]
    found = {one.jobID: one for one in news}
    assert len(found) == count
    return found


def pids(directory: Path) -> list[str]:
    return (directory / "pids").read_text().split()


def test_a_kind_is_short_once_enough_of_it_were(tmp_path: Path) -> None:
    durations = Durations()
    for _ in range(7):
        durations.learn("kind", 0.01)
        assert durations.expected("kind") is None
    durations.learn("kind", 0.01)
    assert durations.expected("kind") == pytest.approx(0.01)
    assert durations.expected("other") is None


def test_one_long_job_makes_its_kind_long_for_a_while() -> None:
    bundling = Bundling(0.1)
    for _ in range(100):
        bundling.durations.learn("kind", 0.005)
    assert bundling.expected("kind") == pytest.approx(0.005)
    bundling.durations.learn("kind", 10)
    assert bundling.expected("kind") is None
    for _ in range(200):
        bundling.durations.learn("kind", 0.005)
    assert bundling.expected("kind") is not None


def test_a_bundle_takes_its_share_of_what_waits_and_never_more_than_its_time() -> None:
    bundling = Bundling(0.1)
    assert bundling.seconds_to_add(0.001, waiting=1000, slots=2) == pytest.approx(0.099)
    assert bundling.seconds_to_add(0.001, waiting=59, slots=2) == pytest.approx(0.029)
    assert bundling.seconds_to_add(0.001, waiting=5, slots=2) == pytest.approx(0.009)
    assert bundling.seconds_to_add(0.02, waiting=3, slots=4) <= 0
    assert bundling.seconds_to_add(0.05, waiting=3, slots=2) == pytest.approx(0.05)


def test_no_time_for_bundles_means_no_bundles() -> None:
    bundling = Bundling(0)
    for _ in range(100):
        bundling.durations.learn("kind", 1e-6)
    assert bundling.expected("kind") is None


def test_jobs_that_share_a_slot_free_it_together_and_come_back_in_order() -> None:
    like = Shape(Amount.of(1, 1, 1))
    admission = Admission(Amount.of(2, 10, 10))
    for job in range(6):
        admission.add(job, like)
    assert admission.start_next() == (0, ())
    assert admission.slots(0) == (2, 5)
    assert admission.share(0, lambda job: job < 4) == [1, 2, 3]
    admission.release(0)
    assert admission.free == Amount.of(1, 9, 9)
    for job in (3, 2):
        admission.put_back(job)
    assert admission.waiting() == [4, 5, 3, 2]
    admission.release(1)
    assert admission.free == admission.capacity
    order = []
    while (chosen := admission.start_next()) is not None:
        order.append(chosen[0])
        admission.release(chosen[0])
    assert order == [2, 3, 4, 5]


def test_short_jobs_share_a_process_and_each_is_told_of(one_core: Machine, tmp_path: Path) -> None:
    numbers = issue_short(one_core, "", tmp_path, 20)
    assert all(one.exitStatus == 0 for one in ends(one_core, 20).values())
    assert len(pids(tmp_path)) == 20
    assert len(set(pids(tmp_path))) == 1
    assert one_core.system.getIssuedBatchJobIDs() == []
    assert one_core.system.getRunningBatchJobIDs() == {}
    assert numbers == list(range(2, 22))


def test_without_time_for_bundles_each_job_has_its_process(make_machine: Make, tmp_path: Path) -> None:
    machine = make_machine(capacity=Amount.of(1, 1 << 30, 1 << 30), bundleSeconds=0)
    issue_short(machine, "", tmp_path, 5)
    ends(machine, 5)
    assert len(set(pids(tmp_path))) == 5


def test_when_the_process_dies_only_the_job_it_was_at_has_failed(one_core: Machine, tmp_path: Path) -> None:
    code = "print('turn', TURN)\nif TURN == 3: os.kill(os.getpid(), signal.SIGKILL)"
    numbers = issue_short(one_core, code, tmp_path, 6)
    found = ends(one_core, 6)
    assert [found[one].exitStatus for one in numbers] == [0, 0, -signal.SIGKILL, 0, 0, 0]
    assert found[numbers[2]].log == b"turn 3\n"
    assert len(pids(tmp_path)) == 6
    assert len(set(pids(tmp_path))) == 2


def test_after_a_failed_job_the_others_get_a_fresh_process(one_core: Machine, tmp_path: Path) -> None:
    numbers = issue_short(one_core, "print('turn', TURN)\nstatus = int(TURN == 2)", tmp_path, 5)
    found = ends(one_core, 5)
    assert [found[one].exitStatus for one in numbers] == [0, 1, 0, 0, 0]
    assert found[numbers[1]].log == b"turn 2\n"
    first, second, third, *_ = pids(tmp_path)
    assert first == second != third


@pytest.mark.parametrize(
    "leaves",
    [
        "subprocess.Popen(['sleep', '600'])",
        "threading.Thread(target=time.sleep, args=(0.5,)).start()",
        "os.environ['LEFT'] = 'behind'",
        "import atexit; atexit.register(print)",
    ],
)
def test_what_a_job_leaves_behind_does_not_meet_the_next(one_core: Machine, tmp_path: Path, leaves: str) -> None:
    issue_short(one_core, f"if TURN == 2: {leaves}", tmp_path, 4)
    assert all(one.exitStatus == 0 for one in ends(one_core, 4).values())
    first, second, third, fourth = pids(tmp_path)
    assert first == second != third == fourth


def test_jobs_behind_one_that_turns_out_long_are_given_to_others(make_machine: Make, tmp_path: Path) -> None:
    machine = make_machine(capacity=Amount.of(2, 1 << 30, 1 << 30), bundleSeconds=0.2)
    code = "while TURN == 1 and open('DIR/pids').read().count('\\n') < 9: time.sleep(0.01)"
    issue_short(machine, code, tmp_path, 9)
    assert all(one.exitStatus == 0 for one in ends(machine, 9).values())


def test_jobs_done_are_told_of_while_the_process_is_at_a_long_one(one_core: Machine, tmp_path: Path) -> None:
    numbers = issue_short(one_core, "while TURN == 3 and not os.path.exists('DIR/on'): time.sleep(0.01)", tmp_path, 4)
    assert [one_core.next().jobID, one_core.next().jobID] == numbers[:2]
    assert list(one_core.system.getRunningBatchJobIDs()) == [numbers[2]]
    assert one_core.system.getIssuedBatchJobIDs() == numbers[2:]
    (tmp_path / "on").touch()
    assert [one_core.next().jobID, one_core.next().jobID] == numbers[2:]


def test_each_job_of_a_bundle_can_be_killed_alone(one_core: Machine, tmp_path: Path) -> None:
    stuck = "while TURN == 2 and not os.path.exists('DIR/on'): time.sleep(0.01)"
    numbers = issue_short(one_core, stuck, tmp_path, 6)
    assert one_core.next().jobID == numbers[0]
    one_core.system.killBatchJobs([numbers[3]])
    assert numbers[3] not in one_core.system.getIssuedBatchJobIDs()
    one_core.system.killBatchJobs([numbers[1]])
    found = ends(one_core, 3)
    assert set(found) == {numbers[2], numbers[4], numbers[5]}
    assert all(one.exitStatus == 0 for one in found.values())
    assert len(pids(tmp_path)) == 5


def test_when_the_zygote_dies_it_is_told_which_jobs_may_not_have_begun(one_core: Machine, tmp_path: Path) -> None:
    code = "open('DIR/pid', 'w').write(f'{os.getpid()}\\n')\nwhile TURN == 1: time.sleep(0.01)"
    numbers = issue_short(one_core, code, tmp_path, 3)
    read_pid(tmp_path / "pid")
    client = one_core.system._workers._client
    assert client is not None
    kill(client.pid)
    found = ends(one_core, 3)
    assert {one.exitReason for one in found.values()} == {BatchJobExitReason.LOST}
    assert [found[one].begun for one in numbers] == [True, False, False]
    eventually(lambda: not one_core.system.getIssuedBatchJobIDs(), "nothing is issued any more")


def test_a_job_that_has_failed_before_is_alone_in_its_process(one_core: Machine, tmp_path: Path) -> None:
    code = COUNTED.replace("DIR", str(tmp_path))
    for _ in range(8):
        one_core.system._bundling.durations.learn(code, 0.01)
    gate = tmp_path / "gate"
    one_core.issue(f"import os, time\nwhile not os.path.exists('{gate}'): time.sleep(0.01)")
    for attempt in (1, 2, 1, 1):
        description = one_core.description(code)
        assert description.order is not None
        description.order = description.order._replace(attempt=attempt)
        one_core.system.issueBatchJob(description)
    gate.touch()
    ends(one_core, 5)
    first, second, third, fourth = pids(tmp_path)
    assert len({first, second, third}) == 3
    assert third == fourth
