"""`ObserverContract`: an observer hears every message that it wants, and takes whatever values these have."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from toil_core.observe import events
from toil_core.observe.bus import MessageBus
from toil_core.options.config import Config
from toil_core.plugins import hear, plugin_options

#: A message of each type, with values as they are in a run.
MESSAGES: tuple[Any, ...] = (
    events.WorkflowStarted("workflow", "file:store", False, 1.5),
    events.JobAdded("s-0", "sort", ""),
    events.JobIssued("s-0", "sort", 1, 1, 1.0, 1 << 30, 1 << 30),
    events.JobStarted("s-0", 1, 2.0),
    events.JobMessage("s-0", "sort", logging.INFO, "halfway: 50 %s ä"),
    events.JobLog("s-0", "sort", "", 1, True, b"bytes \xff that are not text"),
    events.JobFailed("s-0", "sort", 1, -9, "was killed", 1),
    events.JobIssued("s-0", "sort", 2, 2, 0.5, 1 << 20, 1 << 20),
    events.JobCompleted("s-0", "sort", 2.5, 0.25, 0.125, 1 << 20, "node"),
    events.NodeAdded("node-1", "t2.small", 2.0),
    events.NodeRemoved("node-1", "t2.small", 2.5),
    events.ClusterSizeChanged("t2.small", 4, 1),
    events.JobFailed("s-1", "merge", 3, 1, "", 0),
    events.WorkflowFinished("workflow", "file:store", "1 job failed", 3.0),
    # What comes in another order than it should, or says nothing.
    events.JobCompleted("never-issued", "", 0.0, 0.0, 0.0, 0, ""),
    events.JobLog("never-issued", "", "", 0, False, b""),
    events.WorkflowFinished("workflow", "file:store", "", 4.0),
)


class ObserverContract:
    """Derive a class whose name starts with `Test` and override `observer`."""

    @pytest.fixture
    def observer(self, config: Config) -> Any:
        """Return the observer, made with this configuration."""
        raise NotImplementedError("override the fixture 'observer'")

    @pytest.fixture
    def config(self, tmp_path: Path) -> Config:
        """Return the configuration of the workflow; override it to set options of the plugin."""
        config = Config()
        config.setOptions(SimpleNamespace(), plugin_options())
        config.workflowID = "workflow"
        config.jobStore = "file:store"
        config.workDir = str(tmp_path)
        return config

    def test_it_hears_something(self, observer: Any) -> None:
        bus = MessageBus()
        hear(bus, "observer", observer)
        assert any(bus.wants(type(message)) for message in MESSAGES), "none of its methods is marked with @hookimpl"

    def test_no_message_makes_it_fail(self, observer: Any, caplog: pytest.LogCaptureFixture) -> None:
        bus = MessageBus()
        hear(bus, "observer", observer)
        heard = [message for message in MESSAGES if bus.wants(type(message))]
        for message in MESSAGES:
            bus.publish(message)
        assert [message for message in heard if not bus.wants(type(message))] == [], caplog.text
