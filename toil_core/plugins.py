"""Finding and loading plugins: by name, when they are chosen, and never with the power to take the rest down.

Names come from `entry_points.py` and import nothing. A name that is chosen has its plugin's module imported and asked,
through pluggy, for its spec; the implementation that the spec names is imported last, by `load`. A plugin that is broken
or was written for another version of the interface is passed over with a warning, and explained when it is chosen.
"""

from __future__ import annotations

import functools
import logging
import os
import time
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from toil_core.entry_points import CORE, KINDS, Entry, all_entries, normalized
from toil_core.errors import UserError
from toil_core.known_plugins import distribution_for, known_names, plain

if TYPE_CHECKING:
    import pluggy

    from toil_core.observe.bus import MessageBus
    from toil_core.options.config import Config
    from toil_core.options.option import Option
    from toil_core.specs import PluginSpec, WorkflowLanguageSpec

logger = logging.getLogger(__name__)

#: The environment variable with the names, separated by commas, of plugins or distributions to do without.
DISABLE_VARIABLE = "TOIL_DISABLE_PLUGINS"

_WORDS = {
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


class UnknownPluginError(UserError):
    """Nothing that is installed has this name.

    :param kind: what was looked for, one of `KINDS`.
    :param name: what the user typed.
    :param nearest: installed names that are spelled like it.
    """

    def __init__(self, kind: str, name: str, nearest: list[str], hint: str) -> None:
        missing = "is not installed" if distribution_for(kind, name) else "does not exist"
        super().__init__(f"The {_WORDS[kind]} '{name}' {missing}.", hint)
        self.kind = kind
        self.name = name
        self.nearest = nearest


class PluginError(UserError):
    """A plugin that was chosen cannot be used.

    :param entry: the name that was chosen and the distribution that offers it.
    :param reason: why it cannot be used, the end of a sentence.
    """

    def __init__(self, entry: Entry, reason: str, hint: str = "") -> None:
        super().__init__(f"The {_WORDS[entry.kind]} '{entry.name}' of {entry.distribution} {reason}", hint)
        self.entry = entry
        self.reason = reason


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


# Choosing


def names(kind: str) -> list[str]:
    """Return the names of the installed plugins of a kind (one of `KINDS`) in alphabetical order."""
    return sorted({entry.name for entry in _enabled(kind)})


def find(kind: str, name: str) -> PluginSpec:
    """Return the spec of the plugin that a user chose.

    :param kind: one of `KINDS`.
    :param name: what the user typed; case, `-` and `_` do not matter.
    :raises UnknownPluginError: if nothing of that name is installed; names the nearest, and what to install.
    :raises PluginError: if it is switched off, claimed by two distributions, broken or incompatible.
    """
    of_kind = [entry for entry in all_entries() if entry.kind == kind]
    matching = [entry for entry in of_kind if entry.name == name]
    matching = matching or [entry for entry in of_kind if plain(entry.name) == plain(name)]
    if not matching:
        return _find_alias(kind, name)
    enabled = [entry for entry in matching if not is_disabled(entry)]
    if not enabled:
        raise PluginError(matching[0], f"is switched off by {DISABLE_VARIABLE}.", "Take it out of that variable.")
    record = record_of(enabled[0], _rivals(enabled[0], enabled))
    if record.spec is None or record.error:
        raise PluginError(record.entry, record.error, _remedy(record))
    return record.spec


def load(plugin: PluginSpec | str) -> Any:
    """Import what a spec, or a `"package.module:attribute"` string, names as the implementation.

    :raises PluginUnloadableError: if it cannot be imported.
    """
    where = plugin if isinstance(plugin, str) else plugin.implementation
    try:
        return _import(where)
    except Exception as error:
        name = "" if isinstance(plugin, str) else plugin.name
        raise PluginUnloadableError(name, where, error) from error


class PluginUnloadableError(UserError):
    """The implementation that a plugin names cannot be imported.

    :param name: the plugin, empty where it is not known.
    :param where: the module and attribute.
    """

    def __init__(self, name: str, where: str, error: Exception) -> None:
        whose = f" of the plugin '{name}'" if name else ""
        super().__init__(
            f"{where}{whose} cannot be imported: {_in_words(error)}.",
            "Reinstall the distribution that it belongs to, with what it depends on.",
        )
        self.name = name
        self.where = where


def language_for(path: str) -> WorkflowLanguageSpec:
    """Return the language of a workflow file, by the ending of its name.

    :raises UserError: if no installed language has such files, or two have.
    """
    from toil_core.specs import WorkflowLanguageSpec

    suffix = os.path.splitext(path)[1].lower()
    entries = sorted(_enabled("workflow_languages"), key=lambda entry: entry.distribution != CORE)
    found: list[tuple[Entry, WorkflowLanguageSpec]] = []
    suffixes: list[str] = []
    for entry, spec in _usable(entries):
        assert isinstance(spec, WorkflowLanguageSpec)
        suffixes += spec.suffixes
        if suffix in spec.suffixes:
            found.append((entry, spec))
            if entry.distribution == CORE:
                break
    if not found:
        language = suffix.lstrip(".")
        distribution = distribution_for("workflow_languages", language) if language else ""
        install = f" {_install(distribution)}" if distribution else ""
        raise UserError(
            f"'{path}' is not a workflow in any installed language.",
            f"Files that can be run end in {', '.join(sorted(suffixes))}.{install}",
        )
    if len(found) > 1:
        claims = " and ".join(f"'{entry.name}' of {entry.distribution}" for entry, _ in found)
        raise UserError(
            f"'{path}' could be run by two languages: {claims}.",
            f"Uninstall one of the distributions, or name it in {DISABLE_VARIABLE}.",
        )
    return found[0][1]


def plugin_options() -> tuple[Option, ...]:
    """Return the options of all installed plugins that are not the core's own."""
    entries = [entry for entry in all_entries() if entry.distribution != CORE and not is_disabled(entry)]
    return tuple(option for _, spec in _usable(entries) for option in spec.options) if entries else ()


def commands() -> dict[str, str]:
    """Return the names of the subcommands that plugins add, each with its summary, or with why it cannot be used."""
    records = (record_of(entry, _rivals(entry, all_entries())) for entry in _enabled("commands"))
    return {
        record.entry.name: record.spec.summary if record.spec and not record.error else f"({record.error})"
        for record in records
    }


# Watching


def observers(config: Config) -> list[Any]:
    """Make the observers of all installed plugins for one run.

    :param config: the workflow's configuration.
    """
    return [observer for _, observer in _observers(config)]


def attach_observers(bus: MessageBus, config: Config) -> None:
    """Have the observers of all installed plugins hear what is published on a bus."""
    for name, observer in _observers(config):
        try:
            manager = _manager(observer)
        except Exception as error:
            logger.warning("The observer '%s' was left out: it %s", name, _in_words(error))
            continue
        for kind, hook in _observed().items():
            caller = getattr(manager.hook, hook)
            if caller.get_hookimpls():
                bus.subscribe(kind, _Listener(name, caller))


class _Listener:
    """What a bus calls for one observer and one kind of message; names the observer where it fails."""

    def __init__(self, observer: str, hook: pluggy.HookCaller) -> None:
        self.observer = observer
        self.hook = hook

    def __call__(self, message: Any) -> None:
        self.hook(message=message)

    def __repr__(self) -> str:
        return f"{self.observer}.{self.hook.name}"


def _observers(config: Config) -> Iterator[tuple[str, Any]]:
    for entry, spec in _usable(_enabled("observers")):
        try:
            yield entry.name, load(spec)(config)
        except Exception as error:
            logger.warning("The observer '%s' of %s was left out: %s", entry.name, entry.distribution, error)


@functools.cache
def _observed() -> dict[type[Any], str]:
    from typing import get_type_hints

    from toil_core import hookspecs
    from toil_core.observe import events

    found = {}
    for name, hook in vars(hookspecs).items():
        if name.startswith("toil_") and "message" in hook.__annotations__:
            found[get_type_hints(hook, {"events": events})["message"]] = name
    return found


# Taking stock


def inventory() -> list[PluginRecord]:
    """Load every installed plugin and return what became of each of its names."""
    entries = all_entries()
    found = []
    for entry in entries:
        if is_disabled(entry):
            found.append(PluginRecord(entry, None, f"is switched off by {DISABLE_VARIABLE}.", 0.0))
        else:
            found.append(record_of(entry, _rivals(entry, entries)))
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


def _enabled(kind: str) -> list[Entry]:
    return [entry for entry in all_entries() if entry.kind == kind and not is_disabled(entry)]


def _rivals(entry: Entry, entries: list[Entry]) -> tuple[str, ...]:
    return tuple(
        other.distribution
        for other in entries
        if other.kind == entry.kind
        and plain(other.name) == plain(entry.name)
        and other.distribution != entry.distribution
        and not is_disabled(other)
    )


def _usable(entries: list[Entry]) -> Iterator[tuple[Entry, PluginSpec]]:
    everything = all_entries()
    for entry in entries:
        record = record_of(entry, _rivals(entry, everything))
        if record.spec is not None and not record.error:
            yield entry, record.spec
        else:
            _warn(record)


@functools.cache
def _warn(record: PluginRecord) -> None:
    kind, name, _, distribution, _ = record.entry
    logger.warning("The %s '%s' of %s was left out: it %s", _WORDS[kind], name, distribution, record.error)


@functools.cache
def _record(entry: Entry) -> PluginRecord:
    started = time.perf_counter()
    try:
        plugin = _plugin(entry.module)
        seconds = time.perf_counter() - started
        results = getattr(plugin.hook, f"toil_{entry.kind}")()
        specs = {spec.name: spec for result in results for spec in result}
    except (Exception, SystemExit) as error:
        return PluginRecord(entry, None, f"is broken: {_in_words(error)}.", time.perf_counter() - started)
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
    return _manager(_import(module))


def _manager(plugin: Any) -> pluggy.PluginManager:
    """Return a manager with this one plugin, so that its hooks can be called without any other's."""
    import pluggy

    from toil_core import hookspecs

    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin)
    manager.check_pending()
    return manager


def _import(where: str) -> Any:
    module, _, attribute = where.partition(":")
    found: Any = import_module(module)
    for part in filter(None, attribute.split(".")):
        found = getattr(found, part)
    return found


# Explaining


def _find_alias(kind: str, name: str) -> PluginSpec:
    for _, spec in _usable(_enabled(kind)):
        if plain(name) in {plain(alias) for alias in getattr(spec, "aliases", ())}:
            return spec
    raise UnknownPluginError(kind, name, *_suggest(kind, name))


def _suggest(kind: str, name: str) -> tuple[list[str], str]:
    """Return the installed names that are spelled like `name`, and the hint for who typed it."""
    distribution = distribution_for(kind, name)
    if distribution:
        return [], _install(distribution)
    from difflib import get_close_matches

    installed = names(kind)
    nearest = get_close_matches(name, installed, n=3, cutoff=0.6)
    if nearest:
        return nearest, f"Did you mean {' or '.join(repr(one) for one in nearest)}?"
    for close in get_close_matches(name, known_names(kind), n=1, cutoff=0.75):
        return [], f"If you mean '{close}': {_install(distribution_for(kind, close))}"
    if not installed:
        return [], f"No {_WORDS[kind]} is installed."
    return [], f"Installed: {', '.join(installed)}."


def _install(distribution: str) -> str:
    return f"Install it with: pip install {distribution}"


def _remedy(record: PluginRecord) -> str:
    if record.error.startswith("cannot be told"):
        return f"Uninstall one of the distributions, or name it in {DISABLE_VARIABLE}."
    return f"Upgrade or uninstall {record.entry.distribution}; 'toil plugins list' shows all plugins."


def _in_words(error: BaseException) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


__all__ = [
    "DISABLE_VARIABLE",
    "KINDS",
    "PluginError",
    "PluginRecord",
    "PluginUnloadableError",
    "UnknownPluginError",
    "attach_observers",
    "commands",
    "find",
    "inventory",
    "is_disabled",
    "language_for",
    "load",
    "names",
    "observers",
    "plugin_options",
    "record_of",
]
