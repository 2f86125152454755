"""No option is left without a test of what it does."""

from __future__ import annotations

import re
from pathlib import Path

from toil_core.options.catalogue import all_options

TESTS = Path(__file__).parents[1]


def test_every_option_is_used_by_tests_of_what_it_does() -> None:
    """Tests in `tests/options` are about how options are read, and do not count."""
    paths = [path for path in TESTS.rglob("test_*.py") if "options" not in path.relative_to(TESTS).parts]
    text = "\n".join(path.read_text() for path in paths if path != Path(__file__))
    used = set(re.findall(r"(--\w+)", text)) | set(re.findall(r"config\.(\w+)\b", text))
    assert [one.name for one in all_options() if not used & {one.name, *one.spellings}] == []
