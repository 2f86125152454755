"""What a worker needs before it can run any job of a workflow: the job store, the configuration, the user's module."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from toil_core.job_stores.opening import job_store_for
from toil_core.worker import node
from toil_core.worker.deferred import DeferredFunctions
from toil_core.worker.naming import resolve

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.options.config import Config


class WorkerContext:
    """The workflow as a worker sees it; opened once in each process, and inherited by the workers that a zygote forks.

    :param job_store: the workflow's job store, resumed.
    :param directory: where everything on this machine goes, instead of where the configuration says.
    """

    def __init__(self, job_store: AbstractJobStore, directory: str = "") -> None:
        self.job_store = job_store
        self.config: Config = job_store.config
        self.host = os.uname().nodename
        #: Whether jobs run in the leader's own process, where Ctrl-C is meant for it.
        self.in_leader = False
        #: Returns what the current attempt has printed so far; replaced by whoever captures the output.
        self.current_log: Callable[[], bytes] = bytes
        #: Leaves out of `current_log` what has been printed so far; replaced likewise.
        self.begin_log: Callable[[], object] = bool
        config = self.config
        self.work_dir = directory or node.workflow_dir(config.workflowID, config.workDir)
        self.coordination_dir = directory or node.workflow_coordination_dir(
            config.workflowID, config.workDir, config.coordinationDir
        )

    @classmethod
    def open(cls, locator: str, implementation: str) -> WorkerContext:
        """Connect to a workflow.

        :param locator: the job store, with its scheme.
        :param implementation: its class, as `"module:Class"`, so that nothing has to be discovered.
        """
        job_store = job_store_for(locator, implementation)
        job_store.resume()
        return cls(job_store)

    def preload(self) -> None:
        """Import the user's module and set up logging, so that processes forked from this one need not.

        Likewise load what the workflow's language wants loaded once for all jobs. Then call what workers that died on
        this machine had deferred.

        :raises UserScriptError: if the user's module cannot be imported.
        """
        if self.config.replicateEnvironment:
            from toil_core.deployment.environment import apply_environment

            apply_environment(self.job_store)
        logging.basicConfig(
            level=_level(self.config.logLevel), format="[%(asctime)s] [%(levelname)s] [%(name)s] %(message)s"
        )
        if self.config.userScript:
            from toil_core.deployment.user_script import UserScript

            UserScript.from_dict(self.config.userScript).here(self.job_store, self.work_dir).load()
        preload = self.config.implementations.get("preload", "")
        if preload:
            resolve(preload)(self.job_store)
        DeferredFunctions(self.coordination_dir).run_abandoned()
        _import_what_jobs_use(self.job_store.default_caching() if self.config.caching is None else self.config.caching)


def _import_what_jobs_use(caching: bool) -> None:
    """Import what the first job would, so that in processes forked from this one no job has to."""
    import shutil  # noqa: F401

    import toil_core.file_stores.streams
    import toil_core.jobs.functions

    if caching:
        import toil_core.file_stores.caching
    else:
        import toil_core.file_stores.direct  # noqa: F401


def _level(name: str) -> int:
    level = logging.getLevelName(name.upper())
    return level if isinstance(level, int) else logging.CRITICAL
