"""What is special about running tools in containers here: podman for the superuser, who has no namespace of users."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import TYPE_CHECKING

from cwltool.command_line_tool import CommandLineTool
from cwltool.docker import PodmanCommandLineJob
from cwltool.workflow import default_make_tool

if TYPE_CHECKING:
    from cwltool.context import LoadingContext, RuntimeContext
    from cwltool.job import JobBase
    from cwltool.process import Process
    from ruamel.yaml.comments import CommentedMap

_KEEP_USER = "--userns=keep-id"


class PodmanJob(PodmanCommandLineJob):
    """Runs a command in podman, as cwltool does, but also for the superuser, whose ID podman does not map."""

    def create_runtime(
        self, env: MutableMapping[str, str], runtimeContext: RuntimeContext
    ) -> tuple[list[str], str | None]:
        """Return the beginning of the command line, and the file that the container's ID is written to."""
        runtime, id_file = super().create_runtime(env, runtimeContext)
        if os.geteuid() == 0:
            runtime = [word for word in runtime if word != _KEEP_USER]
        return runtime, id_file


class Tool(CommandLineTool):
    """A tool whose containers are run as above."""

    def make_job_runner(self, runtimeContext: RuntimeContext) -> type[JobBase]:
        """Return what runs the command."""
        runner = super().make_job_runner(runtimeContext)
        return PodmanJob if runner is PodmanCommandLineJob else runner


def make_process(toolpath_object: CommentedMap, loadingContext: LoadingContext) -> Process:
    """Return the process that a document describes."""
    if toolpath_object.get("class") == "CommandLineTool":
        return Tool(toolpath_object, loadingContext)
    return default_make_tool(toolpath_object, loadingContext)
