"""Services, as these commands show them."""

from __future__ import annotations

from collections.abc import Callable

from tests.understanding.conftest import Run

SCRIPT = """
from toil.common import Toil
from toil.job import Job


class Database(Job.Service):
    def start(self, job):
        return "address"

    def check(self):
        return True

    def stop(self, job):
        pass


def root(job):
    job.addChildJobFn(client, job.addService(Database()))


def client(job, address):
    raise ValueError(address)


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        toil.start(Job.wrapJobFn(root))
"""


def test_a_service_is_drawn_told_of_and_not_run_alone(run: Callable[[str], Run]) -> None:
    workflow = run(SCRIPT)
    assert workflow.run("--retryCount=0").returncode == 1
    assert "[style=dotted" in workflow.toil("graph", workflow.locator).stdout
    said = workflow.toil("why", workflow.locator, "Database").stdout
    assert "It is a service of 'root'" in said
    result = workflow.toil("debug-job", workflow.locator, "Database")
    assert result.returncode == 2
    assert "it is a service, which runs for others." in result.stderr
    assert "\nRun a job that it serves, which comes after 'root' (" in result.stderr
