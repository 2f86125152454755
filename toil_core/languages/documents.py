"""Telling from the name and the first lines of a document what language it is in; nothing of it is parsed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

#: The endings of files that may hold anything.
_ANYTHING = (".json", ".yaml", ".yml")
#: How many bytes of a file are looked at for a marker.
_LOOKED_AT = 1 << 20


def is_url(document: str) -> bool:
    """Return whether a document is named by a URL rather than by a path."""
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", document))


def without_fragment(document: str) -> tuple[str, str]:
    """Return the file or URL that a document is in, and what names a part of it after `#`, empty for the whole."""
    if "#" not in document or os.path.exists(document):
        return document, ""
    file, _, fragment = document.partition("#")
    return file, fragment


def suffix_of(document: str) -> str:
    """Return the ending of a document's name, lower case, with the dot."""
    file, _ = without_fragment(document)
    path = urlsplit(file).path if is_url(file) else file
    return os.path.splitext(path)[1].lower()


def has_marker(document: str, markers: Iterable[str]) -> bool:
    """Return whether one of these words is a key in a JSON or YAML file."""
    file, _ = without_fragment(document)
    words = "|".join(re.escape(marker) for marker in markers)
    if not words or suffix_of(file) not in _ANYTHING or not os.path.isfile(file):
        return False
    with open(file, encoding="utf-8", errors="replace") as stream:
        text = stream.read(_LOOKED_AT)
    return re.search(rf"(?:^|[\s{{,])[\"']?(?:{words})[\"']?\s*:", text) is not None
