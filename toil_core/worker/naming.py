"""What plugins and workers are told by name: `"module:attribute"`, so that it is imported only where it is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def resolve(name: str) -> Any:
    """Return what `"module:attribute.attribute"` names."""
    module, _, path = name.partition(":")
    found: Any = import_module(module)
    for attribute in path.split("."):
        found = getattr(found, attribute)
    return found
