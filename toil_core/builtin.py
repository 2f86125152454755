"""What the core brings itself, registered as any plugin registers: the file job store, the single machine, files and
web addresses as URLs, and Python as a workflow language.
"""

from __future__ import annotations

from toil_core.hookspecs import hookimpl
from toil_core.specs import BatchSystemSpec, JobStoreSpec, UrlSchemeSpec, WorkflowLanguageSpec


@hookimpl
def toil_job_stores() -> list[JobStoreSpec]:
    """Bring the job store in a directory."""
    return [
        JobStoreSpec(
            name="file",
            implementation="toil_core.job_stores.file:FileJobStore",
            summary="A directory on this machine or on a shared file system.",
        )
    ]


@hookimpl
def toil_batch_systems() -> list[BatchSystemSpec]:
    """Bring the batch system that needs no scheduler."""
    return [
        BatchSystemSpec(
            name="single_machine",
            implementation="toil_core.batch_systems.single_machine:SingleMachineBatchSystem",
            summary="Processes on this machine, within its cores, memory and disk.",
            aliases=("singleMachine", "single"),
        )
    ]


@hookimpl
def toil_workflow_languages() -> list[WorkflowLanguageSpec]:
    """Bring Python."""
    return [
        WorkflowLanguageSpec(
            name="python",
            implementation="toil_core.python_script:run",
            summary="A Python script that builds jobs and starts them.",
            suffixes=(".py",),
            kit="toil_core.testing.python_kit",
            has_command=False,
        )
    ]


@hookimpl
def toil_url_schemes() -> list[UrlSchemeSpec]:
    """Bring files and the web."""
    return [
        UrlSchemeSpec(
            name="file",
            implementation="toil_core.job_stores.urls:FileUrlScheme",
            summary="Files of this machine.",
            schemes=("file",),
        ),
        UrlSchemeSpec(
            name="http",
            implementation="toil_core.job_stores.urls:HttpUrlScheme",
            summary="Files on web servers, to import from.",
            schemes=("http",),
            kit="toil_core.testing.http_kit",
        ),
        UrlSchemeSpec(
            name="https",
            implementation="toil_core.job_stores.urls:HttpUrlScheme",
            summary="Files on web servers, to import from.",
            schemes=("https",),
            kit="toil_core.testing.http_kit",
        ),
    ]
