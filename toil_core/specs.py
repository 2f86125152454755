"""What a plugin tells the core about itself: frozen records, one type for each kind of plugin.

A spec names its implementation as a `"module:attribute"` string, so that describing a backend imports nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toil_core.options.option import Option

#: The version of the plugin interface. A plugin states the version it was written for.
API_VERSION = 1


@dataclass(frozen=True)
class PluginSpec:
    """What all kinds of plugins have in common.

    :param name: what users type to choose it; the name of its entry point.
    :param implementation: where the implementation is, as `"package.module:attribute"`.
    :param summary: what it is, one line for `toil plugins list`.
    :param options: settings of its own.
    :param api_version: the version of the plugin interface that it was written for.
    """

    name: str
    implementation: str
    summary: str = ""
    options: tuple[Option, ...] = ()
    api_version: int = API_VERSION


@dataclass(frozen=True)
class JobStoreSpec(PluginSpec):
    """A kind of job store; `name` is the scheme of its locators, the implementation a subclass of `AbstractJobStore`.

    :param shared: whether workers on other machines can reach it as it is.
    """

    shared: bool = True


@dataclass(frozen=True)
class BatchSystemSpec(PluginSpec):
    """A batch system; the implementation is a subclass of `AbstractBatchSystem`.

    :param aliases: other names that users may type for it.
    """

    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkflowLanguageSpec(PluginSpec):
    """A language that workflows are written in; the implementation is called as `run(path, arguments) -> int`.

    :param suffixes: the endings of file names by which `toil run` knows the language, with the dot.
    """

    suffixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class UrlSchemeSpec(PluginSpec):
    """A URL scheme to import from and export to; the implementation is a subclass of `UrlScheme`.

    :param schemes: the schemes that it serves, lower case, without the colon.
    """

    schemes: tuple[str, ...] = ()


class ProvisionerSpec(PluginSpec):
    """A cloud that can start and stop machines; the implementation is a subclass of `AbstractProvisioner`."""


class CommandSpec(PluginSpec):
    """A subcommand of `toil`; the implementation is a click command."""


class ObserverSpec(PluginSpec):
    """Something that watches runs; the implementation is called with the workflow's `Config` and returns an object
    whose methods marked with `@hookimpl` are called, each for the observer hook that it is named after."""
