"""What became of each installed plugin: its spec, or why it cannot be used.

A plugin's module is imported, and asked for its specs through pluggy, once, on its own, and with all exceptions caught:
one that is broken or was written for another version of the interface is recorded as such and harms nobody.
"""

from __future__ import annotations

import functools
import logging
import os
import time
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from toil_core.entry_points import Entry, all_entries, normalized
from toil_core.known_plugins import plain

if TYPE_CHECKING:
    import pluggy

    from toil_core.specs import PluginSpec

logger = logging.getLogger(__name__)

#: The environment variable with the names, separated by commas, of plugins or distributions to do without.
DISABLE_VARIABLE = "TOIL_DISABLE_PLUGINS"

WORDS = {
    "job_stores": "job store",
    "batch_systems": "batch system",
    "provisioners": "provisioner",
    "workflow_languages": "workflow language",
    "url_schemes": "URL scheme",
    "commands": "command",
    "observers": "observer",
}
_SPEC_TYPES = {
    "job_stores": "JobStoreSpec",
    "batch_systems": "BatchSystemSpec",
    "provisioners": "ProvisionerSpec",
    "workflow_languages": "WorkflowLanguageSpec",
    "url_schemes": "UrlSchemeSpec",
    "commands": "CommandSpec",
    "observers": "ObserverSpec",
}


class PluginRecord(NamedTuple):
    """What became of one name that a distribution offers.

    :ivar entry: the name and who offers it.
    :ivar spec: what its plugin says of it, or None where that could not be found out.
    :ivar error: why it cannot be used, the end of a sentence; empty where it can.
    :ivar seconds: how long the import of the plugin's module took.
    """

    entry: Entry
    spec: PluginSpec | None
    error: str
    seconds: float


def inventory() -> list[PluginRecord]:
    """Load every installed plugin and return what became of each of its names."""
    entries = all_entries()
    found = []
    for entry in entries:
        if is_disabled(entry):
            found.append(PluginRecord(entry, None, f"is switched off by {DISABLE_VARIABLE}.", 0.0))
        else:
            found.append(record_of(entry, rivals_of(entry, entries)))
    return found


def is_disabled(entry: Entry) -> bool:
    """Return whether the environment says to do without the plugin, by its name or by its distribution's."""
    listed = {normalized(name.strip()) for name in os.environ.get(DISABLE_VARIABLE, "").split(",") if name.strip()}
    distribution = normalized(entry.distribution)
    return bool(listed & {normalized(entry.name), distribution, distribution.removeprefix("toil-plugin-")})


def record_of(entry: Entry, rivals: tuple[str, ...] = ()) -> PluginRecord:
    """Load the plugin that offers a name, and return what became of it.

    :param rivals: other distributions that claim the name.
    """
    if rivals:
        others = " and ".join(rivals)
        return PluginRecord(entry, None, f"cannot be told from the one of {others}, which has the same name.", 0.0)
    return _record(entry)


def enabled_entries(kind: str) -> list[Entry]:
    return [entry for entry in all_entries() if entry.kind == kind and not is_disabled(entry)]


def rivals_of(entry: Entry, entries: list[Entry]) -> tuple[str, ...]:
    return tuple(
        other.distribution
        for other in entries
        if other.kind == entry.kind
        and plain(other.name) == plain(entry.name)
        and other.distribution != entry.distribution
        and not is_disabled(other)
    )


def usable_specs(entries: list[Entry]) -> Iterator[tuple[Entry, PluginSpec]]:
    everything = all_entries()
    for entry in entries:
        record = record_of(entry, rivals_of(entry, everything))
        if record.spec is not None and not record.error:
            yield entry, record.spec
        else:
            _warn(record)


@functools.cache
def _warn(record: PluginRecord) -> None:
    kind, name, _, distribution, _ = record.entry
    logger.warning("The %s '%s' of %s was left out: it %s", WORDS[kind], name, distribution, record.error)


@functools.cache
def _record(entry: Entry) -> PluginRecord:
    started = time.perf_counter()
    try:
        plugin = _plugin(entry.module)
        seconds = time.perf_counter() - started
        results = getattr(plugin.hook, f"toil_{entry.kind}")()
        specs = {spec.name: spec for result in results for spec in result}
    except (Exception, SystemExit) as error:
        return PluginRecord(entry, None, f"is broken: {in_words(error)}.", time.perf_counter() - started)
    spec = specs.get(entry.name)
    return PluginRecord(entry, spec, _fault(entry, spec), seconds)


def _fault(entry: Entry, spec: Any) -> str:
    from toil_core import specs

    if spec is None:
        return f"is broken: no spec of that name comes from toil_{entry.kind} in {entry.module}."
    if not isinstance(spec, getattr(specs, _SPEC_TYPES[entry.kind])):
        return f"is broken: toil_{entry.kind} returns {type(spec).__name__} for it, not {_SPEC_TYPES[entry.kind]}."
    if spec.api_version != specs.API_VERSION:
        return (
            f"was written for version {spec.api_version} of the plugin interface; "
            f"this Toil has version {specs.API_VERSION}."
        )
    return ""


@functools.cache
def _plugin(module: str) -> pluggy.PluginManager:
    return manager_of(import_attribute(module))


def manager_of(plugin: Any) -> pluggy.PluginManager:
    """Return a manager with this one plugin, so that its hooks can be called without any other's."""
    import pluggy

    from toil_core import hookspecs

    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin)
    manager.check_pending()
    return manager


def import_attribute(where: str) -> Any:
    module, _, attribute = where.partition(":")
    found: Any = import_module(module)
    for part in filter(None, attribute.split(".")):
        found = getattr(found, part)
    return found


def in_words(error: BaseException) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
