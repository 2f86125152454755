"""The options of a run as cwltool wants to have them: how to load documents, and how to run tools."""

from __future__ import annotations

import os
import tempfile
import threading
from typing import TYPE_CHECKING, Any

from cwltool.context import LoadingContext, RuntimeContext
from cwltool.resolver import tool_resolver

from toil_plugin_cwl.containers import make_process

if TYPE_CHECKING:
    from toil_core.api import Config


def loading_context(options: Any) -> LoadingContext:
    """Return how to load documents.

    :param options: the options of the run.
    """
    context = LoadingContext()
    context.construct_tool_object = make_process
    context.resolver = tool_resolver
    context.strict = not options.nonStrict
    context.enable_dev = options.enableDev
    context.skip_schemas = options.skipSchemas
    context.doc_cache = not options.noDocCache
    context.relax_path_checks = options.relaxPathChecks
    context.disable_js_validation = options.disableJsValidation
    context.eval_timeout = options.evalTimeout
    context.singularity = options.cwlContainer == "singularity"
    context.podman = options.cwlContainer == "podman"
    return context


def shared_directory(config: Config) -> str:
    """Return the directory of a run whose jobs share files by their paths."""
    return os.path.join(config.workDir or tempfile.gettempdir(), f"toil-cwl-{config.workflowID}")


def runtime_context(config: Config | Any) -> RuntimeContext:
    """Return how to run tools, but for what each job adds of its own.

    :param config: the options of the run.
    """
    context = RuntimeContext()
    context.use_container = config.cwlContainer != "none"
    context.singularity = config.cwlContainer == "singularity"
    context.podman = config.cwlContainer == "podman"
    if config.cwlContainer == "udocker":
        context.user_space_docker_cmd = "udocker"
    if config.userSpaceDockerCmd:
        context.user_space_docker_cmd = config.userSpaceDockerCmd
    context.default_container = config.defaultContainer
    context.no_match_user = config.noMatchUser
    context.no_read_only = config.noReadOnly
    context.pull_image = not config.disablePull
    context.force_docker_pull = config.forceDockerPull
    context.custom_net = config.customNet
    context.rm_container = not config.leaveContainer
    context.strict_memory_limit = config.strictMemoryLimit
    context.strict_cpu_limit = config.strictCpuLimit
    context.preserve_environment = config.preserveEnvironment or None
    context.preserve_entire_environment = config.preserveEntireEnvironment
    context.compute_checksum = config.computeChecksum
    context.eval_timeout = config.evalTimeout
    context.js_console = config.jsConsole
    context.log_dir = config.logDir or ""
    context.move_outputs = "leave"
    context.rm_tmpdir = False
    context.workflow_eval_lock = threading.Condition(threading.RLock())
    if config.mpiConfigFile:
        from cwltool.mpi import MpiConfig

        context.mpi_config = MpiConfig.load(config.mpiConfigFile)
    return context
