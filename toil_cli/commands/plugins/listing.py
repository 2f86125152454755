"""`toil plugins list`: what is installed, from where, and whether it works."""

from __future__ import annotations

import json
from typing import Any

import click

from toil_core.entry_points import CORE
from toil_core.plugin_records import WORDS, PluginRecord, inventory, is_disabled

#: On a terminal of fewer columns, where a plugin comes from is left out.
_WIDE = 80


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def list_plugins(as_json: bool) -> None:
    """Load every installed plugin, and show what each one offers and whether it works."""
    records = inventory()
    if as_json:
        click.echo(json.dumps([as_dict(record) for record in records], indent=2))
    else:
        _print_table(records)


def as_dict(record: PluginRecord) -> dict[str, Any]:
    """Return what became of a plugin as what JSON can hold."""
    entry, spec = record.entry, record.spec
    return {
        "kind": entry.kind,
        "name": entry.name,
        "distribution": entry.distribution,
        "version": entry.version,
        "module": entry.module,
        "implementation": spec.implementation if spec is not None else None,
        "api_version": spec.api_version if spec is not None else None,
        "summary": spec.summary if spec is not None else None,
        "status": status_of(record),
        "error": record.error or None,
        "load_ms": round(record.seconds * 1000, 3),
    }


def status_of(record: PluginRecord) -> str:
    """Return the state of a plugin in a word."""
    if is_disabled(record.entry):
        return "disabled"
    return "broken" if record.error else "ok"


def _print_table(records: list[PluginRecord]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(soft_wrap=False)
    if not console.is_terminal:
        console = Console(width=max(160, console.width))
    is_wide = console.width >= _WIDE
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("KIND", "NAME", *(("FROM", "VERSION", "LOADED IN") if is_wide else ()), "WHAT IT IS"):
        is_number = title == "LOADED IN"
        can_wrap = not is_wide or title == "WHAT IT IS"
        table.add_column(title, no_wrap=not can_wrap, overflow="fold", justify="right" if is_number else "left")
    for record in records:
        entry = record.entry
        summary = record.spec.summary if record.spec is not None else ""
        what = Text(f"{status_of(record)}: it {record.error}", style="red") if record.error else Text(summary)
        origin = "core" if entry.distribution == CORE else entry.distribution
        details = (origin, entry.version, f"{record.seconds * 1000:.1f} ms") if is_wide else ()
        table.add_row(WORDS[entry.kind], entry.name, *details, what)
    console.print(table)
