"""Failures are told in a line each; what jobs printed is shown at debug level, and written to files if asked for."""

from __future__ import annotations

import gzip
import logging
from pathlib import Path

import pytest

from toil_core.errors import UserError
from toil_core.observe import job_logs
from toil_core.observe.bus import MessageBus
from toil_core.observe.events import JobFailed, JobLog, JobMessage
from toil_core.options.config import Config


def attached(**settings: object) -> MessageBus:
    """Return a bus that job logs are attached to."""
    config, bus = Config(), MessageBus()
    for name, value in settings.items():
        setattr(config, name, value)
    job_logs.attach(bus, config)
    return bus


def fail(bus: MessageBus, job_id: str, text: bytes, tries_left: int = 0, attempt: int = 1) -> None:
    """Announce a failed attempt as the leader does."""
    bus.publish(JobLog(job_id, "sort", "chr1", attempt, True, text))
    bus.publish(JobFailed(job_id, "sort", attempt, 1, "ended with exit status 1", tries_left))


def test_a_message_from_a_job_is_logged_at_its_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    attached().publish(JobMessage("a-1", "sort", logging.WARNING, "half way"))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "The job sort says: half way")
    ]


def test_a_job_that_failed_for_good_is_one_line_while_the_run_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    fail(attached(), "a-1", b"first\nValueError: no\n")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "The job sort (a-1) failed for good: it ended with exit status 1.")
    ]


@pytest.mark.parametrize(("left", "words"), [(1, "once more"), (3, "up to 3 times more")])
def test_a_job_that_is_tried_again_is_one_warning(left: int, words: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    fail(attached(), "a-1", b"first\nValueError: no\n", tries_left=left)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", f"The job sort (a-1) ended with exit status 1. It is tried {words}.")
    ]


def test_output_that_is_no_text_cannot_harm_a_terminal() -> None:
    text = job_logs.framed("sort", 1, b"\xff\xfe\x1b]0;title\x07\x1b[31mred\x1b[0m\x00\n 10%\r 50%\r100%\n")
    assert "\x1b" not in text
    assert "\x00" not in text
    assert "red" in text
    assert "  | 100%" in text
    assert "50%" not in text


def test_a_long_log_is_shown_from_its_end() -> None:
    text = job_logs.framed("sort", 1, "\n".join(f"line {number}" for number in range(500)).encode())
    assert "line 499" in text
    assert "line 0\n" not in text
    assert f"without its first {500 - job_logs.SHOWN_LINES} lines" in text


def test_logs_are_written_to_files_named_after_job_unit_and_attempt(tmp_path: Path) -> None:
    bus = attached(writeLogs=str(tmp_path / "logs"))
    bus.publish(JobLog("k3-17", "sort", "chr1", 2, True, b"\xff raw"))
    bus.publish(JobLog("k3-18", "sort", "", 1, False, b"fine"))
    found = {path.name: path.read_bytes() for path in (tmp_path / "logs").iterdir()}
    assert found == {"sort-chr1-k3-17-attempt2-failed.log": b"\xff raw", "sort-k3-18-attempt1.log": b"fine"}


def test_compressed_logs_are_gzip_files(tmp_path: Path) -> None:
    attached(writeLogsGzip=str(tmp_path)).publish(JobLog("k3-17", "sort", "", 1, False, b"text"))
    assert gzip.decompress((tmp_path / "sort-k3-17-attempt1.log.gz").read_bytes()) == b"text"


def test_logs_of_an_earlier_run_are_kept(tmp_path: Path) -> None:
    for text in (b"first run", b"restart"):
        attached(writeLogs=str(tmp_path)).publish(JobLog("k3-1", "sort", "", 1, True, text))
    assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == [b"first run", b"restart"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b c\n", "é" * 500, "..", "-rf"])
def test_no_name_of_a_job_leads_out_of_the_directory(tmp_path: Path, name: str) -> None:
    bus = attached(writeLogs=str(tmp_path / "logs"))
    bus.publish(JobLog("k3-1", name, name, 1, True, b"text"))
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]
    assert [path.read_bytes() for path in (tmp_path / "logs").iterdir()] == [b"text"]


def test_a_directory_that_cannot_be_made_is_one_clear_user_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"--writeLogs"):
        attached(writeLogs=str(tmp_path / "file"))


@pytest.mark.parametrize("failed", [True, False])
def test_what_attempts_print_shows_only_at_debug_level(failed: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    bus = attached()
    bus.publish(JobLog("k3-1", "sort", "", 1, failed, b"chatter"))
    assert caplog.text == ""
    caplog.set_level(logging.DEBUG)
    bus.publish(JobLog("k3-1", "sort", "", 1, failed, b"chatter"))
    assert "Log of attempt 1 at job sort:\n  | chatter" in caplog.text
