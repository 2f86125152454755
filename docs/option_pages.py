"""Makes the pages of commands, of options and of their environment variables from what they are declared as."""

from __future__ import annotations

from pathlib import Path

import click

from toil_cli.main import COMMANDS, cli
from toil_core.options.catalogue import GROUPS, all_options
from toil_core.options.option import Option

#: How many columns the help of commands may take.
WIDTH = 88


def options_page() -> str:
    """Return every option that is shown, under its heading."""
    parts = []
    for title, about in GROUPS.items():
        parts.append(f"## {title}\n\n{about}\n")
        parts += [_entry(option) for option in all_options() if option.group == title and not option.hidden]
    return "\n".join(parts)


def variables_table() -> str:
    """Return a table of the environment variables that set options."""
    rows = [f"| `{option.variable}` | `{option.spellings[0]}` |" for option in all_options() if option.variable]
    return "\n".join(["| variable | option |", "|---|---|", *rows, ""])


def commands_page() -> str:
    """Return a table of all commands, and below it what each one says about itself."""
    context = click.Context(cli, info_name="toil")
    commands = {name: cli.get_command(context, name) for name in COMMANDS}
    rows = [f"| [`toil {name}`](#toil-{name}) | {summary} |" for name, (_, summary) in COMMANDS.items()]
    parts = ["\n".join(["| command | what it does |", "|---|---|", *rows, ""])]
    for name, command in commands.items():
        assert command is not None
        short = click.Context(command, info_name=f"toil {name}", max_content_width=WIDTH, terminal_width=WIDTH)
        text = f"{command.get_usage(short)}\n" if name == "run" else command.get_help(short)
        parts.append(f"## toil {name}\n\n```text\n{text.rstrip()}\n```\n")
    return "\n".join(parts)


def write(directory: Path) -> None:
    """Write all of them, for pages to include."""
    directory.mkdir(exist_ok=True)
    (directory / "options.md").write_text(options_page())
    (directory / "commands.md").write_text(commands_page())
    (directory / "variables.md").write_text(variables_table())


def _entry(option: Option) -> str:
    value = "" if option.is_flag else f" {option.metavar}"
    spellings = ", ".join(f"`{spelling}{value}`" for spelling in option.spellings)
    facts = []
    if option.choices:
        facts.append("One of " + ", ".join(f"`{choice}`" for choice in option.choices) + ".")
    if option.repeatable:
        facts.append("May be given several times.")
    if option.shown_default:
        facts.append(f"Default: {option.shown_default}.")
    if option.variable:
        facts.append(f"Variable: `{option.variable}`.")
    return f"{spellings}\n: {' '.join([option.help, *facts])}\n"
