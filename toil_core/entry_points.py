"""Which plugins are installed, told from the names in their distributions' metadata; nothing of them is imported.

Directories on `sys.path` are read here directly: all that is wanted are the few files with a `toil.` group in them, and
`importlib.metadata` alone takes longer to import than that. What is not a plain directory is left to it.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from toil_core.version import VERSION

if TYPE_CHECKING:
    from importlib.metadata import Distribution

#: The kinds of plugin; the entry-point group of each has `toil.` before it.
KINDS = (
    "job_stores",
    "batch_systems",
    "provisioners",
    "workflow_languages",
    "url_schemes",
    "commands",
    "observers",
)

#: The distribution that the core belongs to.
CORE = "toil"

#: The entry points of the core, as its distribution declares them, for when it is used without being installed.
CORE_ENTRIES = {
    "job_stores": {"file": "toil_core.builtin"},
    "batch_systems": {"single_machine": "toil_core.builtin"},
    "workflow_languages": {"python": "toil_core.builtin"},
    "url_schemes": {"file": "toil_core.builtin", "http": "toil_core.builtin", "https": "toil_core.builtin"},
}


class Entry(NamedTuple):
    """One name that a distribution offers.

    :ivar kind: what it is the name of, one of `KINDS`.
    :ivar name: what users type.
    :ivar module: the module with the hook implementations.
    :ivar distribution: who offers it.
    :ivar version: the version of the distribution, empty where its metadata does not tell.
    """

    kind: str
    name: str
    module: str
    distribution: str
    version: str


def all_entries() -> list[Entry]:
    """Return everything that installed distributions offer, the core first.

    Like an import, a distribution found twice counts where `sys.path` has it first.
    """
    found = [
        Entry(kind, name, module, CORE, VERSION)
        for kind, names in CORE_ENTRIES.items()
        for name, module in names.items()
    ]
    core = {(entry.kind, entry.name) for entry in found}
    seen: set[str] = set()
    for distribution, entries in _distributions():
        key = normalized(distribution)
        if key in seen:
            continue
        seen.add(key)
        found += [entry for entry in entries if key != CORE or (entry.kind, entry.name) not in core]
    return found


def normalized(name: str) -> str:
    """Return a name of a distribution in the form in which two spellings of it are equal."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parse_entry_points(text: str, distribution: str, version: str) -> tuple[Entry, ...]:
    """Return the entries of our groups in the text of an `entry_points.txt`."""
    found = []
    kind = ""
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("["):
            group = line.strip("[] ")
            kind = group[5:] if group.startswith("toil.") and group[5:] in KINDS else ""
        elif kind and "=" in line and line[0] not in "#;":
            name, _, value = line.partition("=")
            module = value.partition("[")[0].strip()
            found.append(Entry(kind, name.strip(), module, distribution, version))
    return tuple(found)


def _distributions() -> Iterator[tuple[str, tuple[Entry, ...]]]:
    for entry in sys.path:
        path = entry or os.curdir
        if os.path.isfile(path):
            yield from _in_archive(path)
        else:
            yield from _in_directory(os.path.abspath(path))
    for finder in sys.meta_path:
        if hasattr(finder, "find_distributions") and finder.__module__ != "_frozen_importlib_external":
            yield from (_read(distribution) for distribution in finder.find_distributions())


@functools.cache
def _in_directory(directory: str) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    try:
        names = [name for name in os.listdir(directory) if name.endswith((".dist-info", ".egg-info"))]
    except OSError:
        return ()
    found = []
    for name in sorted(names):
        distribution, _, version = name.rpartition(".")[0].partition("-")
        try:
            with open(os.path.join(directory, name, "entry_points.txt"), "rb") as stream:
                data = stream.read()
        except OSError:
            data = b""
        text = data.decode(errors="replace") if b"[toil." in data else ""
        found.append((distribution, parse_entry_points(text, distribution.replace("_", "-"), version)))
    return tuple(found)


def _in_archive(path: str) -> Iterator[tuple[str, tuple[Entry, ...]]]:
    from importlib import metadata

    for distribution in metadata.distributions(path=[path]):
        yield _read(distribution)


def _read(distribution: Distribution) -> tuple[str, tuple[Entry, ...]]:
    name = distribution.metadata["Name"]
    return name, parse_entry_points(distribution.read_text("entry_points.txt") or "", name, distribution.version)
