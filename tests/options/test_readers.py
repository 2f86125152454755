"""No option is accepted and ignored: something outside the options reads every one of them."""

from __future__ import annotations

import re
from pathlib import Path

import toil_core.options.config
from toil_core.options.catalogue import settings

ROOT = Path(toil_core.options.config.__file__).parents[2]
SERVED_HERE = {"config", "disableCaching"}
READ_AS_DEFAULT_OF_A_REQUIREMENT = {
    f"default{name}" for name in ("Cores", "Memory", "Disk", "Accelerators", "Preemptible")
}


def test_every_option_is_read_somewhere() -> None:
    options_room = ROOT / "toil_core" / "options"
    sources = [
        path
        for room in ("toil_core", "toil_cli")
        for path in (ROOT / room).rglob("*.py")
        if options_room not in path.parents
    ]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    read = set(re.findall(r"\b_?(?:config|options)\.(\w+)", code))
    assert 'f"default{name.capitalize()}"' in code
    unread = set(settings()) - read - SERVED_HERE - READ_AS_DEFAULT_OF_A_REQUIREMENT
    assert not unread
