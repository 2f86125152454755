"""Finding and loading plugins: by name, when they are chosen, and never with the power to take the rest down.

Names come from `entry_points.py` and import nothing. A name that is chosen has its plugin's module imported and asked
for its spec; the implementation that the spec names is imported last, by `load`. A plugin that is broken or was written
for another version of the interface is passed over with a warning, and explained when it is chosen.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, cast

from toil_core.entry_points import CORE, KINDS, Entry, all_entries
from toil_core.errors import UserError
from toil_core.known_plugins import distribution_for, known_names, plain
from toil_core.plugin_records import (
    DISABLE_VARIABLE,
    WORDS,
    PluginRecord,
    enabled_entries,
    import_attribute,
    in_words,
    inventory,
    is_disabled,
    manager_of,
    record_of,
    rivals_of,
    usable_specs,
)

if TYPE_CHECKING:
    import pluggy

    from toil_core.observe.bus import MessageBus
    from toil_core.options.config import Config
    from toil_core.options.option import Option
    from toil_core.specs import PluginSpec, WorkflowLanguageSpec

logger = logging.getLogger(__name__)


class UnknownPluginError(UserError):
    """Nothing that is installed has this name.

    :param kind: what was looked for, one of `KINDS`.
    :param name: what the user typed.
    :param nearest: installed names that are spelled like it.
    """

    def __init__(self, kind: str, name: str, nearest: list[str], hint: str) -> None:
        message = f"There is no {WORDS[kind]} '{name}'."
        if kind == "job_stores":
            message = f"There is no kind of job store '{name}'."
        if distribution_for(kind, name):
            message = f"The {WORDS[kind]} '{name}' is not installed."
        super().__init__(message, hint)
        self.kind = kind
        self.name = name
        self.nearest = nearest


class PluginError(UserError):
    """A plugin that was chosen cannot be used.

    :param entry: the name that was chosen and the distribution that offers it.
    :param reason: why it cannot be used, the end of a sentence.
    """

    def __init__(self, entry: Entry, reason: str, hint: str = "") -> None:
        super().__init__(f"The {WORDS[entry.kind]} '{entry.name}' of {entry.distribution} {reason}", hint)
        self.entry = entry
        self.reason = reason


class PluginUnloadableError(UserError):
    """The implementation that a plugin names cannot be imported.

    :param name: the plugin, empty where it is not known.
    :param where: the module and attribute.
    """

    def __init__(self, name: str, where: str, error: Exception) -> None:
        whose = f" of the plugin '{name}'" if name else ""
        super().__init__(
            f"{where}{whose} cannot be imported: {in_words(error)}.",
            "Reinstall the distribution that it belongs to, with what it depends on.",
        )
        self.name = name
        self.where = where


# Choosing


def names(kind: str) -> list[str]:
    """Return the names of the installed plugins of a kind (one of `KINDS`) in alphabetical order."""
    return sorted({entry.name for entry in enabled_entries(kind)})


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
    record = record_of(enabled[0], rivals_of(enabled[0], enabled))
    if record.spec is None or record.error:
        raise PluginError(record.entry, record.error, _remedy(record))
    return record.spec


def load(plugin: PluginSpec | str) -> Any:
    """Import what a spec, or a `"package.module:attribute"` string, names as the implementation.

    :raises PluginUnloadableError: if it cannot be imported.
    """
    where = plugin if isinstance(plugin, str) else plugin.implementation
    try:
        return import_attribute(where)
    except Exception as error:
        name = "" if isinstance(plugin, str) else plugin.name
        raise PluginUnloadableError(name, where, error) from error


def language_for(path: str) -> WorkflowLanguageSpec:
    """Return the language of a workflow, by the ending of its name, or by words in a file whose ending says little.

    :param path: a path or URL, which may name a part of the document after `#`.
    :raises UserError: if no installed language has such files, or two have.
    """
    from toil_core.languages.documents import has_marker, suffix_of

    suffix = suffix_of(path)
    entries = sorted(enabled_entries("workflow_languages"), key=lambda entry: entry.distribution != CORE)
    known = [(entry, cast("WorkflowLanguageSpec", spec)) for entry, spec in usable_specs(entries)]
    found = [(entry, spec) for entry, spec in known if suffix in spec.suffixes]
    found = found or [(entry, spec) for entry, spec in known if has_marker(path, spec.markers)]
    if not found:
        language = suffix.lstrip(".")
        distribution = distribution_for("workflow_languages", language) if language else ""
        install = f" {_install(distribution)}" if distribution else ""
        endings = sorted({ending for _, spec in known for ending in spec.suffixes})
        raise UserError(
            f"'{path}' is not a workflow in any installed language.",
            f"Files that can be run end in {', '.join(endings)}.{install}",
        )
    if len(found) > 1 and found[0][0].distribution != CORE:
        claims = " and ".join(f"'{entry.name}' of {entry.distribution}" for entry, _ in found)
        raise UserError(
            f"'{path}' could be run by two languages: {claims}.",
            f"Name the one with --language, or uninstall one of the distributions, or name it in {DISABLE_VARIABLE}.",
        )
    return found[0][1]


def languages() -> list[str]:
    """Return the names of the languages that plugins bring, for none of which anything is imported."""
    entries = enabled_entries("workflow_languages")
    return sorted({entry.name for entry in entries if entry.distribution != CORE})


def preload_of(language: str) -> str:
    """Return what workers are to call before the first job of a workflow in a language, empty for nothing."""
    return str(getattr(find("workflow_languages", language), "preload", ""))


def url_scheme_implementations() -> dict[str, str]:
    """Return where the implementation of each installed URL scheme is, for workers, which do not look for plugins."""
    found = {}
    for _, spec in usable_specs(enabled_entries("url_schemes")):
        for scheme in getattr(spec, "schemes", ()) or (spec.name,):
            found[scheme] = spec.implementation
    return found


def plugin_options(language: str | None = None) -> tuple[Option, ...]:
    """Return the options of all installed plugins that are not the core's own.

    Those of workflow languages other than the one of this run are marked as meant for elsewhere. Where two plugins
    declare an option of the same name, it is one setting, understood as the run's language or else the first says; a
    spelling that is taken is not another option's, too.

    :param language: the run's language; by default the one that `toil` was started for.
    """
    entries = [entry for entry in all_entries() if entry.distribution != CORE and not is_disabled(entry)]
    if not entries:
        return ()
    from toil_core.options.catalogue import all_options
    from toil_core.options.invocation import current_invocation

    own = current_invocation().language if language is None else language
    here: list[Option] = []
    elsewhere: list[Option] = []
    for entry, spec in sorted(usable_specs(entries), key=lambda one: one[0][:2] != ("workflow_languages", own)):
        if entry.kind != "workflow_languages" or entry.name == own:
            here += spec.options
        else:
            elsewhere += (option._replace(elsewhere=True) for option in spec.options)
    return tuple(_told_apart(all_options(), [*here, *elsewhere]))


def _told_apart(taken: Iterable[Option], options: Iterable[Option]) -> Iterator[Option]:
    """Return the options that can stand beside others, without the spellings that are taken."""
    names = {option.name for option in taken}
    spellings = {spelling for option in taken for spelling in option.spellings}
    for option in options:
        if option.name in names:
            continue
        names.add(option.name)
        if option.elsewhere:
            yield option
            continue
        free = tuple(one for one in option.spellings if one not in spellings)
        if free:
            spellings.update(free)
            yield option if free == option.spellings else option._replace(flags=free)


def commands() -> dict[str, str]:
    """Return the names of the subcommands that plugins add, each with its summary, or with why it cannot be used."""
    records = (record_of(entry, rivals_of(entry, all_entries())) for entry in enabled_entries("commands"))
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
            hear(bus, name, observer)
        except Exception as error:
            logger.warning("The observer '%s' was left out: it %s", name, in_words(error))


def hear(bus: MessageBus, name: str, observer: Any) -> None:
    """Have an observer hear what is published on a bus.

    :param name: what to call it where it fails.
    :param observer: an object with methods that are marked with `@hookimpl`.
    :raises pluggy.PluginValidationError: if it has such a method for a hook that there is not.
    """
    manager = manager_of(observer)
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
    for entry, spec in usable_specs(enabled_entries("observers")):
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


# Explaining


def _find_alias(kind: str, name: str) -> PluginSpec:
    for _, spec in usable_specs(enabled_entries(kind)):
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
        return [], f"If you mean '{close}', install it with: pip install {distribution_for(kind, close)}"
    if not installed:
        return [], f"No {WORDS[kind]} is installed."
    return [], f"Installed: {', '.join(installed)}."


def _install(distribution: str) -> str:
    return f"Install it with: pip install {distribution}"


def _remedy(record: PluginRecord) -> str:
    if record.error.startswith("cannot be told"):
        return f"Uninstall one of the distributions, or name it in {DISABLE_VARIABLE}."
    return f"Upgrade or uninstall {record.entry.distribution}; 'toil plugins list' shows all plugins."


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
    "hear",
    "inventory",
    "is_disabled",
    "language_for",
    "languages",
    "load",
    "names",
    "observers",
    "plugin_options",
    "preload_of",
    "record_of",
    "url_scheme_implementations",
]
