"""Lines of the real-time logger reach the leader over UDP, and never hold a job up."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time

import pytest

from toil_core.observe import realtime_server
from toil_core.observe.bus import MessageBus
from toil_core.observe.realtime import ADDRESS_VARIABLE, LEVEL_VARIABLE, RealtimeLogger
from toil_core.observe.realtime_server import RealtimeServer
from toil_core.options.config import Config

_WORKER = "import sys; from toil_core.observe.realtime import RealtimeLogger\n"


def worker(code: str, **environment: str) -> str:
    """Run a worker-like process and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", _WORKER + code],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return done.stdout


def received(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return the lines that the leader has logged."""
    return [
        (record.levelname, record.getMessage()) for record in caplog.records if record.name == realtime_server.__name__
    ]


def test_lines_of_another_process_are_logged_by_the_leader(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    server = RealtimeServer(logging.INFO, local=True)
    worker("RealtimeLogger.info('at %s', 'work'); RealtimeLogger.critical('on fire ü')")
    server.close()
    assert received(caplog) == [("INFO", "at work"), ("CRITICAL", "on fire ü")]


def test_lines_of_forked_processes_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    server = RealtimeServer(logging.INFO, local=True)
    worker(
        "import os; RealtimeLogger.info('parent')\n"
        "for number in range(3):\n"
        "    child = os.fork()\n"
        "    if not child: RealtimeLogger.info('child %d', number); os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
    )
    server.close()
    assert [text for _, text in received(caplog)] == ["parent", "child 0", "child 1", "child 2"]


def test_lines_below_the_leaders_level_are_not_even_sent(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = RealtimeServer(logging.WARNING, local=True)
    worker("RealtimeLogger.info('no'); RealtimeLogger.warning('yes'); assert not RealtimeLogger.isEnabledFor(20)")
    server.close()
    assert received(caplog) == [("WARNING", "yes")]


def test_a_line_too_long_for_a_datagram_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    server = RealtimeServer(logging.INFO, local=True)
    worker("RealtimeLogger.info('x' * 200000)")
    server.close()
    ((_, text),) = received(caplog)
    assert set(text) == {"x"}
    assert 10_000 < len(text) < 65_000


def test_what_a_stranger_sends_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    server = RealtimeServer(logging.INFO, local=True)
    port = int(server.environment[ADDRESS_VARIABLE].split(":")[1])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for datagram in (b"", b"\xff", b"[]", b'["guess", 50, "pwned"]', b'["guess", -1, ""]', b"[1,2,3]"):
            stranger.sendto(datagram, ("127.0.0.1", port))
    worker("RealtimeLogger.info('real')")
    server.close()
    assert received(caplog) == [("INFO", "real")]


def test_a_job_goes_on_when_the_leader_is_gone() -> None:
    server = RealtimeServer(logging.INFO, local=True)
    environment = dict(server.environment)
    server.close()
    printed = worker("for _ in range(100): RealtimeLogger.info('anyone?')\nprint('went on')", **environment)
    assert printed == "went on\n"


@pytest.mark.parametrize("address", ["nonsense", "host:notaport:token", "no.such.host.invalid:9:token"])
def test_a_job_goes_on_when_the_address_is_bad(address: str) -> None:
    code = "RealtimeLogger.info('anyone?'); print('went on')"
    assert worker(code, **{ADDRESS_VARIABLE: address}).endswith("went on\n")


def test_without_the_option_lines_go_to_the_jobs_own_log() -> None:
    code = "import logging; logging.basicConfig(level=20, format='%(message)s'); RealtimeLogger.info('kept')"
    assert worker(code) == "kept\n"


def test_the_leader_puts_the_address_into_its_environment_and_takes_it_out_again() -> None:
    config = Config()
    config.realTimeLogging = True
    closeable = realtime_server.attach(MessageBus(), config)
    assert os.environ[ADDRESS_VARIABLE].startswith("127.0.0.1:")
    assert os.environ[LEVEL_VARIABLE] == "20"
    closeable.close()
    assert ADDRESS_VARIABLE not in os.environ
    assert LEVEL_VARIABLE not in os.environ


def test_a_logger_that_was_used_before_follows_the_environment(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    RealtimeLogger.info("before")
    server = RealtimeServer(logging.INFO, local=True)
    RealtimeLogger.info("during")
    deadline = time.monotonic() + 60
    while not received(caplog) and time.monotonic() < deadline:
        time.sleep(0.01)
    server.close()
    RealtimeLogger.info("after")
    assert received(caplog) == [("INFO", "during")]
    assert [record.getMessage() for record in caplog.records] == ["before", "during", "after"]


def test_closing_twice_is_fine() -> None:
    server = RealtimeServer(logging.INFO, local=True)
    server.close()
    server.close()
    assert not server._thread.is_alive()


def test_workers_elsewhere_are_given_an_address_of_this_machine() -> None:
    server = RealtimeServer(logging.INFO, local=False)
    host = server.environment[ADDRESS_VARIABLE].split(":")[0]
    server.close()
    assert host
    assert host != "0.0.0.0"
