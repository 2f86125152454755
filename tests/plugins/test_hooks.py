"""Every extension point is documented, and does what its documentation says."""

from __future__ import annotations

import ast
import inspect
import typing
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from toil_core import api, hookspecs, plugins
from toil_core.entry_points import CORE_ENTRIES, KINDS
from toil_core.observe import events
from toil_core.observe.bus import MessageBus

Install = Callable[..., str]

HOOKS = sorted(name for name in vars(hookspecs) if name.startswith("toil_"))
MESSAGES: list[Any] = sorted(
    (value for value in vars(events).values() if isinstance(value, type) and value.__module__ == events.__name__),
    key=lambda kind: kind.__name__,
)
SPECS = {
    "job_stores": "JobStoreSpec",
    "batch_systems": "BatchSystemSpec",
    "provisioners": "ProvisionerSpec",
    "workflow_languages": "WorkflowLanguageSpec",
    "url_schemes": "UrlSchemeSpec",
    "commands": "CommandSpec",
    "observers": "ObserverSpec",
}


@pytest.mark.parametrize("hook", HOOKS)
def test_each_hook_is_documented(hook: str) -> None:
    function = getattr(hookspecs, hook)
    text = inspect.getdoc(function) or ""
    assert text.split("\n")[0].endswith("."), "the first line is a sentence"
    for parameter in inspect.signature(function).parameters:
        assert f":param {parameter}:" in text
    if function.__annotations__["return"] != "None":
        assert ":returns:" in text


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_plugin_has_its_hook_and_its_spec(kind: str, install: Install) -> None:
    source = f"""
    from toil_core.api import {SPECS[kind]}, hookimpl

    @hookimpl
    def toil_{kind}():
        return [{SPECS[kind]}(name="moon", implementation="json:dumps", summary="Moon.")]
    """
    install("toil-plugin-moon", source, **{kind: "moon"})
    spec = plugins.find(kind, "moon")
    assert type(spec) is getattr(api, SPECS[kind])
    assert f"toil_{kind}" in HOOKS


def test_there_is_a_hook_for_each_kind_of_plugin_and_each_message_and_no_other() -> None:
    observed = {f"toil_{snake_case(message.__name__)}" for message in MESSAGES}
    assert set(HOOKS) == observed | {f"toil_{kind}" for kind in KINDS}


OBSERVER = """
from toil_core.api import ObserverSpec, hookimpl

class Observer:
    def __init__(self, config):
        self.config = config

    @hookimpl
    def toil_HOOK(self, message):
        self.config.seen.append(message)
        if self.config.fails:
            raise ValueError("the moon is down")

def make(config):
    return Observer(config)

@hookimpl
def toil_observers():
    return [ObserverSpec(name="NAME", implementation=f"{__name__}:make")]
"""


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_each_message_reaches_the_observer_whose_hook_is_named_after_it(kind: Any, install: Install) -> None:
    source = OBSERVER.replace("HOOK", snake_case(kind.__name__)).replace("NAME", "moon")
    install("toil-plugin-moon", source, observers="moon")
    config: Any = SimpleNamespace(seen=[], fails=False)
    bus = MessageBus()
    plugins.attach_observers(bus, config)
    message = kind(*[None] * len(kind._fields))
    for other in MESSAGES:
        bus.publish(other(*[None] * len(other._fields)))
    assert config.seen == [message]
    assert bus.wants(kind)
    assert sum(bus.wants(other) for other in MESSAGES) == 1
    annotation = typing.get_type_hints(getattr(hookspecs, f"toil_{snake_case(kind.__name__)}"), {"events": events})[
        "message"
    ]
    assert annotation is kind


def test_an_observer_that_raises_is_switched_off_alone(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    source = OBSERVER.replace("HOOK", "job_added")
    install("toil-plugin-moon", source.replace("NAME", "moon"), observers="moon")
    install(
        "toil-plugin-mars",
        source.replace("NAME", "mars").replace("self.config.fails", "False"),
        observers="mars",
    )
    config: Any = SimpleNamespace(seen=[], fails=True)
    bus = MessageBus()
    plugins.attach_observers(bus, config)
    bus.publish(events.JobAdded("1", "a", ""))
    bus.publish(events.JobAdded("2", "b", ""))
    assert [message.job_id for message in config.seen] == ["1", "1", "2"]
    assert "moon.toil_job_added" in caplog.text


def test_an_observer_with_a_misspelt_hook_is_left_out_loudly(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    install("toil-plugin-moon", OBSERVER.replace("HOOK", "job_adedd").replace("NAME", "moon"), observers="moon")
    bus = MessageBus()
    config: Any = SimpleNamespace(seen=[], fails=False)
    plugins.attach_observers(bus, config)
    assert "The observer 'moon' was left out" in caplog.text
    assert "toil_job_adedd" in caplog.text
    assert not any(bus.wants(kind) for kind in MESSAGES)


def test_an_observer_that_cannot_be_made_is_left_out_loudly(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    source = OBSERVER.replace("HOOK", "job_added").replace("NAME", "moon").replace("return Observer", "return 1 / 0 or")
    install("toil-plugin-moon", source, observers="moon")
    assert plugins.observers(SimpleNamespace()) == []  # type: ignore[arg-type]
    assert "The observer 'moon' of toil-plugin-moon was left out: division by zero" in caplog.text


@pytest.mark.parametrize("name", api.__all__)
def test_each_public_name_of_the_api_is_there(name: str) -> None:
    assert getattr(api, name) is not None


def test_an_unknown_name_of_the_api_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Moon'"):
        _ = api.Moon


def test_the_entry_points_of_the_core_are_those_that_its_distribution_declares() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    declared: dict[str, dict[str, str]] = {}
    group = ""
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("["):
            group = line.strip("[]").removeprefix("project.entry-points.").strip("\"'")
        elif group.startswith("toil.") and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            declared.setdefault(group.removeprefix("toil."), {})[name.strip()] = ast.literal_eval(value.strip())
    assert declared == CORE_ENTRIES


def snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
