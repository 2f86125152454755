"""`toil plugins info`: all that a plugin says of itself, and whether what it names can be loaded."""

from __future__ import annotations

import json
import time
from dataclasses import fields
from typing import Any

import click

from toil_cli.commands.plugins.finding import records_named
from toil_cli.commands.plugins.listing import as_dict, status_of
from toil_core.errors import UserError
from toil_core.options.option import Option
from toil_core.plugin_records import WORDS, PluginRecord
from toil_core.plugins import load
from toil_core.specs import PluginSpec

#: What is shown in a way of its own.
_APART = {"name", "implementation", "summary", "options", "api_version"}
#: Text of several lines, which is for the help of a command.
_TOO_LONG = {"about"}


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def info(name: str, as_json: bool) -> None:
    """Show all that the plugin NAME says of itself: where it is from, its options, and what is wrong with it."""
    records = records_named(name)
    if as_json:
        click.echo(json.dumps([_details(record) for record in records], indent=2, default=str))
        return
    for number, record in enumerate(records):
        if number:
            click.echo()
        _print(record)


def _details(record: PluginRecord) -> dict[str, Any]:
    details = as_dict(record)
    if record.spec is not None:
        details |= _declared(record.spec)
        details["options"] = [_option_details(option) for option in record.spec.options]
        details |= _loaded(record.spec)
    return details


def _declared(spec: PluginSpec) -> dict[str, Any]:
    """Return what a spec of its kind says beyond what all specs say."""
    return {field.name: getattr(spec, field.name) for field in fields(spec) if field.name not in _APART}


def _option_details(option: Option) -> dict[str, Any]:
    return {
        "name": option.name,
        "flags": list(option.spellings),
        "variable": option.variable or None,
        "default": option.default,
        "help": option.help,
        "hidden": option.hidden,
    }


def _loaded(spec: PluginSpec) -> dict[str, Any]:
    """Return what comes of importing the implementation, and what that declares."""
    started = time.perf_counter()
    try:
        implementation = load(spec)
    except UserError as error:
        return {"implementation_error": error.message}
    found: dict[str, Any] = {"implementation_load_ms": round((time.perf_counter() - started) * 1000, 3)}
    capabilities = getattr(implementation, "capabilities", None)
    if capabilities is not None:
        found["capabilities"] = {one.name: getattr(capabilities, one.name) for one in fields(capabilities)}
    return found


def _print(record: PluginRecord) -> None:
    entry, details = record.entry, _details(record)
    click.echo(f"{WORDS[entry.kind]} '{entry.name}': {status_of(record)}")
    if record.error:
        click.secho(f"  It {record.error}", fg="red")
    if details["summary"]:
        click.echo(f"  {details['summary']}")
    rows = [
        ("distribution", f"{entry.distribution} {entry.version}".strip()),
        ("interface version", details["api_version"]),
        ("module", f"{entry.module}, loaded in {details['load_ms']:.1f} ms"),
        ("implementation", _implementation(details)),
    ]
    if record.spec is not None:
        rows += [
            (name.replace("_", " "), _shown(value))
            for name, value in _declared(record.spec).items()
            if name not in _TOO_LONG
        ]
    can = [name.replace("_", " ") for name, does in details.get("capabilities", {}).items() if does]
    rows.append(("capabilities", ", ".join(can)))
    for title, value in rows:
        if value not in (None, "", ()):
            click.echo(f"  {title + ':':<19}{value}")
    _print_options(details.get("options", []))


def _implementation(details: dict[str, Any]) -> str:
    where = details["implementation"]
    if not where:
        return ""
    if "implementation_error" in details:
        return click.style(f"{where} -- {details['implementation_error']}", fg="red")
    return f"{where}, loaded in {details['implementation_load_ms']:.1f} ms"


def _shown(value: Any) -> Any:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def _print_options(options: list[dict[str, Any]]) -> None:
    if options:
        click.echo("  options:")
    for option in options:
        default = f" (default: {option['default']})" if option["default"] not in (None, "", [], False) else ""
        variable = f"  [{option['variable']}]" if option["variable"] else ""
        click.echo(f"    {', '.join(option['flags'])}{variable}{default}")
        click.echo(f"        {option['help']}")
