"""What the tasks of a submission run on their nodes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from toil_core.batch_systems.scheduler.script import NO_WORKER, BadVariableName, Work, Worker, write_script
from toil_core.jobs.requirements import Allocation
from toil_core.jobs.segments import BodyPlace
from toil_core.worker.order import WorkOrder

HOSTILE = 'it\'s "quoted"\n$HOME `id` \\ *\ttab ä 漢\nEND-OF-ORDERS'


def order(name: str, size: int = 0) -> WorkOrder:
    return WorkOrder("file:/x" + "y" * size, "s-1", name, 1, BodyPlace(0, 1), Allocation(1, 2, 3))


def run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh"], input=script, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    """A worker that prints its arguments and what it reads."""
    path = tmp_path / "_toil_worker"
    path.write_text('#!/bin/sh\nprintf "%s|" "$@"\ncat\n')
    path.chmod(0o755)
    return Worker(str(path))


@pytest.mark.parametrize("size", [0, 100_000])
def test_each_task_finds_its_own_orders(worker: Worker, size: int) -> None:
    works = [Work([order("one", size)]), Work([order("two"), order("three")], return_key="back", patience=7)]
    script = write_script(works, {"A": HOSTILE}, worker, "$INDEX", 1)
    arguments, _, said = run(script, INDEX="2").stdout.partition("|two|")
    assert arguments == "--task"
    header, *orders = said.splitlines()
    assert json.loads(header) == {"environment": {"A": HOSTILE}, "return_key": "back", "patience": 7}
    assert [WorkOrder.from_json(line) for line in orders] == works[1].orders
    assert run(script, INDEX="1").stdout.splitlines()[1:] == [order("one", size).to_json()]


def test_an_index_that_is_not_there_is_an_error(worker: Worker) -> None:
    done = run(write_script([Work([order("one")])] * 2, {}, worker, "$INDEX", 0), INDEX="2")
    assert done.returncode == 2
    assert "no task number '2'" in done.stderr


def test_a_shell_command_gets_its_variables_exactly(worker: Worker) -> None:
    script = write_script([Work(command='printf %s "$A"; exit 3')], {"A": HOSTILE}, worker, "", 0)
    done = run(script)
    assert (done.stdout, done.returncode) == (HOSTILE, 3)


def test_a_variable_that_no_shell_can_set_is_an_error(worker: Worker) -> None:
    with pytest.raises(BadVariableName, match=r"'a\.b'"):
        write_script([Work(command="true")], {"a.b": "1"}, worker, "", 0)


def test_a_node_without_a_worker_says_what_to_do(tmp_path: Path) -> None:
    script = write_script([Work([order("one")])], {}, Worker(str(tmp_path / "absent")), "", 0)
    done = run(script, PATH="/usr/bin:/bin")
    assert done.returncode == NO_WORKER
    assert f"there is no {tmp_path / 'absent'}" in done.stderr
    assert "Install Toil where all nodes see it" in done.stderr


def test_a_node_may_take_the_worker_on_its_path_unless_the_environment_is_insisted_on(
    worker: Worker, tmp_path: Path
) -> None:
    path = f"{Path(worker.path).parent}:{os.environ['PATH']}"
    elsewhere = Worker(str(tmp_path / "absent" / "_toil_worker"))
    done = run(write_script([Work([order("one")])], {}, elsewhere, "", 0), PATH=path)
    assert done.stdout.startswith("--task|one|")
    insisting = elsewhere._replace(look_elsewhere=False)
    assert run(write_script([Work([order("one")])], {}, insisting, "", 0), PATH=path).returncode == NO_WORKER


def test_a_task_notes_its_exit_status_where_the_scheduler_does_not_tell_it(worker: Worker, tmp_path: Path) -> None:
    noted = tmp_path / "a status"
    works = [Work(command="exit 7", status_file=str(noted)), Work([order("one")], status_file=str(noted))]
    script = write_script(works, {}, worker, "$INDEX", 0)
    assert (run(script, INDEX="0").returncode, noted.read_text()) == (7, "7\n")
    assert (run(script, INDEX="1").returncode, noted.read_text()) == (0, "0\n")
