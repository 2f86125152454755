"""The message file is JSON lines with every message, readable while the run goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from toil_core.errors import UserError
from toil_core.observe import events, messages
from toil_core.observe.bus import MessageBus
from toil_core.options.config import Config

_SAMPLES: dict[str, Any] = {"str": "x", "int": 3, "float": 1.5, "bool": True, "bytes": b"\xffx"}


@contextmanager
def attached(path: Path) -> Iterator[MessageBus]:
    """Give a bus whose messages are written to a file."""
    config, bus = Config(), MessageBus()
    config.writeMessages = str(path)
    with closing(messages.attach(bus, config)):
        yield bus


@pytest.mark.parametrize("kind", messages.message_types())
def test_every_type_of_message_is_written_with_all_its_fields(tmp_path: Path, kind: Any) -> None:
    message = kind(*(_SAMPLES[annotation] for annotation in _annotations(kind)))
    with attached(tmp_path / "messages") as bus:
        bus.publish(message)
    (line,) = (tmp_path / "messages").read_text().splitlines()
    found = json.loads(line)
    assert found.pop("message") == kind.__name__
    assert found.pop("written") > 0
    assert list(found) == list(kind._fields)


def _annotations(kind: Any) -> list[str]:
    return [getattr(one, "__forward_arg__", one) for one in kind.__annotations__.values()]


def test_all_events_are_known() -> None:
    names = {kind.__name__ for kind in messages.message_types()}
    assert {"WorkflowStarted", "JobIssued", "JobFailed", "ClusterSizeChanged"} <= names
    assert all(getattr(events, name).__module__ == events.__name__ for name in names)


def test_a_line_is_there_before_the_file_is_closed(tmp_path: Path) -> None:
    with attached(tmp_path / "messages") as bus:
        for number in range(3):
            bus.publish(events.JobAdded(f"a-{number}", "sort", "line\nbreak"))
            assert len((tmp_path / "messages").read_text().splitlines()) == number + 1


def test_a_restart_appends(tmp_path: Path) -> None:
    for _ in range(2):
        with attached(tmp_path / "messages") as bus:
            bus.publish(events.JobAdded("a-1", "sort", ""))
    assert len((tmp_path / "messages").read_text().splitlines()) == 2


def test_a_file_that_cannot_be_written_is_one_clear_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--writeMessages"), attached(tmp_path / "absent" / "messages"):
        pytest.fail("A file was opened in a directory that does not exist.")
