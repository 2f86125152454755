"""The messages that the page on troubleshooting explains are messages that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text()
#: Headings that are about something else than a message.
OTHERS = {"Files are left in the temporary directory", "The exit status"}


def sources() -> str:
    """Return the source of the project, with strings that are joined in it joined here, and made comparable."""
    text = "\n".join(path.read_text() for room in ("toil_core", "toil_cli") for path in (ROOT / room).rglob("*.py"))
    return plain(re.sub(r'"\s*\n\s*f?"', "", text))


def plain(text: str) -> str:
    """Return text without what differs between a sentence in a page and its parts in a program."""
    return re.sub(r"[\s`\\]+", " ", text).lower()


MESSAGES = [one for one in re.findall(r"^### (.*)$", PAGE, re.MULTILINE) if one not in OTHERS]


@pytest.fixture(scope="module")
def source() -> str:
    return sources()


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_that_is_explained_is_one_that_toil_has(message: str, source: str) -> None:
    parts = [part.strip(" '.") for part in plain(message).split("…")]
    assert [part for part in parts if part.removeprefix("it ") not in source] == []
