"""The words about options: help texts, headings, and the reference page; the same whoever shows them."""

from __future__ import annotations

from collections.abc import Iterable

from toil_core.options.catalogue import GROUPS, all_options
from toil_core.options.option import Option

ELSEWHERE = (
    "Every option that takes a value, and every switch, can also be set in the environment (--retryCount as "
    "TOIL_RETRY_COUNT) and in a YAML file (--config). The command line wins over the environment, and that over the "
    "file."
)

JOB_STORE_HELP = (
    "Where the workflow keeps its jobs and files: file:path, or just a path, for a directory; other kinds of job store "
    "are plugins."
)


def help_text(option: Option) -> str:
    """Return the help of an option with its choices, its default, and a variable of an unusual name."""
    words = option.help
    if option.choices:
        words += f" One of {', '.join(option.choices)}."
    notes = [f"default: {option.shown_default}"] if option.shown_default else []
    if option.env:
        notes.append(f"environment: {option.env}")
    return f"{words} ({'; '.join(notes)})" if notes else words


def by_group(extra: Iterable[Option] = ()) -> dict[str, list[Option]]:
    """Return all options that mean something in this run under their headings, the core's headings first.

    :param extra: options of plugins.
    """
    groups: dict[str, list[Option]] = {title: [] for title in GROUPS}
    for option in (*all_options(), *extra):
        if option.elsewhere:
            continue
        groups.setdefault(option.group, []).append(option)
    return groups


def about(title: str) -> str:
    """Return what a heading is about, or nothing for a plugin's."""
    words = GROUPS.get(title, "")
    return f"{words} {ELSEWHERE}" if title == next(iter(GROUPS)) else words


def reference_page(extra: Iterable[Option] = ()) -> str:
    """Return a page in Markdown with a table for each heading: option, default, environment variable, what it does.

    :param extra: options of plugins.
    """
    lines = ["# Options", "", ELSEWHERE]
    for title, options in by_group(extra).items():
        lines += ["", f"## {title}", ""]
        if title in GROUPS:
            lines += [GROUPS[title], ""]
        lines += ["| option | default | environment | what it does |", "| --- | --- | --- | --- |"]
        lines += [_row(option) for option in options if not option.hidden]
    return "\n".join(lines) + "\n"


def _row(option: Option) -> str:
    spelled = ", ".join(f"`{spelling}`" for spelling in option.spellings)
    if not option.is_flag:
        spelled += f" *{option.metavar}*" if option.const is None else f" [*{option.metavar}*]"
    words = option.help
    if option.choices:
        words += f" One of {', '.join(f'`{choice}`' for choice in option.choices)}."
    variable = f"`{option.variable}`" if option.variable else ""
    cells = (spelled, option.shown_default, variable, words)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
