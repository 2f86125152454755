"""Every option that the core itself serves, one module for each heading. Options of a backend are declared by its
plugin, so that none is offered that nothing would heed.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from toil_core.options.catalogue import (
    batch_system,
    core,
    debug,
    imports,
    log_management,
    logs,
    misc,
    rescue,
    resources,
    services,
    storage,
)
from toil_core.options.option import Option

_MODULES = (core, logs, batch_system, storage, imports, services, resources, rescue, log_management, misc, debug)

#: The headings in their order, and what each is about.
GROUPS = {module.TITLE: module.ABOUT for module in _MODULES}


@cache
def all_options() -> tuple[Option, ...]:
    """Return the options of the core, in the order of the headings."""
    return tuple(option for module in _MODULES for option in module.OPTIONS)


def settings(extra: Iterable[Option] = ()) -> dict[str, Option]:
    """Return the options that hold a value of their own, by name; leaves out short ways to set another.

    :param extra: options of plugins.
    """
    return {option.name: option for option in (*all_options(), *extra) if not option.sets}
