"""The parsers and default options that scripts ask for."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING

from toil_core.options.errors import OptionError
from toil_core.options.invocation import current_invocation
from toil_core.options.layers import below_command_line
from toil_core.options.option import Option

if TYPE_CHECKING:
    from optparse import OptionParser


def add_toil_options(
    parser: ArgumentParser | OptionParser, extra: Iterable[Option] = (), jobstore_as_flag: bool = False
) -> None:
    """Add the job store and all options to a parser.

    A mistake in the environment or in the configuration file that it names ends the program the way a mistake on the
    command line does.

    :param parser: an `argparse` or an `optparse` parser.
    :param extra: options of plugins.
    :param jobstore_as_flag: whether an `argparse` parser takes the job store as `--jobStore` instead of by position.
    """
    more = tuple(extra)
    try:
        layers = below_command_line(more)
    except OptionError as error:
        parser.error(str(error))
    if isinstance(parser, ArgumentParser):
        from toil_core.options import argparse_options

        argparse_options.add_job_store(parser, jobstore_as_flag)
        argparse_options.add_options(parser, layers, more)
    else:
        from toil_core.options import optparse_options

        optparse_options.add_job_store(parser)
        optparse_options.add_options(parser, layers, more)


def default_argument_parser(jobstore_as_flag: bool = False, extra: Iterable[Option] = ()) -> ArgumentParser:
    """Return a parser with the job store and all options.

    :param jobstore_as_flag: whether the job store is given as `--jobStore` instead of by position.
    :param extra: options of plugins.
    """
    from toil_core.options.argparse_options import ToilArgumentParser
    from toil_core.version import VERSION

    parser = ToilArgumentParser(description="A workflow that runs on Toil.")
    parser.add_argument("--version", action="version", version=VERSION)
    add_toil_options(parser, extra, jobstore_as_flag)
    return parser


def default_options(jobStore: str | None = None, extra: Iterable[Option] = ()) -> Namespace:
    """Return every option as it is when no command line is read.

    :param jobStore: the locator of the job store; one named to `toil run` beats it.
    :param extra: options of plugins.
    :raises OptionError: if the environment, or the configuration file that it names, says something unusable.
    """
    values = below_command_line(extra).values
    return Namespace(jobStore=current_invocation().job_store(jobStore), **values)
