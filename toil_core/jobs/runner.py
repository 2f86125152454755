"""`Job.Runner`: the documented short way from a root job and options to a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from toil_core.jobs.job import Job


class Runner:
    """Makes parsers and options for workflow scripts, and runs workflows."""

    @staticmethod
    def getDefaultArgumentParser(jobstore_as_flag: bool = False) -> ArgumentParser:
        """Return a parser with the job store and all Toil options.

        :param jobstore_as_flag: whether the job store is given as `--jobStore` instead of by position.
        """
        from toil_core.options.parsers import default_argument_parser
        from toil_core.plugins import plugin_options

        return default_argument_parser(jobstore_as_flag, plugin_options())

    @staticmethod
    def getDefaultOptions(jobStore: str | None = None) -> Namespace:
        """Return all options at their defaults.

        :param jobStore: the locator of the job store.
        """
        from toil_core.options.parsers import default_options
        from toil_core.plugins import plugin_options

        return default_options(jobStore, plugin_options())

    @staticmethod
    def addToilOptions(parser: Any, jobstore_as_flag: bool = False) -> None:
        """Add the job store and all Toil options to an argparse or optparse parser."""
        from toil_core.options.parsers import add_toil_options
        from toil_core.plugins import plugin_options

        add_toil_options(parser, plugin_options(), jobstore_as_flag)

    @staticmethod
    def startToil(job: Job, options: Any) -> Any:
        """Run, or with the restart option continue, a workflow.

        :param job: the root job.
        :returns: the root job's return value.
        :raises FailedJobsException: if jobs failed for good.
        """
        from toil_core.workflow import Toil

        with Toil(options) as toil:
            return toil.restart() if toil.options.restart else toil.start(job)
