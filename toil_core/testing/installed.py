"""The contract for a plugin that is installed: the kit that its spec names, or the plain one, on what a run would make.

Used by `toil plugins check`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from toil_core import plugins, testing
from toil_core.batch_systems.abstract import AbstractBatchSystem
from toil_core.errors import UserError
from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.job_stores.urls import UrlScheme
from toil_core.options.config import Config
from toil_core.plugin_records import WORDS
from toil_core.specs import PluginSpec


def contracts(kind: str, name: str, at: str = "") -> dict[str, type]:
    """Return test classes for an installed plugin, by name.

    :param kind: what it is, one of `toil_core.entry_points.KINDS`.
    :param name: its name.
    :param at: the place to try it in; by default one that is made.
    :raises UserError: if there is no such plugin, or nobody says how it can be checked.
    """
    spec = plugins.find(kind, name)
    if spec.kit:
        return _in_kit(spec)
    if kind not in _PLAIN:
        raise UserError(
            f"The {WORDS[kind]} '{name}' does not say how it can be checked.",
            "Its author names a module of tests as 'kit' in its spec.",
        )
    return {"TestInstalled": _PLAIN[kind](spec, at)}


def _in_kit(spec: PluginSpec) -> dict[str, type]:
    pytest.register_assert_rewrite(spec.kit)
    module = import_module(spec.kit)
    found = {name: value for name, value in vars(module).items() if name.startswith("Test") and isinstance(value, type)}
    if not found:
        raise UserError(
            f"The kit {spec.kit} has no class whose name begins with 'Test'.",
            "Derive one from a contract of toil_core.testing in that module.",
        )
    return found


def _batch_system(spec: PluginSpec, at: str) -> type:
    class TestInstalled(testing.BatchSystemContract):
        twin = f"the tests of {spec.name}'s own"

        @pytest.fixture
        def batch_system(self, config: Config) -> AbstractBatchSystem:
            made: AbstractBatchSystem = plugins.load(spec)(config)
            return made

    return TestInstalled


def _job_store(spec: PluginSpec, at: str) -> type:
    class TestInstalled(testing.JobStoreContract):
        @pytest.fixture
        def job_store(self, tmp_path_factory: pytest.TempPathFactory) -> AbstractJobStore:
            place = at.removeprefix(f"{spec.name}:") or f"{tmp_path_factory.mktemp('stores')}/store"
            made: AbstractJobStore = plugins.load(spec)(f"{spec.name}:{place}-{uuid.uuid4().hex[:8]}")
            return made

    return TestInstalled


def _url_scheme(spec: PluginSpec, at: str) -> type:
    class TestInstalled(testing.UrlSchemeContract):
        @pytest.fixture
        def place(self, tmp_path: Path) -> tuple[UrlScheme, str]:
            scheme: UrlScheme = plugins.load(spec)()
            if at:
                return scheme, f"{at.rstrip('/')}/{uuid.uuid4().hex[:8]}/"
            (tmp_path / "place" / "dir" / "below").mkdir(parents=True)
            base = f"{spec.name}://{tmp_path.as_posix()}/place/"
            assert scheme.local_path(base) is not None, "tell with --at where files can be put"
            return scheme, base

    return TestInstalled


def _observer(spec: PluginSpec, at: str) -> type:
    class TestInstalled(testing.ObserverContract):
        @pytest.fixture
        def observer(self, config: Config) -> Any:
            return plugins.load(spec)(config)

    return TestInstalled


def _command(spec: PluginSpec, at: str) -> type:
    class TestInstalled(testing.CommandContract):
        @pytest.fixture
        def command(self) -> str:
            return spec.name

    return TestInstalled


_PLAIN: dict[str, Callable[[PluginSpec, str], type]] = {
    "batch_systems": _batch_system,
    "job_stores": _job_store,
    "url_schemes": _url_scheme,
    "observers": _observer,
    "commands": _command,
}
