"""Makes the pages of options and of their environment variables from the catalogue of options, in Markdown."""

from __future__ import annotations

from pathlib import Path

from toil_core.options.catalogue import GROUPS, all_options
from toil_core.options.option import Option


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


def write(directory: Path) -> None:
    """Write both, for pages to include."""
    directory.mkdir(exist_ok=True)
    (directory / "options.md").write_text(options_page())
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
