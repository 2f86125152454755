"""What plugins may import of Toil; everything else may change without notice.

Specs, hooks and errors are here at once, since each plugin's `plugin.py` needs them before anyone has chosen it. The
contracts that implementations build on are imported when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from toil_core.errors import ExplainedError, ToilError, UserError
from toil_core.hookspecs import hookimpl
from toil_core.options.option import Option
from toil_core.specs import (
    API_VERSION,
    BatchSystemSpec,
    CommandSpec,
    JobStoreSpec,
    ObserverSpec,
    PluginSpec,
    ProvisionerSpec,
    UrlSchemeSpec,
    WorkflowLanguageSpec,
)

if TYPE_CHECKING:
    from toil_core.batch_systems.abstract import AbstractBatchSystem
    from toil_core.batch_systems.capabilities import BatchSystemCapabilities
    from toil_core.batch_systems.errors import BatchSystemError, InsufficientSystemResources
    from toil_core.batch_systems.exits import (
        EXIT_STATUS_UNAVAILABLE_VALUE,
        BatchJobExitReason,
        UpdatedBatchJobInfo,
        describe_exit,
    )
    from toil_core.batch_systems.notes import Notebook
    from toil_core.batch_systems.scheduler.batch_system import CommandLineBatchSystem
    from toil_core.batch_systems.scheduler.commands import Command, CommandFailed, CommandMissing, Runner, Trouble
    from toil_core.batch_systems.scheduler.dialect import SchedulerDialect
    from toil_core.batch_systems.scheduler.tasks import Machine, Submission, TaskState, TaskStatus
    from toil_core.containers.engine import ContainerSpec, Engine, Mount
    from toil_core.containers.errors import (
        ContainerArgumentError,
        ContainerNotStarted,
        ContainerTookTooLong,
        EngineUnavailable,
        ImageUnavailable,
    )
    from toil_core.containers.opening import ENGINE_NAMES, choose_engine, open_engine
    from toil_core.containers.running import run_container
    from toil_core.file_stores.abstract import AbstractFileStore
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.job_stores.errors import (
        InvalidImportExportUrlException,
        JobStoreException,
        JobStoreExistsException,
        LocatorException,
        NoSuchFileException,
        NoSuchJobException,
        NoSuchJobStoreException,
        NoSuchUrlException,
        UrlIsDirectoryException,
    )
    from toil_core.job_stores.file_ids import FileID
    from toil_core.job_stores.storage import ContainerIncomplete, KeyAbsent, KeyStat, Storage, check_key
    from toil_core.job_stores.urls import UrlScheme
    from toil_core.jobs.description import JobDescription
    from toil_core.jobs.job import Job
    from toil_core.jobs.requirements import AcceleratorRequirement, Allocation
    from toil_core.languages.by_hand import RunsByHand, StepDirectory
    from toil_core.languages.errors import InputsUnavailable, OutputNameError
    from toil_core.languages.exporting import export_files
    from toil_core.languages.import_jobs import ImportFiles, import_inputs
    from toil_core.languages.importing import absolute_source, check_sources, import_files, walk_directory
    from toil_core.languages.pipes import file_as_pipe
    from toil_core.languages.run_settings import run_options
    from toil_core.leader.errors import FailedJobsException
    from toil_core.observe import events
    from toil_core.observe.bus import MessageBus
    from toil_core.options.config import Config
    from toil_core.provisioning.abstract import AbstractProvisioner
    from toil_core.provisioning.errors import ClusterExistsError, NoSuchClusterException, UnknownNodeTypeError
    from toil_core.provisioning.model import Node, Shape
    from toil_core.tails import end_of
    from toil_core.units import bytes2human, human2bytes
    from toil_core.worker.prefork import fork_workers_from_here
    from toil_core.workflow import Toil

_LATER = {
    "toil_core.batch_systems.abstract": ("AbstractBatchSystem",),
    "toil_core.batch_systems.capabilities": ("BatchSystemCapabilities",),
    "toil_core.batch_systems.errors": ("BatchSystemError", "InsufficientSystemResources"),
    "toil_core.batch_systems.exits": (
        "BatchJobExitReason",
        "EXIT_STATUS_UNAVAILABLE_VALUE",
        "UpdatedBatchJobInfo",
        "describe_exit",
    ),
    "toil_core.batch_systems.notes": ("Notebook",),
    "toil_core.batch_systems.scheduler.batch_system": ("CommandLineBatchSystem",),
    "toil_core.batch_systems.scheduler.commands": ("Command", "CommandFailed", "CommandMissing", "Runner", "Trouble"),
    "toil_core.batch_systems.scheduler.dialect": ("SchedulerDialect",),
    "toil_core.batch_systems.scheduler.tasks": ("Machine", "Submission", "TaskState", "TaskStatus"),
    "toil_core.containers.engine": ("ContainerSpec", "Engine", "Mount"),
    "toil_core.containers.errors": (
        "ContainerArgumentError",
        "ContainerNotStarted",
        "ContainerTookTooLong",
        "EngineUnavailable",
        "ImageUnavailable",
    ),
    "toil_core.containers.opening": ("ENGINE_NAMES", "choose_engine", "open_engine"),
    "toil_core.containers.running": ("run_container",),
    "toil_core.file_stores.abstract": ("AbstractFileStore",),
    "toil_core.job_stores.abstract": ("AbstractJobStore",),
    "toil_core.job_stores.errors": (
        "InvalidImportExportUrlException",
        "JobStoreException",
        "JobStoreExistsException",
        "LocatorException",
        "NoSuchFileException",
        "NoSuchJobException",
        "NoSuchJobStoreException",
        "NoSuchUrlException",
        "UrlIsDirectoryException",
    ),
    "toil_core.job_stores.file_ids": ("FileID",),
    "toil_core.job_stores.storage": ("ContainerIncomplete", "KeyAbsent", "KeyStat", "Storage", "check_key"),
    "toil_core.job_stores.urls": ("UrlScheme",),
    "toil_core.jobs.description": ("JobDescription",),
    "toil_core.jobs.job": ("Job",),
    "toil_core.jobs.requirements": ("AcceleratorRequirement", "Allocation"),
    "toil_core.languages.by_hand": ("RunsByHand", "StepDirectory"),
    "toil_core.languages.errors": ("InputsUnavailable", "OutputNameError"),
    "toil_core.languages.exporting": ("export_files",),
    "toil_core.languages.import_jobs": ("ImportFiles", "import_inputs"),
    "toil_core.languages.importing": ("absolute_source", "check_sources", "import_files", "walk_directory"),
    "toil_core.languages.pipes": ("file_as_pipe",),
    "toil_core.languages.run_settings": ("run_options",),
    "toil_core.leader.errors": ("FailedJobsException",),
    "toil_core.observe.bus": ("MessageBus",),
    "toil_core.options.config": ("Config",),
    "toil_core.provisioning.abstract": ("AbstractProvisioner",),
    "toil_core.provisioning.errors": ("ClusterExistsError", "NoSuchClusterException", "UnknownNodeTypeError"),
    "toil_core.provisioning.model": ("Node", "Shape"),
    "toil_core.tails": ("end_of",),
    "toil_core.units": ("bytes2human", "human2bytes"),
    "toil_core.worker.prefork": ("fork_workers_from_here",),
    "toil_core.workflow": ("Toil",),
}
_MODULES = {name: module for module, names in _LATER.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "events":
        return import_module("toil_core.observe.events")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


__all__ = [
    "API_VERSION",
    "ENGINE_NAMES",
    "EXIT_STATUS_UNAVAILABLE_VALUE",
    "AbstractBatchSystem",
    "AbstractFileStore",
    "AbstractJobStore",
    "AbstractProvisioner",
    "AcceleratorRequirement",
    "Allocation",
    "BatchJobExitReason",
    "BatchSystemCapabilities",
    "BatchSystemError",
    "BatchSystemSpec",
    "ClusterExistsError",
    "Command",
    "CommandFailed",
    "CommandLineBatchSystem",
    "CommandMissing",
    "CommandSpec",
    "Config",
    "ContainerArgumentError",
    "ContainerIncomplete",
    "ContainerNotStarted",
    "ContainerSpec",
    "ContainerTookTooLong",
    "Engine",
    "EngineUnavailable",
    "ExplainedError",
    "FailedJobsException",
    "FileID",
    "ImageUnavailable",
    "ImportFiles",
    "InputsUnavailable",
    "InsufficientSystemResources",
    "InvalidImportExportUrlException",
    "Job",
    "JobDescription",
    "JobStoreException",
    "JobStoreExistsException",
    "JobStoreSpec",
    "KeyAbsent",
    "KeyStat",
    "LocatorException",
    "Machine",
    "MessageBus",
    "Mount",
    "NoSuchClusterException",
    "NoSuchFileException",
    "NoSuchJobException",
    "NoSuchJobStoreException",
    "NoSuchUrlException",
    "Node",
    "Notebook",
    "ObserverSpec",
    "Option",
    "OutputNameError",
    "PluginSpec",
    "ProvisionerSpec",
    "Runner",
    "RunsByHand",
    "SchedulerDialect",
    "Shape",
    "StepDirectory",
    "Storage",
    "Submission",
    "TaskState",
    "TaskStatus",
    "Toil",
    "ToilError",
    "Trouble",
    "UnknownNodeTypeError",
    "UpdatedBatchJobInfo",
    "UrlIsDirectoryException",
    "UrlScheme",
    "UrlSchemeSpec",
    "UserError",
    "WorkflowLanguageSpec",
    "absolute_source",
    "bytes2human",
    "check_key",
    "check_sources",
    "choose_engine",
    "describe_exit",
    "end_of",
    "events",
    "export_files",
    "file_as_pipe",
    "fork_workers_from_here",
    "hookimpl",
    "human2bytes",
    "import_files",
    "import_inputs",
    "open_engine",
    "run_container",
    "run_options",
    "walk_directory",
]
