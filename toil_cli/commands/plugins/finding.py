"""Finding an installed plugin by its name alone, of whatever kind it is."""

from __future__ import annotations

from difflib import get_close_matches

from toil_core.entry_points import KINDS
from toil_core.errors import UserError
from toil_core.known_plugins import distribution_for, plain
from toil_core.plugin_records import PluginRecord, inventory


def records_named(name: str) -> list[PluginRecord]:
    """Return what became of all plugins of a name; there may be one of each kind.

    :param name: what the user typed, also an alias or the name of a distribution.
    :raises UserError: if there is none; names what to install, or the nearest.
    """
    records = inventory()
    found = [record for record in records if plain(name) in _names(record)]
    found = found or [record for record in records if plain(record.entry.distribution) == plain(name)]
    if found:
        return found
    for distribution in filter(None, (distribution_for(kind, name) for kind in KINDS)):
        raise UserError(f"No plugin named '{name}' is installed.", f"Install it with: pip install {distribution}")
    known = {record.entry.name for record in records}
    near = get_close_matches(name, known, n=3)
    hint = f"Did you mean {' or '.join(repr(one) for one in near)}?" if near else "'toil plugins list' shows all."
    raise UserError(f"No plugin named '{name}' is installed.", hint)


def _names(record: PluginRecord) -> set[str]:
    aliases = getattr(record.spec, "aliases", ()) if record.spec is not None else ()
    return {plain(one) for one in (record.entry.name, *aliases)}
