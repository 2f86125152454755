"""`Toil`: the documented context manager that a workflow runs in. It puts the rooms together (configuration, job store,
batch system, observers, leader) and takes them apart again, however the run ends.
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any

from toil_core import plugins
from toil_core.console import (
    fill_standard_files,
    forget_job_store,
    install_exit_handling,
    note_job_store,
    orderly_end,
)
from toil_core.deployment.user_script import UserScript, is_loading
from toil_core.errors import ToilError, UserError
from toil_core.job_stores.notebook import StoredNotebook
from toil_core.job_stores.opening import job_store_for
from toil_core.jobs.errors import JobException, NothingToRestartError, UnpicklableError
from toil_core.leader.errors import FailedJobsException, LeaderRunningError, WorkflowKilled
from toil_core.observe import attach_all
from toil_core.observe.bus import MessageBus
from toil_core.observe.events import WorkflowFinished, WorkflowStarted
from toil_core.observe.logs import set_up_logging
from toil_core.options.config import Config
from toil_core.options.invocation import current_invocation
from toil_core.worker import node

if TYPE_CHECKING:
    from toil_core.batch_systems.abstract import AbstractBatchSystem
    from toil_core.deployment.resource import Resource
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.job_stores.file_ids import FileID
    from toil_core.jobs.job import Job

logger = logging.getLogger(__name__)


class ToilContextManagerException(UserError):
    """`Toil` was used other than as a context manager."""

    def __init__(self) -> None:
        super().__init__(
            "Workflows are started, and files imported and exported, only inside a 'with' block.",
            "Write 'with Toil(options) as toil:' around the call.",
        )


class UnguardedScriptError(UserError):
    """A script starts its workflow when it is merely imported."""

    def __init__(self) -> None:
        super().__init__(
            "The workflow's script starts a workflow when a worker imports it.",
            "Put what starts it under 'if __name__ == \"__main__\":'.",
        )


class Toil:
    """A workflow: set up on entering the `with` block, taken down on leaving it.

    :param options: what an option parser returned, or `Job.Runner.getDefaultOptions`.
    """

    def __init__(self, options: Any) -> None:
        self.options = options
        self.config = Config()
        self._job_store: AbstractJobStore | None = None
        self._batch_system: AbstractBatchSystem | None = None
        self._bus = MessageBus()
        self._observers: Any = None
        self._script: UserScript | None = None
        self._finished = False
        self._has_root = False
        self._signals = ExitStack()

    # Setting up and taking down

    def __enter__(self) -> Toil:
        if is_loading():
            raise UnguardedScriptError
        fill_standard_files()
        install_exit_handling()
        self.config.setOptions(self.options, plugins.plugin_options())
        set_up_logging(self.config)
        self._describe_workflow()
        plugins.find("batch_systems", self.config.batchSystem)
        node.coordination_dir(self.config.workDir, self.config.coordinationDir)
        node.work_dir(self.config.workDir)
        if self.config.restart:
            self._job_store = self._reopened_job_store()
            self._has_root = True
        else:
            self._job_store = self.getJobStore(self.config.jobStore)
            self._job_store.initialize(self.config)
            self._job_store.claim_attempt(0)
        note_job_store(self._job_store.locator)
        self._signals.enter_context(orderly_end())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        succeeded = kind is None and (self._finished or self._batch_system is None)
        with self._signals:
            try:
                self._stop()
            finally:
                explained = isinstance(error, (FailedJobsException, WorkflowKilled, KeyboardInterrupt))
                self._clean_up(succeeded, explained)

    def _reopened_job_store(self) -> AbstractJobStore:
        job_store = self.getJobStore(self.config.jobStore)
        job_store.resume()
        stored = job_store.config
        self.config.workflowID = stored.workflowID
        self.config.workflowAttemptNumber = self._claimed_attempt(job_store, stored.workflowAttemptNumber)
        job_store.adopt_config(self.config)
        job_store.write_kill_flag(kill=False)
        return job_store

    @staticmethod
    def _claimed_attempt(job_store: AbstractJobStore, number: int) -> int:
        """Make sure that this process is the only leader.

        :param number: the last attempt at the workflow that is known of.
        :returns: the number of the attempt that begins.
        :raises LeaderRunningError: if there is another leader.
        """
        leader = job_store.claimant_of(number)
        while leader is None or not leader.is_known_to_run():
            number += 1
            leader = job_store.claim_attempt(number)
            if leader is None:
                return number
        raise LeaderRunningError(job_store.locator, leader.pid, leader.node)

    def _describe_workflow(self) -> None:
        """Write down what a worker would otherwise have to discover."""
        self.config.implementations = {"url_schemes": plugins.url_scheme_implementations()}
        language = current_invocation().language
        if language:
            self.config.implementations["preload"] = plugins.preload_of(language)
        else:
            self._script = UserScript.of_main()
        if self._script is not None:
            self._script.alias_main()
        self.config.userScript = (self._script or UserScript.of_session()).to_dict()

    def _stop(self) -> None:
        try:
            if self._batch_system is not None:
                self._batch_system.shutdown()
        finally:
            if self._observers is not None:
                self._observers.close()

    def _clean_up(self, succeeded: bool, explained: bool) -> None:
        """Remove what is not to be kept.

        :param explained: whether the error that ends the run tells how to continue.
        """
        config, job_store = self.config, self._job_store
        if job_store is None:
            return
        try:
            if _applies(config.cleanWorkDir, succeeded):
                node.remove_workflow_dirs(config.workflowID, config.workDir, config.coordinationDir, all_nodes=True)
        finally:
            self._leave(job_store, succeeded, explained)

    def _leave(self, job_store: AbstractJobStore, succeeded: bool, explained: bool) -> None:
        """Remove the job store, or leave it to whoever continues the workflow."""
        config = self.config
        # With no root job in it there is nothing to restart, so it would only be in the way of the next try.
        useless = not self._has_root and not succeeded and config.clean.lower() != "never"
        if useless or _applies(config.clean, succeeded):
            job_store.destroy()
            forget_job_store()
            return
        job_store.give_up_attempt(config.workflowAttemptNumber)
        if not succeeded and not explained:
            logger.info("The job store %s was kept; continue the workflow with --restart.", job_store.locator)

    # Running

    def start(self, rootJob: Job) -> Any:
        """Run the workflow from the beginning.

        :param rootJob: the job that everything starts from.
        :returns: its return value.
        :raises FailedJobsException: if jobs failed for good.
        :raises JobGraphDeadlockException: if the jobs could never all run.
        """
        if self.config.restart:
            raise ToilError(
                "The workflow is to be restarted, but start() was called.",
                "Call restart() where options.restart is set, or leave out --restart.",
            )
        self._check_importable(rootJob)
        job_store = self._opened()
        self._prepare()
        rootJob.saveAsRootJob(job_store)
        self._has_root = True
        return self._run(str(rootJob.jobStoreID))

    def restart(self) -> Any:
        """Go on with a workflow that was interrupted, or had jobs that failed.

        :returns: the root job's return value.
        :raises FailedJobsException: if jobs failed for good.
        """
        if not self.config.restart:
            raise ToilError(
                "The workflow is not to be restarted, but restart() was called.",
                "Call start() where options.restart is not set, or give --restart.",
            )
        job_store = self._opened()
        root = job_store.root_job_id()
        if root is None:
            raise NothingToRestartError(job_store.locator)
        self._prepare()
        return self._run(root)

    def _check_importable(self, job: Job) -> None:
        """Say at once, not in a worker, what is no job, and that a session's functions cannot reach workers."""
        from toil_core.jobs import graph
        from toil_core.jobs.job import Job

        if not isinstance(job, Job):
            raise JobException(
                f"A workflow starts with a job, not with an object of type {type(job).__name__}.",
                "Make a job of a function with Job.wrapJobFn or Job.wrapFn.",
            )
        if self._script is not None:
            return
        for one in graph.connected_jobs(job):
            function = getattr(one, "_function", type(one))
            if getattr(function, "__module__", "") == "__main__":
                raise UnpicklableError(
                    f"{one} is defined in an interactive session or on standard input, where no worker can find it.",
                    "Put its definition into a file and import it from there, or run that file.",
                )

    def _prepare(self) -> None:
        """Start the batch system, which can get workers ready while the jobs are still being written."""
        job_store, config = self._opened(), self.config
        job_store.write_leader_pid()
        job_store.write_leader_node_id()
        kind: type[AbstractBatchSystem] = plugins.load(plugins.find("batch_systems", config.batchSystem))
        resource = self._bring_to_workers(kind)
        job_store.write_config()
        batch_system = self._batch_system = self._beside_leader(kind(config))
        # Some observers have threads, and workers may have to be forked from this process before that.
        self._observers = attach_all(self._bus, config, job_store)
        plugins.attach_observers(self._bus, config)
        batch_system.set_message_bus(self._bus)
        notebook = StoredNotebook(job_store.storage)
        if config.restart:
            notebook.warn_of_others(plugins.find("batch_systems", config.batchSystem).name)
        batch_system.set_notebook(notebook)
        if resource is not None:
            batch_system.setUserScript(resource)
        for name, value in self._worker_variables().items():
            batch_system.setEnv(name, value)

    @staticmethod
    def _beside_leader(batch_system: AbstractBatchSystem) -> AbstractBatchSystem:
        """Return a batch system with room for local jobs, where they have not the same place as others anyway."""
        if batch_system.on_leaders_machine:
            return batch_system
        from toil_core.batch_systems.local_jobs import with_local_jobs

        return with_local_jobs(batch_system)

    def _worker_variables(self) -> dict[str, str]:
        """Return what every worker is to have in its environment."""
        from toil_core.deployment.environment import parse_setting
        from toil_core.observe.realtime import ADDRESS_VARIABLE, LEVEL_VARIABLE

        variables = (ADDRESS_VARIABLE, LEVEL_VARIABLE)
        real_time = {name: os.environ[name] for name in variables if name in os.environ}
        asked_for = dict(parse_setting(setting) for setting in self.config.setEnv)
        return {**real_time, **self._opened().get_env(), **asked_for}

    def _bring_to_workers(self, kind: type[AbstractBatchSystem]) -> Resource | None:
        """Put the environment and the user's module where workers on other machines find them."""
        if kind.on_leaders_machine:
            return None
        from toil_core.deployment.environment import save_environment

        job_store = self._opened()
        save_environment(job_store)
        self.config.replicateEnvironment = True
        if self._script is None or self.config.disableAutoDeployment or not kind.supportsAutoDeployment():
            return None
        resource = self._script.deploy(job_store)
        self.config.userScript = self._script.to_dict()
        return resource

    def _run(self, root: str) -> Any:
        from toil_core.leader.leader import Leader

        job_store, config, bus = self._opened(), self.config, self._bus
        assert self._batch_system is not None
        bus.publish(WorkflowStarted(config.workflowID, job_store.locator, config.restart, time.time()))
        error = ""
        try:
            Leader(config, job_store, self._batch_system, bus).run(root, config.restart)
            value = job_store.get_root_job_return_value()
        except BaseException as failure:
            error = str(failure) or type(failure).__name__
            raise
        finally:
            bus.publish(WorkflowFinished(config.workflowID, job_store.locator, error, time.time()))
        self._finished = True
        return value

    @property
    def job_store(self) -> AbstractJobStore:
        """The workflow's job store, within the `with` block.

        :raises ToilContextManagerException: outside of it.
        """
        return self._opened()

    def _opened(self) -> AbstractJobStore:
        if self._job_store is None:
            raise ToilContextManagerException
        return self._job_store

    # Files

    def import_file(
        self, src_uri: str, shared_file_name: str | None = None, symlink: bool = True, check_existence: bool = True
    ) -> FileID | None:
        """Bring a file into the job store.

        :param src_uri: its URL, or a path relative to the current directory.
        :param shared_file_name: the name of a shared file to make of it.
        :param symlink: whether a link will do where the job store can link.
        :param check_existence: whether a missing file is an error; otherwise None is returned for it.
        :returns: the file's ID, or None for a shared file.
        """
        job_store = self._opened()
        uri = self.normalize_uri(src_uri)
        if not check_existence and not job_store.url_exists(uri):
            return None
        return job_store.import_file(uri, shared_file_name, symlink=symlink)

    importFile = import_file

    def export_file(self, file_id: FileID | str, dst_uri: str) -> None:
        """Copy a file out of the job store.

        :param dst_uri: the URL to write to, or a path relative to the current directory.
        """
        self._opened().export_file(file_id, self.normalize_uri(dst_uri))

    exportFile = export_file

    @staticmethod
    def normalize_uri(uri: str, check_existence: bool = False) -> str:
        """Return the URI, with `file:` before it if it has no scheme.

        :param check_existence: whether to insist that a local file exists.
        :raises FileNotFoundError: if it is to exist and does not.
        """
        from urllib.parse import urlsplit

        if urlsplit(uri).scheme == "file":
            uri = urlsplit(uri).path
        elif urlsplit(uri).scheme:
            return uri
        path = os.path.abspath(uri)
        if check_existence and not os.path.exists(path):
            raise FileNotFoundError(f"The file '{path}' does not exist.")
        from urllib.request import pathname2url

        return f"file://{pathname2url(path)}"

    # Documented ways to the parts

    @classmethod
    def getJobStore(cls, locator: str) -> AbstractJobStore:
        """Return the job store that a locator names, neither made nor opened yet."""
        return job_store_for(locator)

    @staticmethod
    def createBatchSystem(config: Config) -> AbstractBatchSystem:
        """Return the batch system that a configuration names."""
        spec = plugins.find("batch_systems", config.batchSystem)
        batch_system: AbstractBatchSystem = plugins.load(spec)(config)
        return batch_system

    @staticmethod
    def getToilWorkDir(configWorkDir: str | None = None) -> str:
        """Return the directory under which each workflow has one of its own on this machine."""
        return node.work_dir(configWorkDir)

    @classmethod
    def get_toil_coordination_dir(cls, config_work_dir: str | None, config_coordination_dir: str | None) -> str:
        """Return the directory for locks and state shared by the processes of this machine, in memory if possible."""
        return node.coordination_dir(config_work_dir, config_coordination_dir)

    @classmethod
    def getLocalWorkflowDir(cls, workflowID: str, configWorkDir: str | None = None) -> str:
        """Return the directory in which a workflow's workers and cache live on this machine."""
        return node.workflow_dir(workflowID, configWorkDir)

    @classmethod
    def get_local_workflow_coordination_dir(
        cls, workflow_id: str, config_work_dir: str | None, config_coordination_dir: str | None
    ) -> str:
        """Return the directory in which a workflow's locks and state live on this machine."""
        return node.workflow_coordination_dir(workflow_id, config_work_dir, config_coordination_dir)


def _applies(policy: str, succeeded: bool) -> bool:
    return {"always": True, "onsuccess": succeeded, "onerror": not succeeded, "never": False}[policy.lower()]
