"""The commands of workflow languages: one for each, made of what the language's plugin says of it.

`toil cwl`, `toil run` with a document in CWL, and the program `toil-cwl-runner` are the same command. It takes Toil's
options and those of the language in any order; the first argument is the document, and what is left is the language's.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

import click

from toil_cli.arguments import JOB_STORE, PATH
from toil_cli.options import ToilOptionsCommand, click_options, given_options, nearest_options
from toil_core import plugins
from toil_core.errors import UserError
from toil_core.options.rendering import JOB_STORE_HELP
from toil_core.version import VERSION

if TYPE_CHECKING:
    from toil_core.options.option import Option
    from toil_core.specs import WorkflowLanguageSpec

_TYPED = "toil_cli.typed"
_AFTER_DASHES = "toil_cli.after_dashes"
_RUNNER = "-runner"


def runner() -> None:
    """Run the command of the language that this program, `toil-NAME-runner`, is named after, and end the process."""
    from toil_cli.main import run

    program = os.path.basename(sys.argv[0])
    name = program.removesuffix(".exe").removeprefix("toil-").removesuffix(_RUNNER)
    sys.exit(run(sys.argv[1:], command=lambda: language_command(_spec(name)), program=program))


def find_command(name: str) -> click.Command | None:
    """Return the command of a language, which has the language's name or that with `-runner` behind it, or None.

    :raises UserError: if the language's plugin cannot be used.
    """
    of_languages = plugins.names("workflow_languages")
    language = name if name in of_languages else name.removesuffix(_RUNNER)
    if language not in of_languages:
        return None
    spec = _spec(language)
    return language_command(spec) if spec.has_command else None


def named_language(name: str) -> WorkflowLanguageSpec:
    """Return the language that `--language` names.

    :raises UserError: if it is not installed or cannot be used.
    """
    return _spec(name)


def language_of(arguments: Sequence[str]) -> WorkflowLanguageSpec | None:
    """Return the language of the document among the arguments of a command line, or None if it has no own command.

    Each language is asked in turn what the document would be if it were in that language, since it depends on the
    options that there are what is an option's value.
    """
    from toil_core.options.catalogue import all_options

    for name in plugins.languages():
        options = (*all_options(), *_offered(name))
        document = first_argument(arguments, options)
        if document is None:
            continue
        try:
            spec = plugins.language_for(document)
        except UserError:
            continue
        if spec.name == name:
            return spec
    return None


def first_argument(arguments: Sequence[str], options: Iterable[Option]) -> str | None:
    """Return what is neither an option nor the value of one, the first of its kind; options nobody knows take none."""
    takes_value = {spelling: not option.is_flag for option in options for spelling in option.spellings}
    takes_value.update({"--jobStore": True, "--jobstore": True})
    expected = False
    for word in arguments:
        if word == "--":
            return None
        if word.startswith("-") and word != "-":
            expected = takes_value.get(word, False)
        elif not expected:
            return word
        else:
            expected = False
    return None


def language_command(spec: WorkflowLanguageSpec) -> click.Command:
    """Return the command that runs documents in a language."""
    about = f"{spec.summary}\n\n{spec.about}" if spec.about else spec.summary
    return LanguageCommand(
        spec.name,
        spec=spec,
        params=[
            click.Argument(["document"], type=PATH),
            click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED),
            click.Option(
                ["--jobStore", "--jobstore", "job_store"],
                type=JOB_STORE,
                metavar="LOCATOR",
                help=f"{JOB_STORE_HELP} (default: a temporary one, removed after a success)",
            ),
        ],
        callback=_run,
        help=about,
        short_help=spec.summary,
        context_settings={"ignore_unknown_options": spec.input_flags},
    )


class LanguageCommand(ToilOptionsCommand):
    """The command of a language.

    :param spec: the language.
    """

    def __init__(self, name: str, *, spec: WorkflowLanguageSpec, **settings: Any) -> None:
        super().__init__(name, **settings)
        self.spec = spec

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return all parameters; Toil's options and the language's are made when they are first asked for."""
        made = "toil_cli.language_params"
        if made not in ctx.meta:
            from toil_core.options.catalogue import all_options

            own = plugins.plugin_options(self.spec.name)
            ctx.meta[made] = [*click_options((*all_options(), *own)), _version_option(ctx)]
        found: list[click.Parameter] = ctx.meta[made]
        return [*self.params, *found, *filter(None, [self.get_help_option(ctx)])]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what comes after `--` for the language's, and the rest for ours where it is.

        :raises click.UsageError: if there is an option, before the document, that nobody knows.
        """
        ctx.meta[_TYPED] = list(args)
        ctx.meta[_AFTER_DASHES] = []
        if "--" in args:
            at = args.index("--")
            ctx.meta[_AFTER_DASHES], args = args[at + 1 :], args[:at]
        try:
            left = super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise self._unknown(ctx, error.option_name) from None
        document = ctx.params.get("document")
        if document and document.startswith("-") and document != "-":
            raise self._unknown(ctx, document.partition("=")[0])
        return left

    def _unknown(self, ctx: click.Context, name: str) -> click.UsageError:
        near = nearest_options(name, self, ctx)
        maybe = f" Did you mean {' or '.join(near)}?" if near else ""
        own = " Options of the document's own come after it." if self.spec.input_flags else ""
        return click.UsageError(f"There is no option {name}.{maybe}{own}", ctx)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return what the usage line says after the name of the command."""
        return [self.spec.usage]


@click.pass_context
def _run(ctx: click.Context, document: str, arguments: tuple[str, ...], job_store: str | None) -> int:
    from toil_core.languages.run_settings import new_locator
    from toil_core.options.invocation import set_invocation
    from toil_core.options.layers import below_command_line

    command = cast(LanguageCommand, ctx.command)
    check_document(document)
    values = given_options(ctx)
    set_invocation(values, None, False, language=command.spec.name)
    settled = below_command_line(plugins.plugin_options()).values
    if settled["restart"] and job_store is None:
        raise UserError(
            "--restart has to know the job store of the run to continue.", "Name it with --jobStore; a run tells it."
        )
    locator = job_store or new_locator(settled)
    if job_store is None and (settled["stats"] or settled["clean"] in ("never", "onError")):
        click.echo(f"toil: The job store of this run is {locator}", err=True)
    to_continue = continuing_command(ctx.command_path, ctx.meta[_TYPED], locator if job_store is None else None)
    set_invocation(values, locator, job_store is not None, to_continue, command.spec.name)
    return int(plugins.load(command.spec)(document, [*arguments, *ctx.meta[_AFTER_DASHES]]))


def check_document(document: str) -> None:
    """Check that a document that is named by a path is there.

    :raises UserError: if it is not.
    """
    from toil_core.languages.documents import is_url, without_fragment

    file, _ = without_fragment(document)
    if document == "-" or is_url(file) or os.path.isfile(file):
        return
    if os.path.isdir(file):
        raise UserError(f"'{file}' is a directory, not a workflow.", "Name the document inside of it.")
    if not os.path.exists(file):
        raise UserError(f"The document '{file}' does not exist.", "Check its path; it comes before its inputs.")


def continuing_command(command: str, typed: list[str], locator: str | None) -> str:
    """Return the command line that continues a run.

    :param command: what was typed before the arguments.
    :param typed: the arguments.
    :param locator: the job store, where it was not typed.
    """
    end = typed.index("--") if "--" in typed else len(typed)
    before, after = typed[:end], typed[end:]
    if locator is not None:
        before += ["--jobStore", locator]
    if "--restart" not in before:
        before.append("--restart")
    return f"{command} {shlex.join([*before, *after])}"


def _spec(name: str) -> WorkflowLanguageSpec:
    return cast("WorkflowLanguageSpec", plugins.find("workflow_languages", name))


def _offered(language: str) -> list[Option]:
    return [option for option in plugins.plugin_options(language) if not option.elsewhere]


def _version_option(ctx: click.Context) -> click.Option:
    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            click.echo(f"{ctx.find_root().info_name} {VERSION}")
            ctx.exit()

    return click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show, help="Show the version."
    )
