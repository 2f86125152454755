"""Everything that a plugin can do, on one page.

A plugin is a distribution with a module, by convention `plugin.py`, that its entry points name. The module implements
some of the functions below, each marked with `@hookimpl`:

    from toil_core.api import BatchSystemSpec, hookimpl

    @hookimpl
    def toil_batch_systems():
        return [BatchSystemSpec(name="moon", implementation="toil_plugin_moon.scheduler:MoonBatchSystem")]

The first group of hooks tells what the plugin brings; each entry point of the distribution is named as one of the specs
returned. Their modules are imported before it is known whether the plugin is needed, so they import `toil_core.api`
and nothing heavier; what a spec names as its implementation is imported once it was chosen.

The second group is the message bus as a plugin sees it. Its hooks are methods, each marked with `@hookimpl`, of the
object that an observer's implementation returns. They are called in the leader's thread, at once, so they have to be
quick. An observer that raises is switched off and named in the log; the run goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

if TYPE_CHECKING:
    from toil_core.observe import events
    from toil_core.specs import (
        BatchSystemSpec,
        CommandSpec,
        JobStoreSpec,
        ObserverSpec,
        ProvisionerSpec,
        UrlSchemeSpec,
        WorkflowLanguageSpec,
    )

#: The name by which the markers of specifications and implementations find each other.
PROJECT = "toil"

Hook = TypeVar("Hook", bound=Callable[..., Any])


def hookimpl(function: Hook) -> Hook:
    """Mark a function of a plugin's module, or a method of an observer, as the implementation of the hook it names."""
    return pluggy.HookimplMarker(PROJECT)(function)


def _hook(function: Hook) -> Hook:
    return pluggy.HookspecMarker(PROJECT)(function)


# What a plugin brings


@_hook
def toil_job_stores() -> Iterable[JobStoreSpec]:  # type: ignore[empty-body]
    """Return the kinds of job store that the plugin brings. Called when a locator with its scheme is opened.

    :returns: one spec for each scheme.
    """


@_hook
def toil_batch_systems() -> Iterable[BatchSystemSpec]:  # type: ignore[empty-body]
    """Return the batch systems that the plugin brings. Called when `--batchSystem` names one of them.

    :returns: one spec for each batch system.
    """


@_hook
def toil_provisioners() -> Iterable[ProvisionerSpec]:  # type: ignore[empty-body]
    """Return the clouds that the plugin can start machines in. Called when `--provisioner` names one of them.

    :returns: one spec for each cloud.
    """


@_hook
def toil_workflow_languages() -> Iterable[WorkflowLanguageSpec]:  # type: ignore[empty-body]
    """Return the languages that the plugin can run. Called when `toil run` looks for the one of a file.

    :returns: one spec for each language, with the endings of its files' names.
    """


@_hook
def toil_url_schemes() -> Iterable[UrlSchemeSpec]:  # type: ignore[empty-body]
    """Return the URL schemes that the plugin can import from and export to. Called when such a URL is used.

    :returns: one spec for each way of access, with the schemes that it serves.
    """


@_hook
def toil_commands() -> Iterable[CommandSpec]:  # type: ignore[empty-body]
    """Return the subcommands that the plugin adds to `toil`. Called for `toil --help` and when one of them is run.

    :returns: one spec for each command; its summary is what `toil --help` shows.
    """


@_hook
def toil_observers() -> Iterable[ObserverSpec]:  # type: ignore[empty-body]
    """Return what the plugin has to watch runs with. Called by the leader of every run.

    :returns: one spec for each observer; the object that its implementation returns has the methods below.
    """


# What an observer is told


@_hook
def toil_workflow_started(message: events.WorkflowStarted) -> None:
    """A run begins, or continues after a restart; the first thing that an observer hears of it.

    :param message: the workflow's ID, its job store, and whether it is a restart.
    """


@_hook
def toil_workflow_finished(message: events.WorkflowFinished) -> None:
    """A run has ended; the last thing that an observer hears of it.

    :param message: the workflow's ID, its job store, and the error that ended it, empty after a success.
    """


@_hook
def toil_job_added(message: events.JobAdded) -> None:
    """The leader learned of a job that will have to run.

    :param message: the job's ID and names.
    """


@_hook
def toil_job_issued(message: events.JobIssued) -> None:
    """A job was handed to the batch system.

    :param message: the job, which attempt it is, the batch system's ID for it, and what it was given.
    """


@_hook
def toil_job_started(message: events.JobStarted) -> None:
    """A job began to run; told only by batch systems that know.

    :param message: the job, the batch system's ID for it, and when.
    """


@_hook
def toil_job_completed(message: events.JobCompleted) -> None:
    """An attempt at a job was committed; it will never run again.

    :param message: the job, and the time (seconds) and memory (bytes) that it used.
    """


@_hook
def toil_job_failed(message: events.JobFailed) -> None:
    """An attempt at a job failed.

    :param message: the job, how the attempt ended, and how many more there may be.
    """


@_hook
def toil_job_message(message: events.JobMessage) -> None:
    """A job sent a line for the leader's log.

    :param message: the job, the line and its level.
    """


@_hook
def toil_job_log(message: events.JobLog) -> None:
    """What an attempt printed has reached the leader.

    :param message: the job, the attempt, whether it failed, and what it printed.
    """


@_hook
def toil_node_added(message: events.NodeAdded) -> None:
    """A machine joined the cluster.

    :param message: the machine and its type.
    """


@_hook
def toil_node_removed(message: events.NodeRemoved) -> None:
    """A machine left the cluster.

    :param message: the machine and its type.
    """


@_hook
def toil_cluster_size_changed(message: events.ClusterSizeChanged) -> None:
    """The number of machines that the cluster is to have of a type was set anew.

    :param message: the type, how many machines there are to be, and how many there are.
    """
