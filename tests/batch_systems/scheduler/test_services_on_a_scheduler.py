"""Services on a scheduler: nobody waits behind one, they wait for no pilots, and a new leader has its own."""

from __future__ import annotations

from tests.batch_systems.scheduler.conftest import ToyWorkflow
from tests.batch_systems.support import eventually

ONE = """
class Server(Job.Service):
    def start(self, job):
        note("start")
        return "address"
    def check(self):
        return True
    def stop(self, job):
        note("stop")

def use(address):
    note("use")
    while not os.path.exists(os.environ["NOTES"] + ".go"):
        time.sleep(0.05)

def root():
    job = Job()
    job.addChildFn(use, job.addService(Server()))
    return job
"""


def test_no_service_waits_behind_another_or_for_pilots(toy: ToyWorkflow) -> None:
    toy.write(
        """
class Server(Job.Service):
    def start(self, job):
        note("start")
        return "address"
    def check(self):
        return True
    def stop(self, job):
        note("stop")

def use(addresses):
    note("use")

def root():
    job = Job()
    job.addChildFn(use, [job.addService(Server()) for _ in range(20)])
    return job
"""
    )
    done = toy.run()
    assert done.returncode == 0, done.stderr
    assert "wait for the first of their kind" not in done.stderr
    assert toy.noted() == ["start"] * 20 + ["use"] + ["stop"] * 20


def test_a_restarted_leader_starts_services_of_its_own(toy: ToyWorkflow) -> None:
    toy.write(ONE)
    process = toy.start()
    eventually(lambda: "use" in toy.noted(), "the job that uses the service")
    process.kill()
    process.communicate()
    (toy.notes.parent / "notes.txt.go").touch()
    done = toy.run("--restart")
    assert done.returncode == 0, done.stderr
    assert toy.noted().count("start") == 2
