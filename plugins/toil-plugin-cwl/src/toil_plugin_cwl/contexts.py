"""The options of a run as cwltool wants to have them: how to load documents, and how to run tools."""

from __future__ import annotations

import os
import tempfile
import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from cwltool.context import LoadingContext, RuntimeContext
from cwltool.resolver import tool_resolver

from toil_plugin_cwl.containers import make_process
from toil_plugin_cwl.errors import UnsupportedError

if TYPE_CHECKING:
    from cwltool.software_requirements import DependenciesConfiguration

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
    if config.defaultContainer:
        context.default_container = config.defaultContainer
        context.find_default_container = lambda _: str(config.defaultContainer)
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
    if config.betaCondaDependencies or config.betaDependencyResolversConfiguration:
        context.job_script_provider = _dependencies(config)
    if config.mpiConfigFile:
        from cwltool.mpi import MpiConfig

        context.mpi_config = MpiConfig.load(config.mpiConfigFile)
    return context


def check_dependencies(options: Any) -> None:
    """See that software can be found as the options ask for it.

    :raises UnsupportedError: if what does that is not installed.
    """
    wanted = options.betaCondaDependencies or options.betaDependencyResolversConfiguration
    if wanted and find_spec("galaxy") is None:
        raise UnsupportedError(
            "SoftwareRequirement is resolved by a library that is not installed.", "Run: pip install 'cwltool[deps]'"
        )


def _dependencies(config: Config | Any) -> DependenciesConfiguration:
    """Return what finds or installs the software that tools name."""
    from argparse import Namespace

    from cwltool.software_requirements import DependenciesConfiguration

    return DependenciesConfiguration(
        Namespace(
            beta_dependency_resolvers_configuration=config.betaDependencyResolversConfiguration,
            beta_dependencies_directory=config.betaDependenciesDirectory,
            beta_conda_dependencies=config.betaCondaDependencies or None,
        )
    )
