"""What the scaffold writes, as modules: backends that keep their contracts, for tests to break."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from toil_cli.scaffold.rendering import KINDS, new_plugin, write

#: Imports a module of the sample of a kind: its kind, as it is typed, and the module's name.
Sample = Callable[[str, str], ModuleType]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """Import modules of samples, one of which is written for each kind of plugin."""
    directory = tmp_path_factory.mktemp("samples")
    plugins = {kind: new_plugin(kind, f"sample-{kind}") for kind in KINDS}
    paths = [str(write(plugin, directory) / "src") for plugin in plugins.values()]
    sys.path += paths
    yield lambda kind, module: importlib.import_module(f"{plugins[kind].package}.{module}")
    for path in paths:
        sys.path.remove(path)
