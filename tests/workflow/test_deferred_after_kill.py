"""What an attempt deferred before it was killed is called before the next attempt on the same machine."""

from __future__ import annotations

from tests.workflow.conftest import Workflow


def test_the_next_attempt_finds_done_what_a_killed_one_had_deferred(workflow: Workflow) -> None:
    workflow.write("""
    import signal
    def killed_once(job):
        held = os.environ["NOTES"] + ".held"
        is_first = not os.path.exists(os.environ["NOTES"])
        note("held" if os.path.exists(held) else "free")
        if is_first:
            open(held, "w").close()
            job.defer(os.unlink, held)
            os.kill(os.getpid(), signal.SIGKILL)
    def root():
        return Job.wrapJobFn(killed_once)
    """)
    done = workflow.run("--retryCount", "1")
    assert done.returncode == 0, done.stderr
    assert workflow.noted() == ["free", "free"]
