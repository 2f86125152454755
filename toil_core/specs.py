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
    :param kit: a module of classes derived from the contracts of `toil_core.testing`, for `toil plugins check` to run;
        without it, the contract is run on what is made as in any run.
    """

    name: str
    implementation: str
    summary: str = ""
    options: tuple[Option, ...] = ()
    api_version: int = API_VERSION
    kit: str = ""


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
    """A language that workflows are written in; the implementation is called as `run(document, arguments) -> int`.

    It gets the document as the user named it, what came after it on the command line, and returns the exit status. The
    values of all options, Toil's and the language's own (`options`), are what `run_options(name)` of `toil_core.api`
    returns; `Toil` takes that as it is.

    From the spec comes one command, `toil NAME`, which `toil NAME-runner` is, too, and a distribution makes a program
    `toil-NAME-runner` of it with the entry point `toil-NAME-runner = "toil_cli.languages:runner"` in its
    `[project.scripts]`. `toil run` does the same for documents that it knows by `suffixes` or `markers`. Options stand
    anywhere on the command line; what comes after `--` is left to the implementation.

    :param suffixes: the endings of file names by which `toil run` knows the language, lower case, with the dot.
    :param markers: words by which `toil run` knows a JSON or YAML file to be in the language, each a key in it.
    :param has_command: whether there is a command of its own for the language, beside `toil run`.
    :param input_flags: whether documents take their inputs as flags, so that options which nobody knows are left to the
        implementation when they come after the document.
    :param preload: what a worker that starts as a fresh interpreter calls with the job store before its first job, as
        `"module:function"`, so that what takes long to load is not loaded for each job; it can rely on what was in the
        job store when the workflow was started. In workers that are forked from the leader all may be loaded already
        (`fork_workers_from_here`), which it has to see for itself.
    :param usage: what follows the name of the command in its usage line.
    :param about: what the command's help says below its summary, with examples; a paragraph that starts with a line
        `\\b` keeps its lines.
    """

    suffixes: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    has_command: bool = True
    input_flags: bool = False
    preload: str = ""
    usage: str = "DOCUMENT [INPUTS] [OPTIONS]"
    about: str = ""


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
