"""The summary at the end of a run tells each kind of failure once, with all that helps to mend it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from toil_core.batch_systems.exits import BatchJobExitReason, describe_exit
from toil_core.jobs.records import FailureReport
from toil_core.observe import failures
from toil_core.observe.failures import render_failures

WAYS_ON = "Continue:\n  toil run sort.py --restart"


class Description(NamedTuple):
    """What a job is called."""

    jobName: str
    unitName: str = ""
    display: str = ""

    @property
    def displayName(self) -> str:
        return self.display or self.jobName


class Failed(NamedTuple):
    """A job that failed for good."""

    description: Description
    reason: str
    report: FailureReport


def failed(
    name: str = "sort",
    job: str = "k3-1",
    unit: str = "",
    reason: str = "ended with exit status 1",
    error: str = "ValueError: no",
    log: bytes = b"Traceback\nValueError: no\n",
    accessed: tuple[tuple[str, str], ...] = (),
) -> Failed:
    """Return a failed job."""
    return Failed(Description(name, unit), reason, FailureReport(job, 2, error, log, accessed, host="node7"))


def test_the_same_failure_of_one_kind_of_step_is_told_under_the_name_of_the_kind() -> None:
    steps = [failed("CWLJob", f"k-{number}", f"main.{number}") for number in range(2)]
    steps = [one._replace(description=one.description._replace(display="tool.cwl")) for one in steps]
    other = failed("CWLJob", "k-2", "main.other")
    text = render_failures([*steps, other], WAYS_ON)
    assert "2 jobs 'tool.cwl' failed alike" in text
    assert "'CWLJob' main.0 (k-0)" in text
    assert "The job 'CWLJob' main.other (k-2) ended" in text


def test_an_explanation_stands_in_the_place_of_the_log() -> None:
    told = failed(log=b"the log\n")
    told = told._replace(report=told.report._replace(explanation=("Command: sort", "  | \x1b[1mstderr")))
    text = render_failures([told], WAYS_ON)
    assert "\n  Command: sort\n    | stderr\n" in text
    assert "the log" not in text


def test_a_failure_has_name_reason_error_log_files_and_advice() -> None:
    accessed = (("files/genome.fa", "/tmp/x/genome.fa"), ("files/reads.fq", ""))
    text = render_failures([failed(unit="chr1", accessed=accessed)], WAYS_ON)
    assert text == (
        "The job 'sort' chr1 (k3-1) ended with exit status 1.\n"
        "  ValueError: no\n"
        "  It was attempt 2 on node7.\n"
        "  Its log:\n"
        "  | Traceback\n"
        "  | ValueError: no\n"
        "  Files that it had read:\n"
        "    files/genome.fa as /tmp/x/genome.fa\n"
        "    files/reads.fq (as a stream)\n"
        "\n"
        "What to do next:\n"
        "  Continue:\n"
        "    toil run sort.py --restart\n"
    )


def test_the_same_failure_of_many_jobs_is_one_block_with_a_count() -> None:
    many = [failed(job=f"k3-{number}", log=b"log of this one") for number in range(50)]
    text = render_failures([*many, failed(job="k3-99", error="KeyError: 3")], WAYS_ON)
    assert "50 jobs 'sort' failed alike" in text
    assert text.count("log of this one") == 1
    assert "'sort' (k3-0), 'sort' (k3-1), 'sort' (k3-2) and 47 more" in text
    assert "KeyError: 3" in text


def test_errors_that_differ_in_numbers_only_are_told_once() -> None:
    many = [failed(job=f"k3-{number}", error=f"FileNotFoundError: '/data/part{number}.txt'") for number in range(100)]
    text = render_failures(many, WAYS_ON)
    assert "100 jobs 'sort' failed alike" in text
    assert "  FileNotFoundError: '/data/part0.txt' (and 99 like it)\n" in text
    assert text.count("FileNotFoundError") == 1


def test_exit_statuses_are_not_taken_for_alike() -> None:
    text = render_failures([failed(reason=describe_exit(status), error="") for status in (3, 4)], WAYS_ON)
    assert "exit status 3" in text and "exit status 4" in text


def test_a_failure_tells_the_command_that_runs_the_job_again() -> None:
    text = render_failures([failed(), failed(job="k3-2")], WAYS_ON, "file:/data/my store")
    assert "  To run the first one again here, apart from the workflow:\n" in text
    assert "\n    toil debug-job 'file:/data/my store' k3-1\n" in text
    assert text.count("debug-job") == 1


def test_a_job_that_was_never_tried_has_no_command_to_try_it_again() -> None:
    never = failed(reason="could not be issued because it wants 99 cores", error="", log=b"")
    never = never._replace(report=never.report._replace(attempt=0))
    assert "debug-job" not in render_failures([never], WAYS_ON, "file:store")


def test_jobs_of_different_names_are_not_put_together() -> None:
    text = render_failures([failed(name="sort"), failed(name="merge")], WAYS_ON)
    assert "The job 'sort'" in text
    assert "The job 'merge'" in text


def test_a_job_whose_worker_could_tell_nothing_is_told_by_its_reason() -> None:
    reason = describe_exit(-9)
    text = render_failures([failed(reason=reason, error="", log=b"")], WAYS_ON)
    assert "was killed by signal 9 (SIGKILL)." in text
    assert "log" not in text
    assert "--retryCount" in text


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        (BatchJobExitReason.MEMLIMIT, "--doubleMem"),
        (BatchJobExitReason.MAXJOBDURATION, "larger --maxJobDuration"),
        (BatchJobExitReason.LOST, "--retryCount"),
    ],
)
def test_advice_fits_the_reason(reason: BatchJobExitReason, advice: str) -> None:
    assert advice in render_failures([failed(reason=describe_exit(1, reason))], WAYS_ON)


def test_only_the_last_lines_of_a_log_are_shown() -> None:
    log = "\n".join(f"line {number}" for number in range(1000)).encode()
    text = render_failures([failed(log=log)], WAYS_ON)
    assert "line 999" in text
    assert text.count("  | ") == failures.LOG_LINES


def test_a_hundred_kinds_of_failures_are_cut_off_with_a_count() -> None:
    text = render_failures([failed(error=f"Error {chr(0x4E00 + number)}") for number in range(100)], WAYS_ON)
    assert text.count("attempt 2") == failures.BLOCKS
    assert f"{100 - failures.BLOCKS} other kinds" in text


def test_nothing_in_the_summary_acts_on_a_terminal() -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u0007\r"
    text = render_failures(
        [failed(name=evil, unit=evil, job=evil, reason=evil, error=evil, log=evil.encode(), accessed=((evil, evil),))],
        WAYS_ON,
    )
    assert all(letter == "\n" or letter.isprintable() for letter in text)


def test_no_failures_are_no_text() -> None:
    assert render_failures([], WAYS_ON) == ""
