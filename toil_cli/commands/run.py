"""`toil run`: finds out what language a workflow is in and hands it over, with the options and a job store.

What is in a language that has a command of its own is left to that command, with all that was typed.
"""

from __future__ import annotations

import os
import shlex
from typing import Any, NoReturn

import click

from toil_cli import languages
from toil_cli.arguments import JOB_STORE, PATH
from toil_cli.options import ToilOptionsCommand, click_options, given_options, nearest_options
from toil_core import plugins
from toil_core.errors import UserError

_SCRIPT_ARGUMENTS = "toil_cli.script_arguments"
_TYPED = "toil_cli.typed"


class RunCommand(ToilOptionsCommand):
    """`toil run`, with the options of the core and of all plugins but those of other languages, and the script's own
    arguments after `--`.
    """

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Return the context of this command, or that of the language which the document is in."""
        rest, name = _without_language(args)
        language = languages.named_language(name) if name else languages.language_of(rest)
        if language is None or not language.has_command:
            if language is not None:
                extra["obj"] = language
            return super().make_context(info_name, rest, parent, **extra)
        # What continues the run has to find the language, too.
        return languages.language_command(language).make_context(name or info_name, rest, parent, **extra)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return all parameters; Toil's options are made when they are first asked for."""
        if not ctx.meta.get("toil_cli.run_params"):
            from toil_core.options.catalogue import all_options

            ctx.meta["toil_cli.run_params"] = click_options((*all_options(), *plugins.plugin_options()))
        found: list[click.Parameter] = ctx.meta["toil_cli.run_params"]
        return [*self.params, *found, *filter(None, [self.get_help_option(ctx)])]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what comes after `--` for the script's, and the rest for ours.

        :raises click.UsageError: if there is something that is not ours.
        """
        ctx.meta[_TYPED] = list(args)
        if "--" in args:
            at = args.index("--")
            ctx.meta[_SCRIPT_ARGUMENTS] = args[at + 1 :]
            args = args[:at]
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            near = nearest_options(error.option_name, self, ctx)
            maybe = f" Did you mean {' or '.join(near)}?" if near else ""
            message = f"There is no option {error.option_name}.{maybe} The script's own arguments go after '--'."
            raise click.UsageError(message, ctx) from None

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return what the usage line says after the name of the command."""
        return ["SCRIPT", "[JOBSTORE]", "[OPTIONS]", "[-- SCRIPT ARGUMENTS]"]


@click.command(cls=RunCommand)
@click.argument("script", type=PATH)
@click.argument("jobstore", type=JOB_STORE, required=False)
@click.argument("surplus", nargs=-1)
@click.option("--language", metavar="LANGUAGE", expose_value=False, help="The workflow's language, whatever its name.")
@click.pass_context
def run(ctx: click.Context, script: str, jobstore: str | None, surplus: tuple[str, ...]) -> int:
    """Run the workflow in SCRIPT.

    The ending of the file's name tells the language. JOBSTORE is where the workflow keeps its files and its state, such
    as file:store; without one, it is made in the current directory and removed after a success. What comes after '--'
    is for the script.

    \b
    toil run sort.py                                  run, in a new job store
    toil run sort.py file:store                       run in the directory 'store'
    toil run sort.py file:store --restart             continue what failed or was killed
    toil run sort.py --retryCount 3 --maxCores 8      try jobs up to four times, on eight cores
    toil run sort.py --logDebug --writeLogs logs      see everything, keep each job's log
    toil run sort.py -- --fileToSort numbers.txt      hand an argument to the script
    """
    if surplus:
        raise click.UsageError(
            f"'{surplus[0]}' is neither the script nor the job store. The script's own arguments go after '--'.", ctx
        )
    language = (ctx.obj or plugins.language_for(script)) if os.path.isfile(script) else _missing(script)
    values = given_options(ctx)
    locator = jobstore or _new_locator(script, restart=bool(values.get("restart")))

    from toil_core.options.invocation import set_invocation

    to_continue = continuing_command(ctx.meta[_TYPED], script, locator if jobstore is None else None)
    set_invocation(values, locator, jobstore is not None, to_continue)
    return int(plugins.load(language)(script, ctx.meta.get(_SCRIPT_ARGUMENTS, [])))


def _without_language(arguments: list[str]) -> tuple[list[str], str]:
    """Return the arguments without `--language`, and the language that it names, empty where it is not given.

    :raises click.UsageError: if no name follows it.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    for at, word in enumerate(arguments[:end]):
        if word.startswith("--language="):
            return [*arguments[:at], *arguments[at + 1 :]], word.partition("=")[2]
        if word == "--language":
            if at + 1 >= end:
                raise click.UsageError("--language has to be followed by the name of a workflow language.")
            return [*arguments[:at], *arguments[at + 2 :]], arguments[at + 1]
    return arguments, ""


def continuing_command(typed: list[str], script: str, locator: str | None) -> str:
    """Return the command line that continues a run.

    :param typed: what was typed after `toil run`.
    :param script: the script, which is among it.
    :param locator: the job store, where it was not typed.
    """
    end = typed.index("--") if "--" in typed else len(typed)
    before, after = typed[:end], typed[end:]
    if locator is not None:
        before.insert(len(before) - before[::-1].index(script), locator)
    if "--restart" not in before:
        before.append("--restart")
    return shlex.join(["toil", "run", *before, *after])


def _missing(script: str) -> NoReturn:
    if os.path.isdir(script):
        raise UserError(f"'{script}' is a directory, not a workflow.", "Name the script inside of it.")
    raise UserError(f"The script '{script}' does not exist.", "Check its path; it comes before the job store.")


def _new_locator(script: str, *, restart: bool) -> str:
    """Return a job store that is not there yet, named after the script.

    :raises UserError: if a run is to be continued, for which the job store has to be named.
    """
    stem = "toil-" + os.path.splitext(os.path.basename(script))[0]
    if restart:
        before = [name for name in os.listdir() if name.startswith(stem + "-") and os.path.isdir(name)]
        newest = max(before, key=os.path.getmtime, default="STORE")
        raise UserError(
            "--restart has to know the job store of the run to continue.",
            f"Name it after the script: toil run {script} file:{newest} --restart",
        )
    while True:
        path = os.path.abspath(f"{stem}-{os.urandom(3).hex()}")
        if not os.path.lexists(path):
            return f"file:{path}"
