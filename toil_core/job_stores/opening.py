"""From a locator, such as `file:store`, `./store` or `aws:us-west-2:name`, to the job store that it names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from toil_core.job_stores.errors import LocatorException

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore


def job_store_for(locator: str, implementation: str = "") -> AbstractJobStore:
    """Return the job store that a locator names, neither made nor opened yet.

    :param locator: a scheme, a colon and what that kind of job store is called by; or a path.
    :param implementation: its class, as `"module:Class"`, where that is known; plugins are then not looked for.
    :raises LocatorException: if the locator cannot be one.
    :raises UnknownPluginError: if no installed plugin has such job stores.
    """
    if implementation:
        from importlib import import_module

        module, _, name = implementation.partition(":")
        found: AbstractJobStore = getattr(import_module(module), name)(locator)
        return found
    from toil_core import plugins

    scheme, rest = split_locator(locator)
    try:
        spec = plugins.find("job_stores", scheme)
    except plugins.UnknownPluginError as error:
        if not error.nearest and os.path.exists(locator):
            error.hint = f"If you mean the directory of that name, write 'file:{locator}'."
        raise
    opened: AbstractJobStore = plugins.load(spec)(f"{spec.name}:{rest}")
    return opened


def split_locator(locator: str) -> tuple[str, str]:
    """Return the scheme of a locator, which is `file` for a path alone, and the rest.

    :raises LocatorException: if the locator is empty.
    """
    if not locator or not isinstance(locator, str):
        raise LocatorException(
            "A job store locator must not be empty.", str(locator), "Write a path, or a scheme as in 'file:store'."
        )
    scheme, colon, rest = locator.partition(":")
    if not colon or not _is_scheme(scheme):
        return "file", locator
    return scheme, rest


def _is_scheme(text: str) -> bool:
    return text[:1].isalpha() and all(letter.isalnum() or letter in "-_+" for letter in text)
