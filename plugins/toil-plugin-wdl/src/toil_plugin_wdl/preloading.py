"""What a worker loads once, before the processes are forked from it that run one job each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toil_core.api import AbstractJobStore


def preload(job_store: AbstractJobStore) -> None:
    """Load the documents of a workflow, and all modules that its jobs need."""
    from toil_plugin_wdl.documents import program_in

    program_in(job_store)
    import_what_jobs_use()


def import_what_jobs_use() -> None:
    """Import what the first job would, so that in processes forked from this one no job has to."""
    import subprocess  # noqa: F401

    import toil_plugin_wdl.importing
    import toil_plugin_wdl.jobs
    import toil_plugin_wdl.task  # noqa: F401
    from toil_core.api import Mount, absolute_source, open_engine, run_container  # noqa: F401

    open_engine("none").close()
