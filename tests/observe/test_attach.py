"""Observers come and go together, and one that fails does not take the run with it."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from toil_core.errors import UserError
from toil_core.observe import attach_all
from toil_core.observe.bus import MessageBus
from toil_core.observe.closing import Closers
from toil_core.observe.events import JobAdded
from toil_core.observe.messages import MessageWriter
from toil_core.observe.status import duration, status_report
from toil_core.observe.text import one_line, plain, tail
from toil_core.options.config import Config


def test_a_run_without_options_imports_next_to_nothing() -> None:
    code = (
        "import sys, logging; from toil_core.options.config import Config\n"
        "from toil_core.observe.bus import MessageBus\n"
        "config = Config(); before = set(sys.modules)\n"
        "from toil_core.observe import attach_all\n"
        "attach_all(MessageBus(), config).close()\n"
        "print(sorted(name for name in set(sys.modules) - before if not name.startswith('toil_core')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_was_attached_is_closed_again_when_a_later_one_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(bus: MessageBus, config: Config) -> NoReturn:
        raise UserError("there is no port")

    config = Config()
    config.writeMessages = str(tmp_path / "messages")
    config.realTimeLogging = True
    closed = []
    close = MessageWriter.close

    def close_and_tell(writer: MessageWriter) -> None:
        closed.append(writer)
        close(writer)

    monkeypatch.setattr(MessageWriter, "close", close_and_tell)
    monkeypatch.setattr("toil_core.observe.realtime_server.attach", fail)
    with pytest.raises(UserError):
        attach_all(MessageBus(), config)
    assert len(closed) == 1


def test_messages_and_logs_are_attached_by_their_options(tmp_path: Path) -> None:
    config, bus = Config(), MessageBus()
    config.writeMessages = str(tmp_path / "messages")
    watching = attach_all(bus, config)
    bus.publish(JobAdded("a-1", "sort", ""))
    watching.close()
    watching.close()
    assert '"JobAdded"' in (tmp_path / "messages").read_text()


def test_an_observer_that_cannot_be_closed_is_logged_and_the_others_are_closed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken:
        def close(self) -> None:
            raise OSError("stuck")

    class Sound:
        closed = False

        def close(self) -> None:
            self.closed = True

    sound, closers = Sound(), Closers()
    closers.add(sound)
    closers.add(Broken())
    closers.close()
    assert sound.closed
    assert "Broken could not be closed: stuck" in caplog.text


def test_a_subscriber_that_raises_is_switched_off_and_named(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    heard: list[JobAdded] = []

    def broken(message: JobAdded) -> None:
        heard.append(message)
        raise ValueError("no")

    bus = MessageBus()
    bus.subscribe(JobAdded, broken)
    for _ in range(2):
        bus.publish(JobAdded("a-1", "sort", ""))
    assert len(heard) == 1
    assert "broken" in caplog.text
    assert not bus.wants(JobAdded)


def test_the_status_report_counts_running_jobs_by_name_and_those_that_wait() -> None:
    running = [("sort", 5.0), ("merge", 200.0), ("sort", 7320.0)]
    assert status_report(running, 10, "The disk is full.") == (
        "3 jobs are running, 7 waiting to run (2 x sort for up to 2 h 2 min, 1 x merge for up to 3 min 20 s)."
        " The disk is full."
    )
    assert status_report([], 0) == "0 jobs are running, 0 waiting to run."


def test_the_status_report_stays_one_line_with_many_kinds_of_jobs() -> None:
    line = status_report([(f"kind{number}", 1.0) for number in range(50)], 50)
    assert "and 45 other kinds" in line


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (3599, "59 min 59 s"), (3600, "1 h"), (90000, "1 d 1 h"), (-1, "0 s")],
)
def test_durations_are_told_in_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_text_is_made_plain_for_terminals() -> None:
    assert plain("a\x1b[1;31mb\x1b[0m\tc\x07\x9b") == "ab\tc"
    assert plain(b"1%\r99%\r100%\r\nnext") == "100%\nnext"
    assert one_line("a\n  b\tc") == "a b c"
    assert one_line("x" * 500, 10) == "xxxxxxxxx…"
    assert tail("\n1\n2\n3\n\n", 2) == ("2\n3", 1)
