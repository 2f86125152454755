"""What happens when jobs, or the people who write them, fail: clear words, the right status, and nothing lost."""

from __future__ import annotations

import pytest

from tests.workflow.conftest import MAIN, Workflow


def test_a_failed_job_is_tried_again_as_often_as_asked(workflow: Workflow) -> None:
    workflow.write("""
    def flaky(job):
        note("try")
        if len(open(os.environ["NOTES"]).readlines()) < 3:
            raise ValueError("not yet")
        return "done"
    def root():
        return Job.wrapJobFn(flaky)
    """)
    done = workflow.run("--retryCount", "2")
    assert done.returncode == 0, done.stderr
    assert "result: done" in done.stdout
    assert workflow.noted() == ["try"] * 3


def test_everything_else_is_done_before_a_failure_ends_the_run(workflow: Workflow) -> None:
    workflow.write("""
    def fails(job):
        print("something printed before")
        raise ValueError("this one never works")
    def works(job):
        note("worked")
    def root():
        top = Job()
        top.addChildJobFn(fails)
        top.addChildJobFn(works)
        top.addFollowOnJobFn(works)
        return top
    """)
    done = workflow.run("--retryCount", "0")
    assert done.returncode == 1
    assert workflow.noted() == ["worked"]
    assert "ValueError: this one never works" in done.stderr
    assert "something printed before" in done.stderr
    assert "fails" in done.stderr
    assert "toil_core" not in done.stderr, "no frames of ours"
    assert workflow.store.exists()


def test_restart_goes_on_after_an_edit_and_repeats_nothing(workflow: Workflow) -> None:
    body = """
    def first(job):
        note("first")
        return 20
    def second(job, value):
        note("second")
        assert 1 == WANTED, "Test error!"
        return value + 1
    def root():
        top = Job.wrapJobFn(start)
        return top
    def start(job):
        one = job.addChildJobFn(first)
        return job.addFollowOnJobFn(second, one.rv()).rv()
    """
    workflow.write(body.replace("WANTED", "2"))
    failed = workflow.run("--retryCount", "0")
    assert failed.returncode == 1 and "Test error!" in failed.stderr
    workflow.write(body.replace("WANTED", "1"))
    done = workflow.run("--restart")
    assert done.returncode == 0, done.stderr
    assert "result: 21" in done.stdout
    assert workflow.noted() == ["first", "second", "second"]
    assert not workflow.store.exists()


def test_a_job_that_ends_its_process_is_a_failed_job(workflow: Workflow) -> None:
    workflow.write("""
    def leaves(job):
        note("tried")
        os._exit(0)
    def root():
        return Job.wrapJobFn(leaves)
    """)
    done = workflow.run("--retryCount", "1")
    assert done.returncode == 1
    assert workflow.noted() == ["tried", "tried"]
    assert "without committing" in done.stderr


def test_a_job_killed_by_a_signal_says_so(workflow: Workflow) -> None:
    workflow.write("""
    import signal
    def dies(job):
        os.kill(os.getpid(), signal.SIGKILL)
    def root():
        return Job.wrapJobFn(dies)
    """)
    done = workflow.run("--retryCount", "0")
    assert done.returncode == 1
    assert "SIGKILL" in done.stderr


def test_an_overlong_job_is_killed(workflow: Workflow) -> None:
    workflow.write("""
    def sleeps(job):
        time.sleep(600)
    def root():
        return Job.wrapJobFn(sleeps)
    """)
    done = workflow.run("--retryCount", "0", "--maxJobDuration", "1", "--rescueJobsFrequency", "1")
    assert done.returncode == 1
    assert "--maxJobDuration" in done.stderr


USER_ERRORS = {
    "an unpicklable return value": (
        """
        def returns(job):
            return lambda: 1
        def root():
            return Job.wrapJobFn(returns)
        """,
        1,
        ["returns", "cannot be pickled"],
    ),
    "an unpicklable argument": (
        """
        def takes(job, stream):
            pass
        def root():
            return Job.wrapJobFn(takes, open(__file__))
        """,
        2,
        ["takes", "cannot be written down"],
    ),
    "a function no worker can find": (
        """
        def root():
            return Job.wrapFn(lambda: 1)
        """,
        2,
        ["lambda", "def"],
    ),
    "a root that is no job": (
        """
        def works(job):
            pass
        def root():
            return works
        """,
        1,
        ["starts with a job", "wrapJobFn"],
    ),
    "more cores than there are": (
        """
        def works(job):
            pass
        def root():
            return Job.wrapJobFn(works, cores=10000)
        """,
        2,
        ["'works'", "asks for 10000 cores, but there are only"],
    ),
    "a cycle": (
        """
        def root():
            a, b = Job(unitName="a"), Job(unitName="b")
            a.addChild(b)
            b.addChild(a)
            return a
        """,
        2,
        ["cycle", "a", "b"],
    ),
    "more memory than there is": (
        """
        def big(job):
            pass
        def root():
            return Job.wrapJobFn(big, memory="900T")
        """,
        2,
        ["big", "memory"],
    ),
    "a promise of a job that is not in the graph": (
        """
        def one(job):
            return 1
        def two(job, value):
            return value
        def root():
            return Job.wrapJobFn(two, Job.wrapJobFn(one).rv())
        """,
        1,
        ["one", "not part of the workflow"],
    ),
}


@pytest.mark.parametrize("name", USER_ERRORS)
def test_a_users_mistake_is_told_in_a_sentence(workflow: Workflow, name: str) -> None:
    body, status, words = USER_ERRORS[name]
    workflow.write(body)
    done = workflow.run("--retryCount", "0")
    assert done.returncode == status, done.stderr
    assert all(word in done.stderr for word in words), done.stderr
    assert "toil_core" not in done.stderr


def test_an_existing_store_is_not_overwritten(workflow: Workflow) -> None:
    workflow.write("""
    def fails(job):
        raise ValueError
    def root():
        return Job.wrapJobFn(fails)
    """)
    assert workflow.run("--retryCount", "0").returncode == 1
    again = workflow.run()
    assert again.returncode == 2
    assert "--restart" in again.stderr and "already exists" in again.stderr


def test_restart_without_a_store_says_so(workflow: Workflow) -> None:
    workflow.write("""
    def root():
        return Job()
    """)
    done = workflow.run("--restart")
    assert done.returncode == 2
    assert "does not exist" in done.stderr


def test_a_second_leader_on_the_same_store_is_refused(workflow: Workflow) -> None:
    workflow.write("""
    def root():
        return Job.wrapJobFn(waits, os.getcwd())
    def waits(job, directory):
        note("running")
        while not os.path.exists(os.path.join(directory, "go")):
            time.sleep(0.01)
    """)
    first = workflow.start()
    while not workflow.noted():
        assert first.poll() is None
    second = workflow.run("--restart")
    (workflow.directory / "go").touch()
    _, err = first.communicate(timeout=60)
    assert first.returncode == 0, err
    assert second.returncode == 2
    assert str(first.pid) in second.stderr


def test_a_script_without_a_guard_is_told_to_have_one(workflow: Workflow) -> None:
    workflow.write(
        """
    def fine(job):
        pass
    def root():
        return Job.wrapJobFn(fine)
    """,
        MAIN.replace('if __name__ == "__main__":', "if True:"),
    )
    done = workflow.run("--retryCount", "0")
    assert done.returncode != 0
    assert "__main__" in done.stderr


def test_bad_workers_do_not_keep_a_workflow_from_finishing(workflow: Workflow) -> None:
    workflow.write("""
    def square(job, n):
        return n * n
    def fan(job):
        return job.addFollowOnFn(sum, [job.addChildJobFn(square, n).rv() for n in range(30)]).rv()
    def root():
        return Job.wrapJobFn(fan)
    """)
    done = workflow.run("--badWorker", "0.3", "--badWorkerFailInterval", "0.005", "--retryCount", "30")
    assert done.returncode == 0, done.stderr
    assert f"result: {sum(n * n for n in range(30))}" in done.stdout


@pytest.mark.parametrize(
    "closing",
    ["sys.stdout.close(); sys.stderr.close()", "os.close(1); os.close(2)", "sys.stdout = sys.stderr = None"],
)
def test_a_job_that_closes_its_output_still_says_how_it_failed(workflow: Workflow, closing: str) -> None:
    workflow.write(f"""
    def fails(job):
        {closing}
        raise ValueError("after it was closed")
    def root():
        return Job.wrapJobFn(fails)
    """)
    done = workflow.run("--retryCount", "0")
    assert done.returncode == 1
    assert "ValueError: after it was closed" in done.stderr


@pytest.mark.parametrize("error", ["KeyboardInterrupt", "GeneratorExit", "Own"])
def test_any_exception_of_a_job_is_reported(workflow: Workflow, error: str) -> None:
    workflow.write(f"""
    class Own(BaseException):
        pass
    def fails(job):
        raise {error}("from the job")
    def root():
        return Job.wrapJobFn(fails)
    """)
    done = workflow.run("--retryCount", "0")
    assert done.returncode == 1
    assert f"{error}: from the job" in done.stderr and "toil_core" not in done.stderr


def test_an_error_of_several_lines_is_told_as_one(workflow: Workflow) -> None:
    workflow.write("""
    def fails(job):
        raise ValueError("first\\n\\nlast")
    def root():
        return Job.wrapJobFn(fails)
    """)
    done = workflow.run("--retryCount", "0")
    assert "ValueError: first last" in done.stderr


def test_trouble_after_a_job_is_done_is_not_booked_on_the_next_one(workflow: Workflow) -> None:
    workflow.write("""
    def interrupt():
        if "interrupted" not in open(os.environ["NOTES"]).read():
            note("interrupted")
            raise KeyboardInterrupt
    def first(job):
        note("first")
        job.defer(interrupt)
        return job.addChildJobFn(second).rv()
    def second(job):
        note("second")
        return "done"
    def root():
        return Job.wrapJobFn(first)
    """)
    done = workflow.run("--retryCount", "0")
    assert done.returncode == 0, done.stderr
    assert workflow.noted() == ["first", "interrupted", "second"]


def test_a_job_that_is_too_big_does_not_cut_off_those_that_run(workflow: Workflow) -> None:
    workflow.write("""
    def works(job):
        time.sleep(0.5)
        note("worked")
    def big(job):
        pass
    def root():
        top = Job()
        top.addChildJobFn(works)
        top.addChildJobFn(big, memory="900T")
        return top
    """)
    done = workflow.run()
    assert done.returncode == 2
    assert "big" in done.stderr and "memory" in done.stderr
    assert workflow.noted() == ["worked"]
