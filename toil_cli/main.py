"""The root of the command tree: what commands there are, and how all of them end when something goes wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

import click

from toil_cli.lazy import LazyGroup
from toil_core.console import current_job_store, report_error, report_interrupt, say
from toil_core.entry_points import CORE, all_entries
from toil_core.errors import ToilError
from toil_core.version import VERSION

COMMANDS = {
    "run": ("toil_cli.commands.run:run", "Run a workflow."),
    "status": ("toil_cli.commands.status:status", "Tell how far a workflow has come."),
    "stats": ("toil_cli.commands.stats:stats", "Show how much time, memory and disk the jobs of a workflow used."),
    "history": ("toil_cli.commands.history:history", "List the runs on this machine, and what became of them."),
    "kill": ("toil_cli.commands.kill:kill", "Stop a workflow that runs."),
    "clean": ("toil_cli.commands.clean:clean", "Delete a job store and all that is in it."),
    "why": ("toil_cli.commands.why:why", "Tell why a job waits, ran again or failed."),
    "graph": ("toil_cli.commands.graph:graph", "Draw the jobs of a workflow."),
    "report": ("toil_cli.commands.report:report", "Write a page that shows how a workflow went."),
    "debug-job": ("toil_cli.commands.debug_job:debug_job", "Run one job again here, without touching the job store."),
    "debug-file": ("toil_cli.commands.debug_file:debug_file", "List or fetch the files in a job store."),
    "config": ("toil_cli.commands.config:config", "Write a configuration file with every option in it."),
    "plugins": ("toil_cli.commands.plugins:plugins", "Show what is installed: batch systems, job stores and so on."),
    "completion": ("toil_cli.commands.completion:completion", "Print the script that makes a shell complete commands."),
    "version": ("toil_cli.commands.version:version", "Print the version."),
}

#: What click raises for a command that shows its help when nothing is said; click before 8.2 shows it by itself.
_NO_ARGUMENTS: tuple[()] | type[click.UsageError] = getattr(click.exceptions, "NoArgsIsHelpError", ())


class ToilGroup(LazyGroup):
    """The commands above, those of workflow languages, and those of plugins; plugins are asked where there are any."""

    def summaries(self) -> dict[str, str]:
        """Return the names of all commands, those of plugins last, with what they do."""
        found = super().summaries()
        entries = all_entries()
        for entry in entries:
            if entry.kind == "workflow_languages" and entry.distribution != CORE:
                found.setdefault(entry.name, f"Run a workflow in the language {entry.name.upper()}.")
        if any(entry.kind == "commands" for entry in entries):
            from toil_core import plugins

            found.update((name, text) for name, text in plugins.commands().items() if name not in found)
        return found

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or return None if there is none of that name.

        :raises UserError: if it is the command of a plugin that cannot be used.
        """
        command = super().get_command(ctx, cmd_name)
        if command is None and any(entry.kind == "commands" and entry.name == cmd_name for entry in all_entries()):
            from toil_core import plugins

            loaded = plugins.load(plugins.find("commands", cmd_name))
            return loaded if isinstance(loaded, click.Command) else None
        if command is None:
            from toil_cli.languages import find_command

            return find_command(cmd_name)
        return command

    def unknown(self, name: str) -> str:
        """Return what to tell someone who typed a command that does not exist."""
        from toil_core.known_plugins import distribution_for

        distribution = distribution_for("commands", name)
        distribution = distribution or distribution_for("workflow_languages", name.removesuffix("-runner"))
        if distribution:
            return f"The command 'toil {name}' is not installed. Install it with: pip install {distribution}"
        return super().unknown(name)


@click.group(
    cls=ToilGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="'toil COMMAND --help' tells more about a command.",
)
@click.version_option(VERSION, message="toil %(version)s")
def cli() -> None:
    """Run workflows on one machine, on clusters and in clouds.

    \b
    toil run sort.py               run a workflow, in a job store that is made for it
    toil run sort.py file:store    run it in this job store
    toil status file:store         see how far it has come
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process.

    :param arguments: what comes after `toil`, by default what the process was started with.
    """
    sys.exit(run(arguments))


def run(
    arguments: Sequence[str] | None = None, command: Callable[[], click.Command] = lambda: cli, program: str = "toil"
) -> int:
    """Run the command line.

    :param arguments: what comes after the program's name, by default what the process was started with.
    :param command: returns the command that the program stands for.
    :param program: the program's name.
    :returns: the exit status.
    """
    try:
        status = command().main(args=arguments, prog_name=program, standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.UsageError as error:
        return _report_usage(error)
    except click.ClickException as error:
        say(f"toil: error: {error.format_message()}")
        return error.exit_code
    except ToilError as error:
        return report_error(error)
    except (click.Abort, KeyboardInterrupt) as error:
        return report_interrupt(current_job_store(), error.__cause__ or error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _report_usage(error: click.UsageError) -> int:
    if isinstance(error, _NO_ARGUMENTS):
        error.show(file=sys.stderr)
        return error.exit_code
    say(f"toil: error: {_message(error)}")
    if error.ctx is not None:
        say(f"'{error.ctx.command_path} --help' shows how it is used.")
    return error.exit_code


def _message(error: click.UsageError) -> str:
    if not isinstance(error, click.NoSuchOption):
        return error.format_message()
    near = f" Did you mean {' or '.join(sorted(error.possibilities))}?" if error.possibilities else ""
    return f"There is no option {error.option_name}.{near}"
